"""What a selector of another tool says about an element: CSS, XPath and Playwright's own engines, as locators.

Pure text. It never asks a page, and keeps a selector that it cannot take apart as it is.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from cua.core import Locator
from cua.memory.workflows import Mark

TESTIDS = ("data-testid", "data-test-id", "data-test", "data-qa", "data-cy")
TAG_ROLES = {
    "button": "button", "a": "link", "select": "combobox", "textarea": "textbox", "option": "option", "img": "img",
    "summary": "button", "h1": "heading", "h2": "heading", "h3": "heading", "h4": "heading", "li": "listitem",
    "tr": "row", "td": "cell", "th": "columnheader", "table": "table", "ul": "list", "ol": "list", "p": "paragraph",
    "form": "form", "nav": "navigation", "main": "main", "dialog": "dialog",
}  # fmt: skip
_INPUT_ROLES = {
    "checkbox": "checkbox", "radio": "radio", "submit": "button", "button": "button", "reset": "button",
    "image": "button", "file": "button", "range": "slider", "number": "spinbutton", "search": "searchbox",
}  # fmt: skip
_QUOTED = r'(?:"((?:[^"\\]|\\.)*)"|\'((?:[^\'\\]|\\.)*)\'|([^\]\)\s]+))'
_PART = re.compile(
    rf"#(?P<id>(?:[\w-]|\\.)+)|\.(?P<cls>(?:[\w-]|\\.)+)|\[(?P<attr>[\w-]+)(?:(?P<op>[~^$*|]?=){_QUOTED})?\s*i?\]"
    rf"|:(?P<pseudo>[\w-]+)(?:\((?P<inner>(?:[^()]|\([^()]*\))*)\))?"
)
_ATTRIBUTES = {"name": "name", "placeholder": "placeholder", "href": "href", "alt": "alt"}
_SAYS = ("type", "title", "autocomplete")
_IN_XPATH = re.compile(rf"@(?P<attr>[\w-]+)\s*=\s*{_QUOTED}|(?:text\(\)|\.)\s*=\s*(?:\"([^\"]*)\"|'([^']*)')")


@dataclass(slots=True)
class Said:
    """What is known of one element, gathered from one selector or from several of the same target."""

    role: str = ""
    name: str = ""
    locators: list[Locator] = field(default_factory=list)
    says: dict[str, str] = field(default_factory=dict)

    def put(self, kind: str, value: str) -> None:
        if value and Locator(kind, value) not in self.locators:
            self.locators.append(Locator(kind, value))

    def mark(self) -> Mark:
        """The mark: locators best first, the name among them."""
        order = ("testid", "id", "role", "label", "name", "placeholder", "text", "href", "alt", "css", "xpath")
        if self.name and self.role:
            self.put("role", f"{self.role}:{self.name}")
        ranked = sorted(self.locators, key=lambda at: order.index(at.kind) if at.kind in order else len(order))
        known = {at.kind: at.value for at in reversed(self.locators)}
        name = self.name or known.get("label") or known.get("text") or known.get("placeholder") or known.get("alt", "")
        return Mark(self.role, name, tuple(ranked), says=dict(self.says))


def css(selector: str, said: Said) -> None:
    """Add what a CSS selector says; parts before the last are kept only in the whole."""
    whole = re.sub(r"\s*>\s*(?!>)", " > ", selector.strip()) if ">>>" not in selector else selector.strip()
    leaf = re.split(r"\s*>>>\s*|\s*[>+~]\s*|\s+", _shielded(whole))[-1].replace("\0", " ")
    single = leaf == whole
    tag, known = _compound(leaf, said)
    if not (single and known):
        said.put("css", whole)
    if tag:
        said.says.setdefault("tag", tag)
    if not said.role:
        kind = said.says.get("type", "")  # without one it may be a tick as well as a field
        said.role = _INPUT_ROLES.get(kind, "textbox" if kind else "") if tag == "input" else TAG_ROLES.get(tag, "")


def _shielded(selector: str) -> str:
    """Spaces and combinators inside of brackets and quotes are no combinators."""
    return re.sub(r"\[[^\]]*\]|\((?:[^()]|\([^()]*\))*\)", lambda hit: re.sub(r"\s", "\0", hit[0]), selector)


def _compound(text: str, said: Said) -> tuple[str, bool]:
    """The tag, and whether a key in it says which element it is."""
    head = re.match(r"[a-zA-Z][\w-]*|\*", text)
    tag = head[0].lower() if head and head[0] != "*" else ""
    known, at = False, head.end() if head else 0
    while at < len(text):
        hit = _PART.match(text, at)
        if hit is None:
            return tag, False
        at = hit.end()
        known = _part(hit, said) or known
    return tag, known


def _part(hit: re.Match[str], said: Said) -> bool:
    if hit["id"]:
        said.put("id", _bare(hit["id"]))
        return True
    if hit["cls"]:
        said.says["class"] = " ".join(filter(None, (said.says.get("class", ""), _bare(hit["cls"]))))
        return False
    if hit["attr"] and hit["op"] == "=":
        return _attribute(hit["attr"], _bare(next(filter(None, hit.groups()[4:7]), "")), said)
    if hit["pseudo"] in ("has-text", "text-is", "text"):
        found = _bare((hit["inner"] or "").strip().strip("\"'"))
        said.put("text", found)
        said.name = said.name or found
        return True
    return False


def _attribute(name: str, value: str, said: Said) -> bool:
    if name in TESTIDS:
        said.put("testid", value)
    elif name == "id":
        said.put("id", value)
    elif name in _ATTRIBUTES:
        said.put(_ATTRIBUTES[name], value)
    elif name == "aria-label":
        said.name = said.name or value
    elif name == "role":
        said.role = said.role or value
        return False
    else:
        if name in _SAYS:
            said.says[name] = value
        return False
    return True


def _bare(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text)


def xpath(selector: str, said: Said) -> None:
    """Add what an XPath says: the tag and the attributes of its last step."""
    last = re.split(r"/(?![^\[]*\])", selector)[-1]
    head = re.match(r"(?:[\w-]+::)?([a-zA-Z][\w-]*)?", last)
    tag = (head[1] or "").lower() if head else ""
    known = False
    if "[" in last and " or " not in last:
        for hit in _IN_XPATH.finditer(last):
            if hit["attr"]:
                known = _attribute(hit["attr"], next(filter(None, hit.groups()[1:4]), ""), said) or known
            elif text := hit[5] or hit[6] or "":
                said.put("text", text)
                known = True
    if not known:
        said.put("xpath", selector)
    if not said.role:
        said.role = TAG_ROLES.get(tag, "")


def merged(mark: Mark, other: Mark) -> Mark:
    """The first, with what the second knows beside."""
    more = tuple(at for at in other.locators if at not in mark.locators)
    says = {**other.says, **mark.says}
    return replace(
        mark, role=mark.role or other.role, name=mark.name or other.name, locators=mark.locators + more, says=says
    )
