"""What the schemas say is what the desktop's own compiler made of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from sandbox_vms import gvdb
from sandbox_vms.schemas import SYSTEM, canonical, load

COMPILED = Path("/usr/share/glib-2.0/schemas/gschemas.compiled")

BASE = """<schemalist>
  <enum id="org.example.Side"><value nick="left" value="0"/><value nick="right" value="1"/></enum>
  <flags id="org.example.Parts"><value nick="head" value="1"/><value nick="tail" value="2"/></flags>
  <schema id="org.example.App" path="/org/example/app/">
    <key name="side" enum="org.example.Side"><default>"left"</default><summary>Which
      side</summary><description>It matters.</description></key>
    <key name="parts" flags="org.example.Parts"><default>[ 'head','tail' ]</default></key>
    <key name="width" type="u"><range min="1" max="32"/><default>0x8</default></key>
    <key name="scale" type="d"><default>1.1</default></key>
    <key name="mode" type="s"><default>'day'</default>
      <choices><choice value="day"/><choice value="night"/></choices></key>
    <child name="view" schema="org.example.View"/>
  </schema>
  <schema id="org.example.View"><key name="zoom" type="i"><default>3</default></key></schema>
  <schema id="org.example.Wide" extends="org.example.View" path="/org/example/wide/">
    <override name="zoom">5</override>
    <key name="more" type="a{sv}"><default>{'x': &lt;uint32 1&gt;}</default></key>
  </schema>
</schemalist>"""


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    folder = tmp_path / "share" / "glib-2.0" / "schemas"
    folder.mkdir(parents=True)
    (folder / "org.example.gschema.xml").write_text(BASE)
    return tmp_path / "share"


def test_a_key_knows_its_type_default_limits_and_purpose(data_dir: Path) -> None:
    keys = load([data_dir]).keys
    side, width = keys["gsettings:/org/example/app/side"], keys["gsettings:/org/example/app/width"]
    assert (side.type, side.default, side.choices) == ("s", "'left'", ("'left'", "'right'"))
    assert (side.summary, side.description) == ("Which side", "It matters.")
    assert (width.default, width.minimum, width.maximum) == ("8", "1", "32")
    assert keys["gsettings:/org/example/app/mode"].choices == ("'day'", "'night'")
    parts = keys["gsettings:/org/example/app/parts"]
    assert (parts.type, parts.flags, parts.choices) == ("as", True, ("'head'", "'tail'"))


def test_defaults_are_in_the_text_that_the_backends_keep(data_dir: Path) -> None:
    assert load([data_dir]).defaults() == {
        "gsettings:/org/example/app/side": "'left'",
        "gsettings:/org/example/app/parts": "['head', 'tail']",
        "gsettings:/org/example/app/width": "8",
        "gsettings:/org/example/app/scale": "1.1000000000000001",
        "gsettings:/org/example/app/mode": "'day'",
        "gsettings:/org/example/app/view/zoom": "3",
        "gsettings:/org/example/wide/zoom": "5",
        "gsettings:/org/example/wide/more": "{'x': <uint32 1>}",
    }


def test_a_schema_without_a_path_is_kept_by_its_id(data_dir: Path) -> None:
    view = load([data_dir]).schemas["org.example.View"]
    assert view.path is None
    assert view.keys["zoom"].default == "3"


def test_a_vendors_override_changes_the_default_and_one_for_the_desktop_wins(data_dir: Path) -> None:
    folder = data_dir / "glib-2.0" / "schemas"
    (folder / "10_a.gschema.override").write_text(
        "[org.example.App]\nside='right'\nwidth=9\n[org.example.App:Odd]\nwidth=7\n"
    )
    (folder / "20_b.gschema.override").write_text("[org.example.App]\nwidth=10\n")
    assert load([data_dir]).defaults()["gsettings:/org/example/app/side"] == "'right'"
    assert load([data_dir]).defaults()["gsettings:/org/example/app/width"] == "10"
    assert load([data_dir], desktops=("Odd",)).defaults()["gsettings:/org/example/app/width"] == "7"


def test_the_first_data_folder_counts_most(data_dir: Path, tmp_path: Path) -> None:
    nearer = tmp_path / "nearer" / "glib-2.0" / "schemas"
    nearer.mkdir(parents=True)
    (nearer / "mine.gschema.xml").write_text(BASE.replace("<default>3<", "<default>4<"))
    assert load([tmp_path / "nearer", data_dir]).defaults()["gsettings:/org/example/app/view/zoom"] == "4"
    assert load([data_dir, tmp_path / "nearer"]).defaults()["gsettings:/org/example/app/view/zoom"] == "3"


def test_a_broken_file_is_named_and_the_others_are_still_read(data_dir: Path) -> None:
    (data_dir / "glib-2.0" / "schemas" / "bad.gschema.xml").write_text("<schemalist><schema")
    (data_dir / "glib-2.0" / "schemas" / "bad.gschema.override").write_text("no section = 1")
    schemas = load([data_dir])
    assert len(schemas.unread) == 2
    assert all("bad.gschema" in line for line in schemas.unread)
    assert "org.example.App" in schemas.schemas


def test_a_changed_file_is_read_again(data_dir: Path) -> None:
    before = load([data_dir]).defaults()["gsettings:/org/example/app/view/zoom"]
    path = data_dir / "glib-2.0" / "schemas" / "org.example.gschema.xml"
    path.write_text(BASE.replace("<default>3<", "<default>33<"))
    assert (before, load([data_dir]).defaults()["gsettings:/org/example/app/view/zoom"]) == ("3", "33")


def test_schemas_that_contain_each_other_come_to_an_end(tmp_path: Path) -> None:
    folder = tmp_path / "glib-2.0" / "schemas"
    folder.mkdir(parents=True)
    (folder / "a.gschema.xml").write_text(
        "<schemalist><schema id='a' path='/a/'><child name='b' schema='b'/></schema>"
        "<schema id='b' extends='b'><child name='b' schema='b'/>"
        "<key name='k' type='b'><default>true</default></key></schema></schemalist>"
    )
    assert "gsettings:/a/b/b/k" in load([tmp_path]).keys


@pytest.mark.parametrize(
    ("written", "type_", "printed"),
    [
        (' "it\'s" ', "s", '"it\'s"'),
        (r"'caf\u00e9\n'", "s", r"'café\n'"),
        ("@as []", "as", "[]"),
        ("[('a',1),('b',2)]", "a(si)", "[('a', 1), ('b', 2)]"),
        (
            "{'k':<'v'>, 'l':<[1,2]>,'m':<2.5>, 'n': <true>}",
            "a{sv}",
            "{'k': <'v'>, 'l': <[1, 2]>, 'm': <2.5>, 'n': <true>}",
        ),
        ("uint32 5", "u", "5"),
        ("byte 0x5", "y", "0x05"),
        ("just 'a'", "ms", "'a'"),
        ("nothing", "ms", "nothing"),
        ("b'hello'", "ay", "b'hello'"),
        ("1e3", "d", "1000.0"),
        ("('one',)", "(s)", "('one',)"),
        ("no such thing", "i", "no such thing"),
        ("['a'", "as", "['a'"),
    ],
)
def test_a_text_is_written_as_glib_prints_it(written: str, type_: str, printed: str) -> None:
    assert canonical(written, type_) == printed


@pytest.mark.skipif(not COMPILED.exists(), reason="no compiled GSettings schemas on this machine")
def test_every_default_on_this_machine_is_what_the_schema_compiler_made_of_it() -> None:
    compiled = gvdb.read(COMPILED.read_bytes()).tables
    schemas = load(SYSTEM[1:]).schemas
    assert schemas.keys() == compiled.keys()
    for schema in schemas.values():
        for key in schema.keys.values():
            if key.name in compiled[schema.id].values:  # what a schema only inherits is not repeated there
                assert compiled[schema.id].values[key.name].startswith(f"({key.default},"), (schema.id, key)
