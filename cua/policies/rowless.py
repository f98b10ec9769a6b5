"""When the row that a mark remembers tells nothing of an element: what it does is plain without it.

Pure over one look. Only for what cannot do the same to another record: a link that leads where it led, a field, what
stands under the heading that names its record, and the only act of its name on a page that still has its record. It
only says that no row is needed, never that one is right.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from cua.memory.workflows import Mark
from cua.policies.fields import BESIDE, FIELDS
from cua.policies.lexicon import known_words
from cua.policies.likeness import attributes, key_value
from cua.policies.rowing import record
from cua.policies.surroundings import Look, plain, skeleton
from cua.policies.wording import SAME_WORDS, alike, beside_records, harmful

_CODE = re.compile(r"@|#\s*\d|^[a-z]+[-_/ ]?\d[\w-]*$|^\d{4,}$", re.I)
_WORDS = re.compile(r"[^\W\d_]+")


def row_waived(mark: Mark, look: Look, at: int) -> bool:
    """Whether the element may be the one meant in whichever row it stands."""
    if leads_there(mark, look, at) or _says_its_label(mark, look, at):
        return True
    if mark.says.get("rows", "many") == "many":
        return False
    if mark.role in FIELDS:
        return skeleton(mark.says.get("xpath", "")) != skeleton(look.xpaths[at]) and not look.row(at)
    return _under_its_heading(mark, look, at) or _record_here(mark, look, at)


def _says_its_label(mark: Mark, look: Look, at: int) -> bool:
    """Whether it is a field whose row said nothing but what stood for its label, and that is its label here."""
    beside = plain(mark.says.get(BESIDE, ""))
    here = look.plains[at] or plain(look.said[at].get(BESIDE, ""))
    return mark.role in FIELDS and {plain(text) for text in mark.row} == {beside} == {here}


def leads_there(mark: Mark, look: Look, at: int) -> bool:
    """Whether it is a link to the address that only it leads to, and neither its name nor the address says that
    following it does anything to a record.
    """
    way = key_value("href", attributes(mark).get("href", ""))
    if mark.role != "link" or not way or way.startswith("#"):
        return False
    words = " ".join(_WORDS.findall(way.rpartition("/")[2]))
    if harmful(mark.name) or harmful(words) or beside_records(mark.name or words):
        return False
    return look.elements[at].role == "link" and way == key_value("href", look.said[at].get("href", ""))


def _under_its_heading(mark: Mark, look: Look, at: int) -> bool:
    """Whether the heading above is of its record and as before, all that may name the record is on the page, and it
    stands in no row.
    """
    heading, here = plain(mark.path[-1]) if mark.path else "", look.path(at)
    if not here or heading != plain(here[-1]) or heading not in map(plain, mark.row[:1]) or look.row(at):
        return False
    return _naming(heading) and all(look.common(text) for text in mark.row if _naming(text))


def _record_here(mark: Mark, look: Look, at: int) -> bool:
    """Whether the one act of this name, now as then, still is on one page with all that named its record, stands in no
    row, and has nothing beside it that could name another record.
    """
    wanted = plain(mark.name)
    same = [name for name in look.plains if name and alike(name, wanted) >= SAME_WORDS]
    if mark.of != 1 or look.plains[at] not in same or len(same) > 1 or look.row(at):
        return False
    naming = [text for text in mark.row if _naming(text)]
    known = _names((*mark.row, *mark.near, *mark.path))
    others = [text for text in record(look, at)[0] if _naming(text) and not _names((text,)) <= known]
    return bool(naming) and not others and _names(naming) <= _names(look.plains)


def _names(texts: Iterable[str]) -> set[str]:
    """The words of these texts that may name something, and their codes."""
    words = {word for text in texts for word in _WORDS.findall(text.casefold()) if len(word) > 1}
    codes = {part for text in texts for part in text.casefold().split() if any(map(str.isdigit, part))}
    return (words - known_words()) | codes


def _naming(text: str) -> bool:
    """Whether a text may be the name of something: it has a word that is no usual one on screens, or is a code."""
    words = [word for word in _WORDS.findall(text.casefold()) if len(word) > 1]
    return bool(_CODE.search(text)) or any(word not in known_words() for word in words)
