"""What proofs are worth: the success rate that they support with 95 % confidence, and never more."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cua.core import Outcome
from cua.memory.skills import Proof, Skill, lower_bound

COUNTS = st.integers(0, 60)


@pytest.mark.parametrize(("passes", "bound"), [(0, 0.05), (1, 0.224), (2, 0.368), (5, 0.607), (29, 0.905)], ids=str)
def test_a_row_of_passes_supports_this_rate(passes: int, bound: float) -> None:
    assert lower_bound(passes, 0) == pytest.approx(bound, abs=0.0006)


@given(COUNTS, COUNTS)
def test_a_pass_raises_the_bound_and_a_fail_lowers_it(passes: int, fails: int) -> None:
    bound = lower_bound(passes, fails)
    assert 0 < bound < 1
    assert lower_bound(passes + 1, fails) > bound > lower_bound(passes, fails + 1)


@given(COUNTS, COUNTS)
def test_the_bound_is_below_the_rate_that_was_seen(passes: int, fails: int) -> None:
    assert lower_bound(passes, fails) < (passes + 1) / (passes + fails + 2)


@given(st.integers(0, 40))
def test_without_a_fail_the_bound_is_a_root_of_the_doubt(passes: int) -> None:
    assert lower_bound(passes, 0) == pytest.approx(0.05 ** (1 / (passes + 1)))


def proven(*outcomes: Outcome, seconds: float = 1.0) -> Skill:
    proofs = (Proof(n, "g", found, "", seconds + n, 1) for n, found in enumerate(outcomes))
    return Skill("s", "a", "n", "toggle", "k", "g", proofs=tuple(proofs))


def test_an_unknown_outcome_counts_for_nothing() -> None:
    skill = proven("pass", "unknown", "fail", "refused", "pass")
    assert (skill.passes, skill.fails, skill.bound) == (2, 1, lower_bound(2, 1))


def test_its_time_is_the_median_of_what_passed() -> None:
    assert proven("pass", "fail", "pass", "pass").seconds == 3.0
    assert math.isnan(proven("fail", "unknown").seconds)
