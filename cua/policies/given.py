"""Marks that hold locators and no evidence, as imports have them: which elements the locators mean. And whether one is
called so that what cannot be taken back may be done to it.

Pure over one look. Locators are read as their author meant them, and never bent: what they do not hit is not here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from cua.core import Locator
from cua.memory.workflows import Mark
from cua.policies.likeness import KEYS, attributes, compatible, key_value
from cua.policies.surroundings import Look, plain
from cua.policies.wording import alike, worse
from cua.screen import ACTABLE

# what a file of another tool may say of a target beside its locators
_FROM_FILES = frozenset({"type", "title", "autocomplete", "class", "tag", "frame", "frames", "up"})
_SAME, _REWORDED, _AS_IT_WAS = 0.97, 0.66, 0.9
_LOOSE = ("role", "label", "placeholder", "text", "alt")
_ANY_ROLE = frozenset({"", "?", "generic"})
_COMPOUND = re.compile(r"([a-zA-Z][\w-]*)?((?:\.[\w-]+)+)")


def only_given(mark: Mark) -> bool:
    """Whether the mark has locators and nothing that was seen of the target."""
    seen = mark.near or mark.row or mark.box or mark.window or mark.says.keys() - _FROM_FILES
    return bool(mark.locators) and not seen


def given(mark: Mark, look: Look) -> tuple[list[int], str, int]:
    """The elements that all locators which hit anything agree on, and the first such locator's kind and rank."""
    for exact in (True, False):
        hits = {rank: _hits(at, mark, look, exact=exact) for rank, at in enumerate(mark.locators)}
        hits = {rank: found for rank, found in hits.items() if found}
        named = {rank: found for rank, found in hits.items() if mark.locators[rank].kind != "css"} or hits
        if named:
            common = set.intersection(*map(set, named.values()))
            rank = next(iter(named))
            found = _one_of_nested(sorted(common), mark, look)
            if not common:
                found = sorted(set().union(*named.values()))
            missing = mark.of > 1 and mark.nth >= len(found)
            inside = [at for at in found if all(_inside(text, look, at) for text in mark.path)]
            return ([] if missing else inside), mark.locators[rank].kind, rank
    return [], "", 0


def _hits(locator: Locator, mark: Mark, look: Look, *, exact: bool) -> list[int]:
    if not exact and locator.kind not in _LOOSE:
        return []
    return [
        at
        for at, element in enumerate(look.elements)
        if (mark.role in _ANY_ROLE or compatible(mark.role, element.role))
        and element.role not in ("document", "window")
        and _hit(locator, look, at, exact=exact)
    ]


def _hit(locator: Locator, look: Look, at: int, *, exact: bool) -> bool:
    said, kind, value = look.said[at], locator.kind, locator.value
    match kind:
        case "testid" | "id" | "name" | "action":
            return said.get(kind) == value
        case "href":
            return said.get(kind) == value or 0 < len(key_value(kind, value)) == _same_way(value, said)
        case "css":
            return said.get(kind) == value or _by_class(value, said)
        case "role":
            role, _, name = value.partition(":")
            return compatible(role, look.elements[at].role) and _says(name, (look.plains[at],), exact=exact)
        case "label" | "placeholder" | "alt" | "text" | "title":
            texts = (plain(said.get(kind, "")), look.plains[at] if kind != "placeholder" else "")
            return _says(value, texts, exact=exact)
        case _:
            return False


def _same_way(value: str, said: Mapping[str, str]) -> int:
    """How long the address is, if it leads where the value leads; else -1."""
    way = key_value("href", value)
    return len(way) if way == key_value("href", said.get("href", "")) else -1


def _says(value: str, texts: tuple[str, ...], *, exact: bool) -> bool:
    wanted = plain(value)
    if exact or len(wanted) < 3:
        return bool(wanted) and wanted in texts
    return any(wanted in text and not worse(wanted, text) for text in texts)


def _by_class(value: str, said: Mapping[str, str]) -> bool:
    """A selector of nothing but a tag and classes."""
    whole = _COMPOUND.fullmatch(value)
    if whole is None or whole[1] not in (None, said.get("tag")):
        return False
    return set(whole[2].split(".")) - {""} <= set(said.get("class", "").split())


def _one_of_nested(found: list[int], mark: Mark, look: Look) -> list[int]:
    """Of one inside the other the one that acts or has the role, else the inner one."""

    def rank(at: int) -> tuple[bool, bool]:
        return look.elements[at].role == mark.role, look.elements[at].role in ACTABLE

    kept = set(found)
    for at in found:
        for above in look.above(at):
            if above in kept and at in kept:
                kept.discard(at if rank(above) > rank(at) else above)
    return sorted(kept)


def _inside(text: str, look: Look, at: int) -> bool:
    """Whether something around it is called or says so."""
    wanted = plain(text)
    around = (*look.path(at), *look.row(at), *look.row(at, -1), *(look.names[above] for above in look.above(at)))
    return any(wanted in plain(each) for each in around)


# ------------------------------------------------------------------------------------------------ called surely


def surely_called(mark: Mark, look: Look, at: int, score: float) -> bool:
    """Whether it is called as the target was; or bears a key of the target, and its name says the same in other words.

    What had no name must have none now, and a key, help text or picture of the target, or all else as it was. Of what
    was only given by locators no name may be known; then they must do.
    """
    name, here, said = plain(mark.name), look.plains[at], attributes(mark)
    keyed = any(said.get(kind) and said[kind] == look.said[at].get(kind) for kind in KEYS)
    if name:
        if here and alike(name, here) >= _SAME:
            return True
        if only_given(mark) and name in {
            plain(look.said[at].get(kind, "")) for kind in ("label", "placeholder", "alt")
        }:
            return True
        return keyed and bool(here) and alike(name, here) >= _REWORDED and not worse(name, here)
    if only_given(mark):
        return True
    pictured = bool(said.get("icon")) and said["icon"] == look.said[at].get("icon")
    return not here and (keyed or pictured or score >= _AS_IT_WAS)
