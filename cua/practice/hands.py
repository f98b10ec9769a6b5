"""Acting while noticing: one act, and all that it changed on the screen and in the world. Used in sandboxes only."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from cua.core import Action, Change, Changes, Click, Driver, Invoke, Press, Sandbox, Wait, World
from cua.errors import DriverError, TargetGone
from cua.memory.maps import Map
from cua.screen import MAIN, Screen, label

_PATIENCE = 0.35
_LEAVING = ("close", "cancel", "no", "discard", "don't save", "close without saving", "ok")
_WRITTEN_OUT = 2000


@dataclass(frozen=True, slots=True)
class Delta:
    """What one act changed: facts of the screen, settings and files. `gone` says that the app has no window any more,
    `blocked` that it stopped answering until Escape was pressed."""

    facts: Mapping[str, Change] = field(default_factory=dict)
    settings: Mapping[str, Change] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)
    opened: tuple[str, ...] = ()
    closed: tuple[str, ...] = ()
    gone: bool = False
    blocked: bool = False
    refused: str = ""

    @property
    def surprising(self) -> bool:
        """Whether it led elsewhere, or was not done at all: then it tells nothing of what the control holds."""
        return bool(self.gone or self.opened or self.refused)

    def then(self, late: Delta) -> Delta:
        """Both, one after the other."""
        return Delta(
            {**self.facts, **late.facts}, {**self.settings, **late.settings}, {**self.files, **late.files},
            (*self.opened, *late.opened), (*self.closed, *late.closed), late.gone, self.blocked or late.blocked,
        )  # fmt: skip

    def __bool__(self) -> bool:
        return bool(self.facts or self.settings or self.files or self.opened or self.closed or self.gone)


def facts(screen: Screen) -> dict[str, str]:
    """The state of every control: "checked|KEY", "value|KEY", "enabled|KEY", and "shown|KEY" for what shows."""
    found: dict[str, str] = {}
    for key, element in screen.keys.items():
        if "checkable" in element.states:
            found[f"checked|{key}"] = "on" if "checked" in element.states else "off"
        if element.value is not None:
            found[f"value|{key}"] = element.value[:_WRITTEN_OUT]
        found[f"enabled|{key}"] = "no" if "disabled" in element.states else "yes"
        if "showing" in element.states:
            found[f"shown|{key}"] = "yes"
    return found


def differ(before: Mapping[str, str], after: Mapping[str, str]) -> dict[str, Change]:
    keys = [key for key in before.keys() | after.keys() if before.get(key) != after.get(key)]
    return {key: Change(before.get(key), after.get(key)) for key in sorted(keys)}


def between(before: Changes, after: Changes) -> tuple[dict[str, Change], dict[str, str]]:
    """Settings and files that differ between two readings of what differs from the start."""
    settings = {}
    for key in before.settings.keys() | after.settings.keys():
        old, new = before.settings.get(key), after.settings.get(key)
        start = old.before if old else new.before if new else None
        was, now = (old.after if old else start), (new.after if new else start)
        if was != now:
            settings[key] = Change(was, now)
    changed = before.files.keys() ^ after.files.keys()
    changed |= {path for path in before.files.keys() & after.files.keys() if before.files[path] != after.files[path]}
    return settings, {path: after.files.get(path, "restored") for path in sorted(changed)}


class Hands:
    """On one sandbox. `screen` is always the last look."""

    def __init__(self, sandbox: Sandbox, known: Map) -> None:
        self.sandbox, self.known = sandbox, known
        self.acts = 0
        self.fresh()

    @property
    def driver(self) -> Driver:
        return self.sandbox.driver

    @property
    def world(self) -> World:
        return self.sandbox.world

    def fresh(self) -> None:
        """Look at everything anew, as after a reset."""
        self.screen = self.look()
        self._facts = facts(self.screen)
        self.changes = self.world.changes()

    def look(self) -> Screen:
        return Screen.of(self.driver.observe(frame=False))

    def do(self, action: Action, *, patient: bool = True) -> Delta:
        """Do it and say what changed. One that changes nothing is waited for a little longer."""
        self.acts += 1
        try:
            self.driver.act(action)
        except TargetGone as error:
            self.screen = self.look()
            return Delta(refused=str(error))
        delta = self.notice()
        if not delta and patient:
            self.driver.act(Wait(_PATIENCE))
            delta = self.notice()
        elif patient and not delta.opened and any(key.startswith("popover:") for key in delta.closed):
            self.driver.act(Wait(_PATIENCE))  # the menu closes at once; what was chosen in it comes after that
            delta = delta.then(self.notice())
        return delta

    def notice(self) -> Delta:
        """What changed since the last look."""
        before, windows = self._facts, set(self.screen.windows)
        self.screen = self.look()
        blocked = self._free() if not self.screen.windows else False
        self._facts = facts(self.screen)
        changes = self.world.changes()
        settings, files = between(self.changes, changes)
        self.changes = changes
        now = set(self.screen.windows)
        return Delta(
            differ(before, self._facts), settings, files,
            tuple(sorted(now - windows)), tuple(sorted(windows - now)), gone=not now, blocked=blocked,
        )  # fmt: skip

    def click(self, key: str) -> Delta:
        """Click a control as a person would, opening the menus above it first."""
        delta = Delta()
        for _ in range(5):
            if key not in self.screen.keys:
                return Delta(refused="it is no longer there")
            target = self.screen.clickable(key)
            delta = self.do(Click(target))
            if target.ref == self.screen.keys.get(key, target).ref or delta.gone or delta.opened:
                break
        return delta

    def _free(self) -> bool:
        """The app shows nothing to accessibility: if a dialog holds it, Escape lets it go."""
        for _ in range(2):
            self.driver.act(Press("Escape"))
            self.screen = self.look()
            if self.screen.windows:
                return True
        return False

    def home(self) -> bool:
        """Close every window but the main one. False if something stays, or the app is gone."""
        for attempt in range(8):
            if not self.screen.windows:
                return False
            extra = [key for key in self.screen.windows if key != MAIN]
            if not extra:
                return True
            self.leave(extra[-1], attempt)
        return False

    def leave(self, window: str, attempt: int = 0) -> None:
        """Close a window the way that is known, else Escape, then a button that says so, then the window
        manager's way.
        """
        known = self.known.windows.get(window)
        ways: list[Action] = []
        buttons = sorted(
            (
                e
                for k, e in self.screen.keys.items()
                if k.startswith(f"{window}|") and label(e.name).casefold() in _LEAVING
            ),
            key=lambda e: _LEAVING.index(label(e.name).casefold()),
        )
        usable = [e for e in buttons if e.role == "button" and "disabled" not in e.states]
        if usable:
            ways.append(Invoke(usable[0]))
        ways += [Press("Escape"), *(Click(e) for e in usable if e.box), Press("alt+F4")]
        if known and known.leave == "Escape":
            ways.insert(0, Press("Escape"))
        with suppress(DriverError):  # the next way is tried
            self.driver.act(ways[attempt % len(ways)])
        self.notice()
