"""Images of virtual machines: their ids, what is kept of them, what a build leaves and says; and one that is booted."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tarfile
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.client import HTTPException
from pathlib import Path

import pytest

from cua.errors import MissingProgram, SandboxError, TroubleError, UsageError
from sandbox_vms import images
from sandbox_vms.images import folders, kept, make, pythons, recipe
from sandbox_vms.images.commands import Workshop
from tests import machines
from tests.waiting import awaited

CUA = (sys.executable, "-c", "from cua.cli import main; main()")
NO_PACKAGE = "there-is-no-such-package"
BUILD = "import sys, pathlib; from sandbox_vms import images; images.build(pathlib.Path(sys.argv[1]), say=print)"
# an agent as small as can be: it runs what it is sent, as root of the guest
AGENT = """
import http.server, subprocess
class Run(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        said = subprocess.run(["bash", "-c", self.rfile.read(int(self.headers["Content-Length"]))], capture_output=True)
        self.send_response(200)
        self.end_headers()
        self.wfile.write(said.stdout + said.stderr)
http.server.HTTPServer(("0.0.0.0", 5000), Run).serve_forever()
"""
BOOT_LIMIT = 300.0


def cua(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*CUA, *arguments], capture_output=True, text=True, check=False)


def in_folder(folder: Path, name: str = "0a1b", *, made: str = "2026-01-01", commands: tuple[str, ...] = ()) -> Path:
    """An image as a build leaves it, but small."""
    path = folder / name
    path.mkdir(parents=True)
    for file in kept.FILES:
        (path / file).write_text(f"{file} of {name}")
    sums = {file: kept.checksum(path / file) for file in kept.FILES}
    told = {"recipe": "debian", "asked": ["nano"], "made": made, "command_line": "quiet", "sha256": sums}
    (path / kept.MANIFEST).write_text(json.dumps({**told, "commands": commands}))
    return path


@contextmanager
def shop(folder: Path, heard: list[str] | None = None) -> Iterator[Workshop]:
    folder.mkdir(exist_ok=True)
    with folders.alone(folder, "here", lambda _: None) as lock:
        yield Workshop(folder, lock, (heard if heard is not None else []).append)


def living(mark: str) -> list[int]:
    """The processes that have this word among their arguments."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if mark.encode() in path.read_bytes().split(b"\0"):
                found.append(int(path.parent.name))
        except OSError:  # it ended meanwhile
            continue
    return found


# ---------------------------------------------------------------------------------------------- what it is made of


def test_the_same_wish_has_the_same_id_and_another_has_another() -> None:
    plain = recipe.load("debian")
    both = recipe.load("debian", ("nano", "less"))
    assert both.id == recipe.load("debian", ("less", "nano", "less")).id
    assert len({plain.id, both.id, recipe.load("debian", ("nano",)).id}) == 3
    assert recipe.load("debian", plain.packages[:2]).id == plain.id  # it has them anyway


def test_whatever_shapes_the_image_is_in_its_id() -> None:
    plain = recipe.load("debian")
    others = [
        replace(plain, suite="trixie"),
        replace(plain, left_out=plain.left_out[1:]),
        replace(plain, let_in=plain.let_in[1:]),
        replace(plain, modules=plain.modules[1:]),
        replace(plain, settings={}),
        replace(plain, password="x"),
        replace(plain, command_line="quiet"),
        replace(plain, python=replace(plain.python, packages=plain.python.packages[1:])),
    ]
    assert len({plain.id, *(each.id for each in others)}) == len(others) + 1


def test_the_guest_has_the_environment_of_the_other_sandbox_and_keeps_settings_as_a_desktop_does() -> None:
    told = dict(line.split("=", 1) for line in recipe.environment_file().splitlines())
    assert told["DISPLAY"] == ":0"
    assert told["DBUS_SESSION_BUS_ADDRESS"] == "unix:path=/run/user/1000/bus"
    assert told["GSETTINGS_BACKEND"] == "dconf"


@pytest.mark.parametrize("name", ["Nano", "a", "-y", "nano;true", "nano less", "../x", "--include=x"])
def test_what_cannot_be_a_package_is_refused_before_anything_is_done(name: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be a Debian package"):
        images.build(tmp_path / "images", packages=(name,))
    assert not (tmp_path / "images").exists()


def test_an_unknown_recipe_names_those_that_there_are(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"no recipe 'windows'.*debian"):
        images.build(tmp_path, recipe="windows")


def test_a_python_package_that_is_not_here_is_named() -> None:
    wanted = replace(recipe.load("debian").python, packages=(NO_PACKAGE,))
    with pytest.raises(MissingProgram, match=NO_PACKAGE):
        pythons.versions(wanted)


# ---------------------------------------------------------------------------------------------- what is kept


def test_an_image_is_found_by_its_id_and_by_a_program_in_it(tmp_path: Path) -> None:
    in_folder(tmp_path, "aa", made="2026-01-02", commands=("nano",))
    in_folder(tmp_path, "bb", made="2026-01-03", commands=("nano", "less"))
    in_folder(tmp_path, "cc", made="2026-01-04")
    found = kept.found(tmp_path, "aa")
    assert found is not None
    assert (found.disk.read_text(), found.command_line) == ("disk.qcow2 of aa", "quiet")
    newest = images.with_command(tmp_path, "nano")
    assert newest is not None
    assert newest.id == "bb"
    assert images.with_command(tmp_path, "vim") is None


@pytest.mark.parametrize("file", kept.FILES)
def test_a_damaged_image_is_not_found_even_if_it_was_whole_before(tmp_path: Path, file: str) -> None:
    path = in_folder(tmp_path, commands=("nano",))
    assert kept.found(tmp_path, path.name) is not None
    text = (path / file).read_text()
    (path / file).write_text(text.swapcase())
    assert kept.found(tmp_path, path.name) is None
    with pytest.raises(
        SandboxError, match=f"the image {path.name}.* is damaged; .*: cua sandbox build debian --with n"
    ):
        images.with_command(tmp_path, "nano")
    (path / file).write_text(text)
    assert kept.found(tmp_path, path.name) is not None
    (path / file).unlink()
    assert kept.found(tmp_path, path.name) is None


@pytest.mark.parametrize("text", ["", "no json", "[]", "[1]", "{}", '{"sha256": 3}', "[" * 200_000])
def test_an_image_with_an_unreadable_manifest_is_damaged_and_can_be_removed(tmp_path: Path, text: str) -> None:
    path = in_folder(tmp_path)
    (path / kept.MANIFEST).write_text(text)
    assert kept.found(tmp_path, path.name) is None
    (listed,) = images.listed(tmp_path)
    assert listed.damaged
    images.remove(tmp_path, path.name)
    assert list(tmp_path.iterdir()) == []


def test_the_list_has_the_newest_first_and_shows_no_builds(tmp_path: Path) -> None:
    assert images.listed(tmp_path / "none") == ()
    in_folder(tmp_path, "aa", made="2026-01-02")
    in_folder(tmp_path, "bb", made="2026-01-03")
    with folders.alone(tmp_path, "cc", lambda _: None), folders.part(tmp_path, "cc") as under_way:
        found = images.listed(tmp_path)
        assert under_way.exists()
    assert [each.id for each in found] == ["bb", "aa"]
    assert found[0].packages == ("nano",)
    assert found[0].size >= 4 * 512


def test_an_image_is_removed_by_how_its_id_begins_if_only_one_begins_so(tmp_path: Path) -> None:
    for name in ("ab1", "ab2", "cd"):
        in_folder(tmp_path, name)
    for wrong in ("", "ab", "ef"):
        with pytest.raises(UsageError, match="ab1"):
            images.remove(tmp_path, wrong)
    assert images.remove(tmp_path, "c") == "cd"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["ab1", "ab2"]


def test_an_image_of_the_same_id_with_another_disk_is_another(tmp_path: Path) -> None:
    path = in_folder(tmp_path / "one")
    first = kept.found(tmp_path / "one", path.name)
    in_folder(tmp_path / "same")
    path.joinpath("initrd").write_text("of another day")
    manifest = json.loads((path / kept.MANIFEST).read_text())
    manifest["sha256"]["initrd"] = kept.checksum(path / "initrd")
    (path / kept.MANIFEST).write_text(json.dumps(manifest))
    second, same = kept.found(tmp_path / "one", path.name), kept.found(tmp_path / "same", path.name)
    assert first is not None
    assert second is not None
    assert same is not None
    assert (first.id, first.content) == (same.id, same.content)
    assert (second.id, second.content != first.content) == (first.id, True)
    with pytest.raises(SandboxError, match="made anew meanwhile"), kept.used(first):
        pass


def test_an_image_that_another_process_uses_is_not_removed_until_that_ends_however_it_does(tmp_path: Path) -> None:
    path = in_folder(tmp_path)
    code = "import sys, pathlib\nfrom sandbox_vms.images import kept\n"
    code += "with kept.used(kept.found(pathlib.Path(sys.argv[1]), sys.argv[2])):\n    print('on')\n    sys.stdin.read()"
    argv = [sys.executable, "-u", "-c", code, str(tmp_path), path.name]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as user:
        assert user.stdout is not None
        assert user.stdout.readline() == "on\n"
        with pytest.raises(SandboxError, match=f"machines still run on the image {path.name}; close them"):
            images.remove(tmp_path, path.name)
        assert kept.found(tmp_path, path.name) is not None
        user.kill()
    images.remove(tmp_path, path.name)
    assert list(tmp_path.iterdir()) == []


def test_the_list_is_whole_while_images_come_and_go(tmp_path: Path) -> None:
    def come_and_go() -> None:
        for number in range(300):
            in_folder(tmp_path / "new", f"{number}").rename(folder / f"{number}")
            images.remove(folder, f"{number}")

    folder = tmp_path / "images"
    in_folder(folder, "stays")
    other = threading.Thread(target=come_and_go)
    other.start()
    seen = []
    while other.is_alive():
        seen.append(images.listed(folder))
    other.join()
    assert {(each.recipe, each.damaged) for shown in seen for each in shown} == {("debian", False)}
    assert all("stays" in [each.id for each in shown] for shown in seen)


def test_what_a_killed_build_left_is_swept_and_one_under_way_is_let_be(tmp_path: Path) -> None:
    for name in ("dead", "living"):
        (tmp_path / f"part-{name}" / "root").mkdir(parents=True)
    (tmp_path / "dead.lock").touch()
    with folders.alone(tmp_path, "living", lambda _: None):
        folders.sweep(tmp_path)
        assert sorted(path.name for path in tmp_path.iterdir()) == ["living.lock", "part-living"]
    folders.sweep(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_of_two_who_want_the_same_image_the_second_waits_and_is_told_so(tmp_path: Path) -> None:
    code = "import sys, pathlib\nfrom sandbox_vms.images import folders\n"
    code += "with folders.alone(pathlib.Path(sys.argv[1]), 'x', print): pass"
    with folders.alone(tmp_path, "x", lambda _: None):
        second = subprocess.Popen([sys.executable, "-u", "-c", code, tmp_path], stdout=subprocess.PIPE, text=True)
        assert second.stdout is not None
        assert "waiting" in second.stdout.readline()
        assert second.poll() is None
    with second:
        assert second.wait(60) == 0
    assert list(tmp_path.iterdir()) == []


# ---------------------------------------------------------------------------------------------- what a build runs


def test_a_program_is_heard_line_by_line_and_its_failure_is_told(tmp_path: Path) -> None:
    heard: list[str] = []
    with shop(tmp_path / "shop", heard) as here:
        assert here.run(("sh", "-c", "echo one; echo two >&2; id -u")) == ["one", "two", "0"]
        assert heard == ["one", "two", "0"]
        with pytest.raises(SandboxError, match=r"ls failed with code 2: ls: .*/none"):
            here.run(("ls", str(tmp_path / "none")))


@pytest.mark.parametrize(
    ("argv", "kind", "said"),
    [
        (("apt-get", "install", "--simulate", NO_PACKAGE), UsageError, f"no package {NO_PACKAGE!r}"),
        (("sh", "-c", "cat /etc/passwd >/dev/full"), SandboxError, "became full"),
        (
            (
                sys.executable,
                "-m",
                "pip",
                "download",
                "--retries",
                "0",
                "--index-url",
                "http://127.0.0.1:1",
                NO_PACKAGE,
            ),
            SandboxError,
            "no registry of Python packages",
        ),
    ],
)
def test_what_went_wrong_is_explained(
    argv: tuple[str, ...], kind: type[TroubleError | UsageError], said: str, tmp_path: Path
) -> None:
    with shop(tmp_path / "shop") as here, pytest.raises(kind, match=said):
        here.run(argv)


def test_an_interruption_ends_all_programs_at_once(tmp_path: Path) -> None:
    def interrupted(_: str) -> None:
        raise KeyboardInterrupt

    mark = f"31.{os.getpid()}"
    with folders.alone(tmp_path, "x", lambda _: None) as lock, pytest.raises(KeyboardInterrupt):
        Workshop(tmp_path, lock, interrupted).run(("sh", "-c", f"echo; sleep {mark} & setsid sleep {mark}"))
    assert living(mark) == []


def test_programs_end_with_an_owner_that_is_killed_and_only_then_is_the_lock_free(tmp_path: Path) -> None:
    mark = f"32.{os.getpid()}"
    code = (
        "import sys, pathlib\nfrom sandbox_vms.images.commands import Workshop\n"
        "from sandbox_vms.images.folders import alone, part\nhere = pathlib.Path(sys.argv[1])\n"
        "with alone(here, 'x', print) as lock, part(here, 'x') as part:\n"
        f"    Workshop(part, lock, print).run(('sh', '-c', 'echo on; setsid sleep {mark}'))"
    )
    owner = subprocess.Popen([sys.executable, "-u", "-c", code, tmp_path], stdout=subprocess.PIPE, text=True)
    with owner:
        assert owner.stdout is not None
        assert owner.stdout.readline() == "on\n"
        awaited(lambda: living(mark), "the program")
        owner.send_signal(signal.SIGKILL)
    with folders.alone(tmp_path, "x", lambda _: None):
        assert living(mark) == []
    assert (tmp_path / "part-x").exists()
    folders.sweep(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_no_room_on_the_disk_is_said_before_anything_is_fetched(tmp_path: Path) -> None:
    wanted = replace(recipe.load("debian"), room=1 << 40)
    with pytest.raises(SandboxError, match=r"needs about \d+ MB in .* are free"):
        make._check_room(tmp_path, wanted)


def test_missing_programs_are_named_with_the_command_that_gets_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(MissingProgram, match=r"apt install .*mmdebstrap.*qemu-utils"):
        images.build(tmp_path / "images")
    assert list((tmp_path / "images").iterdir()) == []


def test_packages_come_from_where_this_machine_has_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sources = tmp_path / "sources.list"
    sources.write_text(
        "deb http://127.0.0.1:1/debian bookworm main\ndeb http://127.0.0.1:1/other bookworm-backports main\n"
        "deb http://127.0.0.1:1/third nodistro main\n"
    )
    settings = tmp_path / "apt.conf"
    settings.write_text(f'Dir::Etc::sourcelist "{sources}"; Dir::Etc::sourceparts "{tmp_path}/none";')
    monkeypatch.setenv("APT_CONFIG", str(settings))
    assert make._mirrors("bookworm") == ["deb http://127.0.0.1:1/debian bookworm main"]
    assert make._mirrors("trixie")[0].endswith(" trixie main")  # this machine has none of it: Debian's own


# ---------------------------------------------------------------------------------------------- the command line


@pytest.mark.parametrize("arguments", [("windows",), ("debian", "--with", "Nano"), ()])
def test_a_wrong_request_for_an_image_has_exit_code_2(arguments: tuple[str, ...]) -> None:
    done = cua("sandbox", "build", *arguments)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)


# ---------------------------------------------------------------------------------------------- a real one


@pytest.fixture(scope="module")
def image() -> images.Image:
    return machines.image().image


@pytest.mark.machines
def test_the_manifest_says_what_the_image_was_made_of(image: images.Image) -> None:
    told = json.loads((image.disk.parent / kept.MANIFEST).read_text())
    assert told["packages"]["systemd"]
    assert set(told["python"]) == set(recipe.load("debian").python.packages)
    assert {"python3", "Xvfb", "openbox"} <= set(told["commands"])
    assert told["sha256"]["disk.qcow2"] == kept.checksum(image.disk)


@pytest.mark.machines
def test_a_machine_boots_into_the_session_with_the_agent_from_the_second_disk(
    image: images.Image, tmp_path: Path
) -> None:
    with booted(image, tmp_path) as ask:
        assert ask("cat /opt/cua/token") == "a token"
        assert ask("id -nu user; id -u user; id -nG user") == "user\n1000\nuser sudo"
        assert ask("sudo -u user sudo -n id -u") == "0"
        assert ask("ls /home/user") == "Desktop\nDocuments\nDownloads\nPictures"
        assert ask("hostname; locale charmap") == "sandbox\nUTF-8"
        assert "10.0.2.15/24" in ask("ip -brief addr show eth0")
        assert ask("ip route show default") == ""
        assert ask("cat /sys/class/misc/hw_random/rng_current") == "virtio_rng.0"
        assert ask("systemctl --failed --no-legend; systemctl is-active cua.target") == "active"
        screen = (
            "python3 -c 'import pyautogui as p; p.moveTo(5, 6); print(*p.size(), *p.position(), p.screenshot().size)'"
        )
        assert user(ask, screen).splitlines()[-1] == "900 700 5 6 (900, 700)"
        key = "org.gnome.desktop.interface toolkit-accessibility"
        assert user(ask, f"gsettings get {key}") == "true"
        user(ask, f"gsettings set {key} false")
        assert user(ask, "dconf read /org/gnome/desktop/interface/toolkit-accessibility") == "false"
        assert user(ask, "python3 -c 'import mss, xcffib.xproto, dbus_fast, PIL.Image'") == ""
        names = "dbus-send --session --print-reply --dest=org.freedesktop.DBus / org.freedesktop.DBus.ListNames"
        assert '"org.a11y.Bus"' in user(ask, names)
        assert int(ask("awk '/MemAvailable/ { print $2 }' /proc/meminfo")) > 600_000


@pytest.mark.live
def test_the_same_recipe_gives_the_same_disk_and_a_kept_one_is_used_again(tmp_path: Path) -> None:
    heard: list[str] = []
    one = images.build(tmp_path / "one", say=heard.append)
    assert "packages: 99 % " in "\n".join(heard)
    other = images.build(tmp_path / "other")
    sums = [json.loads((each.disk.parent / kept.MANIFEST).read_text()) for each in (one, other)]
    assert sums[0]["content"] == sums[1]["content"]
    assert sums[0]["sha256"] == sums[1]["sha256"]
    heard.clear()
    assert images.build(tmp_path / "one", say=heard.append) == one
    assert heard == []
    assert sorted(path.name for path in (tmp_path / "one").iterdir()) == [one.id]
    shutil.rmtree(tmp_path)


@pytest.mark.live
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_a_build_that_is_ended_in_the_middle_leaves_nothing(number: signal.Signals, tmp_path: Path) -> None:
    started = subprocess.Popen([sys.executable, "-u", "-c", BUILD, tmp_path], stdout=subprocess.PIPE, text=True)
    with started:
        assert started.stdout is not None
        assert any("packages: 5 %" in line for line in started.stdout)
        started.send_signal(number)

    def left() -> list[Path]:
        folders.sweep(tmp_path)  # it leaves alone what still ends
        return list(tmp_path.iterdir())

    if number == signal.SIGKILL:
        awaited(left, "an empty folder", lambda seen: not seen)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.live
def test_a_package_that_debian_has_not_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=NO_PACKAGE):
        images.build(tmp_path, packages=(NO_PACKAGE,))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.live
def test_packages_that_cannot_be_reached_are_trouble_and_leave_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "sources.list").write_text("deb http://127.0.0.1:1/debian bookworm main\n")
    settings = tmp_path / "apt.conf"
    settings.write_text(f'Dir::Etc::sourcelist "{tmp_path}/sources.list"; Dir::Etc::sourceparts "{tmp_path}/none";')
    monkeypatch.setenv("APT_CONFIG", str(settings))
    with pytest.raises(SandboxError, match="no registry of packages can be reached"):
        images.build(tmp_path / "images")
    assert list((tmp_path / "images").iterdir()) == []


class Ask:
    """Runs commands in a guest, as root, by way of the small agent."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}/"

    def __call__(self, command: str) -> str:
        with urllib.request.urlopen(self.url, command.encode(), timeout=BOOT_LIMIT) as answer:
            return str(answer.read().decode()).strip()

    def answers(self) -> bool:
        try:
            return self("echo on") == "on"
        except (OSError, HTTPException):
            return False


def user(ask: Ask, command: str) -> str:
    """The same as the person in the guest, in the session."""
    return ask(f"cd /home/user; set -a; . /etc/cua/environment; sudo -E -u user {command}")


@contextmanager
def booted(image: images.Image, folder: Path) -> Iterator[Ask]:
    """A machine of that image with the small agent."""
    agent, disk = folder / "agent.tar", folder / "disk.qcow2"
    package = folder / "sandbox_vms"
    package.mkdir()
    (package / "guest.py").write_text(AGENT)
    (folder / "token").write_text("a token\n")
    with tarfile.open(agent, "w") as tar:
        tar.add(package, "sandbox_vms")
        tar.add(folder / "token", "token")
    base = ("-F", image.disk_format, "-b", image.disk)
    subprocess.run(("qemu-img", "create", "-q", "-f", "qcow2", *base, disk), check=True)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    devices = ["-nic", f"user,model=virtio-net-pci,restrict=on,hostfwd=tcp:127.0.0.1:{port}-:5000"]
    devices += ["-drive", f"file={disk},if=virtio", "-drive", f"file={agent},if=virtio,format=raw,readonly=on"]
    devices += ["-device", "virtio-rng-pci", "-display", "none", "-serial", f"file:{folder / 'console'}"]
    line = f"{image.command_line} cua.size=900x700"
    boot = ["-kernel", str(image.kernel), "-initrd", str(image.initrd), "-append", line, "-no-reboot"]
    command = ["qemu-system-x86_64", "-nodefaults", "-accel", "tcg", "-cpu", "max", "-m", "1024", *boot, *devices]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL) as machine:
        try:
            ask = Ask(port)
            end = time.monotonic() + BOOT_LIMIT
            while not ask.answers():
                assert machine.poll() is None, (folder / "console").read_text()
                assert time.monotonic() < end, (folder / "console").read_text()
                time.sleep(0.2)
            yield ask
        finally:
            machine.kill()
