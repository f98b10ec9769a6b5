"""The judge reads the world and knows three answers: a claim, our own trouble and silence are never a pass."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cua.checks import (
    ControlIs,
    DocumentIs,
    FileHolds,
    Requirement,
    SettingIs,
    ShowsNumber,
    WindowIs,
    WindowTitled,
    document,
    holds,
    judge,
    moved_between,
)
from cua.core import Change, Changes, Check, Click, Completed, Evidence, Fill, Finish, Observation, Task, World
from cua.errors import SandboxError
from cua.policies.script import Script
from cua.run import Unkept, run
from cua.screen import Screen
from drivers.fake import NOTE, SETTINGS_FILE, FakeDriver
from drivers.promises import named
from tests.test_screen import look

NOTIFY, WRAP = (f"{SETTINGS_FILE}#settings.{key}" for key in ("notify", "wrap"))
TICK = "main||checkbox|Notifications"
QUIET = SettingIs(NOTIFY, ("false",))
WORDS = st.text("abc", min_size=1, max_size=3)


@pytest.fixture
def driver() -> Iterator[FakeDriver]:
    made = FakeDriver()
    yield made
    made.close()


class Drawn:
    """A world that shows one screen and holds a few files and settings, or is in trouble."""

    def __init__(self, drawn: str = "", *, changes: Changes | None = None, files: dict[str, str] | None = None) -> None:
        self.now, self.changed, self.files = look(drawn), changes, files or {}

    def read(self, path: str) -> bytes:
        if path not in self.files:
            raise FileNotFoundError(path)
        return self.files[path].encode()

    def exec(self, argv: tuple[str, ...], *, seconds: float = 30.0) -> Completed:
        return Completed(127, "", "no programs here")

    def changes(self) -> Changes:
        if self.changed is None:
            raise SandboxError("the home cannot be read; make the sandbox again")
        return self.changed

    def setting(self, key: str) -> str | None:
        return None

    def observe(self) -> Observation:
        return self.now


def task(*checks: Check, allowed: tuple[str, ...] = ()) -> Task:
    return Task("t", "turn off Notifications", checks=checks, allowed=allowed)


def click(driver: FakeDriver, role: str, name: str) -> None:
    driver.act(Click(named(role, name)(driver.observe())))


# ---------------------------------------------------------------------------------------------- the judge


def test_what_the_world_shows_passes_and_says_so(driver: FakeDriver) -> None:
    before = driver.world.changes()
    click(driver, "checkbox", "Notifications")
    verdict = judge(task(QUIET, ControlIs(TICK, "checked", "off")), driver.world, before)
    assert (verdict.outcome, verdict.side_effects) == ("pass", ())
    assert [found.saying for found in verdict.evidence] == [f"{NOTIFY} is false", "Notifications is off"]


def test_a_claim_is_no_verdict(driver: FakeDriver) -> None:
    before = driver.world.changes()
    done = run(task(QUIET), driver, Script(Finish("it is off now")), Unkept())
    assert (done.stopped, judge(done.task, driver.world, before).outcome) == ("finished", "fail")


def test_without_checks_nothing_is_known(driver: FakeDriver) -> None:
    click(driver, "checkbox", "Notifications")
    verdict = judge(task(allowed=("*",)), driver.world, Changes())
    assert (verdict.outcome, verdict.evidence) == ("unknown", ())


def test_a_side_effect_fails_what_else_would_pass(driver: FakeDriver) -> None:
    before = driver.world.changes()
    click(driver, "checkbox", "Notifications")
    click(driver, "button", "Save")
    verdict = judge(task(QUIET), driver.world, before)
    assert (verdict.outcome, verdict.side_effects) == ("fail", (f"file:{NOTE}",))
    assert judge(task(QUIET, allowed=("file:*",)), driver.world, before).outcome == "pass"


@pytest.mark.parametrize(
    ("change", "outcome"),
    [
        (Change(None, "42"), "pass"),
        (Change(None, "43"), "fail"),
        (Change("7", "42"), "fail"),
        (Change(None, None), "pass"),
    ],
)
def test_a_setting_may_be_filled_in_with_what_held_anyway(change: Change, outcome: str) -> None:
    world = Drawn("window W\n  checkbox Tick [checkable checked]", changes=Changes({"a.ini#size": change}))
    wanted = task(ControlIs("main||checkbox|Tick", "checked", "on"), allowed=("setting:a.ini#size=42",))
    assert judge(wanted, world, Changes()).outcome == outcome


def test_what_was_so_before_is_no_side_effect(driver: FakeDriver) -> None:
    click(driver, "button", "Save")
    before = driver.world.changes()
    click(driver, "checkbox", "Notifications")
    assert judge(task(QUIET), driver.world, before).outcome == "pass"


@pytest.mark.parametrize(
    "noise",
    [
        Changes(files={".local/share/recently-used.xbel": "modified"}),
        Changes(files={".config/dconf/user": "created"}),
        Changes(settings={"gsettings:/org/gtk/settings/file-chooser/window-size": Change(None, "(1, 2)")}),
    ],
    ids=["recent files", "dconf", "window size"],
)
def test_what_toolkits_write_by_themselves_is_no_side_effect(noise: Changes) -> None:
    assert judge(task(WindowIs("main", True)), Drawn("window Quill", changes=noise), Changes()).outcome == "pass"


def test_the_setting_that_is_checked_may_change_and_its_neighbour_may_not() -> None:
    shown = ControlIs("main||button|Save", "shown", "yes")
    changes = Changes(settings={"a.ini#x": Change("1", "2"), "a.ini#y": Change("1", "2")})
    world = Drawn("window Quill\n  button Save", changes=changes)
    verdict = judge(task(shown, SettingIs("a.ini#x", (None,))), world, Changes())
    assert (verdict.outcome, verdict.side_effects) == ("fail", ("setting:a.ini#y",))


def test_what_cannot_be_seen_is_unknown_whatever_else_holds(driver: FakeDriver) -> None:
    unseen = ControlIs("main|View|menuitem|Word wrap", "checked", "on")
    click(driver, "checkbox", "Notifications")
    verdict = judge(task(QUIET, unseen), driver.world, Changes())
    assert verdict.outcome == "unknown"
    assert "cannot be seen" in verdict.evidence[1].saying


def test_one_thing_that_does_not_hold_is_a_fail_beside_an_unknown(driver: FakeDriver) -> None:
    unseen = ControlIs("main|View|menuitem|Word wrap", "checked", "on")
    assert judge(task(unseen, QUIET), driver.world, Changes()).outcome == "fail"


def test_trouble_is_unknown_and_says_what_it_was(driver: FakeDriver) -> None:
    driver.close()
    verdict = judge(task(ControlIs(TICK, "checked", "off")), driver.world, Changes())
    assert verdict.outcome == "unknown"
    assert "closed" in verdict.evidence[0].saying
    unread = judge(task(WindowIs("main", True)), Drawn("window Quill"), Changes())
    assert (unread.outcome, unread.evidence[0].holds) == ("unknown", None)


def test_a_goal_that_holds_at_the_start_can_be_told(driver: FakeDriver) -> None:
    assert [found.holds for found in holds(task(SettingIs(NOTIFY, ("true",))), driver.world)] == [True]
    assert [found.holds for found in holds(task(QUIET), driver.world)] == [False]


@given(st.lists(st.sampled_from([True, False, None]), max_size=5), st.booleans())
def test_only_evidence_for_all_and_nothing_against_passes(found: list[bool | None], aside: bool) -> None:
    class Says:
        def __init__(self, answer: bool | None) -> None:
            self.answer = answer

        def test(self, world: World) -> Evidence:
            return Evidence(self.answer, "said")

    world = Drawn("window Quill", changes=Changes(files={"x": "created"} if aside else {}))
    outcome = judge(task(*map(Says, found)), world, Changes()).outcome
    assert (outcome == "pass") == (bool(found) and all(found) and not aside)
    assert (outcome == "fail") == (False in found or (bool(found) and all(found) and aside))


# ---------------------------------------------------------------------------------------------- each check

BOARD = """
window notes - Quill
  checkbox Wrap [checkable checked]
  checkbox Mute
  spinbutton Width = 4
  textbox [multiline] = hello
  button Hidden [hidden]
dialog About 7
"""


@pytest.mark.parametrize(
    ("check", "answer"),
    [
        (ControlIs("main||checkbox|Wrap", "checked", "on"), True),
        (ControlIs("main||checkbox|Wrap", "checked", "off"), False),
        (ControlIs("main||checkbox|Mute", "checked", "off"), None),
        (ControlIs("main||checkbox|Gone", "checked", "off"), None),
        (ControlIs("main||spinbutton|Width", "value", "4"), True),
        (ControlIs("main||spinbutton|Width", "value", "5"), False),
        (ControlIs("main||spinbutton|Gone", "value", "5"), None),
        (ControlIs("main||checkbox|Wrap", "shown", "yes"), True),
        (ControlIs("main||button|Hidden", "shown", "yes"), False),
        (ControlIs("main||button|Hidden", "shown", "no"), True),
        (ControlIs("main||button|Gone", "shown", "no"), True),
        (DocumentIs("hello"), True),
        (DocumentIs("hell"), False),
        (DocumentIs("hell", part=True), True),
        (WindowIs("dialog:about", True), True),
        (WindowIs("dialog:about", False), False),
        (WindowIs("dialog:other", True), False),
        (SettingIs("a.ini#x", ("1",)), False),
        (SettingIs("a.ini#x", ("1", None)), True),
        (FileHolds("~/a", "one"), True),
        (FileHolds("~/a", "on"), False),
        (FileHolds("~/a", "on", part=True), True),
        (FileHolds("~/b", "one"), False),
    ],
    ids=str,
)
def test_each_check_is_true_false_or_unknown(check: Requirement, answer: bool | None) -> None:
    found = check.test(Drawn(BOARD, changes=Changes(), files={"~/a": "one\n"}))
    assert found.holds is answer
    assert found.saying


@pytest.mark.parametrize(("words", "answer"), [("Preferences", True), ("quill preferences", True), ("Options", None)])
def test_a_window_is_told_by_the_words_of_its_title_or_not_at_all(words: str, answer: bool | None) -> None:
    drawn = Drawn("window Quill\ndialog Quill Preferences\n  button Close")
    assert WindowTitled(words).test(drawn).holds is answer
    assert WindowTitled(words).test(Drawn("window Quill")).holds is None


def test_without_a_document_nothing_is_known_of_it() -> None:
    assert DocumentIs("").test(Drawn("window Quill\n  textbox Name = x")).holds is None
    assert document(Screen.of(look("window Quill\n  textbox [multiline hidden] = x"))) is None


def test_the_document_is_the_largest_text_that_shows() -> None:
    driver = FakeDriver()
    driver.act(Fill(named("textbox", "Note")(driver.observe()), "dear Ada"))
    assert document(Screen.of(driver.observe())) == "dear Ada"


@pytest.mark.parametrize(
    ("shown", "number"),
    [
        ("42", "42"), ("= 42", "42"), ("6*7 = 42", "42"), ("\u22123", "-3"), ("1,234.5", "1234.5"), ("0,5", "0.5"),
        ("1 000", "1000"), ("1\u202f000", "1000"), ("1e3", "1000"), ("42.0", "42"), ("1,234,567", "1234567"),
        ("1,234", "1234"), ("0,125", "0.125"), ("-12,5", "-12.5"),
    ],
)  # fmt: skip
def test_a_number_is_read_however_it_is_written(shown: str, number: str) -> None:
    assert ShowsNumber(number).test(Drawn(f"window Sums\n  status {shown}")).holds is True


@pytest.mark.parametrize("shown", ["", "43", "x42", "42 apples", "error", "nan", "4 2.5"])
def test_another_text_is_not_the_number(shown: str) -> None:
    drawn = f"window Sums\n  text 7\n  status {shown}".rstrip()
    assert ShowsNumber("42").test(Drawn(drawn)).holds is False


def test_a_number_that_does_not_show_is_not_there() -> None:
    drawn = "window Sums\n  status 42 [hidden]\n  button 42\n  text 7"
    assert ShowsNumber("42").test(Drawn(drawn)).holds is False


def test_a_tab_is_chosen_or_not() -> None:
    drawn = Drawn("window Sums\n  tab Day [selected]\n  tab Night")
    chosen = [ControlIs(f"main||tab|{name}", "selected", "yes").test(drawn).holds for name in ("Day", "Night", "Dusk")]
    assert chosen == [True, False, None]


@pytest.mark.parametrize("shown", ["", "  status ready", "  button 42"])
def test_where_no_number_can_be_read_nothing_is_known(shown: str) -> None:
    assert ShowsNumber("42").test(Drawn(f"window Sums\n{shown}".rstrip())).holds is None


# ---------------------------------------------------------------------------------------------- what moved

CHANGES = st.builds(
    Changes,
    settings=st.dictionaries(WORDS, st.builds(Change, st.just("start"), st.sampled_from(["1", "2", None])), max_size=3),
    files=st.dictionaries(WORDS, st.sampled_from(["created", "modified", "deleted"]), max_size=3),
    windows=st.dictionaries(WORDS, st.sampled_from(["opened", "closed"]), max_size=2),
)


@given(CHANGES)
def test_between_two_equal_readings_nothing_moved(changes: Changes) -> None:
    assert moved_between(changes, changes) == frozenset()


@given(CHANGES, CHANGES)
def test_what_moved_there_moves_back_again(one: Changes, two: Changes) -> None:
    assert moved_between(one, two) == moved_between(two, one)
    named = one.keys() | two.keys()
    assert {key for key in moved_between(one, two) if not key.startswith("window:")} <= named


def test_a_setting_that_is_as_at_the_start_again_has_moved() -> None:
    one = Changes(settings={"a#x": Change("1", "2")})
    assert moved_between(one, Changes()) == {"setting:a#x"}
    assert moved_between(one, Changes(settings={"a#x": Change("1", "1")})) == {"setting:a#x"}


def test_a_file_that_changed_before_and_changes_again_has_moved() -> None:
    one, two = (Changes(files={"a": "created"}, contents={"a": said}) for said in ("1", "2"))
    assert not moved_between(one, one)
    assert moved_between(one, two) == {"file:a"}


def test_another_document_in_the_title_is_no_side_effect() -> None:
    titles = Changes(windows={"notes - Quill": "closed", "*notes - Quill": "opened"})
    assert moved_between(Changes(), titles) == frozenset()
    assert moved_between(Changes(), Changes(windows={"Tip": "opened"})) == {"window:tip"}


def test_a_dialog_named_after_its_app_is_seen_though_the_document_has_changed() -> None:
    """Such a title ends as the main window's does, which by then has another document before it."""
    saved = Changes(windows={"notes - Quill": "closed", "list - Quill": "opened"})
    asked = Changes(windows={**saved.windows, "Timers - Quill": "opened"})
    assert moved_between(saved, asked) == {"window:quill"}
    assert moved_between(Changes(windows={"Timers - Quill": "opened"}), asked) == frozenset()


def test_of_a_file_that_is_no_plain_text_nothing_is_claimed() -> None:
    zipped = Drawn(files={"~/a.odt": "PK\0mimetype"})
    assert FileHolds("~/a.odt", "one").test(zipped).holds is None
