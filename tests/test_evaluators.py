"""Metrics: what each holds for, what it does not, and what comes near; and how an evaluator joins them."""

from __future__ import annotations

import json
import sqlite3
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from cua import codec
from cua.checks import REQUIREMENTS
from cua.core import Element, Observation, Place
from cua.errors import TroubleError, UsageError
from cua.evaluators import metrics as m
from cua.evaluators import metrics_browser as b
from cua.evaluators import metrics_documents as d
from cua.evaluators import metrics_player as p
from cua.evaluators import metrics_settings as s
from cua.evaluators.evaluated import Evaluated
from cua.evaluators.getters import File
from cua.evaluators.names import names
from cua.evaluators.registry import GETTERS, METRICS
from cua.evaluators.tables import compare_table
from cua.tasks.made import spreadsheet, text_document
from tests.worlds import Here

FAVOURITES = {"expected": ["a.desktop", "b.desktop"]}
CLOCK = """               Local time: Sun 2026-11-22 08:00:00 UTC
           Universal time: Sun 2026-11-22 08:00:00 UTC
                 RTC time: n/a
                Time zone: {}
System clock synchronized: no
"""
BAR = {"children": [{"type": "folder", "name": "Favorites", "children": []}, {"type": "url", "url": "https://a.org/"}]}
LIKED = {"children": [{"type": "folder", "name": "Liked Authors", "children": [{"type": "url", "url": "https://a/1"}]}]}
REGISTRY = """<?xml version="1.0"?><oor:items xmlns:oor="http://openoffice.org/2001/registry">{}</oor:items>"""
SAVING = (
    '<item oor:path="/org.openoffice.Office.Common/Save/Document"><prop oor:name="{}"><value>{}</value></prop></item>'
)
PRESENTER = (
    '<item oor:path="/org.openoffice.Office.Impress/Misc/Start"><prop oor:name="EnablePresenterScreen">'
    "<value>{}</value></prop></item>"
)
AB = {"type": "url", "urls": ["b.org", "a.org"]}
BINDING = {"key": "ctrl+j", "command": "focus", "when": "here"}
WITHIN = {"expected": {"a": ["x", "y"], "b": ["z"]}, "expect_in_result": True}
DAMAGED = ('{"a": 5', "", "null")


def file(text: str, name: str = "x.txt") -> File:
    return File(name, text.encode())


def registry(**values: str) -> File:
    return file(REGISTRY.format("".join(SAVING.format(*each) for each in values.items())))


def pane(role: str, name: str, *states: str) -> Observation:
    return Observation(Place("office"), (Element("1", role, name, states=frozenset(states)),))


def letter(*paragraphs: str) -> File:
    return File("x.docx", text_document("x.docx", [("", text) for text in paragraphs]))


def database(*rows: str) -> File:
    with sqlite3.connect(":memory:") as made:
        made.execute("CREATE TABLE t (a)")
        made.executemany("INSERT INTO t VALUES (?)", [(row,) for row in rows])
        made.commit()
        content = made.serialize()
    made.close()
    return File("x.sqlite", content)


def cells(*rows: tuple[str, ...], name: str = "x.xlsx") -> File:
    return File(name, spreadsheet(name, rows))


HOLDS: list[tuple[Any, ...]] = [
    (d.compare_docx_files, letter("a  b", "", "c"), letter("a b", "c")),
    (d.compare_docx_files_and_ignore_new_lines, letter("a", "", "b  c"), letter("a", "b c")),
    (d.run_sqlite3, database("1", "2"), {"sql": "SELECT count(*) FROM t WHERE a = '2'"}),
    (p.is_vlc_recordings_folder, file("input-record-path=/home/user/"), {"recording_file_path": "/home/user"}),
    (p.check_qt_bgcone, file("qt-bgcone=0\n"), {"expected_qt_bgcone": 0}),
    (p.check_qt_max_volume, file("qt-max-volume=200\n"), {"expected_qt_max_volume": 200}),
    (p.check_qt_minimal_view, file("qt-minimal-view=1\n"), {"expected_qt_minimal_view": 1}),
    (p.check_one_instance_when_started_from_file, file(""), {"expected_one_instance_when_started_from_file": "1"}),
    (p.check_global_key_play_pause, file("global-key-play-pause=Media\n"), {"expected_global_key_play_pause": 1}),
    (b.is_shortcut_on_desktop, {"x": "[Desktop Entry]\nName=Play\n"}, {"type": "name", "name": "Play"}),
    (b.is_shortcut_on_desktop, {"x": "[Desktop Entry]\nURL=https://a/\n"}, {"type": "url", "url": "https://a/"}),
    (m.fuzzy_match, "one", {"expected": "one"}),
    (m.compare_answer, "one", {"expected": "one"}),
    (m.compare_python_pure_text, file("#!/usr/bin/python3\n\tb\n\na = 1  \n"), file("    b\na = 1")),
    (s.check_presenter_console_disable, file(REGISTRY.format(PRESENTER.format("false")))),
    (m.exact_match, "true\n", {"expected": "true\n"}),
    (m.exact_match, file("a"), {"expected": "a"}),
    (m.match_in_list, "Bing", {"expected": ["Microsoft Bing", "Bing"]}),
    (m.is_in_list, ["a", "b"], {"expected": "b"}),
    (m.literal_match, 3, "3"),
    (partial(m.literal_match, type="list"), (1, "b"), ["1", "b"]),
    (m.check_include_exclude, "a b", {"include": ["a", "b"], "exclude": ["c"]}),
    (m.check_include_exclude, "a", {}),
    (m.is_extension_installed, "x test.py", {"type": "contain", "expected": "test.py"}),
    (m.is_extension_installed, "", {"type": "not_contain", "expected": "test.py"}),
    (m.check_direct_json_object, '{"a": "it\'s", "b": 2}', {"expected": {"a": "it's"}}),
    (m.check_direct_json_object, "{'a': 1}", {"expected": {"a": 1}}),
    (m.check_direct_json_object, {"a": ["x", "y"]}, {"expected": {"a": ["y", "x"]}, "ignore_list_order": True}),
    (m.check_direct_json_object, {"a": ["x", "y"]}, {"expected": {"a": ["y", "x"], "ignore_list_order": True}}),
    (m.check_direct_json_object, {"a": "x and y"}, {"expected": {"a": "and"}, "expect_in_result": True}),
    (m.check_direct_json_object, {"a": "y", "b": ["z"]}, WITHIN),
    (m.is_utc_0, CLOCK.format("Etc/UTC (UTC, +0000)")),
    (m.is_utc_0, "Warning: a line more\n" + CLOCK.format("Africa/Abidjan (GMT, +0000)")),
    (m.check_gnome_favorite_apps, "['b.desktop', 'a.desktop']\n", FAVOURITES),
    (m.check_gnome_favorite_apps, "@as []\n", {"expected": []}),
    (m.check_text_enlarged, "1.25\n"),
    (m.check_moved_jpgs, {"children": [{"name": "a.jpg"}, {"name": "b.jpg"}]}, {"expected": ["b.jpg", "a.jpg"]}),
    (m.compare_text_file, file("a\r\nb"), file("\ufeffa\nb")),
    (m.diff_text_file, file("a\nb\n"), file("a\nb")),
    (m.compare_result_files, file("there are 12 of them"), file("12")),
    (m.compare_result_files, file("1.2e3"), file("1200")),
    (m.file_contains, file("one two"), {"expected": ["one", "two"]}),
    (m.check_line_number, file("at 09:10:11 a\nb\n23:59:60 c 00:00:01\n"), {"expected": "2"}),
    (m.check_list, file("alpha\nbeta\n"), {"expect": ["^al", "ta$"], "unexpect": ["gamma"]}),
    (m.check_csv, file("n,v\na,1\nb,2\n"), {"expect": [{"n": "b", "v": "2"}], "unexpect": [{"n": "c"}]}),
    (m.compare_csv, file("a,b\n1,2\n"), [file("x\n"), file("a,b\n1,2\n")]),
    (partial(m.compare_csv, strict=False, ignore_case=True), file(" A,b \n1,2"), file("a,B\n1,2\n")),
    (s.check_json_settings, file('{// why\n"a.b": 50, "c": [1,2,],}'), {"expected": {"a.b": 50}}),
    (s.check_json_settings, file('{"url": "http://x//y", "n": {"x": [1]}}'), {"expected": {"n": {"x": [1.0]}}}),
    (s.check_json_keybindings, file(f"// mine\n[{json.dumps(BINDING)}]"), {"expected": BINDING}),
    (s.compare_config, file('{ "theme" : "Dark" }'), {"expected": '{"theme": "Dark"}\n'}),
    (s.check_json, file('{"a": {"b": [1, 5]}}'), {"expect": [{"key": ["a", "b", 1], "method": "ge", "ref": 5}]}),
    (s.check_json, file('{"a": null}'), {"expect": [{"key": ["a"], "method": "eq", "ref": None}]}),
    (s.check_json, file('{"a": 4}'), {"unexpect": [{"key": ["b"], "method": "re", "ref": "."}]}),
    (s.check_config_status, file('(undo-levels 100)\n(theme "Dark")'), {"key": "theme", "value": "Dark"}),
    (s.check_config_status, file('(theme "Dark")'), {"key": "theme", "value": '"Dark"'}),
    (s.check_config_status, file('(theme "Very Dark")'), {"key": "theme", "value": "Very Dark"}),
    (s.check_config_status, file("(grid (spacing 10 20))"), {"key": ["grid", "(spacing"], "value": "20"}),
    (
        s.check_thunderbird_prefs,
        file('user_pref("mail.x", true);\nuser_pref("n", 3);'),
        {"expect": {"mail.x": {"method": "eq", "ref": True}}, "unexpect": {"o": {"method": "re", "ref": "."}}},
    ),
    (s.check_auto_saving_time, registry(AutoSave="true", AutoSaveTimeIntervall="3"), {"minutes": 3}),
    (s.check_left_panel, pane("document", "Slides View", "showing")),
    (b.is_expected_active_tab, {"url": "https://www.a.org/x/?b=1&a=2"}, {"type": "url", "url": "a.org/x?a=2&b=1"}),
    (b.is_expected_active_tab_approximate, "chrome://pages/one?x=1", {"type": "url", "url": "chrome://pages/one"}),
    (b.is_expected_url_pattern_match, {"url": "https://a.org/dp/7"}, {"expected": ["a\\.org", "/dp/\\d"]}),
    (b.is_expected_url_pattern_match, "https://a.org/dp/7", {"expected": "dp/[5-9]$"}),
    (b.is_expected_search_query, {"url": "https://a.org/?q=cat"}, {"expect": {"pattern": "q=cat"}}),
    (b.is_expected_tabs, [{"url": "https://a.org/"}, {"url": "http://b.org"}], AB),
    (b.is_expected_bookmarks, {"bookmark_bar": BAR}, {"type": "bookmark_bar_folders_names", "names": ["Favorites"]}),
    (b.is_expected_bookmarks, {"bookmark_bar": BAR}, {"type": "bookmark_bar_websites_urls", "urls": ["https://a.org/"]}),
    (
        b.is_expected_bookmarks,
        {"bookmark_bar": LIKED},
        {"type": "liked_authors_websites_urls", "urls": [["https://a/1", "https://a/2"]]},
    ),
    (
        b.is_expected_bookmarks,
        {"bookmark_bar": LIKED},
        {"type": "liked_authors_websites_urls", "names": ["Others", "Liked Authors"], "urls": ["https://a/1"]},
    ),
    (b.check_enabled_experiments, ["two@1", "one@2"], {"type": "names", "names": ["one", "two"]}),
    (b.check_font_size, {"default_font_size": 24}, {"type": "range", "min": 16, "max": 99999}),
    (b.check_font_size, {"default_font_size": 24}, {"type": "value", "value": 24}),
    (b.is_cookie_deleted, [(0, ".notamazon.com"), (0, "b.org")], {"type": "domains", "domains": [".amazon.com"]}),
    (b.check_history_deleted, [("https://a.org", "A", 1)], {"type": "keywords", "keywords": ["youtube"]}),
    (b.is_expected_installed_extensions, ["a", "b"], {"expected": ["a"]}),
]  # fmt: skip

FAILS: list[tuple[Any, ...]] = [
    (d.compare_docx_files, letter("a b", "c"), letter("a b", "d")),
    (d.compare_docx_files_and_ignore_new_lines, letter("a b", "c"), letter("a b", "d")),
    (partial(d.compare_docx_files_and_ignore_new_lines, ignore_blanks=False), letter("a b"), letter("a  b")),
    (d.run_sqlite3, database("1", "2"), {"sql": "SELECT count(*) FROM t WHERE a = '3'"}),
    (d.run_sqlite3, database("0"), {"sql": "SELECT a FROM t"}),
    (d.run_sqlite3, database(), {"sql": "SELECT max(a) FROM t"}),
    (p.is_vlc_recordings_folder, file("input-record-path=/home/user"), {"recording_file_path": "/home/user/Desktop"}),
    (p.check_qt_bgcone, file("#qt-bgcone=0\n"), {"expected_qt_bgcone": 0}),
    (p.check_qt_max_volume, file("qt-max-volume=200\n"), {"expected_qt_max_volume": 20}),
    (p.check_qt_minimal_view, file("no-qt-minimal-view=1\n"), {"expected_qt_minimal_view": 1}),
    (p.check_one_instance_when_started_from_file, file(""), {"expected_one_instance_when_started_from_file": 0}),
    (p.check_global_key_play_pause, file("global-key-play-pause=\n"), {"expected_global_key_play_pause": 1}),
    (b.is_shortcut_on_desktop, {"x": "[Desktop Entry]\nName=Play more\n"}, {"type": "name", "name": "Play"}),
    (b.is_shortcut_on_desktop, {"x": "[Desktop Entry]\nURL=https://a/b\n"}, {"type": "url", "url": "https://a/"}),
    (m.fuzzy_match, "one", {"expected": "One"}),
    (m.compare_answer, "one", {"expected": "two"}),
    (m.compare_python_pure_text, file("if a:\n    b\nc"), file("if a:\n    b\n    c")),
    (s.check_presenter_console_disable, file(REGISTRY.format(PRESENTER.format("true")))),
    (b.is_expected_search_query, {"url": "https://a.org/?q=dog"}, {"expect": {"pattern": "q=cat"}}),
    (m.exact_match, "true", {"expected": "true\n"}),
    (m.match_in_list, "Bin", {"expected": ["Bing"]}),
    (m.is_in_list, ["a"], {"expected": "b"}),
    (m.literal_match, "A", "a"),
    (partial(m.literal_match, type="list"), ["a", "b"], "ab"),
    (m.check_include_exclude, "a", {"include": ["a", "b"]}),
    (m.check_include_exclude, "a c", {"include": ["a"], "exclude": ["c"]}),
    (m.check_include_exclude, None, {"include": []}),
    (m.is_extension_installed, "test.p", {"type": "contain", "expected": "test.py"}),
    (m.check_direct_json_object, '{"a": 1}', {"expected": {"a": 1, "b": 2}}),
    (m.check_direct_json_object, {"a": ["x", "x"]}, {"expected": {"a": ["x", "y"]}, "ignore_list_order": True}),
    (m.check_direct_json_object, {"a": ["x", "y"]}, {"expected": {"a": ["y", "x"], "ignore_list_order": False}}),
    (m.check_direct_json_object, {"a": "x and y", "b": ["z"]}, WITHIN),
    (m.check_direct_json_object, {"a": "y", "b": ["w"]}, WITHIN),
    (m.check_direct_json_object, {"a": "y"}, WITHIN),
    (m.check_direct_json_object, None, {"expected": {"a": 1}}),
    (m.is_utc_0, CLOCK.format("Europe/London (BST, +0100)")),
    (m.check_gnome_favorite_apps, "['a.desktop', 'b.desktop', 'c.desktop']", FAVOURITES),
    (m.check_gnome_favorite_apps, "['a.desktop', 'a.desktop']", FAVOURITES),
    (m.check_text_enlarged, "1.0\n"),
    (m.check_moved_jpgs, {"children": [{"name": "a.jpg"}]}, {"expected": ["b.jpg"]}),
    (m.compare_text_file, file("a  b"), file("a b")),
    (m.diff_text_file, file("a\nb"), file("a\nc")),
    (m.compare_result_files, file("there are 120 of them"), file("12")),
    (m.file_contains, file("one"), {"expected": ["one", "two"]}),
    (m.check_line_number, file("00:01 a\n24:00:00 b\n00:00:01 c\n"), {"expected": "2"}),
    (m.check_line_number, file("a 00:00:01\n"), {"expected": "0"}),
    (m.check_list, file("alpha\nbeta\n"), {"expect": ["^al"], "unexpect": ["beta"]}),
    (m.check_csv, file("n,v\nb,2\n"), {"unexpect": [{"n": "b"}]}),
    (m.check_csv, file("n,v\nb,2\n"), {"expect": [{"n": "b", "w": None}]}),
    (m.compare_csv, file("a,b\n1,3\n"), file("a,b\n1,2\n")),
    (partial(m.compare_csv, strict=False), file("a,b\n1 , 2\n"), file("a,b\n1,2\n")),
    (s.check_json_settings, file('{"a.b": "50"}'), {"expected": {"a.b": 50}}),
    (s.check_json_settings, file('{"a": 1}'), {"expected": {"a": True}}),
    (s.check_json_settings, file('{"a": {"b": [1]}}'), {"expected": {"a": {"b": [True]}}}),
    (s.check_json_settings, file('{"n": {"x": 1, "y": 2}}'), {"expected": {"n": {"x": 1}}}),
    (s.check_json_settings, file('{"a": 50'), {"expected": {"a": 50}}),
    (s.check_json_keybindings, file(json.dumps([BINDING | {"when": "there"}])), {"expected": BINDING}),
    (s.check_json_keybindings, file(json.dumps(BINDING)), {"expected": BINDING}),
    (s.compare_config, file('{"theme": "Dark", "other": 1}'), {"expected": '{"theme": "Dark"}'}),
    (s.check_json, file('{"a": 4}'), {"expect": [{"key": ["a"], "method": "ge", "ref": 5}]}),
    (s.check_json, file('{"a": 4}'), {"unexpect": [{"key": ["a"], "method": "eq", "ref": 4}]}),
    *[(s.check_json, file(damaged), {"unexpect": [{"key": ["a"], "method": "eq", "ref": 4}]}) for damaged in DAMAGED],
    (s.check_json, file('{"a": 4}'), {"expect": [{"key": ["b"], "method": "eq", "ref": None}]}),
    (s.check_json, file('{"a": 4}'), {"unexpect": [{"key": ["b"], "method": "ne", "ref": 4}]}),
    (s.check_json, file('{"a": "4"}'), {"expect": [{"key": ["a"], "method": "ge", "ref": 4}]}),
    (s.check_config_status, file('(theme "Darker")'), {"key": "theme", "value": "Dark"}),
    (s.check_config_status, file('(theme "Very Dark")'), {"key": "theme", "value": "Dark"}),
    (s.check_config_status, file("(theme)"), {"key": "theme", "value": "theme"}),
    (s.check_thunderbird_prefs, file('user_pref("n", 3);'), {"expect": {"n": {"method": "eq", "ref": 4}}}),
    (s.check_auto_saving_time, registry(AutoSave="true", AutoSaveTimeIntervall="13"), {"minutes": 3}),
    (s.check_auto_saving_time, registry(AutoSave="false", AutoSaveTimeIntervall="3"), {"minutes": 3}),
    (s.check_auto_saving_time, registry(AutoSaveTimeIntervall="3"), {"minutes": 3}),
    (s.check_left_panel, pane("document", "Slides View")),
    (s.check_left_panel, pane("menuitem", "Slides View", "showing")),
    (b.is_expected_active_tab, {"url": "https://a.org/y"}, {"type": "url", "url": "https://a.org/x"}),
    (b.is_expected_active_tab, {}, {"type": "url", "url": "https://a.org"}),
    (b.is_expected_active_tab_approximate, "chrome://pages/two", {"type": "url", "url": "chrome://pages/one"}),
    (b.is_expected_active_tab_approximate, "chrome://other/one", {"type": "url", "url": "chrome://pages/one"}),
    (b.is_expected_url_pattern_match, {"url": "https://a.org/dp/x"}, {"expected": ["a\\.org", "/dp/\\d"]}),
    (b.is_expected_url_pattern_match, "https://a.org/dp/7", {"expected": "pd/7"}),
    (b.is_expected_tabs, [{"url": "https://a.org"}, {"url": "https://a.org"}], AB),
    (b.is_expected_bookmarks, {}, {"type": "bookmark_bar_folders_names", "names": ["Favorites"]}),
    (b.is_expected_bookmarks, {"bookmark_bar": BAR}, {"type": "bookmark_bar_folders_names", "names": ["Favourites"]}),
    (b.is_expected_bookmarks, {"bookmark_bar": BAR}, {"type": "liked_authors_websites_urls", "urls": ["https://a.org/"]}),
    (
        b.is_expected_bookmarks,
        {"bookmark_bar": LIKED},
        {"type": "liked_authors_websites_urls", "names": ["Others"], "urls": ["https://a/1"]},
    ),
    (b.is_expected_bookmarks, {"bookmark_bar": BAR}, {"type": "liked_authors_websites_urls", "urls": []}),
    (b.check_enabled_experiments, ["one@1"], {"type": "names", "names": ["one", "two"]}),
    (b.check_font_size, {"default_font_size": 16}, {"type": "range", "min": 16, "max": 99999}),
    (b.is_cookie_deleted, [(0, "www.amazon.com")], {"type": "domains", "domains": [".amazon.com"]}),
    (b.check_history_deleted, [("https://youtube.com/x", "Y", 1)], {"type": "keywords", "keywords": ["youtube"]}),
    (b.is_expected_installed_extensions, ["b"], {"expected": ["a"]}),
]  # fmt: skip


def named(case: tuple[Any, ...]) -> str:
    metric = case[0].func if isinstance(case[0], partial) else case[0]
    return str(metric.__name__)


@pytest.mark.parametrize("case", HOLDS, ids=named)
def test_a_metric_holds(case: tuple[Any, ...]) -> None:
    assert case[0](*case[1:]) is True


@pytest.mark.parametrize("case", FAILS, ids=named)
def test_a_metric_does_not_hold_for_what_comes_near(case: tuple[Any, ...]) -> None:
    assert case[0](*case[1:]) is False


def test_what_is_no_text_cannot_be_looked_for_in_a_result() -> None:
    with pytest.raises(TroubleError, match="expect a text or a list of texts"):
        m.check_direct_json_object({"a": 12}, {"expected": {"a": 1}, "expect_in_result": True})


def test_a_text_may_differ_in_blanks_and_case_where_the_task_says_so() -> None:
    one, other = file("A  b\n"), file("a b")
    assert m.compare_text_file(one, other, ignore_blanks=True, ignore_case=True)
    assert not m.compare_text_file(one, other, ignore_blanks=True)
    assert m.literal_match([1, "A"], ["1", "a"], type="list", ignore_case=True)


@pytest.mark.parametrize(
    ("method", "ref", "good", "bad"),
    [
        ("eq", 3, 3, 4), ("ne", 3, 4, 3), ("le", 3, 3, 4), ("lt", 3, 2, 3), ("ge", 3, 3, 2), ("gt", 3, 4, 3),
        ("re", "^a.c$", "abc", "abcd"), ("re.I", "^abc", "ABCD", "xabc"), ("re.I.S", "^a.c", "A\nC", "ABD"),
        ("re", ".", "x", None), ("lt", 3, 2, "2"), ("le", 3, 3.0, None),
        ("str_list_eq", ["1", "2"], '"1,2"', "2,1"), ("str_set_eq", ["1", "2"], "2,1", "1,3"),
        ("range.te", [0, 2], 2, 0), ("range.et", [0, 2], 0, 2),
        ("approx:0.001", 191.6667, 191.66665, 191.7), ("approx:1", 3, 4, 4.5), ("approx:1", 3, "3.5", "three"),
    ],
)  # fmt: skip
def test_a_rule_about_a_value_says_yes_and_no(method: str, ref: Any, good: Any, bad: Any) -> None:
    assert s.matches(good, {"method": method, "ref": ref})
    assert not s.matches(bad, {"method": method, "ref": ref})


# ------------------------------------------------------------------------------------------------ tables


def test_tables_are_compared_by_what_their_cells_hold() -> None:
    rules = [{"type": "sheet_data", "sheet_idx0": 0, "sheet_idx1": "EI0"}]
    one = cells(("Name", "Sum"), ("a", "1.50"))
    assert compare_table(one, cells(("Name", "Sum"), ("a", "1.5"), name="y.ods"), rules=rules)
    assert not compare_table(one, cells(("Name", "Sum"), ("a", "1.51")), rules=rules)
    assert compare_table(one, cells(("Name", "Sum"), ("a", "1.51")), rules=[rules[0] | {"precision": 1}])
    assert not compare_table(one, cells(("name", "Sum"), ("a", "1.5")), rules=rules)
    assert compare_table(one, cells(("name", "Sum"), ("a", "1.5")), rules=[rules[0] | {"ignore_case": True}])
    assert not compare_table(one, cells(("Name", "Sum"), ("a", "1.5"), ("b", "2")), rules=rules)


@pytest.mark.parametrize("missing", [1, "RI1", "RNOther"])
def test_a_sheet_that_the_result_has_not_satisfies_no_rule(missing: Any) -> None:
    one, empty = cells(("a",)), cells()
    cell = {"type": "check_cell", "coordinate": "A1", "props": {"value": {"method": "ne", "ref": "x"}}}
    assert compare_table(one, rules=[cell | {"sheet_idx": 0}])
    assert not compare_table(one, rules=[cell | {"sheet_idx": missing}])
    assert compare_table(empty, empty, rules=[{"type": "sheet_data", "sheet_idx0": 0, "sheet_idx1": "EI0"}])
    assert not compare_table(one, empty, rules=[{"type": "sheet_data", "sheet_idx0": missing, "sheet_idx1": "EI0"}])


def test_a_sheet_that_the_standard_has_not_is_our_trouble() -> None:
    for missing in ("EI1", "ENOther"):
        with pytest.raises(TroubleError, match="the standard has no sheet"):
            compare_table(cells(), cells(), rules=[{"type": "sheet_data", "sheet_idx0": 0, "sheet_idx1": missing}])


def test_a_cell_that_holds_nothing_is_null() -> None:
    rule = {"type": "check_cell", "sheet_idx": 0, "coordinate": "C3"}
    assert compare_table(cells(("a",)), rules=[rule | {"props": {"value": {"method": "eq", "ref": None}}}])
    assert not compare_table(cells(("a",)), rules=[rule | {"props": {"value": {"method": "re", "ref": ""}}}])


def test_a_cell_is_compared_by_a_rule() -> None:
    rule = {"type": "check_cell", "sheet_idx": 0, "coordinate": "B2", "props": {"value": {"method": "eq", "ref": 7}}}
    assert compare_table(cells(("a", "b"), ("c", "7")), rules=[rule])
    assert not compare_table(cells(("a", "b"), ("c", "8")), rules=[rule])


# ------------------------------------------------------------------------------------------------ joining


def evaluator(**told: Any) -> Evaluated:
    return Evaluated(json.dumps(told))


def said(text: str, wanted: str) -> dict[str, Any]:
    command = {"type": "vm_command_line", "command": ["echo", text]}
    return {"result": command, "expected": {"type": "rule", "rules": {"expected": f"{wanted}\n"}}}


def joined(conj: str, *parts: dict[str, Any]) -> Evaluated:
    told = {key: [part[key] for part in parts] for key in ("result", "expected")}
    return evaluator(func=[part.get("func", "exact_match") for part in parts], conj=conj, **told)


GOOD, BAD = said("a", "a"), said("a", "b")
ABSENT = {"result": {"type": "vm_file", "path": "~/none", "dest": "none"}, "expected": GOOD["expected"]}
UNREAD = {
    "func": "compare_text_file",
    "result": {"type": "vm_file", "path": "~/there", "dest": "there"},
    "expected": {"type": "vm_file", "path": "~/none", "dest": "gold"},
}


@pytest.mark.parametrize(
    ("conj", "parts", "holds"),
    [
        ("and", (GOOD,), True),
        ("and", (GOOD, BAD), False),
        ("or", (BAD, GOOD), True),
        ("or", (BAD, BAD), False),
        ("or", (ABSENT, GOOD), True),
        ("or", (GOOD, ABSENT), True),
        ("or", (ABSENT, ABSENT), False),
        ("and", (GOOD, ABSENT), False),
        ("and", (GOOD, UNREAD), None),
        ("and", (BAD, UNREAD), False),
        ("or", (GOOD, UNREAD), True),
        ("or", (BAD, UNREAD), None),
    ],
)
def test_parts_are_joined_in_three_values(
    conj: str, parts: tuple[dict[str, Any], ...], holds: bool | None, tmp_path: Path
) -> None:
    (tmp_path / "there").touch()
    assert joined(conj, *parts).test(Here(tmp_path)).holds is holds


def test_a_metric_that_breaks_is_unknown_and_says_on_what(tmp_path: Path) -> None:
    found = evaluator(func="check_text_enlarged", result=said("no number", "")["result"]).test(Here(tmp_path))
    assert found.holds is None
    assert "check_text_enlarged" in found.saying
    assert "no number" in found.saying


def test_a_check_whose_command_cannot_be_run_is_unknown_whatever_is_excluded(tmp_path: Path) -> None:
    rules = {"type": "rule", "rules": {"exclude": ["a"]}}
    for command, holds in ((["true"], True), (["no-such-program-anywhere", "--list"], None)):
        result = {"type": "vm_command_line", "command": command}
        found = evaluator(func="check_include_exclude", result=result, expected=rules).test(Here(tmp_path))
        assert found.holds is holds
    assert "'no-such-program-anywhere --list' cannot be run" in found.saying


def test_a_check_is_loaded_as_it_was_saved() -> None:
    codec.register(*REQUIREMENTS)
    check = joined("or", GOOD, BAD)
    assert codec.load(codec.save(check)) == check


# ------------------------------------------------------------------------------------------------ what is refused


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({"func": "exact_mach", "result": {"type": "rule", "rules": {}}}, "'exact_mach'.*exact_match"),
        ({"func": "exact_match", "result": {"type": "vm_comand_line"}}, "'vm_comand_line'.*vm_command_line"),
        ({"func": "exact_match", "result": {"type": "profile_name", "x": 1}, "expected": GOOD["expected"]}, "'x'"),
        ({"func": "exact_match", "result": GOOD["result"]}, "exact_match.*expected"),
        ({"func": "is_utc_0", **GOOD}, "is_utc_0.*nothing"),
        ({"func": "exact_match", **GOOD, "conj": "xor"}, "xor"),
        ({"func": "exact_match", **GOOD, "more": 1}, "'more'"),
        ({"func": "exact_match", **GOOD, "options": {"loose": True}}, "exact_match.*'loose'"),
        ({"func": ["exact_match"], "result": [GOOD["result"]] * 2, "expected": []}, "2 of result for 1"),
        ({"func": "exact_match", "result": {"type": "vm_file", "path": 3, "dest": "x"}}, "'path'"),
        ({"func": "exact_match", "result": {"type": "vm_file", "path": "/x"}}, "lacks.*'dest'"),
        ({"func": "exact_match", **GOOD, "result": {"type": "vm_command_line", "command": "echo 'a"}}, "echo.*quotes"),
        ({"func": "exact_match", **GOOD, "result": {"type": "vm_command_error", "command": " "}}, "command is empty"),
        ({"func": None}, "func"),
        ([], "object"),
    ],
)
def test_what_nobody_knows_is_named_with_the_closest_known(told: Any, words: str) -> None:
    with pytest.raises(UsageError, match=f"(?s){words}"):
        Evaluated(json.dumps(told)).checked()


@pytest.mark.parametrize(
    "told", [{"func": "compare_pptx_files"}, {"func": "exact_match", "result": {"type": "replay"}}]
)
def test_what_is_known_and_not_there_yet_is_our_trouble(told: dict[str, Any]) -> None:
    with pytest.raises(TroubleError, match="is not there yet"):
        evaluator(**told).checked()


def test_every_name_is_one_of_upstreams() -> None:
    assert set(GETTERS) <= names().getters
    assert set(METRICS) <= names().metrics


def test_every_metric_has_a_case_that_holds_and_one_that_does_not() -> None:
    alone = {"compare_table"}
    for cases in (HOLDS, FAILS):
        assert set(METRICS) - {*map(named, cases)} - alone == set()
