"""Finding out what an app can do: open everything once, try every control, keep what alternates with the act.

In sandboxes only.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

from cua.core import Click, Fill, Press, Sandbox
from cua.errors import TroubleError
from cua.memory.maps import Law, Map, Window
from cua.practice.delayed import find_delayed
from cua.practice.hands import Hands
from cua.practice.laws import Trier
from cua.practice.walk import Walk
from cua.screen import CHOICES, ITEMS, MAIN, Control, stable

_MANY = 3
_WRITING = 8
_LAST = ("quit", "exit", "close", "log out", "sign out", "shut down", "minimize", "minimise", "iconify")
_FIRST = ("preferences", "settings", "options", "configure")


class Explorer:
    """Fills a map. `until` is a `time.monotonic` moment; `keep` is called whenever something was learned."""

    def __init__(
        self, sandbox: Sandbox, known: Map, *, until: float, keep: Callable[[], None], say: Callable[[str], None]
    ) -> None:
        self.sandbox, self.known, self.until, self.keep, self.say = sandbox, known, until, keep, say
        self.walk = Walk(sandbox, known)
        self.trier = Trier(self.walk)
        self.stuck: dict[str, int] = {}

    @property
    def hands(self) -> Hands:
        return self.walk.hands

    def run(self) -> None:
        """Until everything known was tried or the time is up. Going on later continues where it stopped."""
        began = time.monotonic()
        self.known.windows.setdefault(MAIN, Window(MAIN, self.hands.screen.now.place.window))
        self._idle()
        self._register()
        self._unfold()
        while self._time():
            key = self._next()
            if key is None:
                break
            self._try(key)
            self.keep()
        self.walk.home()
        longer = time.monotonic() + (self.until - began) / 2
        found = find_delayed(self.sandbox, self.known, until=longer, say=self.say)
        for law in found:
            self.known.laws[law.control] = law
        self.hands.fresh()
        self.keep()

    def _unfold(self) -> None:
        """Some menus are filled only when they open: each that is empty is opened once."""
        full = {e.parent for e in self.hands.screen.now.elements}
        every = enumerate(self.hands.screen.now.elements)
        empty = [e for at, e in every if e.role == "menu" and e.box and "showing" in e.states and at not in full]
        for menu in empty:
            self.hands.do(Click(menu), patient=False)
            self._register()
            self.hands.do(Press("Escape"), patient=False)
        if empty:
            self.walk.reset()

    def _next(self) -> str | None:
        waiting = [c for c in self.known.controls.values() if c.key not in self.known.laws]
        return max(waiting, key=self._score).key if waiting else None

    def _score(self, control: Control) -> float:
        """What promises most for its cost; what is open already costs nothing to reach."""
        value = {"tab": 6.0, "combobox": 4.5, "spinbutton": 4.5, "slider": 3.5, "textbox": 2.0, "link": 0.5}
        score = value.get(control.role, 5.5 if control.checkable else 2.5)
        name = control.name.casefold()
        if any(word in name for word in _FIRST):
            score += 3
        if name.startswith(_LAST):
            score -= 10
        if any(word in control.window for word in _FIRST):
            score += 5
        elif control.window != MAIN:
            score -= 2
        return score - 3 * self.stuck.get(control.key, 0) - 0.3 * len(control.path)

    def _register(self) -> None:
        groups: dict[tuple[str, tuple[str, ...], str], int] = {}
        twins = {
            key
            for key in self.hands.screen.windows
            if self._twin(key) or (key != MAIN and self.hands.screen.stock(key))
        }
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
            elif control.role in ITEMS and self._idle_items(control):
                self.known.laws.setdefault(control.key, Law(control.key, "nothing", why="like its tried siblings"))

    def _idle_items(self, control: Control) -> bool:
        """Whether enough cells or entries of one list were tried, and none did anything that one would ask for."""
        place = (control.window, control.role)
        tried = [law for key, law in self.known.laws.items() if _place(self.known.controls.get(key)) == place]
        return len(tried) >= _MANY and not any(law.signals or law.opens or law.kind == "ends" for law in tried)

    def _twin(self, window: str) -> bool:
        """Whether it is a second main window: the same title but for its document."""
        main = self.hands.screen.windows.get(MAIN)
        return main is not None and window == f"window:{stable(main.name)}"

    def _plain(self, group: tuple[str, tuple[str, ...], str]) -> bool:
        """Whether enough of a group was tried, with the same result: nothing but its tick."""
        tried = [law for key, law in self.known.laws.items() if self.trier.place(self.known.controls[key]) == group]
        return len(tried) >= _MANY and all(law.kind == "choice" and not law.settings for law in tried)

    def _try(self, key: str) -> None:
        """Find the control's law. Trouble with one control is no reason to leave the others."""
        try:
            self._attempt(key)
        except TroubleError as error:
            self.known.laws[key] = Law(key, "unknown", why=f"trying it ended in trouble: {error}")
            self.walk.reset()

    def _attempt(self, key: str) -> None:
        control = self.known.controls[key]
        if not self.walk.reach(control):
            self.stuck[key] = self.stuck.get(key, 0) + 1
            if self.stuck[key] > 2:
                self.known.laws[key] = Law(key, "unknown", why="it could not be reached again")
            return
        if "disabled" in self.hands.screen.keys[key].states and not self._free(key):
            self.stuck[key] = self.stuck.get(key, 0) + 1
            if self.stuck[key] > 1:
                self.known.laws[key] = Law(key, "unknown", why="it was disabled whenever it was looked at")
            return
        self.say(f"{control.role} {' > '.join((*control.path, control.name))}")
        law = self.trier.law(control)
        if law:
            self.known.laws[key] = replace(law, way="click") if key in self.walk.clicked else law
            for freed in (fact.partition("|")[2] for fact in law.frees):  # it may have been given up as disabled
                if freed in self.known.laws and self.known.laws[freed].kind == "unknown":
                    del self.known.laws[freed]
        self._register()
        if law and law.kind == "nothing" and control.name.casefold().startswith(_LAST):
            self.walk.reset()  # a window that was hidden shows nothing of what follows

    def _free(self, key: str) -> bool:
        """Switch what is known to enable the control. True if it is enabled then."""
        found = self.known.freeing(key)
        if found is None:
            return False
        law, on = found
        if self.hands.screen.checked(law.control) == (not on):
            self.walk.act(self.known.controls[law.control])
        element = self.hands.screen.keys.get(key)
        return element is not None and "disabled" not in element.states

    def _idle(self) -> None:
        """Doing nothing, and then only writing: the state that an app keeps of itself then is no effect of anything."""
        for _ in range(3):
            self.trier.note_noise(self.trier.still())
        document = self.walk.document()
        if document is not None:
            self.trier.note_noise(self.hands.do(Fill(document, "noise")))
            for _ in range(_WRITING):
                self.trier.note_noise(self.trier.still())
            self.walk.reset()

    def _time(self) -> bool:
        return time.monotonic() < self.until


def _place(control: Control | None) -> tuple[str, str]:
    return (control.window, control.role) if control else ("", "")
