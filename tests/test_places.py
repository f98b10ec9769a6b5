"""The folders of sandboxes: what goes wrong with them is said with the folder and the next step."""

from __future__ import annotations

import shutil
import uuid

import pytest

from cua.errors import SandboxError
from sandbox_vms import places


def test_a_room_that_cannot_be_made_is_named() -> None:
    with pytest.raises(SandboxError, match=rf"{places.base()} cannot be written: No such file.*; free some space"):
        places.make("no-such-folder/room")


def test_what_cannot_be_recorded_names_the_room() -> None:
    room = places.make(f"sb-{uuid.uuid4().hex[:12]}")
    shutil.rmtree(room.path)
    try:
        with pytest.raises(SandboxError, match=rf"{room.path} cannot be written"):
            room.record({"processes": []})
    finally:
        room.remove()
