"""What a task needs of a machine is told before anything is done in it, with what to install for it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from cua.core import Completed
from cua.tasks.needs import lacking
from cua.tasks.osworld import Described, load
from tests.osworld_steps import shell, step
from tests.test_osworld_tasks import FILES
from tests.worlds import Here

KEYS = "import pyautogui; pyautogui.hotkey('ctrl', 'alt', 't'); pyautogui.write('stty size')"
TERMINAL = (
    "not installed: gnome-terminal; add it with: cua sandbox build debian --with gnome-terminal (then run it --on qemu)"
)


class Sparse(Here):
    """A machine with few programs: those that looking asks for, and the ones that are put there."""

    def __init__(self, home: Path) -> None:
        super().__init__(home)
        self.programs = home / "programs"
        self.programs.mkdir()
        for name in ("sh", "test", "grep", "python", "python3", "echo", "cat"):
            (self.programs / name).symlink_to(shutil.which(name) or shutil.which("true") or "")

    def exec(self, argv: tuple[str, ...], *, seconds: float = 30.0) -> Completed:
        """Run it with these programs only."""
        return super().exec(("/usr/bin/env", f"PATH={self.programs}", *argv), seconds=seconds)

    def put(self, name: str, script: str = "") -> None:
        """Install a program."""
        (self.programs / name).write_text(f"#!/bin/sh\n{script}\n")
        (self.programs / name).chmod(0o755)


@pytest.fixture
def sparse(tmp_path: Path) -> Sparse:
    return Sparse(tmp_path)


def task(folder: Path, *config: dict[str, Any], **evaluator: Any) -> Described:
    path = folder / "task.json"
    told = {"id": "one", "instruction": "Do it", "config": config, "evaluator": evaluator or {"func": "infeasible"}}
    path.write_text(json.dumps(told))
    return load(path)


READS = {
    "func": "check_include_exclude",
    "result": {"type": "vm_terminal_output"},
    "expected": {"type": "rule", "rules": {"include": ["43 132"]}},
}


@pytest.mark.parametrize("name", ["4783cc41", "13584542"])
def test_a_task_of_the_benchmark_that_opens_a_terminal_needs_it(sparse: Sparse, name: str) -> None:
    (path,) = FILES.glob(f"os/{name}*.json")
    sparse.put("mkdir")
    assert lacking(load(path), sparse) == TERMINAL
    sparse.put("x-terminal-emulator")
    sparse.put("uxterm")
    assert lacking(load(path), sparse) == TERMINAL
    sparse.put("gnome-terminal")
    assert lacking(load(path), sparse) == ""


@pytest.mark.parametrize(
    ("config", "evaluator", "needed"),
    [
        ((step("execute", command=["python", "-c", KEYS]),), {}, True),
        ((step("activate_window", window_name="Terminal"),), {}, True),
        ((), READS, True),
        ((step("execute", command=["python", "-c", KEYS.replace("'t'", "'r'")]),), {}, False),
        ((step("activate_window", window_name="Terminal notes"),), {}, False),
        ((step("launch", command=["xterm"]), step("activate_window", window_name="Terminal")), {}, False),
    ],
)
def test_what_a_task_does_tells_whether_it_opens_a_terminal(
    sparse: Sparse, tmp_path: Path, config: tuple[dict[str, Any], ...], evaluator: dict[str, Any], needed: bool
) -> None:
    sparse.put("xterm")
    assert lacking(task(tmp_path, *config, **evaluator), sparse) == (TERMINAL if needed else "")


def test_what_is_missing_is_told_with_the_packages_that_are_known(sparse: Sparse, tmp_path: Path) -> None:
    told = task(tmp_path, shell("echo password | sudo -S true; echo 1 | bc; pactl info; no-such-program"))
    sparse.put("true")
    assert lacking(told, sparse) == (
        "not installed: bc, no-such-program, pactl, sudo; "
        "add it with: cua sandbox build debian --with bc,pulseaudio-utils,sudo (then run it --on qemu)"
    )
    assert lacking(task(tmp_path, shell("no-such-program")), sparse) == "not installed: no-such-program"


def test_settings_that_are_missing_are_told_with_their_package(sparse: Sparse, tmp_path: Path) -> None:
    sparse.put("gsettings", "echo org.gnome.desktop.interface")
    schemas = "gsettings set org.gnome.shell a 1; gsettings get org.gnome.desktop.interface b; gsettings get org.none c"
    assert lacking(task(tmp_path, shell(schemas)), sparse) == (
        "not installed: the settings org.gnome.shell, org.none; "
        "add it with: cua sandbox build debian --with gnome-shell-common (then run it --on qemu)"
    )
    profile = "gsettings set org.gnome.Terminal.Legacy.Profile:/org/gnome/terminal/: default-size-rows 43"
    assert "--with gnome-terminal " in lacking(task(tmp_path, shell(profile)), sparse)
