"""Finding out what an app can do: open everything once, try every control, keep what alternates with the act.

In sandboxes only. After Strider (LISA 2003) for telling effects from noise, and SAM (Juba, Le, Stern, KR 2021) for keeping
only what every trial agreed on; `../notes` of the project say more.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Literal

from cua.core import Action, Click, Element, Fill, Invoke, Press, Sandbox, Wait
from cua.memory.maps import Law, Map, Window
from cua.practice.delayed import find_delayed
from cua.practice.hands import Delta, Hands
from cua.practice.trials import Settings, Visits, alternating, aside, chosen, in_step, read_as, text_effect
from cua.policies.ways import clicks
from cua.screen import CHOICES, MAIN, STOCK, Control, stable

_SAMPLE = "alpha Beta  \ngamma delta"
_FLIPS = 4
_MANY = 3
_FEW = 3
_LAST = ("quit", "exit", "close", "log out", "sign out", "shut down")
_FIRST = ("preferences", "settings", "options", "configure")
_VOLATILE = 3


class Explorer:
    """Fills a map. `until` is a `time.monotonic` moment; `keep` is called whenever something was learned."""

    def __init__(
        self, sandbox: Sandbox, known: Map, *, until: float, keep: Callable[[], None], say: Callable[[str], None]
    ) -> None:
        self.sandbox, self.known, self.until, self.keep, self.say = sandbox, known, until, keep, say
        self.hands = Hands(sandbox, known)
        self.stuck: dict[str, int] = {}
        self.clicked: set[str] = {law.control for law in known.laws.values() if law.way == "click"}

    def run(self) -> None:
        """Until everything known was tried or the time is up. Going on later continues where it stopped."""
        self.known.windows.setdefault(MAIN, Window(MAIN, self.hands.screen.now.place.window))
        self._idle()
        self._register()
        while self._time():
            key = self._next()
            if key is None:
                break
            self._try(key)
            self.keep()
        self._home()
        found = find_delayed(self.sandbox, self.known, until=self.until, say=self.say)
        for law in found:
            self.known.laws[law.control] = law
        self.hands.fresh()
        self.keep()

    # ------------------------------------------------------------------------------------------ what next

    def _next(self) -> str | None:
        waiting = [c for c in self.known.controls.values() if c.key not in self.known.laws]
        return max(waiting, key=self._score).key if waiting else None

    def _stock(self, window: str) -> str:
        """A dialog that the toolkit brings: learned once for all apps, not explored in each."""
        top = self.hands.screen.windows[window]
        roles = {e.role for e in self.hands.screen.now.elements if e is top or self._inside(e, window)}
        return next(iter(sorted(roles & STOCK)), "")

    def _inside(self, element: Element, window: str) -> bool:
        top = self.hands.screen.windows.get(window)
        return top is not None and (self.hands.screen.now.ancestors(element) or (None,))[-1] is top

    def _score(self, control: Control) -> float:
        """What promises most for its cost; what is open already costs nothing to reach."""
        value = {"tab": 6.0, "combobox": 4.5, "spinbutton": 4.5, "slider": 3.5, "textbox": 2.0, "link": 0.5}
        score = value.get(control.role, 5.5 if control.checkable else 2.5)
        name = control.name.casefold()
        if any(word in name for word in _FIRST):
            score += 3
        if any(name.startswith(word) for word in _LAST):
            score -= 10
        if any(word in control.window for word in _FIRST):
            score += 5
        elif control.window != MAIN:
            score -= 2
        return score - 3 * self.stuck.get(control.key, 0) - 0.3 * len(control.path)

    def _register(self) -> None:
        groups: dict[tuple[str, tuple[str, ...], str], int] = {}
        twins = {key for key in self.hands.screen.windows if self._twin(key) or (key != MAIN and self._stock(key))}
        for control in self.hands.screen.controls():
            if control.window in twins:
                continue
            old = self.known.controls.get(control.key)
            self.known.controls[control.key] = replace(control, options=control.options or (old.options if old else ()))
            if control.role in CHOICES:
                group = (control.window, control.path, control.role)
                groups[group] = groups.get(group, 0) + 1
                if groups[group] > _MANY and self._plain(group):
                    self.known.laws.setdefault(control.key, Law(control.key, "choice", why="like its tried siblings"))

    def _twin(self, window: str) -> bool:
        """Whether it is a second main window: the same title but for its document."""
        main = self.hands.screen.windows.get(MAIN)
        return main is not None and window == f"window:{stable(main.name)}"

    def _plain(self, group: tuple[str, tuple[str, ...], str]) -> bool:
        """Whether enough of a group was tried, with the same result: nothing but its tick."""
        tried = [law for key, law in self.known.laws.items() if self._place(self.known.controls[key]) == group]
        return len(tried) >= _MANY and all(law.kind == "choice" and not law.settings for law in tried)

    # ------------------------------------------------------------------------------------------ trying one

    def _try(self, key: str) -> None:
        control = self.known.controls[key]
        if not self._reach(control):
            self.stuck[key] = self.stuck.get(key, 0) + 1
            if self.stuck[key] > 2:
                self.known.laws[key] = Law(key, "unknown", why="it could not be reached again")
            return
        element = self.hands.screen.keys[key]
        if "disabled" in element.states:
            self.stuck[key] = self.stuck.get(key, 0) + 1
            if self.stuck[key] > 1:
                self.known.laws[key] = Law(key, "unknown", why="it was disabled whenever it was looked at")
            return
        self.say(f"{control.role} {' > '.join((*control.path, control.name))}")
        law = self._law(control)
        if law:
            self.known.laws[key] = replace(law, way="click") if key in self.clicked else law
        self._register()

    def _law(self, control: Control) -> Law | None:
        if control.role == "combobox":
            return self._options(control)
        if control.role in ("spinbutton", "slider"):
            return self._numbers(control)
        if control.role == "textbox":
            return self._text(control)
        if control.role == "tab":
            self._act(control)
            return Law(control.key, "opens", opens=control.window, why="shows a page")
        if control.checkable and not control.asks:
            return self._flip(control)
        return self._press(control)

    def _act(self, control: Control, action: Action | None = None) -> Delta:
        element = self.hands.screen.keys.get(control.key)
        if element is None:
            return Delta(refused="it is no longer there")
        if action is None and (control.key in self.clicked or clicks(control, element)):
            delta = self.hands.click(control.key)
        else:
            delta = self.hands.do(action or Invoke(element))
        invoked = action is None and control.key not in self.clicked and not clicks(control, element)
        if invoked and (delta.blocked or delta.gone):  # a dialog may hold the app inside the act: again, by the pointer
            self.clicked.add(control.key)
            if self._reach(control):
                return self._act(control)
        if delta.gone:
            self._reset()
        return delta

    def _flip(self, control: Control) -> Law | None:
        """Four times, with a look at nothing done between: only what alternates with the act is its effect."""
        trials = []
        for number in range(_FLIPS):
            delta = self._act(control)
            if delta.gone or delta.opened or delta.refused:
                return self._surprise(control, delta)
            if control.role == "button" and self._springs_back(control):
                return self._press(control)
            trials.append((self.hands.screen.checked(control.key), delta))
            if number == 1:
                self._note_noise(self._still())
            if number == 1 and trials[0][0] and trials[1][0]:
                return self._choice(control)
        states = [state for state, _ in trials]
        if None in states or states[0] == states[1]:
            return Law(control.key, "unknown", why="acting on it does not tick it")
        settings = alternating(control.key, trials, self._noisy())
        signals = ("state", "setting") if settings else ("state",)
        also = in_step(control.key, trials) + aside([delta for _, delta in trials], settings)
        return Law(control.key, "toggle", settings, signals=signals, trials=_FLIPS, also=also)

    def _springs_back(self, control: Control) -> bool:
        """A button that comes up again by itself is pressed, not switched."""
        down = self.hands.screen.checked(control.key)
        for _ in range(8):
            self.hands.do(Wait(0.05), patient=False)
            if self.hands.screen.checked(control.key) != down:
                return True
        return False

    def _choice(self, control: Control) -> Law | None:
        """One of several that exclude each other: go to a brother and back, twice; the setting must follow."""
        family = [c for c in self.known.controls.values() if (c.window, c.path, c.role) == self._place(control)]
        others = [c for c in family if c.key != control.key and not c.asks and c.key in self.hands.screen.keys]
        if not others:
            return Law(control.key, "choice", signals=("state",), trials=1)
        visits = []
        for target in (others[0], control, others[-1], control):
            delta = self._act(target)
            if delta.gone or delta.opened or delta.refused:
                return self._surprise(control, delta)
            visits.append((target.key, self.hands.screen.checked(target.key), delta))
        if not all(state for _, state, _ in visits):
            return Law(control.key, "unknown", why="choosing it does not tick it")
        settings = chosen(control.key, visits, self._noisy())
        also = aside([delta for _, _, delta in visits], settings)
        signals = ("state", "setting") if settings else ("state",)
        return Law(control.key, "choice", settings, signals=signals, trials=2, also=also)

    def _options(self, control: Control) -> Law | None:
        options = list(control.options)
        element = self.hands.screen.keys[control.key]
        now = element.value or ""
        tried = [o for o in options if o and o != now][:_FEW]
        visits = []
        for option in [*tried, *tried[:1]]:
            element = self.hands.screen.keys.get(control.key) or element
            delta = self._act(control, Fill(element, option))
            if delta.gone or delta.opened or delta.refused:
                return self._surprise(control, delta)
            here = self.hands.screen.keys.get(control.key)
            visits.append((option, bool(here and here.value == option), delta))
        if now in options and (element := self.hands.screen.keys.get(control.key) or element):
            visits.append((now, True, self._act(control, Fill(element, now))))
        if not visits or not all(ok for _, ok, _ in visits):
            return Law(control.key, "unknown", why="its options could not be chosen")
        settings = read_as(visits, self._noisy())
        return self._followed(control, "choice", settings, visits)

    def _followed(
        self, control: Control, kind: Literal["choice", "number", "text"], settings: Settings, visits: Visits
    ) -> Law:
        signals = ("state", "setting") if settings else ("state",)
        also = aside([delta for _, _, delta in visits], settings)
        values = tuple(dict.fromkeys(text for text, ok, _ in visits if ok))
        return Law(control.key, kind, settings, values, signals, trials=len(visits), also=also)

    def _numbers(self, control: Control) -> Law | None:
        element = self.hands.screen.keys[control.key]
        try:
            start = float(element.value or "0")
        except ValueError:
            return Law(control.key, "unknown", why="its value is no number")
        visits = []
        for value in (start + 1, start + 2, start + 1, start):
            text = f"{value:g}"
            element = self.hands.screen.keys.get(control.key) or element
            delta = self._act(control, Fill(element, text))
            if delta.gone or delta.opened or delta.refused:
                return self._surprise(control, delta)
            here = self.hands.screen.keys.get(control.key)
            visits.append((text, bool(here and here.value == text), delta))
        if sum(ok for _, ok, _ in visits) < 2:
            return Law(control.key, "unknown", why="it does not keep what is put into it")
        settings = read_as([v for v in visits if v[1]], self._noisy())
        return self._followed(control, "number", settings, visits)

    def _text(self, control: Control) -> Law | None:
        element = self.hands.screen.keys[control.key]
        if "editable" not in element.states:
            return Law(control.key, "nothing", why="it cannot be edited")
        start = element.value or ""
        visits = []
        for text in ("alpha", "beta", start):
            element = self.hands.screen.keys.get(control.key) or element
            delta = self._act(control, Fill(element, text))
            if delta.gone or delta.opened or delta.refused:
                return self._surprise(control, delta)
            here = self.hands.screen.keys.get(control.key)
            visits.append((text, bool(here and here.value == text), delta))
        if not all(ok for _, ok, _ in visits):
            return Law(control.key, "unknown", why="it does not keep what is put into it")
        settings = read_as(visits, self._noisy())
        return self._followed(control, "text", settings, visits)

    def _press(self, control: Control) -> Law | None:
        document = self._document() if control.window == MAIN else None
        if document is not None:
            self.hands.do(Fill(document, _SAMPLE), patient=False)
            self.hands.do(Press("ctrl+a"), patient=False)
        delta = self._act(control)
        if delta.gone or delta.opened or delta.refused:
            return self._surprise(control, delta)
        if delta.settings and (law := self._hidden_toggle(control, delta)):
            return law
        if not delta:
            return Law(control.key, "nothing", why="nothing was seen to change")
        after = self._document()
        becomes = text_effect(_SAMPLE, after.value or "") if document is not None and after is not None else ""
        if document is not None or any(fact.startswith("shown|") for fact in delta.facts):
            self._reset()
        moved = aside([delta], {}) + tuple(sorted(delta.facts))[:8]
        return Law(control.key, "command", signals=("text",) if becomes else (), also=moved, becomes=becomes)

    def _hidden_toggle(self, control: Control, first: Delta) -> Law | None:
        """A command that shows no tick but flips a setting each time."""
        trials: list[tuple[bool | None, Delta]] = [(True, first)]
        for number in range(1, _FLIPS):
            delta = self._act(control)
            if delta.gone or delta.opened or delta.refused:
                return None
            trials.append((number % 2 == 0, delta))
        settings = alternating(control.key, trials, self._noisy())
        return Law(control.key, "toggle", settings, signals=("setting",), trials=_FLIPS) if settings else None

    def _surprise(self, control: Control, delta: Delta) -> Law | None:
        if delta.gone:
            return Law(control.key, "ends", why="the app ends")
        if delta.opened:
            for key in delta.opened:
                element = self.hands.screen.windows[key]
                modal = "modal" in element.states
                found = Window(key, element.name, control.window, control.key, modal=modal, stock=self._stock(key))
                self.known.windows.setdefault(key, found)
            moved = aside([delta], {})
            return Law(control.key, "opens", opens=delta.opened[0], signals=("window",), trials=1, also=moved)
        return Law(control.key, "unknown", why=delta.refused)

    # ------------------------------------------------------------------------------------------ getting about

    def _reach(self, control: Control) -> bool:
        """Make the control's window the one in front, opening it by the known way."""
        if control.window != MAIN and control.window in self.hands.screen.windows:
            return self._page(control)
        if not self._home():
            return False
        if control.window == MAIN:
            return control.key in self.hands.screen.keys
        try:
            route = self.known.route(control.window)
        except KeyError:
            return False
        for key in route:
            element = self.hands.screen.keys.get(key)
            if element is None or "disabled" in element.states:
                return False
            self._act(self.known.controls[key])
        return control.window in self.hands.screen.windows and self._page(control)

    def _page(self, control: Control) -> bool:
        """Turn to the page that shows the control, if it is on one."""
        element = self.hands.screen.keys.get(control.key)
        if element is not None and ("showing" in element.states or element.role in ("menuitem", "command")):
            return True
        for name in control.path:
            tab = next((e for k, e in self.hands.screen.keys.items()
                        if e.role == "tab" and e.name == name and k.startswith(f"{control.window}|")), None)  # fmt: skip
            if tab is not None and "selected" not in tab.states:
                self.hands.do(Click(tab), patient=False)
        self._register()
        return control.key in self.hands.screen.keys

    def _home(self) -> bool:
        if not self.hands.home():
            self._reset()
        return bool(self.hands.screen.windows)

    def _reset(self) -> None:
        self.sandbox.reset()
        self.hands.fresh()

    def _document(self) -> Element | None:
        fields = [e for k, e in self.hands.screen.keys.items() if k.startswith(f"{MAIN}|") and "multiline" in e.states]
        return next((e for e in fields if "editable" in e.states and "showing" in e.states), None)

    # ------------------------------------------------------------------------------------------ noise

    def _idle(self) -> None:
        """Doing nothing, and opening and closing nothing: what moves then is no effect of anything."""
        for _ in range(3):
            self._note_noise(self._still())

    def _still(self) -> Delta:
        return self.hands.do(Wait(0.1), patient=False)

    def _note_noise(self, delta: Delta) -> None:
        for key in delta.settings:
            self.known.volatile[key] = self.known.volatile.get(key, 0) + _VOLATILE

    def _noisy(self) -> frozenset[str]:
        return frozenset(key for key, count in self.known.volatile.items() if count >= _VOLATILE)

    def _place(self, control: Control) -> tuple[str, tuple[str, ...], str]:
        return (control.window, control.path, control.role)

    def _time(self) -> bool:
        return time.monotonic() < self.until
