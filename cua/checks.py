"""The closed set of things that a task may require of the world, and the judge that tests them.

The judge reads the world, never the run. What cannot be found out is unknown, and unknown is never a pass.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase

from cua.bookkeeping import moves_window
from cua.core import Change, Changes, Evidence, Task, Verdict, World
from cua.document_checks import DOCUMENT_CHECKS, OfDocuments
from cua.errors import TroubleError
from cua.evaluators.evaluated import Evaluated
from cua.file_checks import FILE_CHECKS, OfFiles
from cua.probes import ElementHolds, HttpSays, RowsAre, RowsChanged, TextGone
from cua.screen import ACTABLE, MAIN, Screen, stable
from cua.tables import OnDisk

# What toolkits write by themselves whatever is done: lists of recent files, window geometry of file dialogs.
BACKGROUND = (
    "file:.local/share/recently-used.xbel*",
    "setting:.local/share/recently-used.xbel*",
    "setting:gsettings:/org/gtk/settings/*",
    "file:.config/dconf/*",
    "file:.config/glib-2.0/settings/keyfile*",
    "setting:.config/QtProject.conf#FileDialog/*",
    "file:.config/QtProject.conf*",
)

# Stores of keys that libraries make in a home as soon as a program asks what is in them, by folder.
_KEY_STORES = {".gnupg": ("file:.gnupg/pubring.kbx*", "file:.gnupg/trustdb.gpg*"), ".pki": ("file:.pki/nssdb/*",)}

# What is called by its text rather than showing it: a button with a digit is no result.
_CALLED = (ACTABLE | {"menu", "menubar", "tablist", "window", "dialog"}) - {"textbox", "cell"}


@dataclass(frozen=True, slots=True)
class SettingIs:
    """A settings key holds one of these values; None stands for "no file says"."""

    key: str
    values: tuple[str | None, ...]

    def test(self, world: World) -> Evidence:
        found = world.setting(self.key)
        return Evidence(found in self.values, f"{self.key} is {'unset' if found is None else found}")

    def names(self, change: str) -> bool:
        return change == f"setting:{self.key}"


@dataclass(frozen=True, slots=True)
class ControlIs:
    """A control, by its key, is "checked" ("on" or "off"), has a "value", is "shown" or "selected" ("yes" or "no")."""

    control: str
    fact: str
    value: str

    def test(self, world: World) -> Evidence:
        screen = Screen.of(world.observe())
        element = screen.keys.get(self.control)
        name = self.control.rpartition("|")[2]
        if self.fact == "shown":
            showing = element is not None and "showing" in element.states
            return Evidence(showing == (self.value == "yes"), f"{name} is {'' if showing else 'not '}shown")
        if element is None:
            return Evidence(None, f"{name} cannot be seen now")
        if self.fact == "selected":
            chosen = "selected" in element.states
            return Evidence(chosen == (self.value == "yes"), f"{name} is {'' if chosen else 'not '}selected")
        if self.fact == "checked":
            ticked = screen.checked(self.control)
            said = "unreadable" if ticked is None else "on" if ticked else "off"
            return Evidence(None if ticked is None else said == self.value, f"{name} is {said}")
        return Evidence(element.value == self.value, f"{name} holds {element.value!r}")

    def names(self, change: str) -> bool:
        return False


@dataclass(frozen=True, slots=True)
class DocumentIs:
    """The main text of the app's window is exactly this, or with `part` contains it. A last line end is not looked at:
    some editors add one when they save.
    """

    text: str
    part: bool = False

    def test(self, world: World) -> Evidence:
        found = document(Screen.of(world.observe()))
        if found is None:
            return Evidence(None, "no document is shown")
        same = self.text in found if self.part else found.removesuffix("\n") == self.text.removesuffix("\n")
        return Evidence(same, f"the document holds {found[:80]!r}")

    def names(self, change: str) -> bool:
        return False


@dataclass(frozen=True, slots=True)
class ShowsNumber:
    """Some text of the app's window that shows is this number, however it is written. Where no number shows at all,
    it may be drawn as a picture: that is unknown.
    """

    number: str

    def test(self, world: World) -> Evidence:
        now = world.observe()
        said = [e for e in now.elements if "showing" in e.states and e.role not in _CALLED]
        texts = [text for e in said for text in (e.value, e.name) if text]
        shown = [number for text in texts if (number := _number(text)) is not None]
        wanted = float(self.number)
        close = any(abs(number - wanted) <= 1e-9 * max(1.0, abs(wanted)) for number in shown)
        saying = f"the window shows {', '.join(f'{number:g}' for number in shown[:4]) or 'no number that can be read'}"
        return Evidence(close if shown else None, saying)

    def names(self, change: str) -> bool:
        return False


def _number(text: str) -> float | None:
    """The number that the text's last line is, without thousands separators and an equals sign before it."""
    lines = text.strip().replace("\u2212", "-").splitlines()
    last = lines[-1].rpartition("=")[2].strip().replace(" ", "").replace("\u202f", "") if lines else ""
    try:
        grouped = "." in last or last.count(",") > 1 or re.fullmatch(r"-?[1-9]\d{0,2},\d{3}", last)
        return float(last.replace(",", "" if grouped else "."))
    except ValueError:
        return None


@dataclass(frozen=True, slots=True)
class FileHolds:
    """A file has exactly this text, or with `part` contains it: whatever it is, if that is "". A last line end is not
    looked at.
    """

    path: str
    text: str
    part: bool = False

    def test(self, world: World) -> Evidence:
        try:
            held = world.read(self.path)
        except FileNotFoundError:
            return Evidence(False, f"there is no {self.path}")
        if self.part and not self.text:
            return Evidence(True, f"{self.path} is there")
        if b"\0" in held:
            return Evidence(None, f"{self.path} is there and is no plain text")
        found = held.decode("utf-8", "replace")
        same = self.text in found if self.part else found.rstrip("\n") == self.text.rstrip("\n")
        return Evidence(same, f"{self.path} holds {found[:80]!r}")

    def names(self, change: str) -> bool:
        return change.startswith("file:") and change.removeprefix("file:") == self.path.removeprefix("~/")


@dataclass(frozen=True, slots=True)
class FolderIs:
    """There is a folder at this path."""

    path: str

    def test(self, world: World) -> Evidence:
        if isinstance(world, OnDisk):
            there = world.path(self.path).is_dir()
        else:
            code = world.exec(("test", "-d", self.path.removeprefix("~/"))).code
            if code not in (0, 1):
                return Evidence(None, f"whether there is a folder {self.path} cannot be found out")
            there = code == 0
        return Evidence(there, f"there is {'a' if there else 'no'} folder {self.path}")

    def names(self, change: str) -> bool:
        return change == f"file:{self.path.removeprefix('~/').rstrip('/')}/"


@dataclass(frozen=True, slots=True)
class WindowIs:
    """A window, by its key, is open or not."""

    window: str
    open: bool

    def test(self, world: World) -> Evidence:
        there = self.window in Screen.of(world.observe()).windows
        name = "the main window" if self.window == MAIN else self.window
        return Evidence(there == self.open, f"{name} is {'' if there else 'not '}open")

    def names(self, change: str) -> bool:
        return change.startswith("window:")


@dataclass(frozen=True, slots=True)
class WindowTitled:
    """A window beside the main one has all these words in its title; what is titled otherwise tells nothing."""

    words: str

    def test(self, world: World) -> Evidence:
        windows = Screen.of(world.observe()).windows
        titles = [element.name for key, element in windows.items() if key != MAIN]
        wanted = self.words.casefold().split()
        found = next((t for t in titles if all(word in t.casefold().split() for word in wanted)), None)
        said = f"the window {found!r} is open" if found else f"no window is titled {self.words!r}"
        return Evidence(True if found else None, said)

    def names(self, change: str) -> bool:
        wanted = self.words.casefold().split()
        return change.startswith("window:") and all(w in change.removeprefix("window:").casefold() for w in wanted)


Probe = RowsAre | RowsChanged | HttpSays | ElementHolds | TextGone
OnScreen = SettingIs | ControlIs | DocumentIs | ShowsNumber | FileHolds | FolderIs | WindowIs | WindowTitled
Requirement = OnScreen | Probe | OfDocuments | OfFiles | Evaluated
REQUIREMENTS = (
    SettingIs, ControlIs, DocumentIs, ShowsNumber, FileHolds, FolderIs, WindowIs, WindowTitled,
    RowsAre, RowsChanged, HttpSays, ElementHolds, TextGone, *DOCUMENT_CHECKS, *FILE_CHECKS,
    Evaluated,
)  # fmt: skip


def key_stores(told: str) -> tuple[str, ...]:
    """Patterns of what libraries write into stores of keys by themselves; but of a store that the task's words, which
    are told, speak of, every change counts.
    """
    return tuple(pattern for folder, own in _KEY_STORES.items() if folder not in told for pattern in own)


def document(screen: Screen) -> str | None:
    """The text of the largest text area of the main window that shows."""
    areas = [
        e
        for k, e in screen.keys.items()
        if k.startswith(f"{MAIN}|") and e.role == "textbox" and "multiline" in e.states
    ]
    shown = [e for e in areas if e.box and "showing" in e.states]
    return max(shown, key=lambda e: e.box.width * e.box.height).value if shown else None  # type: ignore[union-attr]


def holds(task: Task, world: World) -> tuple[Evidence, ...]:
    """Each check of the task, tested now."""
    return tuple(check.test(world) for check in task.checks)


def judge(task: Task, world: World, before: Changes, *, placements: bool = True) -> Verdict:
    """Pass if every check holds and nothing else changed since `before`; unknown if that cannot be found out. Without
    `placements`, where a window stands now is no change.
    """
    try:
        evidence = holds(task, world)
        after = world.changes()
        moved = moved_between(before, after)
    except TroubleError as error:
        return Verdict("unknown", (Evidence(None, str(error)),))
    told = {key for key in moved if placements or not moves_window(key, before, after)}
    aside = tuple(sorted(key for key in told if not _allowed(key, before, after, task)))
    if any(found.holds is False for found in evidence):
        return Verdict("fail", evidence, aside)
    if not evidence or any(found.holds is None for found in evidence):
        return Verdict("unknown", evidence, aside)
    return Verdict("fail" if aside else "pass", evidence, aside)


def moved_between(before: Changes, after: Changes) -> frozenset[str]:
    """The keys of what differs between two readings of what differs from the start. Titles count without documents."""
    keys = {f"setting:{k}" for k in _differing(_after(before.settings, after), _after(after.settings, before))}
    keys |= {f"file:{path}" for path in before.files.keys() ^ after.files.keys()}
    both = before.files.keys() & after.files.keys()
    keys |= {f"file:{p}" for p in both if before.files[p] != after.files[p]}
    keys |= {f"file:{p}" for p in both if before.contents.get(p) != after.contents.get(p)}
    was, now = _more(before.windows), _more(after.windows)
    keys |= {f"window:{title}" for title in was.keys() | now.keys() if was[title] != now[title]}
    return frozenset(keys)


def changed_key(key: str) -> str:
    """The key of a change, for a person: a window may have no title."""
    return "a window without a title" if key == "window:" else key


def _more(windows: Mapping[str, str]) -> Counter[str]:
    """How many windows of each title there are more than at the start. One that only has another document now has
    closed under one title and opened under the other: that is none more, but a dialog of the same app still is one.
    """
    opened, closed = (Counter(stable(t) for t, kind in windows.items() if kind == way) for way in ("opened", "closed"))
    return opened - closed


def _after(settings: Mapping[str, Change], other: Changes) -> dict[str, str | None]:
    values = {key: change.after for key, change in settings.items()}
    return {key: change.before for key, change in other.settings.items() if key not in values} | values


def _differing(one: Mapping[str, str | None], two: Mapping[str, str | None]) -> set[str]:
    return {key for key in one.keys() | two.keys() if one.get(key) != two.get(key)}


def _allowed(key: str, before: Changes, after: Changes, task: Task) -> bool:
    """Whether the task may change this: by its key, or as "value:PATTERN" by what a setting holds now, or, for one that
    was not set, as "setting:KEY=VALUE" by just the value that was filled in.
    """
    if any(check.names(key) for check in task.checks if isinstance(check, REQUIREMENTS)):
        return True
    name = key.removeprefix("setting:")
    change, was = after.settings.get(name), before.settings.get(name)
    unset = change is not None and change.before is None and (was is None or was.after is None)
    if unset and change and f"{key}={change.after}" in task.allowed:
        return True
    said = (key, f"value:{change.after}" if change else "")
    return any(fnmatchcase(text, pattern) for pattern in (*task.allowed, *BACKGROUND) for text in said if text)
