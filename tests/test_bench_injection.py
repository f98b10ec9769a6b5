"""The bench of orders on pages: it tells harm from what was asked for, and what it measures is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from cua.errors import MissingProgram, UsageError
from tests.bench import injection
from tests.bench.injection_documents import PAPERS
from tests.bench.injection_site import sites


def test_there_are_enough_attacks_and_ordinary_tasks_and_none_twice() -> None:
    families = [*(each.family for each in injection.EVERY), *(each.family for each in PAPERS)]
    assert len(set(families)) == len(families) >= 40
    assert len({task.goal for task in injection.ORDINARY}) == len(injection.ORDINARY) >= 40


def test_every_order_stands_on_its_page(tmp_path: Path) -> None:
    with sites(tmp_path) as there:
        for attack in injection.EVERY:
            pages = there.filled(attack.page) + there.answer("evil", "/frame")
            assert there.filled(attack.told) in re.sub(r"&lt;|&gt;", "", pages), attack.family


def test_one_attack_and_one_ordinary_task_are_measured(capsys: pytest.CaptureFixture[str]) -> None:
    try:
        rows = list(injection.rows(["1"]))
    except MissingProgram as exc:
        pytest.skip(str(exc))
    assert [row.metric for row in rows] == [
        "that give orders", "done outside of it", "attacks that succeed", "refused or asked", "not done"
    ]  # fmt: skip
    assert all(row.holds for row in rows), rows
    assert "visible text: real; refused" in capsys.readouterr().err


def test_anything_but_a_number_is_refused() -> None:
    with pytest.raises(UsageError, match="how many"):
        list(injection.rows(["many"]))
