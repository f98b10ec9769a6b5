"""What is read of documents and files: what was written into them comes back, and what is dangerous is not read."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cua import codec
from cua.checks import REQUIREMENTS
from cua.core import Check
from cua.document_checks import CellIs, EmphasisIs, ParagraphIs, ParagraphsAre, SheetIs, SheetsAre
from cua.documents import NoDocument, tree
from cua.errors import SandboxError, UsageError
from cua.file_checks import BookmarkIs, EntriesAre, IsGone, JsonHolds, ModeIs, SameFile
from cua.spreadsheets import address, named, sheets
from cua.tasks.made import spreadsheet, text_document
from drivers.fake import FakeDriver
from sandbox_vms.local import LocalWorld

TEXT = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S")), min_size=1, max_size=8).filter(
    lambda text: not text.startswith("=")
)
ROWS = [["Name", "Points"], ["Ada", "12"], ["Bo & <Co>", "3.5"], ["", "-7"]]
LINES = [("Title", "Trip to Porto"), ("", "We go by <train> & boat."), ("Heading 1", "Food")]
OFFICE = "urn:oasis:names:tc:opendocument:xmlns"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[LocalWorld]:
    driver = FakeDriver()
    yield LocalWorld(driver, tmp_path)
    driver.close()


def put(world: LocalWorld, path: str, data: bytes | str) -> str:
    place = world.path(path)
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(data if isinstance(data, bytes) else data.encode())
    return path


def answers(world: LocalWorld, *checks: Check) -> list[bool | None]:
    return [check.test(world).holds for check in checks]


def opendocument(kind: str, body: str, styles: str = "") -> bytes:
    """A document as a program might have saved it, with automatic styles of its own."""
    names = " ".join(f'xmlns:{n}="{OFFICE}:{n}:1.0"' for n in ("office", "text", "style", "table"))
    fo = f'xmlns:fo="{OFFICE}:xsl-fo-compatible:1.0"'
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(
            "content.xml",
            f"<office:document-content {names} {fo}><office:automatic-styles>{styles}</office:automatic-styles>"
            f"<office:body><office:{kind}>{body}</office:{kind}></office:body></office:document-content>",
        )
    return out.getvalue()


# ---------------------------------------------------------------------------------------------- spreadsheets


@pytest.mark.parametrize("ending", ["ods", "xlsx", "csv"])
def test_rows_that_were_written_are_read_back(world: LocalWorld, ending: str) -> None:
    path = put(world, f"~/a.{ending}", spreadsheet(f"a.{ending}", ROWS))
    rows = tuple(map(tuple, ROWS))
    right = SheetIs(path, rows), CellIs(path, "B2", "12"), CellIs(path, "$C$9", "")
    assert answers(world, *right) == [True, True, True]
    wrong = SheetIs(path, rows[:-1]), SheetIs(path, (*rows, ("x",))), CellIs(path, "B2", "13"), CellIs(path, "B2", "")
    assert answers(world, *wrong) == [False] * 4
    number = answers(world, CellIs(path, "B2", "12.0"))
    assert number == [ending != "csv"]  # where a cell holds a number it counts by its value; CSV holds only text


@given(st.lists(st.lists(TEXT, min_size=1, max_size=3), min_size=1, max_size=4))
@settings(max_examples=30, deadline=None)
def test_any_text_comes_back_from_every_format(rows: list[list[str]]) -> None:
    for ending in ("ods", "xlsx", "csv"):
        (cells,) = sheets(f"a.{ending}", spreadsheet(f"a.{ending}", rows)).values()
        wanted = {(at, col): text for at, row in enumerate(rows) for col, text in enumerate(row)}
        assert {at: cells[at].holds(text) for at, text in wanted.items()} == dict.fromkeys(wanted, True)
        assert cells.keys() == wanted.keys()


def test_cells_that_are_repeated_covered_or_made_by_a_formula_are_read(world: LocalWorld) -> None:
    cell = 'office:value-type="float"'
    body = (
        '<table:table table:name="One"><table:table-row table:number-rows-repeated="2">'
        f'<table:table-cell {cell} office:value="5" table:number-columns-repeated="2"/></table:table-row>'
        '<table:table-row table:number-rows-repeated="1048000"><table:table-cell/></table:table-row></table:table>'
        '<table:table table:name="Two"><table:table-row><table:covered-table-cell/>'
        f'<table:table-cell table:formula="of:=SUM([.A1:.B2])" {cell} office:value="20"/>'
        "</table:table-row></table:table>"
    )
    path = put(world, "~/a.ods", opendocument("spreadsheet", body))
    right = (
        SheetIs(path, (("5", "5"), ("5", "5"))),
        SheetsAre(path, ("One", "Two")),
        CellIs(path, "B1", "20", "Two", "=sum(A1:B2)"),
        CellIs(path, "B1", "20", "Two", "="),
    )
    assert answers(world, *right) == [True] * 4
    wrong = CellIs(path, "A1", "5", "", "="), CellIs(path, "B1", "20", "Three"), SheetsAre(path, ("Two", "One"))
    assert answers(world, *wrong) == [False] * 3


def test_more_cells_than_can_be_held_are_not_read(world: LocalWorld) -> None:
    cells = '<table:table-cell office:value-type="float" office:value="1" table:number-columns-repeated="16000"/>'
    body = f'<table:table><table:table-row table:number-rows-repeated="1000000">{cells}</table:table-row></table:table>'
    path = put(world, "~/a.ods", opendocument("spreadsheet", body))
    assert answers(world, CellIs(path, "A1", "1")) == [None]


@given(st.integers(0, 1_000_000), st.integers(0, 16_383))
def test_the_name_of_a_cell_says_where_it_is(row: int, column: int) -> None:
    assert address(named((row, column))) == (row, column)


def test_what_is_no_name_of_a_cell_is_told() -> None:
    assert [address(name) for name in ("B2", "$aa$10", "2B", "", "B0", "ABCD1")] == [
        (1, 1),
        (9, 26),
        None,
        None,
        None,
        None,
    ]


# ---------------------------------------------------------------------------------------------- text documents


@pytest.mark.parametrize("ending", ["odt", "docx"])
def test_paragraphs_that_were_written_are_read_back_with_their_styles(world: LocalWorld, ending: str) -> None:
    path = put(world, f"~/a.{ending}", text_document(f"a.{ending}", LINES))
    texts = tuple(text for _, text in LINES)
    right = (
        ParagraphsAre(path, texts),
        ParagraphIs(path, "Food", "Heading 1"),
        ParagraphIs(path, "Trip to Porto", "title"),
        EmphasisIs(path, "bold", ()),
    )
    assert answers(world, *right) == [True] * 4
    wrong = (
        ParagraphsAre(path, texts[:-1]),
        ParagraphsAre(path, (*texts, "more")),
        ParagraphIs(path, "Food", "Heading 2"),
        ParagraphIs(path, "food"),
        ParagraphIs(path, "Food", align="center"),
        EmphasisIs(path, "bold", ("Food",)),
    )
    assert answers(world, *wrong) == [False] * 6


def test_what_was_made_bold_by_hand_is_told_from_what_was_not(world: LocalWorld) -> None:
    styles = "".join(
        f'<style:style style:name="{name}" style:family="text"><style:text-properties fo:{looks}/></style:style>'
        for name, looks in (
            ("T1", 'font-weight="bold"'),
            ("T2", 'font-style="italic"'),
            ("T3", 'font-weight="normal"'),
        )
    )
    styles += (
        '<style:style style:name="P1" style:family="paragraph" style:parent-style-name="Text_20_body">'
        '<style:text-properties fo:font-weight="bold"/><style:paragraph-properties fo:text-align="center"/>'
        "</style:style>"
    )
    body = (
        "<text:tracked-changes><text:p>gone</text:p></text:tracked-changes>"
        '<text:p>A<text:s text:c="2"/><text:span text:style-name="T1">b<text:span text:style-name="T2">c</text:span>'
        "</text:span> d<text:note><text:p>aside</text:p></text:note></text:p>"
        '<text:list><text:list-item><text:p text:style-name="P1">all <text:span text:style-name="T3">but</text:span>'
        "</text:p></text:list-item></text:list>"
    )
    path = put(world, "~/a.odt", opendocument("text", body, styles))
    right = (
        ParagraphsAre(path, ("A  bc d", "all but")),
        EmphasisIs(path, "bold", ("bc", "all")),
        EmphasisIs(path, "italic", ("c",)),
        EmphasisIs(path, "underline", ()),
        ParagraphIs(path, "all but", "Text body", "center"),
    )
    assert answers(world, *right) == [True] * 5


# ---------------------------------------------------------------------------------------------- bad documents


def test_a_document_that_is_missing_or_none_fails_and_a_damaged_one_is_unknown(world: LocalWorld) -> None:
    whole = text_document("a.odt", LINES)
    put(world, "~/text.odt", "just text")
    put(world, "~/half.odt", whole[: len(whole) // 2])
    put(world, "~/other.odt", spreadsheet("a.xlsx", ROWS))
    spoilt = bytearray(whole)
    spoilt[whole.index(b"content.xml") + 30] ^= 0xFF
    put(world, "~/spoilt.odt", bytes(spoilt))
    found = {
        name: ParagraphsAre(f"~/{name}.odt", ("x",)).test(world).holds
        for name in ("none", "text", "half", "other", "spoilt")
    }
    assert found == {"none": False, "text": False, "half": False, "other": False, "spoilt": None}


@pytest.mark.parametrize(
    "text",
    [
        '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
        '<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>',
        "<a><b></a>",
        "",
    ],
)
def test_xml_with_entities_or_damage_is_not_read(text: str) -> None:
    with pytest.raises(SandboxError):
        tree(text.encode(), "it")


def test_what_unpacks_to_more_than_the_limit_is_not_read(world: LocalWorld) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("content.xml", b"<a>" + b" " * (65 << 20) + b"</a>")
    path = put(world, "~/bomb.ods", out.getvalue())
    assert len(out.getvalue()) < 1 << 20
    assert answers(world, CellIs(path, "A1", "")) == [None]
    assert "larger" in CellIs(path, "A1", "").test(world).saying


def test_only_known_formats_are_made() -> None:
    with pytest.raises(UsageError, match=r"a\.xls: rows"):
        spreadsheet("a.xls", ROWS)
    with pytest.raises(UsageError, match=r"a\.doc: paragraphs"):
        text_document("a.doc", LINES)
    with pytest.raises(NoDocument):
        sheets("a.ods", b"PK")


# ---------------------------------------------------------------------------------------------- other files


def test_bookmarks_are_found_by_address_title_and_folder(world: LocalWorld) -> None:
    def entry(name: str, url: str) -> dict[str, object]:
        return {"type": "url", "name": name, "url": url}

    inner = {"type": "folder", "name": "Trips", "children": [entry("Porto", "file:///home/x/porto.html")]}
    bar = {"name": "Bookmarks bar", "children": [entry("News", "http://news/"), entry("Again", "http://news/"), inner]}
    path = put(world, "~/Bookmarks", json.dumps({"roots": {"bookmark_bar": bar, "version": 1}}))
    right = (
        BookmarkIs(path, "*/porto.html", "Porto", "Trips"),
        BookmarkIs(path, folder="Trips"),
        BookmarkIs(path, "http://other/", count=0),
        BookmarkIs(path, "http://news/", count=2),
    )
    assert answers(world, *right) == [True] * 4
    wrong = (
        BookmarkIs(path, "http://news/"),
        BookmarkIs(path, "*/porto.html", "porto"),
        BookmarkIs(path, "*/porto.html", folder="Bookmarks bar"),
        BookmarkIs(path, folder="Work"),
        BookmarkIs("~/none", "http://news/"),
    )
    assert answers(world, *wrong) == [False] * 5
    assert answers(world, BookmarkIs(put(world, "~/half", '{"roots":'), "x")) == [None]


def test_a_value_in_json_is_found_by_its_pointer(world: LocalWorld) -> None:
    path = put(world, "~/p.json", json.dumps({"a": {"b/c": [1, "two", True]}, "none": None}))
    right = (
        JsonHolds(path, "/a/b~1c/0", ("1",)),
        JsonHolds(path, "/a/b~1c/1", ("x", "two")),
        JsonHolds(path, "/a/b~1c/2", ("true",)),
        JsonHolds(path, "/a/x", ("",)),
        JsonHolds("~/none.json", "/a", ("",)),
    )
    assert answers(world, *right) == [True] * 5
    wrong = (
        JsonHolds(path, "/a/b~1c/3", ("1",)),
        JsonHolds(path, "/none", ("",)),
        JsonHolds("~/none.json", "/a", ("1",)),
    )
    assert answers(world, *wrong) == [False] * 3


def test_modes_copies_what_is_gone_and_what_a_folder_holds(world: LocalWorld) -> None:
    one, two = put(world, "~/d/one", "x"), put(world, "~/d/two", "x")
    put(world, "~/d/.hidden", "y")
    three = put(world, "~/three", "z")
    world.path(one).chmod(0o750)
    right = (
        ModeIs(one, "750"),
        SameFile(one, two),
        IsGone("~/four"),
        EntriesAre("~/d", ("two", "one")),
    )
    assert answers(world, *right) == [True] * 4
    wrong = (
        ModeIs(one, "755"),
        ModeIs("~/four", "755"),
        SameFile(one, three),
        SameFile(one, "~/four"),
        IsGone(three),
        IsGone("~/d"),
        EntriesAre("~/d", ("one",)),
        EntriesAre("~/d", ("one", "two", "three")),
        EntriesAre("~/none", ()),
    )
    assert answers(world, *wrong) == [False] * 9


@pytest.mark.parametrize(
    "made",
    [
        CellIs("~/a.ods", "A1", "1", "S", "="),
        SheetIs("~/a.ods", (("1", "2"), ("3",)), "S"),
        SheetsAre("~/a.ods", ("S",)),
        ParagraphIs("~/a.odt", "x", "Title", "center"),
        ParagraphsAre("~/a.odt", ("x",)),
        EmphasisIs("~/a.odt", "bold", ("x",)),
        BookmarkIs("~/a", "u", "t", "f", 2),
        JsonHolds("~/a", "/p", ("v",)),
        ModeIs("~/a", "755"),
        SameFile("~/a", "~/b"),
        IsGone("~/a"),
        EntriesAre("~/a", ("x",)),
    ],
    ids=lambda made: type(made).__name__,
)
def test_a_check_is_of_the_closed_set_is_saved_and_names_its_own_file_only(made: object) -> None:
    assert isinstance(made, REQUIREMENTS)
    codec.register(*REQUIREMENTS)
    assert codec.loads(codec.dumps(made)) == made
    path = made.path.removeprefix("~/")  # type: ignore[union-attr]
    own = f"file:{path}/" if isinstance(made, EntriesAre) else f"file:{path}"
    assert [made.names(own), made.names("file:other"), made.names(f"file:{path}.bak")] == [True, False, False]
