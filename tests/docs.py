"""The generated blocks of the README: `python -m tests.docs` writes them anew, with --check it says if they are old."""

from __future__ import annotations

import ast
import difflib
import re
import sys
from pathlib import Path

import typer.main

from cua import errors
from cua.cli import main_app

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
_BLOCK = re.compile(r"(<!-- generated: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)


def main(args: list[str]) -> int:
    """0 if the page is up to date or was written, 1 if --check finds it old."""
    old = README.read_text("utf-8")
    new = _BLOCK.sub(lambda found: found[1] + BLOCKS[found[2]]() + found[3], old)
    if "--check" not in args:
        README.write_text(new, "utf-8")
        return 0
    sys.stdout.writelines(difflib.unified_diff(old.splitlines(True), new.splitlines(True), "README.md", "generated"))
    return int(old != new)


def verbs() -> str:
    """Each verb as it is typed, with what it does."""
    rows = ["| verb | |", "|---|---|"]
    for words, command in sorted(_commands(typer.main.get_command(main_app), ("cua",))):
        pieces = command.collect_usage_pieces(typer.Context(command))
        shown = [
            piece.strip("{}.").upper().replace("[[", "[").replace("]]", "]") for piece in pieces if piece != "[OPTIONS]"
        ]
        rows.append(f"| `{' '.join((*words, *shown))}` | {_first(command.help or '')} |")
    return "\n".join(rows) + "\n"


def _commands(command: object, words: tuple[str, ...]) -> list[tuple[tuple[str, ...], typer.core.TyperCommand]]:
    inner = getattr(command, "commands", None)
    if inner is None:
        assert isinstance(command, typer.core.TyperCommand)
        return [(words, command)]
    return [found for name, sub in inner.items() for found in _commands(sub, (*words, name))]


def module_map() -> str:
    """Each module with the first sentence of its docstring."""
    rows: list[str] = []
    for folder in ("cua", "cua/policies", "cua/memory", "cua/practice", "drivers", "sandbox_vms"):
        rows += ["", f"**`{folder}/`**", ""] if rows else [f"**`{folder}/`**", ""]
        for path in sorted((ROOT / folder).glob("*.py")):
            said = _first(ast.get_docstring(ast.parse(path.read_text("utf-8"))) or "")
            if path.name != "__init__.py":
                rows.append(f"- `{path.name}` {said}")
    return "\n".join(rows) + "\n"


def error_tree() -> str:
    """The tree drawn in errors.py."""
    drawn = (errors.__doc__ or "").split("\n\n")[1]
    return "\n" + drawn + "\n\n"


def _first(text: str) -> str:
    plain = " ".join(text.split("\n\n", maxsplit=1)[0].split())
    return re.split(r"(?<=[.!?])\s", plain)[0]


BLOCKS = {"verbs": verbs, "map": module_map, "errors": error_tree}

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
