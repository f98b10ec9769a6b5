"""What a check makes of the files that programs keep their settings in, and of what the office's window shows."""

from __future__ import annotations

import json
import operator
import re
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Annotated, Any

from cua.core import Observation
from cua.errors import TroubleError
from cua.evaluators import rules as shapes
from cua.evaluators.fitting import not_yet
from cua.evaluators.getters import File
from cua.evaluators.names import names

Yaml = Annotated[bool, not_yet(True, "reading YAML")]
# strings are kept, comments and commas before a closing bracket are not
_NO_JSON = re.compile(r'("(?:\\.|[^"\\])*")|//[^\n]*|/\*.*?\*/|,(?=\s*[}\]])', re.S)


# ---------------------------------------------------------------------------------------------- JSON with comments


def relaxed(text: str) -> Any:
    """JSON as editors keep it, with comments and last commas. Raises ValueError."""
    without_comments = _NO_JSON.sub(lambda hit: hit[1] or ("" if hit[0] != "," else ","), text)
    return json.loads(_NO_JSON.sub(lambda hit: hit[1] or "", without_comments))


def _understood(file: File) -> Any:
    """What the file says; None where it is no JSON: then it says none of what is asked."""
    try:
        return relaxed(file.text)
    except ValueError:
        return None


def same(one: Any, other: Any) -> bool:
    """The same value of JSON, where true is no 1, which it is for upstream."""
    match one, other:
        case Mapping(), Mapping():
            return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
        case list(), list():
            return len(one) == len(other) and all(map(same, one, other))
    return isinstance(one, bool) == isinstance(other, bool) and bool(one == other)


def check_json_settings(result: File, rules: shapes.Fields) -> bool:
    """The settings have just these values; there may be other settings. Upstream calls a file with a comment in it a
    failure.
    """
    found = _understood(result)
    return isinstance(found, Mapping) and all(
        name in found and same(value, found[name]) for name, value in rules["expected"].items()
    )


def check_json_keybindings(result: File, rules: shapes.Fields) -> bool:
    """Some binding is this one; with more in it, it would be another."""
    found = _understood(result)
    return isinstance(found, list) and any(same(rules["expected"], each) for each in found)


def compare_config(result: File, rules: shapes.SameText) -> bool:
    """The file says just this; where it is JSON, however it is laid out. Upstream compares character by character."""
    if result.text.strip() == rules["expected"].strip():
        return True
    try:
        return bool(relaxed(rules["expected"]) == relaxed(result.text))
    except ValueError:
        return False


def check_json(result: File, rules: shapes.Places, *, is_yaml: Yaml = False) -> bool:
    """Each rule of `expect` fits what is at its key, and none of `unexpect` does, for which what is not there is null.
    A file that cannot be understood fits nothing, whatever is asked of it.
    """
    found = _understood(result)
    if found is None:
        return False
    places = [(rule, _at(found, rule["key"])) for rule in rules.get("expect", ())]
    unwanted = [(rule, _at(found, rule["key"])) for rule in rules.get("unexpect", ())]
    return all(held and matches(held[0], rule) for rule, held in places) and not any(
        matches(held[0] if held else None, rule) for rule, held in unwanted
    )


def _at(found: Any, keys: Sequence[Any]) -> tuple[Any] | None:
    """What is there, alone in a tuple; None where there is nothing, which is not the null of JSON."""
    for key in keys:
        try:
            found = found[key]
        except (KeyError, IndexError, TypeError):
            return None
    return (found,)


def matches(value: Any, rule: Mapping[str, Any]) -> bool:
    """A value fits a rule of upstream's: by equality, order, nearness, pattern, range, or as a list with commas in it.
    Values of kinds that nobody can compare fit no rule about order.
    """
    method, _, more = str(rule["method"]).replace(":", ".", 1).partition(".")
    wanted = rule["ref"]
    if method == "approx":
        return _near(value, float(wanted), float(more))
    if method in _ORDERS:
        return _ordered(method, value, wanted)
    if method == "range":
        return _ordered(f"g{more[0]}", value, wanted[0]) and _ordered(f"l{more[1]}", value, wanted[1])
    if method == "re":
        flags = re.NOFLAG
        for name in more.split(".") if more else ():
            flags |= re.RegexFlag[name]
        return value is not None and re.search(str(wanted), str(value), flags) is not None
    if method in ("str_list_eq", "str_set_eq"):
        parts = str(value).strip("\"'").split(",")
        return value is not None and (parts == wanted if method == "str_list_eq" else {*parts} == {*wanted})
    raise TroubleError(f"the method {rule['method']!r} of a rule is not there yet")


_ORDERS: Mapping[str, Callable[[Any, Any], Any]] = {
    "eq": operator.eq, "ne": operator.ne, "le": operator.le, "lt": operator.lt, "ge": operator.ge, "gt": operator.gt,
}  # fmt: skip


def _ordered(method: str, value: Any, wanted: Any) -> bool:
    try:
        return bool(_ORDERS[method](value, wanted))
    except TypeError:
        return False


def _near(value: Any, wanted: float, most: float) -> bool:
    """A text that is a number counts as that."""
    try:
        return abs(float(value) - wanted) <= most
    except (ValueError, TypeError):
        return False


# ---------------------------------------------------------------------------------------------- other settings


def check_config_status(result: File, rules: shapes.Status) -> bool:
    """A line of the file begins with the key, or with both where two are told, and has the value after it or ends with
    it. Quotes around the value, in the file as in the rule, are no part of it; for upstream they are, in both.
    """
    keys = rules["key"] if isinstance(rules["key"], list) else [rules["key"]]
    for line in result.text.splitlines():
        words = line.strip().strip("()").split(None, len(keys))
        if words[:-1] == keys and _unquoted(str(rules["value"])) in map(_unquoted, (words[-1], words[-1].split()[-1])):
            return True
    return False


def _unquoted(text: str) -> str:
    quoted = re.fullmatch(r'"(.*)"', text.strip(), re.S)
    return quoted[1] if quoted else text.strip()


def check_thunderbird_prefs(result: File, rule: shapes.Preferences) -> bool:
    """The preferences fit each rule of `expect`, and none of `unexpect`; what is not on record fits none."""
    found: dict[str, Any] = {}
    for line in result.text.splitlines():
        if told := re.fullmatch(r'user_pref\("(?P<key>(?:[^"]|\\")+)", (?P<value>.+)\);', line.strip()):
            found[told["key"]] = json.loads(told["value"])

    def fits(item: tuple[str, Mapping[str, Any]]) -> bool:
        return item[0] in found and matches(found[item[0]], item[1])

    return all(map(fits, rule.get("expect", {}).items())) and not any(map(fits, rule.get("unexpect", {}).items()))


# ---------------------------------------------------------------------------------------------- the office


def check_auto_saving_time(result: File, rules: shapes.Minutes) -> bool:
    """It saves by itself, every so many minutes. Upstream does not see whether that is switched on."""
    said = dict(_office(result.content, "saving"))
    return said.get("AutoSave") == "true" and said.get("AutoSaveTimeIntervall") == str(rules["minutes"])


def check_presenter_console_disable(result: File) -> bool:
    """A show has no console for who presents it."""
    said = dict(_office(result.content, "showing"))
    return said.get("EnablePresenterScreen") == "false"


def _office(content: bytes, what: str) -> Iterator[tuple[str, str]]:
    """Names and values of what the office's registry says of this."""
    office = names().office
    space = f"{{{office['namespace']}}}"
    for item in ET.fromstring(content).iter("item"):
        if item.get(f"{space}path") == office[what]:
            for prop in item.iter("prop"):
                yield prop.get(f"{space}name", ""), (prop.findtext("value") or "").strip()


def check_left_panel(result: Observation) -> bool:
    """The pane with the slides shows."""
    pane = names().office["pane"]
    return any((e.role, e.name) == ("document", pane) and "showing" in e.states for e in result.elements)
