"""The command line of what is kept: workflows and secrets. Parse, call, print; no logic of its own."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from shlex import quote
from typing import Annotated

import typer

from cua.cli_parts import Force, Json, print_json, print_workflow, say
from cua.cli_replay import finish_recorded

workflows_app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
secret_app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)

Name = Annotated[str, typer.Argument(metavar="NAME", help="The workflow.")]


def register(main: typer.Typer) -> None:
    """Add the verbs to the command line."""
    example = "Example: cua workflows list"
    main.add_typer(workflows_app, name="workflows", help="What was shown once and can be done again.", epilog=example)
    example = "Example: cua secret set password"
    main.add_typer(secret_app, name="secret", help="Texts that are typed and never written down.", epilog=example)


# ---------------------------------------------------------------------------------------------- workflows


@workflows_app.command("list", epilog="Example: cua workflows list --json")
def workflows_list(as_json: Json = False) -> None:
    """All workflows."""
    from cua import workflows_app as verbs

    found, broken = verbs.workflows(), verbs.unreadable()
    if as_json:
        for name, why in broken.items():
            print_json({"workflow": name, "unreadable": why})
        for each in found.values():
            print_json({
                "workflow": each.name, "version": each.version, "on": each.on, "steps": len(list(each.acts())),
                "params": [asdict(param) for param in each.params], "goal": each.goal,
            })  # fmt: skip
        print_json({"outcome": "pass", "count": len(found)})
        return
    for each in found.values():
        params = ", ".join(param.name for param in each.params)
        steps = f"{len(list(each.acts()))} steps"
        print(
            f"{each.name}  version {each.version}, on {each.on}, {steps}{f', parameters: {params}' if params else ''}"
        )
    for name, why in broken.items():
        print(f"{name}  cannot be read: {why}")


@workflows_app.command("show", epilog="Example: cua workflows show new-customer --version 2")
def workflows_show(
    name: Name,
    version: Annotated[int | None, typer.Option(min=1, help="Another version than the active one.")] = None,
    as_json: Json = False,
) -> None:
    """One workflow: parameters, steps with their targets and expectations, effects."""
    from cua import workflows_app as verbs

    found = verbs.workflow(name, version)
    if as_json:
        print_json({"outcome": "pass", **asdict(found)})
    else:
        print_workflow(found)


@workflows_app.command("edit", epilog="Example: cua workflows edit new-customer")
def workflows_edit(
    name: Name,
    fresh: Annotated[bool, typer.Option("--fresh", help="Begin anew, and drop what an edit before left.")] = False,
    as_json: Json = False,
) -> None:
    """Open it in your editor; what makes sense afterwards is kept as the next version."""
    from cua import workflows_app as verbs

    found, new = verbs.edit(name, fresh=fresh)
    said = f"{name} is at version {found.version} now" if new else f"{name} is unchanged"
    say(said, {"workflow": name, "version": found.version}, as_json)


@workflows_app.command("check", epilog="Example: cua workflows check new-customer.toml")
def workflows_check(
    which: Annotated[str, typer.Argument(metavar="NAME", help="A workflow, or the path of a workflow file.")],
    as_json: Json = False,
) -> None:
    """Whether it makes sense and its effects can be read here. Nothing is done."""
    from cua import workflows_app as verbs

    found = verbs.check(which)
    steps, effects = len(list(found.acts())), len(found.effects)
    counts = f"{steps} step{'' if steps == 1 else 's'}, {effects or 'no'} effect{'' if effects == 1 else 's'}"
    said = f"{found.name} makes sense: {counts}"
    say(said, {"workflow": found.name, "steps": steps, "effects": effects}, as_json)


@workflows_app.command("history", epilog="Example: cua workflows history new-customer")
def workflows_history(name: Name, as_json: Json = False) -> None:
    """Every version, what was mended in it, and how its replays went."""
    from datetime import datetime

    from cua import workflows_app as verbs

    found = verbs.history(name)
    for each in found:
        if as_json:
            plain = {
                key: getattr(each, key) for key in ("number", "time", "status", "base", "replays", "passes", "last")
            }
            print_json({"version": plain.pop("number"), **plain, "changed": each.changed})
            continue
        when = datetime.fromtimestamp(each.time).strftime("%Y-%m-%d %H:%M")
        print(f"{each.number:3}  {each.status:11}  {when}  {each.passes} of {each.replays} replays passed")
        for what in each.changed:
            print(f"     {what}")
    if as_json:
        print_json({"outcome": "pass", "count": len(found)})


@workflows_app.command("promote", epilog="Example: cua workflows promote new-customer 2")
def workflows_promote(
    name: Name,
    version: Annotated[int, typer.Argument(metavar="VERSION", help="A candidate, or one rolled back.", min=1)],
    as_json: Json = False,
) -> None:
    """Let a mended version take over, once a replay of it has passed, or one that was rolled back come again."""
    from cua import workflows_app as verbs

    found = verbs.promote(name, version)
    say(f"{name} is at version {found.version} now", {"workflow": name, "version": found.version}, as_json)


@workflows_app.command("rollback", epilog="Example: cua workflows rollback new-customer")
def workflows_rollback(name: Name, as_json: Json = False) -> None:
    """Make the version that was active before active again."""
    from cua import workflows_app as verbs

    was = next((each.number for each in verbs.history(name) if each.status == "active"), 0)
    found = verbs.rollback(name)
    said = f"{name} is at version {found.version} again; to take that back: cua workflows promote {quote(name)} {was}"
    say(said, {"workflow": name, "version": found.version, "was": was}, as_json)


@workflows_app.command("rm", epilog="Example: cua workflows rm new-customer")
def workflows_rm(name: Name, as_json: Json = False) -> None:
    """Take it away. The record keeps what it was."""
    from cua import workflows_app as verbs

    verbs.remove(name)
    say(f"{name} is gone", {"workflow": name}, as_json)


@workflows_app.command("compile", epilog="Example: cua workflows compile 20251121T061437-3f2a9c1e new-customer")
def workflows_compile(
    run: Annotated[str, typer.Argument(metavar="RUN", help="A run from: cua runs list")],
    name: Name,
    on: Annotated[str, typer.Option("--on", help="What it was on, if the run does not tell.")] = "",
    force: Force = False,
    as_json: Json = False,
) -> None:
    """Make a workflow of a run, be it a person's or one of cua's own."""
    from cua import workflows_app as verbs

    finish_recorded(verbs.compile_run(run, name, on=on, force=force), as_json)


@workflows_app.command("export", epilog="Example: cua workflows export new-customer --to playwright --out .")
def workflows_export(
    name: Name,
    to: Annotated[str, typer.Option("--to", help="skill, playwright, json or toml.")],
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="The folder to write into.")] = Path(),
    as_json: Json = False,
) -> None:
    """Write it for others: an Agent Skills folder, a Playwright test, JSON, or our own file."""
    from cua import workflows_app as verbs

    paths = verbs.take_out(name, to, out)
    for path in paths if not as_json else ():
        print(path)
    if as_json:
        print_json({"outcome": "pass", "workflow": name, "files": [str(path) for path in paths]})


@workflows_app.command("import", epilog="Example: cua workflows import recorded.json --name new-customer")
def workflows_import(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Ours, Playwright codegen's, or DevTools Recorder's.")],
    name: Annotated[str, typer.Option("--name", help="What to call it, if not as the file says.")] = "",
    force: Force = False,
    as_json: Json = False,
) -> None:
    """Keep the workflow of a file."""
    from cua import workflows_app as verbs

    found, notes = verbs.bring_in(file, name=name, force=force)
    if as_json:
        print_json({"outcome": "pass", "workflow": found.name, "version": found.version, "notes": notes})
        return
    print_workflow(found)
    for note in notes:
        print(f"note: {note}")


@workflows_app.command("schema", epilog="Example: cua workflows schema")
def workflows_schema() -> None:
    """The JSON schema of a workflow file, for editors that check while you write."""
    from cua.record.files import schema

    print(json.dumps(schema(), indent=2, ensure_ascii=False))


# ---------------------------------------------------------------------------------------------- secrets


@secret_app.command("set", epilog="Example: cua secret set password")
def secret_set(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The parameter that asks for it.")], as_json: Json = False
) -> None:
    """Read a secret without showing it, and keep it in the keyring."""
    from getpass import getpass

    from cua import secrets
    from cua.config import paths

    secrets.checked(name)
    text = getpass(f"{name}: ") if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
    secrets.keep(name, text, paths().data / secrets.NAMES)
    say(f"{name} is kept in the keyring", {"secret": name}, as_json)


@secret_app.command("list", epilog="Example: cua secret list")
def secret_list(as_json: Json = False) -> None:
    """The names of the secrets in the keyring, and of those in the environment."""
    from cua import secrets
    from cua.config import paths

    found = secrets.known(paths().data / secrets.NAMES)
    for name in found:
        if as_json:
            print_json({"secret": name})
        else:
            print(name)
    if as_json:
        print_json({"outcome": "pass", "count": len(found)})


@secret_app.command("rm", epilog="Example: cua secret rm password")
def secret_rm(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A name from: cua secret list")], as_json: Json = False
) -> None:
    """Take a secret out of the keyring."""
    from cua import secrets
    from cua.config import paths

    secrets.forget(name, paths().data / secrets.NAMES)
    say(f"{name} is gone", {"secret": name}, as_json)
