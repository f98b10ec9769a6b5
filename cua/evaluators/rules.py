"""What the rules of metrics say: a shape for each kind. What does not fit it is refused when a task file is read.

A text where a list is meant would otherwise be compared letter by letter, and what nobody looks at forbid nothing.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator
from typing_extensions import TypedDict

from cua.errors import TroubleError, UsageError
from cua.evaluators.fitting import closest, fitted, within


def _pattern(text: str) -> str:
    try:
        re.compile(text)
    except (re.error, RecursionError, OverflowError) as exc:
        raise UsageError(f"{text[:60]!r} is no pattern: {exc}; correct it") from exc
    return text


def _whole(text: str) -> str:
    if not re.fullmatch(r"-?\d+", text.strip()):
        raise UsageError(f"{text[:60]!r} is no whole number; write one")
    return text


Pattern = Annotated[str, AfterValidator(_pattern)]
Whole = int | Annotated[str, AfterValidator(_whole)]

# ---------------------------------------------------------------------------------------------- a value and a rule

_ORDERS = ("eq", "ne", "le", "lt", "ge", "gt")
_FLAGS = frozenset(re.RegexFlag.__members__) - {"NOFLAG", "T", "TEMPLATE", "DEBUG"}
_METHODS = (*_ORDERS, "re", "approx", "range", "str_list_eq", "str_set_eq")
_LATER_METHODS = frozenset({"spreadsheet_range"})


class _Match(TypedDict):
    method: str
    ref: Any


class _At(_Match):
    key: list[str | int]


def matching(rule: dict[str, Any]) -> None:
    """Raises UsageError for a method that nobody knows, or what it cannot look for; TroubleError for one that is not
    there yet.
    """
    method, _, more = rule["method"].replace(":", ".", 1).partition(".")
    ref = rule["ref"]
    if method in _LATER_METHODS:
        raise TroubleError(f"the method {rule['method']!r} of a rule is not there yet; only {', '.join(_METHODS)} are")
    if method not in _METHODS:
        raise UsageError(f"a rule has no method {rule['method']!r}; {closest(method, {*_METHODS, *_LATER_METHODS})}")
    wrong = {
        "re": not isinstance(ref, str) or bool({*more.split(".")} - {""} - _FLAGS),
        "approx": isinstance(ref, bool) or not isinstance(ref, int | float) or not re.fullmatch(r"\d*\.?\d+", more),
        "range": not isinstance(ref, list) or len(ref) != 2 or not re.fullmatch("[te]{2}", more),
        "str_list_eq": not isinstance(ref, list),
        "str_set_eq": not isinstance(ref, list),
    }
    if wrong.get(method, bool(more)):
        raise UsageError(f"the method {rule['method']!r} cannot look for {str(ref)[:60]!r}; correct one of the two")
    if method == "re":
        _pattern(ref)


def _matches(given: dict[str, Any], shape: Any = _Match) -> dict[str, Any]:
    matching(fitted(shape, given, "a rule"))
    return given


Match = Annotated[dict[str, Any], AfterValidator(_matches)]
MatchAt = Annotated[dict[str, Any], AfterValidator(lambda given: _matches(given, _At))]


# ---------------------------------------------------------------------------------------------- texts and objects


class Same(TypedDict):
    """What is expected is just the value."""

    expected: Any


class Among(TypedDict):
    """What is expected is one of these values."""

    expected: list[Any]


class SameText(TypedDict):
    """What is expected is a text."""

    expected: str


class Texts(TypedDict):
    """What is expected are texts."""

    expected: list[str]


class Lines(TypedDict):
    """What is expected are so many lines."""

    expected: Whole


class Fields(TypedDict):
    """What is expected are fields of an object."""

    expected: dict[str, Any]


class Within(Fields, total=False):
    """The same, however exactly."""

    expect_in_result: bool
    ignore_list_order: bool


class Parts(TypedDict, total=False):
    """Parts of a text that must be there, and such as must not."""

    include: list[str]
    exclude: list[str]


class Contained(TypedDict):
    """A part of a text that is there, or not."""

    type: Literal["contain", "not_contain"]
    expected: str


class Patterns(TypedDict, total=False):
    """Patterns that some line fits, and such as none may."""

    expect: list[Pattern]
    unexpect: list[Pattern]


class Rows(TypedDict, total=False):
    """What some row holds, and what none may. All that a CSV file holds is text."""

    expect: list[dict[str, str]]
    unexpect: list[dict[str, str]]


class Places(TypedDict, total=False):
    """Rules about what is at a place of an object, and such as must not fit."""

    expect: list[MatchAt]
    unexpect: list[MatchAt]


class Preferences(TypedDict, total=False):
    """Rules about preferences by their names, and such as must not fit."""

    expect: dict[str, Match]
    unexpect: dict[str, Match]


# some files of upstream's have a field "type:" that nobody reads
_Colon = TypedDict("_Colon", {"type:": str}, total=False)


class Status(_Colon):
    """A setting and its value."""

    key: str | list[str]
    value: str | int | float


class Minutes(TypedDict):
    """How often something is done."""

    minutes: Whole


class Query(TypedDict):
    """What a database is asked."""

    sql: str


# ---------------------------------------------------------------------------------------------- the media player


class Recordings(TypedDict):
    """Where it keeps them."""

    recording_file_path: str


class Cone(TypedDict):
    """Whether its picture shows."""

    expected_qt_bgcone: Whole


class Volume(TypedDict):
    """How loud it can be made."""

    expected_qt_max_volume: Whole


class Minimal(TypedDict):
    """Whether it starts without bars."""

    expected_qt_minimal_view: Whole


class OneInstance(TypedDict):
    """Whether there is one window only."""

    expected_one_instance_when_started_from_file: Whole


class GlobalKey(TypedDict):
    """Whether a key of the desktop pauses it."""

    expected_global_key_play_pause: Whole


# ---------------------------------------------------------------------------------------------- the browser


class Url(TypedDict):
    """An address."""

    type: Literal["url"]
    url: str


class Urls(TypedDict):
    """Addresses."""

    type: Literal["url"]
    urls: list[str]


class UrlPatterns(TypedDict):
    """Patterns that an address fits."""

    expected: list[Pattern] | Pattern


class _Searched(TypedDict):
    pattern: Pattern


class Search(TypedDict):
    """A pattern that an address fits."""

    expect: Annotated[dict[str, Any], within(_Searched, "it")]


class _Folders(TypedDict):
    type: Literal["bookmark_bar_folders_names"]
    names: list[str]


class _Sites(TypedDict):
    type: Literal["bookmark_bar_websites_urls"]
    urls: list[str]


class _LikedUrls(TypedDict):
    type: Literal["liked_authors_websites_urls"]
    urls: list[str | list[str]]


class _Liked(_LikedUrls, total=False):
    names: list[str]


Bookmarks = _Folders | _Sites | _Liked


class Experiments(TypedDict):
    """The names of experiments."""

    type: Literal["names"]
    names: list[str]


class _Size(TypedDict):
    type: Literal["value"]
    value: int | float


class _Sizes(TypedDict):
    type: Literal["range"]
    min: int | float
    max: int | float


Sizes = _Size | _Sizes


class Domains(TypedDict):
    """Whose cookies."""

    type: Literal["domains"]
    domains: list[str]


class Keywords(TypedDict):
    """Words of addresses."""

    type: Literal["keywords"]
    keywords: list[str]


class _Named(TypedDict):
    type: Literal["name"]
    name: str


class _Started(TypedDict):
    type: Literal["exec"]
    exec: str


class _Linked(TypedDict):
    type: Literal["url"]
    url: str


Shortcut = _Named | _Started | _Linked
