"""What the paragraphs of a text document say and how they look: OpenDocument (.odt) and Office Open XML (.docx).

It reads the text that stands in the document itself: no notes, no comments, no headers, nothing that was deleted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal
from xml.etree.ElementTree import Element

from cua.documents import Package, below, child, local, package, said
from cua.errors import SandboxError

Emphasis = Literal["bold", "italic", "underline"]
EMPHASES: tuple[Emphasis, ...] = ("bold", "italic", "underline")
_ASIDE = frozenset({"tracked-changes", "note", "annotation", "del", "moveFrom", "pPr", "txbxContent", "forms"})
_BREAKS = {"tab": "\t", "line-break": "\n", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}
_ALIGN = {"left": "start", "right": "end", "both": "justify"}
_OFF = ("0", "false", "none", "off")


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of text and how it was made to look, by hand and not by the style of its paragraph."""

    text: str
    looks: frozenset[Emphasis] = frozenset()


@dataclass(frozen=True, slots=True)
class Paragraph:
    """`style` is its name as a person sees it; `align` is "start", "center", "end", "justify" or ""."""

    runs: tuple[Run, ...]
    style: str = ""
    align: str = ""

    @property
    def text(self) -> str:
        return "".join(run.text for run in self.runs)

    def looking(self, how: str) -> tuple[str, ...]:
        """The stretches of text that look so, next to one another as one."""
        found: list[str] = []
        last = False
        for run in self.runs:
            now = how in run.looks
            if now and last:
                found[-1] += run.text
            elif now and run.text:
                found.append(run.text)
            last = now if run.text else last
        return tuple(found)


def paragraphs(name: str, data: bytes) -> tuple[Paragraph, ...]:
    """Every paragraph in order, those of lists and tables too. Raises NoDocument, SandboxError."""
    opened = package(name, data)
    try:
        return tuple(_of_opendocument(opened) if opened.has("content.xml") else _of_office(opened))
    except ValueError as exc:
        raise SandboxError(f"{name} is damaged: {exc}; save it anew") from exc


# ---------------------------------------------------------------------------------------------- OpenDocument


@dataclass(frozen=True, slots=True)
class _Style:
    """What a style that was made by hand adds to its parent, and what it takes away."""

    parent: str
    looks: frozenset[Emphasis] = frozenset()
    without: frozenset[Emphasis] = frozenset()
    align: str = ""

    def over(self, looks: frozenset[Emphasis]) -> frozenset[Emphasis]:
        return looks - self.without | self.looks


_Styles = Mapping[tuple[str, str], _Style]  # by family and name


def _of_opendocument(opened: Package) -> Iterator[Paragraph]:
    content, known = opened.tree("content.xml"), _named_styles(opened)
    named = {("text", said(s, "name")): _style(s) for s in known if said(s, "family") == "text"}
    own = named | {(said(style, "family"), said(style, "name")): _style(style) for style in below(content, "style")}
    shown = {said(s, "name"): said(s, "display-name") for s in known if said(s, "display-name")}
    for each in _outside(content, ("p", "h")):
        name = said(each, "style-name")
        style = own.get(("paragraph", name), _Style(name))
        seen = shown.get(style.parent) or re.sub(r"_([0-9a-f]{1,4})_", lambda m: chr(int(m[1], 16)), style.parent)
        yield Paragraph(tuple(_spans(each, style.looks, own)), seen, style.align)


def _named_styles(opened: Package) -> tuple[Element, ...]:
    return tuple(below(opened.tree("styles.xml"), "style")) if opened.has("styles.xml") else ()


def _style(style: Element) -> _Style:
    text, paragraph = child(style, "text-properties"), child(style, "paragraph-properties")
    said_of = {
        "bold": _fact(text, "font-weight", ("normal", "100", "200", "300", "400")),
        "italic": _fact(text, "font-style", ("normal",)),
        "underline": _fact(text, "text-underline-style", ("none",)),
    }
    looks, without = (frozenset(look for look in EMPHASES if said_of[look] is holds) for holds in (True, False))
    align = said(paragraph, "text-align") if paragraph is not None else ""
    return _Style(said(style, "parent-style-name"), looks, without, _ALIGN.get(align, align))


def _fact(about: Element | None, name: str, off: tuple[str, ...]) -> bool | None:
    """Whether an attribute says so; None where it says nothing."""
    value = said(about, name) if about is not None else ""
    return value not in off if value else None


def _spans(inside: Element, looks: frozenset[Emphasis], own: _Styles) -> Iterator[Run]:
    if inside.text:
        yield Run(_plain(inside.text), looks)
    for each in inside:
        kind = local(each)
        if kind == "s":
            yield Run(" " * int(said(each, "c", "1")), looks)
        elif kind in _BREAKS:
            yield Run(_BREAKS[kind], looks)
        elif kind not in _ASIDE:
            style = own.get(("text", said(each, "style-name"))) if kind == "span" else None
            yield from _spans(each, style.over(looks) if style is not None else looks, own)
        if each.tail:
            yield Run(_plain(each.tail), looks)


def _plain(text: str) -> str:
    """White space in the XML is one space; more of it has elements of its own."""
    return re.sub(r"[ \t\r\n]+", " ", text)


def _outside(element: Element, kinds: tuple[str, ...]) -> Iterator[Element]:
    """The paragraphs below, without what stands aside of the text."""
    for each in element:
        if local(each) in kinds:
            yield each
        elif local(each) not in _ASIDE:
            yield from _outside(each, kinds)


# ---------------------------------------------------------------------------------------------- Office Open XML


def _of_office(opened: Package) -> Iterator[Paragraph]:
    document = opened.tree("word/document.xml")
    names = _names(opened)
    for each in _outside(document, ("p",)):
        about = child(each, "pPr")
        style = _value(about, "pStyle")
        align = _value(about, "jc")
        yield Paragraph(tuple(_runs(each)), names.get(style, style), _ALIGN.get(align, align))


def _names(opened: Package) -> dict[str, str]:
    if not opened.has("word/styles.xml"):
        return {}
    return {said(style, "styleId"): _value(style, "name") for style in below(opened.tree("word/styles.xml"), "style")}


def _runs(inside: Element) -> Iterator[Run]:
    for each in inside:
        if local(each) == "r":
            about = child(each, "rPr")
            marks: tuple[tuple[Emphasis, str], ...] = (("bold", "b"), ("italic", "i"), ("underline", "u"))
            looks = frozenset(look for look, mark in marks if _on(about, mark))
            texts = [(e.text or "") if local(e) == "t" else _BREAKS.get(local(e), "") for e in each]
            yield Run("".join(texts), looks)
        elif local(each) not in _ASIDE:
            yield from _runs(each)


def _on(about: Element | None, mark: str) -> bool:
    found = child(about, mark) if about is not None else None
    return found is not None and said(found, "val", "1").lower() not in _OFF


def _value(about: Element | None, name: str) -> str:
    found = child(about, name) if about is not None else None
    return said(found, "val") if found is not None else ""
