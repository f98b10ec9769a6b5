"""Runs one bench and prints its figures as they come: python -m tests.bench NAME [--json] [ARGUMENTS].

A bench is a module beside this one, imported only when it is named. Its docstring's first line says what it measures,
and it has one function:

    def rows(args: list[str]) -> Iterable[Row]: ...

which yields each figure as soon as it is known. `args` is what stands after the name, without --json. Exit codes:
0 every bar holds, 1 one does not, 2 no such bench, 4 our own trouble (also when there was no figure at all).
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable
from importlib import import_module
from pathlib import Path

from cua.errors import CuaError, UsageError
from tests.bench.rows import Row, as_json, as_line, heading


def main(argv: list[str]) -> int:
    """Run the bench that `argv` names; without a name, list them."""
    known = benches()
    if not argv:
        print("\n".join(f"{name:<16}  {purpose}" for name, purpose in known.items()))
        return 0
    name, args = argv[0].replace("-", "_"), [arg for arg in argv[1:] if arg != "--json"]
    try:
        if name not in known:
            raise UsageError(f"there is no bench {name!r}; there are: {', '.join(known)}")
        return show(import_module(f"tests.bench.{name}").rows(args), as_objects="--json" in argv[1:])
    except CuaError as exc:
        print(f"bench {name}: {exc}", file=sys.stderr)
        return exc.exit_code
    except KeyboardInterrupt:
        return 130


def benches() -> dict[str, str]:
    """The name of each bench, and the first line of its docstring, read without importing it."""
    found = {}
    for path in sorted(Path(__file__).parent.glob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        if any(isinstance(node, ast.FunctionDef) and node.name == "rows" for node in tree.body):
            found[path.stem] = (ast.get_docstring(tree) or "").partition("\n")[0]
    return found


def show(rows: Iterable[Row], *, as_objects: bool) -> int:
    """Print each row as it comes; the exit code says whether every bar holds."""
    holds: list[bool] = []
    for row in rows:
        if not as_objects and not holds:
            print(heading())
        print(as_json(row) if as_objects else as_line(row), flush=True)
        holds.append(row.holds)
    if not holds:
        print("this bench gave no figure", file=sys.stderr)
        return 4
    return 0 if all(holds) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
