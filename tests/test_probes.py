"""Effects are read back from the world, three-valued: what cannot be read is neither a pass nor a failure."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from cua import codec
from cua.checks import REQUIREMENTS
from cua.core import Changes, Completed, Observation
from cua.errors import MissingProgram, SandboxError, UsageError
from cua.probes import ElementHolds, HttpSays, RowsAre, RowsChanged
from drivers.fake import FakeDriver
from sandbox_vms.local import LocalWorld
from tests.fixtures.replay.desk import Desk

SOURCE, ALL = "sqlite:shop.db", "SELECT * FROM items"
ONE = RowsChanged(SOURCE, ALL, key=("id",), added=({"name": "lamp", "price": "9.50"},))


class Elsewhere:
    """A world whose files are read as bytes only, as those of a sandbox are."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def read(self, path: str) -> bytes:
        return (self.folder / path).read_bytes()

    def exec(self, argv: tuple[str, ...], *, seconds: float = 30.0) -> Completed:
        return Completed(127, "", "")

    def changes(self) -> Changes:
        return Changes()

    def setting(self, key: str) -> str | None:
        return None

    def observe(self) -> Observation:
        raise SandboxError("nothing shows here")


@pytest.fixture(params=["on this machine", "in another world"])
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[LocalWorld | Elsewhere]:
    run(tmp_path, "PRAGMA journal_mode=WAL", "CREATE TABLE items (id INTEGER PRIMARY KEY, name TEXT, price REAL)")
    driver = FakeDriver()
    yield LocalWorld(driver, tmp_path) if request.param == "on this machine" else Elsewhere(tmp_path)
    driver.close()


def run(folder: Path, *lines: str) -> None:
    with closing(sqlite3.connect(folder / "shop.db")) as db, db:
        for line in lines:
            db.execute(line)


def add(folder: Path, number: int, name: str = "lamp", price: str = "9.5") -> None:
    run(folder, f"INSERT INTO items VALUES ({number}, '{name}', {price})")


def test_rows_are_read_from_the_log_too(world: LocalWorld, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "shop.db")) as open_one:  # keeps the log from being written back
        open_one.execute(ALL).fetchall()
        add(tmp_path, 1)
        asked = RowsAre(SOURCE, "SELECT name, price FROM items WHERE id = :id", {"id": "1"}, (("lamp", "9.50"),))
        assert asked.before(world).test(world).holds is True


@pytest.mark.parametrize(
    ("change", "holds"),
    [
        (["INSERT INTO items VALUES (2, 'lamp', 9.5)"], True),
        ([], False),
        (["INSERT INTO items VALUES (2, 'lamp', 9.5)", "INSERT INTO items VALUES (3, 'lamp', 9.5)"], False),
        (["INSERT INTO items VALUES (2, 'lamp', 0)"], False),
        (["INSERT INTO items VALUES (2, 'lamp', 9.5)", "UPDATE items SET price = 2 WHERE id = 1"], False),
        (["INSERT INTO items VALUES (2, 'lamp', 9.5)", "DELETE FROM items WHERE id = 1"], False),
    ],
)
def test_just_the_expected_rows_may_change(world: LocalWorld, tmp_path: Path, change: list[str], holds: bool) -> None:
    add(tmp_path, 1, "chair", "1")
    before = ONE.before(world)
    run(tmp_path, *change)
    assert before.test(world).holds is holds


def test_a_changed_row_keeps_its_other_columns(world: LocalWorld, tmp_path: Path) -> None:
    add(tmp_path, 1)
    asked = RowsChanged(SOURCE, ALL, key=("id",), changed=({"id": "1", "price": "4"},)).before(world)
    run(tmp_path, "UPDATE items SET price = 4")
    assert asked.test(world).holds is True
    run(tmp_path, "UPDATE items SET name = 'Lamp'")
    assert asked.test(world).holds is False


def test_what_a_row_holds_otherwise_is_named(world: LocalWorld, tmp_path: Path) -> None:
    add(tmp_path, 1, "chair", "1")
    added, changed = ONE.before(world), replace(ONE, added=(), changed=({"id": "1", "price": "4"},)).before(world)
    run(tmp_path, "INSERT INTO items VALUES (2, 'lamp', 0)")
    assert added.test(world).saying.startswith("of what was added: price is 0.0 and should be '9.50'; added {")
    asked = RowsAre(SOURCE, "SELECT name, price FROM items WHERE id = 2", {}, (("lamp", "9.50"),))
    assert asked.test(world).saying.endswith(": column 2 is 0.0 and should be '9.50'")
    run(tmp_path, "DELETE FROM items WHERE id = 2", "UPDATE items SET price = 3")
    assert changed.test(world).saying.startswith("of what was changed: price is 3.0 and should be '4'; changed price")


def test_what_another_wrote_meanwhile_and_is_gone_was_overwritten(world: LocalWorld, tmp_path: Path) -> None:
    add(tmp_path, 1)
    asked = RowsChanged(SOURCE, ALL, key=("id",), changed=({"id": "1", "price": "4"},)).before(world)
    run(tmp_path, "UPDATE items SET name = 'lantern'")
    asked = asked.again(world)
    run(tmp_path, "UPDATE items SET name = 'lamp', price = 4")
    found = asked.test(world)
    assert found.holds is False
    assert "lantern" in found.saying


def test_a_query_cannot_write(world: LocalWorld, tmp_path: Path) -> None:
    for sql in ("DELETE FROM items", "ATTACH 'other.db' AS other", "PRAGMA journal_mode=DELETE", "SELECT 1; SELECT 2"):
        assert RowsAre(SOURCE, sql).test(world).holds is None
    assert not (tmp_path / "other.db").exists()


def test_a_value_is_bound_and_never_part_of_the_query(world: LocalWorld, tmp_path: Path) -> None:
    add(tmp_path, 1)
    asked = RowsAre(SOURCE, "SELECT id FROM items WHERE name = :name", {"name": "x' OR 'a'='a"}, count=0)
    assert asked.test(world).holds is True


@pytest.mark.parametrize("source", ["sqlite:none.db", "sqlite:bad.db"])
def test_what_cannot_be_read_is_unknown_and_is_told_before_anything_is_done(
    world: LocalWorld, tmp_path: Path, source: str
) -> None:
    (tmp_path / "bad.db").write_bytes(b"no database at all" * 100)
    for probe in (RowsAre(source, ALL, count=0), replace(ONE, source=source)):
        assert probe.test(world).holds is None
        with pytest.raises(SandboxError):
            probe.before(world)


@pytest.mark.parametrize(
    "wrong", [{"key": ("nr",)}, {"added": ({"colour": "red"},)}, {"key": (), "changed": ({"id": "1"},)}]
)
def test_a_difference_that_no_query_could_show_is_told_before_anything_is_done(
    world: LocalWorld, wrong: dict[str, Any]
) -> None:
    with pytest.raises(SandboxError, match="column"):
        replace(ONE, **wrong).before(world)


def test_another_database_needs_its_library(world: LocalWorld) -> None:
    with pytest.raises(MissingProgram, match="install"):
        RowsAre("nosuchdatabase://host/db", "SELECT 1").before(world)


def test_files_outside_of_the_home_are_no_proof(tmp_path: Path) -> None:
    driver = FakeDriver()
    world = LocalWorld(driver, tmp_path)
    with pytest.raises(UsageError, match="outside"):
        world.read("/etc/hostname")
    with pytest.raises(UsageError, match="outside"):
        world.read("~/../other")
    driver.close()


def test_settings_in_files_are_read_and_others_are_unknown(tmp_path: Path) -> None:
    driver = FakeDriver()
    world = LocalWorld(driver, tmp_path)
    (tmp_path / ".config" / "app").mkdir(parents=True)
    (tmp_path / ".config" / "app" / "app.conf").write_text("[view]\nwrap=true\n")
    assert world.setting(".config/app/app.conf#view/wrap") == "true"
    assert world.setting(".config/app/app.conf#view/zoom") is None
    with pytest.raises(SandboxError):
        world.setting("gsettings:/org/app/wrap")
    driver.close()


# ------------------------------------------------------------------------------------------------ HTTP


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with Desk(tmp_path / "desk") as made:
        yield made


def test_an_answer_is_compared_by_its_value(desk: Desk, tmp_path: Path) -> None:
    desk.run("INSERT INTO orders (customer, item, quantity) VALUES ('Ada', 'Lamp', 3)")
    world, url = Elsewhere(tmp_path), f"{desk.url}/api/orders"
    assert HttpSays(url, "Ada", "/0/customer").before(world).test(world).holds is True
    assert HttpSays(url, "3", "/0/quantity").test(world).holds is True
    assert HttpSays(url, "Ada", "/1/customer").test(world).holds is False
    assert HttpSays(url, "Lamp", part=True).test(world).holds is True
    assert HttpSays(f"{desk.url}/nothing", status=404, text="").test(world).holds is True
    assert HttpSays(f"{desk.url}/nothing").test(world).holds is False


def test_a_server_that_is_gone_is_unknown(desk: Desk, tmp_path: Path) -> None:
    free = ThreadingHTTPServer(("127.0.0.1", 0), object)  # type: ignore[arg-type]
    url = f"http://127.0.0.1:{free.server_port}/"
    free.server_close()
    world = Elsewhere(tmp_path)
    assert HttpSays(url, "x").test(world).holds is None
    with pytest.raises(SandboxError):
        HttpSays(url, "x").before(world)


# ------------------------------------------------------------------------------------------------ pages


def test_an_element_is_read_from_the_screen(tmp_path: Path) -> None:
    driver = FakeDriver()
    world = LocalWorld(driver, tmp_path)
    assert ElementHolds("textbox", "Name", "").test(world).holds is True
    assert ElementHolds("textbox", "Name", "Ada").test(world).holds is False
    assert ElementHolds("textbox", "Name", "", reload=True).test(world).holds is None
    driver.close()


@pytest.mark.parametrize(
    "made",
    [
        ONE,
        RowsAre(SOURCE, ALL, {"a": "b"}, (("1", "2"),), 3),
        HttpSays("http://localhost/", "x", "/0", True, 404),
        ElementHolds("textbox", "Name", "x", True, True),
    ],
    ids=lambda made: type(made).__name__,
)
def test_a_probe_is_loaded_as_it_was_saved(made: object) -> None:
    codec.register(*REQUIREMENTS)
    assert codec.load(codec.save(made)) == made
