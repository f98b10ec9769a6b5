"""Repeated acts prove what moved in step with them; what moves by itself is the effect of nothing."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from cua.core import Change
from cua.practice.hands import Delta
from cua.practice.trials import alternating, aside, chosen, frees, in_step, read_as, text_effect

Values = dict[str, str | None]
NOTHING: frozenset[str] = frozenset()
VALUES = st.sampled_from(["0", "1", "2", None])
FLIPS = st.integers(2, 6)


def delta(files: tuple[str, ...] = (), facts: tuple[str, ...] = (), **after: str | None) -> Delta:
    """An act after which settings hold these values; before it they held something else."""
    changes = {key: Change("before", value) for key, value in after.items()}
    return Delta({fact: Change("off", "on") for fact in facts}, changes, dict.fromkeys(files, "modified"))


def flips(*deltas: Delta) -> list[tuple[bool | None, Delta]]:
    """Each act ticks or unticks, the first ticks."""
    return [(number % 2 == 0, found) for number, found in enumerate(deltas)]


def test_what_alternates_with_the_act_is_its_effect() -> None:
    trials = flips(*(delta(wrap=value, mode=mode) for value, mode in (("1", "x"), ("0", "y")) * 2))
    assert alternating("box", trials, NOTHING) == {"mode": {"on": "x", "off": "y"}, "wrap": {"on": "1", "off": "0"}}


def test_what_alternates_the_other_way_about_is_an_effect_too() -> None:
    trials = [(not state, found) for state, found in flips(*(delta(hide=value) for value in ("1", "0") * 2))]
    assert alternating("box", trials, NOTHING) == {"hide": {"on": "0", "off": "1"}}


def test_a_setting_that_no_file_had_before_is_absent_in_the_other_state() -> None:
    first = Delta(settings={"wrap": Change(None, "1")})
    trials = flips(first, delta(wrap="0"), delta(wrap="1"), delta(wrap="0"))
    assert alternating("box", trials, NOTHING) == {"wrap": {"on": "1", "off": "0", "absent": "off"}}


@pytest.mark.parametrize(
    "values",
    [("1", "2", "3", "4"), ("1", "1", "1", "1"), ("1", "0", "1", "1"), ("1", "0", "0", "0"), ("0", "1", "1", "0")],
    ids=["counter", "constant", "broken at the end", "stuck", "at random"],
)
def test_noise_is_refused(values: tuple[str, ...]) -> None:
    assert alternating("box", flips(*(delta(noise=value) for value in values)), NOTHING) == {}


def test_what_is_enabled_in_one_state_only_is_freed_by_it() -> None:
    def step(after: str) -> Delta:
        return Delta({"enabled|width": Change("no" if after == "yes" else "yes", after)})

    assert frees(flips(*(step(after) for after in ("yes", "no") * 2))) == ("on|width",)
    assert frees(flips(*(step(after) for after in ("no", "yes") * 2))) == ("off|width",)
    assert frees(flips(step("yes"), step("no"), Delta())) == frees(flips(step("yes"), step("yes"))) == frees([]) == ()


def test_an_effect_must_show_in_every_trial() -> None:
    trials = flips(delta(wrap="1"), delta(wrap="0"), delta(), delta(wrap="0"))
    assert alternating("box", trials, NOTHING) == {}


def test_what_is_known_to_move_by_itself_is_no_effect_however_it_alternates() -> None:
    trials = flips(*(delta(wrap=value, blink=value) for value in ("1", "0") * 2))
    assert set(alternating("box", trials, frozenset({"blink"}))) == {"wrap"}


@given(st.lists(VALUES, min_size=2, max_size=8))
def test_a_volatile_setting_is_refused_unless_it_alternates_in_step(values: list[str | None]) -> None:
    trials = flips(*(delta(honest=str(number % 2), noise=value) for number, value in enumerate(values)))
    found = alternating("box", trials, NOTHING)
    on, off = set(values[::2]), set(values[1::2])
    in_step_with_it = len(on) == len(off) == 1 and on != off
    assert ("noise" in found) == in_step_with_it
    assert found["honest"] == {"on": "0", "off": "1"}


@given(FLIPS, st.lists(st.integers(), unique=True, min_size=12, max_size=12))
def test_a_clock_is_never_an_effect(pairs: int, times: list[int]) -> None:
    trials = flips(*(delta(wrap=str(n % 2), clock=str(times[n])) for n in range(2 * pairs)))
    visits = [(str(n % 2), True, found) for n, (_, found) in enumerate(trials)]
    named = [(key, True, found) for key, _, found in visits]
    for found in (alternating("box", trials, NOTHING), read_as(visits, NOTHING), chosen("1", named, NOTHING)):
        assert set(found) == {"wrap"}


@given(st.lists(st.tuples(st.sampled_from("abc"), VALUES), min_size=1, max_size=8))
def test_an_input_is_read_only_where_each_has_its_own_value(pairs: list[tuple[str, str | None]]) -> None:
    found = read_as([(text, True, delta(width=value)) for text, value in pairs], NOTHING)
    values: dict[str, set[str | None]] = {}
    for text, value in pairs:
        values.setdefault(text, set()).add(value)
    steady = all(len(seen) == 1 for seen in values.values())
    apart = len({next(iter(seen)) for seen in values.values()}) == len(values) > 1
    assert bool(found) == (steady and apart)
    if found:
        assert found["width"] == dict(pairs)


def test_nothing_put_in_reads_nothing() -> None:
    assert read_as([], NOTHING) == {}
    assert read_as([("a", True, delta(width="1"))], NOTHING) == {}


def visits(*pairs: tuple[str, str | None]) -> Sequence[tuple[str, bool | None, Delta]]:
    return [(target, True, delta(theme=value)) for target, value in pairs]


def test_a_choice_has_a_value_that_no_brother_has() -> None:
    found = chosen("dark", visits(("light", "l"), ("dark", "d"), ("blue", "b"), ("dark", "d")), NOTHING)
    assert found == {"theme": {"on": "d"}}


@pytest.mark.parametrize(
    "pairs",
    [
        [("light", "1"), ("dark", "2"), ("blue", "3"), ("dark", "4")],
        [("light", "d"), ("dark", "d"), ("blue", "b"), ("dark", "d")],
    ],
    ids=["another each time", "a brother's too"],
)
def test_a_choice_without_a_value_of_its_own_is_refused(pairs: list[tuple[str, str | None]]) -> None:
    assert chosen("dark", visits(*pairs), NOTHING) == {}


def test_ticks_of_others_count_where_they_moved_every_time() -> None:
    mirror, itself, once = "checked|main||button|Wrap", "checked|box", "checked|main||button|Once"
    trials = flips(delta(facts=(mirror, itself, once)), delta(facts=(mirror, itself)), delta(facts=(mirror, itself)))
    assert in_step("box", trials) == (mirror,)
    assert in_step("box", flips(delta(facts=("shown|x", "value|y")), delta(facts=("shown|x", "value|y")))) == ()


@given(
    st.lists(st.dictionaries(st.sampled_from("abcd"), VALUES), min_size=1, max_size=5), st.sets(st.sampled_from("abcd"))
)
def test_whatever_else_moved_is_told(moved: list[Values], owned: set[str]) -> None:
    deltas = [delta(("log.txt",), (), **values) for values in moved]
    told = aside(deltas, {key: {} for key in owned})
    assert set(told) == {f"setting|{key}" for values in moved for key in values if key not in owned} | {"file|log.txt"}
    assert list(told) == sorted(told)


@given(st.text())
def test_what_became_of_a_text_has_a_name(text: str) -> None:
    assume(len({text, text.upper(), text.lower(), text + text, ""}) == 5)
    assert text_effect(text, text) == ""
    assert text_effect(text, "") == "empty"
    assert text_effect(text, text.upper()) == "upper"
    assert text_effect(text, text.lower()) == "lower"
    assert text_effect(text, text + "!" + text) == "other"
