"""`cua memory` as a person and other programs meet it: told, seen, searched, taken out, forgotten to the last byte."""

from __future__ import annotations

import json
import re
import sqlite3
import stat
import subprocess
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cua import app, memory_app
from cua.config import paths
from cua.core import Click, Effect, Fill, Finish, Observation, Run, Step, Task
from cua.memory.actions import Actions
from cua.memory.exchanges import Exchange, Exchanges
from cua.memory.handlers import Handler, Handlers
from cua.memory.library import keep_skill, load_skills
from cua.memory.skills import Proof, Skill
from cua.memory.store import Store
from cua.memory.workflows import Mark
from cua.policies.memory import Memory
from cua.policies.recall import taken
from tests.looks import look
from tests.test_actions import fill, page, run
from tests.test_cli import complaint, cua, objects

MAIL = "zebra@quagga.example"
HOME = look("home", ("textbox", "E-mail"), ("button", "Send"))


def told(sentence: str) -> str:
    """The id of the fact."""
    found = objects(cua("memory", "add", sentence, "--json"))
    assert found[-1] == {"outcome": "pass", "count": len(found) - 1}
    return str(found[0]["id"])


def files_with(text: str) -> list[str]:
    """The files of the record, its log and whatever lies beside it, that hold these bytes."""
    found = [file for file in paths().data.rglob("*") if file.is_file()]
    assert found
    return [file.name for file in found if text.encode() in file.read_bytes()]


def a_run(goal: str, *acts: tuple[Any, Observation]) -> Run:
    steps = tuple(Step(now, act, Effect("confirmed")) for act, now in acts)
    return Run("run-1", Task("t", goal), steps, HOME, "finished", "done")


def filled_up() -> None:
    """Something of every kind."""
    told(f"my work e-mail is {MAIL}")
    told("I prefer dark mode")
    send = HOME.elements[1]
    with Memory(paths().record) as memory:
        memory.learn(a_run("send the weekly report", (Click(send), HOME)), "pass")
    with Actions(paths().record) as actions:
        actions.learn(run(1, "greet anna", (fill("Greeting", "hello"), page("home", "Greeting"))), passed=True)
    with app.record() as store:
        proof = Proof(1, "turn on word wrap", "pass", "run-9", 1.0, 1)
        keep_skill(store, Skill("notes-wrap", "notes", "word wrap", "switch", "w", "turn on word wrap", (), (proof,)))
        handler = Handler("shop:newsletter:5f", "shop", "newsletter", "Join in", "click", Mark("button", "No thanks"))
        for outcome in ("pass", "pass", "fail"):
            Handlers(store).learn(handler, replace(proof, outcome=outcome))


# ---------------------------------------------------------------------------------------------- telling and seeing


def test_a_fact_is_told_listed_and_found(cua_home: Path) -> None:
    known = told(f"my work e-mail is {MAIL}")
    told("always save as PDF")
    listed = cua("memory", "list", "--kind", "profile")
    assert listed.returncode == 0
    assert f"{known}  work email: {MAIL}" in listed.stdout
    assert "file format: PDF" in listed.stdout
    found = objects(cua("memory", "search", "business", "mail", "--json"))
    assert [item.get("value") for item in found] == [MAIL, None]
    assert (found[0]["is"], found[0]["of"], found[0]["source"]) == ("fact", "work", f"my work e-mail is {MAIL}")
    assert found[-1] == {"outcome": "pass", "count": 1}
    assert "has to do with that" in cua("memory", "search", "pterodactyl").stdout


def test_without_anything_remembered_it_says_what_to_do(cua_home: Path) -> None:
    done = cua("memory", "list")
    assert done.returncode == 0
    assert "cua memory add" in done.stdout


def test_every_kind_is_listed_with_its_own_ids(cua_home: Path) -> None:
    filled_up()
    found = memory_app.items()
    assert {item.kind for item in found} == set(memory_app.KINDS)
    assert len({item.id for item in found}) == len(found)
    for kind in memory_app.KINDS:
        assert memory_app.items(kind) == [item for item in found if item.kind == kind]
    shown = cua("memory", "list").stdout
    assert all(f"{kind}:" in shown for kind in memory_app.KINDS)
    texts = " ".join(item.text for item in found)
    parts = ("send the weekly report", 'fill "Greeting"', "turn on word wrap", MAIL, "worked 2 of 3 times")
    assert all(part in texts for part in parts)
    assert [item.id for item in memory_app.items("skills", "wrap")] == ["notes-wrap"]
    assert memory_app.items("skills", "pterodactyl") == []
    (handler,) = memory_app.items("handlers", "newsletter thanks")
    assert handler.text == "'Join in' (newsletter in shop): click button 'No thanks': worked 2 of 3 times"
    assert re.fullmatch("h[0-9a-f]{12}", handler.id)


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("add", "my password is hunter2"), 3, "cua secret set"),
        (("add", "my card number is 4111 1111 1111 1111"), 3, "cua secret set"),
        (("add", "turn on dark mode"), 2, "say it as in"),
        (("forget", "p0000000000"), 2, "cua memory list"),
        (("list", "--kind", "secrets"), 2, "profile, experience, actions, skills, handlers"),
        (("export", "/nowhere/at/all.jsonl"), 2, "a folder that you may write"),
    ],
)
def test_what_cannot_be_done_is_one_line_with_the_next_step(
    cua_home: Path, arguments: tuple[str, ...], code: int, said: str
) -> None:
    done = cua("memory", *arguments)
    assert done.returncode == code
    assert said in complaint(done)
    assert "hunter2" not in done.stderr + done.stdout
    told_so = objects(cua("memory", *arguments, "--json"))
    assert told_so[-1]["outcome"] == "refused"


def test_all_of_it_is_taken_out_for_the_owner_alone(cua_home: Path, tmp_path: Path) -> None:
    filled_up()
    file = tmp_path / "out.jsonl"
    done = cua("memory", "export", str(file), "--json")
    counts = objects(done)[-1]
    lines = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    assert {(line["kind"], line["id"]) for line in lines} == {(item.kind, item.id) for item in memory_app.items()}
    assert all(counts[kind] == sum(line["kind"] == kind for line in lines) > 0 for kind in memory_app.KINDS)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    before = file.read_bytes()
    assert cua("memory", "export", str(file)).returncode == 2
    assert file.read_bytes() == before


# ---------------------------------------------------------------------------------------------- forgetting


def test_all_that_holds_it_is_named_with_an_id_by_which_that_is_forgotten_too(cua_home: Path) -> None:
    """A value in the words of a goal, in what was typed, in a model's account, a handler, a skill and a draft."""
    filled_up()
    known = told("I live in Quaggaville")
    told("my favourite restaurant is Quaggaville Grill")
    field, send = HOME.elements[1], HOME.elements[2]
    task = Task("t", "send greetings to quaggaville and write 'from Quaggaville'")
    went = Run("r", task, (Step(HOME, Fill(field, "Quaggaville"), Effect("confirmed")),
                           Step(HOME, Click(send), Effect("confirmed"))), HOME, "finished", "done")  # fmt: skip
    with Memory(paths().record) as memory:
        memory.learn(went, "pass")
        memory.learn(replace(went, id="r2", task=Task("t", "tell Quaggaville's fans"), steps=went.steps[1:]), "fail")
    with Actions(paths().record) as actions:
        actions.learn(taken(went), passed=True)
        actions.learn(taken(replace(went, task=Task("t", "Visit quaggaville soon"), steps=went.steps[1:])), passed=True)
    with app.record() as store:
        handler = Handler("app:ask:1", "app", "ask", "Quaggaville?", "click", Mark("button", "Quaggaville?"))
        Handlers(store).learn(handler, Proof(1, "x", "pass", "run-9", 1.0, 1))
        keep_skill(store, Skill("to-there", "notes", "to Quaggaville", "switch", "w", "go to Quaggaville", ()))
        store.put("map", "notes", {"windows": ["Quaggaville"]})
    draft = paths().data / "drafts" / "a.toml"
    draft.parent.mkdir()
    draft.write_text('name = "to Quaggaville"', encoding="utf-8")
    before = {item.id for item in memory_app.items()}
    others = {each["id"]: each["text"] for each in objects(cua("memory", "forget", known, "--json"))[-1]["also"]}
    assert {id[0] for id in others} == {"p", "a", "e", "w", "d", "h", "t"}, others
    assert files_with("uaggaville")
    draft.unlink()
    for id in others:
        assert cua("memory", "forget", id).returncode == 0, (id, others)
    assert files_with("uaggaville") == []
    assert {item.id for item in memory_app.items()} == before - {known, *others}, "nothing else went with it"


def test_what_is_forgotten_is_in_no_file_with_its_history(cua_home: Path) -> None:
    told(f"My name is Grace Hopper and my work e-mail is {MAIL}")
    known = told("my work e-mail is okapi@quagga.example")
    assert files_with("quagga")
    done = cua("memory", "forget", known)
    assert done.returncode == 0
    assert done.stdout == f"forgotten: work email: okapi@quagga.example; and what it was before: {MAIL}\n"
    assert files_with("quagga") == []
    assert [item.text for item in memory_app.items()] == ["name: Grace Hopper"]
    assert cua("memory", "forget", known).returncode == 2


@pytest.mark.parametrize("kind", ["experience", "actions", "skills", "handlers"])
def test_something_of_every_kind_can_be_forgotten(cua_home: Path, kind: str) -> None:
    filled_up()
    words = {"experience": "weekly", "actions": "Greeting", "skills": "notes-wrap", "handlers": "newsletter"}
    (item,) = memory_app.items(kind)
    assert files_with(words[kind])
    assert memory_app.forget(item.id).item == item
    assert memory_app.items(kind) == []
    assert files_with(words[kind]) == []
    assert len(memory_app.items()) == 5
    with app.record() as store:
        assert len(Handlers(store).all()) == (kind != "handlers")
        assert len(load_skills(store)) == (kind != "skills")


def test_where_else_the_text_still_is_is_told(cua_home: Path) -> None:
    known = told(f"my work e-mail is {MAIL}")
    field = HOME.elements[0]
    went = a_run(f"write to {MAIL}", (Fill(field, MAIL), HOME))
    with app.record() as store:
        store.begin(went.id, went.task)
        store.keep(went.id, 0, went.steps[0])
        store.keep(went.id, 1, Step(look("other", ("text", f"sent to {MAIL}")), Finish("done"), Effect("confirmed")))
        store.end(went)
        store.begin("run-2", Task("u", "say hello"))
        store.begin("run-3", Task("u", "say hello"))
        store.put("note", "letters", {"to": MAIL})
    with Exchanges(paths().record) as exchanges:
        exchanges.keep("run-2", Exchange(0, {"prompt": f"known: {MAIL}"}, {"say": "ok"}, 1.0, 1, 0, 1, 0.0))
    copy = paths().record.with_name("cua.db.damaged-20260101T000000.000000Z")
    copy.write_bytes(b"...." + MAIL.encode())
    for name, goal in (("without", "write to nobody"), ("zwith", f"write to {MAIL.upper()}")):
        with Store(copy.with_name(f"cua.db.damaged-{name}Z")) as other:
            other.begin("run-1", Task("t", goal))
    done = objects(cua("memory", "forget", known, "--json"))[-1]
    assert (done["outcome"], done["runs"]) == ("pass", ["run-1", "run-2"])
    (other,) = done["also"]
    assert other["text"] == "note letters"
    assert cua("memory", "forget", other["id"]).stdout == "forgotten: note letters\n"
    with app.record() as store:
        assert store.get("note", "letters") is None
    assert done["copies"] == [str(copy), str(copy.with_name("cua.db.damaged-zwithZ"))]  # one cannot be read


def test_a_reader_of_the_file_delays_the_last_bytes_and_the_same_again_ends_it(cua_home: Path) -> None:
    known = told(f"my work e-mail is {MAIL}")
    with closing(sqlite3.connect(paths().record, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM runs").fetchone()
        done = cua("memory", "forget", known)
        assert done.returncode == 4
        assert "its bytes are still in" in complaint(done)
        assert memory_app.items() == []
    again: subprocess.CompletedProcess[str] = cua("memory", "forget", known)
    assert again.returncode == 0
    assert files_with("quagga") == []
