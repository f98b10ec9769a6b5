"""The product's main job on real software, as `./bootstrap demo` shows it: commands before practice, practice, the
same after.

A user of the verbs like any other; it prints, and knows nothing that a person at the keyboard would not.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterable

from rich.console import Console
from rich.table import Table

from cua import app, demo_web
from cua.errors import CuaError
from cua.progress import Progress

COMMANDS = (
    "turn on word wrap",
    "show line numbers",
    "hide the menu bar",
    "set the tab width to 3",
    "use the Oblivion colour scheme",
    "turn on highlighting of matching brackets",
    "don't remember the window size",
    "set the recent file menu length to 5",
    "enable automatic reloading",
    "type 'alpha beta' and save as notes.txt",
    "open the preferences",
    "use DOS line endings",
)
APP = "mousepad"


def main() -> int:
    """Commands, practice, the same commands, one task on the web, the report. Exit code 0 if the second list passes."""
    parser = argparse.ArgumentParser(prog="demo", description=__doc__)
    parser.add_argument("--minutes", type=float, default=2.5, help="of practice")
    given = parser.parse_args()
    console = Console()
    start = time.monotonic()
    try:
        console.print(f"[bold]1. Before practice[/bold]: {len(COMMANDS)} commands for {APP}, each in a clean sandbox")
        before = _commands(console, "before")
        console.print(f"[bold]2. Practice[/bold]: {given.minutes:g} minutes, no model, no network")
        practised = _practise(given.minutes)
        console.print(f"   {practised.proven} skills proven in {practised.rounds} attempts")
        console.print("[bold]3. After practice[/bold]: the same commands, again from clean homes")
        after = _commands(console, "after")
        console.print(_table(before, after))
        console.print("[bold]4. On the web[/bold]: one task on a small local app")
        web = demo_web.show()
        console.print(f"   {web}")
    except CuaError as error:
        console.print(f"[red]{error}[/red]")
        return error.exit_code
    except KeyboardInterrupt:
        console.print("stopped")
        return 3
    console.print(f"report: {practised.report}")
    console.print(f"{time.monotonic() - start:.0f} s in all; model calls: 0")
    return 0 if all(done.outcome == "pass" for done in after) else 1


def _commands(console: Console, when: str) -> list[app.Done]:
    found = []
    with app.record() as store:
        for goal in COMMANDS:
            with app.seat(APP, store) as place:
                done = app.do_there(goal, place)
            found.append(done)
            if console.is_terminal:
                console.print(f"   {when}: {_colour(done.outcome)} {goal} ({done.seconds:.1f} s)")
    return found


def _practise(minutes: float) -> app.Practised:
    with Progress(APP, quiet=not sys.stderr.isatty()) as progress:
        return app.practice(APP, minutes=minutes, rounds=None, say=progress.say, told=progress.told)


def _table(before: Iterable[app.Done], after: Iterable[app.Done]) -> Table:
    table = Table("command", "before", "s", "after", "acts", "s", "model calls", title="judged from the world")
    for was, now in zip(before, after, strict=True):
        table.add_row(
            now.goal, _colour(was.outcome), f"{was.seconds:.1f}", _colour(now.outcome), str(now.acts), f"{now.seconds:.1f}",
            str(now.model_calls),
        )  # fmt: skip
    return table


def _colour(outcome: str) -> str:
    return f"[{ {'pass': 'green', 'fail': 'red'}.get(outcome, 'yellow') }]{outcome}[/]"


if __name__ == "__main__":
    sys.exit(main())
