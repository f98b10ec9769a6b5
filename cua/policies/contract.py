"""The contract of a run: what may be acted on, and what may be done, by the person's words and where it begins.

It is made without a model, before anything was read off a screen, and nothing that a screen says changes it. It is kept
with the run, so that a person can read it. What it forbids is decided in `contract_acts`, and stopped in
`contract_guard`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Self

from cua import codec
from cua.core import Observation, Task
from cua.memory.workflows import Risk
from cua.policies.contract_places import ELSEWHERE, named, origin
from cua.policies.contract_words import Wish, wish_of, words
from cua.policies.lookups import fold, pattern_of

_ANYWHERE = (
    "the web",
    "the internet",
    "online",
    "im internet",
    "sur internet",
    "en internet",
    "any site",
    "any website",
)


@dataclass(frozen=True, slots=True)
class Contract:
    """What a run may do. `origins` are those of pages that may be acted on, `apps` programs; `roams`: other places may
    be looked at. `risk` is the gravest that may be done unasked, `deeds` the kinds of acts of no return that the person
    asked for. `known` are the texts that may be typed whatever they name. `terminal`: it began in one. `secrets` says
    for each by name the origin or program that it is for.
    """

    goal: str
    origins: tuple[str, ...] = ()
    apps: tuple[str, ...] = ()
    roams: bool = False
    risk: Risk = "read"
    deeds: tuple[str, ...] = ()
    known: tuple[str, ...] = ()
    terminal: bool = False
    secrets: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(
        cls, task: Task, start: Observation, *, profile: Iterable[str] = (), secrets: Mapping[str, str] | None = None
    ) -> Self:
        """The contract of a task that begins on this screen. `profile` are facts that the person keeps with us."""
        wish, given = wish_of(task.goal), (task.goal, *task.params.values())
        begins = origin(start.place.url)
        places = (*([begins] if begins not in ("", ELSEWHERE) else []), *(o for text in given for o in named(text)))
        web = bool(start.place.url)
        anywhere = any(pattern_of(phrase).search(fold(task.goal)) for phrase in _ANYWHERE)
        return cls(
            task.goal,
            tuple(dict.fromkeys(places)),
            () if web or not start.place.app else (start.place.app,),
            roams=web and (anywhere or not places),
            risk="irreversible" if wish.deeds or wish.keeps else "reversible" if wish.ends else "read",
            deeds=tuple(sorted(wish.deeds)),
            known=(*given, *profile),
            terminal=not web and is_terminal(start.place.app or start.place.window),
            secrets=secrets or {},
        )

    @property
    def wish(self) -> Wish:
        """What the goal asks for."""
        return wish_of(self.goal)


def is_terminal(name: str) -> bool:
    """Whether a program of that name takes commands for the whole machine."""
    plain = fold(name)
    patterns = [pattern_of(phrase) for phrase in words()["programs"]["terminals"]]
    return any(word.endswith("term") for word in plain.split()) or any(each.search(plain) for each in patterns)


codec.register(Contract)
