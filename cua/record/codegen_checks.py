"""Playwright's expectations as what a workflow expects of the screen. Works on syntax trees; nothing is run.

An expectation is never made weaker: what cannot be said as it stands is refused.
"""

from __future__ import annotations

import ast
import re
from dataclasses import replace
from typing import Literal
from urllib.parse import urlsplit

from cua.memory.workflows import Expect, Mark
from cua.policies.given import PLACE
from cua.record.playwright_locators import ANY_CASE, ROWS, CannotTake, Link, Text, literal_of, mark_of

# what is called by the text in it
_CALLED_BY_TEXT = frozenset(
    {
        "status",
        "alert",
        "heading",
        "cell",
        "gridcell",
        "paragraph",
        "button",
        "link",
        "row",
        "listitem",
        "option",
        "tab",
    }
)
_FIELDS = frozenset({"textbox", "searchbox", "combobox", "spinbutton"})
_TEXTS = frozenset({"get_by_text", "get_by_label", "get_by_placeholder", "get_by_alt_text", "get_by_title"})
_OPTIONS = frozenset(
    {"timeout", "use_inner_text", "ignore_case", "visible", "attached", "checked"}
    | {"value", "expected", "url_or_reg_exp", "count"}
)
_PLACES = frozenset({"css", "xpath", "testid", "id", "name", "href"})
_UNSEEN = "what is on the page and does not show counts as gone"
_INSTEAD = {"to_match_aria_snapshot": "; expect its texts one by one (to_contain_text)"}
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
    "url_or_reg_exp",
    "expected",
)


def of_page(check: Link, text: Text, *, negated: bool) -> tuple[Expect, str]:
    """What is expected of a page, and what the person should know of it. Raises CannotTake."""
    node = first(check)
    match check.name, negated:
        case "to_have_url", False:
            return Expect("at", value=pattern(node, text)), beyond(node)
        case "to_have_title", _:
            kind: Literal["closed", "window"] = "closed" if negated else "window"
            return Expect(kind, name=literal_of(node, text), part=not _whole(node, plainly=True)), ""
        case _:
            said = f"not_{check.name}" if negated else check.name
            raise CannotTake(f"the expectation {said} of a page cannot be said in a workflow")


def beyond(node: ast.expr) -> str:
    """What of an address is not looked at."""
    return "what stands behind # in the address is not checked" if "#" in ast.unparse(node) else ""


def of_element(links: tuple[Link, ...], check: Link, text: Text, *, negated: bool) -> tuple[Expect, str]:
    """What is expected of an element, and what the person should know of it. Raises CannotTake."""
    said = f"not_{check.name}" if negated else check.name
    odd = [each for each in check.keywords if each not in _OPTIONS]
    if odd:
        raise CannotTake(f"the expectation {said} with {odd[0]}= cannot be said in a workflow")
    mark, scopes = _subject(links, text)
    off = any(_is_false(check.keywords.get(each)) for each in ("visible", "attached", "checked"))
    match check.name, negated:
        case "to_be_visible" | "to_be_attached" | "to_be_hidden", _:
            hidden = ((check.name == "to_be_hidden") != off) != negated
            found = _shows(mark, links, hidden=hidden)
            note = _UNSEEN if check.name == "to_be_attached" else ""
        case "to_have_count", False if _is_zero(first(check)):
            found = _shows(mark, links, hidden=True)
            note = "" if any("visible" in each.keywords for each in links) else _UNSEEN
        case "to_have_text" | "to_contain_text", False:
            found, note = _says(mark, links, check, text), _case(check)
        case "to_have_value" | "to_be_empty", False:
            found, note = _holds(mark, check, text), _case(check)
        case "to_be_checked", _:
            found = Expect("checked", mark.role, _name(mark), "on" if negated == off else "off")
            note = ""
        case _:
            raise CannotTake(f"the expectation {said} cannot be said in a workflow{_INSTEAD.get(said, '')}")
    return found, _joined(note, _around(mark, scopes, links, found))


def awaited(links: tuple[Link, ...], act: Link, text: Text) -> tuple[Expect, str]:
    """What `wait_for` waits for, and what the person should know of it. Raises CannotTake."""
    mark, scopes = _subject(links, text)
    state = act.keywords.get("state")
    named = state.value if isinstance(state, ast.Constant) else "visible"
    found = _shows(mark, links, hidden=named in ("hidden", "detached"))
    note = _UNSEEN if named in ("attached", "detached") else ""
    return found, _joined(note, _around(mark, scopes, links, found))


def _shows(mark: Mark, links: tuple[Link, ...], *, hidden: bool) -> Expect:
    kind: Literal["gone", "shows"] = "gone" if hidden else "shows"
    role = "" if any(at.kind == "text" for at in mark.locators) else mark.role
    name = _name(mark) if not mark.role or mark.name else ""
    return Expect(kind, role, name, part=bool(name) and not _named_whole(links))


def _subject(links: tuple[Link, ...], text: Text) -> tuple[Mark, tuple[str, ...]]:
    """What is expected of something: its mark, and what is around it. A row that is told by a text is called by it."""
    mark, scopes = mark_of(links, text)
    if mark.role in ROWS and not mark.name and len(mark.row) == 1 and "has_text" in links[-1].keywords:
        mark = replace(mark, name=mark.row[0], row=())
    return mark, scopes


def _says(mark: Mark, links: tuple[Link, ...], check: Link, text: Text) -> Expect:
    """That an element has a text, or contains it. What it is called is its text too, where it is called by that."""
    node = first(check)
    found = literal_of(node, text)
    part = check.name == "to_contain_text" or not _whole(node, plainly=True)
    if not found:
        raise CannotTake("an empty text cannot be expected; delete the line, or expect another element")
    by_text = mark.role in _CALLED_BY_TEXT
    if by_text and mark.name and part and found in mark.name:
        return Expect("shows", mark.role, mark.name, part=not _named_whole(links))
    if (by_text and mark.name and mark.name in found) or (not mark.name and (part or by_text)):
        return Expect("shows", mark.role, found, part=part)
    if mark.role in ROWS:
        raise _of_a_row(mark.name)
    return Expect("shows", "", found, part=part)


def _holds(mark: Mark, check: Link, text: Text) -> Expect:
    if check.name == "to_be_empty":
        if mark.role not in ("", "?", *_FIELDS):
            raise CannotTake("that what is no field is empty cannot be said in a workflow")
        return Expect("holds", mark.role, _name(mark), "")
    node = first(check)
    return Expect("holds", mark.role, _name(mark), literal_of(node, text), part=not _whole(node, plainly=True))


def _around(mark: Mark, scopes: tuple[str, ...], links: tuple[Link, ...], found: Expect) -> str:
    """What is said of an element and cannot be expected of it. Raises CannotTake where that is its row."""
    if mark.row:
        raise _of_a_row(mark.row[0])
    within = next((each for each in (*mark.path, *scopes, mark.says.get("frame", "")) if each), "")
    place = next((at.value for at in mark.locators if at.kind in _PLACES and at.value != "body"), "")
    number = f"number {mark.nth + 1} of several" if PLACE in mark.says else ""
    lost = mark.name if mark.name and found.kind == "shows" and not found.role and mark.role else ""
    said = next(filter(None, (within, lost, place, number)), "")
    if not said or (found.kind in ("holds", "checked") and said == place):
        return ""
    where = "must be gone everywhere" if found.kind == "gone" else "may be anywhere"
    return f"that it is {said!r} or inside of it is not expected: {(found.name or found.role)!r} {where} on the page"


def _of_a_row(row: str) -> CannotTake:
    """What is expected of one record must not be met by another."""
    return CannotTake(
        f"an expectation cannot say that something is in the row {row!r}; expect the row by its whole text "
        "(get_by_role with name=), or a text that no other row has"
    )


def _case(check: Link) -> str:
    node = first(check) if check.name != "to_be_empty" else None
    flags = {ast.unparse(flag) for flag in node.args[1:]} if isinstance(node, ast.Call) else set()
    loose = flags & ANY_CASE or "ignore_case" in check.keywords
    return "upper and lower case are told apart in what is expected" if loose else ""


def _named_whole(links: tuple[Link, ...]) -> bool:
    """Whether the chain means a whole name. Playwright looks for a part of it, if it is not told otherwise."""
    for link in reversed(links):
        exact = link.keywords.get("exact")
        told = [value for name, value in link.keywords.items() if name in ("name", "has_text", "text")]
        told += link.args[:1] if link.name in _TEXTS else []
        if told:
            return _whole(told[0], plainly=isinstance(exact, ast.Constant) and exact.value is True)
        if link.name == "locator" and link.args:
            return isinstance(link.args[0], ast.Constant) and '"' in str(link.args[0].value).partition("text=")[2]
    return False


def _whole(node: ast.expr, *, plainly: bool) -> bool:
    """Whether a text or pattern stands for all of what it is compared with; `plainly` says so of a plain text.

    Raises CannotTake for a pattern that is bound at one end only.
    """
    match node:
        case ast.Call(func=ast.Name(id="named")):
            return True
        case ast.Call(func=ast.Name(id="part")):
            return False
        case ast.Call(args=[ast.Constant(value=str(found)), *_]) if ast.unparse(node.func) == "re.compile":
            ends = found.startswith("^"), found.endswith("$") and not found.endswith("\\$")
            if ends[0] != ends[1]:
                raise CannotTake(f"the pattern {found!r} is bound at one end; expect all of the text, or a part of it")
            return ends[0]
        case _:
            return plainly


def _joined(*notes: str) -> str:
    return "; ".join(filter(None, notes))


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
            parts = urlsplit(text(node))  # without what stands behind #
            path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
            return path.replace("**", "*")


def glob(pattern: str) -> str:
    """A regular expression as an fnmatch pattern, where that says the same of path and query. Raises CannotTake."""
    pattern, jump, _ = pattern.partition("#")
    bare = pattern.removeprefix("^")
    start = "" if bare != pattern or pattern.startswith(".*") else "*"
    end = "" if jump or (bare.endswith(("$", ".*")) and not bare.endswith("\\$")) else "*"
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


def _is_false(node: ast.expr | None) -> bool:
    return isinstance(node, ast.Constant) and node.value is False


def _is_zero(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value == 0
