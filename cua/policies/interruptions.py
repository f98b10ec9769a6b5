"""A policy around another one: what nobody asked for is put away, and the other goes on as if it had not been.

It never accepts, agrees or confirms, and answers nothing that an act may have asked for: there the other policy speaks
first. What it cannot put away it asks a person about, or stops and says so.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from cua.core import Action, Ask, Observation, Outcome, Policy, Run, Step, Task, Wait
from cua.errors import RefusedError, TargetNotFound, UsageError
from cua.memory.handlers import Handlers
from cua.memory.signatures import seen
from cua.policies.clock import Clock
from cua.policies.interrupt_kinds import Interruption, inside, recognised, still_there, targets
from cua.policies.interrupt_learning import ONCE, By, Judged, Met, learn, marked, named
from cua.policies.interrupt_person import Pointer, Watch
from cua.policies.interrupt_ways import learned, needs, refills, ways
from cua.policies.model import again
from cua.screen import called, top_windows

_BEAT = 0.5
_CLOSING = 4  # looks that what was put away may take to go
_PATIENCE = {"busy": 30.0, "covered": 8.0, "vanished": 20.0, "signed out": 3.0}  # seconds
_GONE_SECONDS = 10.0  # after which what covers something is taken to stay
_HELPED = 3.0  # seconds that what somebody saw to may take to show
_TIMES = 4  # that one interruption may come back in a run


def nobody(item: Interruption) -> bool:
    """There is no person to ask, and nobody who starts a program again."""
    return False


@dataclass(slots=True)
class _Handling:
    """One interruption while it is dealt with. `owed` is the other policy's act that it kept from being done."""

    met: Met
    look: Observation
    unwanted: bool
    owed: tuple[Action, Observation] | None
    clock: Clock
    done: list[tuple[str, str, str]] = field(default_factory=list)
    beats: int = 0
    fresh: int = 0
    refused: int | None = None


class Interruptible:
    """One for one run after the other. `uses` are the names of what the other policy means to use, `helped` does what
    only somebody else can (log in, start a program again) and says whether it is done, `pointer` tells where the
    pointer of a screen is that a person shares. `met` are the interruptions of the latest run.
    """

    def __init__(
        self,
        other: Policy,
        handlers: Handlers | None = None,
        *,
        helped: Callable[[Interruption], bool] = nobody,
        uses: frozenset[str] = frozenset(),
        pointer: Pointer | None = None,
    ) -> None:
        self.other = other
        self._handlers, self._helped, self._uses = handlers, helped, uses
        self._watch = Watch(pointer)
        self._begin()

    def _begin(self) -> None:
        self.met: list[Met] = []
        self._passed: list[tuple[Interruption, int]] = []
        self._steps: tuple[Step, ...] = ()
        self._hidden: set[int] = set()
        self._mine = False
        self._on: _Handling | None = None
        self._told = ""
        self._since: dict[str, Clock] = {}
        self._left: set[str] = set()
        self._watch.begin()

    def decide(self, task: Task, steps: tuple[Step, ...], now: Observation) -> Action:
        """What is done about an interruption, or what the other decides. Raises what that does, and RecordError."""
        self._follow(steps)
        action, mine = self._decided(task, steps, now)
        self._mine = mine
        self._watch.decided(action)
        return action

    def dismisses(self, action: Action) -> bool:
        """Whether it was decided here, to put away what came, and says no more than no to that."""
        on = self._on
        return on is not None and action is on.met.action and needs(action, on.met.item) == "dismiss"

    def _follow(self, steps: tuple[Step, ...]) -> None:
        known = len(self._steps)
        if not steps or len(steps) < known or any(one is not two for one, two in zip(self._steps, steps, strict=False)):
            self._begin()
        elif self._mine and len(steps) == known + 1:
            self._hidden.add(known)
        self._steps = steps

    def _visible(self) -> tuple[Step, ...]:
        """The steps of the other policy."""
        return tuple(step for at, step in enumerate(self._steps) if at not in self._hidden)

    def _decided(self, task: Task, steps: tuple[Step, ...], now: Observation) -> tuple[Action, bool]:
        """The act, and whether it is ours."""
        if self._on is None and (item := self._watch.person(now)) is not None:
            self._start(item, now)
        if self._on is not None:
            action = self._going_on(self._on, now)
            if action is not None:
                return action, True
            on, self._on = self._on, None
            if (owed := self._owed(on, now)) is not None:
                return owed, False
        visible = self._visible()
        item = recognised(task, visible, now, self._uses)
        if item is None or item.key in self._left or self._had(item, len(visible), now):
            return self._others(task, visible, now), False
        return self._met(item, task, visible, now)

    def _others(self, task: Task, visible: tuple[Step, ...], now: Observation) -> Action:
        """What the other policy decides, told of what became of the screen meanwhile."""
        told, self._told = self._told, ""
        note = "; ".join(filter(None, (now.note, told)))
        return self.other.decide(task, visible, replace(now, note=note) if told else now)

    def _had(self, item: Interruption, at: int, now: Observation) -> bool:
        """Whether it was dealt with, and is only still told by the same step before."""
        if item.kind in ONCE and not still_there(item, now):
            return any(met.item.key == item.key and met.at == at for met in self.met)
        return any(met.item.key == item.key and met.at == at and not met.worked for met in self.met)

    # ---------------------------------------------------------------------------------------- what came

    def _met(self, item: Interruption, task: Task, visible: tuple[Step, ...], now: Observation) -> tuple[Action, bool]:
        covers = item.root is None and item.kind not in ONCE
        if covers and visible and visible[-1].effect.kind == "refused":
            refused = visible[-1]
            at = next(at for at, step in enumerate(self._steps) if step is refused)
            self._hidden.add(at)
            on = self._start(item, now, owed=(refused.action, refused.seen), unwanted=True)
            on.refused = at
            return self._begun(on, now)
        if item.kind in ONCE or ((item.sure or self._known(item)) and self._options(item, now, unwanted=False)):
            return self._begun(self._start(item, now), now)
        return self._spoken(item, task, visible, now)

    def _known(self, item: Interruption) -> bool:
        """Whether it was learned that it comes unasked, and no word of the goal or of the act speaks against that."""
        known = self._handlers.usable(item.key) if self._handlers is not None else None
        return known is not None and known.unasked and not item.wanted

    def _spoken(
        self, item: Interruption, task: Task, visible: tuple[Step, ...], now: Observation
    ) -> tuple[Action, bool]:
        """The act may have asked for it: the other policy is heard, and only what it does not want is put away."""
        action, error = None, None
        try:
            action = self._others(task, visible, now)
        except (RefusedError, TargetNotFound) as exc:
            error = exc
        lost = error is not None or (isinstance(action, Ask) and item.nuisance)
        stuck = lost and not self._options(item, now, unwanted=True)
        if error is not None and stuck:
            raise error
        if action is not None and (stuck or not (lost or _behind(item, action, now))):
            self._passed.append((item, len(visible)))
            return action, False
        owed = (action, now) if action is not None and not lost else None
        return self._begun(self._start(item, now, owed=owed, unwanted=True), now)

    def _start(
        self,
        item: Interruption,
        now: Observation,
        *,
        owed: tuple[Action, Observation] | None = None,
        unwanted: bool = False,
    ) -> _Handling:
        at = len(self._visible())
        again = (met for met in self.met if (met.item.key, met.at, met.by) == (item.key, at, "waited"))
        met = next(again, None) or Met(item, at)
        self.met = [*(each for each in self.met if each is not met), met]
        self._on = _Handling(met, now, unwanted, owed, Clock(now))
        return self._on

    def _begun(self, on: _Handling, now: Observation) -> tuple[Action, bool]:
        item = on.met.item
        spent = self._since.setdefault(f"{item.key} {on.met.at}", on.clock).spent(now)
        limit = _HELPED if item.kind == "busy" and item.root is None else _GONE_SECONDS
        often = spent > limit or sum(met.item.key == item.key and met.by != "waited" for met in self.met) > _TIMES
        action = None if often else self._next(on, now)
        if action is None and item.kind == "reloaded":  # nothing of the run's was lost
            on.met.by, on.met.worked, self._on = "waited", True, None
            return Wait(_BEAT, why=item.said), True
        return action if action is not None else self._stop(on), True

    def _stop(self, on: _Handling) -> Wait | Ask:
        """What only somebody else can do: they do it, or the run stops. What merely covers something is left there."""
        item, on.met.action = on.met.item, None
        if on.refused is not None or item.kind == "busy":  # it stays: the other policy sees that its act was refused
            self._hidden -= {on.refused}
            self._left.add(item.key)
            self._on = None
            return Wait(_BEAT, why=f"it does not go away: {item.said}")
        if not self._was_helped(on.met) and self._helped(item):
            on.met.by = "helped"
            return Wait(_BEAT, why=f"{item.said}; somebody saw to it")
        on.met.by, self._on = "stopped", None
        return question(item)

    def _was_helped(self, met: Met) -> bool:
        """Whether somebody saw to it already, and the other policy did nothing since."""
        same = (each for each in self.met if (each.item.key, each.at) == (met.item.key, met.at))
        return any(each.by == "helped" for each in same)

    # ---------------------------------------------------------------------------------------- dealing with it

    def _going_on(self, on: _Handling, now: Observation) -> Action | None:
        """The next act about it; None when it is over."""
        item, met = on.met.item, on.met
        on.beats += 1
        if item.kind == "person":
            action = self._watch.waiting(on.beats, now)
            met.by, met.worked = ("stopped", False) if isinstance(action, Ask) else ("waited", True)
            if action is None and not self._watch.certain:
                self.met.remove(met)
            return action
        if item.kind == "reloaded" and (action := self._next(on, now)) is not None:
            return action
        if self._gone(item, now):
            met.worked, met.seconds = True, on.clock.spent(now)
            self._tell(on, now)
            return None
        if met.by in ("waited", "helped") and on.clock.spent(now) < _PATIENCE.get(item.kind, _HELPED):
            return Wait(_BEAT, why=f"until it is over: {item.said}")
        if on.fresh < _CLOSING:
            on.fresh += 1
            return Wait(_BEAT, why="until what was put away is gone")
        if met.by == "learned":
            self.met.append(replace(met, worked=False))
        if (action := self._next(on, now)) is not None:
            return action
        return self._stop(on)

    @staticmethod
    def _gone(item: Interruption, now: Observation) -> bool:
        if item.kind == "vanished" and item.root is None:
            return bool(top_windows(now))
        return not still_there(item, now)

    def _options(self, item: Interruption, now: Observation, *, unwanted: bool) -> list[tuple[By, Action]]:
        """What may be done about it, best first: what was learned, then what decides nothing."""
        handler = self._handlers.usable(item.key) if self._handlers is not None else None
        known = learned(handler, item, now) if handler is not None else None
        acts = refills(self._visible(), now) if item.kind == "reloaded" else []
        plain = [*acts, *ways(item, now, self._uses, unwanted=unwanted)]
        options: list[tuple[By, Action]] = [("waited" if isinstance(act, Wait) else "built in", act) for act in plain]
        return [("learned", known), *options] if known is not None else options

    def _next(self, on: _Handling, now: Observation) -> Action | None:
        """The best act that was not tried on it yet. None where none is left."""
        for by, action in self._options(on.met.item, now, unwanted=on.unwanted):
            name = named(action)
            if name not in on.done:
                on.done.append(name)
                on.fresh, met = 0, on.met
                met.by, met.action, met.mark = by, action, marked(action, now)
                return action
        return None

    def _owed(self, on: _Handling, now: Observation) -> Action | None:
        """The act that the interruption kept from being done, on what shows now; None where its target is gone."""
        if on.owed is None or self._told:
            return None
        try:
            return again(*on.owed, now)
        except UsageError:  # its target is no element of the look that it was decided on
            return None

    def _tell(self, on: _Handling, now: Observation) -> None:
        """Remember for the other policy what is not as it was."""
        visible, kind = self._visible(), on.met.item.kind
        known = [seen(look).where for look in (on.look, *(step.seen for step in visible[-1:]))]
        if seen(now).where not in known:
            self._told = f"an interruption ({kind}) is over, and the screen is not the one from before it"
        elif kind in ("vanished", "reloaded"):
            self._told = f"an interruption ({kind}) is over; what was not saved may be lost"

    def learn(self, run: Run, outcome: Outcome) -> None:
        """What the judge found of the run: handlers are learned from a pass, and lose by a fail. Raises RecordError."""
        if self._handlers is not None:
            visible = tuple(step for at, step in enumerate(run.steps) if at not in self._hidden)
            learn(self._handlers, self.met, self._passed, Judged(run, outcome, visible))


def question(item: Interruption) -> Ask:
    """What a person is told of an interruption that is theirs, and what they may do."""
    offers = ", ".join(repr(called(e)) for e in item.buttons[:4])
    match item.kind:
        case "signed out":
            return Ask(f"The session has ended: {item.said}. Log in there, then go on", ("go on", "stop"))
        case "vanished":
            how = "Start" if item.root is None else "Load"
            return Ask(f"{item.said}. {how} it again, then go on; nothing else is acted on", ("go on", "stop"))
        case "busy":
            return Ask(f"It is still busy ({item.said}). Go on when it is done", ("go on", "stop"))
        case _:
            what = f" It offers {offers}." if offers else ""
            return Ask(f"Something is in the way that nobody asked for: {item.said!r}.{what} Put it away, then go on",
                       ("go on", "stop"))  # fmt: skip


def _behind(item: Interruption, action: Action, now: Observation) -> bool:
    """Whether an act is meant for what cannot be used before this is answered."""
    aimed = targets(action)
    return (item.modal or item.native) and bool(aimed) and not any(inside(item, each, now) for each in aimed)
