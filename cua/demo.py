"""The product's main job on real software, as `./bootstrap demo` shows it: commands before practice, practice, the
same after.

A user of the verbs like any other; it prints, and knows nothing that a person at the keyboard would not.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from cua import app, demo_web
from cua.doing import do_there
from cua.errors import CuaError, UsageError
from cua.memory.store import Store
from cua.practice_app import By, Practised, practice
from cua.progress import Progress
from cua.seats import Done


@dataclass(frozen=True, slots=True)
class Script:
    """What is shown: an app, and what is asked of it before practice and after."""

    app: str
    commands: tuple[str, ...]

    @classmethod
    def of(cls, file: Path) -> Script:
        """The app's data file, whose table [demo] lists the commands. Raises UsageError if it has none."""
        try:
            commands = tomllib.loads(file.read_text(encoding="utf-8"))["demo"]["commands"]
        except OSError as error:
            raise UsageError(f"cannot read {file}: {error.strerror}; name the data file of an app") from error
        except tomllib.TOMLDecodeError as error:
            raise UsageError(f"{file} is no TOML: {error}; mend that line") from error
        except KeyError as error:
            raise UsageError(f"{file} lists no commands to show; add a table [demo] with commands = [...]") from error
        return cls(file.stem, tuple(commands))


def main() -> int:
    """Commands, practice, the same commands, one task on the web, the report. Exit code 0 if the second list passes."""
    parser = argparse.ArgumentParser(prog="demo", description=__doc__)
    parser.add_argument("--of", type=Path, required=True, help="the data file of the app, with a table [demo]")
    parser.add_argument("--minutes", type=float, default=2.5, help="of practice")
    given = parser.parse_args()
    console = Console()
    start = time.monotonic()
    try:
        script = Script.of(given.of)
        asked = f"{len(script.commands)} commands for {script.app}"
        console.print(f"[bold]1. Before practice[/bold]: {asked}, each in a clean sandbox")
        with tempfile.TemporaryDirectory() as folder, Store(Path(folder) / "empty.db") as nothing:
            before = _commands(console, script, "before", nothing)
        console.print(f"[bold]2. Practice[/bold]: {given.minutes:g} minutes, no model, no network")
        practised = _practise(script.app, given.minutes)
        console.print(f"   {practised.proven} skills proven in {practised.rounds} attempts")
        console.print("[bold]3. After practice[/bold]: the same commands, again from clean homes")
        with app.record() as store:
            after = _commands(console, script, "after", store)
        console.print(_table(before, after))
        console.print("[bold]4. On the web[/bold]: one task on a small local app")
        web = demo_web.show()
        console.print(f"   {escape(web)}")
    except CuaError as error:
        console.print(f"[red]{escape(str(error))}[/red]")
        return error.exit_code
    except KeyboardInterrupt:
        console.print("stopped")
        return 3
    console.print(f"report: {practised.report}")
    console.print(f"{time.monotonic() - start:.0f} s in all; model calls: 0")
    return 0 if all(done.outcome == "pass" for done in after) else 1


def _commands(console: Console, script: Script, when: str, store: Store) -> list[Done]:
    found = []
    for goal in script.commands:
        with app.seat(script.app, store) as place:
            done = do_there(goal, place)
        found.append(done)
        if console.is_terminal:
            console.print(f"   {when}: {_colour(done.outcome)} {goal} ({done.seconds:.1f} s)")
    return found


def _practise(name: str, minutes: float) -> Practised:
    with Progress(name, quiet=not sys.stderr.isatty()) as progress:
        return practice(name, minutes=minutes, rounds=None, by=By(), say=progress.say, told=progress.told)


def _table(before: Iterable[Done], after: Iterable[Done]) -> Table:
    table = Table("command", "before", "s", "after", "acts", "s", "model calls", title="judged from the world")
    for was, now in zip(before, after, strict=True):
        table.add_row(
            now.goal,
            _colour(was.outcome),
            f"{was.seconds:.1f}",
            _colour(now.outcome),
            str(now.acts),
            f"{now.seconds:.1f}",
            str(now.model_calls),
        )
    return table


def _colour(outcome: str) -> str:
    return f"[{ {'pass': 'green', 'fail': 'red'}.get(outcome, 'yellow') }]{outcome}[/]"


if __name__ == "__main__":
    sys.exit(main())
