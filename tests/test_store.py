"""What was kept is there: after kill -9, beside other programs, on a full disk, and in files that others wrote."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from cua.core import (
    Box,
    Click,
    Effect,
    Element,
    Evidence,
    Frame,
    Locator,
    Observation,
    Place,
    Point,
    Run,
    Step,
    Task,
    Verdict,
    Wait,
)
from cua.errors import NewerRecord, RecordError, UsageError
from cua.memory.store import Store, acts

TASK = Task("word-wrap", "turn on word wrap \udcff", params={"@": "x"}, allowed=("file:*",))

WRITER = """
import sys
from pathlib import Path
from cua.errors import RecordError
from cua.memory.store import Store
from tests.test_store import TASK, step
store = Store(Path(sys.argv[1]))
store.begin(sys.argv[2], TASK)
for index in range(int(sys.argv[3])):
    try:
        store.keep(sys.argv[2], index, step(index))
    except RecordError as exc:
        print(exc, flush=True)
        break
    print(index, flush=True)
store.close()
"""


def screen(salt: int = 0, size: int = 40) -> tuple[Element, ...]:
    return tuple(
        Element(
            f"e{number}",
            "button",
            f"Element {number}",
            value=f"{salt}" if number % 9 == 0 else None,
            states=frozenset({"showing", "focusable"}),
            box=Box(number, 2 * number, 100, 20),
            parent=number // 5 - 1,
            locators=(Locator("role", f"button:Element {number}"), Locator("path", f"/0/{number}")),
        )
        for number in range(size)
    )


def picture(salt: int, width: int = 8) -> Frame:
    return Frame(f"{salt:032x}", width, 4, pixels=bytes([salt % 256]) * width * 16)


def step(salt: int = 0, size: int = 40, frame: Frame | None = None) -> Step:
    elements = screen(salt, size)
    seen = Observation(Place("fake", "Main"), elements, frame, float(salt), "a note")
    return Step(seen, Click(elements[0], why="because"), Effect("confirmed"), 0.5)


def kept(store: Store, run_id: str = "r1", count: int = 3) -> Run:
    store.begin(run_id, TASK)
    steps = tuple(step(number) for number in range(count))
    for number, one in enumerate(steps):
        store.keep(run_id, number, one)
    done = Run(run_id, TASK, steps, step(count).seen, "finished", "claim", 2.5)
    store.end(done)
    return done


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "cua.db"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    with Store(path) as opened:
        yield opened


def writing(path: Path, run_id: str, count: int, *before: str) -> subprocess.Popen[str]:
    argv = [*before, sys.executable, "-c", WRITER, str(path), run_id, str(count)]
    root = Path(__file__).parents[1]
    return subprocess.Popen(argv, stdout=subprocess.PIPE, text=True, cwd=root, env={**os.environ, "PYTHONPATH": "."})


# ---------------------------------------------------------------------------------------------- runs


def test_a_run_is_read_back_as_it_was_even_by_another_store(store: Store, path: Path) -> None:
    done = kept(store)
    assert store.run("r1") == done
    with Store(path) as other:
        assert other.run("r1") == done
        assert (other.notice, other.run("r1").steps[0].action.why) == ("", "because")


def test_a_run_without_an_end_is_interrupted_with_its_steps(store: Store) -> None:
    store.begin("r1", TASK)
    store.keep("r1", 0, step(0))
    found = store.run("r1")
    assert (found.stopped, found.steps, found.seconds, found.last) == ("interrupted", (step(0),), 0.5, None)
    assert "no end" in found.reason
    assert store.runs()[0].stopped == "interrupted"


def test_the_latest_runs_come_first_and_can_be_of_one_task(store: Store) -> None:
    for number in range(4):
        kept(store, f"r{number}", count=number)
    store.begin("other", replace(TASK, id="other"))
    assert [run.id for run in store.runs(3)] == ["other", "r3", "r2"]
    found = store.runs(task="word-wrap")
    latest = found[0]
    assert (latest.id, latest.steps, latest.stopped, latest.outcome) == ("r3", 3, "finished", None)
    assert len(found) == 4


def test_waits_and_what_was_refused_are_no_acts(store: Store) -> None:
    steps = (
        step(0),
        replace(step(0), action=Wait(1.0, why='"@":"Click"')),
        replace(step(0), effect=Effect("refused", "no")),
        replace(step(0), effect=Effect("no_effect", '"kind":"refused"')),
    )
    store.begin("r1", TASK)
    for number, one in enumerate(steps):
        store.keep("r1", number, one)
    assert acts(store.run("r1").steps) == store.runs()[0].steps == 2


def test_a_verdict_is_kept_beside_the_run(store: Store) -> None:
    kept(store)
    verdict = Verdict("fail", (Evidence(None, "could not be read"),), ("file:x",))
    assert store.judged("r1") is None
    store.verdict("r1", verdict)
    assert (store.judged("r1"), store.runs()[0].outcome) == (verdict, "fail")


def test_what_is_not_there_is_said(store: Store) -> None:
    with pytest.raises(UsageError, match="no run 'none'"):
        store.run("none")
    with pytest.raises(UsageError, match="no run 'none'"):
        store.verdict("none", Verdict("pass"))
    with pytest.raises(RecordError, match="never begun"):
        store.end(Run("none", TASK))
    with pytest.raises(RecordError, match="refused a row"):
        store.keep("none", 0, step())


def test_a_step_cannot_be_kept_twice(store: Store) -> None:
    store.begin("r1", TASK)
    store.keep("r1", 0, step(0))
    with pytest.raises(RecordError, match="kept once"):
        store.keep("r1", 0, step(1))
    assert store.run("r1").steps == (step(0),)


def test_a_screen_seen_twice_is_stored_once(store: Store, path: Path) -> None:
    store.begin("r1", TASK)
    for number, salt in enumerate([1, 1, 2, 1]):
        store.keep("r1", number, step(salt))
    rows = sqlite3.connect(path)
    assert rows.execute("SELECT count(*) FROM screens").fetchone() == (2,)
    rows.close()
    assert [s.seen.time for s in store.run("r1").steps] == [1.0, 1.0, 2.0, 1.0]


# ---------------------------------------------------------------------------------------------- pictures


def test_a_picture_is_stored_once_and_is_the_one_that_was_seen(store: Store, path: Path) -> None:
    store.begin("r1", TASK)
    for number in range(40):
        store.keep("r1", number, step(number, frame=picture(number % 20)))
    store.flush()
    assert len(list((path.parent / "cua.frames").iterdir())) == 20
    shown = Image.open(BytesIO(store.frame_png(picture(7).sha)))
    assert (shown.size, shown.getpixel((0, 0))) == ((8, 4), (7, 7, 7))


def test_a_picture_of_an_older_record_is_still_shown(store: Store, path: Path) -> None:
    folder = path.parent / "cua.frames"
    folder.mkdir()
    older = BytesIO()
    Image.new("RGB", (3, 2)).save(older, "PNG")
    (folder / f"{'ab' * 16}.png").write_bytes(older.getvalue())
    assert store.frame_png("ab" * 16) == older.getvalue()


def test_a_picture_that_cannot_be_written_costs_no_step(path: Path) -> None:
    store = Store(path)
    (path.parent / "cua.frames").write_text("in the way")
    store.begin("r1", TASK)
    store.keep("r1", 0, step(0, frame=picture(1)))
    with pytest.raises(RecordError, match="1 pictures could not be kept"):
        store.flush()
    assert len(store.run("r1").steps) == 1
    store.close()


def test_a_picture_that_was_never_taken_is_said(store: Store) -> None:
    with pytest.raises(RecordError, match="never taken"):
        store.frame_png("0" * 32)
    with pytest.raises(RecordError, match="hash in hex"):
        store.frame_png("../../etc/passwd")


def test_closing_twice_is_fine_and_a_closed_store_says_so(path: Path) -> None:
    store = Store(path)
    store.close()
    store.close()
    with pytest.raises(RecordError, match="closed"):
        store.begin("r1", TASK)


# ---------------------------------------------------------------------------------------------- documents


def test_what_is_put_instead_leaves_no_history(store: Store) -> None:
    for number in range(3):
        store.put("map", "a", {"seen": number}, instead=True)
    assert store.get("map", "a") == {"seen": 2}
    assert [version.body for version in store.history("map", "a")] == [{"seen": 2}]


def test_documents_keep_their_history(store: Store, path: Path) -> None:
    store.put("map", "a", {"n": 1})
    store.put("map", "a", {"n": 2})
    store.put("map", "b", [None, "ä\udcff"])
    store.put("skill", "a", "other")
    assert (store.get("map", "a"), store.get("map", "none")) == ({"n": 2}, None)
    store.delete("map", "a")
    store.delete("map", "none")
    assert (store.get("map", "a"), store.all("map")) == (None, {"b": [None, "ä\udcff"]})
    store.put("map", "a", {"n": 3})
    with Store(path) as other:
        told = [(version.number, version.body, version.deleted) for version in other.history("map", "a")]
    assert told == [(1, {"n": 1}, False), (2, {"n": 2}, False), (3, None, True), (4, {"n": 3}, False)]


def test_a_document_that_is_cut_off_is_told_by_its_name_and_the_others_can_be_read(store: Store, path: Path) -> None:
    for name in ("a", "b"):
        store.put("map", name, {"n": [1, 2, 3]})
    cut_off(path, "b")
    assert store.get("map", "a") == {"n": [1, 2, 3]}
    for read in (lambda: store.get("map", "b"), lambda: store.all("map")):
        with pytest.raises(RecordError, match=r"map 'b' in .* is damaged \(version 1: .*the others can be read"):
            read()
    assert store.names("map") == ("a", "b")
    (version,) = store.history("map", "b")
    assert (version.body, version.deleted, "is damaged" in version.damage) == (None, False, True)
    store.delete("map", "b")
    assert store.all("map") == {"a": {"n": [1, 2, 3]}}
    store.put("map", "b", 2)
    assert store.get("map", "b") == 2


def cut_off(path: Path, name: str) -> None:
    """Half of what was written last of a document is all that is left of it."""
    rows = sqlite3.connect(path)
    rows.execute("UPDATE documents SET body = substr(body, 1, length(body) / 2) WHERE id = ?", (name,))
    rows.commit()
    rows.close()


def test_the_end_of_a_run_that_is_cut_off_is_told(store: Store, path: Path) -> None:
    kept(store)
    rows = sqlite3.connect(path)
    rows.execute("UPDATE runs SET ending = substr(ending, 1, 9)")
    rows.commit()
    rows.close()
    with pytest.raises(RecordError, match=r"the end of run r1 in .* is damaged"):
        store.run("r1")


def test_what_is_no_json_is_no_document(store: Store) -> None:
    with pytest.raises(RecordError, match="JSON-compatible"):
        store.put("map", "a", {1, 2})
    assert store.all("map") == {}


# ---------------------------------------------------------------------------------------------- when things go wrong


def test_what_was_acknowledged_survives_kill_9(path: Path) -> None:
    child = writing(path, "r1", 100_000)
    assert child.stdout is not None
    acknowledged = [int(child.stdout.readline()) for _ in range(200)]
    child.send_signal(signal.SIGKILL)
    acknowledged += [int(line) for line in child.stdout if line.endswith("\n")]
    child.wait()
    child.stdout.close()
    with Store(path) as store:
        found = store.run("r1")
    assert found.stopped == "interrupted"
    assert len(acknowledged) <= len(found.steps) <= len(acknowledged) + 1
    assert list(found.steps) == [step(number) for number in range(len(found.steps))]


def test_two_programs_write_one_record(path: Path) -> None:
    children = [writing(path, name, 150) for name in ("one", "two")]
    outs = [child.communicate()[0].split() for child in children]
    assert outs == [[str(number) for number in range(150)]] * 2
    with Store(path) as store:
        assert {run.id: run.steps for run in store.runs()} == {"one": 150, "two": 150}


def test_a_newer_record_is_left_alone(path: Path) -> None:
    with Store(path) as store:
        kept(store)
    rows = sqlite3.connect(path)
    rows.execute("INSERT INTO migrations VALUES ('_999_teleport', 'tomorrow')")
    rows.commit()
    rows.close()
    before = path.read_bytes(), path.stat().st_mtime_ns
    with pytest.raises(NewerRecord, match=r"_999_teleport.*upgrade cua"):
        Store(path)
    assert (path.read_bytes(), path.stat().st_mtime_ns) == before


def test_a_file_that_is_no_record_is_set_aside_and_a_new_one_started(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b"this was never a database" * 100)
    path.with_name("cua.db-wal").write_bytes(b"left over")
    with Store(path) as store:
        assert "was damaged" in store.notice
        assert str(path) in store.notice
        assert kept(store) == store.run("r1")
    aside = sorted(found.name for found in path.parent.glob("*.damaged-*"))
    assert (path.parent / aside[0]).read_bytes().startswith(b"this was never")
    assert aside[0] + "-wal" in aside
    with Store(path) as store:
        assert store.notice == ""
        assert [found.name for found in store.set_aside()] == aside[:1]


def test_damage_met_while_reading_is_said_and_set_aside_at_the_next_start(path: Path) -> None:
    with Store(path) as store:
        kept(store, count=60)
    with path.open("r+b") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(size // 2 // 4096 * 4096)
        file.write(b"\xff" * (size - file.tell()))
    with Store(path) as store, pytest.raises(RecordError, match=r"damaged.*start cua again"):
        store.run("r1")
    with Store(path) as store:
        assert "set aside" in store.notice
        assert store.runs() == []


def test_a_record_locked_by_another_program_is_said(path: Path) -> None:
    with Store(path, patience=0.2) as store:
        store.begin("r1", TASK)
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(RecordError, match=r"locked by another program for 0\.2 s"):
            store.keep("r1", 0, step())
        other.execute("ROLLBACK")
        other.close()
        store.keep("r1", 0, step())
        assert len(store.run("r1").steps) == 1


def test_a_full_disk_is_said_and_what_was_kept_stays(path: Path, tmp_path: Path) -> None:
    unshare = shutil.which("unshare")
    if os.geteuid() != 0 or unshare is None:
        pytest.skip("a full disk needs root and unshare, for a tiny disk that only the child sees")
    path.parent.mkdir()
    saved = tmp_path / "saved"
    saved.mkdir()
    small = f'mount -t tmpfs -o size=600k none {path.parent} && "$@"; cp -a {path.parent}/. {saved}'
    child = writing(path, "r1", 100_000, unshare, "--mount", "sh", "-c", small, "sh")
    out = child.communicate()[0].splitlines()
    if child.returncode != 0 and not out:
        pytest.skip("no disk can be mounted here")
    assert "the disk is full" in out[-1]
    assert "free some space" in out[-1]
    with Store(saved / "cua.db") as store:
        assert len(store.run("r1").steps) == len(out) - 1 > 10


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("in the way")
    with pytest.raises(RecordError, match="CUA_HOME"):
        Store(tmp_path / "data" / "cua.db")


def test_a_point_can_be_what_was_clicked(store: Store) -> None:
    store.begin("r1", TASK)
    store.keep("r1", 0, replace(step(), action=Click(Point(1, 2))))
    assert store.run("r1").steps[0].action == Click(Point(1, 2))
