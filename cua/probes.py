"""Effects read back from the world: an answer over HTTP, a value on a page that was opened again, rows of a database.

Each probe only reads, and knows three answers: what cannot be read is unknown, never a failure and never a pass. A
probe with a `before` takes a first reading, and raises where it cannot.
"""

from __future__ import annotations

import http.client
import json
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import Any, Protocol, Self, runtime_checkable

from cua.core import Evidence, World
from cua.errors import SandboxError, TroubleError
from cua.row_probes import RowsAre, RowsChanged, RowsCompared

HTTP_SECONDS, HTTP_BYTES = 5.0, 5_000_000
_SHOWN, _LONGEST = 3, 80

__all__ = ["ElementHolds", "HttpSays", "Reloads", "RowsAre", "RowsChanged", "RowsCompared", "TextGone"]


@runtime_checkable
class Reloads(Protocol):
    """A world that can fetch the page in front once more."""

    def reload(self) -> None: ...


# ---------------------------------------------------------------------------------------------- HTTP


class _Stay(urllib.request.HTTPRedirectHandler):
    """Follows no redirect: another address is another thing."""

    def redirect_request(self, *args: Any) -> None:
        return None


@dataclass(frozen=True, slots=True)
class HttpSays:
    """A GET of `url` answers with `status` and this text. `pointer` (RFC 6901) picks a value of a JSON answer.

    With `part` the text need only be contained. An answer that tells of trouble there (5xx), of no right to read it
    (401, 403), or that sends elsewhere is unknown.
    """

    url: str
    text: str = ""
    pointer: str = ""
    part: bool = False
    status: int = 200

    def before(self, world: World) -> Self:
        """Itself, after one reading to see that somebody answers. Raises SandboxError."""
        _get(self.url)
        return self

    def test(self, world: World) -> Evidence:
        try:
            status, body = _get(self.url)
        except SandboxError as error:
            return Evidence(None, str(error))
        if status != self.status:
            known = status < 300 or status in (404, 409, 410)
            return Evidence(False if known else None, f"{self.url} answers with status {status}")
        found = _picked(body, self.pointer) if self.pointer else body
        if found is None:
            return Evidence(False, f"{self.url} has nothing at {self.pointer}")
        holds = self.text in found if self.part else found.strip() == self.text.strip()
        where = f"{self.url}{' ' + self.pointer if self.pointer else ''}"
        lacks = "" if holds else f", and should {'have in it' if self.part else 'say'} {_cut(self.text)}"
        return Evidence(holds, f"{where} says {_cut(found)}{lacks}")

    def names(self, change: str) -> bool:
        return False


def _cut(text: str) -> str:
    text = text.strip()
    return repr(text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…")


def _get(url: str) -> tuple[int, str]:
    """Status and text of an answer, straight from the server. Raises SandboxError where none comes."""
    opener = urllib.request.build_opener(_Stay, urllib.request.ProxyHandler({}))
    try:
        request = urllib.request.Request(url, headers={"Cache-Control": "no-cache"})
        with opener.open(request, timeout=HTTP_SECONDS) as answer:
            return answer.status, answer.read(HTTP_BYTES).decode("utf-8", "replace")
    except urllib.error.HTTPError as exc:
        with exc:
            return exc.code, ""
    except (OSError, ValueError, http.client.HTTPException) as exc:
        raise SandboxError(f"{url} could not be read: {exc}; see that its server runs, then try again") from exc


def _picked(body: str, pointer: str) -> str | None:
    """The value at a JSON pointer as text; None where there is none."""
    try:
        value = json.loads(body)
        for part in pointer.removeprefix("/").split("/"):
            name = part.replace("~1", "/").replace("~0", "~")
            value = value[int(name)] if isinstance(value, list) else value[name]
    except (ValueError, KeyError, IndexError, TypeError):
        return None
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


# ---------------------------------------------------------------------------------------------- pages


@dataclass(frozen=True, slots=True)
class ElementHolds:
    """Some element of this role and name holds this value, or shows it as its text; with `part` contains it.

    With `reload` the page is fetched again before it is read, so that it tells what the server has.
    """

    role: str
    name: str = ""
    value: str = ""
    part: bool = False
    reload: bool = False

    def test(self, world: World) -> Evidence:
        try:
            if self.reload and not isinstance(world, Reloads):
                return Evidence(None, "the page of this world cannot be loaded again")
            if self.reload and isinstance(world, Reloads):
                world.reload()
            now = world.observe()
        except TroubleError as error:
            return Evidence(None, str(error))
        named = [e for e in now.elements if e.role == self.role and self.name in ("", e.name)]
        texts = [e.value if e.value is not None else e.name for e in named]
        holds = any(self.value in text if self.part else text == self.value for text in texts)
        said = ", ".join(repr(text[:80]) for text in texts[:_SHOWN]) if texts else "is not there"
        return Evidence(holds, f"{self.role} {self.name!r} {'holds ' if texts else ''}{said}")

    def names(self, change: str) -> bool:
        return False


@dataclass(frozen=True, slots=True)
class TextGone:
    """Nothing that shows says or holds just this text. Where not all of the screen could be read, that is unknown."""

    text: str

    def test(self, world: World) -> Evidence:
        try:
            now = world.observe()
        except TroubleError as error:
            return Evidence(None, str(error))
        said = [e for e in now.elements if self.text in (e.name, e.value) and e.box]
        if not said and now.partial:
            return Evidence(None, f"not all of the screen could be read to see whether {self.text[:80]!r} is gone")
        return Evidence(not said, f"{self.text[:80]!r} is {'still there' if said else 'gone'}")

    def names(self, change: str) -> bool:
        return False
