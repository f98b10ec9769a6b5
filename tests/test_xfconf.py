"""What Xfce's daemon holds is told at once, under the keys that its files get later, and once only."""

from __future__ import annotations

import re

import pytest

from cua.core import Change
from cua.errors import SandboxError
from sandbox_vms import xfconf
from sandbox_vms.settings_files import read_settings
from sandbox_vms.world import DesktopWorld
from sandbox_vms.xml_files import tree
from tests.sandboxes import installed, sandboxed
from tests.waiting import awaited

FILE = b"""<?xml version="1.0" encoding="UTF-8"?>
<channel name="board" version="1.0">
  <property name="misc" type="empty">
    <property name="bell" type="bool" value="true"/>
    <property name="names" type="array"><value type="string" value="a"/><value type="int" value="2"/></property>
  </property>
  <property name="zoom" type="double" value="1.500000"><property name="step" type="int" value="3"/></property>
</channel>"""


def test_a_file_of_the_daemon_is_told_by_channel_and_property() -> None:
    assert read_settings(f"{xfconf.FOLDER}board.xml", FILE) == {
        "xfconf:/board/misc/bell": "true",
        "xfconf:/board/misc/names": "[a, 2]",
        "xfconf:/board/zoom": "1.500000",
        "xfconf:/board/zoom/step": "3",
    }


def test_what_is_no_file_of_the_daemon_is_refused() -> None:
    with pytest.raises(SandboxError, match=re.escape("begins with <board>")):
        xfconf.pairs(tree(b"<board/>"))
    assert read_settings(f"{xfconf.FOLDER}board.xml", b"<board/>") is None


def test_a_change_is_told_before_it_is_written_and_in_the_same_words_after() -> None:
    with sandboxed(installed()) as sandbox:
        world, file = sandbox.world, f"~/{xfconf.FOLDER}board.xml"
        done = world.exec(("xfconf-query", "-c", "board", "-p", "/bell", "-n", "-t", "double", "-s", "1.5"))
        assert done.code == 0, done.err
        with pytest.raises(FileNotFoundError):
            world.read(file)
        at_once = world.changes()
        assert at_once.settings == {"xfconf:/board/bell": Change(None, "1.500000")}
        awaited(lambda: written(world, file), "the daemon writes its file")
        assert world.changes() == at_once
        sandbox.restart()
        assert sandbox.world.changes().settings == at_once.settings


def written(world: DesktopWorld, path: str) -> bool:
    try:
        return bool(world.read(path))
    except FileNotFoundError:
        return False
