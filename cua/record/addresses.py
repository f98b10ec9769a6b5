"""An address as a pattern of where a step leads: with slots, and a star for what differs from time to time. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import parse_qsl, quote_plus, unquote, urlsplit

from cua.memory.workflows import literal, slots
from cua.record.params import Params

_MOST_PAIRS = 6
_SLOT = re.compile(r"\$\{[^}]*\}")
_SECRETIVE = re.compile(
    r"(?i)token|sid|session|csrf|xsrf|nonce|state|code|sig|key|hash|time|stamp|^ts?$|^_|expire|rand|uuid|utm_"
)
_VOLATILE = re.compile(r"\d{2,}|^\d+$|(?=\w*\d)(?=\w*[a-z])\w{6,}|^[0-9a-f]{8,}$|\w{25,}", re.IGNORECASE)


def address(url: str, params: Params, *, doubted: Callable[[str], bool] = lambda part: False) -> str:
    """The path and query of an address as a pattern: with slots, and * for what differs from time to time, and for
    the parts of the path that are doubted.
    """
    parts = urlsplit(url)
    segments = [(unquote(each), each) for each in parts.path.split("/")]
    path = "/".join("*" if doubted(plain) else _part(plain, each, params) for plain, each in segments) or "/"
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    if not pairs:
        return path
    if len(pairs) > _MOST_PAIRS:
        return f"{path}?*"
    return f"{path}?{'&'.join(_pair(key, value, params) for key, value in pairs)}"


def _pair(key: str, value: str, params: Params) -> str:
    found = "*" if _SECRETIVE.search(key) else _part(value, quote_plus(value), params)
    return f"{_escaped(literal(quote_plus(key)))}={found}"


def _part(value: str, written: str, params: Params) -> str:
    """One segment or value. A slot stands only for what is written in addresses just as it is typed."""
    slotted = params.slotted(value)
    if slots(slotted) and not params.in_address(value):
        plain = re.fullmatch(r"[\w.~-]+", value, re.ASCII) and not _VOLATILE.search(_SLOT.sub("", slotted))
        return _escaped(slotted) if plain else "*"
    bent = params.bent(value) and not params.in_address(value)
    return "*" if _VOLATILE.search(value) or bent else _escaped(literal(written))


def _escaped(text: str) -> str:
    return re.sub(r"[*?\[]", lambda found: f"[{found[0]}]", text)
