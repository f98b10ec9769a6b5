"""Practice on a real program: honest controls become skills, lies and noise do not, and no interruption loses any."""

from __future__ import annotations

import functools
import multiprocessing
import os
import signal
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from cua.core import Run
from cua.errors import CuaError
from cua.memory.library import load_map, load_skills
from cua.memory.maps import Law, Map
from cua.memory.skills import Round, Skill
from cua.memory.store import Store
from cua.practice.crew import Alone
from cua.practice.orders import Begin, Late
from cua.practice.rounds import Ground
from cua.practice.session import Practice
from sandbox_vms import bwrap
from sandbox_vms.apps import App
from sandbox_vms.namespace import Namespace
from tests.sandboxes import await_nothing_of, with_gtk

SOURCE = Path(__file__).parent / "fixtures" / "apps" / "switchboard.py"
INI = ".config/switchboard.ini#board/"
LIMIT = 300.0  # seconds; it ends long before, unless the machine is busy
FAMILIES = 12
HONEST = ("grid", "theme-light", "theme-dark", "theme-blue", "width", "language", "history")
EFFECTS = (
    ("Grid", "grid", {"on": "true", "off": "false"}),
    ("Dark", "theme", {"on": "dark"}),
    ("Width", "width", {"4": "4", "5": "5", "6": "6"}),
    ("Language", "language", {"English": "English", "French": "French", "German": "German"}),
    ("History", "history", {"on": "true", "off": "false"}),
)


@functools.cache
def switchboard() -> App:
    """The program in tests/fixtures, as an app of a sandbox. Skips where it cannot run."""
    python = with_gtk("3.0")
    try:
        bwrap.check()
    except CuaError as exc:
        pytest.skip(str(exc))
    files = {"app.py": SOURCE.read_text(), "notes.txt": "dear diary\n"}
    return App("switchboard", (python, "/home/user/app.py"), files=files)


def practise(
    record: Path, say: Callable[[str], None], told: Callable[[Round], None], most: int
) -> tuple[Practice, Path]:
    """Go on practising over this record; gives the practice and the room that its sandbox had."""
    with Store(record) as store:
        known, skills = load_map(store, "switchboard"), load_skills(store, "switchboard")
        sandbox = Namespace(switchboard())
        room = sandbox.room
        ground = Ground(sandbox, store, known, {}, say)
        session = Practice("switchboard", Alone(ground), store, known, skills, {}, told)
        try:
            ground.settle()
            session.go(until=time.monotonic() + LIMIT, most=most)
        finally:
            ground.close()
    return session, room


def told_away(record: Path, out: Connection) -> None:
    """Practise in a process of its own, telling each line and what it is sure of by then."""

    def told(line: Round) -> None:
        out.send(("round", line.skill, line.outcome, line.proven))

    practise(record, lambda line: out.send(("say", line)), told, most=1000)


def killed_at(record: Path, moment: Callable[[tuple[object, ...]], bool]) -> None:
    """Practise in a child process, and kill it the moment that it tells of this."""
    context = multiprocessing.get_context("spawn")
    reading, writing = context.Pipe(duplex=False)
    child = context.Process(target=told_away, args=(record, writing))
    child.start()
    writing.close()
    try:
        end = time.monotonic() + LIMIT
        while not moment(_next(reading, end)):
            pass
    finally:
        assert child.pid is not None
        os.kill(child.pid, signal.SIGKILL)
        child.join()
        reading.close()


def _next(reading: Connection, end: float) -> tuple[object, ...]:
    assert reading.poll(max(0.0, end - time.monotonic())), f"within {LIMIT:.0f} s the moment to kill it did not come"
    found: tuple[object, ...] = reading.recv()
    return found


@dataclass(frozen=True)
class Story:
    """What was known after each of two kills, and in the end; `rounds` are those of the last practice."""

    early: Map
    midway: Mapping[str, Skill]
    known: Map
    skills: Mapping[str, Skill]
    rounds: tuple[Round, ...]
    runs: Mapping[str, Run]
    room: Path

    def law(self, name: str) -> Law:
        (found,) = (
            self.known.laws[c.key] for c in self.known.controls.values() if c.name == name and c.window == "main"
        )
        return found

    def skill(self, name: str) -> Skill:
        return self.skills[f"switchboard-{name}"]


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Story:
    """One practice, killed while it explores, killed again when two skills are proven, then left to end."""
    switchboard()
    record = tmp_path_factory.mktemp("practice") / "cua.db"
    killed_at(record, lambda line: line[0] == "say" and "Language" in str(line[1]))
    with Store(record) as store:
        early = load_map(store, "switchboard")
    killed_at(record, lambda line: line[0] == "round" and line[3] == 2)
    with Store(record) as store:
        midway = load_skills(store, "switchboard")
    missing = 2 * FAMILIES - sum(skill.passes for skill in midway.values())
    session, room = practise(record, lambda line: None, lambda line: None, most=missing)
    with Store(record) as store:
        skills = load_skills(store, "switchboard")
        runs = {proof.run: store.run(proof.run) for skill in skills.values() for proof in skill.proofs if proof.run}
        known = load_map(store, "switchboard")
    return Story(early, midway, known, skills, tuple(session.rounds), runs, room)


# ---------------------------------------------------------------------------------------------- what it finds


@pytest.mark.parametrize("name", HONEST)
def test_an_honest_control_becomes_a_proven_skill(story: Story, name: str) -> None:
    skill = story.skill(name)
    assert (skill.status, skill.fails) == ("proven", 0)
    assert skill.passes >= 2
    assert len({proof.seed for proof in skill.proofs}) == len(skill.proofs)
    assert all(proof.killed == proof.mutants > 0 for proof in skill.proofs)


@pytest.mark.parametrize(("name", "key", "values"), EFFECTS)
def test_a_control_has_the_effect_that_the_program_gives_it_and_no_other(
    story: Story, name: str, key: str, values: Mapping[str, str]
) -> None:
    law = story.law(name)
    assert {k: dict(v) for k, v in law.settings.items()} == {INI + key: values}
    assert {"state", "setting"} <= set(law.signals)


def test_what_is_written_only_at_the_end_is_found_and_told_apart(story: Story) -> None:
    assert [c.name for c in story.known.controls.values() if story.known.laws[c.key].delayed] == ["History"]


def test_what_is_written_when_a_dialog_is_accepted_is_found_without_quitting(story: Story) -> None:
    (law,) = (law for law in story.known.laws.values() if law.kind == "text" and law.control.startswith("dialog:names"))
    assert (set(law.settings), law.delayed) == ({INI + "name"}, False)


def test_what_moves_by_itself_is_the_effect_of_nothing(story: Story) -> None:
    for law in story.known.laws.values():
        assert not {INI + "counter", INI + "time", INI + "turbo"} & set(law.settings), law
    assert {f"setting:{INI}{key}" for key in ("counter", "time")} <= story.known.background()


def test_a_tick_that_writes_at_random_is_no_skill(story: Story) -> None:
    assert story.law("Turbo").settings == {}
    assert [skill.id for skill in story.skills.values() if skill.name == "Turbo" and skill.status == "proven"] == []


def test_a_crash_is_on_record_and_practice_went_on(story: Story) -> None:
    assert (story.law("Crash").kind, story.law("Crash").why) == ("ends", "the app ends")
    assert set(story.known.laws) == set(story.known.controls)


@pytest.mark.parametrize(
    ("name", "window"), [("Names", "dialog:names"), ("About", "alert:"), ("Tip", "alert:"), ("Expert", "alert:")]
)
def test_a_dialog_is_known_by_what_opens_it_and_blocks_nothing(story: Story, name: str, window: str) -> None:
    law = story.law(name)
    assert (law.kind, law.opens.startswith(window)) == ("opens", True)
    assert len(story.known.route(law.opens)) == 1


def test_what_destroys_is_no_skill_and_says_what_it_touches(story: Story) -> None:
    law = story.law("Delete all")
    assert (law.kind, law.also) == ("command", ("file|notes.txt",))
    assert [skill.id for skill in story.skills.values() if "delete" in skill.id] == []


# ---------------------------------------------------------------------------------------------- what is kept


def test_a_kill_while_exploring_loses_nothing_that_was_found(story: Story) -> None:
    found = {law.control: law for law in story.early.laws.values() if law.settings}
    assert {"main||checkbox|Grid", "main||spinbutton|Width"} <= set(found)
    assert {key: story.known.laws[key] for key in found} == found


def test_a_kill_while_trying_loses_nothing_that_was_proven(story: Story) -> None:
    kept = {name: skill for name, skill in story.midway.items() if skill.status == "proven"}
    assert len(kept) == 2
    for name, skill in kept.items():
        assert story.skills[name].status == "proven"
        assert story.skills[name].proofs[: len(skill.proofs)] == skill.proofs


def test_it_goes_on_where_it_was_killed(story: Story) -> None:
    assert [line.outcome for line in story.rounds if line.kind == "attempt" and line.outcome == "fail"] == []
    assert {skill.status for skill in story.skills.values()} <= {"proven", "candidate", "quarantined"}
    assert max(line.proven for line in story.rounds) > 2


def test_each_proof_has_its_run_on_record(story: Story) -> None:
    for skill in story.skills.values():
        for proof in (proof for proof in skill.proofs if proof.outcome == "pass"):
            done = story.runs[proof.run]
            assert (done.stopped, done.task.id, len(done.steps)) == ("finished", skill.id, proof.acts)


# ---------------------------------------------------------------------------------------------- odd programs


def test_one_that_does_not_come_back_after_a_quit_is_practised_without_quitting_it(tmp_path: Path) -> None:
    board, said, known = switchboard(), list[str](), Map("once")
    once = ("sh", "-c", '[ -e ~/once ] && exit 0; touch ~/once; exec "$@"', "sh", *board.command)
    with Store(tmp_path / "cua.db") as store:
        ground = Ground(Namespace(App("once", once, files=board.files)), store, known, {}, said.append)
        try:
            ground.settle()
            begun, late = ground.do(Begin()), ground.do(Late(1.0))
        finally:
            ground.close()
    assert "quitting and starting once again" in said[0]
    assert (begun.outcome, bool(known.controls)) == ("pass", True)
    assert late.outcome == "unknown"
    assert "once shows no window again after a quit" in late.why


def test_one_that_shows_nothing_to_operate_is_told_as_such(tmp_path: Path) -> None:
    script = (
        'import gi; gi.require_version("Gtk", "3.0"); from gi.repository import Gtk; Gtk.Window().show(); Gtk.main()'
    )
    blank, known = App("blank", (with_gtk("3.0"), "-c", script)), Map("blank")
    switchboard()  # skips where there are no sandboxes
    with Store(tmp_path / "cua.db") as store:
        ground = Ground(Namespace(blank), store, known, {}, lambda line: None)
        session = Practice("blank", Alone(ground), store, known, {}, {}, lambda line: None)
        try:
            assert session.barren == ""
            ground.settle()
            session.go(until=time.monotonic() + LIMIT, most=1000)
        finally:
            ground.close()
    assert session.barren == "blank shows nothing that can be operated (over accessibility)"


# ---------------------------------------------------------------------------------------------- what is left


def test_nothing_is_left_of_the_sandbox(story: Story) -> None:
    await_nothing_of(story.room)  # of those that were killed, the end of the session tells
