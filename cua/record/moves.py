"""What importers read, before it is a workflow: acts in order, and what their labels alone tell of them.

Pure data and look-ups; it knows no file format.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from cua import core
from cua.core import Element, Locator, Observation, Place
from cua.memory.workflows import Act, Mark
from cua.secret_words import named_secret

# a label, or what stands in one: a field or a tick, and no command
_LABELLED = re.compile(r"(?:^|[\s>])label(?![\w-])[^\s>]*(?:\s*>\s*(?:input|span)(?![\w-])[^\s>]*)?$")
UNKNOWN = ("", "?")  # no role is known; "?" says that the target is known by its name alone


@dataclass(frozen=True, slots=True)
class Move:
    """One act as it was read, texts as they stand in the file. `where` names its line or step.

    `typed` says that the text is what a person filled in, so that it becomes a parameter.
    """

    act: Act
    where: str
    typed: bool = False
    secret: bool = False


@dataclass(frozen=True, slots=True)
class Block:
    """Moves for every row of `over`, or if `present` shows; one of the two."""

    moves: list[Move | Block]
    over: str = ""
    present: Mark | None = None
    seconds: float = 1.0


def every(moves: list[Move | Block]) -> Iterator[Move]:
    for move in moves:
        if isinstance(move, Block):
            yield from every(move.moves)
        else:
            yield move


def secret_field(mark: Mark) -> bool:
    """Whether what is typed there is likely a secret: by its type, or by the words on it."""
    if mark.says.get("type") == "password" or "password" in mark.says.get("autocomplete", ""):
        return True
    said = [mark.name, *(at.value for at in mark.locators), *mark.says.values()]
    return any(map(named_secret, said))


def origin(url: str) -> str:
    """Scheme, host and port of an address; "" for what is none."""
    parts = urlsplit(url)
    if parts.scheme == "file":
        return "file://"
    return f"{parts.scheme}://{parts.netloc}".casefold() if parts.scheme in ("http", "https") and parts.netloc else ""


def as_element(mark: Mark) -> Element:
    """The mark as something that might be seen, for what is told by labels alone."""
    said = tuple(Locator(kind, mark.says[kind]) for kind in ("type",) if kind in mark.says)
    labelled = any(at.kind == "css" and _LABELLED.search(at.value) for at in mark.locators)
    role = ("checkbox" if labelled else "generic") if mark.role in UNKNOWN else mark.role
    return Element("", role, mark.name, locators=mark.locators + said)


def known_role(move: Move, known: dict[tuple[Locator, ...], str]) -> Move:
    act = move.act
    if act.target is None or act.target.role not in UNKNOWN:
        return move
    kinds = {at.kind for at in act.target.locators}
    any_role = "" if act.target.role == "?" else "generic"
    guess = "textbox" if "placeholder" in kinds or act.do == "fill" else any_role
    role = known.get(act.target.locators, guess)
    said = "" if role == "generic" else role
    expect = tuple(replace(each, role=said) if each.role == "?" else each for each in act.expect)
    return replace(move, act=replace(act, target=with_role(act.target, role), expect=expect))


def with_role(mark: Mark, role: str) -> Mark:
    """The mark with the role that its act shows it to have."""
    named = (Locator("role", f"{role}:{mark.name}"),) if mark.name and role not in ("", "?", "generic") else ()
    return replace(mark, role=role, locators=mark.locators + named)


def page_with(*elements: Element | None) -> Observation:
    return Observation(Place("web", url="http:"), tuple(filter(None, elements)))


def texts_of(act: Act) -> Iterator[str]:
    yield act.text if act.do == "open" else ""
    for mark in filter(None, (act.target, act.to)):
        yield from (mark.name, *mark.path, *mark.row, *(at.value for at in mark.locators))


def action(act: Act, element: Element | None) -> core.Action:
    there = element or Element("", "document", "")
    match act.do:
        case "click":
            return core.Click(there, act.button, act.count, act.keys)
        case "fill":
            return core.Fill(there, act.text)
        case "type":
            return core.Type(act.text)
        case "press":
            return core.Press(act.text)
        case "scroll":
            return core.Scroll(there, *act.scroll)
        case "drag":
            return core.Drag(there, as_element(act.to) if act.to else there)
        case "open":
            return core.Open(act.text)
        case "wait":
            return core.Wait()
