"""What a check makes of texts, lists and objects that were read. Each says yes or no, and raises what it cannot take.

A metric gets the result, then what is expected where the task has that, then options by name.
"""

from __future__ import annotations

import ast
import csv
import io
import json
import re
from collections import Counter
from collections.abc import Mapping
from typing import Any, Literal

from cua.errors import TroubleError
from cua.evaluators import rules as shapes
from cua.evaluators.getters import File

_EMPTY = re.compile(r"\s+")
_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)")
_NUMBER = re.compile(r"-?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")
_LOOSE = "ignore_list_order"
# how a script begins that says by what, and in what letters, it is to be read
_ABOUT = re.compile(r"#!|# -\*- coding:|# coding[:=]")


# ---------------------------------------------------------------------------------------------- values


def exact_match(result: Any, rules: shapes.Same) -> bool:
    """The result is just what is expected. A file stands for its text."""
    return bool(plain(result) == rules["expected"])


def literal_match(
    result: Any, expected: Any, *, type: Literal["str", "list"] = "str", ignore_case: bool = False
) -> bool:
    """The same as texts, or as lists of texts."""

    def said(value: Any) -> str:
        return str(value).lower() if ignore_case else str(value)

    if type == "str":
        return said(result) == said(expected)
    if not isinstance(result, list | tuple) or not isinstance(expected, list | tuple):
        return False
    return [*map(said, result)] == [*map(said, expected)]


def match_in_list(result: Any, rules: shapes.Among) -> bool:
    """The result is one of those that are expected."""
    return plain(result) in rules["expected"]


def is_in_list(result: Any, rules: shapes.SameText) -> bool:
    """What is expected is in the result."""
    return result is not None and rules["expected"] in plain(result)


def fuzzy_match(result: Any, rules: shapes.Same) -> bool:
    """As exact match: a likeness of less than all never was a pass."""
    return exact_match(result, rules)


def check_include_exclude(result: Any, rules: shapes.Parts) -> bool:
    """All that is to be included is there, and nothing that is excluded. Nothing at all includes nothing."""
    said = plain(result)
    if said is None:
        return False
    return all(each in said for each in rules.get("include", ())) and not any(
        each in said for each in rules.get("exclude", ())
    )


def is_extension_installed(result: Any, rules: shapes.Contained) -> bool:
    """A text contains another, or by type "not_contain" does not."""
    there = rules["expected"] in (plain(result) or "")
    return there if rules["type"] == "contain" else not there


def check_direct_json_object(result: Any, rules: shapes.Within) -> bool:
    """Each key that is expected holds what is expected. With `expect_in_result` it contains that text, or one of those
    in a list. `ignore_list_order` may stand beside `expected` or, where upstream looks for it, within; there upstream
    then takes it for one more key, and always fails. Upstream turns every ' in a text into " before it reads it, and
    breaks names with an apostrophe.
    """
    found = _object(result) if isinstance(result, str) else result
    if not isinstance(found, Mapping):
        return False
    expected = {key: wanted for key, wanted in rules["expected"].items() if key != _LOOSE}
    if rules.get("expect_in_result", False):
        return all(_contains(found.get(key), wanted) for key, wanted in expected.items())
    loose = rules.get("ignore_list_order", False) or bool(rules["expected"].get(_LOOSE, False))
    return all(_is(found.get(key), wanted, loose=loose) for key, wanted in expected.items())


def _contains(found: Any, wanted: Any) -> bool:
    """A text is a part of the text, or in the list; of a list, one is in the list, or is the text."""
    if isinstance(wanted, list):
        return any(each in found if isinstance(found, list) else each == found for each in wanted)
    if not isinstance(wanted, str):
        raise TroubleError(f"{str(wanted)[:60]} cannot be looked for in a result; expect a text or a list of texts")
    return isinstance(found, str | list) and wanted in found


def _is(found: Any, wanted: Any, *, loose: bool) -> bool:
    if loose and isinstance(found, list) and isinstance(wanted, list):
        return Counter(map(repr, found)) == Counter(map(repr, wanted))
    return bool(found == wanted)


def _object(text: str) -> Any:
    """JSON, or what a program of Python would print of it."""
    try:
        return json.loads(text)
    except ValueError:
        return ast.literal_eval(text.strip())


def plain(value: Any) -> Any:
    """A file's text in its place."""
    return value.text if isinstance(value, File) else value


# ---------------------------------------------------------------------------------------------- settings of a desktop


def is_utc_0(result: str) -> bool:
    """The zone of the clock is without an offset. Upstream looks at the fourth line, wherever the zone is told."""
    told = re.search(r"Time zone:.*?([+-]\d{4})\)", result)
    if told is None:
        raise TroubleError(f"no time zone is told in {result[:80]!r}")
    return told[1] in ("+0000", "-0000")


def check_gnome_favorite_apps(result: str, rules: shapes.Texts) -> bool:
    """The same favourites, in any order, each once. The text is read, and never run as upstream does."""
    told = result.strip().removeprefix("@as ")
    return Counter(ast.literal_eval(told)) == Counter(rules["expected"])


def check_text_enlarged(result: str) -> bool:
    """The factor that texts are enlarged by is above one."""
    return float(result.strip()) > 1.0


def check_moved_jpgs(result: Mapping[str, Any], rules: shapes.Texts) -> bool:
    """The folder has just these."""
    return Counter(node["name"] for node in result["children"]) == Counter(rules["expected"])


# ---------------------------------------------------------------------------------------------- texts


def compare_text_file(result: File, expected: File, *, ignore_blanks: bool = False, ignore_case: bool = False) -> bool:
    """The same text; a mark of the byte order and the kind of line ends are no text."""
    one, other = texts(result, expected, ignore_blanks=ignore_blanks, ignore_case=ignore_case)
    return one == other


def texts(result: File, expected: File, *, ignore_blanks: bool = False, ignore_case: bool = False) -> tuple[str, str]:
    """Those of two files, as they are compared."""
    found = [each.text.replace("\r\n", "\n") for each in (result, expected)]
    if ignore_blanks:
        found = [_EMPTY.sub(" ", text).strip() for text in found]
    if ignore_case:
        found = [text.lower() for text in found]
    return found[0], found[1]


def diff_text_file(result: File, expected: File) -> bool:
    """The same lines."""
    return result.text.splitlines() == expected.text.splitlines()


def compare_python_pure_text(result: File, expected: File) -> bool:
    """The same lines, but for empty ones, blanks at their ends, tabs for blanks, and what the first three say about the
    file. How far a line is moved in counts: with that a program would be another.
    """
    return _lines_of_python(result.text) == _lines_of_python(expected.text)


def _lines_of_python(text: str) -> list[str]:
    lines = text.splitlines()
    begin = 0
    while begin < min(3, len(lines)) and _ABOUT.match(lines[begin].strip()):
        begin += 1
    return [line.expandtabs(4).rstrip() for line in lines[begin:] if line.strip()]


def compare_answer(result: Any, rules: shapes.Same) -> bool:
    """The answer is just that."""
    return exact_match(result, rules)


def compare_result_files(result: File, expected: File) -> bool:
    """The same number, or the same text; a number may stand in a sentence."""
    said, wanted = result.text.strip(), expected.text.strip()
    try:
        number = float(wanted)
    except ValueError:
        return said == wanted
    return any(abs(float(each) - number) < 1e-4 for each in _NUMBER.findall(said))


def file_contains(result: File, rules: shapes.Texts) -> bool:
    """The file's text has all of these in it."""
    return all(each in result.text for each in rules["expected"])


def check_line_number(result: File, rules: shapes.Lines) -> bool:
    """So many lines have a time of day with its seconds somewhere in them."""
    return sum(bool(_TIME.search(line)) for line in result.text.splitlines()) == int(rules["expected"])


def check_list(result: File, rules: shapes.Patterns) -> bool:
    """Some line fits each pattern of `expect`, and no line one of `unexpect`."""
    lines = result.text.splitlines()
    wanted = all(any(re.search(each, line) for line in lines) for each in rules.get("expect", ()))
    return wanted and not any(re.search(each, line) for each in rules.get("unexpect", ()) for line in lines)


def check_csv(result: File, rules: shapes.Rows) -> bool:
    """Some row fits each rule of `expect`, and no row one of `unexpect`; a rule names columns and their values."""
    rows = list(csv.DictReader(io.StringIO(result.text)))

    def fits(row: Mapping[str, Any], rule: Mapping[str, str]) -> bool:
        return all(name in row and row[name] == value for name, value in rule.items())

    wanted = all(any(fits(row, rule) for row in rows) for rule in rules.get("expect", ()))
    return wanted and not any(fits(row, rule) for rule in rules.get("unexpect", ()) for row in rows)


def compare_csv(result: File, expected: File | list[File], *, strict: bool = True, ignore_case: bool = False) -> bool:
    """The same rows as one of those expected; unless `strict`, without blanks at both ends of a line."""

    def rows(file: File) -> list[list[str]]:
        return csv_rows(file, strict=strict, ignore_case=ignore_case)

    return any(rows(result) == rows(each) for each in (expected if isinstance(expected, list) else [expected]))


def csv_rows(file: File, *, strict: bool = True, ignore_case: bool = False) -> list[list[str]]:
    """Those of a file, as they are compared."""
    text = file.text.lower() if ignore_case else file.text
    if not strict:
        text = "\n".join(line.strip() for line in text.splitlines())
    return list(csv.reader(io.StringIO(text)))
