"""The command line: parse, call, print. No logic of its own, and nothing imported that the verb at hand does not
need.
"""

from __future__ import annotations

import re
import signal
import sys
from dataclasses import asdict
from typing import Annotated, Any, NoReturn

import typer

from cua import cli_export, cli_memory, cli_replay, cli_sandbox, cli_task, cli_workflows
from cua.cli_parts import EXIT, USAGE, Json, print_json, print_table, prompt_lines, status

_UNSEEN = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-_])|[\x00-\x08\x0b-\x1f\x7f]")
_LONGEST = 2000
_EXAMPLE = "Example: "
Skill = Annotated[str, typer.Argument(metavar="SKILL", help="A skill from: cua skills list")]
INTERRUPTED = 130  # what typer makes of Ctrl-C

main_app = typer.Typer(
    name="cua",
    help="Operates apps for you: practise one overnight, then command it in plain words. Works without a model.",
    epilog="Exit codes: 0 pass, 1 fail, 2 a wrong request, 3 refused or stopped (Ctrl-C, SIGTERM), 4 unknown.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
runs_app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
skills_app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
main_app.add_typer(runs_app, name="runs", help="What was done, step by step.", epilog="Example: cua runs list")
main_app.add_typer(skills_app, name="skills", help="What provably works.", epilog="Example: cua skills list")


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        print(f"cua {version('cua-daemon')}")
        raise typer.Exit


@main_app.callback()
def _about(
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Print it.")] = False,
) -> None: ...


@main_app.command(epilog='Example: cua do "turn on word wrap" --on notes')
def do(
    goal: Annotated[str, typer.Argument(metavar="GOAL", help="What to do, in plain words.")],
    on: Annotated[
        str, typer.Option("--on", help="An installed app, qemu:APP in a virtual machine, an address, a sandbox's name.")
    ] = "",
    model: Annotated[
        str | None, typer.Option("--model", metavar="NAME", help="Ask this model of your endpoint where need be.")
    ] = None,
    no_model: Annotated[bool, typer.Option("--no-model", help="Ask no model, whatever the settings say.")] = False,
    as_json: Json = False,
) -> None:
    """Do what the words ask for, and say what the world shows afterwards.

    A workflow is replayed where they name it: by the words that it was recorded for, with other values, or by its name,
    if that leaves no value open. What could be more than a value stands in quotes; a question is no order. Without --on
    it is done where it was shown, also web or desktop.

    What cua does not know by itself a model may decide, if one is set up: [model] in the settings, with name, base_url
    (any OpenAI-compatible endpoint) and key (the name of a secret from: cua secret set). The next time nobody is asked.
    """
    from cua import config, do_app
    from cua.minds import chosen

    which = chosen(config.settings(), model, none=no_model)
    with status("starting", quiet=as_json) as told:
        done = do_app.do(goal, on, told, model=which, approve=told.ask)
    if as_json:
        print_json(asdict(done))
    else:
        _print_done(done)
    raise typer.Exit(EXIT[done.outcome])


@main_app.command("practice", epilog="Example: cua practice my-editor --minutes 5")
def practise(  # noqa: PLR0913 - an option each
    app_name: Annotated[str, typer.Argument(metavar="APP", help="An app's name or command, here or in an image.")],
    *,
    minutes: Annotated[float | None, typer.Option(min=0, help="Stop after so many minutes (5 if unsaid).")] = None,
    rounds: Annotated[int | None, typer.Option(min=1, help="Stop after so many attempts.")] = None,
    sandbox: Annotated[str, typer.Option(metavar="KIND", help="namespace, or qemu: a whole machine.")] = "namespace",
    workers: Annotated[int, typer.Option(min=1, help="So many sandboxes at a time, a process each.")] = 1,
    engine: Annotated[str, typer.Option(metavar="NAME", help="local, or ray: on a Ray cluster.")] = "local",
    as_json: Json = False,
) -> None:
    """Let the app be explored and practised in a sandbox; what provably works becomes a skill. Ends with a report."""
    from cua.practice_app import By, practice
    from cua.progress import Progress

    with Progress(app_name, quiet=as_json) as progress:

        def told(line: Any) -> None:
            if as_json:
                print_json(asdict(line))
            progress.told(line)

        by = By(sandbox, workers, engine)
        done = practice(app_name, minutes=minutes, rounds=rounds, by=by, say=progress.say, told=told)
    if as_json:
        print_json(asdict(done))
    else:
        print(f"{done.proven} skills proven of {done.tried} tried in {done.rounds} attempts, {done.seconds:.0f} s")
        if done.why:
            print(done.why)
        elif not done.rounds:
            print("it was still exploring: run it again to go on from there")
        print(f"report: {done.report}")
    raise typer.Exit(EXIT[done.outcome])


@runs_app.command("list", epilog="Example: cua runs list --limit 5 --json")
def runs_list(
    limit: Annotated[int, typer.Option(min=1, help="How many, newest first.")] = 20, as_json: Json = False
) -> None:
    """The newest runs."""
    from cua import app
    from cua.config import paths
    from cua.recording import Signs, going_on

    with app.record() as store:
        found = store.runs(limit)
        going = going_on(Signs(paths().data), found)
    print_table(
        ["run", "outcome", "acts", "goal"],
        [[r.id, "going on" if r.id == going else r.outcome or r.stopped, r.steps, r.goal] for r in found],
        found,
        as_json,
    )


@runs_app.command("show", epilog="Example: cua runs show 20251121T061437-3f2a9c1e")
def runs_show(
    run_id: Annotated[str, typer.Argument(metavar="RUN", help="A run from: cua runs list")],
    prompts: Annotated[
        bool, typer.Option("--prompts", help="What a model was asked, word for word, and what it answered.")
    ] = False,
    as_json: Json = False,
) -> None:
    """One run: each act with its reason, who decided, and the verdict."""
    from cua import app
    from cua.checks import changed_key

    if prompts:
        _print_prompts(app.prompts(run_id), as_json)
        return
    shown = app.show_run(run_id)
    if as_json:
        print_json(shown)
        return
    print(f"{shown['goal']}\n{shown['stopped']}: {shown['reason']}")
    for number, step in enumerate(shown["steps"], 1):
        print(f"{number:3}. {step['act']}  [{step['effect']}]  {step['why']}")
    for choice in shown["route"]:
        print(f"from act {choice['step'] + 1}: {choice['rung']}, {choice['seconds']:.2f} s: {choice['why']}")
    for plea in shown["pleas"]:
        by = "a person" if plea.get("asked", True) else "the words themselves, or the sandbox"
        print(f"{f'allowed by {by}' if plea['allowed'] else 'not allowed'}: {plea['act']}: {plea['why']}")
    if shown["model_calls"]:
        print(f"the model: {_spent(shown)}")
    if shown["replay"]:
        known = "" if shown["replay"]["known"] else " (what came of it is not known)"
        print(f"last step: {shown['replay']['last'] or 'none'}{known}; {shown['replay']['saying']}")
    print(f"verdict: {shown['outcome']}")
    for line in shown["evidence"]:
        print(f"     {line}")
    for key in shown["side_effects"]:
        print(f"     it also changed {changed_key(key)}")


@skills_app.command("list", epilog="Example: cua skills list my-editor")
def skills_list(
    app_name: Annotated[str, typer.Argument(metavar="[APP]", help="Only this app's.")] = "", as_json: Json = False
) -> None:
    """All skills, the proven first."""
    from cua import app

    found = app.skills(app_name)
    rows = [[s.id, s.status, f"{s.passes}/{len(s.proofs)}", f"{s.bound:.0%}", s.goal] for s in found]
    if not found and not as_json:
        print(f"no skills yet; they come of: cua practice {app_name or 'APP'}")
        return
    print_table(["skill", "status", "proofs", "at least", "say"], rows, found, as_json)


@skills_app.command("show", epilog="Example: cua skills show my-editor-word-wrap")
def skills_show(skill: Skill, as_json: Json = False) -> None:
    """One skill with its proofs and what it may change."""
    from cua import app

    found = app.skill(skill)
    if as_json:
        print_json(asdict(found))
        return
    print(f"{found.id}: {found.name} ({found.kind} of {found.app}), {found.status}, version {found.version}")
    print(f"say: {found.goal}\nworks at least {found.bound:.0%} of the time, with 95 % confidence")
    for proof in found.proofs:
        print(f"  seed {proof.seed}: {proof.outcome:8} {proof.seconds:5.2f} s  {proof.goal}  {proof.why}")


@skills_app.command("retire", epilog="Example: cua skills retire my-editor-word-wrap")
def skills_retire(skill: Skill, as_json: Json = False) -> None:
    """Take a skill out of use. It stays on record."""
    from cua import app

    found = app.retire(skill)
    if as_json:
        print_json({"outcome": "pass", "skill": found.id, "status": found.status})
    else:
        print(f"{found.id} is retired")


@main_app.command(epilog="Example: cua doctor --json")
def doctor(as_json: Json = False) -> None:
    """Check that this machine has what cua needs, by keeping each promise once."""
    from cua import machines_app

    with status("making a sandbox", quiet=as_json) as told:
        results = machines_app.doctor(told)
    outcome = "pass" if all(r.ok is not False for r in results) else "unknown"
    rows = [["ok" if r.ok else "-" if r.ok is None else "NO", r.name, r.detail] for r in results]
    print_table(["", "promise", "detail"], rows, results, as_json, outcome)
    raise typer.Exit(EXIT[outcome])


cli_export.register(runs_app)
cli_sandbox.register(main_app)
cli_replay.register(main_app)
cli_workflows.register(main_app)
cli_task.register(main_app)
cli_memory.register(main_app)


# ---------------------------------------------------------------------------------------------- printing


def _print_done(done: Any) -> None:
    """In one line what was done, how it was known and what changed; then what else may have been meant."""
    acts = "1 act" if done.acts == 1 else f"{done.acts} acts"
    spent = _spent(asdict(done)) if done.model_calls else ""
    changed = f"changed {done.brief}" if done.brief else ""
    parts = [done.saying, done.how, changed, f"{acts}, {done.seconds:.1f} s", spent]
    print(f"{done.outcome}: {'; '.join(part for part in parts if part)}")
    asked = done.route and done.route[-1].rung == "model"
    for title in done.closest:
        print(f"  {'to answer, say it in the goal' if asked else 'did you mean'}: {title}")
    if done.note:
        print(f"note: {done.note}")


def _spent(of: Any) -> str:
    """What a model took."""
    calls = "1 call" if of["model_calls"] == 1 else f"{of['model_calls']} calls"
    cost = f", cost {of['cost']:.4g}" if of["cost"] else ""
    return f"{calls} of a model, {of['tokens']} tokens{cost}"


def _print_prompts(talk: Any, as_json: bool) -> None:
    """Each exchange with a model as it went over the wire; pictures only by their size."""
    if as_json:
        for each in talk:
            print_json(asdict(each))
        print_json({"outcome": "pass", "count": len(talk)})
        return
    if not talk:
        print("no model was asked in this run")
    for number, each in enumerate(talk, 1):
        print(f"---- {number}, before act {each.step + 1}: {each.sent} tokens sent, {each.written} written")
        for line in prompt_lines(each.request):
            print(line)
        said = prompt_lines(each.answer) if each.answer else ["(nobody was asked: no model is set up)"]
        print("---- answer, {:.1f} s\n{}".format(each.seconds, "\n".join(said)))


def main() -> None:
    """The `cua` command: our own errors and wrong usage become one line and their exit code."""
    from typer.exceptions import TyperException

    from cua.cli_out import steadied, untold
    from cua.errors import CuaError

    signal.signal(signal.SIGTERM, _ended)
    out = steadied()
    try:
        code = main_app(prog_name="cua", standalone_mode=False)
    except CuaError as error:
        _fail(str(error), error.exit_code)
    except TyperException as error:
        _fail(_misused(error), USAGE)
    if code == INTERRUPTED:
        _fail("stopped", EXIT["refused"])
    if lost := untold(out):
        _fail(f"it was done, and what came of it could not be written: {lost}", code or EXIT["unknown"])
    sys.exit(code)


def _ended(*_: object) -> NoReturn:
    """Asked to end (SIGTERM): at once, as by a second Ctrl-C, and with the same exit codes."""
    raise KeyboardInterrupt


def _misused(error: Any) -> str:
    """What is wrong with the command line, how it is written, and which help to read; of a group without a verb, that
    help itself.
    """
    said, ctx = error.format_message(), error.ctx
    if "\n" in said:
        return str(said)
    told = (ctx.command.epilog or "") if ctx and ctx.parent else ""
    example = f"; for example: {told.removeprefix(_EXAMPLE)}" if told.startswith(_EXAMPLE) else ""
    return f"{said.rstrip('.')}{example}; see: {ctx.command_path if ctx else 'cua'} --help"


def _fail(what: str, code: int) -> NoReturn:
    what = _UNSEEN.sub("", what)  # what a program said may be meant for a terminal
    what = what if len(what) <= _LONGEST else f"{what[:_LONGEST]} …"
    print(what if "\n" in what else f"cua: {what}", file=sys.stderr)
    if "--json" in sys.argv:
        # of a wrong request nothing was done, and that is known
        print_json({"outcome": "refused" if code in (USAGE, EXIT["refused"]) else "unknown", "error": what})
    sys.exit(code)
