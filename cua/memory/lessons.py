"""What runs of one template teach: the way that worked, with slots where they differ, and what did not work; and what
a model said of them, if one was asked.

Pure data. A lesson is one run in the terms of its template; several are folded into what they have in common. Names
read off a screen are kept short and without control characters; what was secret is not here to begin with.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from functools import reduce
from typing import Any

from cua.memory.signatures import Value, plain
from cua.memory.templates import filled, typed_with_slots, with_slots
from cua.memory.trails import Deed
from cua.secret_words import named_secret

MOST_ACTS = 12
MOST_PITFALLS = 3
LONGEST_NAME = 48
OTHER = "\ue013"  # stands where two runs differ in a way that their goals do not tell
_NO_EFFECT, _FAILED = "changed nothing", "the run failed with it"
_SLOT = re.compile(r"\ue012(\d+)(?:\.\w+)?\ue012")
_WRITTEN = re.compile(r"\{(\d{1,2})\}")  # a slot as a reader is told it
_SAME, _ALIKE = 4, 3  # what two acts count that are the same, and that differ in their text only
_NOT_SHOWN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


@dataclass(frozen=True, slots=True)
class Act:
    """One act in words: what was done to which control; `name` and `text` may hold slots."""

    do: str
    role: str = ""
    name: str = ""
    text: str = ""

    def told(self, values: Sequence[Value] = ()) -> str:
        """For a reader, with a task's values if it has them, else the numbers of the slots."""
        name, text = (shown(text, values) for text in (self.name, self.text))
        on = f'"{name}"' if name else (f"a {self.role}" if self.role else "a place without a name")
        match self.do:
            case "fill":
                return f'fill {on} with "{text}"' if text else f"fill {on}"
            case "type" | "open":
                return f'{self.do} "{text}"'
            case "press":
                return f"press {text}"
            case "unknown":
                return "an act that is not kept"
            case _:
                return f"{self.do} {on}"


@dataclass(frozen=True, slots=True)
class Pitfall:
    """An act that did not help, and what came of it."""

    act: Act
    why: str

    def told(self, values: Sequence[Value] = ()) -> str:
        """For a reader, as an act is."""
        return f"{self.act.told(values)} ({self.why})"


@dataclass(frozen=True, slots=True)
class Lesson:
    """One run in the terms of its template: the acts that had an effect, in order, and those that had none."""

    acts: tuple[Act, ...]
    pitfalls: tuple[Pitfall, ...] = ()
    passed: bool = True


@dataclass(frozen=True, slots=True)
class Folded:
    """What several lessons say together. `failed` is the way of the last run where none has passed."""

    acts: tuple[Act, ...]
    pitfalls: tuple[Pitfall, ...]
    failed: tuple[Act, ...] = ()
    advice: Advice | None = None


@dataclass(frozen=True, slots=True)
class Advice:
    """What a model made of a run, in words with slots: `when` it is of use and what must be so before, how it `worked`,
    what to avoid. Whoever is told it is told whose words it is.
    """

    model: str
    when: str
    worked: str = ""
    pitfalls: tuple[str, ...] = ()

    def told(self, values: Sequence[Value] = ()) -> str:
        """For a reader, as an act is."""
        pitfalls = f"avoid: {'; '.join(self.pitfalls)}" if self.pitfalls else ""
        said = " | ".join(part for part in (f"when: {self.when}", self.worked, pitfalls) if part)
        return _numbered(bare(filled(said, values)) if values else said)

    def over(self, change: Callable[[str], str]) -> Advice:
        """The same with each text changed so."""
        return Advice(self.model, change(self.when), change(self.worked), tuple(map(change, self.pitfalls)))


def act_of(deed: Deed, values: Sequence[Value]) -> Act:
    """A deed in words, with slots for the values of its task. What goes into a field for a secret is left out."""
    role, name = (deed.target.role, deed.target.name) if deed.target else ("", "")
    if deed.to is not None:
        return Act(deed.do, bare(role), _slotted(name, values) + " onto " + _slotted(deed.to.name, values))
    text = "" if deed.do in ("click", "unknown") or named_secret(name) else typed_with_slots(bare(deed.text), values)
    return Act(deed.do, bare(role), _slotted(name, values), _cut(text))


def had_no_effect(reason: str = "", *, refused: bool) -> str:
    """What to say of an act that did nothing."""
    return f"was refused: {_cut(bare(reason))}".rstrip(": ") if refused else _NO_EFFECT


def folded(lessons: Sequence[Lesson]) -> Folded:
    """Oldest first. Acts that all runs that passed have in common; pitfalls of all runs, the most frequent first.

    Where two ways have too little in common the newer one stands. What worked in some run is no pitfall; of a run that
    failed where others passed, the first act that none of those has is one.
    """
    passed = [lesson.acts for lesson in lessons if lesson.passed]
    worked = {act for way in passed for act in way}
    met: Counter[Pitfall] = Counter()
    for lesson in lessons:
        met.update(list(dict.fromkeys(pitfall for pitfall in lesson.pitfalls if pitfall.act not in worked)))
        strange = next((act for act in lesson.acts if act not in worked and act.do != "unknown"), None)
        if passed and not lesson.passed and strange is not None:
            met[Pitfall(strange, _FAILED)] += 1
    pitfalls = tuple(pitfall for pitfall, _ in met.most_common(MOST_PITFALLS))
    if not passed:
        return Folded((), pitfalls, lessons[-1].acts[:MOST_ACTS] if lessons else ())
    return Folded(reduce(_together, passed)[:MOST_ACTS], pitfalls)


def widened(lesson: Lesson, word: str, number: int) -> Lesson:
    """The lesson where a word of its goal becomes the slot of this number: those from there on move up by one."""

    def text(old: str) -> str:
        return f"\ue012{number}\ue012" if plain(old) == word else _moved(old, number)

    def act(old: Act) -> Act:
        return Act(old.do, old.role, text(old.name), text(old.text))

    pitfalls = tuple(Pitfall(act(each.act), each.why) for each in lesson.pitfalls)
    return Lesson(tuple(map(act, lesson.acts)), pitfalls, lesson.passed)


def advice_widened(advice: Advice, word: str, number: int) -> Advice:
    """The same of what a model said: wherever the word stands in it there is the slot."""
    alone = re.compile(rf"(?i)(?<!\w){re.escape(word)}(?!\w)")
    return advice.over(lambda text: alone.sub(f"\ue012{number}\ue012", _moved(text, number)))


def _moved(text: str, number: int) -> str:
    """The text with slots from that number on moved up by one."""
    return _SLOT.sub(lambda slot: slot[0].replace(slot[1], str(int(slot[1]) + (int(slot[1]) >= number)), 1), text)


def general(text: str, values: Sequence[Value], slots: int) -> str:
    """What a model wrote, bare, with slots where it names them by their numbers, as {1}, and where it wrote this task's
    values all the same.
    """
    said = with_slots(bare(text), [replace(value, kind="quoted") for value in values if value.kind != "rest"])
    return _WRITTEN.sub(lambda slot: f"\ue012{int(slot[1]) - 1}\ue012" if 0 < int(slot[1]) <= slots else "…", said)


def _together(old: tuple[Act, ...], new: tuple[Act, ...]) -> tuple[Act, ...]:
    """The longest row of acts that both have, in order; what differs inside of an act becomes a slot."""
    best: list[list[tuple[int, tuple[Act, ...]]]] = [[(0, ())] * (len(new) + 1) for _ in range(len(old) + 1)]
    for i, one in enumerate(old):
        for j, other in enumerate(new):
            ways = [best[i][j + 1], best[i + 1][j]]
            if common := _common(one, other):
                score, row = best[i][j]
                ways.append((score + common[1], (*row, common[0])))
            best[i + 1][j + 1] = max(ways, key=lambda way: way[0])
    score, row = best[-1][-1]
    return row if score > _SAME * min(len(old), len(new)) / 2 else new


def _common(one: Act, other: Act) -> tuple[Act, int] | None:
    """The act that both are, the name or the text open where they differ, and how much they have in common."""
    if (one.do, one.role) != (other.do, other.role):
        return None
    name = one.name if one.name == other.name else OTHER
    text = one.text if one.text == other.text else OTHER
    if name == text == OTHER or (name == OTHER and one.do not in ("click", "invoke")):
        return None
    return Act(one.do, one.role, name, text), _SAME if OTHER not in (name, text) else _ALIKE if name != OTHER else 1


# ---------------------------------------------------------------------------------------------- texts


def bare(text: str) -> str:
    """A text of the screen on one line, without control characters, slots of its own, and what looks like a mark."""
    kept = "".join(" " if unicodedata.category(c) in _NOT_SHOWN else c for c in text)
    return " ".join(kept.translate({ord("<"): "‹", ord(">"): "›", ord('"'): "'"}).split())


def shown(text: str, values: Sequence[Value] = ()) -> str:
    """A text with slots for a reader: this task's values in them, or their numbers from 1."""
    if values:
        text = _cut(bare(filled(text.replace(OTHER, "…"), values)))
    return _numbered(text)


def _numbered(text: str) -> str:
    """With the numbers of its slots, from 1, in their place."""
    return _SLOT.sub(lambda slot: f"{{{int(slot[1]) + 1}}}", text).replace(OTHER, "…")


def _slotted(name: str, values: Sequence[Value]) -> str:
    return _cut(with_slots(bare(name), values))


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST_NAME else f"{_SLOT.sub('…', text)[: LONGEST_NAME - 1]}…"


def dumps(lesson: Lesson | Folded | Advice) -> str:
    """As JSON text."""
    return json.dumps(asdict(lesson), separators=(",", ":"))


def loads_lesson(text: str) -> Lesson:
    """What `dumps` was given."""
    body = json.loads(text)
    return Lesson(*_loaded(body), body["passed"])


def loads_folded(text: str) -> Folded:
    """What `dumps` was given."""
    body = json.loads(text)
    advice = body.get("advice")  # older rows know of none
    failed = tuple(Act(**act) for act in body["failed"])
    return Folded(*_loaded(body), failed, _advice(advice) if advice else None)


def loads_advice(text: str) -> Advice:
    """What `dumps` was given."""
    return _advice(json.loads(text))


def _advice(body: dict[str, Any]) -> Advice:
    return Advice(body["model"], body["when"], body["worked"], tuple(body["pitfalls"]))


def _loaded(body: dict[str, list[dict[str, object]]]) -> tuple[tuple[Act, ...], tuple[Pitfall, ...]]:
    acts = tuple(Act(**act) for act in body["acts"])  # type: ignore[arg-type]
    pitfalls = tuple(Pitfall(Act(**each["act"]), str(each["why"])) for each in body["pitfalls"])  # type: ignore[arg-type]
    return acts, pitfalls
