"""What is written only when a dialog closes or the app quits is told apart by codes; noise is nobody's effect."""

from __future__ import annotations

import itertools
from collections.abc import Mapping

import pytest

from cua.core import Change
from cua.practice.delayed import Seen, besides, codes, owned

NAMES = ("amber", "birch", "cedar", "delta", "ember")


def seen(*noise: Mapping[str, str]) -> list[Seen]:
    """A run for each place of the codes of five controls, each of which writes its own key; and this noise."""
    words = dict(zip(NAMES, codes(len(NAMES)), strict=True))
    found = []
    for run in range(len(words["amber"])):
        reached = {name: "on" if word[run] else "off" for name, word in words.items()}
        written = reached | dict(noise[run] if run < len(noise) else {})
        found.append(Seen(reached, {key: Change(None, value) for key, value in written.items()}))
    return found


@pytest.mark.parametrize("count", [1, 2, 7, 50])
def test_each_code_is_one_controls_alone_and_no_counter_has_it(count: int) -> None:
    words = codes(count)
    assert len(set(words)) == count
    for word in words:
        assert word[0] == 0
        assert sum(one != two for one, two in itertools.pairwise(word)) >= 3
        assert tuple(1 - bit for bit in word) not in words


@pytest.mark.parametrize("name", NAMES)
def test_a_setting_belongs_to_the_control_that_decides_it(name: str) -> None:
    assert owned(name, seen(), frozenset()) == {name: {"on": "on", "off": "off"}}


def test_what_is_written_once_or_counts_up_is_owned_by_none() -> None:
    runs = seen(*({"size": "800", "count": str(number), "greeted": str(number > 2)} for number in range(20)))
    assert all(set(owned(name, runs, frozenset())) == {name} for name in NAMES)
    assert besides(runs) == ("count", "size")


def test_a_setting_known_to_move_by_itself_is_owned_by_none() -> None:
    assert owned("amber", seen(), frozenset({"amber"})) == {}


def test_a_run_in_which_a_control_was_not_reached_tells_nothing_of_it() -> None:
    first, *rest = seen()
    lost = Seen({name: state for name, state in first.reached.items() if name != "amber"}, {"amber": Change(None, "?")})
    assert owned("amber", [lost, *rest], frozenset()) == {"amber": {"on": "on", "off": "off"}}
