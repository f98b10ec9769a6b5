"""What can be asked of an app: named as a person would, never by what says the opposite."""

from __future__ import annotations

import pytest

from cua.memory.maps import Law, Map
from cua.policies.abilities import Ability, abilities
from cua.screen import Control

KEY = "main||checkbox|Custom font"


def offered(control: Control, law: Law) -> tuple[Ability, ...]:
    return abilities(Map("quill", controls={control.key: control}, laws={control.key: law}), {})


def tick(on: str, off: str) -> Law:
    return Law(KEY, "toggle", {"a.ini#use-system-font": {"on": on, "off": off}}, signals=("state", "setting"))


@pytest.mark.parametrize(("on", "off", "called"), [("true", "false", True), ("false", "true", False)])
def test_a_setting_that_says_the_opposite_gives_no_name(on: str, off: str, called: bool) -> None:
    (found,) = offered(Control(KEY, "checkbox", "Custom font", "main", checkable=True), tick(on, off))
    assert ("use system font" in [name.text for name in found.names]) == called


def test_what_a_list_holds_is_no_command() -> None:
    control = Control("dialog:keys||cell|Open", "cell", "Open", "dialog:keys")
    assert offered(control, Law(control.key, "nothing")) == ()
    assert len(offered(control, Law(control.key, "opens", opens="dialog:open", signals=("window",)))) == 1


def test_a_tooltip_is_read_without_its_markup() -> None:
    control = Control("main||button|Go", "button", "Go", "main", description="<p style='white-space:pre'>Go there</p>")
    (found,) = offered(control, Law(control.key, "command"))
    assert [(name.text, name.kind) for name in found.names] == [("Go", "label"), ("Go there", "tooltip")]


def test_two_ticks_that_write_different_values_to_one_setting_are_two_abilities() -> None:
    """Else to allow that words are split would turn the wrapping off."""
    known = Map("quill")
    for name, off in (("Wrap lines", "none"), ("Do not split words", "char"), ("Wrap", "none")):
        control = Control(f"dialog:options||checkbox|{name}", "checkbox", name, "dialog:options", checkable=True)
        known.controls[control.key] = control
        written = {"quill#wrap-mode": {"on": "word", "off": off}}
        known.laws[control.key] = Law(control.key, "toggle", settings=written, signals=("state", "setting"))
    found = [[control.name for control in ability.controls] for ability in abilities(known, {})]
    assert found == [["Wrap lines", "Wrap"], ["Do not split words"]]
