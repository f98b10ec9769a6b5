"""Recording and replaying from the command line: a real browser, real pages and a real keyring file on this machine.

The person is another process at the display: its clicks and keys are X events, as a hand's would be.
"""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import mss
import pytest

from cua import app, given, secrets, workflows_app
from cua.cli import main_app
from cua.config import paths
from cua.core import Click, Element, Fill, Observation, Point, Task
from cua.errors import CuaError, UsageError
from cua.memory import versions
from cua.memory.workflows import Act, Each, Mark, Param, Workflow
from cua.policies.script import Script
from cua.record import files
from cua.record.compile import compile
from cua.recording import READY, Signs
from cua.run import run
from drivers.x11 import X11
from drivers.x11_input import XTest
from sandbox_vms import lasting
from tests.browsers import browsing
from tests.sandboxes import installed
from tests.served import serving
from tests.waiting import LIMIT, awaited

CUA = (sys.executable, "-c", "from cua.cli import main; main()")
SECRET = "hunter2-Geheim!"
COLOURS = {
    "first": (0x0A, 0xC8, 0x5A),
    "city": (0xC8, 0x0A, 0x5B),
    "pw": (0x5A, 0x0A, 0xC9),
    "save": (0xC7, 0x90, 0x0B),
}


@dataclass
class Shop:
    """A page with a form, what was saved by it, and how slowly it answers."""

    port: int
    saved: list[tuple[str, str, str]] = field(default_factory=list)
    fields: str = "first"
    slow: threading.Event | None = None
    closed: bool = False

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/"

    @property
    def form(self) -> str:
        colour = {name: "#" + bytes(rgb).hex() for name, rgb in COLOURS.items()}
        return f"""<!doctype html><title>Customers</title><style>body {{ margin: 0; font: 20px sans-serif }}
            label {{ display: block; margin: 30px }} input {{ width: 300px; height: 34px; border: 0 }}
            button {{ background: {colour["save"]}; color: {colour["save"]}; width: 200px; height: 60px; border: 0 }}
            </style><form method=post action=/save>
            <label>First name <input id="{self.fields}" name=first style="background: {colour["first"]}"></label>
            <label>City <input id=city name=city style="background: {colour["city"]}"></label>
            <label>Password <input id=pw name=pw type=password style="background: {colour["pw"]}"></label>
            <button>Save</button></form>"""

    @property
    def list(self) -> str:
        rows = "".join(f"<tr><td>{first}</td><td>{city}</td></tr>" for first, city, _ in self.saved[-1:])
        return f"<!doctype html><title>Saved</title><h1>Saved</h1><table>{rows}</table>"


@pytest.fixture
def shop() -> Iterator[Shop]:
    class Pages(BaseHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:
            pass

        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write((found.list if self.path == "/done" or found.closed else found.form).encode())

        def do_POST(self) -> None:
            given = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
            found.saved.append(tuple(given.get(name, [""])[0] for name in ("first", "city", "pw")))  # type: ignore[arg-type]
            if found.slow:
                found.slow.wait(LIMIT)
            self.send_response(303)
            self.send_header("Location", "/done")
            self.end_headers()

    with serving(Pages) as port:
        found = Shop(port)
        yield found
        if found.slow:
            found.slow.set()


def named(now: Observation, name: str) -> Element:
    """The element of that name."""
    return next(e for e in now.elements if e.name == name)


@pytest.fixture
def kept(shop: Shop) -> Workflow:
    """A workflow over the form, kept as "customer", made of a run of our own."""
    script = Script(
        lambda now: Fill(named(now, "First name"), "Ada"),
        lambda now: Fill(named(now, "City"), "London"),
        lambda now: Click(named(now, "Save")),
    )
    with app.record() as store:
        with browsing(shop.url) as driver:
            shown = run(Task("shown", "add a customer"), driver, script, store)
        store.flush()
        return versions.keep(store, compile(shown, "customer", on="web").workflow)


def cua(*arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*CUA, *arguments], capture_output=True, text=True, check=False, env=os.environ | more)


def refused(*arguments: str) -> CuaError:
    """The error that ends these arguments, before anything is printed of a result."""
    with pytest.raises(CuaError) as caught:
        main_app(list(arguments), prog_name="cua", standalone_mode=False)
    return caught.value


def changed(kept: Workflow, **parts: Any) -> Path:
    """The workflow with other parts, as a file."""
    path = paths().data / "changed.toml"
    files.save(replace(kept, **parts), path)
    return path


# ---------------------------------------------------------------------------------------------- record


@dataclass
class Person:
    """A second party at the display, who sees colours and has a mouse and a keyboard."""

    display: str

    def __post_init__(self) -> None:
        self.x11 = X11(self.display)
        self.hands = XTest(self.x11)

    def sees(self, colour: tuple[int, int, int]) -> Point:
        """Where a patch of this colour begins, once there is one."""

        def patch() -> Point | None:
            shot = eyes.grab(eyes.monitors[0])
            at = shot.rgb.find(bytes(colour) * 20)
            row, column = divmod(at // 3, shot.width)
            return Point(column + 12, row + 12) if at >= 0 and at % 3 == 0 else None

        with mss.MSS(display=self.display) as eyes:
            return awaited(patch, f"{colour} on the screen")

    def attends(self) -> None:
        """Gives the browser's window the keyboard, once it shows the page."""
        self.hands.click(self.sees(COLOURS["first"]))
        for window in self.x11.windows():
            if not window.popup:
                self.x11.focus(window)

    def writes(self, colour: tuple[int, int, int], text: str) -> None:
        self.hands.click(self.sees(colour))
        self.hands.type(text)

    def close(self) -> None:
        self.x11.close()


@dataclass
class Going:
    """`cua record` in a process of its own, with what it has printed."""

    process: subprocess.Popen[str]
    lines: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.reading = threading.Thread(target=self._read, daemon=True)
        self.reading.start()

    def _read(self) -> None:
        assert self.process.stdout
        with self.process.stdout:
            self.lines.extend(self.process.stdout)

    def says(self, text: str) -> None:
        awaited(lambda: list(self.lines), f"{text!r} is said", lambda lines: any(text in line for line in lines))


@pytest.fixture
def person(xvfb: str) -> Iterator[Person]:
    found = Person(xvfb)
    yield found
    found.close()


@pytest.fixture
def start() -> Iterator[Callable[..., Going]]:
    """Starts `cua` beside the test; what still runs at its end is ended."""
    began: list[Going] = []

    def run_beside(*arguments: str, **more: str) -> Going:
        process = subprocess.Popen([*CUA, *arguments], env=os.environ | more, stdout=subprocess.PIPE, text=True)
        began.append(Going(process))
        return began[-1]

    yield run_beside
    for going in began:
        if going.process.poll() is None:
            going.process.terminate()
        going.process.wait(LIMIT)
        going.reading.join(LIMIT)


def test_what_a_person_shows_in_a_browser_is_done_again_with_other_values(
    shop: Shop, person: Person, start: Callable[..., Going], cua_home: Path, tmp_path: Path
) -> None:
    going = start("record", "customer", "--on", shop.url, DISPLAY=person.display)
    going.says(READY)
    person.attends()
    person.writes(COLOURS["first"], "Ada")
    person.writes(COLOURS["city"], "London")
    person.writes(COLOURS["pw"], SECRET)
    going.says("fill textbox 'City' = 'London'")
    person.hands.click(person.sees(COLOURS["save"]))
    going.says("click button 'Save'")
    ended = cua("record", "--stop")
    assert (ended.returncode, ended.stdout) == (0, "customer: ended\n")
    assert going.process.wait(LIMIT) == 0, going.lines
    assert shop.saved == [("Ada", "London", SECRET)]
    assert not any(SECRET in line for line in going.lines)

    values = ("--param", "first-name=Grace", "--param", "city=Paris")
    there = {"CUA_SECRET_PASSWORD": "other-Geheim"}
    report = tmp_path / "report.html"
    done = cua("replay", "customer", *values, "--json", "--report", str(report), **there)
    result = json.loads(done.stdout.splitlines()[-1])
    assert (done.returncode, result["outcome"], result["proof"]) == (0, "pass", "screen"), done.stderr
    assert shop.saved[1:] == [("Grace", "Paris", "other-Geheim")]
    page = report.read_text(encoding="utf-8")
    assert "Grace" in page
    assert "Passed" in page
    on_disk = b"".join(path.read_bytes() for path in cua_home.rglob("*") if path.is_file())
    for text in (SECRET, "other-Geheim"):
        assert text.encode() not in on_disk
        assert text not in page + done.stdout + done.stderr


def test_ctrl_c_keeps_what_was_shown_and_leaves_no_browser(
    shop: Shop, person: Person, start: Callable[..., Going]
) -> None:
    going = start("record", "half", "--on", shop.url, DISPLAY=person.display)
    going.says(READY)
    person.attends()
    person.writes(COLOURS["first"], "Ada")
    person.hands.click(person.sees(COLOURS["city"]))
    going.says("fill textbox 'First name' = 'Ada'")
    going.process.send_signal(signal.SIGINT)
    assert going.process.wait(LIMIT) == 0, going.lines
    assert [act.do for act in workflows_app.workflow("half").acts()][:1] == ["fill"]
    assert Signs(paths().data).now() == ""
    assert not [window for window in person.x11.windows() if not window.popup]


@pytest.fixture
def sandbox() -> Iterator[str]:
    """The name of a lasting sandbox with an editor, as at its start."""
    name = f"test-record-{os.getpid()}"
    lasting.create(installed(), name=name).close()
    yield name
    lasting.remove(name)


def test_what_a_person_shows_in_a_sandbox_is_done_again_and_proven_by_its_world(
    sandbox: str, start: Callable[..., Going], capsys: pytest.CaptureFixture[str]
) -> None:
    there = lasting.attach(sandbox)
    now = there.driver.observe(frame=False)
    there.close()
    text = next(e.box for e in now.elements if e.role == "textbox" and "multiline" in e.states)
    menu = next(e.box for e in now.elements if e.role == "menu" and e.name == "Document")
    assert text is not None
    assert menu is not None
    going = start("record", "letter", "--on", sandbox)
    going.says(f"cua sandbox show {sandbox}")
    going.says(READY)
    assert cua("sandbox", "exec", sandbox, "--", "echo", "heard").stdout == "heard\n"
    editor = Person(next(entry.display for entry in lasting.list_all() if entry.name == sandbox))
    editor.hands.click(text.centre)
    editor.hands.type("Dear Ada")
    editor.hands.click(menu.centre)
    going.says("click menu 'Document'")
    awaited(lambda: any(window.popup for window in editor.x11.windows()), "the menu")
    editor.hands.press("Down")
    editor.hands.press("Return")
    going.says("press Return")
    editor.close()
    assert cua("record", "--stop").returncode == 0
    assert going.process.wait(LIMIT) == 0, going.lines

    (param,) = workflows_app.workflow("letter").params
    lasting.attach(sandbox, reset=True).close()
    wish = ("replay", "letter", "--on", sandbox, "--param", f"{param.name}=Dear Grace", "--json")
    assert main_app(list(wish), standalone_mode=False) == 0
    result = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (result["outcome"], result["proof"]) == ("pass", "world"), result["saying"]
    there = lasting.attach(sandbox)
    shown = [e.value for e in there.driver.observe(frame=False).elements if e.role == "textbox"]
    there.close()
    assert "Dear Grace" in shown


def test_a_name_that_is_taken_is_refused_before_a_browser_starts(kept: Workflow) -> None:
    error = refused("record", "customer", "--on", "web")
    assert isinstance(error, UsageError)
    assert "--force" in str(error)


def test_without_a_display_nothing_is_recorded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    for target in ("web", "desktop"):
        error = refused("record", "x", "--on", target)
        assert error.exit_code == 4
        assert "desktop session" in str(error)


def test_nobody_is_told_to_stop_when_nothing_is_recorded(cua_home: Path) -> None:
    (paths().data / "recording.lock").write_text("left by a process that was killed")
    assert "nothing is being recorded" in str(refused("record", "--stop"))


def test_two_recordings_at_once_are_refused_and_a_sign_is_heard_once() -> None:
    signs = Signs(paths().data)
    (paths().data / "recording.stop").touch()  # left by a recording that ended before it read it
    with signs.alone("first"):
        assert not signs.heard("stop")
        with pytest.raises(UsageError, match="'first' is being recorded"), signs.alone("second"):
            pass
        assert Signs(paths().data).tell("pause") == "first"
        assert [signs.heard("pause"), signs.heard("pause")] == [True, False]
    assert signs.now() == ""


# ---------------------------------------------------------------------------------------------- replay


def test_a_dry_run_acts_on_nothing_and_says_what_it_cannot_reach(
    kept: Workflow, shop: Shop, capsys: pytest.CaptureFixture[str]
) -> None:
    before = list(shop.saved)
    behind = Act("behind", "click", Mark("button", "Receipt"))
    path = changed(kept, steps=(*kept.steps, behind))
    code = main_app(["replay", str(path), "--dry-run"], standalone_mode=False)
    said = capsys.readouterr().out
    assert (code, shop.saved) == (0, before)
    assert said.count("found ") >= 3
    assert "not reachable without acting" in said
    assert "pass: 3 of 4 targets found on the screen that shows; 1 lies behind acts" in said
    first = changed(kept, steps=(behind, *kept.steps))
    assert main_app(["replay", str(first), "--dry-run"], standalone_mode=False) == 3
    assert "refused: 3 of 4 targets found on the screen that shows; step behind" in capsys.readouterr().out


def test_rows_of_a_file_are_done_one_by_one(kept: Workflow, shop: Shop, tmp_path: Path) -> None:
    first, city, save = kept.acts()
    steps = (
        replace(first, text="${people.name}", expect=()),
        replace(city, text="${people.city}", expect=()),
        replace(save, expect=(save.expect[0],)),
        Act("back", "open", text=shop.url),
    )
    path = changed(kept, steps=(Each("all", "people", steps),), params=(Param("people", "rows"),))
    table = tmp_path / "people.csv"
    table.write_text('name,city\n"Bo, jr.",Rome\nCy,Oslo\n', encoding="utf-8")
    before = len(shop.saved)
    found = workflows_app.replay_workflow(
        given.Wish(str(path), {"people": str(table)}), told=lambda trod: None, stop=threading.Event()
    )
    assert found.replayed.outcome == "pass", found.replayed.saying
    assert [row[:2] for row in shop.saved[before:]] == [("Bo, jr.", "Rome"), ("Cy", "Oslo")]


ROWS = [
    ("name,city\nBo\n", "line 2: the column 'city' is missing"),
    ("name,city\nBo,Rome,more\n", "line 2: column 3 ('more') is one too many"),
    ("name\nBo\n", "there is no column 'city'"),
    ("name,name,city\n", "two columns are called 'name'"),
    ('name,city\n"Bo,Rome\n', "line 2"),
    ("", "has no header"),
]


@pytest.mark.parametrize(("text", "said"), ROWS, ids=[case[1] for case in ROWS])
def test_rows_that_do_not_fit_are_named_by_line_and_column(shop: Shop, tmp_path: Path, text: str, said: str) -> None:
    step = Act("say", "press", text="${people.city}${people.name}")
    path = tmp_path / "each.toml"
    files.save(Workflow("each", "web", (Each("all", "people", (step,)),), params=(Param("people", "rows"),)), path)
    table = tmp_path / "people.csv"
    table.write_text(text, encoding="utf-8")
    error = refused("replay", str(path), "--param", f"people={table}")
    assert error.exit_code == 2
    assert said in str(error)


def test_a_target_found_another_way_becomes_a_candidate_that_a_clean_replay_clears(kept: Workflow, shop: Shop) -> None:
    shop.fields = "vorname"
    done = cua("replay", "customer")
    assert (done.returncode, "kept as version 2" in done.stdout) == (0, True), done.stdout + done.stderr
    assert "no clean replay" in str(refused("workflows", "promote", "customer", "2"))
    clean = cua("replay", "customer", "--version", "2", "--report", "/proc/none/report.html")
    assert (clean.returncode, "note: there is no report" in clean.stdout) == (0, True), clean.stdout + clean.stderr
    with closing(sqlite3.connect(paths().record)) as known:
        assert known.execute("SELECT passed FROM action_runs").fetchall() == [(1,), (1,)]
    assert main_app(["workflows", "promote", "customer", "2"], standalone_mode=False) is None
    assert workflows_app.workflow("customer").version == 2
    back = cua("workflows", "rollback", "customer")
    assert back.stdout == "customer is at version 1 again; to take that back: cua workflows promote customer 2\n"
    assert workflows_app.workflow("customer").version == 1
    assert main_app(["workflows", "promote", "customer", "2"], standalone_mode=False) is None
    assert workflows_app.workflow("customer").version == 2


def test_ctrl_c_in_the_last_step_of_a_replay_lets_its_end_be_seen_and_leaves_no_process(
    kept: Workflow, shop: Shop, start: Callable[..., Going]
) -> None:
    shop.slow = threading.Event()
    going = start("replay", "customer", "--watch")
    awaited(lambda: shop.saved[1:], going.lines)
    going.process.send_signal(signal.SIGINT)
    shop.slow.set()
    assert going.process.wait(LIMIT) == 0, going.lines
    going.says("click-save")
    going.says("pass (by what showed)")


def test_a_replay_that_was_killed_tells_which_step_was_last_and_that_its_effect_is_not_known(
    kept: Workflow, shop: Shop, capsys: pytest.CaptureFixture[str]
) -> None:
    shop.slow = threading.Event()
    victim = subprocess.Popen([*CUA, "replay", "customer"], stdout=subprocess.PIPE, start_new_session=True)
    awaited(lambda: shop.saved[1:], "a second customer")
    os.killpg(victim.pid, signal.SIGKILL)
    victim.communicate()
    with app.record() as store:
        (latest, *_) = store.runs(1)
    main_app(["runs", "show", latest.id], standalone_mode=False)
    said = capsys.readouterr().out
    assert "last step: step click-save (what came of it is not known)" in said
    assert "look whether it was done" in said


# ---------------------------------------------------------------------------------------------- bad input


def test_what_cannot_be_replayed_is_one_error_with_the_next_step(
    kept: Workflow, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    damaged, newer = tmp_path / "damaged.toml", tmp_path / "newer.toml"
    damaged.write_text("name = \n", encoding="utf-8")
    newer.write_text('format = 99\nname = "x"\n', encoding="utf-8")
    number = changed(kept, params=(replace(kept.params[0], kind="number", default=None), *kept.params[1:]))
    first = kept.params[0].name
    cases = {
        ("replay", str(damaged)): "line 1",
        ("replay", str(newer)): "Update cua",
        ("replay", str(tmp_path / "none.toml")): "cannot read",
        ("replay", "no such workflow"): "cua workflows list",
        ("replay", "customer", "--version", "7"): "has no version 7",
        ("replay", "customer", "--param", "colour=red"): "no parameter 'colour'",
        ("replay", "customer", "--param", "colour"): "NAME=VALUE",
        ("replay", "customer", "--param", "first-name=a", "--param", "first_name=b"): "in two spellings",
        ("replay", str(number)): "--param",
        ("replay", str(number), "--param", f"{first}=many"): "a number",
        ("replay", "customer", "--on", "no-such-app-anywhere"): "name an installed command",
        ("workflows", "show", "custmer"): "close: customer",
        ("workflows", "import", str(damaged)): "line 1",
        ("workflows", "compile", "no-such-run", "x"): "cua runs list",
        ("record",): "cua record NAME",
        ("record", "../x"): "no name for a workflow",
        ("record", "x", "--on", "localhost:1"): "http://localhost:1",
        ("record", "x", "--on", "no-such-sandbox"): "cua sandbox create",
        ("replay", "customer", "--on", "[::1]:8000/a"): "http://[::1]:8000/a",
    }
    for arguments, said in cases.items():
        error = refused(*arguments)
        assert (error.exit_code, said in str(error)) == (2, True), f"{arguments}: {error}"
    assert capsys.readouterr().out == ""


def test_a_missing_secret_is_told_before_a_browser_starts(kept: Workflow) -> None:
    path = changed(kept, params=(replace(kept.params[0], kind="secret", default=None), *kept.params[1:]),
                   steps=tuple(replace(act, expect=()) for act in kept.acts()))  # fmt: skip
    name = kept.params[0].name
    error = refused("replay", str(path))
    assert error.exit_code == 2
    assert f"CUA_SECRET_{name.upper()}" in str(error)
    assert "command line can be read by others" in str(refused("replay", str(path), "--param", f"{name}=x"))


def test_a_screen_that_is_not_the_recorded_one_halts_before_the_first_act(kept: Workflow, shop: Shop) -> None:
    shop.closed = True
    before = list(shop.saved)
    done = cua("replay", str(changed(kept, steps=tuple(kept.acts())[2:])), "--json")
    result = json.loads(done.stdout.splitlines()[-1])
    assert (done.returncode, result["outcome"], shop.saved) == (3, "refused", before)
    assert "click-save" in result["saying"]
    assert Path(result["report"]).is_file()


# ---------------------------------------------------------------------------------------------- kept, out and in


def test_a_workflow_goes_out_and_comes_in_again(kept: Workflow, tmp_path: Path) -> None:
    for to in ("toml", "json", "playwright", "skill"):
        found = workflows_app.take_out("customer", to, tmp_path / to)
        assert found
        assert all(path.stat().st_size for path in found)
    (file,) = (tmp_path / "toml").iterdir()
    assert "--force" in str(refused("workflows", "import", str(file)))
    assert main_app(["workflows", "import", str(file), "--name", "copy"], standalone_mode=False) is None
    assert replace(workflows_app.workflow("copy"), name="customer") == kept


EDITOR = """#!{python}
import pathlib, sys
draft = pathlib.Path(sys.argv[1])
tail = pathlib.Path(__file__ + ".tail").read_text()
draft.write_text(draft.read_text().replace("London", "Lima") + tail)
"""


def test_an_edit_that_makes_no_sense_is_not_lost(
    kept: Workflow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    editor = tmp_path / "editor"
    editor.write_text(EDITOR.format(python=sys.executable), encoding="utf-8")
    editor.chmod(0o755)
    tail = tmp_path / "editor.tail"
    monkeypatch.setenv("VISUAL", str(editor))
    tail.write_text("[[steps]\n")
    error = refused("workflows", "edit", "customer")
    assert "to drop it and begin anew: cua workflows edit customer --fresh" in str(error)
    (draft,) = (paths().data / "drafts").iterdir()
    assert "Lima" in draft.read_text(encoding="utf-8")
    draft.write_text(draft.read_text(encoding="utf-8").removesuffix("[[steps]\n"), encoding="utf-8")
    tail.write_text("")
    assert main_app(["workflows", "edit", "customer"], standalone_mode=False) is None
    assert [param.default for param in workflows_app.workflow("customer").params] == ["Ada", "Lima"]
    assert workflows_app.workflow("customer").version == 2
    assert not draft.exists()
    draft.write_text("what makes no sense", encoding="utf-8")
    editor.write_text("#!/bin/true", encoding="utf-8")
    assert main_app(["workflows", "edit", "customer", "--fresh"], standalone_mode=False) is None
    assert workflows_app.workflow("customer").version == 2


def test_a_replay_that_a_doubtful_step_stops_says_how_to_mend_it(kept: Workflow) -> None:
    act = next(kept.acts())
    doubted = replace(kept, steps=(replace(act, doubt="it came too quick"), *kept.steps[1:]))
    with app.record() as store:
        versions.keep(store, doubted)
    assert str(refused("replay", "customer")).endswith(". Next: cua workflows edit customer")
    path = changed(doubted)
    assert str(refused("replay", str(path))).endswith(f". Next: edit {path}")


def test_what_is_kept_can_be_listed_shown_and_taken_away(kept: Workflow, capsys: pytest.CaptureFixture[str]) -> None:
    for verb in (("list",), ("show", "customer"), ("history", "customer"), ("schema",), ("rm", "customer")):
        assert main_app(["workflows", *verb], standalone_mode=False) is None
        assert capsys.readouterr().out
    assert refused("workflows", "show", "customer").exit_code == 2


# ---------------------------------------------------------------------------------------------- secrets

KEYRING = '''
"""A keyring in a file, for tests: small and true."""
import json, os, pathlib
from keyring.backend import KeyringBackend
from keyring.errors import PasswordDeleteError
class Filed(KeyringBackend):
    priority = 1
    path = pathlib.Path(os.environ["CUA_HOME"]) / "ring.json"
    def _all(self): return json.loads(self.path.read_text()) if self.path.exists() else {}
    def _put(self, found): self.path.write_text(json.dumps(found))
    def get_password(self, service, username): return self._all().get(f"{service}/{username}")
    def set_password(self, service, username, password): self._put({**self._all(), f"{service}/{username}": password})
    def delete_password(self, service, username):
        found = self._all()
        if found.pop(f"{service}/{username}", None) is None: raise PasswordDeleteError("none")
        self._put(found)
'''


def test_a_secret_is_kept_in_the_keyring_and_shown_nowhere(cua_home: Path, tmp_path: Path) -> None:
    (tmp_path / "filed_ring.py").write_text(KEYRING, encoding="utf-8")
    cua_home.mkdir(exist_ok=True)
    ring = {"PYTHON_KEYRING_BACKEND": "filed_ring.Filed", "PYTHONPATH": f"{tmp_path}:{os.getcwd()}"}  # noqa: PTH109
    env = os.environ | ring
    given = subprocess.run(
        [*CUA, "secret", "set", "password"], input=f"{SECRET}\n", text=True, capture_output=True, env=env, check=False
    )
    assert (given.returncode, SECRET in given.stdout + given.stderr) == (0, False), given.stderr
    asked = [*CUA[:2], "from cua import secrets; print(secrets.read('password') == " + repr(SECRET) + ")"]
    assert subprocess.run(asked, text=True, capture_output=True, env=env, check=False).stdout == "True\n"
    assert cua("secret", "list", **ring).stdout == "password\n"
    assert cua("secret", "rm", "password", **ring).returncode == 0
    assert cua("secret", "rm", "password", **ring).returncode == 2
    left = [path for path in cua_home.rglob("*") if path.is_file() and path.name != "ring.json"]
    assert not [path for path in left if SECRET.encode() in path.read_bytes()]


def test_the_environment_goes_before_the_keyring(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUA_SECRET_API_KEY", "from here")
    assert secrets.read("api-key") == "from here"
    with pytest.raises(UsageError, match="no name for a secret"):
        secrets.checked("a b")
