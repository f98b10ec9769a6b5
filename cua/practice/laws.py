"""What one control does: try it, and keep what followed every time. In sandboxes only.

After Strider (LISA 2003) for telling effects from noise, and SAM (Juba, Le, Stern, KR 2021) for keeping only what every
trial agreed on.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from cua.core import Fill, Press, Wait
from cua.memory.maps import Law, Map, Window
from cua.practice.hands import Delta, Hands, between
from cua.practice.trials import Settings, Visits, alternating, aside, chosen, frees, in_step, read_as, text_effect
from cua.practice.walk import Walk
from cua.screen import MAIN, Control

_SAMPLE = "alpha Beta  \ngamma delta"
_BEFORE = "what was there"  # taking back the last change brings this, and is no deleting
_FLIPS = 4
_FEW = 3
_MOST_BROTHERS = 8
_LATE = 0.4
_VOLATILE = 3


class Trier:
    """Finds the law of a control that is on the screen."""

    def __init__(self, walk: Walk) -> None:
        self.walk = walk

    @property
    def known(self) -> Map:
        return self.walk.known

    @property
    def hands(self) -> Hands:
        return self.walk.hands

    def law(self, control: Control) -> Law | None:
        if control.role == "combobox":
            return self._options(control)
        if control.role in ("spinbutton", "slider"):
            return self._numbers(control)
        if control.role == "textbox":
            return self._text(control)
        if control.role == "tab":
            self.walk.act(control)
            return Law(control.key, "opens", opens=control.window, why="shows a page")
        if control.checkable and not control.asks:
            return self._flip(control)
        return self._press(control)

    def _flip(self, control: Control) -> Law | None:
        """Four times, with a look at nothing done between: only what alternates with the act is its effect."""
        trials = []
        for number in range(_FLIPS):
            delta = self._switched(control, self.hands.screen.checked(control.key))
            if delta.surprising:
                return self._surprise(control, delta)
            if control.role == "button" and self._springs_back(control):
                return self._press(control)
            trials.append((self.hands.screen.checked(control.key), delta))
            if number == 1:
                self.note_noise(self.still())
            if number == 1 and trials[0][0] and trials[1][0]:
                return self._choice(control)
        states = [state for state, _ in trials]
        if None in states or states[0] == states[1]:
            return Law(control.key, "unknown", why="acting on it does not tick it")
        settings = alternating(control.key, trials, self._noisy())
        signals = ("state", "setting") if settings else ("state",)
        also = in_step(control.key, trials) + aside([delta for _, delta in trials], settings)
        freed = frees(trials)
        return Law(control.key, "toggle", settings, signals=signals, trials=_FLIPS, also=also, frees=freed)

    def _switched(self, control: Control, was: bool | None) -> Delta:
        """Act, and wait a little where it still shows what it was: read too early, on and off would be mixed up."""
        delta = self._acted(control)
        if was is None or delta.surprising or self.hands.screen.checked(control.key) != was:
            return delta
        return delta.then(self.hands.do(Wait(_LATE), patient=False))

    def _acted(self, control: Control) -> Delta:
        """Act where the control may be in what closes by the act: it is opened before and after, to see its tick."""
        was = self.hands.changes
        if control.window != MAIN and control.key not in self.hands.screen.keys and not self.walk.reach(control):
            return Delta(refused="it could not be reached again")
        delta = self.walk.act(control)
        there = delta.surprising or control.key in self.hands.screen.keys
        if control.window == MAIN or there or not self.walk.reach(control):
            return delta
        settings, files = between(was, self.hands.changes)
        return replace(delta, settings=settings, files=files)

    def _springs_back(self, control: Control) -> bool:
        """A button that comes up again by itself is pressed, not switched."""
        down = self.hands.screen.checked(control.key)
        for _ in range(8):
            self.hands.do(Wait(0.05), patient=False)
            if self.hands.screen.checked(control.key) != down:
                return True
        return False

    def _choice(self, control: Control) -> Law | None:
        """One of several that exclude each other: go to a brother and back, twice; the setting must follow.

        A brother is who takes the tick from it: two groups may stand in one menu.
        """
        family = [c for c in self.known.controls.values() if (c.window, c.path, c.role) == self.place(control)]
        others = [c for c in family if c.key != control.key and not c.asks and c.key in self.hands.screen.keys]
        if not others:
            return Law(control.key, "choice", signals=("state",), trials=1)
        visits: list[tuple[str, bool | None, Delta]] = []
        for target in (others * 2)[:_MOST_BROTHERS]:
            for chosen_one in (target, control):
                delta = self._switched(chosen_one, False)
                if delta.surprising:
                    return self._surprise(control, delta)
                if chosen_one is target and self.hands.screen.checked(control.key):
                    break
                visits.append((chosen_one.key, self.hands.screen.checked(chosen_one.key), delta))
            if len(visits) == _FLIPS:
                break
        if not visits or not all(state for _, state, _ in visits):
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
        visits = self._filled(control, [*tried, *tried[:1]])
        if isinstance(visits, Delta):
            return self._surprise(control, visits)
        if now in options:
            element = self.hands.screen.keys.get(control.key) or element
            visits.append((now, True, self.walk.act(control, Fill(element, now))))
        if not visits or not all(ok for _, ok, _ in visits):
            return Law(control.key, "unknown", why="its options could not be chosen")
        settings = read_as(visits, self._noisy())
        return self._followed(control, "choice", settings, visits)

    def _filled(self, control: Control, texts: list[str]) -> Visits | Delta:
        """Each put in, and whether it was held then; or what surprised, at the first that does."""
        element, visits = self.hands.screen.keys[control.key], Visits()
        for text in texts:
            element = self.hands.screen.keys.get(control.key) or element
            delta = self.walk.act(control, Fill(element, text))
            if delta.surprising:
                return delta
            here = self.hands.screen.keys.get(control.key)
            visits.append((text, bool(here and here.value == text), delta))
        return visits

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
        visits = self._filled(control, [f"{value:g}" for value in (start + 1, start + 2, start + 1, start)])
        if isinstance(visits, Delta):
            return self._surprise(control, visits)
        if sum(ok for _, ok, _ in visits) < 2:
            return Law(control.key, "unknown", why="it does not keep what is put into it")
        settings = read_as([v for v in visits if v[1]], self._noisy())
        return self._followed(control, "number", settings, visits)

    def _text(self, control: Control) -> Law | None:
        element = self.hands.screen.keys[control.key]
        if "editable" not in element.states:
            return Law(control.key, "nothing", why="it cannot be edited")
        visits = self._filled(control, ["alpha", "beta", element.value or ""])
        if isinstance(visits, Delta):
            return self._surprise(control, visits)
        if not all(ok for _, ok, _ in visits):
            return Law(control.key, "unknown", why="it does not keep what is put into it")
        settings = read_as(visits, self._noisy())
        return self._followed(control, "text", settings, visits)

    def _press(self, control: Control) -> Law | None:
        document = self.walk.document() if control.window == MAIN else None
        if document is not None:
            self.hands.do(Fill(document, _BEFORE), patient=False)
            self.hands.do(Fill(document, _SAMPLE), patient=False)
            self.hands.do(Press("ctrl+a"), patient=False)
        delta = self.walk.act(control)
        if document is not None and any(key.startswith("alert:") for key in delta.opened):
            self.walk.reset()  # it may ask only what shall become of the sample
            if not self.walk.reach(control):
                return None
            delta = self.walk.act(control)
        if delta.surprising:
            return self._surprise(control, delta)
        if delta.settings and (law := self._hidden_toggle(control, delta)):
            return law
        if not delta:
            return Law(control.key, "nothing", why="nothing was seen to change")
        after = self.walk.document()
        becomes = text_effect(_SAMPLE, after.value or "") if document is not None and after is not None else ""
        if document is not None or any(fact.startswith("shown|") for fact in delta.facts):
            self.walk.reset()
        moved = aside([delta], {}) + tuple(sorted(delta.facts))[:8]
        signals = ("text",) if becomes else ()
        return Law(control.key, "command", signals=signals, trials=1, also=moved, becomes=becomes)

    def _hidden_toggle(self, control: Control, first: Delta) -> Law | None:
        """A command that shows no tick but flips a setting each time."""
        trials: list[tuple[bool | None, Delta]] = [(True, first)]
        for number in range(1, _FLIPS):
            delta = self.walk.act(control)
            if delta.surprising:
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
                found = Window(
                    key, element.name, control.window, control.key, modal=modal, stock=self.hands.screen.stock(key)
                )
                self.known.windows.setdefault(key, found)
            moved = aside([delta], {})
            return Law(control.key, "opens", opens=delta.opened[0], signals=("window",), trials=1, also=moved)
        return Law(control.key, "unknown", why=delta.refused)

    def still(self) -> Delta:
        return self.hands.do(Wait(0.1), patient=False)

    def note_noise(self, delta: Delta) -> None:
        hidden = (f"file:{path}" for path in delta.files if path.startswith(".") or "/." in path)
        for key in (*delta.settings, *hidden):
            self.known.volatile[key] = self.known.volatile.get(key, 0) + _VOLATILE

    def _noisy(self) -> frozenset[str]:
        return frozenset(key for key, count in self.known.volatile.items() if count >= _VOLATILE)

    def place(self, control: Control) -> tuple[str, tuple[str, ...], str]:
        return (control.window, control.path, control.role)
