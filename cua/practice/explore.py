"""Finding out what an app can do: open everything once, try every control, keep what alternates with the act.

In sandboxes only.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
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


def next_control(known: Map, stuck: Mapping[str, int], taken: Collection[str]) -> str | None:
    """The key of the control to try next; None if all that is known was tried or is `taken`.

    `stuck` says how often one could not be reached: the others go first.
    """
    waiting = [c for c in known.controls.values() if c.key not in known.laws and c.key not in taken]
    return max(waiting, key=lambda control: _score(control) - 3 * stuck.get(control.key, 0)).key if waiting else None


def _score(control: Control) -> float:
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
    return score - 0.3 * len(control.path)


class Explorer:
    """Fills a map, a control at a time. What is tried, and in which order, is for others to say."""

    def __init__(self, sandbox: Sandbox, known: Map, say: Callable[[str], None]) -> None:
        self.sandbox, self.known, self.say = sandbox, known, say
        self.walk = Walk(sandbox, known)
        self.trier = Trier(self.walk)

    @property
    def hands(self) -> Hands:
        return self.walk.hands

    def begin(self) -> None:
        """See what moves by itself, and what there is to try."""
        self.known.windows.setdefault(MAIN, Window(MAIN, self.hands.screen.now.place.window))
        self._idle()
        self._register()
        self._unfold()

    def try_one(self, key: str, stuck: int) -> int:
        """Find the control's law; gives how often it was stuck by now. Trouble with it is no reason to leave the
        others.
        """
        try:
            return self._attempt(key, stuck)
        except TroubleError as error:
            self.known.laws[key] = Law(key, "unknown", why=f"trying it ended in trouble: {error}")
            self.walk.reset()
            return stuck

    def late(self, until: float, *, quits: bool) -> None:
        """Find what is written when dialogs close or, if it may be quit, the app ends, until the moment `until` (of
        time.monotonic).
        """
        self.walk.home()
        for law in find_delayed(self.sandbox, self.known, until=until, say=self.say, quits=quits):
            self.known.laws[law.control] = law
        self.hands.fresh()

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

    def _attempt(self, key: str, stuck: int) -> int:
        control = self.known.controls[key]
        self.walk.recall()
        if not self.walk.reach(control):
            if stuck >= 2:
                self.known.laws[key] = Law(key, "unknown", why="it could not be reached again")
            return stuck + 1
        if "disabled" in self.hands.screen.keys[key].states and not self._free(key):
            if stuck >= 1:
                self.known.laws[key] = Law(key, "unknown", why="it was disabled whenever it was looked at")
            return stuck + 1
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
        return stuck if law else stuck + 1

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


def _place(control: Control | None) -> tuple[str, str]:
    return (control.window, control.role) if control else ("", "")
