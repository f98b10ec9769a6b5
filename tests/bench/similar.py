"""What a model solved once helps with the same for other values, and with siblings: templates in apps and on a web app.

For each template the model, an oracle, solves a few instances; then come instances with values never seen, and sibling
tasks that share a part of the way. Calls saved are against the calls that the oracle's way would take without any
memory. A replayed act that is not on the oracle's way for these values is a wrong replay.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Generic, TypeVar

from cua import app
from cua.core import Open
from cua.doing import do_there
from cua.memory.store import Store
from cua.minds import Mind
from cua.own_screens import open_web
from cua.seats import Seat
from sandbox_vms.apps import find
from sandbox_vms.namespace import Namespace
from tests.bench import household
from tests.bench.household import Household
from tests.bench.model_oracle import Oracle
from tests.bench.rows import Row
from tests.bench.second_time import chosen, strange
from tests.bench.second_time_tasks import TYPE, Way
from tests.model_server import serving

World = TypeVar("World")
BAR = 0.60
_JUDGED = 2  # calls beside those for acts: that it is done, and whether it is


@dataclass(frozen=True)
class Asked(Generic[World]):
    """One instance; `came` says whether the world shows it."""

    goal: str
    way: Way
    came: Callable[[World], bool]


@dataclass
class Count:
    """Of the instances that came after what was learned."""

    tasks: int = 0
    right: int = 0
    calls: int = 0
    without: int = 0
    wrong: list[str] = field(default_factory=list)
    told: list[str] = field(default_factory=list)


def rows(args: list[str]) -> Iterator[Row]:
    """Each kind of instances, then all of it."""
    counts = {"new values": Count(), "siblings": Count()}
    on_web(counts)
    in_editor(counts)
    for name, count in counts.items():
        for line in (*count.wrong, *count.told):
            print(f"  {name}: {line}", file=sys.stderr)
        yield from _of(name, count)
    without, calls = (sum(getattr(count, each) for count in counts.values()) for each in ("without", "calls"))
    wrong = sum(len(count.wrong) for count in counts.values())
    saved = 1 - calls / max(1, without)
    yield Row("all", "calls saved", 100 * saved, "%", f">= {100 * BAR:g}", saved >= BAR)
    yield Row("all", "wrong replays and wrong passes", wrong, "", "0", wrong == 0)


def _of(name: str, count: Count) -> Iterator[Row]:
    yield Row(name, f"right, of {count.tasks}", count.right, "tasks", "all", count.right == count.tasks)
    saved = 100 * (1 - count.calls / max(1, count.without))
    yield Row(name, "calls saved", saved, "%", "none", True)


# ---------------------------------------------------------------------------------------------- the tasks


def _add(what: str) -> Asked[Household]:
    return Asked(f"we are out of '{what}'", (("New item", what), "Add"), lambda home: what in home.items)


def _delete(what: str) -> Asked[Household]:
    return Asked(f"get rid of the '{what}' entry", (f"Delete {what}",), lambda home: what not in home.items)


def _called(what: str) -> Asked[Household]:
    return Asked(f"our place is called '{what}'", (("Name", what), "Save"), lambda home: home.name == what)


def _landlord(what: str) -> Asked[Household]:
    way: Way = ("Messages", ("Message", what), "Send")
    return Asked(f"send '{what}' to the landlord", way, lambda home: home.messages == [what])


def _card(who: str) -> Asked[Household]:
    return Asked(f"the card of {who} pays", (("Paid by", who), "Save"), lambda home: home.payer == who)


def _renamed(old: str, new: str) -> Asked[Household]:
    way: Way = (f"Rename {old}", ("New name", new), "Rename")
    return Asked(f"what was '{old}' is now '{new}'", way, lambda home: new in home.items and old not in home.items)


def _two(one: str, two: str) -> Asked[Household]:
    way: Way = (("New item", one), "Add", ("New item", two), "Add")
    return Asked(f"we are out of '{one}', and we are out of '{two}'", way, lambda home: {one, two} <= home.items.keys())


WEB = (
    ((_add("oat milk"), _add("tea")), (_add("rye bread"), _add("jam"), _add("blue cheese"), _add("salt"))),
    ((_delete("soap"), _delete("stamps")), (_delete("candles"), _delete("soap"))),
    ((_called("Rose Cottage"), _called("Elm House")), (_called("Hill Top"), _called("The Nook"), _called("Mill"))),
    ((_landlord("the tap drips"), _landlord("the lamp is out")),
     (_landlord("rent is paid"), _landlord("the door sticks"), _landlord("call me"))),
    ((_card("Ines"), _card("Otto")), (_card("Otto"), _card("Ines"))),
    ((_renamed("soap", "green soap"), _renamed("stamps", "old stamps")),
     (_renamed("candles", "red candles"), _renamed("soap", "hand soap"))),
)  # fmt: skip
WEB_SIBLINGS = (_two("eggs", "flour"), _two("rice", "beans"), _two("nuts", "figs"))


def _held(text: str, sandbox: Namespace) -> bool:
    return any(e.value == text for e in sandbox.world.observe().elements if "multiline" in e.states)


def _jot(text: str) -> Asked[Namespace]:
    return Asked(f"jot down '{text}'", ((TYPE, text),), partial(_held, text))


def _shout(text: str) -> Asked[Namespace]:
    way: Way = ((TYPE, text), "Edit", "Select All", "Edit", "Convert", "To Uppercase")
    return Asked(f"shout '{text}' on the page", way, partial(_held, text.upper()))


def _whisper(text: str) -> Asked[Namespace]:
    way: Way = ((TYPE, text), "Edit", "Select All", "Edit", "Convert", "To Lowercase")
    return Asked(f"whisper '{text}' on the page", way, partial(_held, text.lower()))


EDITOR = (
    ((_jot("oat milk"), _jot("call Ada")), (_jot("rye bread"), _jot("meet at noon"), _jot("x = 1"))),
    ((_shout("good morning"), _shout("wake up")), (_shout("look here"), _shout("be quick"), _shout("last call"))),
    ((_whisper("GOOD NIGHT"), _whisper("SLEEP WELL")), (_whisper("HUSH NOW"), _whisper("OVER AND OUT"))),
)


# ---------------------------------------------------------------------------------------------- trying


def on_web(counts: dict[str, Count]) -> None:
    """The templates on the web app, one memory for all of them."""
    oracle = Oracle(0.0)
    with (
        household.serving() as site,
        tempfile.TemporaryDirectory() as folder,
        Store(Path(folder) / "cua.db") as store,
        serving(oracle) as server,
        open_web(site.url) as driver,
    ):

        def seat() -> Seat:
            site.home = Household()
            driver.act(Open(site.url))
            return app.page_seat(site.url, driver, store)

        def ask(asked: Asked[Household], count: Count | None) -> None:
            _one(asked.goal, asked.way, lambda: asked.came(site.home), (seat(), oracle, server.url), count)

        _through(WEB, WEB_SIBLINGS, ask, counts)


def in_editor(counts: dict[str, Count]) -> None:
    """The templates in a text editor, each from a clean home."""
    found, oracle = find("mousepad"), Oracle(0.0)
    with (
        tempfile.TemporaryDirectory() as folder,
        Store(Path(folder) / "cua.db") as store,
        serving(oracle) as server,
        closing(Namespace(found)) as sandbox,
    ):

        def ask(asked: Asked[Namespace], count: Count | None) -> None:
            sandbox.reset()
            seat = app.seated(sandbox, store, lambda: Namespace(found))
            _one(asked.goal, asked.way, lambda: asked.came(sandbox), (seat, oracle, server.url), count)

        _through(EDITOR, (), ask, counts)


def _through(
    templates: tuple[tuple[tuple[Asked[World], ...], tuple[Asked[World], ...]], ...],
    siblings: tuple[Asked[World], ...],
    ask: Callable[[Asked[World], Count | None], None],
    counts: dict[str, Count],
) -> None:
    for seen, _ in templates:
        for asked in seen:
            ask(asked, None)
    for _, new in templates:
        for asked in new:
            ask(asked, counts["new values"])
    for asked in siblings:
        ask(asked, counts["siblings"])


def _one(goal: str, way: Way, came: Callable[[], bool], there: tuple[Seat, Oracle, str], count: Count | None) -> None:
    seat, oracle, url = there
    oracle.set(way, came)
    done = do_there(goal, seat, Mind(chosen(url), seat.store))
    if count is None:
        return
    count.tasks += 1
    count.calls += done.model_calls
    count.without += len(way) + _JUDGED
    count.right += done.outcome == "pass" and came()
    if done.outcome == "pass" and not came():
        count.wrong.append(f"{goal}: pass, and the world says otherwise")
    count.wrong += [f"{goal}: {each}" for each in strange(seat.store.run(done.run).steps, way)]
    if done.model_calls or done.outcome != "pass":
        count.told.append(f"{goal}: {done.outcome}, {done.model_calls} calls: {done.saying}; {done.note}")
