"""What a field takes, in words for who gave it another text: what its list offers, or how such a value is written."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches

from cua.core import Effect, Element

_ALL, _NEAREST, _ALIKE, _LONGEST = 8, 3, 0.5, 60
_WRITTEN = {
    "date": "a date as 2026-12-31",
    "datetime-local": "a date and time as 2026-12-31T23:59",
    "time": "a time as 23:59",
    "month": "a month as 2026-12",
    "week": "a week as 2026-W52",
    "color": "a colour as #1e90ff",
    "number": "a number as 12.5, within its bounds",
    "range": "a number as 12.5, within its bounds",
}


def offered(text: str, choices: Sequence[str]) -> str:
    """What there is to choose instead of `text`: all of a few, of many those most like it, or the first."""
    there = [each for each in dict.fromkeys(choices) if each]
    if len(there) <= _ALL:
        return f"offers only {', '.join(map(_quoted, there))}" if there else "offers nothing"
    by_fold = {each.casefold(): each for each in there}
    close = [by_fold[each] for each in get_close_matches(text.casefold(), by_fold, _NEAREST, _ALIKE)]
    if close:
        return f"has no such choice; of its {len(there)} the nearest: {', '.join(map(_quoted, close))}"
    return f"has no such choice; of its {len(there)} the first: {', '.join(map(_quoted, there[:_NEAREST]))}"


def misfit(target: Element) -> Effect:
    """The refusal of a text that this field would not keep."""
    kind = next((at.value for at in target.locators if at.kind == "type"), target.role)
    takes = _WRITTEN.get("range" if kind == "slider" else kind, "")
    what = f"{target.role} {target.name!r} does not take this text"
    return Effect("refused", f"{what}: it takes {takes}" if takes else what, unfit=True)


def _quoted(text: str) -> str:
    return repr(text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…")
