"""The report of practice is one whole page: everything on record is in it, and nothing from a screen becomes markup."""

from __future__ import annotations

import io
import math
import re
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import get_args

import pytest
from PIL import Image, ImageDraw

from cua import core
from cua.core import Box, Click, Effect, Element, Fill, Frame, Invoke, Observation, Place, Point, Run, Step, Task
from cua.errors import RecordError
from cua.memory.maps import Law, Map, Window
from cua.memory.skills import Proof, Round, Skill
from cua.practice.report import Story, page, part, write
from cua.screen import MAIN, Control

HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)>\"' style=x &amp; ]]> \u202etxet $app ${style} \x00\ud800"
VOID = {"meta", "img", "br", "link", "input", "hr"}
SCREEN = (1280, 800)
WORDS = (
    "Word Wrap", "Line Numbers", "Status Bar", "Menubar", "Toolbar", "Fullscreen", "Long Line Marker", "Auto Indent",
    "Highlight Current Line", "Match Braces", "Insert Spaces", "Tab Width", "Font", "Colour Scheme", "Show Whitespace",
    "Show Line Endings", "Remember Size", "Remember Position", "Path in Title", "Uppercase", "Lowercase", "Title Case",
    "Delete Selection", "Select All", "Find", "Go to Line", "Default Encoding", "Recent Items", "Wrap Around", "Tab Position",
)  # fmt: skip


# ------------------------------------------------------------------------------------------------ a story made by hand


def controls() -> dict[str, Control]:
    found = {}
    for number, name in enumerate(WORDS):
        menu = ("View", "Document", "Edit")[number % 3]
        key = f"{MAIN}|{menu}|menuitem|{name}"
        found[key] = Control(key, "menuitem", name, MAIN, (menu,), checkable=True)
    for number in range(24):
        tab = ("General", "Editor", "Window")[number % 3]
        key = f"dialog:preferences|{tab}|checkbox|Setting {number}"
        found[key] = Control(key, "checkbox", f"Setting {number}", "dialog:preferences", (tab,), checkable=True)
    prefs = f"{MAIN}|Edit|menuitem|Preferences"
    return found | {prefs: Control(prefs, "menuitem", "Preferences", MAIN, ("Edit",), asks=True)}


def laws(known: dict[str, Control]) -> dict[str, Law]:
    found = {}
    for number, (key, control) in enumerate(known.items()):
        slug = control.name.lower().replace(" ", "-")
        setting = {f"gsettings:/org/example/editor/preferences/{slug}": {"on": "true", "off": "false"}}
        law = Law(key, "toggle", setting, signals=("state", "setting"), trials=4, delayed=number % 9 == 0)
        if number % 11 == 7:
            law = Law(key, "unknown", why="acting on it does not tick it")
        if number % 17 == 5:
            law = Law(key, "command", signals=("text",), becomes="upper")
        found[key] = law
    last = list(known)[-1]
    return found | {last: Law(last, "opens", opens="dialog:preferences", signals=("window",))}


def known_map() -> Map:
    found = controls()
    windows = {
        MAIN: Window(MAIN, "Untitled 1 - Editor"),
        "dialog:preferences": Window("dialog:preferences", "Preferences", MAIN, list(found)[-1]),
    }
    return Map("editor", windows, found, laws(found))


def skill(number: int) -> Skill:
    name = WORDS[number]
    shaky = number % 7 == 3
    proofs = tuple(
        Proof(seed, f"turn on {name}", "fail" if shaky and seed == 1 else "unknown" if shaky and seed else "pass",
              f"run-{number}-{seed}", 0.31 + 0.17 * number % 2, 2 + seed, "", 2, 1 if number == 5 else 2)
        for seed in range(3 + number % 3)
    )  # fmt: skip
    contract = (f"setting:gsettings:/org/example/editor/preferences/{name.lower().replace(' ', '-')}",)
    status = "candidate" if shaky else "proven"
    proofs = proofs if number < 28 else ()
    status = status if proofs else "candidate"
    return Skill(f"editor-{number}", "editor", name, ("toggle", "option", "number")[number % 3], f"ability:{number}",
                 f"turn on {name}", contract, proofs, status)  # type: ignore[arg-type] # fmt: skip


def rounds() -> Iterator[Round]:
    yield Round(1, 120.0, "explore", "", "find out what it can do", "pass", "", 120.0, 210, 0, 40, 31)
    for number in range(2, 62):
        fails = number % 13 == 5
        why = f"Setting {number} is 'on' and should be 'off'" if fails else ""
        at = 120.0 + 7.1 * number
        yield Round(number, at, "attempt", f"editor-{number % 30}", f"turn on {WORDS[number % 30]}",
                    "fail" if fails else "unknown" if number == 40 else "pass", why or ("the display went away" if number == 40 else ""),
                    4.2, 3, min(24, number * 2 // 4), 40 + number // 4, 31 + number // 5)  # fmt: skip


def element(name: str, role: str, box: Box | None, parent: int = 0) -> Element:
    return Element(name, role, name, None, frozenset({"showing"}), box, parent)


def picture_of(sha: str) -> bytes:
    """A small editor's window on an empty desktop; the menu is open in the second picture."""
    image = Image.new("RGB", SCREEN, "#3b5b70")
    draw = ImageDraw.Draw(image)
    draw.rectangle((300, 150, 860, 560), fill="#f6f5f4", outline="#555555")
    draw.rectangle((301, 151, 859, 178), fill="#d8d4d0")
    draw.text((520, 158), "Untitled 1 - Editor", fill="#222222")
    for number, name in enumerate(("File", "Edit", "View", "Document", "Help")):
        draw.text((312 + 60 * number, 186), name, fill="#222222")
    draw.rectangle((301, 204, 859, 559), fill="#ffffff")
    for number in range(12):
        draw.text((312, 212 + 18 * number), f"{number + 1}  the quick brown fox jumps over the lazy dog", fill="#333333")
    if sha == "b" * 40:
        draw.rectangle((426, 204, 640, 330), fill="#fbfbfb", outline="#888888")
        for number, name in enumerate(("Word Wrap", "Line Numbers", "Status Bar", "Toolbar")):
            draw.text((450, 214 + 28 * number), name, fill="#222222")
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def look(sha: str, *more: Element) -> Observation:
    window = element("Untitled 1 - Editor", "window", Box(300, 150, 560, 410), -1)
    return Observation(Place("editor", "Untitled 1 - Editor"), (window, *more), Frame(sha, *SCREEN))


def film() -> Run:
    view = element("View", "menu", Box(424, 182, 50, 20))
    wrap = element("Word Wrap", "menuitemcheckbox", Box(427, 206, 212, 26))
    text = element("", "textbox", Box(301, 204, 558, 355))
    steps = (
        Step(look("a" * 40, view), Click(view, why="leads to Word Wrap"), Effect("confirmed"), 0.2),
        Step(look("b" * 40, wrap), Invoke(wrap, why="Word Wrap is off and shall be on"), Effect("confirmed", "it is ticked now")),
        Step(look("c" * 40, text), Fill(text, "a <b>bold</b> word", why="the text asked for"), Effect("unverified"), 0.1),
    )
    return Run("run-1", Task("t", "turn on Word Wrap"), steps, look("d" * 40), "finished", "what was asked for holds", 0.9)


def story() -> Story:
    return Story("editor", 1_790_000_000.0, 600.0, known_map(), tuple(map(skill, range(30))), tuple(rounds()), film())


EMPTY = Story("editor", 0.0, 0.0, Map("editor"), (), (), None)
