"""Playwright's aria snapshots as what a workflow expects: the names and values in them that are told exactly.

A snapshot also tells order, nesting and loose texts, which no expectation can say: what is not taken over is named, for
the person to be told. Nothing of it is taken for more than it says, and what stands in a row is expected in that row.
"""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from cua.memory.workflows import Expect
from cua.record.playwright_locators import CannotTake

_NODE = re.compile(
    r'(?P<role>[a-z]+)(?: (?P<name>"(?:[^"\\]|\\.)*"|/(?:[^/\\]|\\.)*/))?(?P<states>(?: \[[^\]]*\])*)'
    r"(?::(?: (?P<text>.*))?)?"
)
_CELLS = frozenset({"cell", "gridcell", "rowheader"})
_FIELDS = frozenset({"textbox", "searchbox", "spinbutton", "slider", "combobox"})
_TICKED = frozenset({"checkbox", "radio", "switch", "menuitemcheckbox", "menuitemradio"})
_LISTS = frozenset({"combobox", "listbox"})
# what is called here as it is called there
_NAMED = (
    _CELLS | _FIELDS | _TICKED | _LISTS
    | {"button", "link", "heading", "tab", "menuitem", "columnheader", "img", "dialog", "alertdialog", "treeitem"}
)  # fmt: skip
_BY_TEXT = frozenset({"status", "alert", "paragraph", "listitem", "heading", "link", "button", *_CELLS})
_SILENT = re.compile(r"\[level=\d\]")  # how deep a heading is, nobody means by it
_MOST_ROW, _MOST_TOLD = 3, 4


@dataclass(slots=True)
class _Node:
    """One line of a snapshot: `name` and `text` are None where there is none, or it is a pattern (then in `left`)."""

    line: str
    role: str = ""
    name: str | None = None
    text: str | None = None
    states: frozenset[str] = frozenset()
    left: list[str] = field(default_factory=list)
    inside: list[_Node] = field(default_factory=list)


def read(source: str) -> tuple[list[Expect], str]:
    """What a snapshot expects, and what of it is not taken over. Raises CannotTake where that is all of it."""
    left: list[str] = []
    found = list(dict.fromkeys(_within(_tree(source), (), left)))
    if not found:
        raise CannotTake("no name in the snapshot can be expected as it is; expect its texts one by one")
    more = f" and {len(left) - _MOST_TOLD} more" if len(left) > _MOST_TOLD else ""
    told = f"; nor are {', '.join(map(repr, left[:_MOST_TOLD]))}{more}" if left else ""
    return found, f"of the snapshot the names must show; in which order and inside of what is not expected{told}"


def _tree(source: str) -> list[_Node]:
    """The lines of the snapshot with those inside them."""
    top: list[_Node] = []
    open_at: list[tuple[int, list[_Node]]] = [(-1, top)]
    for line in textwrap.dedent(source).splitlines():
        if not line.strip():
            continue
        hit = re.fullmatch(r"( *)- (.*\S)\s*", line)
        if hit is None:
            raise CannotTake(f"the line {line.strip()[:60]!r} of the snapshot cannot be read")
        while open_at[-1][0] >= len(hit[1]):
            open_at.pop()
        node = _node(hit[2])
        open_at[-1][1].append(node)
        open_at.append((len(hit[1]), node.inside))
    return top


def _node(line: str) -> _Node:
    if line.startswith("/"):  # a property of what it is inside of
        return _Node(line, left=[line])
    bare = _unquoted(line)
    hit = _NODE.fullmatch(bare)
    if hit is None:
        raise CannotTake(f"the line {line[:60]!r} of the snapshot cannot be read")
    node = _Node(bare, hit["role"], states=frozenset(re.findall(r"\[[^\]]*\]", hit["states"] or "")))
    node.name = _exactly(hit["name"], node)
    node.text = _exactly(_unquoted(hit["text"]) if hit["text"] else None, node)
    return node


def _unquoted(text: str) -> str:
    """As YAML writes what has colons in it: in single quotes around the key or the whole, or in double ones."""
    if hit := re.match(r"'((?:[^']|'')*)'", text):
        return hit[1].replace("''", "'") + text[hit.end() :]
    if re.fullmatch(r'"(?:[^"\\]|\\.)*"', text):
        return _plain(text)
    return text


def _exactly(text: str | None, node: _Node) -> str | None:
    if text is None or not text.startswith(("/", '"')):
        return text
    if text.startswith("/"):
        node.left.append(node.line)
        return None
    return _plain(text)


def _plain(text: str) -> str:
    try:
        return str(json.loads(text))
    except ValueError as exc:
        raise CannotTake(f"the text {text[:60]} of the snapshot cannot be read") from exc


# ---------------------------------------------------------------------------------------------- what they expect


def _within(nodes: list[_Node], row: tuple[str, ...], left: list[str], holder: _Node | None = None) -> Iterator[Expect]:
    for node in nodes:
        found = list(_own(node, left, holder))
        yield from (replace(each, row=row) if each.name not in row[:1] else each for each in found)
        if node.role in _LISTS and node.inside:
            yield from _picked(node, row, left)
            continue
        key = _row_of(node)
        yield from _within(node.inside, key or row, left, node)


def _own(node: _Node, left: list[str], holder: _Node | None) -> Iterator[Expect]:
    """What the line says of one element."""
    left += node.left
    known = set(node.states) - set(_SILENT.findall(" ".join(node.states)))
    name = node.name if node.name is not None else node.text if node.role in _BY_TEXT and not node.inside else None
    if node.role in _CELLS and node.inside:
        return  # it is called by what is in it, which is expected by itself
    if node.role == "row" or (node.role == "listitem" and name is None):
        left += [] if _row_of(node) or not (node.name or node.text) else [node.line]
    elif name and (node.role in _NAMED or node.name is None):
        yield from _told(node, name, known)
    elif (name or node.text) and not (node.role == "text" and holder is not None and node.text in _row_of(holder)):
        left += [node.line] if node.line not in left else []
    left += [f"{each} of {node.role} {node.name or ''}".strip() for each in sorted(known)]


def _told(node: _Node, name: str, known: set[str]) -> Iterator[Expect]:
    if node.role in _TICKED and "[checked]" in known:
        known.discard("[checked]")
        yield Expect("checked", node.role, name, "on")
    elif node.role in _FIELDS and node.text and node.name:
        yield Expect("holds", node.role, name, node.text)
    else:
        yield Expect("shows", node.role, name)


def _picked(node: _Node, row: tuple[str, ...], left: list[str]) -> Iterator[Expect]:
    """Of a list that options can be picked from, the one that is."""
    picked = [each.name for each in node.inside if each.role == "option" and "[selected]" in each.states and each.name]
    if node.name and len(picked) == 1:
        yield Expect("holds", node.role, node.name, picked[0] or "", row=row)
    left.append(f"the options of {node.role} {node.name or ''}".strip())


def _row_of(node: _Node) -> tuple[str, ...]:
    """The texts that tell a row or list item from others, as far as the snapshot names them: none for a head."""
    if node.role == "row":
        cells = (each.name for each in node.inside if each.role in _CELLS and each.name and not each.inside)
        return tuple(sorted(cells, key=lambda name: not any(map(str.isalpha, name))))[:_MOST_ROW]
    if node.role != "listitem" or node.name or not node.inside:
        return ()
    says = (each.text if each.role == "text" else each.name for each in node.inside)
    return tuple(filter(None, says))[:1]
