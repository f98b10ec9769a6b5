"""The command line of sandboxes: parse, call, print. No logic of its own."""

from __future__ import annotations

import sys
from dataclasses import asdict
from typing import Annotated

import typer

from cua.cli_parts import Json, print_json, print_table, say, status

_STDIN = 0  # the descriptor
Name = Annotated[str, typer.Argument(metavar="NAME", help="A sandbox from: cua sandbox list")]

sandbox_app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)


def register(main: typer.Typer) -> None:
    """Add the verbs to the command line."""
    example = "Example: cua sandbox create my-editor --name notes"
    main.add_typer(sandbox_app, name="sandbox", help="Machines of their own to work and practise in.", epilog=example)


@sandbox_app.command("create", epilog="Example: cua sandbox create my-editor --name notes")
def sandbox_create(
    app_name: Annotated[str, typer.Argument(metavar="APP", help="An installed app: its name or its command.")],
    name: Annotated[str, typer.Option(help="What to call it.")],
    as_json: Json = False,
) -> None:
    """Start an app in a sandbox that lives until `cua sandbox rm`."""
    from cua import app

    app.sandbox_create(app_name, name)
    next_ones = (
        f"see it and act in it: cua sandbox show {name}",
        f"show something in it that is to be done again: cua record NAME --on {name}",
        f'have something done in it: cua do "WHAT" --on {name}, or cua replay NAME --on {name}',
        f"end it: cua sandbox rm {name}",
    )
    said = "\n".join([f"{name} is ready", *(f"next: {each}" for each in next_ones)])
    say(said, {"sandbox": name, "next": next_ones}, as_json)


@sandbox_app.command("list", epilog="Example: cua sandbox list --json")
def sandbox_list(as_json: Json = False) -> None:
    """The sandboxes that live."""
    from cua import app

    found = app.sandboxes()
    print_table(["name", "app", "alive"], [[s.name, s.app, "yes" if s.alive else "no"] for s in found], found, as_json)


@sandbox_app.command(
    "exec", context_settings={"ignore_unknown_options": True}, epilog="Example: cua sandbox exec notes -- ls"
)
def sandbox_exec(
    name: Name,
    command: Annotated[list[str], typer.Argument(metavar="-- CMD...", help="The command and its arguments.")],
) -> None:
    """Run a command in it, also while you record there. It gets the standard input."""
    from cua import app

    done = app.sandbox_exec(name, tuple(command), given=_STDIN)
    sys.stdout.flush()
    sys.stdout.buffer.write(done.out.encode("utf-8", "surrogateescape"))
    sys.stderr.write(done.err)
    sys.exit(done.code)


@sandbox_app.command("show", epilog="Example: cua sandbox show notes")
def sandbox_show(name: Name, as_json: Json = False) -> None:
    """See its screen in your browser and act in it, also while you record there. Ctrl-C ends the page."""
    import webbrowser

    from cua import app
    from cua.own_screens import display

    def shown(url: str) -> None:
        if as_json:
            print_json({"url": url})
        else:
            print(f"{name} is at {url}\nCtrl-C ends the page; the sandbox goes on", flush=True)
        if display() and not as_json:
            webbrowser.open(url)

    try:
        app.sandbox_show(name, shown)
    except KeyboardInterrupt:
        say(f"{name} is no longer shown", {"sandbox": name}, as_json)


@sandbox_app.command("changes", epilog="Example: cua sandbox changes notes")
def sandbox_changes(name: Name, as_json: Json = False) -> None:
    """What differs from its start."""
    from cua import app

    changes = app.sandbox_changes(name)
    if as_json:
        print_json({"outcome": "pass", **asdict(changes)})
        return
    for key, change in changes.settings.items():
        print(f"setting  {key}: {change.before} -> {change.after}")
    for path, what in changes.files.items():
        print(f"file     ~/{path}: {what}")
    for title, how in changes.windows.items():
        print(f"window   {title}: {how}")
    if changes.clipboard:
        print(f"clipboard: {changes.clipboard.before!r} -> {changes.clipboard.after!r}")
    if not changes.keys():
        print("nothing differs from the start")


@sandbox_app.command("reset", epilog="Example: cua sandbox reset notes")
def sandbox_reset(name: Name, as_json: Json = False) -> None:
    """Give it its start state back."""
    from cua import app

    app.sandbox_reset(name)
    say(f"{name} is as at the start", {"sandbox": name}, as_json)


@sandbox_app.command("rm", epilog="Example: cua sandbox rm notes")
def sandbox_rm(name: Name, as_json: Json = False) -> None:
    """End it and remove its files."""
    from cua import app

    app.sandbox_rm(name)
    say(f"{name} is gone", {"sandbox": name}, as_json)


# ---------------------------------------------------------------------------------------------- images


@sandbox_app.command("build", epilog="Example: cua sandbox build debian --with my-editor,fonts-noto-core")
def sandbox_build(
    recipe: Annotated[str, typer.Argument(metavar="RECIPE", help="What it is made from: debian.")],
    packages: Annotated[str, typer.Option("--with", metavar="PKG,PKG", help="Packages beside the recipe's.")] = "",
    as_json: Json = False,
) -> None:
    """Make an image for virtual machines, from packages; takes minutes. One that is there already is used again."""
    from cua import images_app

    asked = tuple(name.strip() for name in packages.split(",") if name.strip())
    with status(f"{recipe}: starting", quiet=as_json) as told:
        built = images_app.build(recipe, asked, lambda line: told(f"{recipe}: {line}"))
    say(f"image {built.image} is ready: {_megabytes(built.size)} in {built.path}", asdict(built), as_json)


images_group = typer.Typer(invoke_without_command=True, rich_markup_mode=None)
sandbox_app.add_typer(images_group, name="images", epilog="Example: cua sandbox images rm 3f2a")


@images_group.callback()
def sandbox_images(ctx: typer.Context, as_json: Json = False) -> None:
    """The images that virtual machines are made from, with their sizes; `rm` removes one."""
    from cua import images_app

    if ctx.invoked_subcommand:
        return
    found = images_app.listed()
    rows = []
    for each in found:
        recipe = " ".join((each.recipe, *(["(damaged)"] if each.damaged else []))).strip()
        sizes = [_megabytes(each.size), _megabytes(each.templates)]
        rows.append([each.id, recipe, ",".join(each.packages), *sizes, each.made])
    print_table(["image", "recipe", "with", "size", "templates", "made"], rows, found, as_json)


@images_group.command("rm", epilog="Example: cua sandbox images rm 3f2a")
def images_rm(
    image: Annotated[str, typer.Argument(metavar="IMAGE", help="Its id, or how it begins.")], as_json: Json = False
) -> None:
    """Remove an image. Its templates go with it; while machines run on it, nothing is removed."""
    from cua import images_app

    gone = images_app.remove(image)
    say(f"image {gone.image} is gone, with its templates: {_megabytes(gone.freed)} are free", asdict(gone), as_json)


def _megabytes(size: int) -> str:
    return f"{size / 1e6:.0f} MB"
