"""A document that has no name yet: `save` asks for one, and leaves nothing open that nobody asked for."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from cua.doing import do_there
from cua.memory.store import Store
from cua.screen import Screen
from cua.seats import Seat
from sandbox_vms.apps import App
from tests.sandboxes import sandboxed


@pytest.mark.parametrize("program", ["mousepad", "featherpad"])
def test_what_has_no_name_is_not_saved_and_the_next_request_is_done(program: str, tmp_path: Path) -> None:
    if shutil.which(program) is None:
        pytest.skip(f"{program} is not installed")
    with Store(tmp_path / "record.db") as store, sandboxed(App(program, (program,))) as box:
        place = Seat(box, store, program, "/home/user", {})
        assert do_there("type 'alpha'", place).outcome == "pass"
        done = do_there("save", place)
        assert done.outcome != "pass"
        assert "save as NAME" in done.saying
        assert len(Screen.of(box.driver.observe(frame=False)).windows) == 1
        assert do_there("save as notes.txt", place).outcome == "pass"
        assert box.world.read("~/notes.txt").decode().rstrip("\n") == "alpha"
