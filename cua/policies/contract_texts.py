"""What a text that is to be typed would bring in: addresses, numbers of accounts, commands, paths, keys.

Each is compared with what the person gave; what they did not give was read off a screen, or made up. It knows shapes
only, and errs towards asking.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from cua.policies.contract_places import cleaned, named
from cua.policies.lookups import fold

_MAIL = re.compile(r"[\w.+%-]+\s?@\s?[\w-]+(?:\.[\w-]+)+")
_IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?:[ -]?[A-Z0-9]{4}){3,7}(?:[ -]?[A-Z0-9]{1,4})?\b")
_DIGITS = re.compile(r"(?<![\w.,])\+?\(?\d[\d ()./-]{5,}\d(?![\w])")
_WALLET = re.compile(r"\b(?:bc1[a-z0-9]{20,}|0x[0-9a-fA-F]{40}|[13][1-9A-HJ-NP-Za-km-z]{25,34})\b")
_KEY = re.compile(
    r"(?<![\w/-])(?=[\w-]*\d)(?=[\w-]*[A-Za-z])[\w-]{20,}(?![\w/])|\b(?:sk|pk|ghp|gho|xox[bp]|AKIA)[-_]?\w{8,}"
)
_COMMAND = re.compile(
    r"(?i)\b(?:curl|wget|nc|scp|ssh)\s+\S|\brm\s+-\w|\bsudo\s|\bchmod\s|\bpowershell\b|\b(?:ba|z)?sh\s+-c\b|\|\s*(?:ba|z)?sh\b"
    r"|\$\(|\beval\s*\(|\bpython3?\s+-c\b|\bcmd(?:\.exe)?\s+/c\b|^\s*=\s*(?:cmd\||webservice|hyperlink|importxml|importdata|dde)\b"
    r"|<script\b|\bjavascript:"
)
_PATH = re.compile(
    r"(?<![\w:/.~])(?:/(?!home/)[\w.-]+(?:/[\w.-]+)+|~/\.[\w./-]+|(?:\.\./)+[\w./-]*|[A-Za-z]:\\[^\s]+|\\\\\w[^\s]+)|file://\S+"
)
_DATE = re.compile(r"\d{1,4}[./-]\d{1,2}[./-]\d{1,4}$|\d{1,2}[./ -]\d{4}$")
_HIDDEN = re.compile("[\u200b-\u200f\u2060\ufeff\u00ad\u202a-\u202e]")
_PHONE = 7  # digits from which on a number may be a telephone's


def brought(text: str, known: Iterable[str]) -> str:
    """What a text brings in that none of the known texts holds, with what it is; "" if nothing."""
    text = _HIDDEN.sub("", text)
    given = [_HIDDEN.sub("", each) for each in known]
    return next((found for found in _found(text, given)), "")


def _found(text: str, known: list[str]) -> Iterator[str]:
    bare = "\n".join(_bare(each) for each in known)
    kinds = (("an e-mail address", _MAIL), ("an account", _IBAN), ("a wallet", _WALLET), ("a command", _COMMAND),
             ("a path", _PATH), ("a key", _KEY))  # fmt: skip
    for kind, pattern in kinds:
        for hit in pattern.finditer(text):
            if _bare(hit[0]) not in bare:
                yield f"{kind}, {hit[0].strip()!r}"
    for hit in _DIGITS.finditer(_IBAN.sub(" ", text)):
        digits = re.sub(r"\D", "", hit[0])
        if len(digits) >= _PHONE and not _DATE.fullmatch(hit[0].strip()) and not any(_has(digits, e) for e in known):
            yield f"a number, {hit[0].strip()!r}"
    origins = {place.partition("://")[2] for each in known for place in named(each)}
    for place in named(_MAIL.sub(" ", cleaned(text) if "\\" in text else text)):
        if place.partition("://")[2] not in origins and not any(
            fold(place.partition("://")[2]) in fold(e) for e in known
        ):
            yield f"a web address, {place.removeprefix('://')!r}"


def _has(digits: str, known: str) -> bool:
    """Whether a known text holds that number, as a whole, however it is grouped."""
    return any(re.sub(r"\D", "", hit[0]) == digits for hit in re.finditer(r"[\d ()+./-]+", known))


def _bare(text: str) -> str:
    return re.sub(r"[\s-]", "", fold(text))


def given(text: str, known: Iterable[str]) -> bool:
    """Whether a text is one that the person gave, but for case and blanks."""
    wanted = _bare(text)
    return any(wanted in _bare(each) for each in known) if wanted else True
