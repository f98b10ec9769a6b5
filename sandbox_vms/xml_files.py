"""Settings in XML: a tree that was read with care, and its attributes and texts as pairs of key and value."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

from cua.errors import SandboxError

_NAMING = ("oor:path", "oor:name", "name", "id", "key", "href")
_CARRIERS = frozenset({"property", "item", "prop", "entry", "setting", "option", "preference", "node", "value"})
_DOCUMENTS = frozenset({"svg", "html", "rss", "feed", "interface"})


def tree(data: bytes) -> Element:
    """Raises SandboxError for what is no XML, for a document, and for entities, which can make a small file huge."""
    builder = TreeBuilder()
    parser = expat.ParserCreate()
    parser.StartElementHandler = builder.start
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.data
    parser.EntityDeclHandler = _refuse_entity
    try:
        parser.Parse(data, True)
    except (expat.ExpatError, LookupError) as error:
        raise SandboxError(f"no XML: {error}") from error
    root: Element = builder.close()
    if root.tag in _DOCUMENTS:
        raise SandboxError(f"a document, not settings: <{root.tag}>")
    return root


def pairs(node: Element, path: str = "", named_by: str = "") -> Iterator[tuple[str, str]]:
    typed = "value" in node.attrib or named_by.startswith("oor:")
    hidden = {named_by, "value", "oor:op", "type" if typed else ""}
    shown = {name: said for name, said in node.attrib.items() if name not in hidden and name[:5] != "xmlns"}
    text = node.text or ""
    if "value" in node.attrib:
        yield path, node.attrib["value"]
    elif text.strip() or not (len(node) or shown):
        yield path, text.strip() if len(node) else text
    for name, said in shown.items():
        yield f"{path}@{name}", said
    for child, step, naming in _steps(list(node)):
        yield from pairs(child, "/".join(filter(None, (path, step))), naming)


def plist(node: Element) -> object:
    """A property list as objects."""
    if node.tag == "dict":
        return {key.text or "": plist(value) for key, value in zip(node[::2], node[1::2], strict=True)}
    if node.tag == "array":
        return [plist(item) for item in node]
    return node.tag == "true" if node.tag in ("true", "false") else node.text or ""


def _refuse_entity(*_: object) -> None:
    raise SandboxError("declares entities, which can make a small file huge")


def _steps(nodes: list[Element]) -> Iterator[tuple[Element, str, str]]:
    """Each node with what to call it among its siblings, and the attribute that says so, if one does."""
    naming = [next((name for name in _NAMING if name in node.attrib), "") for node in nodes]
    titles = [(node.tag, node.get(name, "")) for node, name in zip(nodes, naming, strict=True)]
    tags, often, seen = Counter(node.tag for node in nodes), Counter(titles), Counter[str]()
    for node, name, title in zip(nodes, naming, titles, strict=True):
        by_name = bool(name) and (often[title] == 1 or name.startswith("oor:"))
        label = title[1] if by_name else str(seen[node.tag])
        seen[node.tag] += 1
        if by_name or tags[node.tag] > 1:
            yield node, label if node.tag in _CARRIERS else f"{node.tag}[{label}]", name if by_name else ""
        else:
            yield node, "" if node.tag == "value" else node.tag, ""
