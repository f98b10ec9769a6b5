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
from cua.record.playwright_locators import (
    ANY_CASE,
    CannotTake,
    Link,
    Text,
    chain_of,
    is_row,
    levels,
    literal_of,
    mark_of,
)

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
_ROW_STAYS = "the row that it must be gone from must still be there, alone"
_UNSEEN = "what is on the page and does not show counts as gone"
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
    if (found := _without(links, check, text, negated=negated)) is not None:
        return found, _ROW_STAYS
    mark, scopes, row = _subject(links, text)
    off = any(_is_false(check.keywords.get(each)) for each in ("visible", "attached", "checked"))
    match check.name, negated:
        case "to_be_visible" | "to_be_attached" | "to_be_hidden", _:
            hidden = ((check.name == "to_be_hidden") != off) != negated
            found = _shows(mark, links, hidden=hidden)
            note = _UNSEEN if check.name == "to_be_attached" else ""
        case "to_have_count", False if _is_number(first(check), 0):
            found = _shows(mark, links, hidden=True)
            note = "" if any("visible" in each.keywords for each in links) else _UNSEEN
        case "to_have_text" | "to_contain_text", False:
            found, note = _says(mark, links, check, text), _case(check)
        case "to_have_value" | "to_be_empty", False:
            found, note = _holds(mark, check, text, bare=bool(row)), _case(check)
        case "to_be_checked", _:
            state = "on" if negated == off else "off"
            found, note = Expect("checked", mark.role, _name(mark, bare=bool(row)), state), ""
        case _:
            raise CannotTake(f"the expectation {said} cannot be said in a workflow")
    found = _in_row(row, found, links)
    return found, _joined(note, _around(mark, scopes, links, found))


def awaited(links: tuple[Link, ...], act: Link, text: Text) -> tuple[Expect, str]:
    """What `wait_for` waits for, and what the person should know of it. Raises CannotTake."""
    mark, scopes, row = _subject(links, text)
    state = act.keywords.get("state")
    named = state.value if isinstance(state, ast.Constant) else "visible"
    found = _shows(mark, links, hidden=named in ("hidden", "detached"))
    note = _UNSEEN if named in ("attached", "detached") else ""
    found = _in_row(row, found, links)
    return found, _joined(note, _around(mark, scopes, links, found))


def _in_row(row: tuple[str, ...], found: Expect, links: tuple[Link, ...]) -> Expect:
    """The expectation in the row that the chain tells. Raises CannotTake for rows in rows."""
    if (row or found.row) and levels(links) > 1:
        raise CannotTake("which row in a row is meant cannot be said in a workflow; expect it of the inner row alone")
    return replace(found, row=row or found.row)


def _without(links: tuple[Link, ...], check: Link, text: Text, *, negated: bool) -> Expect | None:
    """That a row is there and this is not in it: `row.filter(has_not=this)` is there once. None for all else."""
    last = links[-1]
    if check.name != "to_have_count" or negated or last.name != "filter" or set(last.keywords) != {"has_not"}:
        return None
    mark, _, row = _subject(links[:-1], text)
    names = (mark.name, *row) if mark.name else row
    if not _is_number(first(check), 1) or not is_row(mark) or not names or levels(links[:-1]) > 1:
        raise CannotTake(
            "how many have something not in them cannot be said in a workflow; expect it gone from one row"
        )
    inner, _ = mark_of(chain_of(last.keywords["has_not"])[1], text)
    return Expect("gone", inner.role, inner.name, part=bool(inner.name) and not _named_whole(links[-1:]), row=names)


def _shows(mark: Mark, links: tuple[Link, ...], *, hidden: bool) -> Expect:
    kind: Literal["gone", "shows"] = "gone" if hidden else "shows"
    role = "" if any(at.kind == "text" for at in mark.locators) else mark.role
    name = _name(mark) if not mark.role or mark.name else ""
    return Expect(kind, role, name, part=bool(name) and not _named_whole(links))


def _subject(links: tuple[Link, ...], text: Text) -> tuple[Mark, tuple[str, ...], tuple[str, ...]]:
    """What is expected of something: its mark, what is around it, and the texts of its row. A row that is told by one
    text is called by it; of one that is told by several, the last must show in the row of the others.
    """
    mark, scopes = mark_of(links, text)
    row, mark = mark.row, replace(mark, row=())
    if is_row(mark) and not mark.name and row:
        role = "" if len(row) > 1 else mark.role or "article"
        mark, row = replace(mark, name=row[-1], role=role), row[:-1]
    return mark, scopes, row


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
    if is_row(mark):
        if not part:
            raise CannotTake("that a row has this text and no other cannot be said; expect the text in it, or its cell")
        return Expect("shows", "", found, part=True, row=(mark.name,))
    return Expect("shows", "", found, part=part)


def _holds(mark: Mark, check: Link, text: Text, *, bare: bool) -> Expect:
    if check.name == "to_be_empty":
        if mark.role not in ("", "?", *_FIELDS):
            raise CannotTake("that what is no field is empty cannot be said in a workflow")
        return Expect("holds", mark.role, _name(mark, bare=bare), "")
    node = first(check)
    part = not _whole(node, plainly=True)
    return Expect("holds", mark.role, _name(mark, bare=bare), literal_of(node, text), part=part)


def _around(mark: Mark, scopes: tuple[str, ...], links: tuple[Link, ...], found: Expect) -> str:
    """What is said of an element and cannot be expected of it."""
    within = next((each for each in (*mark.path, *scopes, mark.says.get("frame", "")) if each), "")
    place = next((at.value for at in mark.locators if at.kind in _PLACES and at.value != "body"), "")
    number = f"number {mark.nth + 1} of several" if PLACE in mark.says else ""
    lost = mark.name if mark.name and found.kind == "shows" and not found.role and mark.role else ""
    said = next(filter(None, (within, "" if found.row else lost, place, number)), "")
    stays = _ROW_STAYS if found.row and found.kind == "gone" else ""
    if not said or (found.kind in ("holds", "checked") and said == place):
        return stays
    where = "must be gone everywhere" if found.kind == "gone" else "may be anywhere"
    there = "in its row" if found.row else "on the page"
    told = f"that it is {said!r} or inside of it is not expected: {(found.name or found.role)!r} {where} {there}"
    return _joined(told, stays)


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


def _name(mark: Mark, *, bare: bool = False) -> str:
    """What it is called. In a row that is told it may be `bare`: the only one of its role there."""
    if not mark.name and not (bare and mark.role):
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


def _is_number(node: ast.expr, number: int) -> bool:
    return isinstance(node, ast.Constant) and node.value == number
