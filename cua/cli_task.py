"""The command line of tasks from files: parse, call, print. No logic of its own."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cua.cli_parts import EXIT, Json, print_json, status

if TYPE_CHECKING:
    from cua.tasks.proof import Stage
    from cua.tasks.running import Result
    from cua.tasks_app import Count

task_app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)


def register(main: typer.Typer) -> None:
    """Add the verbs to the command line."""
    example = "Example: cua task run task.json"
    main.add_typer(task_app, name="task", help="Tasks that check themselves: OSWorld's, and your own.", epilog=example)


@task_app.command("run", epilog="Example: cua task run task.json --policy none")
def task_run(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="OSWorld's JSON, or your own TOML.")],
    on: Annotated[
        str, typer.Option("--on", metavar="KIND", help="namespace, qemu: a whole machine, or osworld:HOST:PORT.")
    ] = "namespace",
    policy: Annotated[
        str, typer.Option(help="Who tries it: planner; model, where the planner does not know; none does nothing.")
    ] = "planner",
    seed: Annotated[int, typer.Option(min=0, help="What the values of your own tasks are drawn by.")] = 0,
    as_json: Json = False,
) -> None:
    """Set each task up in a machine of its own, let it be tried, and say what the machine shows afterwards.

    A task of your own is a TOML file: a goal in words, apps, and checks of what the world must show; if need be params
    that the seed draws, files, and steps before anybody acts. The README shows one and lists the checks.
    """
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


@task_app.command("prove", epilog="Example: cua task prove bread-price.toml --seed 3")
def task_prove(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A task of your own: TOML, with an oracle and mutants.")],
    seed: Annotated[int, typer.Option(min=0, help="What its values are drawn by.")] = 0,
    as_json: Json = False,
) -> None:
    """Show that the checks of your own task tell the right end from wrong ones.

    They must fail at the start, fail after doing nothing, hold after its oracle, and fail in each end state that one of
    its mutants has spoilt.
    """
    from cua.tasks_app import prove_task

    def told(stage: Stage) -> None:
        outcome, wanted = stage.verdict.outcome, stage.wanted
        if as_json:
            print_json({"stage": stage.name, "wanted": wanted, "came": outcome, "ok": stage.ok, "saying": stage.saying})
        else:
            must = "as it must" if stage.ok else f"and must {wanted}"
            print(f"{'ok' if stage.ok else 'NO':3} {stage.name}: {outcome}, {must}: {stage.saying}", flush=True)

    with status("starting", quiet=as_json) as say:
        done = prove_task(file, seed=seed, told=told, say=say)
    outcome, of = "pass" if done.proven else "fail", len(done.mutants)
    if as_json:
        print_json({"outcome": outcome, "task": done.task, "seed": done.seed, "caught": done.caught, "mutants": of})
    else:
        said = f"proven; {done.caught} of {of} mutants caught" if done.proven else "not proven"
        print(f"{done.task}, seed {done.seed}: {said}")
    raise typer.Exit(EXIT[outcome])


def _counted(count: Count) -> str:
    parts = [f"{number} {name}" for name, number in asdict(count).items() if number]
    return ", ".join(parts) or "none"
