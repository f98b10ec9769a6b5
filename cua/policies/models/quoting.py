"""Text of a screen made safe to stand in a prompt: one line, in quotes, without what cannot be seen or would end them.

Who writes a page or a file decides what its text says, and must not decide where it ends: no name can look like a line
of ours. Invisible letters, which may hold orders for a model, and those that turn the direction of writing go.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_JOINERS = "\u200c\u200d"  # real letters' business in Persian, in Hindi and in emoji
_UNWORDLY = re.compile(r"[^A-Za-z]")
_GAPS = re.compile(r"\s+")
# what might be taken for a mark that begins or ends text of the screen, whatever alphabet it is written in
_MARK = re.compile(r"([<＜﹤‹〈⟨《«≺])(?=[\s/⁄∕／＼\\|]*\w{4,12}\s*[-‐‑‒–—―−﹣－_=:\s>])")


def quoted(text: str, most: int) -> str:
    """The text in quotes, at most so many letters of it, with quotes in it escaped as in JSON."""
    return f'"{plainly(text, most).replace(chr(92), chr(92) * 2).replace(chr(34), chr(92) + chr(34))}"'


@lru_cache(maxsize=1000)
def role_of(text: str) -> str:
    """A role as a word: a page may make one up."""
    return _UNWORDLY.sub("", text[:30]) or "generic"


@lru_cache(maxsize=50_000)
def plainly(text: str, most: int) -> str:
    """The text on one line, at most so many letters of it, and only letters that can be seen."""
    text = text[: 4 * most + 64]  # what follows is not read: a name may be a whole document
    if not (text.isascii() and text.isprintable()):
        text = "".join(map(_seen, text))
    if "  " in text or text[:1] == " " or text[-1:] == " ":
        text = _GAPS.sub(" ", text).strip()
    text = text if len(text) <= most else f"{text[: most - 1]}…"
    return _MARK.sub(r"\1 ", text)


@lru_cache(maxsize=10_000)
def _seen(letter: str) -> str:
    """The letter, a space for one that only parts, "" for one that does not show, "�" for one that means nothing."""
    if letter in _JOINERS:
        return letter
    if 0xE0100 <= ord(letter) <= 0xE01EF:  # selectors of variants, of which any number can hide behind a letter
        return ""
    match unicodedata.category(letter):
        case "Cc" | "Zs" | "Zl" | "Zp":
            return " "
        case "Cf":
            return ""
        case "Cs" | "Co" | "Cn":
            return "�"
        case _:
            return letter
