"""What every page of ours is made of: text that is escaped, markup from files, pictures with marks over them.

What goes into a page comes from screens and apps, so it is data: `text` escapes it, and nothing else does.
"""

from __future__ import annotations

import base64
import html
import io
import os
import re
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from string import Template

from cua.core import Box, Drag, Frame, Point, Press, Step, Type
from cua.errors import RecordError

Picture = Callable[[str], bytes]

_LONGEST = 400
_GARBLING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069]")
_SIZES = ((880, 72), (880, 55), (640, 45), (480, 40), (320, 35))


class Html(str):
    """Markup of our own making."""


def text(words: object) -> Html:
    """Escaped, of bounded length, without what could garble the text around it; our own markup stays as it is."""
    if isinstance(words, Html):
        return words
    plain = _GARBLING.sub("\ufffd", str(words))
    return Html(html.escape(plain if len(plain) <= _LONGEST else plain[:_LONGEST] + "…"))


def join(pieces: Iterable[Html]) -> Html:
    return Html("\n".join(pieces))


def file(package: str, name: str) -> str:
    """The text of a file that lies beside our modules."""
    return files(package).joinpath(name).read_text("utf-8")


def style(package: str) -> str:
    """The sheet of every page, and after it what is the own of the page in this package."""
    return file("cua", "page.css") + file(package, "report.css")


class Parts:
    """Pieces of markup by name, from a file with lines like `<!-- part: NAME -->`."""

    def __init__(self, package: str, name: str) -> None:
        _, *found = re.split(r"<!-- part: (\S+) -->\n", file(package, name))
        self._parts: Mapping[str, Template] = {
            called: Template(piece.strip("\n")) for called, piece in zip(found[::2], found[1::2], strict=True)
        }

    def __call__(self, called: str, /, **slots: object) -> Html:
        """The piece with its slots filled, each escaped unless it is markup of ours."""
        return Html(self._parts[called].substitute({key: text(value) for key, value in slots.items()}))


@dataclass(frozen=True, slots=True)
class Shot:
    """A picture as a data URI, with its own size in pixels."""

    uri: Html
    width: int
    height: int


def shrunk(frame: Frame, picture: Picture, *, most: int, area: Box | None = None) -> Shot:
    """The picture, or `area` of it (in the screen's own measure), smaller and coarser until it has at most `most`
    bytes, if that can be. Raises RecordError where it is not on record, or damaged.
    """
    from PIL import Image

    try:
        with Image.open(io.BytesIO(picture(frame.sha))) as found:
            image = found.convert("RGB")
    except OSError as exc:
        raise RecordError(f"picture {frame.sha} is damaged: {exc}; the steps themselves are kept") from exc
    if area is not None:
        ends = (area.x, area.y, area.x + area.width, area.y + area.height)
        left, top, right, bottom = (round(end * frame.scale) for end in ends)
        image = image.crop((left, top, right, bottom))
    data = b""
    for width, quality in _SIZES:
        image.thumbnail((width, 4 * width), Image.Resampling.LANCZOS)
        out = io.BytesIO()
        image.save(out, "WEBP", quality=quality, method=1)
        data = out.getvalue()
        if len(data) <= most:
            break
    uri = Html(f"data:image/webp;base64,{base64.b64encode(data).decode()}")
    return Shot(uri, image.width, image.height)


def acted_on(step: Step) -> list[Box]:
    """Where the act was: its targets, or what held the keyboard's focus."""
    act = step.action
    if isinstance(act, Type | Press):
        return [e.box for e in step.seen.elements if e.box and "focused" in e.states][-1:]
    ends = (act.start, act.end) if isinstance(act, Drag) else (getattr(act, "target", None),)
    boxes = (Box(end.x - 10, end.y - 10, 20, 20) if isinstance(end, Point) else end and end.box for end in ends)
    return [box for box in boxes if box]


def outlined(boxes: Iterable[Box], parts: Parts) -> Html:
    """A mark over a picture for each box, in the screen's own measure."""
    return join(parts("mark", x=box.x, y=box.y, width=box.width, height=box.height) for box in boxes)


def write(whole: str, path: Path) -> Path:
    """The page as a file: there is a whole one or none. RecordError if it cannot be written."""
    half = path.with_name(f".{path.name}.{os.getpid()}.half")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        half.write_text(whole, "utf-8")
        half.replace(path)
    except OSError as exc:
        with suppress(OSError):  # the reason that is told is the first one
            half.unlink(missing_ok=True)
        raise RecordError(f"the report cannot be written to {path} ({exc.strerror}); give another place") from exc
    return path
