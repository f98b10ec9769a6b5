"""What a check makes of the files that programs keep their settings in, and of what the office's window shows."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping
from typing import Any

from cua.core import Observation
from cua.errors import TroubleError
from cua.evaluators.getters import File
from cua.evaluators.metrics import Rules
from cua.evaluators.names import names

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


def within(wanted: Any, found: Any) -> bool:
    """All that is wanted is there; objects may have more."""
    if isinstance(wanted, Mapping):
        return isinstance(found, Mapping) and all(k in found and within(v, found[k]) for k, v in wanted.items())
    # in JSON true is no 1
    return (type(wanted) is type(found) and bool(wanted == found)) or _same_number(wanted, found)


def _same_number(one: Any, other: Any) -> bool:
    numbers = all(isinstance(each, int | float) and not isinstance(each, bool) for each in (one, other))
    return numbers and one == other


def check_json_settings(result: File, rules: Rules) -> bool:
    """The settings have these values. Upstream calls a file with a comment in it a failure."""
    return within(rules["expected"], _understood(result))


def check_json_keybindings(result: File, rules: Rules) -> bool:
    """Some binding is this one; with more in it, it would be another."""
    found = _understood(result)
    return isinstance(found, list) and rules["expected"] in found


def compare_config(result: File, rules: Rules) -> bool:
    """The file says just this; where it is JSON, however it is laid out. Upstream compares character by character."""
    if result.text.strip() == rules["expected"].strip():
        return True
    try:
        return bool(relaxed(rules["expected"]) == relaxed(result.text))
    except ValueError:
        return False


def check_json(result: File, rules: Rules, *, is_yaml: bool = False) -> bool:
    """Each rule of `expect` fits what is at its key, and none of `unexpect` does."""
    if is_yaml:
        raise TroubleError("reading YAML is not there yet")
    found = _understood(result)

    def fits(rule: Rules) -> bool:
        value: Any = found
        for key in rule["key"]:
            try:
                value = value[key]
            except (KeyError, IndexError, TypeError):
                return False
        return matches(value, rule)

    return all(map(fits, rules.get("expect", ()))) and not any(map(fits, rules.get("unexpect", ())))


def matches(value: Any, rule: Rules) -> bool:
    """A value fits a rule of upstream's: by equality, order, nearness, pattern, or place in a list."""
    method, _, more = str(rule["method"]).replace(":", ".", 1).partition(".")
    wanted = rule.get("ref")
    if method == "approx":
        return isinstance(value, int | float) and abs(value - float(wanted or 0)) < float(more)
    if method in ("eq", "ne", "le", "lt", "ge", "gt"):
        return _ordered(method, value, wanted)
    if method == "re":
        flags = re.NOFLAG
        for name in more.split("|") if more else ():
            flags |= re.RegexFlag[name]
        return re.search(str(wanted), str(value), flags) is not None
    if method == "str_list_eq":
        return [str(each) for each in value] == wanted
    if method in ("in", "not_in"):
        return (value in (wanted or ())) == (method == "in")
    raise TroubleError(f"the method {rule['method']!r} of a rule is not there yet")


def _ordered(method: str, value: Any, wanted: Any) -> bool:
    order = {"eq": value == wanted, "ne": value != wanted}
    if method in order:
        return bool(order[method])
    return bool({"le": value <= wanted, "lt": value < wanted, "ge": value >= wanted, "gt": value > wanted}[method])


# ---------------------------------------------------------------------------------------------- other settings


def check_config_status(result: File, rules: Rules) -> bool:
    """The line of the file that begins with the key, or has it as its second word, ends with the value."""
    key, value = rules["key"], rules["value"]
    keys = key if isinstance(key, list) else ["", key]
    for line in result.text.splitlines():
        words = line.strip().strip("()").split(None, 2 if keys[0] else 1)
        named = words[:2] == [keys[0], keys[1]] if keys[0] else words[:1] == [keys[1]]
        if named and words[-1].strip('"') == str(value):
            return True
    return False


def check_thunderbird_prefs(result: File, rule: Rules) -> bool:
    """The preferences fit each rule of `expect`, and none of `unexpect`; what is not on record fits none."""
    found: dict[str, Any] = {}
    for line in result.text.splitlines():
        if told := re.fullmatch(r'user_pref\("(?P<key>(?:[^"]|\\")+)", (?P<value>.+)\);', line.strip()):
            found[told["key"]] = json.loads(told["value"])

    def fits(item: tuple[str, Rules]) -> bool:
        return item[0] in found and matches(found[item[0]], item[1])

    return all(map(fits, rule.get("expect", {}).items())) and not any(map(fits, rule.get("unexpect", {}).items()))


# ---------------------------------------------------------------------------------------------- the office


def check_auto_saving_time(result: File, rules: Rules) -> bool:
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
