"""A folder that was made while it was recorded is an effect, and read back. Real files and a real sandbox."""

from __future__ import annotations

from pathlib import Path

import pytest

from cua.checks import FolderIs
from cua.errors import UsageError
from cua.record.effects import effects
from cua.record.params import Params
from cua.recording import texts_of
from drivers.fake import FakeDriver
from sandbox_vms.local import LocalWorld
from sandbox_vms.namespace import Namespace
from tests.desktop_person import box

__all__ = ["box"]


def test_what_a_program_made_in_its_sandbox_is_required_and_read_back_there(box: Namespace) -> None:
    before = box.world.changes()
    assert box.world.exec(("mkdir", "-p", "Trips/Oslo")).code == 0
    after = box.world.changes()
    checks, _ = effects(before, after, Params({"place": "Oslo"}), texts_of(box.world, after))
    assert checks == (FolderIs("~/Trips/${place}"),)
    assert FolderIs("~/Trips/Oslo").test(box.world).holds is True
    assert FolderIs("~/Trips/Rome").test(box.world).holds is False
    assert box.world.exec(("sh", "-c", "rm -r Trips; touch Trips")).code == 0
    assert FolderIs("~/Trips").test(box.world).holds is False


def test_outside_of_a_sandbox_a_folder_of_the_home_is_read_and_no_other(tmp_path: Path) -> None:
    world = LocalWorld(FakeDriver(), tmp_path)
    (tmp_path / "Oslo").mkdir()
    (tmp_path / "Rome").write_text("a file")
    assert [FolderIs(f"~/{name}").test(world).holds for name in ("Oslo", "Rome", "Bern")] == [True, False, False]
    with pytest.raises(UsageError, match="outside of the home"):
        FolderIs("/etc").test(world)
