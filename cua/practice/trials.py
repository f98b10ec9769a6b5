"""What repeated acts prove: the settings that moved in step with them, and nothing else. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cua.practice.hands import Delta

Settings = dict[str, dict[str, str | None]]
Visits = list[tuple[str, bool, Delta]]


def alternating(key: str, trials: Sequence[tuple[bool | None, Delta]], noisy: frozenset[str]) -> Settings:
    """Settings that took one value each time the control went on and another each time it went off."""
    moved = set.intersection(*(set(delta.settings) for _, delta in trials)) - noisy
    found: Settings = {}
    for name in sorted(moved):
        on = {delta.settings[name].after for state, delta in trials if state}
        off = {delta.settings[name].after for state, delta in trials if not state}
        if len(on) == len(off) == 1 and on != off:
            found[name] = {"on": on.pop(), "off": off.pop()}
            if trials[0][1].settings[name].before is None:
                found[name]["absent"] = "off" if trials[0][0] else "on"
    return found


def in_step(key: str, trials: Sequence[tuple[bool | None, Delta]]) -> tuple[str, ...]:
    """Ticks of other controls that moved with this one every time."""
    moved = set.intersection(*(set(delta.facts) for _, delta in trials))
    return tuple(sorted(fact for fact in moved if fact.startswith("checked|") and fact != f"checked|{key}"))[:5]


def frees(states: Sequence[tuple[bool | None, Delta]]) -> tuple[str, ...]:
    """Controls that were enabled each time in one state and disabled each time in the other."""
    moved = set.intersection(*(set(delta.facts) for _, delta in states)) if states else set()
    found = []
    for fact in sorted(fact for fact in moved if fact.startswith("enabled|")):
        now = {(state, delta.facts[fact].after) for state, delta in states}
        for state, word in ((True, "on"), (False, "off")):
            if now == {(state, "yes"), (not state, "no")}:
                found.append(f"{word}|{fact.removeprefix('enabled|')}")
    return tuple(found)


def aside(deltas: Sequence[Delta], settings: Settings) -> tuple[str, ...]:
    """What else moved while it was tried: settings and files that acting on it may change."""
    moved = {f"setting|{key}" for delta in deltas for key in delta.settings if key not in settings}
    return tuple(sorted(moved | {f"file|{path}" for delta in deltas for path in delta.files}))


def chosen(key: str, visits: Sequence[tuple[str, bool | None, Delta]], noisy: frozenset[str]) -> Settings:
    """Settings that hold one value whenever this control was chosen, and another when a brother was."""
    moved = set.intersection(*(set(delta.settings) for _, _, delta in visits)) - noisy
    found: Settings = {}
    for name in sorted(moved):
        here = {delta.settings[name].after for target, _, delta in visits if target == key}
        there = {delta.settings[name].after for target, _, delta in visits if target != key}
        if len(here) == 1 and not here & there:
            found[name] = {"on": here.pop()}
    return found


def read_as(visits: Sequence[tuple[str, bool, Delta]], noisy: frozenset[str]) -> Settings:
    """Settings that followed what was put in: each input has its own value, the same each time."""
    moved = set.intersection(*(set(delta.settings) for _, _, delta in visits)) - noisy if visits else set()
    found: Settings = {}
    for name in sorted(moved):
        values: dict[str, str | None] = {}
        steady = True
        for text, _, delta in visits:
            after = delta.settings[name].after
            steady = steady and values.setdefault(text, after) == after
        if steady and len(set(values.values())) == len(values) > 1:
            found[name] = values
    return found


def text_effect(before: str, after: str) -> str:
    """What a command made of the selected text, by name; "" if nothing or something without a name."""
    known: Mapping[str, str] = {
        "upper": before.upper(),
        "lower": before.lower(),
        "title": before.title(),
        "swapped": before.swapcase(),
        "empty": "",
        "stripped": "\n".join(line.rstrip() for line in before.split("\n")),
        "doubled": before + before,
    }
    if after == before:
        return ""
    return next((name for name, text in known.items() if text == after), "other")
