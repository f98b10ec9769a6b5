"""Playwright's locator chains in Python source, as marks. Works on syntax trees; nothing of the source is ever run."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from cua.core import Locator
from cua.memory.workflows import Mark
from cua.policies.contained import BLOCK, NAME, ROW_NAME, TEXTS
from cua.policies.given import EXACT, PLACE
from cua.record import selectors
from cua.record.selectors import Said

ROWS = frozenset({"row", "listitem", "article", "treeitem", "option"})
_ROW_TAGS = ("tr", "li", "article")
ANY_CASE = {"re.I", "re.IGNORECASE"}  # texts are compared without regard to case anyway
_KINDS = {
    "get_by_label": "label", "get_by_placeholder": "placeholder", "get_by_test_id": "testid", "get_by_text": "text",
    "get_by_alt_text": "alt",
}  # fmt: skip
LOCATORS = frozenset(
    {*_KINDS, "get_by_role", "get_by_title", "locator", "filter", "nth", "first", "last", "frame_locator"}
) | {"content_frame", "owner", "visible", "and_", "or_", "describe"}
# flags of get_by_role that only say in which state it was; what it is, they do not say
_STATES = frozenset({"exact", "checked", "disabled", "expanded", "include_hidden", "level", "pressed", "selected"})


class CannotTake(Exception):
    """What the line says cannot be said in a workflow. Never leaves the import: it becomes a problem with its line."""


Text = Callable[[ast.expr], str]


@dataclass(frozen=True, slots=True)
class Link:
    """One piece of a chain: `.name` or `.name(args, keywords)`."""

    name: str
    args: tuple[ast.expr, ...] = ()
    keywords: Mapping[str, ast.expr] = field(default_factory=dict)


def chain_of(node: ast.expr) -> tuple[str, tuple[Link, ...]]:
    """The name that a chain starts with, and its links. Raises CannotTake for what is no chain."""
    match node:
        case ast.Await(value=value):
            return chain_of(value)
        case ast.Name(id=name):
            return name, ()
        case ast.Call(func=ast.Name(id="row" | "saying"), args=[ast.Name(id=page), *texts]):  # as we write it
            told = (Link("filter", (), {"has_text": text}) for text in texts)
            return page, (Link("get_by_role", (ast.Constant("row"),)), *told)
        case ast.Call(func=ast.Name(id="anything"), args=[inside, name]):
            root, links = chain_of(inside)
            return root, (*links, Link("get_by_text", (name,)))
        case ast.Attribute(value=value, attr=attr):
            root, links = chain_of(value)
            return root, (*links, Link(attr))
        case ast.Call(func=ast.Attribute(value=value, attr=attr), args=args, keywords=keywords):
            root, links = chain_of(value)
            named = {each.arg: each.value for each in keywords if each.arg}
            return root, (*links, Link(attr, tuple(args), named))
        case _:
            raise CannotTake(f"`{ast.unparse(node)}` is no chain of locators")


@dataclass(slots=True)
class _Reading:
    """What the links read so far say: the element, and what is around it."""

    said: Said = field(default_factory=Said)
    frames: list[str] = field(default_factory=list)
    path: list[str] = field(default_factory=list)
    row: list[str] = field(default_factory=list)
    scopes: list[str] = field(default_factory=list)
    nth: int = -1
    told: str = ""
    block: bool = False
    up: str = ""
    started: bool = False

    def within(self) -> None:
        """What was read so far is around what comes next."""
        if not self.started:
            return
        mark = self.said.mark()
        self.up = mark.says.get("up", self.up)
        if mark.role in ROWS or mark.says.get("tag") in _ROW_TAGS:
            self.told = NAME if mark.name else self.told
            self.row += [mark.name] if mark.name else []
            if not mark.name and not self.row and self.nth < 0:
                self.scopes += [at.value for at in mark.locators if at.kind == "css"][:1]
        elif mark.name:
            self.path.append(mark.name)
            self.block = self.block or any(at.kind == "text" for at in mark.locators)
        elif not self.row:
            self.scopes.append(mark.locators[0].value if mark.locators else mark.role)
        if self.nth >= 0 and not mark.name and not self.row:
            self.scopes.append(f"number {self.nth + 1}")
        self.said, self.nth, self.started = Said(), -1, False


def mark_of(links: tuple[Link, ...], text: Text) -> tuple[Mark, tuple[str, ...]]:
    """The mark that a chain means, and the containers around it that a replay cannot check.

    `text` reads a literal as a workflow's text. Raises CannotTake.
    """
    reading = _Reading()
    for link in links:
        _read(link, reading, text)
    if not reading.started:
        raise CannotTake("it says no element")
    mark = reading.said.mark()
    says = dict(mark.says)
    if reading.frames:
        says["frame"] = " >>> ".join(reading.frames)
    if reading.up:
        says["up"] = reading.up
    if reading.told:
        says[ROW_NAME] = reading.told
    if reading.block:
        says[BLOCK] = "1"
    if reading.nth >= 0:
        says[PLACE] = str(reading.nth)
    locators = tuple(_framed(at, reading.frames) for at in mark.locators)
    nth, of = (reading.nth, max(2, reading.nth + 1)) if reading.nth >= 0 else (0, 1)
    around = {"path": tuple(reading.path), "row": tuple(reading.row)}
    found = replace(mark, locators=locators, nth=nth, of=of, says=says, path=around["path"], row=around["row"])
    return found, tuple(reading.scopes)


def is_row(mark: Mark) -> bool:
    """Whether it is a row, list item or article itself."""
    return mark.role in ROWS or mark.says.get("tag") in _ROW_TAGS


def levels(links: tuple[Link, ...]) -> int:
    """How many rows a chain names one inside the other."""
    begun = [link.args[0].value for link in links if link.name in ("get_by_role", "locator") and link.args
             and isinstance(link.args[0], ast.Constant)]  # fmt: skip
    return sum(
        each in ROWS or re.search(r"(^|[\s>])(tr|li|article)\b[^>\s]*$", str(each)) is not None for each in begun
    )


def _framed(at: Locator, frames: list[str]) -> Locator:
    return Locator("css", " >>> ".join((*frames, at.value))) if at.kind == "css" and frames else at


def _read(link: Link, reading: _Reading, text: Text) -> None:
    if link.name in _KINDS or link.name in ("get_by_role", "get_by_title", "locator", "frame_locator"):
        reading.within()
        _begin(link, reading, text)
        return
    match link.name:
        case "content_frame":
            _enter_frame(reading)
        case "filter":
            _filter(link, reading, text)
        case "first":
            reading.nth = 0
        case "nth":
            reading.nth = _number(link)
        case "visible" | "describe":
            return
        case "last":
            raise CannotTake("which one is the last changes; say it by its name, a test id or a text of its row")
        case _:
            raise CannotTake(f"`.{link.name}` cannot be said of a target in a workflow")


def _begin(link: Link, reading: _Reading, text: Text) -> None:
    """A link that names an element, inside of what came before it."""
    reading.started = True
    if "exact" in link.keywords and ast.unparse(link.keywords["exact"]) == "True":
        reading.said.says[EXACT] = "1"
    match link.name:
        case "get_by_role":
            _by_role(link, reading, text)
        case "get_by_title":
            reading.said.name = reading.said.says["title"] = _one(link, text)
        case "locator" | "frame_locator":
            _locator(link, reading, text)
            if link.name == "frame_locator":
                _enter_frame(reading)
        case _:
            reading.said.put(_KINDS[link.name], _one(link, text))
            reading.said.role = "img" if link.name == "get_by_alt_text" else ""


def _by_role(link: Link, reading: _Reading, text: Text) -> None:
    reading.said.role = _one(link, text)
    odd = [name for name in link.keywords if name not in _STATES and name != "name"]
    if odd:
        raise CannotTake(f"get_by_role with {odd[0]}= cannot be said of a target in a workflow")
    if "name" in link.keywords:
        reading.said.name = literal_of(link.keywords["name"], text)


def _locator(link: Link, reading: _Reading, text: Text) -> None:
    whole = _one(link, text)
    if hit := re.fullmatch(r"xpath=ancestor::\*\[(\d+)\]", whole):  # the rows of such elements, as we write them
        reading.said, reading.started = Said(role="row", says={"up": hit[1]}), True
        return
    parts = re.split(r"\s*>>(?!>)\s*", whole)
    for number, part in enumerate(parts):
        if hit := re.fullmatch(r"nth=(\d+)", part):
            reading.nth = int(hit[1])
            continue
        if part == "internal:control=enter-frame":
            _enter_frame(reading)
            continue
        if number:
            reading.within()
        selector(part, reading.said)
        reading.started = True
    for name in link.keywords:
        if name != "has_text":
            raise CannotTake(f"locator with {name}= cannot be said of a target in a workflow")
        _filter(Link("filter", (), {"has_text": link.keywords[name]}), reading, text)


def selector(part: str, said: Said) -> None:
    """Add what one of Playwright's selectors says: css, xpath, text, role, id or a test id."""
    engine, equals, rest = part.partition("=")
    rest = rest.strip()
    if part.startswith(("//", "..", "(//")) or (equals and engine == "xpath"):
        selectors.xpath(rest if engine == "xpath" else part, said)
    elif equals and engine in ("text", "id", *selectors.TESTIDS):
        kind = "testid" if engine in selectors.TESTIDS else engine
        said.put(kind, rest.strip("\"'"))
    elif equals and engine == "role":
        hit = re.fullmatch(r"([\w-]+)((?:\[.*\])?)", rest)
        if hit is None:
            raise CannotTake(f"the selector {part!r} cannot be read")
        said.role = hit[1]
        named = re.search(r"\[name=(?:\"([^\"]*)\"|'([^']*)')", hit[2])
        said.name = (named[1] or named[2] or "") if named else ""
    elif part[:1] in "\"'" and part[-1:] == part[:1]:
        said.put("text", part[1:-1])
    else:
        selectors.css(rest if engine == "css" else part, said)


def _enter_frame(reading: _Reading) -> None:
    """What was read so far is a frame, and what comes next is inside it."""
    mark = reading.said.mark()
    known = {at.kind: at.value for at in mark.locators}
    if "css" in known:
        found = known["css"]
    elif "id" in known:
        found = f"iframe#{known['id']}"
    elif "name" in known:
        found = f'iframe[name="{known["name"]}"]'
    elif "testid" in known:
        found = f'iframe[data-testid="{known["testid"]}"]'
    elif "title" in mark.says:
        found = f'iframe[title="{mark.says["title"]}"]'
    else:
        found = "iframe"
    reading.frames.append(found if re.match(r"i?frame", found) or " " in found else f"iframe{found}")
    reading.said, reading.nth, reading.started = Said(), -1, False


def _filter(link: Link, reading: _Reading, text: Text) -> None:
    for name, value in link.keywords.items():
        if name == "visible":
            continue
        if name == "has":
            _, links = chain_of(value)
            inner, _ = mark_of(links, text)
            found = inner.name
        elif name == "has_text":
            found = literal_of(value, text)
        else:
            found = ""
        if not found:
            raise CannotTake(f"filter({name}=...) cannot be said of a target in a workflow")
        mark = reading.said.mark()
        if mark.role in ROWS or mark.says.get("tag") in _ROW_TAGS:
            reading.row.append(found)
            reading.told = TEXTS if name == "has_text" else reading.told
        elif reading.said.role and not reading.said.name:
            reading.said.name = found
        else:  # a block that is told by its text: around what comes next, or the text itself
            reading.said = Said(role="", locators=[Locator("text", found)])


def _one(link: Link, text: Text) -> str:
    """The only argument."""
    found = [*link.args, *(value for name, value in link.keywords.items() if name in ("text", "selector", "role"))]
    if len(found) != 1:
        raise CannotTake(f"`.{link.name}` needs one text")
    return literal_of(found[0], text)


def literal_of(node: ast.expr, text: Text) -> str:
    """A literal; a pattern if it stands for one text only."""
    match node:
        case ast.Call(
            func=ast.Attribute(value=ast.Name(id="re"), attr="compile"), args=[ast.Constant(value=str(found)), *flags]
        ) if {ast.unparse(flag) for flag in flags} <= ANY_CASE:
            bare = re.sub(r"\\([^\w\s])", r"\1", found.removeprefix("^").removesuffix("$"))
            if re.search(r"\\\w|(?<!\\)[*+?|()\[\]{}]|(?<!\\)\.(?=[*+?])", found):
                raise CannotTake(f"the pattern {found!r} stands for many texts; write the text itself")
            return text(ast.Constant(bare))
        case _:
            return text(node)


def _number(link: Link) -> int:
    match link.args:
        case [ast.Constant(value=int(found))] if found >= 0:
            return found
        case _:
            raise CannotTake(
                "`.nth` needs a number from 0 up; what is counted from the end changes, so say it by its name, a test "
                "id or a text of its row"
            )
