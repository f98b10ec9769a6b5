"""What is expected after a step: never what goes on by itself."""

from __future__ import annotations

from cua.core import Observation
from cua.record.expecting import restless
from tests.looks import look


def test_a_message_that_goes_on_by_itself_is_relied_on_by_nothing() -> None:
    def looks(role: str, *names: str) -> tuple[Observation, ...]:
        return tuple(look("People", (role, name)) for name in names)

    assert restless(looks("status", "Tick", "Tick a"))
    assert not restless(looks("status", "", "Saved", "Saved"))
    assert not restless(looks("button", "Sort", "Sort downwards"))  # an act may have led to it
