"""What a page made anew says otherwise: whether it was made anew, whether it speaks other words throughout, and what
cannot be the target under another name.

Pure over one look; called by `choosing`. It compares; it never chooses.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from functools import lru_cache

from cua.memory.workflows import Mark
from cua.policies.likeness import key_value
from cua.policies.surroundings import Look, skeleton

_WORDS = re.compile(r"[^\W\d_]{3,}")
_HARDLY = 4  # one text in so many may share a word with a page in another language
_TABLED = frozenset({"cell", "gridcell", "columnheader", "rowheader"})


def foreign(known: Collection[str], look: Look) -> bool:
    """Whether the page speaks other words throughout: none of the texts that are known of the target is there, and
    hardly a word of them.
    """
    lettered = {text for text in known if any(letter.isalpha() for letter in text)}
    if len(lettered) < 4 or not lettered.isdisjoint(look.plains):
        return False
    here = _words_of(look)
    return sum(not here.isdisjoint(_WORDS.findall(text)) for text in lettered) * _HARDLY < len(lettered)


@lru_cache(maxsize=1)
def _words_of(look: Look) -> frozenset[str]:
    return frozenset(word for text in look.plains for word in _WORDS.findall(text))


def made_anew(mark: Mark, look: Look) -> bool:
    """Whether nothing of the target's role stands where it stood, by tags."""
    xpath = mark.says.get("xpath", "")
    return bool(xpath) and (mark.role, skeleton(xpath)) not in look.shapes


def in_table(look: Look, at: int) -> bool:
    """Whether it stands in a cell of a table."""
    return any(look.elements[above].role in _TABLED for above in look.above(at))


def leads_elsewhere(said: Mapping[str, str], look: Look, at: int) -> bool:
    """Whether it is a link, as what said so was, and its address is another one."""
    ways = [key_value("href", every.get("href", "")) for every in (said, look.said[at])]
    return all(ways) and ways[0] != ways[1]
