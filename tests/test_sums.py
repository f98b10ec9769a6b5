"""Arithmetic is worked out; whatever is no arithmetic, has no value or is too large is a UsageError."""

from __future__ import annotations

import contextlib
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cua.errors import UsageError
from cua.policies.sums import worked_out


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("2+3*4", 14), ("(2+3)*4", 20), ("-3^2", -9), ("2**10", 1024), ("7 % 4", 3), ("1/4", 0.25), ("+5 - -5", 10),
        ("sqrt(16)", 4), ("abs(-2.5)", 2.5), ("ln(exp(2))", 2), ("1e3", 1000), ("  6 * 7", 42),
    ],
)  # fmt: skip
def test_arithmetic_is_worked_out(expression: str, value: float) -> None:
    assert worked_out(expression.strip()) == pytest.approx(value)


@pytest.mark.parametrize(
    "expression",
    [
        "", "two plus two", "1 +", "1/0", "sqrt(-1)", "ln(0)", "(-8)^0.5", "9^9^9", "1e308*10", "10^999", "1" * 400,
        "2 if 1 else 3", "[1]", "'a'*3", "__import__('os')", "(1).real", "x", "1 < 2", "1; 2", "lambda: 1", "1\0",
        "abs(1, 2)", "abs(x=1)", "max(1)", "1 // 2", "~1", "0/0", "(" * 400, "1j", "1e999",
    ],
    ids=ascii,
)  # fmt: skip
def test_what_has_no_value_is_a_wrong_request(expression: str) -> None:
    with pytest.raises(UsageError, match="cannot be worked out"):
        worked_out(expression)


@given(st.text(alphabet="0123456789.+-*/%^() e", max_size=30))
def test_any_row_of_signs_has_a_finite_value_or_is_a_wrong_request(expression: str) -> None:
    with contextlib.suppress(UsageError):
        assert math.isfinite(worked_out(expression))


@given(st.integers(-(10**6), 10**6), st.integers(-(10**6), 10**6))
def test_whole_numbers_add_as_they_should(one: int, two: int) -> None:
    assert worked_out(f"{one} + {two}") == one + two
