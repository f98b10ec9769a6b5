"""Where a recording begins and acts, and how large the screen was. Pure look-ups."""

from __future__ import annotations

from urllib.parse import urlsplit

from cua import core
from cua.core import Run
from cua.policies.acts import origin
from cua.record.deeds import Deed

_PAGES = ("http", "https", "file")


def start(kept: list[Deed]) -> tuple[str, list[Deed]]:
    """Where it begins. An address that is opened first is where it begins, and no step."""
    first = kept[0]
    here = first.before.place
    if isinstance(first.action, core.Open) and "://" in first.action.what and len(kept) > 1:
        return first.action.what, kept[1:]
    return here.url if urlsplit(here.url).scheme in _PAGES else here.window, kept


def origins(began: str, kept: list[Deed]) -> tuple[str, ...]:
    """Where it acted: scheme, host and port of each address; apps on a desktop."""
    places = [deed.before.place for deed in kept]
    opened = [deed.action.what for deed in kept if isinstance(deed.action, core.Open)]
    found = [origin(url) for url in (began, *(place.url for place in places), *opened)]
    apps = [place.app for place in places if not place.url]
    return tuple(dict.fromkeys(each for each in (*found, *apps) if each))


def size(run: Run) -> tuple[int, int]:
    """Of the picture; where none was taken, of the largest window."""
    looks = [look for look in (*(step.seen for step in run.steps), run.last) if look is not None]
    sizes = [(look.frame.width, look.frame.height) for look in looks if look.frame]
    tops = [e.box for look in looks[:1] for e in look.elements if e.parent < 0 and e.box]
    return sizes[0] if sizes else max(((box.width, box.height) for box in tops), default=(0, 0))
