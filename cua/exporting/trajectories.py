"""A run in the layout of OSWorld's results, so that its own tools list, show and count it.

As there, the picture of a step is the screen after its act; the one before the first act stands beside it. `result.txt`
is 1.0 or 0.0; a run that nobody judged has none, and OSWorld counts it as not there.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from cua.core import Action, Finish, Observation, Run
from cua.errors import RecordError
from cua.exporting.chosen import Judged
from cua.exporting.folder import Folder, line
from cua.exporting.pyautogui import code_of
from cua.exporting.tally import Tally
from cua.memory.store import Store
from cua.policies.models.talk import done

# what OSWorld's results are ordered by: how an agent acts, what it sees, and who it is; then the app, and the task
_WHERE = "pyautogui/screenshot_a11y_tree/cua"
_RESULTS = {"pass": "1.0\n", "fail": "0.0\n"}


@dataclass(frozen=True, slots=True)
class _Row:
    """One act: what came of it, the screen after it, and what a model wrote for it."""

    act: Action
    effect: str
    after: Observation | None
    seconds: float
    done: bool = False


def write(judged: Judged, store: Store, folder: Folder, tally: Tally) -> None:
    """One folder for the run. Raises OSError."""
    run, place = judged.run, _folder(judged.run)
    first = run.steps[0].seen if run.steps else run.last
    _picture(first, f"{place}/initial_state.png", store, folder, tally)
    lines, at = [], judged.started
    for number, row in enumerate(_rows(judged), 1):
        stamp = datetime.fromtimestamp(at, UTC).strftime("%Y%m%d@%H%M%S%f")
        picture = _picture(row.after, f"{place}/step_{number}_{stamp}.png", store, folder, tally)
        said = _said(judged, number - 1) or (row.act.claim if isinstance(row.act, Finish) else row.act.why)
        lines.append(line(judged.veil.row(_line(number, stamp, row, said, tally) | {"screenshot_file": picture})))
        at += row.seconds
    folder.file(f"{place}/traj.jsonl", "".join(lines).encode())
    task = judged.veil.row({"id": run.id, "instruction": run.task.goal, "task": run.task.id})
    folder.file(f"{place}/task.json", line(task).encode())
    if judged.outcome in _RESULTS:
        folder.file(f"{place}/result.txt", _RESULTS[judged.outcome].encode())
    folder.rows[f"{_WHERE}/*/*/traj.jsonl"] += len(lines)


def _rows(judged: Judged) -> Iterator[_Row]:
    run = judged.run
    for at, step in enumerate(run.steps):
        after = run.steps[at + 1].seen if at + 1 < len(run.steps) else run.last
        came = step.effect.kind + (f": {step.effect.reason}" if step.effect.reason else "")
        yield _Row(judged.veil.act(step.action), came, after, step.seconds)
    if run.stopped == "finished":
        yield _Row(Finish(run.reason), "", run.last, 0.0, done=True)


def _line(number: int, stamp: str, row: _Row, said: str, tally: Tally) -> dict[str, Any]:
    code = code_of(row.act)
    if not code:
        tally.notes["acts that pyautogui has no code for, in whose place a comment stands"] += 1
    return {
        "step_num": number, "action_timestamp": stamp, "action": code or f"# {done(row.act)}", "response": said,
        "reward": 0, "done": row.done, "info": {"effect": row.effect},
    }  # fmt: skip


def _said(judged: Judged, at: int) -> str:
    """What a model answered before that act, as it came."""
    said = [exchange.answer for exchange in judged.said if exchange.step == at]
    return json.dumps(judged.veil.row(said[-1]), ensure_ascii=False) if said else ""


def _picture(seen: Observation | None, name: str, store: Store, folder: Folder, tally: Tally) -> str | None:
    """The name of the file with that picture; None where there is none."""
    try:
        if seen is not None and seen.frame is not None:
            folder.file(name, store.frame_png(seen.frame.sha))
            return name.rpartition("/")[2]
    except RecordError:
        pass  # a crash lost it: counted below
    tally.notes["looks without a picture"] += 1
    return None


def _folder(run: Run) -> str:
    seen = run.steps[0].seen if run.steps else run.last
    return f"{_WHERE}/{_plain(seen.place.app if seen else '')}/{_plain(run.id)}"


def _plain(name: str) -> str:
    """The name as that of a folder."""
    return re.sub(r"[^\w.-]+", "_", name).strip("._") or "unknown"
