"""What nobody knows yet is decided by a model, over real HTTP, in a real sandbox; the next time nobody is asked."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from cua import app, config
from cua.doing import do_there
from cua.memory.store import Store
from cua.minds import Mind
from cua.seats import Done
from sandbox_vms.namespace import Namespace
from tests.model_server import Answer, Asked, Brain, Call, Fault, ModelServer, form_of, lesson, scripted, serving
from tests.test_practice import INI, switchboard

GOAL = "make the squares appear"


def words(asked: Asked) -> str:
    content = asked["messages"][-1]["content"]
    return content if isinstance(content, str) else "".join(part.get("text", "") for part in content)


def number(asked: Asked, name: str) -> int | None:
    """The number that an element has in the list which the model was sent."""
    found = re.search(rf'^(\d+) \S+ "{re.escape(name)}"', words(asked), re.MULTILINE)
    return int(found[1]) if found else None


def verdict(outcome: str) -> Answer:
    given = {"outcome": outcome, "reason": "piece 1 shows it", "cites": [1]}
    return Answer(calls=(Call("verdict", given),))


DONE = Answer(calls=(Call("done", {"claim": "it is so", "evidence": [{"look": "now", "shows": "it is on"}]}),))


def clicks(name: str, outcome: Callable[[], str] = lambda: "pass") -> Brain:
    """A model that clicks that and is done; as a judge it looks at the world, and it says what that taught."""

    def brain(asked: Asked) -> Answer:
        match form_of(asked):
            case "verdict":
                return verdict(outcome())
            case "lesson":
                return lesson()
        if "Done so far" in words(asked):
            return DONE
        return Answer(calls=(Call("click", {"element": number(asked, name)}),))

    return brain


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store(tmp_path / "cua.db") as store:
        yield store


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Namespace]:
    with closing(Namespace(switchboard())) as sandbox:
        yield sandbox


def request(goal: str, sandbox: Namespace, store: Store, server: ModelServer | None, key: str = "") -> Done:
    """From the start state; another sandbox like it can stand in. `key` is the name of a secret."""
    sandbox.reset()
    chosen = config.Model(name="m", base_url=server.url, key=key, sees=False, retries=0) if server else config.Model()
    place = app.seated(sandbox, store, lambda: Namespace(switchboard()))
    return do_there(goal, place, Mind(chosen, store))


def grid(sandbox: Namespace) -> str | None:
    return sandbox.world.setting(f"{INI}grid")


def test_the_model_does_it_once_and_the_next_time_nobody_is_asked(sandbox: Namespace, store: Store) -> None:
    with serving(clicks("Grid")) as server:
        first = request(GOAL, sandbox, store, server)
        assert (first.outcome, first.acts, first.model_calls, grid(sandbox)) == ("pass", 1, 4, "true"), first
        assert [choice.rung for choice in first.route] == ["model"]
        again = request(GOAL, sandbox, store, server)
    assert (again.outcome, again.acts, again.model_calls, grid(sandbox)) == ("pass", 1, 0, "true"), again
    assert [choice.rung for choice in again.route] == ["replay"]
    assert [form_of(asked) for asked in server.asked] == ["", "", "verdict", "lesson"]
    alone = request(GOAL, sandbox, store, None)
    assert (alone.outcome, alone.acts, alone.route[0].rung) == ("pass", 1, "replay")


def test_what_the_judge_does_not_believe_is_not_remembered(sandbox: Namespace, store: Store) -> None:
    with serving(clicks("Turbo", lambda: "fail")) as server:
        assert request(GOAL, sandbox, store, server).outcome == "fail"
        assert request(GOAL, sandbox, store, server).model_calls == 3


def test_where_the_model_only_asks_nothing_is_done(sandbox: Namespace, store: Store) -> None:
    question = scripted(Answer(calls=(Call("ask", {"question": "which squares?"}),)))
    with serving(question) as server:
        done = request(GOAL, sandbox, store, server)
    assert (done.outcome, done.acts, done.saying) == ("unknown", 0, "which squares?")


def test_an_endpoint_that_fails_is_told_and_the_run_kept(sandbox: Namespace, store: Store) -> None:
    with serving(scripted(Fault(500))) as server:
        done = request(GOAL, sandbox, store, server)
    assert (done.outcome, done.acts) == ("unknown", 0)
    assert "500" in done.saying or "fails" in done.saying, done.saying
    assert store.run(done.run).stopped == "trouble"


def test_what_the_planner_knows_asks_no_model(sandbox: Namespace, store: Store) -> None:
    with serving(scripted(Fault(500))) as server:
        done = request("turn on grid", sandbox, store, server)
    assert (done.outcome, done.model_calls) == ("pass", 0)
    assert not server.asked


def test_a_key_that_is_not_there_is_told_where_the_model_is_asked_and_only_there(
    sandbox: Namespace, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving(clicks("Grid"), key="right") as server:
        planned = request("turn on grid", sandbox, store, server, "absent")
        assert (planned.outcome, planned.model_calls) == ("pass", 0), planned
        lacking = request(GOAL, sandbox, store, server, "absent")
        assert not server.asked
        assert "model.key = 'absent'" in lacking.saying
        assert "CUA_SECRET_ABSENT" in lacking.saying
        monkeypatch.setenv("CUA_SECRET_ABSENT", "wrong")
        wrong = request(GOAL, sandbox, store, server, "absent")
        assert len(server.asked) == 1
        for done in (lacking, wrong):
            assert (done.outcome, done.acts, store.run(done.run).stopped) == ("unknown", 0, "trouble"), done
        monkeypatch.setenv("CUA_SECRET_ABSENT", "right")
        assert request(GOAL, sandbox, store, server, "absent").outcome == "pass"
        monkeypatch.delenv("CUA_SECRET_ABSENT")
        again = request(GOAL, sandbox, store, server, "absent")
    assert (again.outcome, [choice.rung for choice in again.route]) == ("pass", ["replay"]), again
