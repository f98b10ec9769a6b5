"""The guest agent's HTTP face and its client: who may ask, what an error becomes, what a lost answer is. No display."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import http.client
import json
import os
import socket
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from cua import errors
from cua.core import Box, Click, Completed, Effect, Element, Frame, Invoke, Observation, Place
from cua.errors import CuaError, SandboxError, TargetGone, TimedOut, UsageError
from drivers.desktop import Desktop
from sandbox_vms.guest.desk import Desk
from sandbox_vms.guest.forms import fields
from sandbox_vms.guest.looks import Looks
from sandbox_vms.guest.machine import Machine
from sandbox_vms.guest.own import Own
from sandbox_vms.guest.programs import Programs
from sandbox_vms.guest.server import MOST_CONNECTIONS, Server
from sandbox_vms.guest.wire import Answer, Asked, Route, answer
from sandbox_vms.remote import Remote
from tests.waiting import awaited

TOKEN = "right"


@dataclass(frozen=True, slots=True)
class Served:
    """A server with a port of its own."""

    port: int

    def remote(self, token: str = TOKEN) -> Remote:
        return Remote("127.0.0.1", self.port, token)

    def ask(
        self, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None
    ) -> tuple[int, bytes]:
        """As some other client would."""
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)) as connection:
            connection.request(method, path, body, headers or {"X-Cua-Token": TOKEN})
            response = connection.getresponse()
            return response.status, response.read()


@contextmanager
def served(routes: dict[tuple[str, str], Route]) -> Iterator[Served]:
    with Server(("127.0.0.1", 0), TOKEN, routes) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield Served(server.server_port)
        finally:
            server.shutdown()
            thread.join()


def nowhere() -> Desktop:
    """A desktop whose display is not there."""
    return Desktop(":97", "unix:path=/nonexistent/bus")


@pytest.fixture
def home() -> Iterator[Path]:
    """A home that the user may write in, whoever he is."""
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder, "home")
        Path(folder).chmod(0o755)
        made.mkdir()
        if os.geteuid() == 0:
            os.chown(made, 1000, 1000)
        yield made


@pytest.fixture
def agent(home: Path) -> Iterator[Served]:
    """The agent's own routes, without a display."""
    env = {"HOME": str(home), "PATH": os.environ["PATH"], "LANG": "C.UTF-8"}
    with (
        closing(Desk(nowhere)) as desk,
        closing(Programs(env)) as programs,
        closing(Machine(programs)) as machine,
        served(Own(desk, machine).routes) as made,
    ):
        yield made


# ---------------------------------------------------------------------------------------------- who may ask


def greet(asked: Asked) -> Answer:
    return answer({"path": asked.path, "query": dict(asked.query), "bytes": len(asked.body)})


@pytest.mark.parametrize(
    "headers",
    [
        {"Authorization": f"Bearer {TOKEN}"},
        {"Authorization": f"bearer {TOKEN}"},
        {"X-Cua-Token": TOKEN},
        {"Authorization": "Basic " + base64.b64encode(f"cua:{TOKEN}".encode()).decode()},
    ],
    ids=["bearer", "lower case", "own header", "basic, as in an address"],
)
def test_who_has_the_token_is_answered(headers: dict[str, str]) -> None:
    with served({("GET", "/x"): greet}) as server:
        assert server.ask("GET", "/x", b"", headers)[0] == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Other": TOKEN},
        {"Authorization": "Bearer wrong"},
        {"Authorization": "Bearer "},
        {"Authorization": "Bearer right2"},
        {"Authorization": "Basic right"},
        {"Authorization": "Basic " + base64.b64encode(b"right").decode()},
        {"Authorization": "Digest right"},
        {"X-Cua-Token": "naïve".encode().decode("latin-1")},
    ],
    ids=str,
)
def test_nobody_else_is(headers: dict[str, str]) -> None:
    called = []
    with served({("POST", "/x"): lambda asked: called.append(asked) or greet(asked)}) as server:  # type: ignore[func-returns-value]
        status, body = server.ask("POST", "/x", b"{}", headers)
    assert status == 401
    assert json.loads(body)["error"] == "RefusedError"
    assert not called


def test_the_client_says_that_it_was_refused() -> None:
    with (
        served({("POST", "/cua/quit"): greet}) as server,
        closing(server.remote("wrong")) as remote,
        pytest.raises(errors.RefusedError, match="token"),
    ):
        remote.quit()


def test_readiness_tells_a_wrong_token_at_once() -> None:
    began = time.monotonic()
    with (
        served({("GET", "/cua/ready"): greet}) as server,
        closing(server.remote("wrong")) as remote,
        pytest.raises(errors.RefusedError),
    ):
        remote.ready(60)
    assert time.monotonic() - began < 30


# ---------------------------------------------------------------------------------------------- what comes back


def test_a_connection_is_kept_and_each_request_is_answered_on_it() -> None:
    with (
        served({("POST", "/x"): greet}) as server,
        closing(http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)) as connection,
    ):
        ports = set()
        for size in (0, 1, 300_000, 0):
            connection.request("POST", "/x?a=%C3%A9&b=", b"z" * size, {"X-Cua-Token": TOKEN})
            assert connection.sock is not None
            ports.add(connection.sock.getsockname())
            told = json.loads(connection.getresponse().read())
            assert told == {"path": "/x", "query": {"a": "é", "b": ""}, "bytes": size}
    assert len(ports) == 1


@pytest.mark.parametrize(
    ("method", "path", "status"), [("GET", "/nothing", 404), ("GET", "/x", 405), ("POST", "/x", 200)]
)
def test_what_there_is_not_is_said(method: str, path: str, status: int) -> None:
    with served({("POST", "/x"): greet}) as server:
        assert server.ask(method, path)[0] == status


def test_a_body_without_a_length_is_refused() -> None:
    with served({("POST", "/x"): greet}) as server, socket.create_connection(("127.0.0.1", server.port), 30) as raw:
        raw.sendall(b"POST /x HTTP/1.1\r\nHost: x\r\nX-Cua-Token: right\r\nTransfer-Encoding: chunked\r\n\r\n")
        assert b" 411 " in raw.recv(1000)


def test_no_more_connections_are_held_than_it_has_threads_for() -> None:
    with served({("GET", "/x"): greet}) as server, contextlib.ExitStack() as undo:
        for _ in range(MOST_CONNECTIONS + 5):
            undo.enter_context(socket.create_connection(("127.0.0.1", server.port), 30))
        awaited(lambda: threading.active_count() > MOST_CONNECTIONS, "all threads are there")
        with pytest.raises((http.client.HTTPException, OSError)):
            server.ask("GET", "/x")
        undo.close()
        awaited(lambda: threading.active_count() < 10, "they are let go")
        assert server.ask("GET", "/x")[0] == 200


RAISED = [
    (UsageError("u"), 400),
    (errors.RefusedError("r"), 403),
    (TargetGone("g"), 409),
    (errors.TargetNotFound("n"), 404),
    (TimedOut("t"), 504),
    (errors.DisplayGone("d"), 500),
    (SandboxError("s"), 500),
    (errors.RecordError("x"), 500),
    (FileNotFoundError(2, "f"), 404),
    (PermissionError(13, "p"), 500),
    (KeyError("k"), 400),
]


@pytest.mark.parametrize(("exc", "status"), RAISED, ids=[type(exc).__name__ for exc, _ in RAISED])
def test_an_error_is_raised_again_on_this_side(exc: Exception, status: int) -> None:
    def fails(asked: Asked) -> Answer:
        raise exc

    with served({("POST", "/cua/quit"): fails}) as server, closing(server.remote()) as remote:
        assert server.ask("POST", "/cua/quit")[0] == status
        expected = type(exc) if isinstance(exc, CuaError | FileNotFoundError) else CuaError
        with pytest.raises(expected) as raised:
            remote.quit()
    said = exc.args[-1]
    assert said in str(raised.value)


def test_a_slow_request_blocks_no_other() -> None:
    entered, leave = threading.Event(), threading.Event()

    def slow(asked: Asked) -> Answer:
        entered.set()
        leave.wait(60)
        return answer({})

    with served({("POST", "/slow"): slow, ("GET", "/quick"): greet}) as server:
        thread = threading.Thread(target=server.ask, args=("POST", "/slow"))
        thread.start()
        assert entered.wait(60)
        assert server.ask("GET", "/quick")[0] == 200
        assert thread.is_alive()
        leave.set()
        thread.join(60)


# ---------------------------------------------------------------------------------------------- when it is gone


def test_an_agent_that_is_not_there_is_named_with_what_was_awaited() -> None:
    with served({}) as server:
        gone = server.remote()
    with pytest.raises(SandboxError, match=rf"127\.0\.0\.1:{server.port} is gone, while POST /cua/quit was awaited"):
        gone.quit()
    with pytest.raises(TimedOut, match="is not ready within 0"):
        gone.ready(0.1)


def test_an_agent_that_ends_in_mid_act_is_told_and_nothing_is_tried_again() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        heard = []

        def hear() -> None:
            for _ in range(2):
                connection, _ = listening.accept()
                heard.append(connection.recv(65536))
                connection.close()

        thread = threading.Thread(target=hear, daemon=True)
        thread.start()
        with closing(Remote("127.0.0.1", listening.getsockname()[1], TOKEN)) as remote:
            with pytest.raises(SandboxError, match="is gone, while POST /cua/do was awaited"):
                remote.do()
            assert len(heard) == 1
            with pytest.raises(SandboxError):  # which makes the second connection
                remote.do()
        thread.join(60)


def test_an_agent_that_does_not_answer_is_timed_out_and_said_to_be_unknown() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        remote = Remote("127.0.0.1", listening.getsockname()[1], TOKEN, grace=0.2)
        with closing(remote), pytest.raises(TimedOut, match=r"did not answer POST /cua/do within .*not known"):
            remote.do(seconds=0.1)


@pytest.mark.parametrize("said", [b"{", b"[]", b"{}", b'{"effects": [], "observation": {}, "elements": [[0, 1]]}'])
def test_an_answer_that_is_none_of_ours_is_trouble(said: bytes) -> None:
    with (
        served({("POST", "/cua/do"): lambda asked: Answer(said)}) as server,
        closing(server.remote()) as remote,
        pytest.raises(errors.TroubleError),
    ):
        remote.do()


def test_a_connection_that_was_closed_meanwhile_is_made_anew() -> None:
    with served({("GET", "/cua/ready"): greet}) as server, closing(server.remote()) as remote:
        remote.ready()
        connection = remote.line._connection.sock
        assert connection is not None
        connection.shutdown(socket.SHUT_RDWR)
        assert remote.ready()["path"] == "/cua/ready"


# ---------------------------------------------------------------------------------------------- looks on the wire


def element(ref: str, name: str = "") -> Element:
    return Element(ref, "button", name or ref, box=Box(1, 2, 3, 4), states=frozenset({"showing", "focusable"}))


def picture(width: int, height: int, *changed: int) -> Frame:
    """Black, but for the lines that changed."""
    pixels = bytearray(width * height * 4)
    for line in changed:
        pixels[line * width * 4] = 200
    return Frame(hashlib.sha256(pixels).hexdigest(), width, height, pixels=bytes(pixels))


ONE, TWO, THREE = element("1"), element("2"), element("3")
SEEN = [
    ((ONE, TWO, THREE), picture(40, 50)),
    ((ONE, TWO, THREE), picture(40, 50)),
    ((ONE, THREE), picture(40, 50, 3)),
    ((element("4"), TWO, ONE, THREE, element("5")), picture(40, 50, 3, 17, 49)),
    ((), picture(40, 50)),
    ((TWO,), None),
    ((TWO, ONE), picture(40, 50, 20)),
    ((TWO, ONE), picture(41, 50, 20)),
    ((THREE, THREE), picture(41, 50)),
]


@pytest.fixture
def looking() -> Iterator[tuple[Remote, list[int]]]:
    """A client of one who looks at SEEN, one after the other, and how many bytes each look was."""
    looks, sizes, left = Looks(), list[int](), list(SEEN)

    def do(asked: Asked) -> Answer:
        elements, frame = left.pop(0)
        numbered = frame and replace(frame, sha=f"number {len(left)}")  # as the guest names it
        seen = Observation(Place("an app", 'a "window"', '"elements":[]'), elements, numbered, time=1.5)
        told = looks.answer([Effect("confirmed")], seen, asked.json()["have"])
        sizes.append(len(told.tail))
        return told

    with served({("POST", "/cua/do"): do}) as server, closing(server.remote()) as remote:
        yield remote, sizes


def test_each_look_arrives_whole_though_only_what_differs_is_sent(looking: tuple[Remote, list[int]]) -> None:
    remote, sizes = looking
    for elements, frame in SEEN:
        effects, seen = remote.do()
        assert seen is not None
        assert effects == (Effect("confirmed"),)
        assert seen == Observation(Place("an app", 'a "window"', '"elements":[]'), elements, frame, time=1.5)
        assert frame is None or (seen.frame is not None and seen.frame.pixels == frame.pixels)
    line = 40 * 4
    assert sizes[:5] == [50 * line, 0, 16 * line, (16 + 2) * line, (16 + 16 + 2) * line]


def test_what_stayed_is_the_same_object(looking: tuple[Remote, list[int]]) -> None:
    remote, _ = looking
    (_, first), (_, again) = remote.do(), remote.do()
    assert first is not None
    assert again is not None
    assert all(one is other for one, other in zip(first.elements, again.elements, strict=True))
    assert again.frame is not None
    assert first.frame is not None
    assert again.frame.pixels is first.frame.pixels


def test_who_comes_later_has_it_all(looking: tuple[Remote, list[int]]) -> None:
    """And who lost an answer: what he has is told by number and hash, and not taken for granted."""
    remote, sizes = looking
    remote.do()
    other = Remote("127.0.0.1", int(remote.line.where.rpartition(":")[2]), TOKEN)
    with closing(other):
        _, seen = other.do()
        assert seen is not None
        assert seen.elements == SEEN[1][0]
        assert sizes[1] == sizes[0]
        _, late = remote.do()
        assert late is not None
        assert late.elements == SEEN[2][0]
        assert late.frame == SEEN[2][1]


def test_a_picture_that_is_remembered_is_not_sent_again(looking: tuple[Remote, list[int]]) -> None:
    remote, sizes = looking
    remote.do()
    other = Remote("127.0.0.1", int(remote.line.where.rpartition(":")[2]), TOKEN)
    with closing(other):
        other.picture = remote.picture
        _, seen = other.do()
        assert seen is not None
        assert seen.frame is not None
        assert seen.frame.pixels == SEEN[1][1].pixels  # type: ignore[union-attr]
        assert sizes == [50 * 40 * 4, 0]


# ---------------------------------------------------------------------------------------------- programs and files


def test_exec_gives_code_and_output(agent: Served) -> None:
    with closing(agent.remote()) as remote:
        assert remote.exec(["sh", "-c", "echo out; echo err >&2; exit 7"]) == Completed(7, "out\n", "err\n")
        assert remote.exec(["cat"]) == Completed(0, "", "")
        assert remote.exec(["sh", "-c", "kill -9 $$"]).code == -9
        large = remote.exec(["sh", "-c", "head -c 3000000 /dev/zero | tr '\\0' x"]).out
        assert large == "x" * 3_000_000
        assert remote.exec(["printf", r"\377\303\251"]).out == "\udcffé"
        assert remote.exec(["no-such-program"]).code == 127
        assert remote.exec(["/etc/passwd"]).code == 126
        assert remote.exec(["pwd"], cwd="/usr").out == "/usr\n"
        with pytest.raises(UsageError, match="no folder"):
            remote.exec(["pwd"], cwd="/no/such/folder")


def test_exec_has_a_limit_and_what_it_leaves_holds_nobody_up(agent: Served, home: Path) -> None:
    with closing(agent.remote()) as remote:
        began = time.monotonic()
        cut = remote.exec(["sh", "-c", "trap '' TERM; echo begun; sleep 60 & wait"], seconds=0.5)
        assert cut == Completed(124, "begun\n", "")
        left = remote.exec(["sh", "-c", "(sleep 0.5; echo late >~/late) & echo $!"])
        assert left.code == 0
        assert time.monotonic() - began < 30
        awaited((home / "late").is_file, "what was left in the background goes on")


def test_programs_run_at_home_and_as_the_user(agent: Served, home: Path) -> None:
    with closing(agent.remote()) as remote:
        assert remote.exec(["sh", "-c", "pwd; echo $HOME"]).out == f"{home}\n{home}\n"
        who = remote.exec(["id", "-u"]).out.strip()
        assert who == ("1000" if os.geteuid() == 0 else str(os.geteuid()))


def test_files_come_and_go_as_they_are(agent: Served, home: Path) -> None:
    data = bytes(range(256)) * 4096
    with closing(agent.remote()) as remote:
        remote.write("~/new folder/ünï & ?.bin", data)
        path = home / "new folder/ünï & ?.bin"
        assert path.read_bytes() == data
        assert path.stat().st_uid == path.parent.stat().st_uid == (1000 if os.geteuid() == 0 else os.geteuid())
        assert remote.read("~/new folder/ünï & ?.bin") == data
        assert remote.read(str(path)) == data
        remote.write("~/empty", b"")
        assert remote.read("~/empty") == b""
        with pytest.raises(FileNotFoundError, match="nothing-here"):
            remote.read("~/nothing-here")
        with pytest.raises(UsageError, match="begins neither"):
            remote.read("relative")
        with pytest.raises(SandboxError, match="directory"):
            remote.read("~")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be kept from his rights")
def test_root_reads_and_writes_with_the_users_rights_only(agent: Served, home: Path) -> None:
    secret = home.parent / "secret"
    secret.write_text("root's own")
    secret.chmod(0o600)
    (home / "link").symlink_to(secret)
    with closing(agent.remote()) as remote:
        for path in (str(secret), "~/link"):
            with pytest.raises(SandboxError, match="ermission"):
                remote.read(path)
            with pytest.raises(SandboxError, match="ermission"):
                remote.write(path, b"mine now")
    assert secret.read_text() == "root's own"


def test_a_launched_program_goes_on_and_leaves_no_zombie(agent: Served, home: Path) -> None:
    with closing(agent.remote()) as remote:
        first = remote.launch(["sh", "-c", "echo here >~/here"])
        awaited((home / "here").is_file, "it ran")
        awaited(lambda: state_of(first), "it ended", lambda state: state in ("Z", "gone"))
        assert remote.exec(("test", "-e", f"/proc/{first}"), seconds=30).code == 1
        with pytest.raises(SandboxError, match="cannot be started"):
            remote.launch(["no-such-program"])


def state_of(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return "gone"


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/cua/exec", b"no json"),
        ("/cua/exec", b"[]"),
        ("/cua/exec", b"{}"),
        ("/cua/exec", b'{"argv": "ls"}'),
        ("/cua/exec", b'{"argv": ["ls"], "seconds": -1}'),
        ("/cua/exec", b'{"argv": ["ls"], "seconds": true}'),
        ("/cua/exec", b'{"argv": ["l\\u0000s"]}'),
        ("/cua/app", b'{"app": {"name": "x"}}'),
        ("/cua/app", b'{"app": {"name": "x", "command": ["x"], "more": 1}}'),
        ("/cua/do", b'{"actions": [{"@": "Box", "x": 1, "y": 1, "width": 1, "height": 1}]}'),
        ("/cua/write", b"no path"),
        ("/cua/fresh", b'{"time": -5, "entropy": "AAAA"}'),
        ("/cua/fresh", b'{"time": 5, "entropy": "?"}'),
        ("/cua/fresh", b'{"time": 5, "entropy": "AAAA", "machine_id": "../x"}'),
    ],
    ids=str,
)
def test_a_wrong_request_is_a_usage_error_and_says_why(agent: Served, path: str, body: bytes) -> None:
    status, told = agent.ask("POST", path, body)
    assert (status, json.loads(told)["error"]) == (400, "UsageError")
    assert len(json.loads(told)["message"]) > 10


# ---------------------------------------------------------------------------------------------- without a display


def test_it_is_not_ready_without_a_display_and_says_why(agent: Served) -> None:
    status, told = agent.ask("GET", "/cua/ready")
    assert status == 503
    assert json.loads(told)["error"] == "DisplayGone"
    with closing(agent.remote()) as remote, pytest.raises(TimedOut, match="cannot open display"):
        remote.ready(0.1)


def test_acts_are_display_gone_then(agent: Served) -> None:
    button = Element("x", "button", "OK")
    with closing(agent.remote()) as remote:
        for action in (Click(button), Invoke(button)):
            with pytest.raises(errors.DisplayGone):
                remote.do([action])


def test_work_that_waits_too_long_is_not_done(home: Path) -> None:
    entered, leave, done = threading.Event(), threading.Event(), list[str]()

    def slow() -> Desktop:
        entered.set()
        leave.wait(60)
        return nowhere()

    desk = Desk(slow)
    try:
        with pytest.raises(TimedOut, match="did not end"):
            desk.do(lambda desktop: done.append("first"), seconds=0.05)
        assert entered.is_set()
        with pytest.raises(TimedOut, match="did not begin"):
            desk.do(lambda desktop: done.append("second"), seconds=0.05)
    finally:
        leave.set()
        desk.close()
    assert done == []


# ---------------------------------------------------------------------------------------------- forms


def posted(kind: str, body: bytes) -> dict[str, bytes]:
    return dict(fields(Asked("/x", headers={"content-type": kind}, body=body)))


def test_fields_of_a_plain_form() -> None:
    body = b"file_path=%2Fhome%2Fuser%2Fa+b.txt&empty=&n=1"
    assert posted("application/x-www-form-urlencoded", body) == {
        "file_path": b"/home/user/a b.txt",
        "empty": b"",
        "n": b"1",
    }


def test_fields_and_files_of_a_form_in_parts() -> None:
    content = b"\r\n--edge \x00\xff\r\n\r\n--"
    body = (
        b'--edge!\r\nContent-Disposition: form-data; name="file_path"\r\n\r\n/a\r\n'
        b'--edge!\r\nContent-Disposition: form-data; name="file_data"; filename="a.bin"\r\n'
        b"Content-Type: application/octet-stream\r\n\r\n" + content + b"\r\n--edge!--\r\n"
    )
    assert posted('multipart/form-data; boundary="edge!"', body) == {"file_path": b"/a", "file_data": content}


@pytest.mark.parametrize("body", [b"--e\r\n", b'--e\r\nContent-Disposition: form-data; name="a"\r\n\r\nno end'])
def test_a_form_that_is_cut_off_is_no_form(body: bytes) -> None:
    with pytest.raises(UsageError, match="cut off"):
        posted("multipart/form-data; boundary=e", body)
