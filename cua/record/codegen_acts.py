"""What Playwright's acts on elements are in a workflow: clicks, ticks, texts, choices, files, keys.

Works on syntax trees; nothing is run. What a workflow cannot say is refused, not bent.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from cua.core import Locator
from cua.memory.workflows import Act, Expect, Mark
from cua.record import findable
from cua.record.codegen_checks import first, is_true
from cua.record.intake import Intake
from cua.record.playwright_locators import CannotTake, Link, Text

CLICKS = {"click": 1, "dblclick": 2, "tap": 1, "check": 1, "uncheck": 1, "set_checked": 1}
_MODIFIERS = {"control": "ctrl", "controlormeta": "ctrl", "shift": "shift", "alt": "alt", "meta": "super"}
_ASKS = Expect("shows", "alertdialog")
_FAKE = "c:\\fakepath\\"
_MOST = 100_000
_BUTTONS = ("left", "middle", "right")


def click(intake: Intake, mark: Mark, act: Link, where: str) -> None:
    if findable.is_page(mark):
        intake.note(where, findable.PAGE)
        return
    known = {name: value.value for name, value in act.keywords.items() if isinstance(value, ast.Constant)}
    count = known.get("click_count", CLICKS[act.name])
    button: Any = known.get("button", "left")
    listed = act.keywords.get("modifiers")
    held = [_plain(each).casefold() for each in listed.elts] if isinstance(listed, ast.List) else []
    odd = button not in _BUTTONS or count not in (1, 2, 3) or any(each not in _MODIFIERS for each in held)
    if odd or known.get("trial") or not isinstance(count, int):
        raise CannotTake("this way of clicking cannot be said in a workflow")
    if "position" in act.keywords:
        intake.note(where, "a click goes to the middle of its target, not to a position within")
    expect: tuple[Expect, ...] = ()
    if act.name in ("check", "uncheck", "set_checked"):
        on = act.name == "check" or (act.name == "set_checked" and is_true(first(act)))
        if not mark.name and not (mark.role and mark.row):
            raise CannotTake("a tick needs a target with a name, to see that it is set")
        row = mark.row if not mark.name else ()
        expect = (Expect("checked", mark.role or "?", mark.name, "on" if on else "off", row=row),)
    tuple_of_keys = tuple(_MODIFIERS[each] for each in held)
    intake.add(where, Act("", "click", mark, button=button, count=count, keys=tuple_of_keys, expect=expect))


def fill(intake: Intake, mark: Mark, act: Link, where: str, text: Text) -> None:
    role = {"select_option": "combobox", "set_input_files": "button"}.get(act.name, mark.role)
    if act.name == "clear":
        found = ""
    elif act.name == "select_option":
        found = _chosen(act, text)
    elif act.args:
        found = "\n".join(_texts(act.args[0], text))
    else:
        raise CannotTake(f"`{act.name}` is given nothing")
    name = picked(found)
    filled = Act("", "fill", replace(mark, role=mark.role or ("button" if name else role)), text=name or found)
    if name or act.name == "set_input_files":
        intake.upload(where, filled)
    else:
        intake.add(where, filled, typed=bool(found))


def _chosen(act: Link, text: Text) -> str:
    """The value or the label of the one option that is chosen."""
    given = [*act.args[:1], *(act.keywords[name] for name in ("value", "label") if name in act.keywords)]
    texts = _texts(given[0], text) if len(given) == 1 else []
    if len(texts) != 1 or len(act.args) > 1:
        raise CannotTake("what is chosen must be the value or the label of one option")
    return texts[0]


def typed(intake: Intake, mark: Mark, act: Link, where: str, text: Text) -> None:
    said = text(first(act))
    if act.name == "press":
        intake.add(where, Act("", "press", mark, text=keys(said)))
    else:
        intake.add(where, Act("", "type", mark, text=said), typed=True)


def bare(intake: Intake, device: str, act: Link, where: str, text: Text) -> None:
    match device, act.name:
        case "keyboard", "press":
            intake.add(where, Act("", "press", text=keys(text(first(act)))))
        case "keyboard", "type" | "insert_text":
            intake.add(where, Act("", "type", text=text(first(act))), typed=True)
        case "mouse", "wheel":
            if len(act.args) != 2:
                raise CannotTake("the wheel needs two numbers: how far to the right, and how far down")
            dx, dy = (round(number(each) / 100) for each in act.args)
            intake.add(where, Act("", "scroll", scroll=(dx, dy)))
        case _:
            raise CannotTake("keys and points without a target cannot be said in a workflow")


def keys(chord: str) -> str:
    """A chord as a workflow writes it: "ControlOrMeta+a" is "ctrl+a"."""
    *held, key = chord.split("+") if chord != "+" else ["plus"]
    if not key and held:  # "Control++"
        held, key = held[:-1], "plus"
    return "+".join([*(_MODIFIERS.get(each.casefold(), each) for each in held), {"Enter": "Return"}.get(key, key)])


@dataclass(frozen=True, slots=True)
class Answer:
    """How a script answers the next dialog: the button, what is typed before, and what the dialog must say."""

    button: Literal["OK", "Cancel"]
    text: ast.expr | None = None
    says: Expect = _ASKS


def answer(act: Link) -> Answer:
    """The answer to the next dialog that a script listens for. Raises CannotTake for any other listening."""
    match act.name, act.args:
        case "once", [ast.Constant(value="dialog"), ast.Lambda(body=ast.Call(func=ast.Attribute() as how, args=given))]:
            if how.attr not in ("accept", "dismiss") or len(given) > (how.attr == "accept"):
                raise CannotTake("a dialog can be accepted or dismissed, and one text typed into it")
            return Answer("OK" if how.attr == "accept" else "Cancel", given[0] if given else None)
        case "on", [ast.Constant(value="dialog"), *_]:
            raise CannotTake('say before which act the dialog comes, with page.once("dialog", ...) just before it')
        case _, [ast.Constant(value="filechooser"), *_]:
            raise CannotTake("say which act opens the file dialog: with page.expect_file_chooser() around it")
        case _:
            raise CannotTake("listening to events cannot be said in a workflow")


def message(node: ast.expr, text: Text) -> Expect:
    """What a dialog that is awaited must say, as our own scripts write it; that one comes, as others do."""
    for each in ast.walk(node):
        if isinstance(each, ast.Call) and isinstance(each.func, ast.Name) and each.func.id in ("named", "part"):
            return Expect("shows", "alertdialog", text(each.args[0]), part=each.func.id == "part")
    return _ASKS


def answered(intake: Intake, given: Answer, where: str, text: Text) -> None:
    """The dialog comes first, so that nothing on the page is taken for its button."""
    intake.expect(where, given.says)
    if given.text is not None:
        field = Mark("textbox", "", (Locator("id", "dialog:text"),))
        intake.add(where, Act("", "fill", field, text=text(given.text)), typed=True)
    known = {"OK": "dialog:accept", "Cancel": "dialog:dismiss"}[given.button]
    mark = Mark("button", given.button, (Locator("id", known), Locator("role", f"button:{given.button}")))
    intake.add(where, Act("", "click", mark))
    if given.button == "Cancel" and not intake.slotted:
        intake.note(where, "the dialog is answered with Cancel; for a plain alert make that OK")


def context(intake: Intake, keywords: Mapping[str, ast.expr], where: str) -> None:
    """The options that a browser is started with: the size of its page is kept, what else there is, is told."""
    for name, value in keywords.items():
        if name == "viewport" and isinstance(value, ast.Dict):
            intake.screen = size(value)
        else:
            intake.note(where, f"the browser's option {name} is not taken over")


def chosen(intake: Intake, act: Link, where: str, text: Text) -> None:
    """Files that are given to the file dialog which the act before it opened."""
    given = _texts(first(act), text)
    if not any(given):
        raise CannotTake("that no file is chosen cannot be said in a workflow; take the lines of the file dialog out")
    intake.choose(where, "\n".join(given))


def picked(text: str) -> str:
    """The name of a file that was picked, of which a browser says no folder; "" for any other text."""
    if not text.lower().startswith(_FAKE):
        return ""
    return text[len(_FAKE) :]


def number(node: ast.expr) -> float:
    """A number as it stands, within what a screen has. Raises CannotTake for anything else."""
    sign, inner = (-1, node.operand) if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub) else (1, node)
    value = inner.value if isinstance(inner, ast.Constant) else None
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < _MOST:
        raise CannotTake(f"`{ast.unparse(node)}` is no number that a screen has")
    return sign * value


def size(node: ast.expr) -> tuple[int, int]:
    """The width and height that a viewport is given as. Raises CannotTake."""
    given = dict(zip(map(_plain, node.keys), node.values, strict=True)) if isinstance(node, ast.Dict) else {}
    if not given.keys() >= {"width", "height"}:
        raise CannotTake("the size of a page needs a width and a height")
    return int(number(given["width"])), int(number(given["height"]))


def _plain(node: ast.expr | None) -> str:
    return str(node.value) if isinstance(node, ast.Constant) else ""


def _texts(node: ast.expr, text: Text) -> list[str]:
    return [text(each) for each in node.elts] if isinstance(node, ast.List | ast.Tuple) else [text(node)]
