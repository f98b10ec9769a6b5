"""What is remembered about a task among 1,000, 100,000 and 1,000,000 items: how fast, how often right, when silent.

The corpus is made of wishes over fifty apps, as rows of the shape that learning writes; the wishes that are looked for
are learned as runs are. Beside it stands plain full-text search (FTS5 with stemming, ranked by bm25) over the same
goals, kept to the same app. A wish is asked for as somebody else would say it, by pairs that were written by hand;
those that are held out, without a look at the matcher.
"""

from __future__ import annotations

import json
import random
import re
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from cua.core import Box, Click, Effect, Element, Observation, Place, Run, Step, Task
from cua.errors import UsageError
from cua.memory.lessons import Act, Folded, dumps
from cua.memory.migrations import opened
from cua.memory.signatures import digest
from cua.memory.templates import END, slot
from cua.memory.words_index import Words
from cua.policies.gist import gist
from cua.policies.memory import Memory
from tests.bench.match import percentile
from tests.bench.recall_goals import MISLED, PAIRS, UNKNOWN
from tests.bench.recall_held_out import LATER, NEAR
from tests.bench.recall_held_out import PAIRS as HELD_OUT
from tests.bench.rows import Row

SIZES = (1_000, 100_000, 1_000_000)
SIZES_HELD_OUT = (1_000, 30_000)
QUERIES = 1000
BAR = 5.0
SILENT = 75.0
_BATCH = 20_000
_OTHER_APPS = ("admin", "browser", "images", *(f"app{number}" for number in range(38)))
_APPS = (*sorted({app for app, *_ in PAIRS}), *_OTHER_APPS)
_VERBS = """
    open close show hide print export import share send delete rename move copy add remove change set create find sort
    filter merge download upload play stop archive mark schedule format insert convert compare check install connect
"""
_THINGS = """
    document file folder page picture photo album song track playlist message mail draft signature sender attachment
    event meeting reminder calendar week month table row column cell chart sheet price total list line number word text
    selection tab window screen printer network keyboard layout theme wallpaper volume voucher order parcel address
    basket lamp shoes review subscription invoice report customer contact project budget plan note comment label tag
    version backup password account profile language font colour margin header footer bookmark link form map route
"""
_FORMS = (
    "{0} the {1} of {3}",
    "{0} the {1} with the {2}",
    "{0} the {3} {1}",
    "{0} the {2} {1} for {3}",
    "{0} the {1} called '{3}'",
    "{0} '{3}' as a {1} for the {2}",
)
_ENDS = ("again", "once more", "today", "right away", "if you can", "at once")


@dataclass(frozen=True, slots=True)
class Corpus:
    """A record with so many items, the same goals in a plain index, and the item of each wish by its app and words."""

    record: Path
    plain: sqlite3.Connection
    items: dict[str, int]


def rows(args: list[str]) -> Iterator[Row]:
    """All three sizes; there are no arguments."""
    if args:
        raise UsageError(f"the bench recall takes no arguments, not {' '.join(args)}")
    for size in SIZES:
        yield from measured(size)
    for size in SIZES_HELD_OUT:
        yield from held_out(size)


def held_out(size: int) -> Iterator[Row]:
    """Among so many items, the wishes that nobody looked at; and how often one that is near but wrong comes first."""
    case = f"{size:,} items, held out"
    with tempfile.TemporaryDirectory() as folder:
        known = [(app, goal) for app, goal, _ in (*HELD_OUT, *LATER)]
        known += [(app, goal) for app, *goals, _ in NEAR for goal in goals if goal]
        corpus, _ = made(Path(folder), size, known)
        with Memory(corpus.record) as memory:
            yield from compared(memory, corpus, case, HELD_OUT, strictly=True)
            yield from compared(memory, corpus, f"{case}, later", LATER, strictly=None)
            ours = theirs = 0
            for app, _, wrong, asked in NEAR:
                item = corpus.items[f"{app} {wrong}"]
                ours += memory.recall(Task("q", asked), screen(app)).ids[:1] == (f"e{item}",)
                theirs += plainly(corpus.plain, app, asked)[:1] == [item]
        corpus.plain.close()
    yield Row(case, "near miss first, plain search", 100 * theirs / len(NEAR), "%", "none", holds=True)
    share = 100 * ours / len(NEAR)
    yield Row(case, "near miss first", share, "%", f"< {100 * theirs / len(NEAR):.0f}", ours < theirs)


def measured(size: int) -> Iterator[Row]:
    """The figures of one size."""
    case = f"{size:,} items"
    with tempfile.TemporaryDirectory() as folder:
        known = [(app, goal) for app, goal, _ in (*PAIRS, *MISLED)]
        corpus, rate = made(Path(folder), size, known, MISLED)
        megabytes = indexed(corpus.record) / 1e6
        yield Row(case, "index of words on disk", megabytes, "MB", "none", holds=True)
        yield Row(case, "record on disk", corpus.record.stat().st_size / 1e6, "MB", "none", holds=True)
        yield Row(case, "added in one go", rate, "items/s", "none", holds=True)
        with Memory(corpus.record) as memory:
            times = timed(memory, size)
            for percent, bar in ((50, 0.0), (95, BAR)):
                took = percentile(times, percent)
                saying = f"<= {bar:.0f}" if bar else "none"
                yield Row(case, f"recall, p{percent}", took, "ms", saying, not bar or took <= bar)
            yield Row(case, "learn a run, p50", learning(memory), "ms", "none", holds=True)
            yield from compared(memory, corpus, f"{case}, paraphrases", PAIRS, strictly=False)
            yield from compared(memory, corpus, f"{case}, misleading", MISLED, strictly=True)
            silent = 100 * statistics.fmean(
                not memory.recall(Task("q", goal), screen(app)).hints for app, goal in UNKNOWN
            )
            yield Row(case, "says nothing of unknown tasks", silent, "%", f">= {SILENT:.0f}", silent >= SILENT)
        corpus.plain.close()


def timed(memory: Memory, size: int) -> list[float]:
    """Milliseconds of each question: one third known, one known but for a word, one that nobody asked."""
    chance, times = random.Random(3), []
    for number in range(QUERIES):
        app, goal = wish(chance.randrange(size)) if number % 3 else wish(10 * size + number)
        words = goal.split()
        if number % 3 == 1:
            words.pop(chance.randrange(1, len(words)))
        task, now = Task("q", " ".join(words)), screen(app, 60)
        began = time.perf_counter()
        memory.recall(task, now)
        times.append((time.perf_counter() - began) * 1000)
    return times


def learning(memory: Memory) -> float:
    """The median time to learn one run more, in milliseconds."""
    times = []
    for number in range(20):
        run = a_run(f"more{number}", *wish(2_000_000_000 + number))
        began = time.perf_counter()
        memory.learn(run, "pass")
        times.append((time.perf_counter() - began) * 1000)
    return statistics.median(times)


def compared(
    memory: Memory, corpus: Corpus, case: str, pairs: Sequence[tuple[str, str, str]], *, strictly: bool | None
) -> Iterator[Row]:
    """How often the right item is among the first three, by the memory and by plain search. `strictly`: whether it must
    be more often; None where there are too few for a bar.
    """
    ours = theirs = 0
    for app, known, asked in pairs:
        right = corpus.items[f"{app} {known}"]
        ours += f"e{right}" in memory.recall(Task("q", asked), screen(app)).ids
        theirs += right in plainly(corpus.plain, app, asked)
    holds, sign = (ours > theirs, ">") if strictly else (ours >= theirs, ">=")
    bar = f"{sign} {100 * theirs / len(pairs):.0f}"
    if strictly is None:
        holds, bar = True, "none"
    yield Row(case, "right in the top 3, plain search", 100 * theirs / len(pairs), "%", "none", holds=True)
    yield Row(case, "right in the top 3", 100 * ours / len(pairs), "%", bar, holds)


def plainly(index: sqlite3.Connection, app: str, goal: str) -> list[int]:
    """The first three of plain full-text search."""
    words = " OR ".join(f'"{word}"' for word in re.findall(r"\w+", goal.casefold()))
    sql = "SELECT rowid FROM goals WHERE goals MATCH ? ORDER BY bm25(goals) LIMIT 3"
    return [item for (item,) in index.execute(sql, (f'app:"{app}" AND goal:({words})',)).fetchall()]


# ---------------------------------------------------------------------------------------------- what is remembered


def made(
    folder: Path, size: int, known: Sequence[tuple[str, str]], misled: Sequence[tuple[str, str, str]] = ()
) -> tuple[Corpus, float]:
    """A record with so many items and the wishes that are known, and how many items a second could be added."""
    record = folder / "record.db"
    plain = sqlite3.connect(folder / "plain.db", isolation_level=None)
    plain.execute("CREATE VIRTUAL TABLE goals USING fts5(app, goal, tokenize = 'porter unicode61')")
    rate = bulk(record, plain, size)
    with Memory(record) as memory:
        items = dict(learned(memory, record, known, misled))
    plain.execute("BEGIN")
    for said, item in items.items():
        plain.execute("INSERT INTO goals (rowid, app, goal) VALUES (?, ?, ?)", (item, *said.split(" ", 1)))
    plain.execute("COMMIT")
    return Corpus(record, plain, items), rate


def learned(
    memory: Memory, record: Path, known: Sequence[tuple[str, str]], misled: Sequence[tuple[str, str, str]]
) -> Iterator[tuple[str, int]]:
    """These wishes, each solved twice; and those beside some of them that were told and did not help."""
    sql = sqlite3.connect(record, isolation_level=None)

    def solved(app: str, goal: str) -> tuple[str, int]:
        for time_of in ("first", "second"):
            memory.learn(a_run(f"{time_of} {app} {goal}", app, goal), "pass")
        where = "SELECT item FROM experience_runs WHERE run = ?"
        return f"{app} {goal}", sql.execute(where, (f"first {app} {goal}",)).fetchone()[0]

    for wish_of in known:
        yield solved(*wish_of)
    for number, (app, _, asked) in enumerate(misled):
        for end in random.Random(number).sample(_ENDS, 3):
            said, item = solved(app, f"{asked} {end}")
            for time_of in range(3):
                task_run = a_run(f"told {time_of} {said}", app, f"{asked} {end}")
                memory.learn(task_run, "fail", [f"e{item}"])
            yield said, item
    sql.close()


def bulk(record: Path, plain: sqlite3.Connection, size: int) -> float:
    """So many items of the corpus as rows like those that learning writes; how many a second, the plain ones aside."""
    seconds = 0.0
    db, _ = opened(record, patience=5.0)
    sql: sqlite3.Connection = db.conn
    body = dumps(Folded((Act("click", "button", "Menu"), Act("click", "button", "Entry")), ()))
    for start in range(0, size, _BATCH):
        numbers = range(start, min(start + _BATCH, size))
        goals = [wish(number) for number in numbers]
        began = time.perf_counter()
        items = []
        sql.execute("BEGIN")
        for number, (app, goal) in zip(numbers, goals, strict=True):
            passes, fails = 1 + number % 5, number % 7 // 3
            places = gist(tuple(word for word in goal.split() if "'" not in word)).places
            items.append((number + 1, places, (app,)))
            said = " ".join("/".join(place) for place in places)
            pattern = [*(slot("quoted") if "'" in word else word for word in goal.split()), END]
            key = digest(app, *pattern, str(number))
            value = (passes - fails) / (passes + fails) * 0.5
            row = (
                number + 1,
                key,
                app,
                json.dumps([app]),
                json.dumps(pattern),
                said,
                goal.count("'") // 2,
                body,
                value,
                passes,
                fails,
            )
            sql.execute("INSERT INTO experience VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, 1)", row)
        Words(sql).add(items)
        sql.execute("COMMIT")
        seconds += time.perf_counter() - began
        plain.execute("BEGIN")
        rows_of = ((number + 1, *each) for number, each in zip(numbers, goals, strict=True))
        plain.executemany("INSERT INTO goals (rowid, app, goal) VALUES (?, ?, ?)", rows_of)
        plain.execute("COMMIT")
    sql.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()
    return size / seconds


def indexed(record: Path) -> int:
    """Bytes of the index of words: its pages, and the counts of the words."""
    sql = sqlite3.connect(record)
    pages = sql.execute("SELECT sum(length(block)) FROM experience_words_data").fetchone()[0]
    counts = sql.execute("SELECT sum(length(token) + 8) FROM experience_counts").fetchone()[0]
    sql.close()
    return int(pages + counts)


def wish(number: int) -> tuple[str, str]:
    """An app, and what somebody wants of it: usual words with names that few others have, some in quotes."""
    chance = random.Random(number)
    verb, thing, other = chance.choice(_VERBS.split()), chance.choice(_THINGS.split()), chance.choice(_THINGS.split())
    return chance.choice(_APPS), chance.choice(_FORMS).format(verb, thing, other, name(chance))


def name(chance: random.Random) -> str:
    """One of thousands of made-up names; some are much more usual than others."""
    rank = int(chance.paretovariate(0.6)) % 40_000
    made_of = random.Random(rank)
    return "".join(made_of.choice("bdfgklmnprstvz") + made_of.choice("aeiou") for _ in range(3))


def a_run(run: str, app: str, goal: str) -> Run:
    """Solved in two clicks."""
    now = screen(app)
    steps = tuple(Step(now, Click(now.elements[at]), Effect("confirmed")) for at in (1, 2))
    return Run(run, Task("t", goal), steps, now, "finished")


def screen(app: str, controls: int = 2) -> Observation:
    """What an app shows, always the same."""
    shown = frozenset({"showing"})
    made_of = [Element("w", "window", app, states=shown | {"active"}, box=Box(0, 0, 800, 600))]
    for at in range(controls):
        called = ("Menu", "Entry")[at] if at < 2 else f"control {at}"
        made_of.append(Element(f"e{at}", "button", called, None, shown, Box(10, 20 * at, 100, 18), 0))
    return Observation(Place(app, app), tuple(made_of))
