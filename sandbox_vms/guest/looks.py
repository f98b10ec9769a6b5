"""A look as it goes over the wire: of what the other side has from the look before, only what differs.

Element by element and band by band of the picture; nothing is compressed, for that costs more than to send it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from cua import codec
from cua.core import Effect, Element, Frame, Observation
from sandbox_vms.guest.wire import BYTES, JSON, Answer

_BAND = 16  # lines of the picture
_BYTES = 4  # of a pixel


class Looks:
    """The last look that was sent. Owned by one thread."""

    def __init__(self) -> None:
        self._number = 0
        self._elements: tuple[Element, ...] = ()
        self._texts: list[str] = []
        self._frame: Frame | None = None

    def answer(self, effects: list[Effect], seen: Observation | None, have: Mapping[str, Any]) -> Answer:
        """The effects with the look after them, for one who has the look that `have` names by its number, and the
        picture that it names by the number which it came with."""
        if seen is None:
            return Answer(codec.dumps({"effects": effects, "observation": None}).encode())
        elements = self._listed(seen.elements, known=have.get("look") == self._number)
        self._number += 1
        told: dict[str, object] = {"effects": effects, "look": self._number}
        told["observation"] = replace(seen, elements=())
        frame = seen.frame
        tail: bytes | bytearray = b""
        if frame is not None and frame.pixels is not None:
            told["rows"], tail = self._pictured(frame, str(have.get("frame", "")))
        body = f'{codec.dumps(told)[:-1]},"elements":[{elements}]}}'.encode()
        return Answer(body, BYTES if tail else JSON, headers={"X-Cua-Json": str(len(body))}, tail=tail)

    def _listed(self, elements: tuple[Element, ...], *, known: bool) -> str:
        """The elements as JSON; of what the other side knows, [first, how many] of the look before."""
        before = {id(element): at for at, element in enumerate(self._elements)}
        at = [before.get(id(element), -1) for element in elements]
        texts = [
            self._texts[old] if old >= 0 else codec.dumps(element) for old, element in zip(at, elements, strict=True)
        ]
        self._elements, self._texts = elements, texts
        return ",".join(_runs(at, texts) if known else texts)

    def _pictured(self, frame: Frame, known: str) -> tuple[list[tuple[int, int]] | None, bytes | bytearray]:
        """The bands that differ from the picture the other side has, as (first line, lines), and their pixels; None and
        the whole picture where it has another one."""
        last, self._frame = self._frame, frame
        assert frame.pixels is not None
        if last is None or last.sha != known or (last.width, last.height) != (frame.width, frame.height):
            return None, frame.pixels
        assert last.pixels is not None
        if last.pixels is frame.pixels:
            return [], b""
        line, now = frame.width * _BYTES, memoryview(frame.pixels)
        rows = list(_bands(last.pixels, now, line))
        return rows, b"".join(now[first * line : (first + lines) * line] for first, lines in rows)


def _runs(at: list[int], texts: list[str]) -> Iterator[str]:
    first = count = 0
    for old, text in zip(at, texts, strict=True):
        if count and old == first + count:
            count += 1
            continue
        if count:
            yield f"[{first},{count}]"
        first, count = (old, 1) if old >= 0 else (0, 0)
        if old < 0:
            yield text
    if count:
        yield f"[{first},{count}]"


def _bands(old: bytes | bytearray, new: memoryview, line: int) -> Iterator[tuple[int, int]]:
    """Runs of lines that are not as they were."""
    first = count = 0
    for start in range(0, len(new), line * _BAND):
        band = new[start : start + line * _BAND]
        if old.startswith(band, start):
            continue
        at, lines = start // line, len(band) // line
        if count and at == first + count:
            count += lines
            continue
        if count:
            yield first, count
        first, count = at, lines
    if count:
        yield first, count
