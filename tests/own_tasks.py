"""What tests and benches of our own tasks share: their files, and a sandbox of a task's app."""

from __future__ import annotations

import shutil
from pathlib import Path

from cua.errors import MissingProgram
from cua.tasks.own import OwnTask
from sandbox_vms import bwrap
from sandbox_vms.apps import App
from sandbox_vms.namespace import Namespace

FOLDER = Path(__file__).parents[1] / "sandbox_vms" / "tasks"


def files() -> tuple[Path, ...]:
    """Every task of ours, by name."""
    return tuple(sorted(FOLDER.glob("*.toml")))


def check_here(own: OwnTask) -> None:
    """Raises MissingProgram where a namespace sandbox of this machine cannot have what the task needs."""
    bwrap.check()
    for program in own.programs:
        if shutil.which(program.command[0]) is None:
            raise MissingProgram(f"{program.name} is not installed; apt-get install {' '.join(program.packages)}")


def sandbox_of(own: OwnTask) -> Namespace:
    """A sandbox of the task's first app, in its start state. Raises MissingProgram before anything is started."""
    check_here(own)
    return Namespace(App(own.app.name, own.app.command, own.app.packages[0]))
