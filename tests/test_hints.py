"""What the memory tells a model at each look, and what a goal itself says of the person."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from cua.core import Task
from cua.hints import Hints, remembered
from cua.memory.profile import Profile
from drivers.fake import FakeDriver


@pytest.fixture
def record(tmp_path: Path) -> Path:
    return tmp_path / "cua.db"


def test_what_the_person_said_is_told_where_a_field_asks_for_it(record: Path) -> None:
    with Profile(record) as profile:
        profile.add("my name is Ada Lovelace", 1.0)
    with closing(Hints(record, Task("t", "fill in my name"))) as hints:
        lines = hints(FakeDriver().observe())
        assert any("Ada Lovelace" in line for line in lines), lines
        assert "Ada Lovelace" in hints.facts()


def test_nothing_is_told_where_nothing_is_known(record: Path) -> None:
    with closing(Hints(record, Task("t", "turn on word wrap"))) as hints:
        assert (hints(FakeDriver().observe()), hints.used) == ((), {})


def test_a_goal_that_tells_a_fact_is_remembered_and_said(record: Path) -> None:
    said = remembered(record, "my work e-mail is ada@example.org", "r1")
    assert "ada@example.org" in said
    assert "cua memory forget" in said


@pytest.mark.parametrize("goal", ["turn on word wrap", "type 'my name is Ada'", "what is my name?"])
def test_most_goals_tell_nothing(record: Path, goal: str) -> None:
    assert remembered(record, goal, "r1") == ""
