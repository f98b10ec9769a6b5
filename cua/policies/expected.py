"""Whether the screen shows what must follow a step. Pure over one observation; it waits for nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from fnmatch import fnmatchcase
from typing import assert_never
from urllib.parse import urlsplit

from cua.core import Element, Observation
from cua.memory.workflows import Expect, filled, slots
from cua.screen import called, label, stable, top_windows


def filled_expect(expect: Expect, values: Mapping[str, str]) -> Expect:
    """The expectation with every slot filled. What stands for a slot in a pattern of an address means itself."""
    plain = {name: _bare(value) for name, value in values.items()} if expect.kind == "at" else values
    return replace(expect, name=filled(expect.name, values), value=filled(expect.value, plain))


def unmet(expects: Iterable[Expect], now: Observation) -> tuple[Expect, ...]:
    """Those that do not hold on this screen."""
    return tuple(expect for expect in expects if not met(expect, now))


def page(now: Observation) -> str:
    """What makes two looks those of one page or window: the path of its address, or its title."""
    return urlsplit(now.place.url).path or now.place.window


def shown_before(raw: Expect, expect: Expect, past: Mapping[str, Observation], now: Observation) -> bool:
    """Whether a value that had to show, as written and as filled, proves nothing: it is empty, or when this page was
    seen last before the act it showed as often.
    """
    if expect.kind != "shows" or not slots(raw.name):
        return False
    then = past.get(page(now))
    return not expect.name.strip() or (then is not None and 0 < _times(expect, now) <= _times(expect, then))


def _times(expect: Expect, now: Observation) -> int:
    return sum(_shows(element, now) for element in _named(expect, now))


def met(expect: Expect, now: Observation) -> bool:
    """Whether it holds on this screen."""
    match expect.kind:
        case "shows":
            return any(_shows(e, now) for e in _named(expect, now))
        case "gone":
            return not any(_shows(e, now) for e in _named(expect, now))
        case "holds":
            return any(_value(e) == expect.value for e in _named(expect, now))
        case "checked":
            return any(_checked(e) == expect.value for e in _named(expect, now))
        case "at":
            parts = urlsplit(now.place.url)
            found = parts.path + (f"?{parts.query}" if parts.query else "")
            return fnmatchcase(found, expect.value)
        case "window":
            return _titled(expect.name or expect.value, now)
        case "closed":
            return not _titled(expect.name or expect.value, now)
        case _:
            assert_never(expect.kind)


def _named(expect: Expect, now: Observation) -> list[Element]:
    wanted = label(expect.name)
    return [
        e for e in now.elements if expect.role in ("", e.role) and (not wanted or wanted in (label(e.name), called(e)))
    ]


def _shows(element: Element, now: Observation) -> bool:
    """On a page whatever is rendered counts, also further down; elsewhere what the toolkit says that it shows."""
    return bool(now.place.url) or "showing" in element.states


def _value(element: Element) -> str:
    return element.value if element.value is not None else element.name


def _checked(element: Element) -> str:
    if "checkable" not in element.states:
        return ""
    return "on" if "checked" in element.states else "off"


def _titled(title: str, now: Observation) -> bool:
    titles = [now.place.window, *(e.name for e in top_windows(now)), *(e.name for e in now.elements if e.role == "tab")]
    return any(title == found or (stable(title) and stable(title) == stable(found)) for found in titles)


def _bare(text: str) -> str:
    return "".join(f"[{letter}]" if letter in "*?[" else letter for letter in text)
