"""The built-in planner: from goals, the map of the app and what the screen shows now, the next act. Needs no model.

It looks before each act, does nothing that already holds, opens only what leads to the goal, and asks where it cannot
tell. It sees screens only.
"""

from __future__ import annotations

from collections import Counter
from typing import assert_never

from cua.core import Action, Ask, Click, Fill, Finish, Observation, Press, Step, Task, Wait
from cua.memory.maps import Law, Map
from cua.policies.abilities import Ability
from cua.policies.file_dialogs import Naming
from cua.policies.goals import Calculate, Choose, Enter, GiveFile, Goal, Hit, Perform, Reveal, Switch, Write
from cua.policies.repeating import PATIENCE, Tries, last_act
from cua.policies.ways import (
    act_on,
    buttons_of,
    clearing,
    dismissed,
    doors,
    ends_at,
    folded,
    hidden,
    is_field,
    same,
    told,
    windows_towards,
)  # fmt: skip
from cua.policies.writing import Writing
from cua.screen import MAIN, Control, Screen, label

_LATE, _LATER, _AGAIN, _LOOK = 0.4, 1.5, " again", "look"
_ACCEPT = ("ok", "apply", "save", "open", "select", "find", "go", "jump to", "replace", "replace all", "insert", "done")
_CANCEL = ("cancel", "close")
_DROP = ("cancel", "close", "done", "ok")
_KEEP = ("ok", "apply", "save", "done", "close")


class Planner:
    """For one task. `goals` are reached in their order; what it opened it closes again.

    `kept` are the windows that stay open, those that are there at the start if it is None; `stay` closes none;
    `touched` are those in which something was set, so that they are accepted and not cancelled.
    """

    def __init__(
        self,
        known: Map,
        goals: tuple[Goal, ...],
        *,
        kept: frozenset[str] | None = None,
        stay: bool = False,
        touched: frozenset[str] = frozenset(),
    ) -> None:
        self.known, self.goals, self.stay = known, goals, stay
        self.at = 0
        self.stage = 0
        self.kept = kept
        self.touched = set(touched)
        self.seen: frozenset[str] | None = None
        self.tried: Counter[str] = Counter()
        self.tries = Tries()
        self.last = ("", False)
        self.waits = 0
        self.naming = Naming("", "")
        self.writing = Writing("")
        self.showed: frozenset[str] = frozenset()
        self.done = ""
        self.asks: Ask | None = None

    def decide(self, task: Task, steps: tuple[Step, ...], now: Observation) -> Action:
        """The next act; before a question what was opened is closed again."""
        screen = Screen.of(now)
        self.last = last_act(steps, now)
        if self.asks is None:
            action = self._next(screen, now, steps[-1] if steps else None)
            if not isinstance(action, Ask) or self.kept is None:
                return action
            self.asks = action
        leaving = self._leave(screen)
        action = self._once_more(None, leaving) if leaving is not None else self.asks
        return self.asks if isinstance(action, Ask) else action

    def _next(self, screen: Screen, now: Observation, last: Step | None) -> Action:
        if self.kept is None:
            self.kept = frozenset(screen.windows)
        if not screen.windows:
            goal = self.goals[-1] if self.at == len(self.goals) - 1 else None
            if isinstance(goal, Perform) and self.stage and any(law.kind == "ends" for law in goal.ability.laws):
                return Finish(str(goal))
            return Ask(f"the app shows no window that can be read{': ' + now.note if now.note else ''}")
        stranger = self._stranger(screen)
        if stranger:
            away = dismissed(screen, stranger, new=self.seen is not None)
            self.stay = self.stay or isinstance(away, Ask)  # it is not ours to answer, nor is what lies below it
            return self._once_more(None, away)
        while self.at < len(self.goals):
            goal = self.goals[self.at]
            action = self._toward(goal, screen)
            if isinstance(action, Fill) and last and last.action == action and last.effect.kind == "refused":
                return Ask(last.effect.reason)
            if action is not None:
                return self._once_more(goal, action)
            self.at, self.stage, self.done = self.at + 1, 0, ""
        leaving = self._leave(screen)
        if leaving is not None:
            return self._once_more(None, leaving)
        return Finish("; ".join(str(goal) for goal in self.goals))

    def _once_more(self, goal: Goal | None, action: Action) -> Action:
        """The same act again and again leads nowhere."""
        if isinstance(action, Wait | Ask):
            return action
        if self.tries.spent(self.at, self.stage, action, self.last):
            what = goal or "closing what was opened"
            return Ask(f"{told(action)} was tried {PATIENCE} times for {what} without effect")
        return action

    def _stranger(self, screen: Screen) -> str:
        """A window that is in front and that no act of this task is known to open; "" if there is none."""
        goal = self.goals[min(self.at, len(self.goals) - 1)] if self.goals else None
        first, ours = self.seen is None, windows_towards(goal, self.known)
        new = [key for key in screen.windows if key not in (self.seen or ())]
        for key in new:
            free = isinstance(goal, Perform | GiveFile) and self.stage > 0
            if free and isinstance(goal, Perform) and not goal.values:
                self.kept = (self.kept or frozenset()) | {key}
            states = screen.windows[key].states
            blocks = "modal" in states or (not first and (key == screen.window or key.startswith("alert")))
            if blocks and not free and key not in ours and key != MAIN:
                return key
        self.seen = (self.seen or frozenset()) | set(new)
        return ""

    # ------------------------------------------------------------------------------------------ goals

    def _toward(self, goal: Goal, screen: Screen) -> Action | None:
        match goal:
            case Reveal(ability):
                return self._reveal(ability, screen)
            case Switch(ability, on):
                return self._switch(ability, on, screen)
            case Choose(ability, option):
                return self._put(ability, option, screen)
            case Enter(ability, text):
                return self._put(ability, text, screen)
            case Perform(ability, values):
                return self._perform(ability, values, screen)
            case GiveFile(ability, path, _):
                return self._give_file(ability, path, screen)
            case Write(text):
                return self._write(Writing(text), screen)
            case Calculate(expression):
                full = clearing(screen) if not self.stage and not self.tried[f"{self.at} cleared"] else None
                self.tried[f"{self.at} cleared"] += 1
                keyed = Writing(expression + "\n", by_key=True)
                return Click(full, why="empties the display") if full else self._write(keyed, screen)
            case Hit(keys):
                return self._once(Press(keys, why=f"asked to press {keys}"))
            case _:
                assert_never(goal)

    def _reveal(self, ability: Ability, screen: Screen) -> Action | None:
        control = ability.controls[0]
        if control.key not in screen.keys:
            return self._go(control, screen)
        self.kept = frozenset(screen.windows)
        return self._unfold(control, screen)

    def _unfold(self, control: Control, screen: Screen) -> Click | None:
        door, mark = folded(screen, control), f"{self.at} unfold {control.key}"
        self.tried[mark] += 1
        return Click(door, why=f"{control.name!r} is in it") if door and self.tried[mark] == 1 else None

    def _switch(self, ability: Ability, on: bool, screen: Screen) -> Action | None:
        states = [state for c in ability.controls if (state := screen.checked(c.key)) is not None]
        if states:
            if states[0] == on:
                return None
        elif any(c.key in screen.keys for c in ability.controls):
            return Ask(f"{ability.title!r} does not show whether it is on")
        control, law = self._way(ability, screen)
        if control.key not in screen.keys:
            return self._go(control, screen)
        self.touched.add(control.window)
        if waiting := self._given_time(control):
            return waiting
        if self.done == _LOOK and (door := self._unfold(control, screen)):
            return door
        why = f"{control.name!r} is {'off' if on else 'on'} and shall be {'on' if on else 'off'}"
        action = self._act(screen, control, law, why)
        self.done = f"{self.at} {control.key}" if ends_at(action, screen, control) else ""
        return action

    def _given_time(self, control: Control) -> Wait | None:
        """A wait after its act, then a longer one: where that only shows late, a second act would undo the first."""
        mark = f"{self.at} {control.key}"
        waits = {mark: (_LATE, mark + _AGAIN), mark + _AGAIN: (_LATER, _LOOK)}
        seconds, self.done = waits.get(self.done, (0.0, self.done))
        return Wait(seconds, why=f"{control.name!r} may show a little later what it is") if seconds else None

    def _just_done(self, mark: str) -> bool:
        """Whether this was the last thing done, asked once: its effect may come late, and doing it again undoes it."""
        last, self.done = self.done, ""
        return last == mark

    def _put(self, ability: Ability, text: str, screen: Screen) -> Action | None:
        control, _ = self._way(ability, screen)
        element = screen.keys.get(control.key)
        if element is None:
            return self._go(control, screen)
        if element.value is not None and same(element.value, text):
            return None
        if "disabled" in element.states:
            return self._freed(control, screen)
        self.touched.add(control.window)
        return Fill(element, text, why=f"{control.name!r} holds {element.value!r} and shall hold {text!r}")

    def _perform(self, ability: Ability, values: tuple[str, ...], screen: Screen) -> Action | None:
        control, law = self._way(ability, screen)
        if self.stage == 0:
            if control.key not in screen.keys:
                return self._go(control, screen)
            self.showed = frozenset(key for key, e in screen.keys.items() if "showing" in e.states)
            action = self._act(screen, control, law, f"{control.name!r} was asked for")
            if ends_at(action, screen, control):
                self.stage = 1
                if law.kind == "opens" and not values:
                    self.kept = (self.kept or frozenset()) | {law.opens}
            return action
        if not values or self.stage > len(values) + 1:
            return None
        return self._form(values, screen, label(control.name).casefold())

    def _form(self, values: tuple[str, ...], screen: Screen, called: str) -> Action | None:
        """Fill the fields of what opened, in their order, then accept it."""
        new = [w for w in screen.windows if w not in (self.kept or ())]
        where = new[-1] if new else MAIN
        fields = [
            e for k, e in screen.keys.items() if k.startswith(f"{where}|") and k not in self.showed and is_field(e)
        ]
        if len(fields) < len(values) and self.waits < 2:
            self.waits += 1
            return Wait(0.5)
        if len(fields) < len(values):
            return Ask(f"{len(values)} values were given, and {len(fields)} fields show")
        if self.stage <= len(values):
            field, text = fields[self.stage - 1], values[self.stage - 1]
            self.stage += 1
            return Fill(field, text, why=f"the {field.name or field.role} asked for")
        self.stage += 1
        buttons = buttons_of(screen, where)
        found = [buttons[n] for n in (called, *_ACCEPT) if n in buttons and "disabled" not in buttons[n].states]
        return Click(found[0], why="accepts it") if found and new else Press("Return", why="accepts it")

    def _give_file(self, ability: Ability, path: str, screen: Screen) -> Action | None:
        control, law = self._way(ability, screen)
        if self.stage == 0:
            if control.key not in screen.keys:
                return self._go(control, screen)
            action = self._act(screen, control, law, f"{control.name!r} asks for the file")
            self.stage = 1 if ends_at(action, screen, control) else 0
            self.naming = Naming(path, control.name)
            return action
        return self.naming.next(screen, [w for w in screen.windows if w not in (self.kept or ())])

    def _write(self, wanted: Writing, screen: Screen) -> Action | None:
        if not self.stage:
            self.writing, self.stage = wanted, 1
        action = self.writing.next(screen, self.last)
        self.stage = 1 + self.writing.at
        return action

    def _once(self, action: Action) -> Action | None:
        if self.stage:
            return None
        self.stage = 1
        return action

    # ------------------------------------------------------------------------------------------ ways

    def _way(self, ability: Ability, screen: Screen) -> tuple[Control, Law]:
        """The best control that is on the screen and enabled, else the one that is best to go to."""
        ways = list(zip(ability.controls, ability.laws, strict=True))
        here = [w for w in ways if (e := screen.keys.get(w[0].key)) and not hidden(e) and "disabled" not in e.states]
        return (here or sorted(ways, key=lambda w: w[0].key in screen.keys))[0]

    def _act(self, screen: Screen, control: Control, law: Law, why: str) -> Action:
        if "disabled" in screen.keys[control.key].states:
            return self._freed(control, screen)
        return act_on(screen, control, law, why=why)

    def _freed(self, control: Control, screen: Screen) -> Action:
        """Switch what is known to enable the control."""
        law, on = self.known.freeing(control.key) or (None, True)
        if law is None or screen.checked(law.control) is not (not on):
            return Ask(f"{control.name!r} is disabled now; something else must be switched on first")
        tick = self.known.controls[law.control]
        why = f"{control.name!r} is enabled only while {tick.name!r} is {'on' if on else 'off'}"
        return act_on(screen, tick, law, why=why)

    def _go(self, control: Control, screen: Screen) -> Action:
        """The next act on the way to a control that does not show yet."""
        if control.window in screen.windows:
            for key, door in doors(screen, control):
                if not self.tried[f"{self.at} door {key}"]:
                    self.tried[f"{self.at} door {key}"] += 1
                    return Click(door, why=f"{control.name!r} may be behind it")
            return Ask(f"{control.name!r} is not where it was; practise the app again")
        try:
            route = self.known.route(control.window)
        except KeyError:
            return Ask(f"no way to {control.name!r} is known")
        for key in reversed(route):
            if key in screen.keys:
                outside = not key.startswith(f"{screen.window}|") and "modal" in screen.windows[screen.window].states
                away = self._leave(screen) if outside else None  # nothing outside of it can be acted on
                way, law = self.known.controls[key], self.known.laws[key]
                return away or self._act(screen, way, law, f"leads to {control.name!r}")
        if MAIN not in screen.windows:
            return Ask(f"the way to {control.name!r} is not on this screen")
        return self._go(self.known.controls[route[0]], screen)

    def _leave(self, screen: Screen) -> Action | None:
        """Close the last window that was opened on the way: what was set there is accepted, else it is cancelled."""
        extra = [key for key in screen.windows if key not in (self.kept or ())]
        if not extra or self.stay:
            return None
        if self._just_done(f"leave {extra[-1]}"):
            return Wait(_LATE, why="it may close a little later")
        self.done = f"leave {extra[-1]}"
        buttons = buttons_of(screen, extra[-1])
        order = _CANCEL if self.asks else _KEEP if extra[-1] in self.touched else _DROP
        found = [buttons[name] for name in order if name in buttons and "disabled" not in buttons[name].states]
        if found and found[0] is buttons.get("apply"):  # it takes what was set and leaves the dialog open
            self.touched.discard(extra[-1])
        return Click(found[0], why="closes what was opened") if found else Press("Escape", why="closes what was opened")
