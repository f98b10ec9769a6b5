"""What of the changes that a recording made must come about again, and what only may."""

from __future__ import annotations

from cua.bookkeeping import moves_window
from cua.checks import FileHolds, FolderIs, SettingIs
from cua.core import Change, Changes
from cua.record.effects import effects
from cua.record.params import Params
from drivers.fake import FakeWorld

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


def typed(**values: str) -> Params:
    """Parameters of these names and values."""
    return Params(values)


def test_a_file_that_is_called_after_a_value_in_another_form_is_allowed_and_not_asked_for() -> None:
    made = Changes(files={"Notes/Trip_to_Oslo.txt": "created", "trip-to-oslo.html": "created"})
    checks, allowed = effects(Changes(), made, typed(page="Trip to Oslo"), {"Notes/Trip_to_Oslo.txt": "hello"})
    assert checks == ()
    assert allowed == ("file:Notes/*.txt", "file:*.html")


def test_a_window_whose_title_holds_a_value_may_be_there_with_another() -> None:
    _, allowed = effects(Changes(), Changes(windows={"Plan - Diary": "opened"}), typed(book="Diary"), {})
    assert allowed == ("window:*",)


def test_of_a_file_with_dates_in_it_the_parts_with_values_are_asked_for() -> None:
    text = "Format: 2\nCreated: 2026-11-21T20:58:39\n\n== Oslo ==\nof Saturday 21 November 2026\n\nPack the bags\n"
    given = typed(page="Oslo", body="Pack the bags")
    checks, _ = effects(Changes(), Changes(files={"notes.txt": "created"}), given, {"notes.txt": text})
    assert checks == (
        FileHolds("~/notes.txt", "== ${page} ==", part=True),
        FileHolds("~/notes.txt", "${body}", part=True),
    )


def test_a_file_of_which_all_may_be_chance_must_only_be_there() -> None:
    checks, _ = effects(Changes(), Changes(files={"log.txt": "created"}), typed(), {"log.txt": "at 10:15\n"})
    assert checks == (FileHolds("~/log.txt", "", part=True),)


def test_a_folder_that_was_made_must_be_there_by_its_new_name() -> None:
    made = Changes(files={"Documents/Trip to Oslo/": "created"})
    checks, allowed = effects(Changes(), made, typed(place="Trip to Oslo"), {})
    assert (checks, allowed) == ((FolderIs("~/Documents/${place}"),), ())
    assert checks[0].names("file:Documents/${place}/")


def test_what_a_program_keeps_of_its_session_is_neither_asked_for_nor_held_against_it() -> None:
    session = "gsettings:/org/quill/state/application/session"
    after = Changes({session: Change("[]", "['a.txt']")}, {".local/state/quill/tabs": "created"})
    assert effects(Changes(), after, Params(), {}) == ((), ())
    assert moves_window(f"setting:{session}", Changes(), after)


def test_what_an_editor_locks_a_file_with_is_not_asked_for() -> None:
    made = Changes(files={"Documents/.~lock.plan.ods#": "created", "Documents/plan.ods": "created"})
    checks, _ = effects(Changes(), made, Params(), {})
    assert checks == (FileHolds("~/Documents/plan.ods", "", part=True),)


def test_that_a_file_is_there_holds_whatever_is_in_it() -> None:
    world = FakeWorld(files={"~/plan.ods": b"PK\0\1"})
    assert FileHolds("~/plan.ods", "", part=True).test(world).holds
    assert FileHolds("~/plan.ods", "Rent", part=True).test(world).holds is None


def test_a_setting_that_says_a_choice_in_another_form_may_be_another() -> None:
    after = Changes({"gsettings:/org/quill/scheme": Change("'classic'", "'cobalt'")})
    assert effects(Changes(), after, typed(scheme="Cobalt"), {}) == ((), ("setting:gsettings:/org/quill/scheme*",))
