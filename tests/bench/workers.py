"""Practice by one worker and by two: rounds a minute, and skills proven in the same time from nothing.

A round is an attempt from a clean state, proof included; they are counted from when the app is explored, so that
both are past that; what two try while one of them still explores is not counted, and what is left then is harder.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path

from cua import app
from cua.memory.maps import Map
from cua.memory.skills import Round
from cua.memory.store import Store
from cua.practice.session import Practice
from cua.practice_app import By, crew
from tests.bench.rows import Row

_MORE = 1.0


def rows(args: list[str]) -> Iterable[Row]:
    """Options: --minutes M (3) for each, --app NAME (mousepad), --sandbox KIND (namespace), --engine NAME (local)."""
    parser = argparse.ArgumentParser(prog="workers")
    parser.add_argument("--minutes", type=float, default=3.0)
    parser.add_argument("--app", default="mousepad")
    parser.add_argument("--sandbox", default="namespace")
    parser.add_argument("--engine", default="local")
    given = parser.parse_args(args)
    rates = []
    for count in (1, 2):
        by = By(given.sandbox, count, given.engine)
        with tempfile.TemporaryDirectory() as folder, Store(Path(folder) / "bench.db") as store:
            session = _practised(given.app, by, given.minutes, store)
        proven = sum(skill.status == "proven" for skill in session.skills.values())
        called = f"{count} worker{'s' if count > 1 else ''}"
        rates.append(_rate(session.rounds))
        yield Row(given.app, f"{called}: rounds", rates[-1], "a minute", "> 0", rates[-1] > 0)
        yield Row(given.app, f"{called}: skills proven", proven, "skills", "> 0", proven > 0)
    share = rates[1] / rates[0] if rates[0] else float("nan")
    yield Row(given.app, "2 workers beside 1", share, "times", f"> {_MORE:g}", share > _MORE)


def _practised(name: str, by: By, minutes: float, store: Store) -> Practice:
    known, described = Map(name), app.summaries()
    until = time.monotonic() + 60 * minutes
    with crew(app.wanted(by.sandbox, name), by, store, known, described, lambda line: None) as hands:
        session = Practice(name, hands, store, known, {}, described, lambda line: None)
        session.go(until=until, most=1_000_000)
    return session


def _rate(lines: list[Round]) -> float:
    """Attempts a minute since the app was first explored; 0 where none came after that."""
    explored = next((line.at for line in lines if line.kind == "explore"), 0.0)
    after = [line for line in lines if line.kind == "attempt" and line.at - line.seconds >= explored]
    return 60 * len(after) / (max(line.at for line in after) - explored) if after else 0.0
