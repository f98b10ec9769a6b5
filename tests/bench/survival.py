"""The locator matrix: kinds of change against flows on the web and on a desktop; pass, safe halt, wrong act, crash.

Truth is what the page or the program says was really acted on, past the screen. Beside ours stand three baselines on
the same changed pages: the locator that codegen writes, the recorded XPath, the recorded position. `--web` and
`--desktop` run one half, `--each` adds a row for each change, `--list` tells each cell that did not come out right.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator, Sequence

from cua.errors import UsageError
from tests.bench.rows import Row
from tests.bench.survival_cells import GONE, Cell, Result

KINDS, FLOWS, PASSES = 20, 10, 0.9
_RESULTS: tuple[Result, ...] = ("pass", "halt", "wrong act", "crash")


def rows(args: list[str]) -> Iterator[Row]:
    """How much was tried, then ours and each baseline, where the target is still there and where it is not."""
    if unknown := set(args) - {"--web", "--desktop", "--each", "--list"}:
        raise UsageError(f"the bench survival takes --web, --desktop, --each, --list, not {' '.join(sorted(unknown))}")
    cells = list(_cells(args))
    if not {"--web", "--desktop"} & set(args):
        kinds, flows = len({cell.change for cell in cells} - {"none"}), len({(cell.on, cell.flow) for cell in cells})
        yield Row("matrix", "kinds of change", kinds, "kinds", f">= {KINDS}", kinds >= KINDS)
        yield Row("matrix", "flows", flows, "flows", f">= {FLOWS}", flows >= FLOWS)
    yield Row("matrix", "cells", len(cells), "cells", "none", holds=True)
    yield from _ours("ours", cells)
    for name in ("codegen locator", "xpath only", "position only"):
        yield from _baseline(name, [cell for cell in cells if name in cell.others])
    if "--each" in args:
        for on, change in sorted({(cell.on, cell.change) for cell in cells}):
            yield from _change(f"{on}: {change}", [cell for cell in cells if (cell.on, cell.change) == (on, change)])


def _cells(args: Sequence[str]) -> Iterator[Cell]:
    halves = []
    if "--desktop" not in args:
        from tests.bench import survival_web

        halves.append(survival_web.cells)
    if "--web" not in args:
        from tests.bench import survival_desktop

        halves.append(survival_desktop.cells)
    count = 0
    for half in halves:
        for cell in half():
            count += 1
            if sys.stderr.isatty():
                print(
                    f"\r\033[K{count} cells; {cell.on} {cell.flow}, {cell.change}", end="", file=sys.stderr, flush=True
                )
            if "--list" in args and cell.ours != ("halt" if cell.change in GONE else "pass"):
                print(cell.ours, cell.on, cell.flow, cell.change, cell.truth, cell.by, file=sys.stderr)
            yield cell
    if sys.stderr.isatty():
        print("\r\033[K", end="", file=sys.stderr, flush=True)


def _shares(results: Sequence[Result]) -> dict[Result, float]:
    counts = Counter(results)
    return {result: counts[result] / max(1, len(results)) for result in _RESULTS}


def _ours(case: str, cells: Sequence[Cell]) -> Iterator[Row]:
    there = _shares([cell.ours for cell in cells if cell.change not in GONE])
    gone = _shares([cell.ours for cell in cells if cell.change in GONE])
    wrong = sum(cell.ours == "wrong act" for cell in cells)
    crashes = sum(cell.ours == "crash" for cell in cells)
    yield Row(case, "wrong acts", wrong, "acts", "0", wrong == 0)
    yield Row(case, "crashes", crashes, "cells", "0", crashes == 0)
    yield Row(case, "pass, target there", there["pass"], "share", f">= {PASSES:.0%}", there["pass"] >= PASSES)
    yield Row(case, "safe halt, target there", there["halt"], "share", "none", holds=True)
    yield Row(case, "halt, missing or ambiguous", gone["halt"], "share", "100%", gone["halt"] == 1.0)


def _baseline(name: str, cells: Sequence[Cell]) -> Iterator[Row]:
    there = _shares([cell.others[name] for cell in cells if cell.change not in GONE])
    gone = _shares([cell.others[name] for cell in cells if cell.change in GONE])
    wrong = sum(cell.others[name] == "wrong act" for cell in cells)
    yield Row(name, "wrong acts", wrong, "acts", "none", holds=True)
    yield Row(name, "pass, target there", there["pass"], "share", "none", holds=True)
    yield Row(name, "halt, missing or ambiguous", gone["halt"], "share", "none", holds=True)


def _change(case: str, cells: Sequence[Cell]) -> Iterator[Row]:
    shares = _shares([cell.ours for cell in cells])
    for result in _RESULTS:
        if shares[result]:
            yield Row(case, result, shares[result], "share", "none", holds=True)
