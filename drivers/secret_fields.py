"""Which fields hold secrets, and screens without what is in them. What it takes out of a screen is kept nowhere."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from dataclasses import replace

from cua.core import SEAL, Box, Element, Frame, Observation
from cua.secret_words import named_secret

SECRET = f"{SEAL}secret{SEAL}"
_FIELDS = frozenset({"textbox", "paragraph", "combobox", "cell", "text"})
_PROMPT = re.compile(r"[:：?]\s*$")
_SHORTEST = 4
_ASKED = ("authentication", "authenticate", "askpass", "pinentry", "unlock", "keyring")


class Repeated:
    """Tells a secret that is typed again from another one. It holds no text, and what it compares dies with it."""

    def __init__(self) -> None:
        self._key = secrets.token_bytes(32)
        self._known: dict[bytes, int] = {}

    def sealed(self, text: str | None) -> str:
        """What is kept of a secret: the same for the same text. For a text that is not known nothing tells it apart."""
        if not text:
            return SECRET
        found = hmac.digest(self._key, text.encode(), "sha256")
        return f"{SEAL}secret#{self._known.setdefault(found, len(self._known) + 1)}{SEAL}"


def is_secret(element: Element) -> bool:
    """Whether what is typed into an element must never be kept: by its state, its label, or the prompt it shows."""
    if "password" in element.states:
        return True
    if element.role not in _FIELDS or not ({"editable", "focused"} & element.states):
        return False
    if named_secret(element.name) or named_secret(element.description):
        return True
    return _prompts(element) and named_secret(_last_line(element))


def asks_for_secret(title: str) -> bool:
    """Whether a window is of the kind that asks for a password; for those that tell nothing of what is in them."""
    return named_secret(title) or any(word in title.casefold() for word in _ASKED)


def cleared(seen: Observation) -> Observation:
    """The screen without what is in its secret fields: in elements, and in the picture where it is readable there."""
    secret = [e for e in seen.elements if is_secret(e) and not _prompts(e)]
    texts = {e.value for e in secret if e.value and "password" not in e.states}
    telling = {text for text in texts if len(text) >= _SHORTEST}
    hidden = [e for e in seen.elements if e.value and (e in secret or _tells(e, telling))]
    hidden += [e for e in seen.elements if not e.value and _tells(e, telling)]
    if not hidden and not secret:
        return seen
    refs = {e.ref for e in hidden}
    elements = tuple(_without(e, telling, e in secret) if e.ref in refs else e for e in seen.elements)
    boxes = [e.box for e in hidden if e.box and "password" not in e.states]
    frame = _blotted(seen.frame, boxes) if seen.frame and boxes else seen.frame
    window = _scrubbed(seen.place.window, telling)
    return replace(seen, elements=elements, frame=frame, place=replace(seen.place, window=window))


def _prompts(element: Element) -> bool:
    """A terminal that asks: what is typed at its prompt does not show, and what shows above is no secret."""
    return not {"password", "editable"} & element.states and bool(_PROMPT.search(_last_line(element)))


def _last_line(element: Element) -> str:
    return ((element.value or "").rstrip().splitlines() or [""])[-1]


def _tells(element: Element, texts: set[str]) -> bool:
    said = (element.name, element.value or "", element.description)
    return any(text in part for text in texts for part in said)


def _without(element: Element, texts: set[str], secret: bool) -> Element:
    value = None if secret else element.value and _scrubbed(element.value, texts)
    return replace(
        element,
        name=_scrubbed(element.name, texts),
        value=value,
        description=_scrubbed(element.description, texts),
        locators=tuple(replace(one, value=_scrubbed(one.value, texts)) for one in element.locators),
    )


def _scrubbed(text: str, secrets: set[str]) -> str:
    for secret in sorted(secrets, key=len, reverse=True):
        text = text.replace(secret, SECRET)
    return text


def _blotted(frame: Frame, boxes: list[Box]) -> Frame:
    """The picture with black where these boxes are."""
    if frame.pixels is None:
        return frame
    pixels = bytearray(frame.pixels)
    for box in boxes:
        left, right = max(box.x, 0), min(box.x + box.width, frame.width)
        for y in range(max(box.y, 0), min(box.y + box.height, frame.height)):
            start = (y * frame.width + left) * 4
            pixels[start : start + max(right - left, 0) * 4] = bytes(max(right - left, 0) * 4)
    sha = hashlib.blake2b(pixels, digest_size=16).hexdigest()
    return replace(frame, sha=sha, pixels=bytes(pixels))
