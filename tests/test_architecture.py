"""The rules that hold everywhere, read from the sources: who may import whom, what is swallowed, printed, slept, named.

Each rule is a function over one parsed module, so that it is itself shown to see what it must.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
import tomllib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from functools import cache, cached_property
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
OURS = ("cua", "drivers", "sandbox_vms")
# what drivers and sandboxes speak of with the rest
SHARED = ("cua.core", "cua.errors", "cua.secret_words", "cua.traffic", "cua.codec", "cua.homes")
FILE_LINES = 350
# where another limit is the right one: the first pattern that fits counts
OTHER_FILE_LINES = {
    # the nouns refer to one another, and whoever reads one needs the rest: two files would be one page torn in half
    "cua/core.py": 400,
    # a list of promises is read from top to bottom, and no promise knows of another
    "tests/test_*.py": 650,
}
FUNCTION_LINES = 50

# the layers of DESIGN.md section 2, lowest first: each may import those below it and its own
LAYERS = (
    ("cua", "cua.core", "cua.errors", "cua.secret_words", "cua.homes"),
    (
        "cua.checks",
        "cua.evaluators",
        "cua.document_checks",
        "cua.documents",
        "cua.file_checks",
        "cua.spreadsheets",
        "cua.text_documents",
        "cua.probes",
        "cua.row_probes",
        "cua.bookkeeping",
        "cua.tables",
        "cua.run",
        "cua.config",
        "cua.screen",
        "cua.sealing",
        "cua.traffic",
        "cua.codec",
        "cua.page",
        "cua.secrets",
        "cua.troubles",
    ),
    ("cua.policies", "cua.memory", "cua.record", "cua.practice"),
    (
        "cua.doing",
        "cua.helping",
        "cua.hints",
        "cua.minds",
        "cua.on_page",
        "cua.seats",
        "cua.solving",
        "cua.replaying",
        "cua.deliveries",
        "cua.proving",
        "cua.remedies",
        "cua.effects",
        "cua.recording",
        "cua.given",
        "cua.hands",
        "cua.onward",
        "cua.astray",
        "cua.drafts",
        "cua.learning",
        "cua.tasks",
        "cua.exporting",
    ),
    (
        "cua.app",
        "cua.do_app",
        "cua.own_screens",
        "cua.workflows_app",
        "cua.tasks_app",
        "cua.practice_app",
        "cua.practice_worker",
        "cua.machines_app",
        "cua.images_app",
        "cua.memory_app",
    ),
    (
        "cua.daemon",
        "cua.__main__",
        "cua.cli",
        "cua.cli_workflows",
        "cua.cli_replay",
        "cua.cli_sandbox",
        "cua.cli_task",
        "cua.cli_export",
        "cua.cli_memory",
        "cua.cli_parts",
        "cua.cli_out",
        "cua.demo",
        "cua.demo_web",
        "cua.progress",
    ),
)
# two places may catch everything, because behind them is a person or a queue
WALLS = ("cua/daemon/*", "cua/practice/rounds.py")
PRINTERS = ("cua/cli.py", "cua/cli_*.py", "cua/demo.py", "cua/progress.py", "tests/*")
BROAD = ("Exception", "BaseException")

WELL_KNOWN = """
    abiword audacity calibre chrome chromium chromium-browser eog evince featherpad file-roller firefox galculator gedit
    gcalctool gimp gmail gnome-calculator gnome-terminal gnome-text-editor gnumeric google-chrome inkscape kate kcalc
    konsole krita kwrite leafpad libreoffice localc lowriter mousepad mpv nautilus nemo notepad okular openoffice
    pcmanfm photoshop pluma qalculate qalculate-gtk qterminal rhythmbox ristretto soffice spotify telegram thunar
    thunderbird vlc vscode whatsapp wordpad xed xfce4-terminal xterm youtube
"""
# the web driver drives this engine, by the names that its program has; that is no app that it knows about
ENGINE = frozenset({"chromium", "chromium-browser", "chrome", "google-chrome"})
# what a command line may begin with that is no app
LAUNCHERS = frozenset(
    {"env", "sh", "bash", "python", "python3", "java", "dbus-launch", "flatpak", "snap", "gtk-launch"}
)


@dataclass(frozen=True)
class Source:
    """One module of the tree, or one made up for a test of a rule."""

    path: str
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text)

    @property
    def module(self) -> str:
        return self.path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")

    def within(self, patterns: Iterable[str]) -> bool:
        return any(fnmatch(self.path, pattern) for pattern in patterns)


@cache
def sources(*folders: str) -> tuple[Source, ...]:
    paths = sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))
    return tuple(Source(path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8")) for path in paths)


# ------------------------------------------------------------------------------------------------ who imports whom


def imports(source: Source) -> Iterator[tuple[int, str]]:
    """Each imported module by its full name, wherever the import stands; `from a import b` may mean module a.b."""
    package = source.module.split(".") if source.path.endswith("__init__.py") else source.module.split(".")[:-1]
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            start = ".".join([*base, *([node.module] if node.module else [])])
            yield from ((node.lineno, f"{start}.{alias.name}") for alias in node.names)


def room(module: str) -> str:
    """What the layers speak of: a module or package right under `cua`, or a whole package beside it.

    A name that is imported from `cua` and is no module is of `cua` itself.
    """
    top, *rest = module.split(".")
    if top != "cua" or not rest:
        return top
    name = f"cua.{rest[0]}"
    there = (ROOT / "cua" / rest[0]).is_dir() or (ROOT / "cua" / f"{rest[0]}.py").is_file()
    return name if there or layer(name) is not None else "cua"


def layer(name: str) -> int | None:
    return next((height for height, entries in enumerate(LAYERS) if name in entries), None)


def wrong_imports(source: Source) -> Iterator[tuple[int, str]]:
    here = room(source.module)
    for line, there in sorted({(line, room(name)) for line, name in imports(source)}):
        ours = there in (*OURS, "tests") or there.startswith("cua.")
        if ours and not may_import(here, there):
            yield line, f"{here} may not import {there}"


def may_import(here: str, there: str) -> bool:
    if here == there:
        return here not in ("cua.core", "cua.errors")
    if here in ("drivers", "sandbox_vms"):
        return there in SHARED or (here, there) == ("sandbox_vms", "drivers")
    if there in ("drivers", "sandbox_vms"):
        return here in ("cua.app", "cua.own_screens", "cua.tasks_app", "cua.machines_app", "cua.images_app")
    low, high = layer(there), layer(here)
    return low is not None and high is not None and low <= high and high > 0


def last_name(node: ast.AST) -> str:
    """`sleep` and `time.sleep` are both "sleep"."""
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def broad_excepts(source: Source) -> Iterator[tuple[int, str]]:
    if source.within(WALLS):
        return
    for node in ast.walk(source.tree):
        caught: list[ast.expr] = []
        if isinstance(node, ast.ExceptHandler):
            caught = [node.type or ast.Name("BaseException")]
        elif isinstance(node, ast.Call) and last_name(node.func) == "suppress":
            caught = node.args
        names = {name for expr in caught for part in ast.walk(expr) for name in [last_name(part)] if name in BROAD}
        yield from ((getattr(node, "lineno", 0), f"catches {name}") for name in sorted(names))


def fixed_sleeps(source: Source) -> Iterator[tuple[int, str]]:
    """A sleep for a literal time; or for a named constant, unless a loop around it looks again."""
    if source.within(["tests/*"]):
        return
    loops = (node for node in ast.walk(source.tree) if isinstance(node, ast.While | ast.For))
    looped = {id(node) for loop in loops for node in ast.walk(loop)}
    for node in ast.walk(source.tree):
        if not isinstance(node, ast.Call) or last_name(node.func) != "sleep" or not node.args:
            continue
        names = [last_name(part) for part in ast.walk(node.args[0]) if isinstance(part, ast.Name | ast.Attribute)]
        if not names and ast.unparse(node.args[0]) != "0":
            yield node.lineno, f"sleeps for a fixed time: {ast.unparse(node)}"
        elif names and all(name.isupper() for name in names) and id(node) not in looped:
            yield node.lineno, f"sleeps for a fixed time outside of a loop: {ast.unparse(node)}"


def prints(source: Source) -> Iterator[tuple[int, str]]:
    if source.within(PRINTERS):
        return
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print":
            yield node.lineno, "prints; only the command line and the demo do"


def no_docstring(source: Source) -> Iterator[tuple[int, str]]:
    if not ast.get_docstring(source.tree):
        yield 1, "has no docstring that says what it is for"


def too_long(source: Source) -> Iterator[tuple[int, str]]:
    lines = len(source.text.splitlines())
    limit = next((most for pattern, most in OTHER_FILE_LINES.items() if source.within([pattern])), FILE_LINES)
    if lines > limit:
        yield 1, f"has {lines} lines; {limit} is the limit"
    for node in ast.walk(source.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > FUNCTION_LINES:
                yield node.lineno, f"{node.name} has {length} lines; {FUNCTION_LINES} is the limit"


@cache
def app_names() -> frozenset[str]:
    """The well-known ones, and whatever our own data describes."""
    names = set(WELL_KNOWN.split())
    for path in (ROOT / "sandbox_vms" / "apps").glob("*.toml"):
        entry = tomllib.loads(path.read_text(encoding="utf-8"))
        words = [entry.get("command", ""), entry.get("package", "")]
        firsts = {Path(word.split()[0]).name for word in words if isinstance(word, str) and word.split()}
        names |= {path.stem.lower()} | {first.lower() for first in firsts}
    return frozenset(names - LAUNCHERS)


def named_apps(source: Source) -> Iterator[tuple[int, str]]:
    names = app_names() - (ENGINE if source.within(["drivers/web*.py"]) else frozenset())
    pattern = re.compile(
        rf"(?<![\w-])({'|'.join(map(re.escape, sorted(names, key=len, reverse=True)))})(?![\w-])", re.I
    )
    for line, text in said(source):
        for hit in pattern.finditer(text):
            yield line + text.count("\n", 0, hit.start()), f"names the app {hit[1]!r}; what an app needs is data"


def said(source: Source) -> Iterator[tuple[int, str]]:
    """Every string and comment with its line."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str | bytes):
            text = node.value if isinstance(node.value, str) else node.value.decode(errors="replace")
            yield node.lineno, text
    for token in tokenize.generate_tokens(io.StringIO(source.text).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string


# ------------------------------------------------------------------------------------------------ the tests

Rule = Callable[[Source], Iterator[tuple[int, str]]]
EVERYWHERE: tuple[Rule, ...] = (broad_excepts, fixed_sleeps, prints, no_docstring, too_long)
IN_OURS: tuple[Rule, ...] = (wrong_imports, named_apps)


@pytest.mark.parametrize("rule", [*EVERYWHERE, *IN_OURS], ids=lambda rule: rule.__name__)
def test_no_module_breaks_the_rule(rule: Rule) -> None:
    judged = sources(*OURS) if rule in IN_OURS else sources(*OURS, "tests")
    found = [f"{source.path}:{line}: {what}" for source in judged for line, what in rule(source)]
    assert not found, "\n" + "\n".join(found)


def test_imports_between_rooms_point_one_way() -> None:
    graph: dict[str, set[str]] = {}
    for source in sources("cua"):
        here = room(source.module)
        graph.setdefault(here, set()).update(room(name) for _, name in imports(source) if room(name) != here)
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as exc:
        pytest.fail("these import each other: " + " <- ".join(exc.args[1]))


@pytest.mark.parametrize(
    ("rule", "path", "text"),
    [
        (wrong_imports, "cua/core.py", "import cua.errors"),
        (wrong_imports, "cua/run.py", "from cua.policies.replay import Replay"),
        (wrong_imports, "cua/memory/store.py", "def f():\n    from .. import app"),
        (wrong_imports, "cua/app.py", "from cua import cli"),
        (wrong_imports, "cua/cli.py", "import drivers.web"),
        (wrong_imports, "cua/cli.py", "from tests import docs"),
        (wrong_imports, "drivers/fake.py", "from cua.checks import parse"),
        (wrong_imports, "drivers/fake.py", "from sandbox_vms import places"),
        (wrong_imports, "sandbox_vms/places.py", "import cua.memory.store"),
        (broad_excepts, "cua/run.py", "try:\n    f()\nexcept:\n    pass"),
        (broad_excepts, "cua/run.py", "try:\n    f()\nexcept (OSError, builtins.Exception):\n    pass"),
        (broad_excepts, "tests/x.py", "with contextlib.suppress(BaseException):\n    f()"),
        (broad_excepts, "cua/practice/gate.py", "try:\n    f()\nexcept* Exception:\n    pass"),
        (fixed_sleeps, "drivers/web.py", "time.sleep(0.5)"),
        (fixed_sleeps, "drivers/web.py", "await asyncio.sleep(2 * 3)"),
        (fixed_sleeps, "drivers/web.py", "sleep(PAUSE)"),
        (prints, "cua/app.py", "print(1)"),
        (no_docstring, "cua/app.py", "x = 1"),
        (too_long, "cua/app.py", "\n" * (FILE_LINES + 1)),
        (too_long, "cua/core.py", "\n" * 401),
        (too_long, "tests/test_x.py", "\n" * 651),
        (too_long, "cua/app.py", "def f():\n" + "    x()\n" * FUNCTION_LINES),
        (named_apps, "cua/app.py", "x = f'the {1} Mousepad window'"),
        (named_apps, "cua/app.py", "x = 1  # as in gnome-calculator"),
        (named_apps, "drivers/desktop.py", "x = 'chromium'"),
    ],
)
def test_a_rule_sees_what_breaks_it(rule: Rule, path: str, text: str) -> None:
    assert list(rule(Source(path, text)))


@pytest.mark.parametrize(
    ("rule", "path", "text"),
    [
        (
            wrong_imports,
            "cua/policies/replay.py",
            "import json\nfrom cua.memory import store\nfrom cua.core import Step",
        ),
        (wrong_imports, "cua/app.py", "import drivers.web, sandbox_vms\nfrom cua import __version__"),
        (wrong_imports, "sandbox_vms/places.py", "from drivers import fake\nfrom . import apps"),
        (broad_excepts, "cua/daemon/server.py", "try:\n    f()\nexcept Exception:\n    pass"),
        (broad_excepts, "cua/run.py", "try:\n    f()\nexcept CuaError as exc:\n    raise Exception from exc"),
        (fixed_sleeps, "drivers/web.py", "while not ready():\n    sleep(PAUSE)"),
        (fixed_sleeps, "drivers/web.py", "sleep(min(pause, left))"),
        (prints, "cua/cli.py", "print(1)"),
        (too_long, "tests/test_x.py", "\n" * 650),
        (named_apps, "drivers/web.py", "x = 'chromium'"),
        (named_apps, "cua/app.py", "x = 'locate the mousepads by the unchromed edge'"),
    ],
)
def test_a_rule_lets_the_rest_be(rule: Rule, path: str, text: str) -> None:
    assert not list(rule(Source(path, text)))
