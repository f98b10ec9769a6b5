"""The command line of memory: what is known of the person, of their tasks and of apps. Parse, call, print."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from cua.cli_parts import Json, print_json, say

memory_app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)


def register(main: typer.Typer) -> None:
    """Add the verbs to the command line."""
    example = "Example: cua memory list"
    main.add_typer(memory_app, name="memory", help="What is remembered: see, tell, forget.", epilog=example)


@memory_app.command("list", epilog="Example: cua memory list --kind profile --json")
def memory_list(
    kind: Annotated[str, typer.Option("--kind", help="profile, experience, actions, skills or handlers.")] = "",
    as_json: Json = False,
) -> None:
    """All that is remembered: of you, of goals, known steps, skills, and what puts away interruptions."""
    _print_items(kind, "", as_json, "nothing is remembered yet; tell something with: cua memory add SENTENCE")


@memory_app.command("search", epilog="Example: cua memory search work e-mail")
def memory_search(
    words: Annotated[list[str], typer.Argument(metavar="WORDS", help="What it is about.")],
    kind: Annotated[str, typer.Option("--kind", help="profile, experience, actions, skills or handlers.")] = "",
    as_json: Json = False,
) -> None:
    """What is remembered of these words, the nearest first in each kind."""
    _print_items(kind, " ".join(words), as_json, "nothing that is remembered has to do with that")


@memory_app.command("add", epilog='Example: cua memory add "my work e-mail is ada@example.org"')
def memory_add(
    sentence: Annotated[str, typer.Argument(metavar="SENTENCE", help="A fact or preference, as you would say it.")],
    as_json: Json = False,
) -> None:
    """Tell a fact or a preference of yours. Secrets are refused."""
    from cua import memory_app as verbs

    found = verbs.add(sentence)
    for item in found:
        if as_json:
            print_json({"kind": item.kind, "id": item.id, "text": item.text, **item.more})
        else:
            print(f"{item.id}  {item.text}")
    if as_json:
        print_json({"outcome": "pass", "count": len(found)})


@memory_app.command("forget", epilog="Example: cua memory forget p3f2a9c1e07")
def memory_forget(
    id: Annotated[str, typer.Argument(metavar="ID", help="An id from: cua memory list")], as_json: Json = False
) -> None:
    """Delete it and its history for good. Runs in which it was said are named, and not touched."""
    from cua import memory_app as verbs

    gone = verbs.forget(id)
    before = [text for text in gone.history if text not in gone.item.text]
    said = f"forgotten: {gone.item.text}" + (f"; and what it was before: {', '.join(before)}" if before else "")
    if as_json:
        plain = {"kind": gone.item.kind, "id": gone.item.id, "text": gone.item.text, "history": list(gone.history)}
        also = [asdict(each) for each in gone.also]
        left = {"runs": list(gone.runs), "also": also, "files": list(gone.files), "copies": list(gone.copies)}
        print_json({"outcome": "pass", **plain, **left})
        return
    print(said)
    if gone.runs:
        print(f"note: the record of these runs still tells it, and is not touched: {', '.join(gone.runs)}")
    if gone.also:
        print("note: these hold it too; to have one forgotten: cua memory forget ID")
    for each in gone.also:
        print(f"  {each.id}  {each.text}")
    for file in gone.files:
        print(f"note: this file holds it too; remove it yourself: {file}")
    for copy in gone.copies:
        print(f"note: a damaged record that was set aside has it or cannot be read; remove it yourself: {copy}")


@memory_app.command("export", epilog="Example: cua memory export memory.jsonl")
def memory_export(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The file to write; it must not be there yet.")],
    as_json: Json = False,
) -> None:
    """Write all that is remembered, as JSON lines."""
    from cua import memory_app as verbs

    counts = verbs.export(file)
    parts = ", ".join(f"{count} {kind}" for kind, count in counts.items())
    say(f"{file} holds {parts}", {"file": str(file)} | dict(counts), as_json)


def _print_items(kind: str, query: str, as_json: bool, none: str) -> None:
    from cua import memory_app as verbs

    found = verbs.items(kind, query)
    if as_json:
        for item in found:
            print_json({"kind": item.kind, "id": item.id, "text": item.text, **item.more})
        print_json({"outcome": "pass", "count": len(found)})
        return
    if not found:
        print(none)
    for each in verbs.KINDS:
        shown = [item for item in found if item.kind == each]
        if shown:
            print(f"{each}:")
        for item in shown:
            print(f"  {item.id}  {item.text}")
