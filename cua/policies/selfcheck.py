"""What a run does that leads nowhere, noticed from its steps alone: loops, acts without effect, drift from the goal.

Pure over steps and looks. What brings anything new to the screen is no loop: a list that moves, a number that rises, a
page that scrolls. The lines hold no text of the screen, for they are told to a model outside of the marks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import lru_cache
from operator import attrgetter
from typing import Literal

from cua.core import (
    Action,
    Click,
    Drag,
    Element,
    Fill,
    Invoke,
    Move,
    Observation,
    Open,
    Press,
    Scroll,
    Step,
    Task,
    Type,
    Wait,
)
from cua.memory.signatures import Shown, seen
from cua.policies.lexicon import keys, label_words, listed
from cua.screen import called

_FAR = 40  # acts that are looked back on
_LONGEST = 4  # acts of a circle
_IDLE = 3  # acts in a row that change nothing
_WAITS = 3
_TAKEN_BACK = 3  # times, within the last:
_LATELY = 10
_AWAY = 5  # looks in a row at another app or site
_ASTRAY = 10  # acts since the last thing that had to do with the goal
_TELLING = frozenset({"checked", "selected", "expanded", "pressed", "disabled"})
_SMALL = ("stop", "weak", "neutral", "limiting")  # lists of words that say nothing of what a task is about
_UNDO = "ctrl+z"
_LIES = attrgetter("box"), attrgetter("states")

Kind = Literal["loop", "waiting", "no effect", "back and forth", "elsewhere", "astray"]


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that leads nowhere, in a line for who decides. `most`: how often in a row it may be told before the run
    is over; None for what is only a hint.
    """

    kind: Kind
    line: str
    most: int | None = None


def noticed(task: Task, steps: Sequence[Step], now: Observation) -> tuple[Notice, ...]:
    """All that shows in the last acts; nothing for a run that gets on. For one that is stuck, just that."""
    if not steps:
        return ()
    trail = _Trail.of(steps[-_FAR:], now)
    if stuck := _waiting(trail) or _loop(trail) or _circle(trail) or _idle(trail):
        return (stuck,)
    return tuple(notice for notice in (_back_and_forth(trail), *_drift(task, trail)) if notice)


# ---------------------------------------------------------------------------------------------- one look, one act


@lru_cache(maxsize=2 * _FAR)
def _read(shown: Shown) -> tuple[int, tuple[str, ...]]:
    """What stands for all that shows in front (what is written, what is on, where the keyboard is, where each thing
    lies); and the app, with the site for what has an address.
    """
    look = seen(shown.now)
    lies = (tuple(map(part, shown.now.elements)) for part in _LIES)
    face = hash((shown.now.place, look.base, look.written, look.states, *lies))
    return face, (look.where[0], *look.where[3:4])


def _deed(act: Action) -> tuple[object, ...]:
    """What is done to what, without handles of one look and without the reason."""
    parts = [getattr(act, part.name) for part in fields(act) if part.compare]
    return type(act), *((e.role, e.name, e.box) if isinstance(e, Element) else e for e in parts)


@dataclass(frozen=True, slots=True)
class _Trail:
    """The last acts. `shown` are the looks before each and the one now; `faces` stand for them, `stale` says which of
    them showed nothing that an earlier one had not, pixels included.
    """

    steps: Sequence[Step]
    shown: list[Shown]
    faces: list[int]
    stale: list[bool]
    deeds: list[tuple[object, ...]]

    @classmethod
    def of(cls, steps: Sequence[Step], now: Observation) -> _Trail:
        looks = [*(step.seen for step in steps), now]
        shown = [Shown(look) for look in looks]
        faces = [_read(each)[0] for each in shown]
        stale, known = list[bool](), set[tuple[int, str]]()
        for face, look in zip(faces, looks, strict=True):
            whole = face, look.frame.sha if look.frame else ""
            stale.append(whole in known)
            known.add(whole)
        return cls(steps, shown, faces, stale, [_deed(step.action) for step in steps])

    def still(self, at: int) -> bool:
        """Whether that act left everything as it was, as far as anybody can see."""
        after = at % len(self.steps) + 1
        return self.faces[after - 1] == self.faces[after] and self.stale[after]


# ---------------------------------------------------------------------------------------------- loops


def _waiting(trail: _Trail) -> Notice | None:
    count = 0
    while count < len(trail.steps) and isinstance(trail.steps[-1 - count].action, Wait) and trail.still(-1 - count):
        count += 1
    if count < _WAITS:
        return None
    line = f"You waited {count} times in a row and nothing changed. Unless something is still under way, do something."
    return Notice("waiting", line, most=7)


def _loop(trail: _Trail) -> Notice | None:
    """One act again and again on one screen; once more where the driver saw something come of it that does not show."""
    count = 1
    while count < len(trail.deeds) and trail.deeds[-1 - count] == trail.deeds[-1]:
        count += 1
    still = 0
    while still < count and trail.faces[-2 - still] == trail.faces[-1] and trail.stale[-1 - still]:
        still += 1
    unseen = any(step.effect.kind == "confirmed" for step in trail.steps[len(trail.steps) - still :])
    if isinstance(trail.steps[-1].action, Wait) or still < 2 + unseen:
        return None
    line = f"You did the same act {still} times in a row and the screen stayed as it was. Do something else, or ask."
    return Notice("loop", line, most=2)


def _circle(trail: _Trail) -> Notice | None:
    """The same few acts over the same few screens, twice round. Waiting alone is none."""
    faces, deeds = trail.faces, trail.deeds
    for length in range(2, _LONGEST + 1):
        if len(deeds) < 2 * length or all(isinstance(step.action, Wait) for step in trail.steps[-length:]):
            continue
        acted = deeds[-length:] == deeds[-2 * length : -length]
        back = faces[-length - 1 :] == faces[-2 * length - 1 : -length]
        if acted and back and all(trail.stale[-length:]):
            line = (
                f"You went round in a circle: the same {length} acts over the same screens, twice. What they did is"
                " done or undone each time. Do something else, or ask."
            )
            return Notice("loop", line, most=3)
    return None


def _idle(trail: _Trail) -> Notice | None:
    """Different acts, none of which changes anything. Waiting and pointing are ways to look, and count for nothing."""
    count = 0
    for at in range(len(trail.steps) - 1, -1, -1):
        step = trail.steps[at]
        if isinstance(step.action, Wait | Move):
            continue
        if not (step.effect.kind in ("no_effect", "refused") or (step.effect.kind == "unverified" and trail.still(at))):
            break
        count += 1
    if count < _IDLE:
        return None
    line = f"Your last {count} acts changed nothing. What you try does not work here: find another way, or ask."
    return Notice("no effect", line, most=3)


# ---------------------------------------------------------------------------------------------- drift


def _back_and_forth(trail: _Trail) -> Notice | None:
    """What was done is taken back, and done again: by undo, by the same switch, by other text in the same field."""
    lately = range(max(1, len(trail.steps) - _LATELY), len(trail.steps))
    count = sum(_takes_back(trail, at) for at in lately)
    if count < _TAKEN_BACK or not _takes_back(trail, len(trail.steps) - 1):
        return None
    line = f"You have taken back what you had just done {count} times lately. Decide which it must be, and leave it so."
    return Notice("back and forth", line)


def _takes_back(trail: _Trail, at: int) -> bool:
    if trail.faces[at + 1] != trail.faces[at - 1] or trail.faces[at] == trail.faces[at - 1]:
        return False
    act, before = trail.steps[at].action, trail.steps[at - 1].action
    match act, before:
        case Press(keys=pressed), _ if pressed.casefold() == _UNDO:
            return True
        case ((Click() | Invoke() | Fill()), (Click() | Invoke() | Fill())):
            return type(act) is type(before) and _deed(act)[1] == _deed(before)[1]
        case _:
            return False


def _drift(task: Task, trail: _Trail) -> tuple[Notice | None, ...]:
    """Away from what the goal's words are about; for a goal whose words never showed, nobody can tell."""
    wanted = _wanted(" ".join((task.goal, *task.params.values())))
    about = [_about(shown, wanted) for shown in trail.shown]
    return (_elsewhere(trail, about), _astray(trail, about, wanted)) if any(about) else ()


def _elsewhere(trail: _Trail, about: Sequence[frozenset[int]]) -> Notice | None:
    """In front of another app or site, to which no act meant to go, and where nothing has to do with the goal."""
    wheres = [_read(shown)[1] for shown in trail.shown]
    home, away = {wheres[0]}, 0
    for at in range(1, len(wheres)):
        if about[at] or isinstance(trail.steps[at - 1].action, Open) or not any(wheres[at]):
            home.add(wheres[at])
        away = 0 if wheres[at] in home else away + 1
    if away < _AWAY:
        return None
    line = (
        f"For {away} acts another app or site has been in front than where you worked on the task, and nothing there"
        " has to do with it. Unless the task needs it, go back."
    )
    return Notice("elsewhere", line)


def _astray(trail: _Trail, about: Sequence[frozenset[int]], wanted: frozenset[str]) -> Notice | None:
    """Many acts since anything new had to do with the goal, or anything was written: that is work, whatever it says."""
    known, count = set(about[0]), 0
    for at, step in enumerate(trail.steps):
        written = isinstance(step.action, Fill | Type) and step.effect.kind in ("confirmed", "unverified")
        if written or about[at + 1] - known or not wanted.isdisjoint(_says(step.action)):
            count = 0
        elif not isinstance(step.action, Scroll | Wait | Move):
            count += at == 0 or trail.deeds[at] != trail.deeds[at - 1]
        known |= about[at + 1]
    if count < _ASTRAY:
        return None
    line = (
        f"In your last {count} acts nothing new came up that has to do with the task. Read it again, go back to where"
        " you were nearer, or ask."
    )
    return Notice("astray", line)


@lru_cache(maxsize=16)
def _wanted(goal: str) -> frozenset[str]:
    """What the goal's words may be found by; small words, and those that only say to do it, aside."""
    small = frozenset().union(*(listed(name) for name in _SMALL))
    words = [word for word in label_words(goal) if word not in small and any(sign.isalnum() for sign in word)]
    return frozenset(key for key, _, _ in keys(words))


@lru_cache(maxsize=2 * _FAR)
def _about(shown: Shown, wanted: frozenset[str]) -> frozenset[int]:
    """What shows that has to do with the goal, as it is now; a number stands for each thing."""
    return frozenset(
        hash((e.role, e.name, e.value, e.states & _TELLING))
        for e in shown.now.elements
        if e.box and not wanted.isdisjoint(_keys(called(e)) | _keys((e.value or "")[:200]))
    )


def _says(act: Action) -> frozenset[str]:
    """By what an act may be found: what it is done to, and the text that it brings."""
    match act:
        case Fill(target=Element() as target, text=text):
            return _keys(called(target)) | _keys(text)
        case Click(target=Element() as target) | Invoke(target=target) | Drag(start=Element() as target):
            return _keys(called(target))
        case Type(text=text) | Open(what=text):
            return _keys(text)
        case _:
            return frozenset()


@lru_cache(maxsize=20_000)
def _keys(text: str) -> frozenset[str]:
    return frozenset(key for key, _, _ in keys(label_words(text))) if text.strip() else frozenset()
