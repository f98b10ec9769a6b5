"""Commands in words, before and after practice, each judged by an oracle of its own.

30 for a text editor and 20 for a calculator. After at most five minutes of practice each, at least 27 and 18 must
come out
right, in under a second at the median, with no command that says pass while the oracle says otherwise and none with a
side effect that it did not declare.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from cua import app
from cua.doing import do_there
from cua.errors import CuaError
from cua.memory.library import load_map, load_skills
from cua.memory.store import Store
from cua.practice.session import Practice
from cua.practice_app import By, crew
from sandbox_vms.apps import find
from sandbox_vms.namespace import Namespace
from tests.bench.rows import Row

Oracle = Callable[[Namespace], bool]
# what GTK itself remembers of files and of its dialogs, whatever program opens them
TOOLKIT = ("/org/gtk/settings/file-chooser/", "recently-used.xbel")
PREFS = "gsettings:/org/xfce/mousepad/preferences/"
CONF = ".config/galculator/galculator.conf#general/"


@dataclass(frozen=True, slots=True)
class Case:
    """`may` are substrings of keys that the command may change; what else changes is an undeclared side effect."""

    say: str
    oracle: Oracle
    may: tuple[str, ...] = ()
    files: tuple[tuple[str, str], ...] = ()


def setting(key: str, value: str) -> Oracle:
    return lambda sandbox: sandbox.world.setting(PREFS + key) == value


def prefs(say: str, key: str, value: str = "true") -> Case:
    return Case(say, setting(key, value), (key,))


def ticked(name: str, on: bool = True) -> Oracle:
    def look(sandbox: Namespace) -> bool:
        found = [e for e in sandbox.world.observe().elements if e.name == name and e.role.startswith("menuitem")]
        return bool(found) and all(("checked" in e.states) == on for e in found)

    return look


def text_is(text: str) -> Oracle:
    def look(sandbox: Namespace) -> bool:
        return any(e.value == text for e in sandbox.world.observe().elements if "multiline" in e.states)

    return look


def file_is(path: str, text: str) -> Oracle:
    def look(sandbox: Namespace) -> bool:
        try:
            return sandbox.world.read(path).decode().rstrip("\n") == text
        except FileNotFoundError:
            return False

    return look


def window(title: str) -> Oracle:
    return lambda sandbox: any(title in w.title for w in sandbox.driver.x11.windows())


def at_quit(key: str, value: str) -> Oracle:
    def look(sandbox: Namespace) -> bool:
        sandbox.restart()
        return sandbox.world.setting(CONF + key) == value

    return look


def both(*oracles: Oracle) -> Oracle:
    return lambda sandbox: all(oracle(sandbox) for oracle in oracles)


EDITOR = (
    prefs("turn on word wrap", "view/word-wrap"),
    prefs("show line numbers", "view/show-line-numbers"),
    prefs("hide the menu bar", "window/menubar-visible", "false"),
    prefs("please show the toolbar", "window/toolbar-visible"),
    prefs("turn the status bar on", "window/statusbar-visible"),
    prefs("enable auto indent", "view/auto-indent"),
    prefs("set the tab width to 3", "view/tab-width", "3"),
    prefs("use the Oblivion colour scheme", "view/color-scheme", "'oblivion'"),
    prefs("highlight the current line", "view/highlight-current-line"),
    prefs("turn on highlighting of matching brackets", "view/match-braces"),
    prefs("insert spaces instead of tabs", "view/insert-spaces"),
    prefs("show whitespace", "view/show-whitespace"),
    prefs("always show the tabs", "window/always-show-tabs"),
    prefs("don't remember the window size", "window/remember-size", "false"),
    prefs("switch off the full filename in the title bar", "window/path-in-title", "false"),
    prefs("turn on automatic reloading", "file/auto-reload"),
    prefs("display line endings", "view/show-line-endings"),
    prefs("show the long line margin", "view/show-right-margin"),
    prefs("set the recent file menu length to 5", "window/recent-menu-items", "5"),
    prefs("set the toolbar style to text only", "window/toolbar-style", "'text'"),
    prefs("enable cycled tab switching", "window/cycle-tabs"),
    prefs("do not expand the tabs to fill the space", "window/expand-tabs", "false"),
    prefs("ensure a new line at the end of the file", "file/add-last-end-of-line"),
    Case("type hello world", text_is("hello world"), ("session",)),
    Case(
        "type 'alpha beta' and save as notes.txt",
        file_is("~/notes.txt", "alpha beta"),
        ("notes.txt", "session", "window:", *TOOLKIT),
    ),
    Case("open todo.txt", text_is("buy milk"), ("session", "window:", *TOOLKIT), (("todo.txt", "buy milk"),)),
    Case("open the preferences", window("Preferences"), ("window:",)),
    Case("set the filetype to Python", ticked("Python"), ("session",)),
    Case("use DOS line endings", ticked("DOS / Windows (CR LF)"), ("session",)),
    Case("type abc, then select all and convert to uppercase", text_is("ABC"), ("session",)),
)

CALCULATOR = (
    Case("switch to scientific mode", ticked("Scientific Mode")),
    Case("use paper mode", ticked("Paper Mode")),
    Case("hide the menu bar", ticked("Show menu bar", False)),
    Case("use reverse polish notation", ticked("Reverse Polish (RPN)")),
    Case("choose formula entry", ticked("Formula Entry")),
    Case("hide the display control buttons", ticked("Display Control", False)),
    Case(
        "switch to scientific mode and set angle units to radians", both(ticked("Scientific Mode"), ticked("Radians"))
    ),
    Case(
        "turn on scientific mode, then set number bases to hexadecimal",
        both(ticked("Scientific Mode"), ticked("Hexadecimal")),
    ),
    Case("calculate 12*7", text_is("84")),
    Case("what is 3 + 4", text_is("7")),
    Case("work out 144/12", text_is("12")),
    Case("press 7", text_is("7")),
    Case("type 125", text_is("125")),
    Case("open preferences", window("Preferences"), ("window:",)),
    Case("turn on show thousands separator", at_quit("dec_sep", "true"), ("dec_sep",)),
    Case("remember the display value on exit", at_quit("remembers_display", "true"), ("remember",)),
    Case("don't display the notation", at_quit("display_module_notation", "false")),
    Case("turn off open brackets", at_quit("display_module_open", "false")),
    Case("use an infinite stack size", at_quit("stack_size", "-1")),
    Case("use a custom button font", at_quit("custom_button_font", "true")),
)

LISTS = {"mousepad": (EDITOR, 27), "galculator": (CALCULATOR, 18)}


def rows(args: list[str]) -> Iterable[Row]:
    """Options: --minutes M (5) of practice each, --app NAME for one of them, --no-practice."""
    parser = argparse.ArgumentParser(prog="commands")
    parser.add_argument("--minutes", type=float, default=5.0)
    parser.add_argument("--app", choices=sorted(LISTS), action="append")
    parser.add_argument("--record", type=Path, default=None)
    parser.add_argument("--no-practice", action="store_true")
    given = parser.parse_args(args)
    with tempfile.TemporaryDirectory() as folder, Store(given.record or Path(folder) / "bench.db") as store:
        for name in given.app or sorted(LISTS):
            yield from _measured(name, store, 0.0 if given.no_practice else given.minutes)


def _measured(name: str, store: Store, minutes: float) -> Iterable[Row]:
    cases, bar = LISTS[name]
    if minutes:
        _practise(name, store, minutes)
    right, false_pass, undeclared, times = 0, [], [], []
    for case in cases:
        done, world_says, seconds, aside = _one(name, case, store)
        right += world_says and done == "pass"
        times.append(seconds)
        if done == "pass" and not world_says:
            false_pass.append(case.say)
        if aside:
            undeclared.append(f"{case.say}: {', '.join(aside)}")
        print(
            f"  {name}: {done:8} world {'yes' if world_says else 'no ':3} {seconds:5.2f} s  {case.say}", file=sys.stderr
        )
    for line in (*(f"says pass, world says no: {say}" for say in false_pass), *undeclared):
        print(f"  {name}: {line}", file=sys.stderr)
    yield Row(name, f"right of {len(cases)}", right, "commands", f">= {bar}", right >= bar)
    median = statistics.median(times)
    yield Row(name, "median time", median, "s", "< 1", median < 1)
    yield Row(name, "pass while the world says otherwise", len(false_pass), "commands", "0", not false_pass)
    yield Row(name, "undeclared side effects", len(undeclared), "commands", "0", not undeclared)


def _practise(name: str, store: Store, minutes: float) -> None:
    known, described = load_map(store, name), app.summaries()
    until = time.monotonic() + 60 * minutes
    with crew(app.wanted("namespace", name), By(), store, known, described, lambda line: None) as hands:
        session = Practice(name, hands, store, known, load_skills(store, name), described, lambda line: None)
        session.go(until=until, most=1_000_000)


def _one(name: str, case: Case, store: Store) -> tuple[str, bool, float, list[str]]:
    """From a clean home: the command, then the oracle; and what else changed."""
    found = find(name)
    for path, text in case.files:
        found.files[path] = text
    sandbox = Namespace(found)
    try:
        if case.oracle(sandbox):
            raise AssertionError(f"{case.say!r} holds already at the start: it asks for nothing")
        sandbox.reset()
        seat = app.seated(sandbox, store)
        began = time.monotonic()
        outcome: str
        try:
            done = do_there(case.say, seat)
            outcome, changed = done.outcome, done.changed
        except CuaError as error:
            outcome, changed = f"error {error}", ()
        seconds = time.monotonic() - began
        aside = [key for key in changed if not any(part in key for part in case.may)]
        return outcome, case.oracle(sandbox), seconds, aside if outcome == "pass" else []
    finally:
        sandbox.close()
