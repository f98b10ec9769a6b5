"""What benches of the model ask for: goals in words that no control bears, what an oracle does, how the world tells.

An oracle's way is a list of steps: the name of what is clicked, or the name of a field and its text, or a text to type.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sandbox_vms.namespace import Namespace
from tests.bench.commands import Oracle, prefs, text_is, ticked
from tests.bench.household import Household

Way = tuple[str | tuple[str, str], ...]
TYPE = "\0type"  # in place of a field's name: where the keyboard is


@dataclass(frozen=True, slots=True)
class Todo:
    """`came` says whether the world shows it."""

    app: str
    goal: str
    way: Way
    came: Oracle


@dataclass(frozen=True, slots=True)
class WebTodo:
    """The same on the web app, whose world is what its server has."""

    goal: str
    way: Way
    came: Callable[[Household], bool]


def _shows(text: str) -> Oracle:
    def look(sandbox: Namespace) -> bool:
        return any(e.value == text for e in sandbox.world.observe().elements if e.role == "textbox" and e.box)

    return look


def _pref(key: str, value: str = "true") -> Oracle:
    return prefs("", key, value).oracle


def _editor(goal: str, *way: str | tuple[str, str], came: Oracle) -> Todo:
    return Todo("mousepad", goal, way, came)


def _calculator(goal: str, *way: str | tuple[str, str], came: Oracle) -> Todo:
    return Todo("galculator", goal, way, came)


def _pad(goal: str, *way: str | tuple[str, str], came: Oracle) -> Todo:
    return Todo("featherpad", goal, way, came)


EDITOR = (
    _editor("let what is too long go on below", "Document", "Word Wrap", came=_pref("view/word-wrap")),
    _editor("count the rows at the left edge", "View", "Line Numbers", came=_pref("view/show-line-numbers")),
    _editor("start each row as far in as the one above", "Document", "Auto Indent", came=_pref("view/auto-indent")),
    _editor("give me the strip of icons", "View", "Toolbar", came=_pref("window/toolbar-visible")),
    _editor("i miss the strip at the bottom", "View", "Statusbar", came=_pref("window/statusbar-visible")),
    _editor("blanks when i hit the tabulator", "Document", "Tab Size", "Insert Spaces",
            came=_pref("view/insert-spaces")),
    _editor("make the tabulator three letters wide", "Document", "Tab Size", "3", came=_pref("view/tab-width", "3")),
    _editor("paint everything in the gloomy way", "View", "Color Scheme", "Oblivion",
            came=_pref("view/color-scheme", "'oblivion'")),
    _editor("i am going to write a snake program", "Document", "Filetype", "Script", "Python", came=ticked("Python")),
    _editor("breaks as in redmond", "Document", "Line Ending", "DOS / Windows (CR LF)",
            came=ticked("DOS / Windows (CR LF)")),
    _editor("jot down 'oat milk'", (TYPE, "oat milk"), came=text_is("oat milk")),
    _editor("shout 'good morning' on the page", (TYPE, "good morning"), "Edit", "Select All", "Edit", "Convert",
            "To Uppercase", came=text_is("GOOD MORNING")),
    _editor("whisper 'GOOD NIGHT' on the page", (TYPE, "GOOD NIGHT"), "Edit", "Select All", "Edit", "Convert",
            "To Lowercase", came=text_is("good night")),
)  # fmt: skip

_BASES = ("View", "Scientific Mode", "Calculator", "Number bases")
_ANGLES = ("View", "Scientific Mode", "Calculator", "Angle units")

CALCULATOR = (
    _calculator("i need sines and logarithms", "View", "Scientific Mode", came=ticked("Scientific Mode")),
    _calculator("scribble like on a roll", "View", "Paper Mode", came=ticked("Paper Mode")),
    _calculator("count like a computer geek with letters", *_BASES, "Hexadecimal",
                came=ticked("Hexadecimal")),
    _calculator("count with eight fingers", *_BASES, "Octal", came=ticked("Octal")),
    _calculator("only noughts and ones from here", *_BASES, "Binary", came=ticked("Binary")),
    _calculator("angles as parts of pi", *_ANGLES, "Radians", came=ticked("Radians")),
    _calculator("a right one has a hundred", *_ANGLES, "Gradians", came=ticked("Gradians")),
    _calculator("operators come last", "Calculator", "Notation modes", "Reverse Polish (RPN)",
                came=ticked("Reverse Polish (RPN)")),
    _calculator("whole terms at once please", "Calculator", "Notation modes", "Formula Entry",
                came=ticked("Formula Entry")),
    _calculator("away with the buttons beside the number", "View", "Buttons", "Display Control",
                came=ticked("Display Control", False)),
    _calculator("how much is a dozen and one", "1", "2", "+", "1", "=", came=_shows("13")),
    _calculator("a score less two", "2", "0", "-", "2", "=", came=_shows("18")),
)  # fmt: skip

PAD = (
    _pad("let what is too long run out of sight", "Options", "Wrap Lines", came=ticked("Wrap Lines", False)),
    _pad("every row at the very left", "Options", "Auto-Indentation", came=ticked("Auto-Indentation", False)),
    _pad("no colours in programs", "Options", "Syntax Highlighting", came=ticked("Syntax Highlighting", False)),
    _pad("jot down 'rye bread'", (TYPE, "rye bread"), came=text_is("rye bread")),
    _pad("shout 'good morning' on the page", (TYPE, "good morning"), "Edit", "Select All", "Edit", "To Upper Case",
         came=text_is("GOOD MORNING")),
    _pad("whisper 'GOOD NIGHT' on the page", (TYPE, "GOOD NIGHT"), "Edit", "Select All", "Edit", "To Lower Case",
         came=text_is("good night")),
    _pad("put 'war and peace' as a title", (TYPE, "war and peace"), "Edit", "Select All", "Edit", "To Start Case",
         came=text_is("War And Peace")),
    _pad("read it as the russians did on koi", "Options", "Encoding", "East European", "Cyrillic (KOI8-U)",
         came=ticked("Cyrillic (KOI8-U)")),
    _pad("read it like old western machines", "Options", "Encoding", "Western European", "ISO-8859-1",
         came=ticked("ISO-8859-1")),
)  # fmt: skip

WEB = (
    WebTodo("we are out of 'oat milk'", (("New item", "oat milk"), "Add"), lambda home: "oat milk" in home.items),
    WebTodo("get rid of the 'stamps' entry", ("Delete stamps",), lambda home: "stamps" not in home.items),
    WebTodo("'candles' are in the bag", ("candles",), lambda home: home.items.get("candles") is True),
    WebTodo("a third one moves in", (("People", "3"), "Save"), lambda home: home.people == "3"),
    WebTodo("speak german with me", (("Language", "Deutsch"), "Save"), lambda home: home.language == "Deutsch"),
    WebTodo("our place is called 'Rose Cottage'", (("Name", "Rose Cottage"), "Save"),
            lambda home: home.name == "Rose Cottage"),
    WebTodo("a letter each monday would be nice", ("Weekly mail", "Save"), lambda home: home.mail),
    WebTodo("wipe what is in the bag already", ("Clear what is bought",),
            lambda home: home.items == {"stamps": False, "candles": False}),
    WebTodo("send 'the tap drips' to the landlord", ("Messages", ("Message", "the tap drips"), "Send"),
            lambda home: home.messages == ["the tap drips"]),
    WebTodo("soap is now called 'green soap'", ("Rename soap", ("New name", "green soap"), "Rename"),
            lambda home: "green soap" in home.items and "soap" not in home.items),
    WebTodo("put the cheapest day to friday", (("Shopping day", "Friday"), "Save"), lambda home: home.day == "Friday"),
    WebTodo("all of it can go on the card of 'Ines'", (("Paid by", "Ines"), "Save"), lambda home: home.payer == "Ines"),
    WebTodo("start the list afresh", ("Empty the list",), lambda home: not home.items),
    WebTodo("hide what is in the bag", ("Hide what is bought", "Save"), lambda home: home.hides),
    WebTodo("i want big letters", (("Size", "Large"), "Save"), lambda home: home.size == "Large"),
    WebTodo("we are out of 'tea' and 'jam'", (("New item", "tea"), "Add", ("New item", "jam"), "Add"),
            lambda home: "tea" in home.items and "jam" in home.items),
)  # fmt: skip
