"""Some programs say only when a menu opens whether its ticks are on: no tick is believed, or switched twice, unseen."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from cua.core import Click
from cua.doing import do_there
from cua.memory.store import Store
from cua.practice.scout import unfolded
from cua.screen import Screen
from cua.seats import Seat
from sandbox_vms.apps import App
from sandbox_vms.namespace import Namespace
from tests.sandboxes import sandboxed
from tests.waiting import awaited

SHEET = App("libreoffice", ("libreoffice", "--calc", "--norestore", "--nologo"))


def seen_open(box: Namespace, menu: str, entry: str) -> bool:
    """Whether the tick is on in the open menu, which is closed again."""
    driver = box.driver
    door = next(e for e in driver.observe(frame=False).elements if (e.role, e.name) == ("menu", menu))
    driver.act(Click(door))
    screen = awaited(lambda: Screen.of(driver.observe(frame=False)), f"the menu {menu}", unfolded)
    on = any("checked" in e.states for e in screen.now.elements if e.name == entry)
    driver.act(Click(door))
    return on


def test_a_tick_that_tells_only_in_its_open_menu_is_switched_once(tmp_path: Path) -> None:
    if shutil.which("libreoffice") is None:
        pytest.skip("no spreadsheet is installed")
    with Store(tmp_path / "record.db") as store, sandboxed(SHEET) as box:
        place = Seat(box, store, "libreoffice", "/home/user", {})
        awaited(
            lambda: box.driver.observe(frame=False),
            "its menus",
            lambda now: any(e.role == "menu" for e in now.elements),
        )
        for words, on in (("show the formulas", True), ("show the formulas", True), ("hide the formulas", False)):
            done = do_there(words, place)
            assert (done.outcome, seen_open(box, "View", "Show Formula")) == ("pass", on), done.saying
