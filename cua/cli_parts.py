"""What all verbs of the command line share: exit codes, the option for JSON, how a line is printed."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from cua.memory.workflows import Workflow

EXIT = {"pass": 0, "fail": 1, "refused": 3, "unknown": 4}
USAGE = 2

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object a line, the last one the result.")]
Force = Annotated[bool, typer.Option("--force", help="Keep it as the next version if the name is taken.")]


def print_json(value: object) -> None:
    """One object on one line."""
    print(json.dumps(value, ensure_ascii=False, default=_plain), flush=True)


def say(said: str, plain: dict[str, Any], as_json: bool) -> None:
    """A verb that came out well, in a line or as an object."""
    if as_json:
        print_json({"outcome": "pass", **plain})
    else:
        print(said)


def print_table(
    head: list[str], rows: Sequence[Sequence[object]], found: Sequence[Any], as_json: bool, outcome: str = "pass"
) -> None:
    """What was found, as a table, or as an object a line and the outcome last."""
    if as_json:
        for item in found:
            print_json(asdict(item))
        print_json({"outcome": outcome, "count": len(found)})
        return
    cells = [[str(cell) for cell in row] for row in [head, *rows]]
    widths = [max(len(row[at]) for row in cells) for at in range(len(head))]
    for row in cells:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def print_workflow(found: Workflow) -> None:
    """A whole workflow, in lines."""
    from cua.record.telling import lines

    for line in lines(found):
        print(line)


@contextmanager
def status(first: str, *, quiet: bool) -> Iterator[Callable[[str], None]]:
    """A line on a terminal that says what is done now; silent in a pipe."""
    if quiet or not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console
    from rich.text import Text

    with Console(stderr=True).status(first) as status:
        yield lambda line: status.update(Text(line, no_wrap=True, overflow="ellipsis"))


def _plain(value: object) -> object:
    return dict(value) if isinstance(value, Mapping) else str(value)
