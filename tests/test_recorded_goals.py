"""What a person says that a recording does is what `cua do` finds it by: said with it, or written into it later.

A real recording of a real page at a display, by the command line.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from cua import workflows_app
from cua.cli import main_app
from cua.do_app import do
from tests.test_cli_workflows import COLOURS, Going, Person, Shop, cua, person, refused, shop, start
from tests.waiting import LIMIT

__all__ = ["person", "shop", "start"]  # fixtures

EDITOR = """#!{python}
import pathlib, sys
draft = pathlib.Path(sys.argv[1])
draft.write_text(draft.read_text().replace('goal = "{was}"', 'goal = "{new}"'))
"""


def shown(shop: Shop, person: Person, going: Going, text: str = "Ada") -> str:
    """What is printed in the end of a recording of one customer."""
    going.says("go ahead")
    person.attends()
    person.writes(COLOURS["first"], text)
    person.writes(COLOURS["city"], "London")
    person.hands.click(person.sees(COLOURS["save"]))
    going.says("click button 'Save'")
    assert cua("record", "--stop").returncode == 0
    assert going.process.wait(LIMIT) == 0, going.lines
    going.reading.join(LIMIT)
    shop.saved.clear()
    return going.lines[-1]


def test_what_is_said_of_it_finds_it_with_other_values(shop: Shop, person: Person, start: Callable[..., Going]) -> None:
    words = ("--goal", "add a customer Ada in London")
    said = shown(shop, person, start("record", "customer", "--on", shop.url, *words, DISPLAY=person.display))
    assert said.endswith("""in quotes: cua do 'add a customer "Ada" in "London"'\n""")
    assert workflows_app.workflow("customer").goal == "add a customer ${first_name} in ${city}"
    assert do("add a customer Grace in Paris", "").outcome == "pass"
    assert [row[:2] for row in shop.saved] == [("Grace", "Paris")]


def test_without_words_one_is_told_where_to_write_them_and_they_find_it(
    shop: Shop, person: Person, start: Callable[..., Going], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = shown(shop, person, start("record", "customer", "--on", shop.url, DISPLAY=person.display))
    assert 'with the values as they were typed (first_name "Ada", city "London"): cua workflows edit customer' in said
    assert do("customer", "").route[0].rung == "person"
    editor = tmp_path / "editor"
    text = EDITOR.format(python=sys.executable, was="customer", new="add Ada of London")
    editor.write_text(text, encoding="utf-8")
    editor.chmod(0o755)
    monkeypatch.setenv("VISUAL", str(editor))
    assert main_app(["workflows", "edit", "customer"], standalone_mode=False) is None
    (file,) = workflows_app.take_out("customer", "toml", tmp_path)
    assert do("add Grace of Paris", "").outcome == "pass"
    file.write_text(file.read_text(encoding="utf-8").replace("add Ada of London", "enter Ada from London"))
    assert main_app(["workflows", "import", str(file), "--force"], standalone_mode=False) is None
    assert do("enter Bo from Rome", "").outcome == "pass"
    assert [row[:2] for row in shop.saved] == [("Grace", "Paris"), ("Bo", "Rome")]


def test_words_that_nobody_could_read_are_refused_before_a_browser_starts() -> None:
    assert "the goal is empty" in str(refused("record", "customer", "--on", "web", "--goal", " "))
