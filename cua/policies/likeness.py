"""How alike a remembered target and an element are, over all the evidence there is. It measures; it never chooses.

After Similo and VON Similo (Nass, Alégroth, Feldt, Leotta, Ricca: "Similarity-based web element localization for robust
test automation", TOSEM 2023): a weighted mean of the likeness of many weak signs, over those that the mark has.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache

from rapidfuzz.distance import Levenshtein

from cua.core import Element
from cua.memory.workflows import Mark
from cua.policies.fields import FIELDS, called_alike
from cua.policies.lexicon import known_words
from cua.policies.rowing import row_here
from cua.policies.surroundings import Look, plain
from cua.policies.wording import alike, bare
from cua.screen import ACTABLE

Signs = Mapping[str, tuple[float, float]]

# what names an element for programs; the same value is hardly chance
KEYS = ("testid", "id", "action", "name", "href")
# the signs that are words for people
TEXTS = frozenset({"called", "near", "path", "row", "placeholder", "alt", "title"})
_WEIGHTS = {
    "called": 3.0, "testid": 3.0, "id": 2.0, "action": 3.0, "name": 2.0, "href": 2.0, "placeholder": 1.0, "alt": 0.5,
    "title": 0.5, "icon": 1.0, "role": 1.0, "tag": 0.5, "type": 0.5, "class": 1.0, "at": 1.0, "shape": 0.3,
    "alike": 1.5, "form": 1.0,
}  # fmt: skip
_AROUND = {"near": 2.0, "path": 1.0, "row": 1.5, "xpath": 1.0}
_FAMILIES = (
    {"button", "link", "menuitem", "tab", "generic", "img", "command", "treeitem", "listitem", "option"},
    {"checkbox", "switch", "menuitemcheckbox", "generic"},
    {"radio", "menuitemradio", "tab", "generic"},
    {"menuitem", "menuitemcheckbox", "menuitemradio"},
    {"textbox", "searchbox", "combobox", "spinbutton"},
    {"combobox", "listbox"},
    {"slider", "spinbutton"},
    {"cell", "gridcell", "listitem", "treeitem", "option", "row"},
    {"text", "paragraph", "heading", "generic", "cell", "gridcell", "listitem", "columnheader", "rowheader", "term",
     "definition", "status", "alert", "link", "tooltip"},
)  # fmt: skip
_ARCHIVE = re.compile(r"^.*?/\d{14}[a-z_]*/(?=https?:)")
_SITE = re.compile(r"^(?:https?:)?//[^/]*")
_HOST = re.compile(r"^(?:.*?/\d{14}[a-z_]*/)?(?:https?:)?//([^/]*)")
_START = re.compile(r"(?:\./|/)?(?:(?:index|default|home|main)(?:\.\w+)?)?/?", re.I)
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_WORDS = re.compile(r"[^\W\d_]+|\d+")
_NO_WHERE = frozenset({"", "/", "#", "."})
_SYNONYM, _BARE, _HOME = 0.8, 0.95, 0.8  # called alike: enough; without the page's name; the way home by another name
_FAR, _SIMILAR = 500.0, 0.3


@dataclass(frozen=True, slots=True)
class Likeness:
    """How alike, from 0 to 1: `score` over everything, `name` what it is called, `around` row, labels and neighbours,
    `form` tag, class, place and path. `keys` are the kinds whose values are the same, `against` those with another.
    """

    score: float
    name: float
    around: float
    form: float
    keys: tuple[str, ...] = ()
    against: tuple[str, ...] = ()


@cache
def compatible(one: str, other: str) -> bool:
    """Whether one role may have become the other."""
    return one == other or any(one in family and other in family for family in _FAMILIES)


def can_act(element: Element, role: str) -> bool:
    """Whether it can be acted on, as what was of this role. A cell that was none and does nothing is but text."""
    if element.role == "cell" != role:
        return bool(element.actions)
    return element.role in ACTABLE or element.role in ("searchbox", "switch", "listbox") or bool(element.actions)


def target_of(href: str) -> str:
    """Where a link leads, without site, archive and page marks; "" for one that leads nowhere or runs a script."""
    href = _ARCHIVE.sub("", href)
    if href.startswith(("javascript:", "#!")):
        return ""
    href = _SITE.sub("", href)
    if not href.startswith("#"):
        href = href.partition("#")[0]
    href = href.removeprefix("./").rstrip("/")
    return "" if href in _NO_WHERE else href.casefold()


def leads_home(one: str, other: str, url: str) -> bool:
    """Whether two addresses of links both are the start of the site, the second one's page being at `url`."""
    hosts = [match[1].removeprefix("www.") if (match := _HOST.match(way)) else "" for way in (one, other, url)]
    if not all(_START.fullmatch(_SITE.sub("", _ARCHIVE.sub("", way))) and way for way in (one, other)):
        return False
    return hosts[0] == hosts[1] or ("" in hosts[:2] and hosts[2] != "" and hosts[2] in hosts[:2])


def key_value(kind: str, value: str) -> str:
    """A key as it is compared."""
    return target_of(value) if kind == "href" else value


def attributes(mark: Mark) -> dict[str, str]:
    """All that a mark says, locators and further attributes alike, by kind."""
    return dict(mark.says) | {at.kind: at.value for at in mark.locators}


def _tokens(one: str, other: str) -> float:
    mine, yours = set(one.casefold().split()), set(other.casefold().split())
    return len(mine & yours) / len(mine | yours) if mine | yours else 0.0


def _parts(one: str, other: str) -> float:
    """Identifiers or addresses, by their words."""
    if one == other:
        return 1.0
    mine, yours = (_WORDS.findall(_HUMP.sub(" ", text).casefold()) for text in (one, other))
    if "".join(mine) == "".join(yours):
        return 0.9
    common, every = set(mine) & set(yours), {*mine, *yours}
    return 0.6 * len(common) / len(every) if every else 0.0


def _places(one: str, other: str) -> float:
    a, b = _numbers(one), _numbers(other)
    if len(a) < 4 or len(b) < 4:
        return 0.0
    return max(0.0, 1.0 - (abs(a[0] - b[0]) + abs(a[1] - b[1])) / _FAR)


def _shapes(one: str, other: str) -> float:
    a, b = _numbers(one), _numbers(other)
    if len(a) < 4 or len(b) < 4:
        return 0.0
    return min(a[2], b[2]) / max(a[2], b[2], 1) * min(a[3], b[3]) / max(a[3], b[3], 1)


@lru_cache(maxsize=4096)
def _numbers(text: str) -> tuple[float, ...]:
    return tuple(float(part) for part in text.split())


@lru_cache(maxsize=4096)
def _steps(xpath: str) -> tuple[str, ...]:
    return tuple(xpath.split("/"))


def paths_alike(one: str, other: str) -> float:
    """Two xpaths, by the share of steps that need no change."""
    return float(Levenshtein.normalized_similarity(_steps(one), _steps(other)))


def share(wanted: tuple[str, ...], there: tuple[str, ...]) -> float:
    """How much of the wanted texts is among those there."""
    if not wanted:
        return 0.0
    found = [plain(text) for text in there]
    return sum(max((alike(plain(text), other) for other in found), default=0.0) for text in wanted) / len(wanted)


def own_likeness(mark: Mark, said: Mapping[str, str], look: Look, at: int) -> dict[str, tuple[float, float]]:
    """Sign by sign, of the element itself: its weight and how alike it is."""
    here, element = look.said[at], look.elements[at]
    found = {"role": (_WEIGHTS["role"], 1.0 if element.role == mark.role else 0.5)}
    called = _called(mark, said, look, at)
    if called is not None:
        found["called"] = (_WEIGHTS["called"], called)
    if said.get("alike") == "1":
        found["alike"] = (_WEIGHTS["alike"], float(look.of_kind(element.role) == 1))
    for kind in KEYS:
        mine, yours = key_value(kind, said.get(kind, "")), key_value(kind, here.get(kind, ""))
        if mine:
            weight = _WEIGHTS[kind] * (1.0 if yours else 0.5)
            found[kind] = (weight, _parts(mine, yours) if yours else 0.0)
    for kind, compared in _COMPARED.items():
        if mine := said.get(kind, ""):
            found[kind] = (_WEIGHTS[kind], compared(mine, here.get(kind, "")))
    if mine := said.get("title", ""):
        found["title"] = (_WEIGHTS["title"], _worded(mine, element.description))
    if mine := said.get("at", ""):
        found["at"] = (_WEIGHTS["at"], _places(mine, look.spot(at)))
        found["shape"] = (_WEIGHTS["shape"], _shapes(mine, look.spot(at)))
    return found


def _called(mark: Mark, said: Mapping[str, str], look: Look, at: int) -> float | None:
    """How alike the two are called; None for a target without a name. What the page itself is called says nothing."""
    name, label, here = plain(mark.name), look.plains[at], look.said[at]
    if mark.role in FIELDS:
        found = called_alike(name, said, label, here)
        return 0.0 if found is None and name else found
    if not name:
        return None
    found = alike(name, label) if label else 0.0
    if 0.0 < found < _SYNONYM:
        titled = _names_of(look.now.place.window)
        own, other = bare(name, titled), bare(label, titled)
        if own and other and (own, other) != (name, label):
            found = max(found, _BARE * alike(own, other))
    if found < _HOME and leads_home(said.get("href", ""), here.get("href", ""), look.now.place.url):
        return _HOME
    return found


@lru_cache(maxsize=64)
def _names_of(title: str) -> frozenset[str]:
    """The words of a title that are no usual ones on screens: what the page or its site is called."""
    return frozenset(word for word in _WORDS.findall(title.casefold()) if len(word) > 2) - known_words()


def _worded(one: str, other: str) -> float:
    return alike(plain(one), plain(other))


def _sent(one: str, other: str) -> float:
    """Where two forms are sent to."""
    return _parts(target_of(one), target_of(other))


def _same(one: str, other: str) -> float:
    return float(one == other)


_COMPARED = {
    "placeholder": _worded, "alt": _worded, "icon": _worded, "class": _tokens, "tag": _same, "type": _same,
    "form": _sent,
}  # fmt: skip


def around_likeness(mark: Mark, said: Mapping[str, str], look: Look, at: int) -> dict[str, tuple[float, float]]:
    """Sign by sign, of what is around the element."""
    found: dict[str, tuple[float, float]] = {}
    if mark.near:
        found["near"] = (_AROUND["near"], share(mark.near, look.near(at, 4)))
    if mark.path:
        found["path"] = (_AROUND["path"], share(mark.path, look.path(at)))
    if mark.row:
        found["row"] = (_AROUND["row"], share(mark.row, row_here(mark, look, at)))
    if mine := said.get("xpath", ""):
        found["xpath"] = (_AROUND["xpath"], paths_alike(mine, look.xpaths[at]))
    return found


def mean(signs: Signs, kinds: tuple[str, ...] = ()) -> float:
    """The weighted mean of these signs; of all of them if no kinds are named; 0 where there are none."""
    chosen = [signs[kind] for kind in (kinds or tuple(signs)) if kind in signs]
    weight = sum(weight for weight, _ in chosen)
    return sum(weight * alike for weight, alike in chosen) / weight if weight else 0.0


def weighed(signs: Signs) -> Likeness:
    """All signs as one likeness."""
    return Likeness(
        score=mean(signs),
        name=signs["called"][1] if "called" in signs else 1.0,
        around=mean(signs, ("near", "path", "row")),
        form=mean(signs, ("tag", "class", "type", "form", "at", "xpath", "shape", "icon", "alike")),
        keys=tuple(kind for kind in KEYS if kind in signs and signs[kind][1] == 1.0),
        against=tuple(
            kind for kind in KEYS if kind in signs and signs[kind][1] < _SIMILAR and signs[kind][0] == _WEIGHTS[kind]
        ),
    )
