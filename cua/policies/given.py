"""Marks that hold locators and no evidence, as imports have them: which elements the locators mean. And whether one is
called so that what cannot be taken back may be done to it.

Pure over one look. Locators are read as their author meant them, and never bent: what they do not hit is not here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from cua.core import Element, Locator
from cua.memory.workflows import Mark
from cua.policies.contained import BLOCK, HAD, ROW_NAME, WAS, block_holds, labelled, row_holds, says
from cua.policies.likeness import KEYS, attributes, compatible, key_value
from cua.policies.surroundings import ROWS, Look, plain
from cua.policies.wording import alike, worse
from cua.screen import ACTABLE

# what a file of another tool may say of a target beside its locators
EXACT, PLACE = "exact", "place"  # says that a file means a name as it stands; and that it counts through what it finds
_FROM_FILES = frozenset(
    {"type", "title", "autocomplete", "class", "tag", "frame", "frames", "up", ROW_NAME, WAS, HAD, BLOCK, EXACT, PLACE}
)
_SAME, _REWORDED, _AS_IT_WAS = 0.97, 0.66, 0.9
_LOOSE = ("role", "label", "placeholder", "text", "alt")
_ANY_ROLE = frozenset({"", "?", "generic"})
_AS_WRITTEN = frozenset({"button", "link", "menuitem", "tab", "option", "treeitem"})
_WHOLES = frozenset({"document", "window"})
_COMPOUND = re.compile(r"([a-zA-Z][\w-]*)?((?:\.[\w-]+)*)(?:\[type=[\"']?([\w-]+)[\"']?\])?")


def only_given(mark: Mark) -> bool:
    """Whether the mark has what a file says of it, and nothing that was seen of the target."""
    row = mark.row and ROW_NAME not in mark.says
    seen = mark.near or row or mark.box or mark.window or mark.says.keys() - _FROM_FILES
    told = mark.locators or ROW_NAME in mark.says or mark.path or _by_name(mark)
    return not seen and bool(told or (mark.role not in ("", "?") and not mark.name))


def given(mark: Mark, look: Look) -> tuple[list[int], str, int]:
    """The elements that all which the mark says agree on, and the kind and rank of the first locator that hits any.

    A place among several ("the second") is taken only where it cannot mean another one than before: they lead to the
    same address, are in one row that is told, or none of them stands in a row.
    """
    found, kind, rank = _meant(mark, look)
    if PLACE not in mark.says or len(found) < 2:
        return ([] if PLACE in mark.says and mark.nth >= len(found) else found), kind, rank
    if mark.nth >= len(found) or (EXACT not in mark.says and _counted_otherwise(mark, look, found)):
        return [], kind, rank
    same = ROW_NAME in mark.says or _same_address(found, look) or not any(look.row(at) for at in found)
    return ([found[mark.nth]] if same else found), kind, rank


def _counted_otherwise(mark: Mark, look: Look, found: list[int]) -> bool:
    """Whether another tool, which looks for a name in longer ones too, would count to another one."""
    wanted = plain(mark.name)
    longer = [
        at
        for at, element in enumerate(look.elements)
        if _plays(mark.role, element) and wanted in look.plains[at] and element.role not in _WHOLES
    ]
    return bool(wanted) and sorted({*_within(longer, mark, look), *found}).index(found[mark.nth]) != mark.nth


def _meant(mark: Mark, look: Look) -> tuple[list[int], str, int]:
    for exact in (True,) if EXACT in mark.says else (True, False):
        found, kind, rank = _agreed(mark, look, exact=exact)
        if found:
            return _within(found, mark, look), kind, rank
    return [], "", 0


def _within(found: list[int], mark: Mark, look: Look) -> list[int]:
    """Those that stand in what the mark says is around it."""
    holds = block_holds if BLOCK in mark.says else labelled
    around = [at for at in found if all(holds(text, look, at) for text in mark.path)]
    inside = [at for at in around if ROW_NAME not in mark.says or row_holds(mark, look, at)]
    framed = [at for at in inside if _in_frame(look, at) == bool(mark.says.keys() & {"frame", "frames"})]
    return framed or inside


def _agreed(mark: Mark, look: Look, *, exact: bool) -> tuple[list[int], str, int]:
    """What all locators that hit anything hit; all that any hits where they do not agree."""
    every = {rank: _hits(at, mark, look, exact=exact) for rank, at in enumerate(mark.locators)}
    if _by_name(mark):
        every[len(mark.locators)] = _called(mark, look) if exact else []
    elif not mark.locators:
        every[0] = [at for at, element in enumerate(look.elements) if element.role == mark.role]
    hits = {rank: found for rank, found in every.items() if found}
    kinds = {rank: mark.locators[rank].kind if rank < len(mark.locators) else "role" for rank in hits}
    named = {rank: found for rank, found in hits.items() if kinds[rank] != "css"}
    if not named:
        named = {rank: [at for at in found if _not_renamed(mark, look, at)] for rank, found in hits.items()}
    if not named:
        return [], "", 0
    common = set.intersection(*map(set, named.values())) or set().union(*named.values())
    rank = next(iter(named))
    return _one_of_nested(sorted(common), mark, look), kinds[rank], rank


def _by_name(mark: Mark) -> bool:
    """Whether the mark knows a name and of no role, so that anything of just this name may be meant."""
    return bool(mark.name) and mark.role in ("", "?")


def _called(mark: Mark, look: Look) -> list[int]:
    """What is called just so: what can be acted on if any of it can, for a label is called like what it is for."""
    wanted = plain(mark.name)
    found = [at for at, name in enumerate(look.plains) if name == wanted and look.elements[at].role not in _WHOLES]
    acting = [at for at in found if look.elements[at].actions or look.elements[at].role in ACTABLE]
    return acting if acting or not mark.locators else found


def _not_renamed(mark: Mark, look: Look, at: int) -> bool:
    """Whether what only stands where the target stood is still called like it."""
    wanted, here = plain(mark.name), look.plains[at]
    return not wanted or (alike(wanted, here) >= _REWORDED and not worse(wanted, here))


def _same_address(found: list[int], look: Look) -> bool:
    ways = {key_value("href", look.said[at].get("href", "")) for at in found}
    return len(ways) == 1 and "" not in ways


def _in_frame(look: Look, at: int) -> bool:
    return any(look.elements[above].role == "document" for above in look.above(at))


def _hits(locator: Locator, mark: Mark, look: Look, *, exact: bool) -> list[int]:
    """What a locator hits: of the mark's own role, if anything of that is hit."""
    if not exact and locator.kind not in _LOOSE:
        return []
    found = [
        at
        for at, element in enumerate(look.elements)
        if _plays(mark.role, element) and element.role not in _WHOLES and _hit(locator, look, at, exact=exact)
    ]
    return [at for at in found if look.elements[at].role == mark.role] or found


def _plays(role: str, element: Element) -> bool:
    """Whether it may be of this role. Files tell no kinds of fields apart: each that takes a value may be a textbox. A
    button is no link though, whatever both are called.
    """
    field = role == "textbox" and "fill" in element.actions
    kept = role == element.role or role not in _AS_WRITTEN or element.role not in _AS_WRITTEN
    return role in _ANY_ROLE or field or (kept and compatible(role, element.role))


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
            if not _plays(role, look.elements[at]):
                return False
            whole = role in ROWS and look.elements[at].role in ROWS and says(name, look, at)
            return whole or _says(name, (look.plains[at],), exact=exact)
        case "label" | "placeholder" | "alt" | "text" | "title":
            if kind == "label" and _with_options(value, look, at):
                return True
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


def compound(selector: str) -> re.Match[str] | None:
    """A selector of nothing but a tag, classes and a type, in these parts; None for any other."""
    return _COMPOUND.fullmatch(selector) if selector else None


def _by_class(value: str, said: Mapping[str, str]) -> bool:
    whole = compound(value)
    if whole is None or whole[1] not in (None, said.get("tag")) or whole[3] not in (None, said.get("type")):
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


def _with_options(value: str, look: Look, at: int) -> bool:
    """Whether a label is that of a list, followed by the list's options: some tools read all that is in a label."""
    own = "".join(plain(look.said[at].get("label", "")).split())
    inside = (look.plains[n] for n in look.below(at) if look.elements[n].role == "option")
    options, wanted = "".join("".join(inside).split()), "".join(plain(value).split())
    return bool(own and options) and wanted == own + options


# ------------------------------------------------------------------------------------------------ called surely


def surely_called(mark: Mark, look: Look, at: int, score: float) -> bool:
    """Whether it is called as the target was; or bears a key of the target, and its name says the same in other words.

    What had no name must have none now, and a key, help text or picture of the target, or all else as it was. Of what
    was only given by locators no name may be known; then they must do.
    """
    name, here, said = plain(mark.name), look.plains[at], attributes(mark)
    keyed = any(said.get(kind) and said[kind] == look.said[at].get(kind) for kind in KEYS)
    if only_given(mark) and PLACE in mark.says and len(_meant(mark, look)[0]) > 1:
        return ROW_NAME in mark.says or _same_address(_meant(mark, look)[0], look)
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
