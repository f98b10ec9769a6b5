"""What the tests of OSWorld's tasks share: a bare machine, or the word that there is none, and steps of a set-up."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest

from cua.errors import CuaError
from sandbox_vms import bwrap
from sandbox_vms.bare import BareMachine


@pytest.fixture(name="machine")
def bare_machine() -> Iterator[BareMachine]:
    """One of one's own; skips the test where there can be none."""
    try:
        bwrap.check()
    except CuaError as exc:
        pytest.skip(str(exc))
    with closing(BareMachine()) as made:
        yield made


def step(kind: str, **parameters: Any) -> dict[str, Any]:
    """One of a task's file."""
    return {"type": kind, "parameters": parameters}


def shell(command: str) -> dict[str, Any]:
    """A step that runs this in a shell."""
    return step("execute", command=command, shell=True)
