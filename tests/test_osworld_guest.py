"""A machine at an address, with our guest agent in it, spoken to by nothing but OSWorld's routes.

pyautogui in it is the real one, over a real display.
"""

from __future__ import annotations

import importlib.util
import json
import selectors
import socket
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from socketserver import BaseRequestHandler, ThreadingTCPServer
from threading import Thread

import pytest

from cua.core import Click, Drag, Element, Fill, Invoke, Move, Observation, Point, Press, Run, Scroll, Task, Type, Wait
from cua.errors import SandboxError, UsageError
from cua.tasks.machine import Machine
from cua.tasks.osworld import load
from cua.tasks.running import Result, attempt
from cua.tasks_app import run_tasks
from sandbox_vms.osworld import OSWorld
from tests.guests import TOKEN, Guest, guested
from tests.sandboxes import installed, with_gtk
from tests.waiting import awaited

_PACKAGES = ("pyautogui", "pyscreeze", "pytweening", "pymsgbox", "Xlib")
_INSIDE = "/tmp/agent"

OTHER = """
import gi
gi.require_version("Gtk", "3.0")
from gi.repository import GLib, Gtk
GLib.set_prgname("other")
window = Gtk.Window(title="Other one", default_width=300, default_height=200)
window.connect("destroy", Gtk.main_quit)
box = Gtk.Box(orientation=Gtk.Orientation.VERTICAL)
window.add(box)
box.add(Gtk.Entry())
button = Gtk.Button(label="Count: 0")
counted = []
def count(button):
    counted.append(1)
    button.set_label("Count: %d" % len(counted))
button.connect("clicked", count)
box.add(button)
window.show_all()
Gtk.main()
"""


@contextmanager
def forwarded(path: Path) -> Iterator[str]:
    """The address of a port that leads to the socket at this path."""

    class Forward(BaseRequestHandler):
        def handle(self) -> None:
            with socket.socket(socket.AF_UNIX) as there, selectors.DefaultSelector() as ready:
                there.connect(str(path))
                ready.register(there, selectors.EVENT_READ, self.request)
                ready.register(self.request, selectors.EVENT_READ, there)
                while True:
                    for key, _ in ready.select():
                        assert isinstance(key.fileobj, socket.socket)
                        data = key.fileobj.recv(1 << 16)
                        if not data:
                            return
                        key.data.sendall(data)

    with ThreadingTCPServer(("127.0.0.1", 0), Forward) as server:
        server.daemon_threads = True
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()


def _with_pyautogui(guest: Guest) -> None:
    """Put it where the agent's Python finds it, as OSWorld's images have it, with the authority file that it wants."""
    with tempfile.TemporaryFile() as file:
        with tarfile.open(fileobj=file, mode="w") as archive:
            for name in _PACKAGES:
                _add(archive, name)
        file.seek(0)
        unpack = ("sh", "-c", f"touch ~/.Xauthority && tar x -C {_INSIDE}")
        done = guest.sandbox.tree.exec(unpack, seconds=60, given=file.fileno())
    assert done.code == 0, done.err


def _add(archive: tarfile.TarFile, name: str) -> None:
    spec = importlib.util.find_spec(name)
    if spec is None or spec.origin is None:
        pytest.skip(f"no {name} to put into the machine")
    there = Path(spec.origin)
    package = there.parent if spec.submodule_search_locations else there
    archive.add(package, package.name)


@pytest.fixture(scope="module")
def guest() -> Iterator[Guest]:
    with guested(installed()) as made:
        _with_pyautogui(made)
        yield made


@pytest.fixture(scope="module")
def where(guest: Guest) -> Iterator[str]:
    with forwarded(guest.socket) as address:
        yield address


@pytest.fixture
def machine(guest: Guest, where: str) -> Iterator[OSWorld]:
    with closing(OSWorld(f"cua:{TOKEN}@{where}")) as made:
        made.driver.act(Press("Escape"))
        yield made


@pytest.fixture
def other(machine: OSWorld) -> Iterator[str]:
    """A second window's title."""
    machine.launch((with_gtk("3.0"), "-c", OTHER))
    awaited(lambda: _windows(machine).get("Other one"), "it shows")
    yield "Other one"
    for window in machine.windows():
        if window.title == "Other one":
            machine.close_window(window.id)
    awaited(lambda: [*_windows(machine)], "it is gone", lambda titles: "Other one" not in titles)


def _windows(machine: OSWorld) -> dict[str, int]:
    return {window.title: window.id for window in machine.windows()}


def look(machine: OSWorld) -> Observation:
    return machine.driver.observe(frame=False)


def document(now: Observation) -> Element:
    return next(e for e in now.elements if {"multiline", "editable", "showing"} <= e.states and e.role == "textbox")


def written(machine: OSWorld, text: str) -> None:
    """Wait until the app has taken all keys in: it may be slower than they come."""
    awaited(lambda: document(look(machine)).value, f"{text[-40:]!r} is written", lambda said: said == text)


def sha(machine: OSWorld) -> str:
    frame = machine.driver.observe().frame
    assert frame is not None
    return frame.sha


# ---------------------------------------------------------------------------------------------- looks


def test_a_look_is_what_the_agents_own_look_is(machine: OSWorld, guest: Guest) -> None:
    """Over OSWorld's routes the same buttons and menus are seen at the same places."""
    seen, (_, own) = machine.driver.observe(), guest.remote.do()
    assert own is not None
    assert (seen.place, seen.partial) == (own.place, False)
    kinds = ("window", "menu", "menuitem", "menuitemcheckbox", "button", "textbox", "checkbox", "combobox")

    def known(now: Observation) -> set[object]:
        return {(e.role, e.name, e.box) for e in now.elements if e.role in kinds and "showing" in e.states}

    assert known(seen) == known(own)
    assert document(seen).states >= {"focused"}
    assert seen.frame is not None
    assert (seen.frame.width, seen.frame.height) == machine.size
    assert seen.frame.pixels is not None
    assert own.frame is not None
    assert own.frame.pixels is not None
    same = sum(a == b for a, b in zip(seen.frame.pixels[::64], own.frame.pixels[::64], strict=True))
    assert same > 0.95 * len(own.frame.pixels) / 64


# ---------------------------------------------------------------------------------------------- acts


def test_typed_text_arrives_letter_by_letter(machine: OSWorld) -> None:
    machine.driver.act(Fill(document(look(machine)), ""))
    awaited(lambda: document(look(machine)), "it is empty", lambda e: not e.value)
    text = "if a < b && c > d: \"x\" \\ {1} ~!@#$%^&*()_+|?\n'end' <<= Z"
    effect = machine.driver.act(Type(text))
    assert (effect.kind, effect.reason) == ("unverified", "the screen changed")
    written(machine, text)
    assert machine.driver.act(Type("é")).kind == "refused"
    assert machine.driver.act(Wait(1.0)).kind == "unverified"
    assert document(look(machine)).value == text


def test_a_field_is_filled_anew(machine: OSWorld) -> None:
    for text in ("first\nsecond", "third", ""):
        machine.driver.act(Fill(document(look(machine)), text))
        written(machine, text)


def test_a_menu_opens_where_it_is_clicked_and_a_chord_works(machine: OSWorld) -> None:
    menu = next(e for e in look(machine).elements if e.role == "menu" and e.box and e.parent >= 0)
    machine.driver.act(Click(menu))

    def shown() -> list[Element]:
        return [e for e in look(machine).elements if e.role.startswith("menuitem") and e.box and "showing" in e.states]

    assert awaited(shown, "its items show")
    machine.driver.act(Press("Escape"))
    awaited(lambda: [*shown(), None], "they are gone", lambda left: left == [None])
    machine.driver.act(Fill(document(look(machine)), "one two"))
    written(machine, "one two")
    machine.driver.act(Press("ctrl+a"))
    machine.driver.act(Type("three"))
    written(machine, "three")


def test_the_wheel_scrolls(machine: OSWorld) -> None:
    target, text = document(look(machine)), "\n".join(f"line {number}" for number in range(60))
    machine.driver.act(Fill(target, text))
    written(machine, text)
    machine.driver.act(Press("ctrl+Home"))
    machine.driver.act(Click(target))
    top = awaited(lambda: sha(machine), "the screen is calm", lambda seen: seen == sha(machine))
    machine.driver.act(Scroll(target, dy=10))
    awaited(lambda: sha(machine), "it scrolls", lambda seen: seen != top)


def test_the_pointer_drags_and_holds_keys(machine: OSWorld) -> None:
    target = document(look(machine))
    text = "\n".join(f"line {number}" for number in range(20))
    machine.driver.act(Fill(target, text))
    written(machine, text)
    assert target.box is not None
    start, end = Point(target.box.x + 5, target.box.y + 8), Point(target.box.x + 300, target.box.y + 150)
    machine.driver.act(Drag(start, end))
    machine.driver.act(Type("X"))
    value = awaited(lambda: document(look(machine)).value, "the selection is replaced", lambda said: said[:1] == "X")
    assert "line 0" not in value
    assert value.endswith(text[-20:])
    machine.driver.act(Move(start))
    machine.driver.act(Click(start))
    machine.driver.act(Click(end, keys=("shift",)))
    machine.driver.act(Type("Y"))
    awaited(lambda: document(look(machine)).value, "the selection is replaced", lambda said: said[:1] == "Y")


def test_a_button_is_invoked_once(machine: OSWorld, other: str) -> None:
    machine.activate(_windows(machine)[other])

    def button() -> Element | None:
        return next((e for e in look(machine).elements if e.role == "button" and e.name.startswith("Count")), None)

    machine.driver.act(Invoke(awaited(button, "the button shows", lambda e: e.box is not None)))
    assert awaited(button, "it counts", lambda e: e.name != "Count: 0").name == "Count: 1"


# ---------------------------------------------------------------------------------------------- the machine


def test_windows_are_listed_raised_and_closed(machine: OSWorld, other: str) -> None:
    first = next(title for title in _windows(machine) if title != other)
    for title in (first, other, first):
        machine.activate(_windows(machine)[title])
        assert [window.title for window in machine.windows() if window.active] == [title]
        awaited(lambda: [look(machine).place.window], "the look says so", [title].__eq__)
    assert any("other" in window.app.lower() for window in machine.windows() if window.title == other)
    assert dict(machine.world.changes().windows) == {other: "opened"}
    machine.close_window(_windows(machine)[other])
    awaited(lambda: [*_windows(machine)], "it closes", lambda titles: other not in titles)
    with pytest.raises(SandboxError, match="no longer there"):
        machine.activate(1)


def _changed(machine: OSWorld) -> set[str]:
    """What changed, without what the editor keeps by itself, a while later, of what was typed in it before."""
    changed = machine.world.changes().keys()
    return {key for key in changed if "/autosave-" not in key}


def test_files_are_written_read_and_told(machine: OSWorld) -> None:
    data = bytes(range(256)) * 5000 + b"\r\n--x"
    for path in ("~/a/b/c.bin", "/tmp/d e/f.bin"):
        machine.write(path, data)
        assert machine.world.read(path) == data
    machine.write("~/.config/made.ini", b"[view]\nwrap=true\n")
    assert _changed(machine) == {"file:a/b/c.bin", "setting:.config/made.ini#view/wrap"}
    found = machine.world.changes()
    assert found.files["a/b/c.bin"] == "created"
    assert found.settings[".config/made.ini#view/wrap"].after == "true"
    assert machine.world.setting("~/.config/made.ini#view/wrap") == "true"
    with pytest.raises(FileNotFoundError):
        machine.world.read("~/none")
    with pytest.raises(SandboxError, match="cannot be made"):
        machine.write("/proc/x/y", b"")


def test_commands_tell_true_codes(machine: OSWorld) -> None:
    done = machine.world.exec(("sh", "-c", "echo out; echo err >&2; pwd; exit 7"))
    assert (done.code, done.out, done.err) == (7, "out\n/home/user\n", "err\n")
    assert machine.world.exec(("sleep", "60"), seconds=0.5).code == 124
    with pytest.raises(SandboxError, match=r"POST /setup/launch.*no-such-program"):
        machine.launch(("no-such-program",))


def test_looking_and_asking_changes_nothing(machine: OSWorld) -> None:
    machine.driver.observe()
    machine.world.exec(("ls", "-la"))
    machine.windows()
    assert not _changed(machine)


def test_it_is_a_machine_for_tasks(machine: OSWorld) -> None:
    known: Machine = machine
    assert known.size == (1280, 800)


def test_without_its_token_it_says_what_it_wants(where: str) -> None:
    for said in (where, f"cua:wrong@{where}"):
        with pytest.raises(SandboxError, match="wants a token") as caught:
            OSWorld(said)
        assert "wrong" not in str(caught.value)


def test_two_connections_at_once_are_answered(machine: OSWorld) -> None:
    found: list[int] = []
    threads = [Thread(target=lambda: found.append(len(look(machine).elements))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 3
    assert min(found) > 10


# ---------------------------------------------------------------------------------------------- tasks

TASK = {
    "id": "at-an-address",
    "instruction": "Write done into the file result",
    "config": [
        {"type": "activate_window", "parameters": {"window_name": "Mousepad"}},
        {"type": "execute", "parameters": {"command": "mkdir -p ~/work; rm -f ~/work/result", "shell": True}},
    ],
    "evaluator": {
        "func": "exact_match",
        "result": {"type": "vm_command_line", "command": "cat ~/work/result 2>/dev/null", "shell": True},
        "expected": {"type": "rule", "rules": {"expected": "done\n"}},
    },
}


@pytest.fixture
def task(tmp_path: Path, guest: Guest) -> Path:
    path = tmp_path / "task.json"
    path.write_text(json.dumps(TASK).replace("Mousepad", guest.sandbox.app.name))
    return path


def test_a_task_is_set_up_tried_and_judged_on_it(machine: OSWorld, task: Path) -> None:
    def trying(task: Task) -> Run:
        machine.world.exec(("sh", "-c", "echo done >~/work/result"))
        return Run("r", task, stopped="finished", reason="done")

    tried = attempt(load(task), machine, trying)
    assert tried.outcome == "pass", tried.saying
    idle = attempt(load(task), machine, lambda task: Run("r", task, stopped="finished", reason="done"))
    assert idle.outcome == "fail", idle.saying


def test_the_command_takes_its_address(where: str, task: Path) -> None:
    told: list[Result] = []
    done = run_tasks([task], on=f"osworld:cua:{TOKEN}@{where}", policy="none", seed=0, told=told.append, say=print)
    assert done.outcome == "fail", told[0].saying
    lost = run_tasks([task], on=f"osworld:{where}", policy="none", seed=0, told=told.append, say=print)
    assert lost.outcome == "unknown"
    assert "wants a token" in told[1].saying


def test_the_command_refuses_what_an_address_cannot_do(task: Path, tmp_path: Path) -> None:
    own = next((Path(__file__).parents[1] / "sandbox_vms" / "tasks").glob("*.toml"))
    for files, on, says in (
        ([task, task], "osworld:localhost", "one task"),
        ([own], "osworld:cua:SECRET@localhost", "one task"),
        ([task], "osworld:", "no address"),
        ([task], "osworl:localhost", "osworld:HOST:PORT"),
    ):
        with pytest.raises(UsageError, match=says) as caught:
            run_tasks(files, on=on, policy="none", seed=0, told=lambda result: None, say=print)
        assert "SECRET" not in str(caught.value)
