"""What Playwright's acts on elements are in a workflow: clicks, ticks, texts, choices, files, keys.

Works on syntax trees; nothing is run. What a workflow cannot say is refused, not bent.
"""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import Any

from cua.memory.workflows import Act, Expect, Mark
from cua.record import findable
from cua.record.codegen_checks import first, is_true
from cua.record.intake import Intake
from cua.record.playwright_locators import CannotTake, Link, Text

CLICKS = {"click": 1, "dblclick": 2, "tap": 1, "check": 1, "uncheck": 1, "set_checked": 1}
_MODIFIERS = {"control": "ctrl", "controlormeta": "ctrl", "shift": "shift", "alt": "alt", "meta": "super"}
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
        if not mark.name:
            raise CannotTake("a tick needs a target with a name, to see that it is set")
        expect = (Expect("checked", mark.role or "?", mark.name, "on" if on else "off"),)
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
    name = picked(intake, where, found)
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


def answer(act: Link) -> str:
    """The button by which a script answers the next dialog. Raises CannotTake for any other listening."""
    match act.name, act.args:
        case "once", [ast.Constant(value="dialog"), ast.Lambda(body=ast.Call(func=ast.Attribute() as how, args=given))]:
            if given or how.attr not in ("accept", "dismiss"):
                raise CannotTake("a dialog can be accepted or dismissed, and no text typed into it")
            return "OK" if how.attr == "accept" else "Cancel"
        case "on", [ast.Constant(value="dialog"), *_]:
            raise CannotTake('say before which act the dialog comes, with page.once("dialog", ...) just before it')
        case _:
            raise CannotTake("listening to events cannot be said in a workflow")


def picked(intake: Intake, where: str, text: str) -> str:
    """The name of a file that was picked, of which a browser says no folder; "" for any other text."""
    if not text.lower().startswith(_FAKE):
        return ""
    name = text[len(_FAKE) :]
    intake.note(where, f"the folder of {name!r} is not known; give its whole path at the replay")
    return name


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
