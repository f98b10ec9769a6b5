"""Office documents as bytes: the parts of a zip archive, and their XML as trees.

It reads only: it follows no link, resolves no entity, runs no macro, and unpacks no more than a limit allows.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

from cua.errors import SandboxError

MOST_BYTES = 64 << 20
MOST_PIECES = 2_000_000  # elements of one part


class NoDocument(SandboxError):
    """The bytes are no document of the kind that the name of the file says."""


@dataclass(frozen=True, slots=True)
class Package:
    """A zip archive of XML parts; `name` is the file's, for errors."""

    name: str
    archive: zipfile.ZipFile

    def has(self, part: str) -> bool:
        return part in self.archive.namelist()

    def tree(self, part: str) -> Element:
        """One part as a tree. Raises NoDocument where there is none; SandboxError for what cannot be read safely."""
        return tree(self.part(part), f"{self.name} ({part})")

    def part(self, part: str) -> bytes:
        """The bytes of one part, at most MOST_BYTES."""
        try:
            with self.archive.open(part) as opened:
                data = opened.read(MOST_BYTES + 1)
        except KeyError as exc:
            raise NoDocument(f"{self.name} has no part {part}; save it in the format that its name says") from exc
        except (zipfile.BadZipFile, zlib.error, EOFError) as exc:
            raise SandboxError(f"{self.name} is damaged in {part}: {exc}; save it anew") from exc
        except (RuntimeError, NotImplementedError) as exc:
            raise SandboxError(f"{self.name} cannot be opened: {exc}; save it without a password") from exc
        if len(data) > MOST_BYTES:
            raise SandboxError(f"{part} of {self.name} is larger than {MOST_BYTES >> 20} MB; it is not read")
        return data


def package(name: str, data: bytes) -> Package:
    """The archive that a document is. Raises NoDocument if it is none, SandboxError if it is too large."""
    if len(data) > MOST_BYTES:
        raise SandboxError(f"{name} is larger than {MOST_BYTES >> 20} MB; it is not read")
    try:
        return Package(name, zipfile.ZipFile(io.BytesIO(data)))
    except zipfile.BadZipFile as exc:
        raise NoDocument(f"{name} is no office document; save it in the format that its name says") from exc


def tree(data: bytes, name: str) -> Element:
    """XML as a tree, tags as "{namespace}local". What declares a document type is refused: entities come with it."""
    builder, parser = TreeBuilder(), expat.ParserCreate(namespace_separator="}")
    count = 0

    def refuse(*_: object) -> None:
        raise SandboxError(f"{name} declares a document type, which no office document does; it is not read")

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal count
        count += 1
        if count > MOST_PIECES:
            raise SandboxError(f"{name} has more than {MOST_PIECES} elements; it is not read")
        builder.start(_braced(tag), {_braced(key): value for key, value in attributes.items()})

    parser.StartDoctypeDeclHandler = refuse
    parser.StartElementHandler = start
    parser.EndElementHandler = lambda tag: builder.end(_braced(tag))
    parser.CharacterDataHandler = builder.data
    parser.buffer_text = True
    try:
        parser.Parse(data, True)
    except expat.ExpatError as exc:
        raise SandboxError(f"{name} is damaged: {exc}; save it anew") from exc
    return builder.close()


def local(element: Element) -> str:
    """The tag without its namespace."""
    return element.tag.rpartition("}")[2]


def said(element: Element, name: str, default: str = "") -> str:
    """An attribute by its local name; in these formats no two of one element are called alike."""
    return next((value for key, value in element.attrib.items() if key.rpartition("}")[2] == name), default)


def below(element: Element, name: str) -> Iterator[Element]:
    """The elements of this local name below one, in order of the document."""
    return (each for each in element.iter() if local(each) == name)


def child(element: Element, name: str) -> Element | None:
    """The first child of this local name."""
    return next((each for each in element if local(each) == name), None)


def _braced(name: str) -> str:
    return "{" + name if "}" in name else name
