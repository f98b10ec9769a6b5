"""What all verbs of the command line share: exit codes, the option for JSON, how a line is printed."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from rich.status import Status

    from cua.memory.workflows import Workflow

EXIT = {"pass": 0, "fail": 1, "refused": 3, "unknown": 4}
USAGE = 2

_FLAT = 1500  # letters of what is told in one line

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


@dataclass(frozen=True)
class Teller:
    """A line on a terminal that says what is done now; without one, nobody. Called with what to say."""

    line: Status | None = None

    def __call__(self, said: str) -> None:
        if self.line is not None:
            from rich.text import Text

            self.line.update(Text(said, no_wrap=True, overflow="ellipsis"))

    def ask(self, question: str) -> bool:
        """Yes or no from the person who sits there; where nobody does, the answer is no. Raises RefusedError where the
        person interrupts the question: what it was asked about is not done.
        """
        if self.line is None or not sys.stdin.isatty():
            return False
        from rich.prompt import Confirm
        from rich.text import Text

        from cua.errors import RefusedError

        self.line.stop()
        try:
            return Confirm.ask(Text(f"May this be done? {question}"), console=self.line.console, default=False)
        except EOFError:
            return False
        except KeyboardInterrupt:
            raise RefusedError("a person stopped it at this question, and what was asked about was not done") from None
        finally:
            self.line.start()


@contextmanager
def status(first: str, *, quiet: bool) -> Iterator[Teller]:
    """Tells on a terminal; silent in a pipe."""
    if quiet or not sys.stderr.isatty():
        yield Teller()
        return
    from rich.console import Console

    with Console(stderr=True).status(first) as line:
        yield Teller(line)


def prompt_lines(said: object, name: str = "") -> list[str]:
    """What went over the wire, for a person: each text as it was sent, under the name of its place; pictures by their
    size.
    """
    match said:
        case str() as text if text.startswith("data:image/"):
            return [f"{name}: (a picture, {len(text)} letters)"]
        case str() as text if "\n" in text:
            return [f"{name}:", *(f"  {line}" for line in text.splitlines())]
        case Mapping() as found if len(flat := json.dumps(found, ensure_ascii=False, default=_plain)) < _FLAT and (
            "\\n" not in flat and "data:image/" not in flat
        ):
            return [f"{name}: {flat}" if name else flat]
        case Mapping() as found:
            parts = [(f"{name}.{key}" if name else str(key), value) for key, value in found.items()]
        case list() | tuple() as found:
            parts = [(f"{name}[{at}]", value) for at, value in enumerate(found)]
        case None:
            return []
        case _:
            return [f"{name}: {said}"]
    return [line for inner, value in parts for line in prompt_lines(value, inner)]


def _plain(value: object) -> object:
    return dict(value) if isinstance(value, Mapping) else str(value)
