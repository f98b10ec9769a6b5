"""The command line of tasks from files: parse, call, print. No logic of its own."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cua.cli_parts import EXIT, Json, print_json, status

if TYPE_CHECKING:
    from cua.tasks.running import Result
    from cua.tasks_app import Count

task_app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)


def register(main: typer.Typer) -> None:
    """Add the verbs to the command line."""
    example = "Example: cua task run task.json"
    main.add_typer(task_app, name="task", help="Tasks that check themselves: OSWorld's and our own.", epilog=example)


@task_app.command("run", epilog="Example: cua task run task.json --policy none")
def task_run(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="OSWorld's JSON, or our own TOML.")],
    on: Annotated[
        str, typer.Option("--on", metavar="KIND", help="namespace, qemu: a whole machine, or osworld:HOST:PORT.")
    ] = "namespace",
    policy: Annotated[str, typer.Option(help="Who tries it: planner, or none, which does nothing.")] = "planner",
    seed: Annotated[int, typer.Option(min=0, help="What the values of our own tasks are drawn by.")] = 0,
    as_json: Json = False,
) -> None:
    """Set each task up in a machine of its own, let it be tried, and say what the machine shows afterwards."""
    from cua.tasks_app import run_tasks

    def told(result: Result) -> None:
        if as_json:
            print_json(asdict(result))
        else:
            print(f"{result.outcome:8} {result.task}  {result.acts} acts, {result.seconds:.1f} s: {result.saying}")

    with status("starting", quiet=as_json) as say:
        done = run_tasks(files, on=on, policy=policy, seed=seed, told=told, say=say)
    if as_json:
        print_json({"outcome": done.outcome, "feasible": asdict(done.feasible), "infeasible": asdict(done.infeasible)})
    else:
        print(f"feasible: {_counted(done.feasible)}; infeasible: {_counted(done.infeasible)}")
    raise typer.Exit(EXIT[done.outcome])


def _counted(count: Count) -> str:
    parts = [f"{number} {name}" for name, number in asdict(count).items() if number]
    return ", ".join(parts) or "none"
