"""OSWorld's routes of the guest agent, asked as OSWorld's own controllers ask, and read as they read.

The answers are judged by what those controllers do with them (desktop_env/controllers/python.py and setup.py).
"""

from __future__ import annotations

import base64
import io
import json
import shutil
import uuid
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from xml.etree import ElementTree

import pytest
from PIL import Image, ImageChops

from cua.core import Element, Fill, Observation, Press, Type
from cua.errors import CuaError
from sandbox_vms.apps import find
from sandbox_vms.remote import Remote, RemoteDriver
from tests.guests import TOKEN, Guest, Unix, guested
from tests.sandboxes import installed, with_gtk
from tests.waiting import awaited

SPACES = {
    "st": "https://accessibility.ubuntu.example.org/ns/state",
    "attr": "https://accessibility.ubuntu.example.org/ns/attributes",
    "cp": "https://accessibility.ubuntu.example.org/ns/component",
    "val": "https://accessibility.ubuntu.example.org/ns/value",
    "act": "https://accessibility.ubuntu.example.org/ns/action",
}


OTHER = """
import gi
gi.require_version("Gtk", "3.0")
from gi.repository import GLib, Gtk
GLib.set_prgname("other")
window = Gtk.Window(title="In front", default_width=300, default_height=200)
window.connect("destroy", Gtk.main_quit)
window.show_all()
Gtk.main()
"""


@dataclass(frozen=True, slots=True)
class Response:
    """What `requests` would give."""

    status_code: int
    headers: Mapping[str, str]
    content: bytes

    @property
    def text(self) -> str:
        return self.content.decode()

    def json(self) -> Any:
        return json.loads(self.content)


@dataclass(frozen=True, slots=True)
class Requests:
    """Asks as the library of that name does for http://cua:TOKEN@guest:5000: a new connection each time, basic auth."""

    where: Path

    def get(self, path: str) -> Response:
        return self._ask("GET", path, b"", {})

    def post(self, path: str, given: object = None, *, form: Mapping[str, str] | None = None) -> Response:
        if form is not None:
            return self._ask("POST", path, urlencode(form).encode(), _kind("application/x-www-form-urlencoded"))
        body = b"" if given is None else json.dumps(given).encode()
        return self._ask("POST", path, body, _kind("application/json"))

    def upload(self, fields: Mapping[str, str], files: Mapping[str, tuple[str, bytes]]) -> Response:
        """As requests_toolbelt's MultipartEncoder does."""
        edge = uuid.uuid4().hex
        parts = [
            f'--{edge}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
            for name, value in fields.items()
        ]
        for name, (called, data) in files.items():
            head = f'--{edge}\r\nContent-Disposition: form-data; name="{name}"; filename="{called}"\r\n\r\n'
            parts.append(head.encode() + data + b"\r\n")
        body = b"".join(parts) + f"--{edge}--\r\n".encode()
        return self._ask("POST", "/setup/upload", body, _kind(f"multipart/form-data; boundary={edge}"))

    def _ask(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> Response:
        said = base64.b64encode(f"cua:{TOKEN}".encode()).decode()
        with closing(Unix(self.where)) as connection:
            connection.request(
                method, path, body, {"Authorization": f"Basic {said}", "Connection": "keep-alive", **headers}
            )
            response = connection.getresponse()
            return Response(response.status, dict(response.headers), response.read())


def _kind(name: str) -> dict[str, str]:
    return {"Content-Type": name}


@pytest.fixture(scope="module")
def guest() -> Iterator[Guest]:
    with guested(installed()) as made:
        yield made


@pytest.fixture
def requests(guest: Guest) -> Requests:
    return Requests(guest.socket)


@pytest.fixture
def remote(guest: Guest) -> Remote:
    return guest.remote


def document(now: Observation) -> Element:
    return next(e for e in now.elements if {"multiline", "editable", "showing"} <= e.states and e.role == "textbox")


def title(remote: Remote) -> str:
    """Of the app's window."""
    _, seen = remote.do(frame=False)
    assert seen is not None
    return next(e.name for e in seen.elements if e.parent < 0 and e.role == "window")


# ---------------------------------------------------------------------------------------------- programs


def test_a_command_ends_and_says_how(requests: Requests) -> None:
    got = requests.post("/setup/execute", {"command": "echo $HOME; echo oops >&2; exit 2", "shell": True})
    assert got.status_code == 200
    assert got.json() == {"status": "success", "output": "/home/user\n", "error": "oops\n", "returncode": 2}
    got = requests.post("/execute", {"command": ["ls", "-d", "~/Desktop"], "shell": False})
    assert got.json()["output"] == "/home/user/Desktop\n"
    assert requests.post("/execute", {"command": "echo 'a b' c"}).json()["output"] == "a b c\n"
    assert requests.post("/execute", {"command": ["printf", r"\377"]}).json()["output"] == "\ufffd"


def test_acts_of_the_python_controller_run_in_the_guests_python(requests: Requests) -> None:
    """`execute_python_command`: whatever the interpreter is called in this guest, "python" is it."""
    prefix = "import time; {command}"
    code = prefix.format(command="import platform; print(platform.system())")
    got = requests.post("/execute", {"command": ["python", "-c", code], "shell": False})
    assert (got.status_code, got.json()["output"].strip(), got.json()["returncode"]) == (200, "Linux", 0)
    broken = requests.post("/execute", {"command": ["python", "-c", "raise SystemExit(9)"], "shell": False})
    assert broken.json()["returncode"] == 9


def test_a_command_that_cannot_run_is_an_error(requests: Requests) -> None:
    for command in (["no-such-program"], ["sleep", "60"], ["ls", "\0"], [], None):
        got = requests.post("/execute", {"command": command, "shell": False, "timeout": 0.3})
        assert got.status_code in (400, 500)
        assert got.json()["status"] == "error"
        assert got.json()["message"]


def test_a_command_is_verified_by_a_window_and_another_command(requests: Requests, remote: Remote) -> None:
    wanted = {"window_exists": title(remote)[2:].upper(), "command_success": "test -e /tmp/verified"}
    given = {"command": ["true"], "shell": False, "verification": wanted, "max_wait_time": 0.4, "check_interval": 0.1}
    got = requests.post("/setup/execute_with_verification", given)
    assert (got.status_code, got.json()["verification"]) == (500, "failed")
    later = "(sleep 0.3; touch /tmp/verified) & true"
    got = requests.post("/execute_with_verification", {**given, "command": later, "shell": True, "max_wait_time": 30})
    assert (got.status_code, got.json()["verification"], got.json()["returncode"]) == (200, "passed", 0)
    assert got.json()["wait_time"] < 30
    got = requests.post("/execute_with_verification", {**given, "verification": {"window_exists": "no such one"}})
    assert (got.status_code, got.json()["status"]) == (500, "verification_failed")
    plain = requests.post("/execute_with_verification", {"command": ["false"], "verification": {}})
    assert (plain.status_code, plain.json()["returncode"]) == (200, 1)


def test_a_launched_program_goes_on(requests: Requests, remote: Remote) -> None:
    got = requests.post("/setup/launch", {"command": "echo launched >~/launched; sleep 60", "shell": True})
    assert got.status_code == 200
    assert got.text.endswith("launched successfully")
    awaited(lambda: remote.exec(["cat", "/home/user/launched"]).out, "it runs", lambda out: out == "launched\n")
    assert requests.post("/setup/launch", {"command": ["no-such-program"]}).status_code == 500


def test_python_code_runs(requests: Requests) -> None:
    got = requests.post("/run_python", {"code": "import sys\nprint('one')\nprint('two', file=sys.stderr)"}).json()
    assert (got["status"], got["output"], got["error"], got["return_code"]) == ("success", "one\n", "two\n", 0)
    assert got["need_more"] is False
    got = requests.post("/run_python", {"code": "raise SystemExit(3)"}).json()
    assert (got["status"], got["return_code"], got["message"]) == ("error", 3, "Process exited with code 3")
    none = requests.post("/run_python", {})
    assert (none.status_code, none.json()["status"]) == (400, "error")


def test_a_bash_script_that_succeeds_is_a_success(requests: Requests) -> None:
    """OSWorld's own server answers 500 to it."""
    script = 'shopt -q extglob; a=(1 2); echo "${a[1]}"; echo err >&2; pwd'
    got = requests.post("/run_bash_script", {"script": script, "timeout": 30, "working_dir": "~/Desktop"})
    assert got.status_code == 200
    assert got.json() == {"status": "success", "output": "2\nerr\n/home/user/Desktop\n", "error": "", "returncode": 0}
    got = requests.post("/run_bash_script", {"script": "#!/bin/bash\nexit 124", "timeout": 30, "working_dir": None})
    assert (got.status_code, got.json()["status"], got.json()["returncode"]) == (200, "error", 124)
    cut = requests.post("/run_bash_script", {"script": "sleep 60", "timeout": 0.3, "working_dir": None})
    assert (cut.status_code, cut.json()["returncode"]) == (500, -1)
    for given in ({"script": ""}, {"script": "true", "working_dir": "/no/such"}):
        assert requests.post("/run_bash_script", given).status_code == 400
    assert not requests.post("/execute", {"command": "ls /tmp/cua-*.sh", "shell": True}).json()["output"]


# ---------------------------------------------------------------------------------------------- the screen


def test_a_screenshot_has_the_pointer_in_it(requests: Requests, remote: Remote) -> None:
    got = requests.get("/screenshot")
    assert (got.status_code, got.headers["Content-Type"]) == (200, "image/png")
    size = requests.post("/screen_size").json()
    assert size == {"width": 1280, "height": 800}
    with_it = Image.open(io.BytesIO(got.content))
    assert with_it.size == (1280, 800)
    x, y = requests.get("/cursor_position").json()

    def differing() -> tuple[int, int, int, int] | None:
        frame = remote.do()[1].frame  # type: ignore[union-attr]
        assert frame is not None
        assert frame.pixels is not None
        without = Image.frombytes("RGB", (1280, 800), bytes(frame.pixels), "raw", "BGRX")
        taken = Image.open(io.BytesIO(requests.get("/screenshot").content)).convert("RGB")
        return ImageChops.difference(without, taken).getbbox()

    left, top, right, bottom = awaited(
        differing, "only the pointer differs, between two blinks", lambda box: box[2] - box[0] < 40 > box[3] - box[1]
    )
    assert left - 1 <= x <= right
    assert top - 1 <= y <= bottom


def test_the_accessibility_tree_is_osworlds(requests: Requests, remote: Remote) -> None:
    driver = RemoteDriver(remote)
    seen = driver.do([Press("Escape"), Fill(document(driver.observe(frame=False)), "in the tree <&>\x0c")])[1]
    tree = ElementTree.fromstring(requests.get("/accessibility").json()["AT"])
    assert tree.tag == "desktop-frame"
    (application,) = (app for app in tree.findall("application") if app.findall("frame"))
    frame = application.find("frame")
    assert frame is not None
    assert frame.get("name") == title(remote)
    assert frame.get(f"{{{SPACES['st']}}}active") == "true"
    text = next(each for each in frame.iter("text") if each.get(f"{{{SPACES['st']}}}multi_line"))
    assert (text.text or "").startswith("in the tree <&>")
    box = document(seen).box
    assert box is not None
    assert text.get(f"{{{SPACES['cp']}}}screencoord") == f"({box.x}, {box.y})"
    assert text.get(f"{{{SPACES['cp']}}}size") == f"({box.width}, {box.height})"
    item = next(each for each in frame.iter("menu-item") if not each.get(f"{{{SPACES['st']}}}showing"))
    assert item.get(f"{{{SPACES['cp']}}}screencoord") is None
    assert any(f"{{{SPACES['act']}}}" in name for each in frame.iter() for name in each.keys())  # noqa: SIM118
    assert frame.get(f"{{{SPACES['attr']}}}toolkit")
    shown = {(e.role, e.name) for e in seen.elements if e.role == "menu" and e.name}
    assert {("menu", each.get("name")) for each in frame.iter("menu")} >= shown


def test_there_is_no_terminal_in_front(requests: Requests) -> None:
    """What controllers ask to find out whether the guest is up."""
    assert requests.get("/terminal").json() == {"output": None, "status": "success"}


def test_what_stands_in_the_terminal_in_front_is_told(requests: Requests, remote: Remote) -> None:
    try:
        terminal = find("gnome-terminal")
    except CuaError as exc:
        pytest.skip(str(exc))
    remote.launch([*terminal.command, "--", "sh", "-c", "echo told by the terminal; sleep 60"])
    told = awaited(lambda: requests.get("/terminal").json()["output"], "its text", lambda out: "told by" in out)
    assert told == "told by the terminal"
    remote.exec(["pkill", "-f", "sleep 60"])
    awaited(lambda: remote.do()[1], "it is gone", document)


def test_windows_are_measured_raised_and_closed(requests: Requests, remote: Remote, guest: Guest) -> None:
    name = guest.sandbox.app.name
    measured = requests.post("/window_size", form={"app_class_name": name.upper()})
    window = next(w for w in remote.windows() if name in w.app.lower())
    assert measured.json() == {"width": window.box.width, "height": window.box.height}
    assert requests.post("/window_size", form={"app_class_name": "no such"}).status_code == 404
    assert requests.post("/window_size", form={}).status_code == 400

    remote.launch([with_gtk("3.0"), "-c", OTHER])
    awaited(lambda: [w for w in remote.windows() if w.title == "In front"], "the other window is there")
    for given in (
        {"window_name": title(remote)[2:].lower()},
        {"window_name": title(remote), "strict": True},
        {"window_name": f"{name}.{name.capitalize()}", "by_class": True, "strict": True},
    ):
        assert requests.post("/setup/activate_window", {"window_name": "front"}).status_code == 200
        assert active(remote) == "In front"
        got = requests.post("/setup/activate_window", given)
        assert (got.status_code, got.text) == (200, "Window activated successfully"), given
        assert active(remote) == title(remote)
    assert requests.post("/setup/close_window", {"window_name": "OTHER.", "by_class": True}).status_code == 200
    awaited(remote.windows, "it is closed", lambda left: all(w.title != "In front" for w in left))


def active(remote: Remote) -> str:
    return next((window.title for window in remote.windows() if window.active), "")


@pytest.mark.parametrize("route", ["/setup/activate_window", "/setup/close_window"])
def test_a_window_that_is_not_there_is_no_success(requests: Requests, remote: Remote, route: str) -> None:
    for given in ({"window_name": "no such window"}, {"window_name": title(remote).lower(), "strict": True}):
        got = requests.post(route, given)
        assert got.status_code == 404
        assert title(remote) in got.json()["message"]
    assert requests.post(route, {}).status_code == 400


# ---------------------------------------------------------------------------------------------- files


def test_a_file_is_sent_and_fetched(requests: Requests) -> None:
    data = bytes(range(256)) * 999 + b"\r\n--"
    got = requests.upload({"file_path": "/home/user/Desktop/näw/a b.bin"}, {"file_data": ("a b.bin", data)})
    assert (got.status_code, got.text) == (200, f"File Uploaded: {len(data)} bytes")
    for path in ("/home/user/Desktop/näw/a b.bin", "~/Desktop/näw/a b.bin", "$HOME/Desktop/näw/a b.bin"):
        fetched = requests.post("/file", form={"file_path": path})
        assert (fetched.status_code, fetched.content) == (200, data)
        assert "attachment" in fetched.headers["Content-Disposition"]
    assert requests.post("/file", form={"file_path": "/no/such/file"}).status_code == 404
    assert requests.post("/file", form={}).status_code == 400
    assert requests.upload({"file_path": "~/x"}, {}).status_code == 400
    assert requests.upload({"file_path": "/usr/no"}, {"file_data": ("no", b"")}).status_code == 500


def test_a_folder_is_told_with_all_that_is_in_it(requests: Requests, remote: Remote) -> None:
    remote.exec(["sh", "-c", "mkdir -p ~/Listed/in; cd ~/Listed; echo >in/deep; echo >top; ln -s . loop"])
    assert requests.post("/desktop_path").json() == {"desktop_path": "/home/user/Desktop"}
    got = requests.post("/list_directory", {"path": "/home/user/Listed"}).json()["directory_tree"]
    loop = {"type": "directory", "name": "loop", "children": []}
    deep = {"type": "directory", "name": "in", "children": [{"type": "file", "name": "deep"}]}
    assert got == {"type": "directory", "name": "Listed", "children": [deep, loop, {"type": "file", "name": "top"}]}
    for given in ({"path": "/no/such"}, {}):
        assert requests.post("/list_directory", given).status_code == 400


def test_the_wallpaper_is_changed_and_told(requests: Requests, remote: Remote) -> None:
    if not shutil.which("gsettings"):
        pytest.skip("no gsettings; install the Debian package libglib2.0-bin")
    picture = io.BytesIO()
    Image.new("RGB", (8, 8), "red").save(picture, "PNG")
    remote.write("~/a picture.png", picture.getvalue())
    got = requests.post("/setup/change_wallpaper", {"path": "~/a picture.png"})
    if got.status_code == 500 and "chema" in got.text:
        pytest.skip("no settings for a wallpaper; install the Debian package gsettings-desktop-schemas")
    assert (got.status_code, got.text) == (200, "Wallpaper changed successfully")

    def told() -> Response:
        """Asked for anew each time: without a daemon for settings, who writes the file at that moment wins."""
        requests.post("/setup/change_wallpaper", {"path": "~/a picture.png"})
        return requests.post("/wallpaper")

    assert awaited(told, "it is told", lambda got: got.status_code == 200).content == picture.getvalue()
    assert requests.post("/setup/change_wallpaper", {"path": "~/no.png"}).status_code == 404
    assert requests.post("/setup/change_wallpaper", {}).status_code == 400


def test_a_file_is_downloaded(requests: Requests, remote: Remote) -> None:
    remote.exec(["sh", "-c", "mkdir ~/served; echo over the wire >~/served/it"])
    remote.launch(["python3", "-m", "http.server", "8123", "--directory", "/home/user/served"])
    given = {"url": "http://127.0.0.1:8123/it", "path": "~/fetched/it"}
    got = awaited(lambda: requests.post("/setup/download_file", given), "it is served", lambda got: got)
    got = awaited(
        lambda: requests.post("/setup/download_file", given), "it is served", lambda got: got.status_code == 200
    )
    assert got.text == "File downloaded successfully: 14 bytes"
    assert remote.read("~/fetched/it") == b"over the wire\n"
    for wrong in ("http://127.0.0.1:8123/nothing", "http://127.0.0.1:9/it"):
        failed = requests.post("/setup/download_file", {**given, "url": wrong, "path": "~/fetched/no"})
        assert failed.status_code == 500
        assert "Failed to download" in failed.text
    local = requests.post("/setup/download_file", {**given, "url": "file:///etc/passwd"})
    assert local.status_code == 400
    assert requests.post("/setup/download_file", {"path": "x"}).status_code == 400
    assert remote.exec(["ls", "-A", "/home/user/fetched"]).out == "it\n"


def test_a_file_or_a_program_is_opened_and_in_front(requests: Requests, remote: Remote, guest: Guest) -> None:
    name = guest.sandbox.app.name
    if not shutil.which("xdg-open"):
        pytest.skip("no xdg-open; install the Debian package xdg-utils")
    remote.write("~/Documents/to be opened.txt", b"its text")
    got = requests.post("/setup/open_file", {"path": "~/Documents/to be opened.txt"})
    assert (got.status_code, got.text) == (200, "File opened and window activated successfully"), got.text
    assert "to be opened" in active(remote)
    assert requests.post("/setup/open_file", {"path": name}).status_code == 200
    assert requests.post("/setup/open_file", {"path": "~/Documents/none.txt"}).status_code == 404
    assert requests.post("/setup/open_file", {}).status_code == 400
    failed = requests.post("/setup/open_file", {"path": "false"})
    assert failed.status_code == 500
    assert "ended with code 1" in failed.json()["message"]


def test_a_film_of_the_screen(requests: Requests, remote: Remote) -> None:
    assert requests.post("/end_recording").status_code == 400
    got = requests.post("/start_recording")
    if not shutil.which("ffmpeg"):
        assert got.status_code == 500
        assert "ffmpeg is missing" in got.json()["message"]
        pytest.skip("no ffmpeg: only that it is told was tried")
    assert got.json()["status"] == "success"
    assert requests.post("/start_recording").status_code == 400
    remote.do([Type("filmed")])
    film = requests.post("/end_recording")
    assert film.status_code == 200
    assert film.content[4:8] == b"ftyp"
    assert requests.post("/end_recording").status_code == 400


def test_the_platform_is_told(requests: Requests) -> None:
    assert requests.get("/platform").text == "Linux"


def test_every_route_of_the_notes_is_there(requests: Requests) -> None:
    """The table of OSWorld's server: what is asked wrongly is answered, and not with 404 or 405."""
    setups = ("execute", "execute_with_verification", "launch", "upload", "change_wallpaper", "download_file")
    posts = ("/execute", "/execute_with_verification", "/window_size", "/list_directory", "/file", "/run_python")
    windows = ("/setup/open_file", "/setup/activate_window", "/setup/close_window", "/run_bash_script")
    for path in (*posts, *windows, *(f"/setup/{name}" for name in setups)):
        assert requests.post(path, {}).status_code == 400, path
    for path in ("/screen_size", "/desktop_path"):
        assert requests.post(path).status_code == 200, path
    for path in ("/screenshot", "/accessibility", "/terminal", "/platform", "/cursor_position"):
        assert requests.get(path).status_code == 200, path


def test_nothing_was_said_that_nobody_foresaw(guest: Guest) -> None:
    """The agent's log has no errors that the routes did not answer for."""
    assert "Exception occurred" not in guest.log
