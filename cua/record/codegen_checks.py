"""Playwright's expectations as what a workflow expects of the screen. Works on syntax trees; nothing is run.

An expectation is never made weaker: what cannot be said as it stands is refused.
"""

from __future__ import annotations

import ast
import re
from typing import Literal
from urllib.parse import urlsplit

from cua.memory.workflows import Expect, Mark
from cua.record.playwright_locators import CannotTake, Link, Text, literal_of

# what is called by the text in it
_CALLED_BY_TEXT = frozenset({"status", "alert", "heading", "cell", "paragraph", "button", "link"})
_FIRSTS = (
    "url",
    "value",
    "text",
    "key",
    "target",
    "checked",
    "count",
    "url_or_predicate",
    "title_or_reg_exp",
    "expected",
)


def of_page(check: Link, text: Text, *, negated: bool) -> Expect:
    """What is expected of a page. Raises CannotTake."""
    match check.name, negated:
        case "to_have_url", False:
            return Expect("at", value=pattern(first(check), text))
        case "to_have_title", _:
            return Expect("closed" if negated else "window", name=literal_of(first(check), text))
        case _:
            raise CannotTake(f"the expectation {check.name} of a page cannot be said in a workflow")


def of_element(mark: Mark, check: Link, text: Text, *, negated: bool) -> Expect:
    """What is expected of an element. Raises CannotTake."""
    match check.name, negated:
        case "to_be_visible" | "to_be_attached" | "to_be_hidden", _:
            return _shows(mark, hidden=(check.name == "to_be_hidden") != negated)
        case "to_have_count", False if _is_zero(first(check)):
            return _shows(mark, hidden=True)
        case "to_have_text" | "to_contain_text", False:
            found = literal_of(first(check), text)
            told = mark.name == found or (not mark.name and mark.role in _CALLED_BY_TEXT)
            return Expect("shows", mark.role if told else "", found)
        case "to_have_value" | "to_be_empty", False:
            found = literal_of(first(check), text) if check.name == "to_have_value" else ""
            return Expect("holds", mark.role, _name(mark), found)
        case "to_be_checked", _:
            asked = check.keywords.get("checked")
            on = negated == (isinstance(asked, ast.Constant) and asked.value is False)
            return Expect("checked", mark.role, _name(mark), "on" if on else "off")
        case _:
            said = f"not_{check.name}" if negated else check.name
            raise CannotTake(f"the expectation {said} cannot be said in a workflow")


def awaited(mark: Mark, act: Link) -> Expect:
    """What `wait_for` waits for."""
    state = act.keywords.get("state")
    return _shows(mark, hidden=isinstance(state, ast.Constant) and state.value in ("hidden", "detached"))


def _shows(mark: Mark, *, hidden: bool) -> Expect:
    kind: Literal["gone", "shows"] = "gone" if hidden else "shows"
    role = "" if any(at.kind == "text" for at in mark.locators) else mark.role
    return Expect(kind, role, _name(mark) if not mark.role or mark.name else "")


def _name(mark: Mark) -> str:
    if not mark.name:
        raise CannotTake("an expectation needs a target with a name or a text, for a workflow knows it by that")
    return mark.name


def pattern(node: ast.expr, text: Text) -> str:
    """What an address is expected to be: path and query, as a pattern. Raises CannotTake."""
    match node:
        case ast.Call(func=ast.Attribute(value=ast.Name(id="re")), args=[ast.Constant(value=str(found)), *_]):
            return glob(found)
        case ast.Call(func=ast.Name(id="at"), args=[inner]):  # as our own scripts write it
            return text(inner)
        case _:
            parts = urlsplit(text(node))
            path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
            return path.replace("**", "*")


def glob(pattern: str) -> str:
    """A regular expression as an fnmatch pattern, where that says the same of path and query. Raises CannotTake."""
    bare = pattern.removeprefix("^")
    start = "" if bare != pattern or pattern.startswith(".*") else "*"
    end = "" if bare.endswith(("$", ".*")) and not bare.endswith("\\$") else "*"
    bare = bare.removesuffix("$") if not bare.endswith("\\$") else bare
    bare = re.sub(r"^https?:\\?/\\?/[^/]*", "", bare)
    found = re.sub(r"\\([^\w\s])", lambda hit: "\0" + hit[1], bare.replace(".*", "\1"))
    if re.search(r"\\\w|(?<!\0)[+?|()\[\]{}*^$]", found):
        raise CannotTake(f"the pattern {pattern!r} cannot be said in a workflow; expect an address")
    found = re.sub(r"\0(.)", lambda hit: f"[{hit[1]}]" if hit[1] in "*?[" else hit[1], found.replace("\1", "*"))
    return f"{start}{found}{end}"


def first(link: Link) -> ast.expr:
    """The first argument, by place or by name. Raises CannotTake where there is none."""
    if link.args:
        return link.args[0]
    for name in _FIRSTS:
        if name in link.keywords:
            return link.keywords[name]
    raise CannotTake(f"`{link.name}` is given nothing")


def is_true(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is True


def _is_zero(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value == 0
