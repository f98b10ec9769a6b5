"""Every kind of settings file gives flat keys; what is not one gives nothing; and nothing in the bytes can hurt."""

from __future__ import annotations

import configparser
import io
import json
import os
import shutil
import sqlite3
import struct
import subprocess
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cua.core import Change
from cua.errors import SandboxError
from sandbox_vms import gvdb
from sandbox_vms.settings_files import diff, read_settings

KEYFILE = ".config/glib-2.0/settings/keyfile"
DCONF = ".config/dconf/user"
DATABASE = ".config/app/state.db"


def keys(path: str, data: str | bytes) -> dict[str, str] | None:
    """The settings without the path in front."""
    found = read_settings(path, data.encode() if isinstance(data, str) else data)
    return found and {key.removeprefix(f"{path}#"): value for key, value in found.items()}


# ---------------------------------------------------------------------------------------------- what is settings at all


@pytest.mark.parametrize(
    "path",
    [
        "notes.txt",
        "Documents/notes.ini",
        "settings.json",
        ".cache/app/state.ini",
        ".config/app/Cache/index.ini",
        ".config/app/Code Cache/index.ini",
        ".config/app/notes.txt",
        ".config/app/app.log",
        ".config/app/app.conf~",
        ".local/share/Trash/info/a.trashinfo",
        ".local/lib/thing/setup.cfg",
        ".config/../notes.ini",
        "/.config/app.ini",
        "",
        ".",
        "..",
    ],
)
def test_a_document_a_cache_and_a_log_are_not_settings(path: str) -> None:
    assert read_settings(path, b"[a]\nb=c\n") is None


@pytest.mark.parametrize("path", [".config/app.ini", ".apprc", ".app/x", ".local/share/app/x", ".config/catalog/x"])
def test_what_lies_in_a_hidden_place_of_the_home_is(path: str) -> None:
    assert read_settings(path, b"[a]\nb=c\n") == {f"{path}#a/b": "c"}


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"Dear diary,\ntoday I wrote a = b on the wall.\n",
        b"#!/bin/sh\nif true; then echo a=b; fi\n",
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
        b"2024-01-01 12:00 started\n2024-01-01 12:01 stopped\n",
        b'<svg xmlns="http://www.w3.org/2000/svg"><g id="a"/></svg>',
        b"<!DOCTYPE html><html></html>",
        b'{"a": 1',
        b'"a plain text"',
        b'{"a": 1}\n{"a": 2}\n',
        b"a" * 5_000_001,
        b"[a]\n" + b"".join(b"k%d=v\n" % number for number in range(20_001)),
    ],
)
def test_prose_programs_pictures_and_heaps_of_data_are_not(data: bytes) -> None:
    assert read_settings(".config/app/thing", data) is None


# ---------------------------------------------------------------------------------------------- lines


def test_sections_of_every_dialect_are_read() -> None:
    text = """; Qt, KDE, git and desktop entries
top=level
[General]
geometry=@ByteArray(\\x1\\xd9)
empty=
url = http://a/?b=c
[Colors:Button][Sub.Group]
Name[de]=Größe
key[$i]=x
[remote "origin"]
\turl = git@host:a.git
\tfetch = +refs/*
[cfg]
many = one
    two
Many=other
Many=again
"""
    assert keys(".config/app.conf", text) == {
        "top": "level",
        "General/geometry": "@ByteArray(\\x1\\xd9)",
        "General/empty": "",
        "General/url": "http://a/?b=c",
        "Colors:Button/Sub.Group/Name[de]": "Größe",
        "Colors:Button/Sub.Group/key[$i]": "x",
        'remote "origin"/url': "git@host:a.git",
        'remote "origin"/fetch': "+refs/*",
        "cfg/many": "one\ntwo",
        "cfg/Many": "other",
        "cfg/Many[1]": "again",
    }


@pytest.mark.parametrize(
    ("path", "text", "found"),
    [
        (".config/user-dirs.dirs", '# x\nXDG_DESKTOP_DIR="$HOME/Desktop"\n', {"XDG_DESKTOP_DIR": '"$HOME/Desktop"'}),
        (".gtkrc-2.0", 'gtk-font-name = "Sans 10"\r\n', {"gtk-font-name": '"Sans 10"'}),
        (".config/a.conf", "font_size 12\n# x\nopen  a b\n", {"font_size": "12", "open": "a b"}),
        (".app/prefs.js", '// x\nuser_pref("a.b", "c)");\nuser_pref("d", 1);\n', {"a.b": '"c)"', "d": "1"}),
        (".config/a/accels", '; x\n(gtk_accel_path "<A>/f/o" "<Primary>o")\n', {"<A>/f/o": '"<Primary>o"'}),
        (".Xresources", "! x\nterm*font: fixed\n", None),
        (".Xresources", "term*font: fixed\n", {"term*font": "fixed"}),
        (
            ".config/a.yml",
            "---\na: 1\nb:\n  c: x # y\n  d:\n  - one\n  - two\ne: {f: g}\n",
            {"a": "1", "b/c": "x # y", "b/d/-": "one", "b/d/-[1]": "two", "e": "{f: g}"},
        ),
        (".config/a.toml", '[a]\nb = 1.50\nc = [true, "x"]\n', {"a/b": "1.50", "a/c/0": "true", "a/c/1": "x"}),
    ],
)
def test_lines_of_one_kind_are_read(path: str, text: str, found: dict[str, str] | None) -> None:
    assert keys(path, text) == found


TRIED = settings(database=None)
NAME = st.text(st.characters(codec="utf-8", categories=["L", "N"]), min_size=1, max_size=12).filter(lambda t: t.strip())
LINE = st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "S"]), max_size=30)


@TRIED
@given(st.dictionaries(NAME, st.dictionaries(NAME, LINE, min_size=1, max_size=4), min_size=1, max_size=4))
def test_what_configparser_writes_is_read_back(sections: dict[str, dict[str, str]]) -> None:
    parser = configparser.RawConfigParser(default_section="\0")
    parser.optionxform = str  # type: ignore[assignment, method-assign]
    parser.read_dict(sections)
    out = io.StringIO()
    parser.write(out)
    expected = {f"{section}/{key}": value for section, pairs in sections.items() for key, value in pairs.items()}
    assert keys(".config/app.ini", out.getvalue()) == expected


# ---------------------------------------------------------------------------------------------- JSON


def test_json_is_flat_and_may_hold_comments_and_trailing_commas() -> None:
    text = """// mine
    {"editor.size": 12.50, "on": true, "none": null, /* x */ "list": [1, {"a/b": "//no comment"},], "empty": {},
     "big": 123456789012345678901234567890, // last
    }"""
    assert keys(".config/app/settings.json", text) == {
        "editor.size": "12.50",
        "on": "true",
        "none": "null",
        "list/0": "1",
        "list/1/a/b": "//no comment",
        "empty": "{}",
        "big": "123456789012345678901234567890",
    }


LEAF = st.none() | st.booleans() | st.integers() | st.text(st.characters(codec="utf-8"), max_size=20)


@TRIED
@given(st.dictionaries(NAME, LEAF | st.lists(LEAF, min_size=1, max_size=3) | st.dictionaries(NAME, LEAF, min_size=1)))
def test_what_json_writes_is_read_back(value: dict[str, object]) -> None:
    expected: dict[str, str] = {}
    for key, item in value.items():
        inner = {f"{key}/{n}": x for n, x in item.items()} if isinstance(item, dict) else None
        inner = {f"{key}/{n}": x for n, x in enumerate(item)} if isinstance(item, list) else inner
        for name, leaf in (inner or {key: item}).items():
            expected[name] = leaf if isinstance(leaf, str) else json.dumps(leaf)
    for ascii_only in (True, False):
        assert keys(".config/a/settings", json.dumps(value, ensure_ascii=ascii_only, indent=1)) == expected


# ---------------------------------------------------------------------------------------------- XML


def test_an_office_registry_gives_path_and_property() -> None:
    text = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry" xmlns:xs="http://www.w3.org/2001/XMLSchema">
<item oor:path="/org.office.Common/Save"><prop oor:name="AutoSave" oor:op="fuse"><value>true</value></prop></item>
<item oor:path="/org.office.Common/Save"><prop oor:name="Interval" oor:op="fuse"><value>5</value></prop></item>
</oor:items>"""
    assert keys(".config/office/4/user/registrymodifications.xcu", text) == {
        "/org.office.Common/Save/AutoSave": "true",
        "/org.office.Common/Save/Interval": "5",
    }


def test_siblings_are_told_apart_by_name_where_that_is_unique_and_by_number_where_not() -> None:
    text = """<rc><keyboard>
      <keybind key="A-F4"><action name="Close"/></keybind>
      <keybind key="W-d"><action>one</action><action>two</action></keybind>
      <font name="x" size="1"/><font name="x" size="2"/>
    </keyboard><theme>  Clear </theme></rc>"""
    assert keys(".config/openbox/rc.xml", text) == {
        "keyboard/keybind[A-F4]/action[Close]": "",
        "keyboard/keybind[W-d]/action[0]": "one",
        "keyboard/keybind[W-d]/action[1]": "two",
        "keyboard/font[0]@name": "x",
        "keyboard/font[0]@size": "1",
        "keyboard/font[1]@name": "x",
        "keyboard/font[1]@size": "2",
        "theme": "  Clear ",
    }


def test_a_property_list_is_nested_like_json() -> None:
    text = """<?xml version="1.0"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0"><dict><key>on</key><true/><key>list</key><array><integer>1</integer><string>a</string></array>
</dict></plist>"""
    assert keys(".config/app/a.plist", text) == {"on": "true", "list/0": "1", "list/1": "a"}


def test_a_file_that_declares_entities_is_refused() -> None:
    lines = [f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10)]
    bomb = f'<!DOCTYPE a [<!ENTITY l0 "lol">{"".join(lines)}]><a>&l9;</a>'
    outside = '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a b="1">&x;</a>'
    for text in (bomb, outside):
        assert read_settings(".config/a.xml", text.encode()) is None
        assert read_settings(".config/a.xml", text.encode("utf-16")) is None


# ---------------------------------------------------------------------------------------------- databases


def test_rows_are_known_by_key_or_by_what_is_unique_or_by_number(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "a")) as database:
        database.executescript(
            "CREATE TABLE prefs (key TEXT PRIMARY KEY, value, made); INSERT INTO prefs VALUES ('a/b', 1.5, x'00ff');"
            "CREATE TABLE items (key TEXT UNIQUE ON CONFLICT REPLACE, value); INSERT INTO items VALUES ('k', NULL);"
            "CREATE TABLE plain (x, y AS (x || '!')); INSERT INTO plain VALUES ('one');"
            "CREATE TABLE pair (a, b, PRIMARY KEY (a, b)) WITHOUT ROWID; INSERT INTO pair VALUES (1, 2);"
            "CREATE TABLE big (x); WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i < 501)"
            " INSERT INTO big SELECT i FROM n; CREATE VIEW seen AS SELECT * FROM big;"
        )
    assert keys(DATABASE, (tmp_path / "a").read_bytes()) == {
        "prefs/a/b/value": "1.5",
        "prefs/a/b/made": "00ff",
        "items/k/value": "null",
        "plain/1/x": "one",
        "plain/1/y": "one!",
        "pair/1,2": "",
        "big": "501 rows",
    }


def test_what_is_still_in_the_journal_counts(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "a", isolation_level=None)) as database:
        database.executescript("PRAGMA journal_mode=WAL; CREATE TABLE prefs (key PRIMARY KEY, value);")
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        database.execute("INSERT INTO prefs VALUES ('k', 'new')")
        data, wal = (tmp_path / "a").read_bytes(), (tmp_path / "a-wal").read_bytes()
    assert read_settings(DATABASE, data) == {}
    assert read_settings(DATABASE, data, wal=wal) == {f"{DATABASE}#prefs/k/value": "new"}
    assert read_settings(DATABASE, data, wal=b"\0" * 999) == {}


# ---------------------------------------------------------------------------------------------- the desktop's own


WRITTEN = {
    "/t/a": "'plain'",
    "/t/b": '"it\'s\\n\\u200b é"',
    "/t/c": "@as []",
    "/t/d": "['a', 'bb', '']",
    "/t/e": "{'k': <uint32 5>, 'l': <[1.5, 2.0]>, 'm': <{'z': <@as []>}>}",
    "/t/f": "@mmi just nothing",
    "/t/g": "(1, 'x', 2.5, true, byte 0x05, int64 -3)",
    "/t/h": "b'hello'",
    "/t/i": "[byte 0x01, 0x02]",
    "/t/j": "uint16 7",
    "/t/k": "@(smsad) ('x', nothing, [1.0])",
    "/t/l": "objectpath '/a/b'",
    "/t/deep/er/m": "@a{us} {1: 'a', 2: 'b'}",
    "/t/n": "[<1>, <'x'>, <(1, uint32 2)>]",
    "/t/o": "'" + "long " * 100 + "'",
}
KEPT = WRITTEN | {
    "/t/c": "[]",
    "/t/f": "just nothing",
    "/t/g": "(1, 'x', 2.5, true, 0x05, -3)",
    "/t/i": "[0x01, 0x02]",
    "/t/j": "7",
    "/t/k": "('x', nothing, [1.0])",
    "/t/l": "'/a/b'",
    "/t/deep/er/m": "{1: 'a', 2: 'b'}",
}


def in_home(home: Path, script: str, *, backend: str) -> None:
    """Run a shell script on a bus of its own whose services also see `home`."""
    runtime = home / "run"
    runtime.mkdir(mode=0o700, exist_ok=True)
    kept = {name: os.environ[name] for name in ("PATH",) if name in os.environ}
    home_env = {"HOME": str(home), "XDG_CONFIG_HOME": str(home / ".config"), "XDG_RUNTIME_DIR": str(runtime)}
    command = ["dbus-run-session", "--", "sh", "-ec", script]
    env = {**kept, **home_env, "LANG": "C.UTF-8", "GSETTINGS_BACKEND": backend}
    subprocess.run(command, env=env, check=True, capture_output=True, timeout=60)


needs_dconf = pytest.mark.skipif(
    not (shutil.which("dconf") and shutil.which("dbus-run-session")), reason="needs dconf-cli and dbus-run-session"
)
MOUSE = "org.gnome.desktop.peripherals.mouse"
needs_gsettings = pytest.mark.skipif(
    not (shutil.which("gsettings") and Path(f"/usr/share/glib-2.0/schemas/{MOUSE}.gschema.xml").exists())
    and not Path("/usr/share/glib-2.0/schemas/org.gnome.desktop.peripherals.gschema.xml").exists(),
    reason="needs gsettings and the desktop's schemas",
)


@pytest.fixture(scope="module")
def dconf_database(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    home = tmp_path_factory.mktemp("home")
    lines = [f"dconf write {key} {_shell(value)}" for key, value in WRITTEN.items()]
    in_home(home, "\n".join(lines), backend="dconf")
    return (home / DCONF).read_bytes()


def _shell(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"


@needs_dconf
def test_a_real_dconf_database_gives_what_was_written(dconf_database: bytes) -> None:
    assert read_settings(DCONF, dconf_database) == {f"gsettings:{key}": value for key, value in KEPT.items()}


@needs_dconf
@needs_gsettings
def test_both_backends_of_the_desktop_agree_on_keys_and_texts(tmp_path: Path) -> None:
    script = f"""gsettings set {MOUSE} speed 0.1
    gsettings set org.gnome.desktop.session idle-delay 77
    gsettings set org.gnome.desktop.input-sources xkb-options '[]'
    gsettings set org.gnome.desktop.input-sources sources "[('a', 'b')]"
    gsettings set org.gnome.desktop.interface font-name "it's é"
    gsettings set org.gnome.desktop.interface clock-show-date false"""
    found: list[dict[str, str] | None] = []
    for backend, path in (("keyfile", KEYFILE), ("dconf", DCONF)):
        home = tmp_path / backend
        home.mkdir()
        in_home(home, script, backend=backend)
        found.append(read_settings(path, (home / path).read_bytes()))
    assert found[0] == found[1]
    assert found[0]
    assert found[0]["gsettings:/org/gnome/desktop/peripherals/mouse/speed"] == "0.10000000000000001"
    assert len(found[0]) == 6


def test_a_key_of_the_keyfiles_root_group_lies_at_the_root() -> None:
    assert read_settings(KEYFILE, b"[root]\na=1\n[org/x]\nb='y'\n") == {
        "gsettings:/a": "1",
        "gsettings:/org/x/b": "'y'",
    }


def test_a_table_written_on_a_big_endian_machine_is_refused_by_name() -> None:
    with pytest.raises(SandboxError, match="big-endian"):
        gvdb.read(b"raVGtnai" + bytes(16))
    assert read_settings(DCONF, b"raVGtnai" + bytes(16)) is None


def test_a_table_whose_items_are_their_own_parents_is_refused() -> None:
    item = struct.pack("<IIIHcxII", 0, 0, 24, 4, b"v", 24, 32)
    table = struct.pack("<II", 0, 0) + item
    data = struct.pack("<8sIIII", b"GVariant", 0, 0, 24, 24 + len(table)) + table
    with pytest.raises(SandboxError, match="damaged"):
        gvdb.read(data)


# ---------------------------------------------------------------------------------------------- whatever the bytes


PATHS = st.sampled_from(
    [
        ".config/a",
        ".config/a.json",
        ".config/a.toml",
        ".config/a.yml",
        ".config/a.xml",
        ".arc",
        KEYFILE,
        DCONF,
        DATABASE,
    ]
)
STARTS = st.sampled_from([b"", b"{", b"[", b"<a>", b"<?xml version='1.0' encoding='", b"a: ", b"[s]\n", b"GVariant"])


@TRIED
@given(PATHS, STARTS, st.binary(max_size=300))
def test_no_bytes_raise(path: str, start: bytes, data: bytes) -> None:
    found = read_settings(path, start + data)
    assert found is None or all(text.encode() for text in found)


HOSTILE = {
    "deep JSON": (".config/a.json", b"[" * 100_000),
    "deep TOML": (".config/a.toml", b"a=" + b"[" * 100_000),
    "open XML": (".config/a.xml", b"<a>" * 100_000),
    "deep XML": (".config/a.xml", b"<a>" * 50_000 + b"</a>" * 50_000),
    "odd encoding": (".config/a.xml", b"<?xml version='1.0' encoding='base64'?><a/>"),
    "empty plist": (".config/a.plist", b"<plist/>"),
    "open strings": (".config/a", b"//" + b'\\"' * 1_000_000),
    "open call": (".config/a", b"f(" + b" " * 1_000_000),
    "long path": (".config/a.json", b'{"' + b"k" * 1_000_000 + b'": [' + b"1," * 1_000_000 + b"1]}"),
    "deep YAML": (".config/a.yml", b"\n".join(b" " * depth + b"k" * 70 + b":" for depth in range(2_000))),
    "torn database": (DATABASE, b"SQLite format 3\0\x10\0\1\1\0\x40\x20\x20" + b"\xff" * 9_000),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_was_made_to_hurt_is_just_no_settings_file(name: str) -> None:
    path, data = HOSTILE[name]
    assert read_settings(path, data) is None


def test_a_value_of_a_million_lines_is_one_value() -> None:
    assert keys(".config/a", b"[s]\nk=v\n" + b" x\n" * 1_000_000) == {"s/k": "v" + "\nx" * 1_000_000}


@needs_dconf
@TRIED
@given(st.data())
def test_a_damaged_dconf_database_does_not_raise(dconf_database: bytes, data: st.DataObject) -> None:
    damaged = bytearray(dconf_database[: data.draw(st.integers(0, len(dconf_database)))])
    for at in data.draw(st.lists(st.integers(0, max(len(damaged) - 1, 0)), max_size=8)):
        damaged[at : at + 1] = bytes([data.draw(st.integers(0, 255))])
    read_settings(DCONF, bytes(damaged))


@TRIED
@given(st.data())
def test_a_damaged_sqlite_database_does_not_raise(data: st.DataObject) -> None:
    damaged = bytearray(_SMALL_DATABASE)
    for at in data.draw(st.lists(st.integers(16, len(damaged) - 1), min_size=1, max_size=12)):
        damaged[at] = data.draw(st.integers(0, 255))
    read_settings(DATABASE, bytes(damaged))


def _small_database() -> bytes:
    with closing(sqlite3.connect(":memory:")) as database:
        database.executescript(
            "PRAGMA page_size=512; CREATE TABLE t (a PRIMARY KEY, b); INSERT INTO t VALUES ('x', 'y');"
        )
        return database.serialize()


_SMALL_DATABASE = _small_database()


# ---------------------------------------------------------------------------------------------- what changed


def test_a_difference_names_what_came_what_went_and_what_changed() -> None:
    assert diff({"a": "1", "b": "2", "c": "3"}, {"b": "2", "c": "4", "d": ""}) == {
        "a": Change("1", None),
        "c": Change("3", "4"),
        "d": Change(None, ""),
    }
    assert diff({"a": "1"}, {"a": "1"}) == {}
