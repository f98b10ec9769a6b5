"""What a browser's form holds: fields and files, as names with bytes. It keeps nothing on disk."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from email.message import Message
from urllib.parse import parse_qsl

from cua.errors import UsageError
from sandbox_vms.guest.wire import Asked

_END = b"\r\n\r\n"


def fields(asked: Asked) -> Mapping[str, bytes]:
    """The fields by name, the files' contents among them. Raises UsageError for a body that is no form."""
    about = Message()
    about["Content-Type"] = asked.headers.get("content-type", "")
    if about.get_content_type() != "multipart/form-data":
        plain = parse_qsl(asked.body.decode(errors="surrogateescape"), keep_blank_values=True, errors="surrogateescape")
        return {name: value.encode(errors="surrogateescape") for name, value in plain}
    boundary = about.get_param("boundary")
    if not isinstance(boundary, str) or not boundary:
        raise UsageError(f"the form sent to {asked.path} does not say where its parts begin (boundary=)")
    return dict(_parts(asked, boundary.encode()))


def field(found: Mapping[str, bytes], name: str) -> str:
    """A field as text. Raises UsageError where it lacks."""
    if name not in found:
        raise UsageError(f"{name} is required")
    return found[name].decode(errors="surrogateescape")


def _parts(asked: Asked, boundary: bytes) -> Iterator[tuple[str, bytes]]:
    """The parts of RFC 7578, without copying what is before and after each."""
    mark, body = b"--" + boundary, asked.body
    at = body.find(mark)
    while at >= 0 and body[at + len(mark) : at + len(mark) + 2] != b"--":
        begin = body.find(b"\r\n", at + len(mark)) + 2
        following = body.find(b"\r\n" + mark, begin - 2)
        head_end = body.find(_END, begin - 2)
        if begin < 2 or following < 0 or not 0 <= head_end <= following:
            raise UsageError(f"the form sent to {asked.path} is cut off")
        name = _name(body[begin:head_end].decode(errors="replace"))
        if name:
            yield name, body[head_end + len(_END) : following]
        at = following + 2


def _name(head: str) -> str:
    part = Message()
    for line in head.split("\r\n"):
        key, mark, value = line.partition(":")
        if mark:
            part[key] = value.strip()
    found = part.get_param("name", header="Content-Disposition")
    return found if isinstance(found, str) else ""
