"""What of the changes that a recording made must come about again, and what only may."""

from __future__ import annotations

from cua.checks import FileHolds, SettingIs
from cua.core import Change, Changes
from cua.record.effects import effects
from cua.record.params import Params

WRAP = ".config/quill.conf#view/wrap"


def test_a_setting_that_was_switched_must_be_switched_again() -> None:
    checks, allowed = effects(Changes(), Changes({WRAP: Change("off", "on")}), Params(), {})
    assert checks == (SettingIs(WRAP, ("on",)),)
    assert allowed == ()


def test_settings_that_a_program_wrote_down_whole_for_the_first_time_may_be_and_are_not_asked_for() -> None:
    whole = {f".config/quill.conf#view/number-{at}": Change(None, str(at)) for at in range(20)}
    after = Changes({**whole, "gsettings:/org/quill/wrap": Change(None, "true")}, {"plan.txt": "created"})
    checks, allowed = effects(Changes(), after, Params(), {"plan.txt": "hello"})
    assert set(checks) == {SettingIs("gsettings:/org/quill/wrap", ("true",)), FileHolds("~/plan.txt", "hello")}
    assert allowed == ("setting:.config/quill.conf#*",)


def test_what_it_wrote_down_before_the_recording_is_asked_for_where_it_differs() -> None:
    whole = {f".config/quill.conf#view/number-{at}": Change(None, str(at)) for at in range(20)}
    after = whole | {WRAP: Change(None, "on")}
    checks, _ = effects(Changes(whole | {WRAP: Change(None, "off")}), Changes(after), Params(), {})
    assert checks == (SettingIs(WRAP, ("on",)),)
