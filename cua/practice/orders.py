"""What a worker of practice is asked to do, and what it gives back: plain data that can travel. It decides nothing."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Self

from cua import codec
from cua.core import Outcome
from cua.memory.maps import Law, Map, Window
from cua.memory.skills import Proof, Skill
from cua.screen import Control


@dataclass(frozen=True, slots=True)
class Learned:
    """A map, or what is new in it. `dropped` are controls whose law no longer counts."""

    windows: tuple[Window, ...] = ()
    controls: tuple[Control, ...] = ()
    laws: tuple[Law, ...] = ()
    volatile: Mapping[str, int] = field(default_factory=dict)
    defaults: Mapping[str, str] = field(default_factory=dict)
    dropped: tuple[str, ...] = ()

    @classmethod
    def of(cls, known: Map) -> Self:
        """All of it, as it is now."""
        return cls(
            tuple(known.windows.values()), tuple(known.controls.values()), tuple(known.laws.values()),
            dict(known.volatile), dict(known.defaults),
        )  # fmt: skip

    def since(self, before: Learned) -> Learned:
        """What is here and was not so before."""
        windows, controls, laws = set(before.windows), set(before.controls), {law.control: law for law in before.laws}
        now = {law.control for law in self.laws}
        return Learned(
            tuple(window for window in self.windows if window not in windows),
            tuple(control for control in self.controls if control not in controls),
            tuple(law for law in self.laws if laws.get(law.control) != law),
            {key: count for key, count in self.volatile.items() if before.volatile.get(key) != count},
            {key: value for key, value in self.defaults.items() if before.defaults.get(key) != value},
            tuple(key for key in laws if key not in now),
        )

    def become(self, known: Map) -> None:
        """Make the map this, and nothing else."""
        known.windows = {window.key: window for window in self.windows}
        known.controls = {control.key: control for control in self.controls}
        known.laws = {law.control: law for law in self.laws}
        known.volatile, known.defaults = dict(self.volatile), dict(self.defaults)

    def add_to(self, known: Map, sure_of: Collection[str]) -> None:
        """Add it to a map that others added to meanwhile. Their laws stay, but for those of the controls `sure_of`."""
        for window in self.windows:
            known.windows.setdefault(window.key, window)
        for control in self.controls:
            old = known.controls.get(control.key)
            known.controls[control.key] = replace(control, options=control.options or (old.options if old else ()))
        for key in self.dropped:
            if key in known.laws and known.laws[key].kind == "unknown":
                del known.laws[key]
        for law in self.laws:
            if law.control in sure_of or law.control not in known.laws:
                known.laws[law.control] = law
        for key, count in self.volatile.items():
            known.volatile[key] = max(count, known.volatile.get(key, 0))
        known.defaults |= self.defaults


# ---------------------------------------------------------------------------------------------- what is asked


@dataclass(frozen=True, slots=True)
class Begin:
    """See what moves by itself, and what there is to try."""


@dataclass(frozen=True, slots=True)
class Find:
    """Find the law of a control that was `stuck` so often."""

    key: str
    stuck: int = 0


@dataclass(frozen=True, slots=True)
class Late:
    """Find what is written only when dialogs close or the app quits, for about so many seconds."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Attempt:
    """Try a task of the skill's family, drawn by this seed."""

    skill: Skill
    seed: int


Exploring = Begin | Find | Late
Order = Exploring | Attempt


# ---------------------------------------------------------------------------------------------- what comes of it


@dataclass(frozen=True, slots=True)
class Done:
    """What came of an order. `proof` is there for an attempt; `lost` says that its worker ended before it did."""

    order: Order
    outcome: Outcome = "pass"
    why: str = ""
    seconds: float = 0.0
    acts: int = 0
    stuck: int = 0
    proof: Proof | None = None
    learned: Learned = field(default_factory=Learned)
    lost: bool = False

    @property
    def sure_of(self) -> tuple[str, ...]:
        """The controls whose laws it found itself, and did not take from their siblings."""
        match self.order:
            case Find(key=key):
                return (key,)
            case Late():
                return tuple(law.control for law in self.learned.laws)
            case _:
                return ()


def undone(order: Order, why: str, *, seconds: float = 0.0, run: str = "", lost: bool = False) -> Done:
    """What there is to say where it is not known what came of an order, whose `run` may be on record."""
    if not isinstance(order, Attempt):
        return Done(order, "unknown", why, seconds, lost=lost)
    proof = Proof(order.seed, order.skill.goal, "unknown", run, seconds, 0, why)
    return Done(order, "unknown", why, seconds, proof=proof, lost=lost)


codec.register(Control, Window, Law, Proof, Skill)
codec.register(Learned, Begin, Find, Late, Attempt, Done, prefix="practice.")
