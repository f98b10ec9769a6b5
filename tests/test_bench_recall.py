"""The bench `recall` measures what it says, in small; and its lists are what they claim to be."""

from __future__ import annotations

import pytest

from cua.errors import UsageError
from tests.bench import recall
from tests.bench.recall_goals import MISLED, PAIRS, UNKNOWN
from tests.bench.recall_held_out import LATER, NEAR
from tests.bench.recall_held_out import PAIRS as HELD_OUT


def test_every_figure_is_there_and_the_memory_is_no_worse_than_plain_search() -> None:
    rows = {(row.case, row.metric): row for row in recall.measured(300)}
    assert {metric for _, metric in rows} == {
        "index of words on disk", "record on disk", "added in one go", "recall, p50", "recall, p95", "learn a run, p50",
        "right in the top 3, plain search", "right in the top 3", "says nothing of unknown tasks",
    }  # fmt: skip
    assert rows["300 items, paraphrases", "right in the top 3"].holds
    assert rows["300 items, misleading", "right in the top 3"].holds
    assert all(row.value > 0 for row in rows.values() if row.unit in ("MB", "items/s", "ms"))


def test_wishes_that_nobody_looked_at_are_found_more_often_than_by_plain_search() -> None:
    rows = {(row.case, row.metric): row for row in recall.held_out(300)}
    assert rows["300 items, held out", "right in the top 3"].holds
    assert rows["300 items, held out, later", "right in the top 3"].value > 50
    assert rows["300 items, held out", "near miss first"].value < 25


def test_it_takes_no_arguments() -> None:
    with pytest.raises(UsageError, match="no arguments"):
        next(iter(recall.rows(["1000"])))


def test_no_pair_says_the_same_words_and_none_is_there_twice() -> None:
    every = [*PAIRS, *MISLED, *HELD_OUT, *LATER]
    assert len({(app, wrong) for app, _, wrong, _ in NEAR}) == len(NEAR) >= 20
    assert len({(app, known) for app, known, _ in every}) == len(every)
    assert len({(app, asked) for app, _, asked in every}) == len(every)
    assert all(set(known.split()) != set(asked.split()) for _, known, asked in every)
    assert {app for app, _ in UNKNOWN} <= {app for app, *_ in PAIRS}


def test_the_corpus_is_the_same_each_time_and_hardly_repeats_itself() -> None:
    wishes = [recall.wish(number) for number in range(2000)]
    assert wishes == [recall.wish(number) for number in range(2000)]
    assert len(set(wishes)) > 1950
    assert len({app for app, _ in wishes}) == 50
