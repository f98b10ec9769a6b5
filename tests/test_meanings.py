"""With a model of vectors what was learned is found by its meaning too, over real HTTP; without one nothing changes."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from itertools import count
from math import sqrt
from pathlib import Path

import pytest

from cua import config
from cua.core import Ask, Observation, Run, Task, Verdict
from cua.errors import SettingsError
from cua.hints import Hints
from cua.learning import learn
from cua.memory.exchanges import Exchanges
from cua.memory.migrations import opened
from cua.memory.store import Store
from cua.memory.vectors import MOST_READ, Meanings, Vectors
from cua.minds import Mind
from cua.policies.memory import Memory
from tests.looks import look
from tests.model_server import Answer, Asked, Call, Fault, ModelServer, form_of, serving
from tests.test_recall_memory import HOME, solved

# what these words mean, as a model would have learned it: each word is near one direction
MEANT = {"wrap": 0, "lines": 0, "overlong": 0, "fold": 0, "kinks": 0, "print": 1, "paper": 1, "delete": 2, "rid": 2}
AXES = 8
NUMBERS = count()


def vector(text: str, axes: int = AXES) -> tuple[float, ...]:
    """Of a text: the directions of its words, and a little of its own."""
    noise = random.Random(text)
    found = [noise.uniform(-0.05, 0.05) for _ in range(axes)]
    for word in text.split():
        found[MEANT.get(word, 3 + len(word) % (axes - 3))] += 1.0 if word in MEANT else 0.1
    return tuple(found)


def brain(asked: Asked) -> Answer | Fault:
    if "messages" not in asked:
        return Answer(vector=vector(asked["input"]), sent=7)
    if form_of(asked):
        return Answer(calls=(Call("lesson", {"when": "now", "worked": "so", "pitfalls": []}),))
    return Answer(calls=(Call("wait", {"seconds": 0.1}),))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store(tmp_path / "cua.db") as store:
        yield store


@contextmanager
def minded(store: Store, server: ModelServer, run: str = "", **more: object) -> Iterator[Mind]:
    given: dict[str, object] = {"embedding": "v", "distil": False, "seconds": 5} | more
    chosen = config.Model(name="m", base_url=server.url, key="", sees=False, retries=0, **given)  # type: ignore[arg-type]
    with Mind(chosen, store) as mind:
        name = run or f"run {next(NUMBERS)}"
        mind.begin(name, Task("q", name))
        yield mind


def kept(store: Store, mind: Mind, run: Run) -> str:
    store.verdict(begun(store, run), Verdict("pass"))
    return learn(store, run, "pass", mind)


def begun(store: Store, run: Run) -> str:
    store.begin(run.id, run.task)
    store.end(run)
    return run.id


def placed(server: ModelServer) -> list[str]:
    return [asked["input"] for asked in server.asked if asked["path"].endswith("/embeddings")]


def hinted(mind: Mind, goal: str, now: Observation = HOME, looks: int = 1) -> tuple[str, ...]:
    """What the model of a run is told, at each of so many looks."""
    task = Task("q", goal)
    policy = mind.policy(task, Ask("?"))
    for _ in range(looks):
        policy.decide(task, (), now)
    return mind.used


OTHER = "fold overlong ones"  # no word of "turn on word wrap", and no meaning of the thesaurus


def test_other_words_for_the_same_are_found_and_asked_for_once_a_run(store: Store) -> None:
    with serving(brain) as server:
        with minded(store, server) as mind:
            assert kept(store, mind, solved("turn on word wrap", "Wrap")) == ""
            assert kept(store, mind, solved("print it on paper", "Print…")) == ""
        assert placed(server) == ["turn on word wrap", "print it on paper"]
        with minded(store, server) as mind:
            assert hinted(mind, OTHER, looks=3) == ("e1",)
            assert mind.spent.calls == 4
            assert mind.spent.sent >= 3 * 100 + 7
        assert placed(server)[2:] == [OTHER]
    with Memory(store.path) as memory:
        assert memory.recall(Task("q", OTHER), HOME).ids == ()  # by its words alone


def test_a_run_that_is_known_already_asks_for_no_vector_again(store: Store) -> None:
    with serving(brain) as server:
        for _ in range(2):
            with minded(store, server) as mind:
                learn(store, solved("turn on word wrap", "Wrap"), "pass", mind)
        assert len(server.asked) == 1


def test_without_the_setting_nothing_is_asked(store: Store) -> None:
    with serving(brain) as server, minded(store, server, embedding="") as mind:
        kept(store, mind, solved("turn on word wrap", "Wrap"))
        assert hinted(mind, "turn on word wrap") == ("e1",)
        assert not placed(server)
        assert mind.spent.calls == 1


def test_where_nothing_is_learned_of_the_app_nothing_is_asked(store: Store) -> None:
    with serving(brain) as server, minded(store, server) as mind:
        kept(store, mind, solved("turn on word wrap", "Wrap"))
        there = look("home", ("button", "Wrap"), app="other")
        assert hinted(mind, OTHER, there) == ()
        assert len(placed(server)) == 1


def test_what_means_something_else_is_not_told(store: Store) -> None:
    with serving(brain) as server, minded(store, server) as mind:
        kept(store, mind, solved("turn on word wrap", "Wrap"))
        assert hinted(mind, "get rid of this") == ()
        assert len(placed(server)) == 2


def test_values_are_no_part_of_what_is_asked(store: Store) -> None:
    with serving(brain) as server, minded(store, server) as mind:
        kept(store, mind, solved("send 'my secret plan' to tom", "OK", params={"to": "tom"}))
        hinted(mind, "get rid of 'my other plan' by 17:30 in notes.txt")
        assert placed(server)[0] == "send … to …"
        assert "plan" not in placed(server)[1]
        assert "notes.txt" not in placed(server)[1]
        assert "17" not in placed(server)[1]


def test_another_model_or_length_is_never_compared(store: Store) -> None:
    with serving(brain) as server:
        with minded(store, server) as mind:
            kept(store, mind, solved("turn on word wrap", "Wrap"))
        with minded(store, server, embedding="w") as mind:
            assert hinted(mind, OTHER) == ()
            assert len(placed(server)) == 1  # there is nothing of it to compare with
            learn(store, solved("turn on word wrap", "Wrap"), "pass", mind)
            assert hinted(mind, OTHER) == ("e1",)
        with closing(opened(store.path, patience=5.0)[0].conn) as sql:
            assert sql.execute("SELECT model, count(*) FROM experience_vectors GROUP BY model").fetchall() == [("w", 1)]
            assert Vectors(sql).near("app", "w", vector("fold lines", AXES + 1)) == {}


@pytest.mark.parametrize(
    "reply",
    [
        Fault(500),
        Fault(401),
        Fault(nonsense=True),
        Fault(silent=True),
        Answer(),  # an empty one
        Answer(vector=(0.0, 0.0)),
        Answer(vector=(float("nan"), 1.0)),
        Answer(vector=("a", "b")),  # type: ignore[arg-type]
    ],
)
def test_where_no_vector_comes_words_do_and_a_notice(store: Store, reply: Answer | Fault) -> None:
    def broken(asked: Asked) -> Answer | Fault:
        return brain(asked) if "messages" in asked else reply

    with serving(broken) as server, minded(store, server, seconds=0.5) as mind:
        note = kept(store, mind, solved("turn on word wrap", "Wrap"))
        assert "by its words alone" in note
        assert kept(store, mind, solved("print it on paper", "Print…"))
        assert len(server.asked) == 1  # not again in this run
        assert hinted(mind, "turn on word wrap")[:1] == ("e1",)


def test_a_used_up_budget_is_kept_to(store: Store) -> None:
    with serving(brain) as server, minded(store, server, budget=config.Spend(calls=0)) as mind:
        assert "budget" in kept(store, mind, solved("turn on word wrap", "Wrap"))
        assert not server.asked


def test_what_is_asked_is_on_record_and_counted_without_the_figures(store: Store) -> None:
    price = config.Price(sent=1e6)
    with serving(brain) as server, minded(store, server, "now", price=price) as mind:
        kept(store, mind, solved("turn on word wrap", "Wrap"))
        assert (mind.spent.calls, mind.spent.sent, mind.spent.cost) == (1, 7, 7.0)
    with Exchanges(store.path) as exchanges:
        (only,) = exchanges.of("now")
    assert (only.request["input"], only.sent, only.cost) == ("turn on word wrap", 7, 7.0)
    assert "data" not in only.answer


def test_it_is_no_deciding_so_nobody_is_asked_what_was_learned(store: Store) -> None:
    with serving(brain) as server, minded(store, server, distil=True) as mind:
        kept(store, mind, solved("turn on word wrap", "Wrap"))
        assert [form_of(asked) for asked in server.asked if "messages" in asked] == []


def test_an_endpoint_without_such_models_is_told_of(store: Store) -> None:
    with pytest.raises(SettingsError, match=r"model\.embedding"):
        Mind(config.Model(name="m", key="", base_url="http://localhost:1", speaks="anthropic", embedding="v"), store)


# ---------------------------------------------------------------------------------------------- what is kept


def meanings(model: str = "v") -> Meanings:
    return Meanings(model, vector)


def test_vectors_are_unit_length_little_endian_and_go_with_their_item(tmp_path: Path) -> None:
    path = tmp_path / "record.db"
    with Memory(path, meanings=meanings()) as memory:
        learned = memory.learn(solved("turn on word wrap", "Wrap"), "pass")
        assert learned
        memory.place(learned)
        with closing(sqlite3.connect(path)) as sql:
            ((packed,),) = sql.execute("SELECT vector FROM experience_vectors").fetchall()
        assert len(packed) == 4 * AXES
        parts = memoryview(packed).cast("f")
        assert sqrt(sum(part * part for part in parts)) == pytest.approx(1.0, abs=1e-5)
        memory.forget("e1")
        with closing(sqlite3.connect(path)) as sql:
            assert sql.execute("SELECT count(*) FROM experience_vectors").fetchone() == (0,)


def test_an_item_that_is_met_in_another_app_too_is_near_there_too(tmp_path: Path) -> None:
    other = look("mail", ("button", "Wrap"), app="mail")
    with Memory(tmp_path / "record.db", meanings=meanings()) as memory:
        first = solved("turn on word wrap", "Wrap")
        learned = memory.learn(first, "pass")
        assert learned
        memory.place(learned)
        assert memory.recall(Task("q", OTHER), other).ids == ()
        steps = (*first.steps, *solved("x", "Wrap", now=other).steps)
        memory.learn(Run("two", first.task, steps, other, "finished"), "pass")
    with Memory(tmp_path / "record.db", meanings=meanings()) as memory:
        assert memory.recall(Task("q", OTHER), other).ids == ("e1",)


def test_what_words_and_meaning_both_find_comes_first(tmp_path: Path) -> None:
    with Memory(tmp_path / "record.db", meanings=meanings()) as memory:
        for goal in ("show lines of a poem", "show kinks of a road", "wrap lines softly"):
            learned = memory.learn(solved(goal, "Menu"), "pass")
            assert learned
            memory.place(learned)
        assert memory.recall(Task("q", "wrap lines"), HOME).ids[0] == "e3"


def test_one_that_fails_too_often_is_not_found_by_meaning_either(tmp_path: Path) -> None:
    with Memory(tmp_path / "record.db", meanings=meanings()) as memory:
        learned = memory.learn(solved("turn on word wrap", "Wrap"), "pass")
        assert learned
        memory.place(learned)
        assert memory.recall(Task("q", OTHER), HOME).ids == ("e1",)
        for number in range(12):
            memory.learn(solved(f"{number} things elsewhere", "OK"), "fail", ["e1"])
        assert memory.recall(Task("q", OTHER), HOME).ids == ()


def test_where_a_model_finds_all_texts_alike_only_what_stands_out_is_near(tmp_path: Path) -> None:
    lifted = random.Random(0)

    def crowded(of: int, close: float = 0.0) -> list[float]:
        """Vectors that all share one large part; `close` of item 3's own."""
        own = [lifted.uniform(-0.1, 0.1) for _ in range(16)]
        return [3.0, *(part + close * (at == of) for at, part in enumerate(own))]

    with closing(opened(tmp_path / "record.db", patience=5.0)[0].conn) as sql:
        vectors = Vectors(sql)
        for item in range(12):
            vectors.keep(item, ["app"], "v", crowded(item, 2.0))
        assert list(vectors.near("app", "v", crowded(3, 2.0))) == [3]
        assert vectors.near("app", "v", crowded(0)) == {}


def test_only_so_many_are_read(tmp_path: Path) -> None:
    with closing(opened(tmp_path / "record.db", patience=5.0)[0].conn) as sql:
        vectors = Vectors(sql)
        sql.execute("BEGIN")
        vectors.keep(1, ["app"], "v", vector("wrap lines"))
        for item in range(2, MOST_READ + 2):
            vectors.keep(item, ["app"], "v", vector("delete"))
        sql.execute("COMMIT")
        assert 1 not in vectors.near("app", "v", vector("fold lines"))
        vectors.forget(2)
        assert 1 in vectors.near("app", "v", vector("fold lines"))


def test_hints_hold_one_memory_for_the_whole_run(store: Store) -> None:
    asked: list[str] = []

    def of(text: str) -> tuple[float, ...]:
        asked.append(text)
        return vector(text)

    with Memory(store.path, meanings=meanings()) as memory:
        learned = memory.learn(solved("turn on word wrap", "Wrap"), "pass")
        assert learned
        memory.place(learned)
    with closing(Hints(store.path, Task("q", OTHER), Meanings("v", of))) as hints:
        assert hints(HOME) == hints(HOME) != ()
    assert asked == [OTHER]
