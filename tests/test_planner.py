"""The planner does what is missing and nothing else, leaves as it found, and asks where it cannot tell."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cua.core import (
    Action,
    Budget,
    Click,
    Driver,
    Effect,
    Element,
    Fill,
    Frame,
    Invoke,
    Observation,
    Place,
    Run,
    Task,
    Type,
)
from cua.memory.maps import Law, Map, Window
from cua.policies.abilities import Ability, abilities
from cua.policies.glance import glanced
from cua.policies.goals import Calculate, Enter, GiveFile, Goal, Hit, Perform, Reveal, Switch, Write
from cua.policies.planner import Planner
from cua.policies.ways import doors, told
from cua.run import Unkept, run
from cua.screen import MAIN, Screen
from drivers.fake import FakeDriver
from drivers.promises import named
from tests.board import OPTIONS, Board
from tests.test_screen import look


def learned() -> Map:
    """What practice would know of the board."""
    known = Map("board")
    for board in (Board(), Board(open=["Options"]), Board(open=["Options"], page="Editing")):
        known = glanced(known, Screen.of(board.observe()))
    opener = "main||button|Options"
    known.windows[OPTIONS] = Window(OPTIONS, "Options", MAIN, opener)
    known.laws[opener] = Law(opener, "opens", opens=OPTIONS, signals=("window",))
    return known


KNOWN = learned()


def named_in(known: Map, name: str) -> Ability:
    (found,) = (a for a in abilities(known, {}) if a.controls[0].name == name)
    return found


def on_board(name: str) -> Ability:
    return named_in(KNOWN, name)


def trying(driver: Driver, known: Map, *goals: Goal, kept: frozenset[str] | None = None, stay: bool = False) -> Run:
    return run(Task("t", "t", budget=Budget(acts=20)), driver, Planner(known, goals, kept=kept, stay=stay), Unkept())


def fake_map(*, menu: bool = False) -> Map:
    """What shows of the fake program, with its menu open or not."""
    driver = FakeDriver()
    if menu:
        driver.act(Click(named("menuitem", "View")(driver.observe())))
    return glanced(Map("fake"), Screen.of(driver.observe()))


# ---------------------------------------------------------------------------------------------- what is missing


def test_what_holds_already_takes_no_act() -> None:
    driver, known = FakeDriver(), fake_map()
    done = trying(driver, known, Switch(named_in(known, "Notifications"), True), Enter(named_in(known, "Name"), ""))
    assert (done.stopped, done.steps) == ("finished", ())
    assert "Notifications on" in done.reason
    assert not driver.world.changes().keys()


def test_what_is_missing_is_done_once_and_says_why() -> None:
    driver, known = FakeDriver(), fake_map()
    done = trying(driver, known, Switch(named_in(known, "Notifications"), False), Enter(named_in(known, "Name"), "Ada"))
    assert (done.stopped, [step.effect.kind for step in done.steps]) == ("finished", ["confirmed"] * 2)
    assert driver.world.settings == {"wrap": "false", "notify": "false", "name": "Ada"}
    assert all(step.action.why for step in done.steps)


@given(st.lists(st.tuples(st.booleans(), st.text("abc", max_size=3)), min_size=1, max_size=4))
def test_goals_hold_afterwards_and_a_second_time_there_is_nothing_to_do(wanted: list[tuple[bool, str]]) -> None:
    driver, known = FakeDriver(), fake_map()
    tick, name = named_in(known, "Notifications"), named_in(known, "Name")
    for on, text in wanted:
        goals = (Switch(tick, on), Enter(name, text))
        assert trying(driver, known, *goals).stopped == "finished"
        assert driver.world.settings == {"wrap": "false", "notify": "true" if on else "false", "name": text}
        assert trying(driver, known, *goals).steps == ()


@pytest.mark.parametrize("text", ["4", "4.0", "4.00"])
def test_a_number_is_the_same_however_it_is_written(text: str) -> None:
    board = Board(open=["Options"], page="Editing")
    assert trying(board, KNOWN, Enter(on_board("Width"), text)).steps == ()


def test_a_command_is_given_once() -> None:
    driver, known = FakeDriver(), fake_map()
    done = trying(driver, known, Perform(named_in(known, "Save")))
    assert (done.stopped, len(done.steps), list(driver.world.files)) == ("finished", 1, ["~/note.txt"])


def test_text_goes_into_the_field_that_takes_it() -> None:
    driver, known = FakeDriver(), fake_map()
    done = trying(driver, known, Write("good day"), Hit("ctrl+a"), Write("bye"))
    assert (done.stopped, driver.world.settings["name"]) == ("finished", "bye")


# ---------------------------------------------------------------------------------------------- ways


def test_it_opens_what_leads_to_a_control_and_closes_it_again() -> None:
    board = Board()
    done = trying(board, KNOWN, Enter(on_board("Width"), "8"))
    assert (done.stopped, board.values["Width"], board.open) == ("finished", "8", [])
    assert board.acts == ["click Options…", "click Editing", "fill Width", "click Close"]


def test_it_turns_the_pages_where_nobody_says_which_one_has_the_control() -> None:
    board, known = Board(), learned()
    key = on_board("Width").controls[0].key
    known.controls[key] = replace(known.controls[key], path=())
    assert trying(board, known, Enter(named_in(known, "Width"), "8")).stopped == "finished"
    assert board.acts == ["click Options…", "click Editing", "fill Width", "click Close"]


def test_a_dialog_that_was_open_stays_open() -> None:
    board = Board(open=["Options"])
    done = trying(board, KNOWN, Switch(on_board("Tips"), True))
    assert (done.stopped, board.acts, board.open) == ("finished", ["invoke Tips"], ["Options"])
    assert trying(board, KNOWN, Switch(on_board("Tips"), False), kept=frozenset({MAIN})).stopped == "finished"
    assert board.open == []


def test_several_goals_in_one_dialog_open_it_once() -> None:
    board = Board()
    goals = (Switch(on_board("Tips"), True), Switch(on_board("Grid"), True), Enter(on_board("Width"), "8"))
    assert trying(board, KNOWN, *goals).stopped == "finished"
    assert (board.on, board.values["Width"], board.open) == ({"Tips", "Grid"}, "8", [])
    assert board.acts.count("click Options…") == 1


def test_a_modal_dialog_of_the_goal_before_is_closed_before_the_way_to_the_next() -> None:
    board = Board(open=["Surprise"], surprise="dialog Print [modal]\n  button Cancel\n")
    planner = Planner(KNOWN, (Enter(on_board("Width"), "8"),), kept=frozenset({MAIN}))
    planner.seen = frozenset(Screen.of(board.observe()).windows)
    assert told(planner.decide(Task("t", "t"), (), board.observe())) == "click Cancel"


def test_what_is_to_be_seen_stays_on_the_screen_unchanged() -> None:
    board = Board()
    assert trying(board, KNOWN, Reveal(on_board("Width"))).stopped == "finished"
    assert (board.open, board.page, board.values["Width"]) == (["Options"], "Editing", "4")
    other = Board()
    trying(other, KNOWN, Switch(on_board("Tips"), True), stay=True)
    assert other.open == ["Options"]


def test_a_command_that_opens_a_dialog_leaves_it_open() -> None:
    board = Board()
    done = trying(board, KNOWN, Perform(on_board("Options")))
    assert (done.stopped, board.acts, board.open) == ("finished", ["click Options…"], ["Options"])


def test_values_go_into_the_dialog_that_a_command_opens() -> None:
    board = Board()
    done = trying(board, KNOWN, Perform(on_board("Find"), ("cat",)))
    assert (done.stopped, board.found, board.open) == ("finished", ["cat"], [])
    assert board.acts == ["click Find…", "fill Text", "click Find"]


# ---------------------------------------------------------------------------------------------- asking


MENU_AND_TABS = """
window Quill
  menubar
    menu File
      menuitem Save
dialog Settings
  tab View [selected]
    checkbox Ruler [checkable]
  tab File
    spinbutton Late [editable {}] = 4
"""


def asked(done: Run, words: str) -> None:
    assert done.stopped == "asked", done
    assert words in done.reason


def test_it_asks_where_a_control_is_disabled() -> None:
    driver, known = FakeDriver(), fake_map()
    done = trying(driver, known, Perform(named_in(known, "Export")))
    asked(done, "'Export' is disabled")
    assert done.steps == ()
    board = Board(frozen=True)
    asked(trying(board, KNOWN, Enter(on_board("Owner"), "Ada")), "'Owner' is disabled")
    assert board.acts == []


def test_what_is_known_to_enable_a_control_is_switched_first_and_nothing_else() -> None:
    known = learned()
    grid, owner = (named_in(known, name).controls[0].key for name in ("Grid", "Owner"))
    known.laws[grid] = Law(grid, "toggle", frees=(f"on|{owner}",))
    board = Board(bound=True)
    assert trying(board, known, Enter(named_in(known, "Owner"), "Ada")).stopped == "finished"
    assert (board.acts, board.on, board.values["Owner"]) == (["invoke Grid", "fill Owner"], {"Grid"}, "Ada")
    frozen = Board(frozen=True, on={"Grid"})
    asked(trying(frozen, known, Enter(named_in(known, "Owner"), "Ada")), "'Owner' is disabled")
    assert frozen.acts == []


def test_what_a_field_refuses_is_told_after_what_was_opened_is_closed() -> None:
    board = Board(most=32)
    asked(trying(board, KNOWN, Enter(on_board("Width"), "99")), "takes at most 32")
    assert (board.values["Width"], board.open, board.acts[-1]) == ("4", [], "click Close")


def test_a_page_is_not_sought_in_the_menu_of_another_window() -> None:
    known = glanced(Map("q"), Screen.of(look(MENU_AND_TABS.format("hidden"))))
    (late,) = (
        c for c in glanced(known, Screen.of(look(MENU_AND_TABS.format("")))).controls.values() if c.name == "Late"
    )
    names = [element.role for _, element in doors(Screen.of(look(MENU_AND_TABS.format("hidden"))), late)]
    assert names == ["tab"]


def test_it_asks_where_a_control_is_gone() -> None:
    driver, known = FakeDriver(), fake_map(menu=True)
    asked(trying(driver, known, Switch(named_in(known, "Word wrap"), True)), "'Word wrap' is not where it was")
    assert not driver.world.changes().keys()


def test_it_asks_where_a_tick_shows_no_state() -> None:
    known = glanced(Map("q"), Screen.of(look("window Q\n  checkbox Wrap [checkable]")))
    mute = look("window Q\n  checkbox Wrap")
    action = Planner(known, (Switch(named_in(known, "Wrap"), True),)).decide(Task("t", "t"), (), mute)
    assert "does not show whether it is on" in getattr(action, "question", "")


def test_it_asks_where_no_way_is_known() -> None:
    known = learned()
    tips = named_in(known, "Tips")
    del known.windows[OPTIONS]
    asked(trying(Board(), known, Switch(tips, True)), "no way to 'Tips' is known")


def test_it_asks_where_there_is_no_window() -> None:
    empty = Observation(Place("q"), (), note="this app shows nothing to accessibility")
    action = Planner(KNOWN, (Switch(on_board("Grid"), True),)).decide(Task("t", "t"), (), empty)
    assert "shows nothing to accessibility" in getattr(action, "question", "")


def test_it_asks_where_more_values_are_given_than_fields_show() -> None:
    board = Board()
    asked(trying(board, KNOWN, Perform(on_board("Find"), ("cat", "dog"))), "2 values were given, and 1 fields show")
    assert board.found == []


def test_it_asks_where_a_command_opens_no_dialog_for_its_file() -> None:
    board = Board()
    asked(trying(board, KNOWN, GiveFile(on_board("Save"), "/home/user/x", True)), "opened no dialog")
    assert "type" not in board.acts


@pytest.mark.parametrize("on", [True, False])
def test_it_gives_up_what_has_no_effect(on: bool) -> None:
    board = Board(stuck=True, on=set() if on else {"Grid"})
    done = trying(board, KNOWN, Switch(on_board("Grid"), on))
    asked(done, "3 times")
    assert board.acts == ["invoke Grid", "wait", "wait"] * 3


def test_it_waits_for_a_tick_that_shows_late_and_does_not_take_it_back() -> None:
    board = Board(slow=True)
    assert trying(board, KNOWN, Switch(on_board("Grid"), True)).stopped == "finished"
    assert (board.acts, board.on) == (["invoke Grid", "wait"], {"Grid"})


def test_an_act_that_cannot_be_done_again_is_trouble_and_no_claim() -> None:
    driver, known = FakeDriver(), fake_map()
    driver.close()
    assert trying(driver, known, Switch(named_in(known, "Notifications"), False)).stopped == "trouble"


# ---------------------------------------------------------------------------------------------- interruptions


def test_nothing_in_a_dialog_that_stood_in_front_is_pressed() -> None:
    driver, known = FakeDriver(), fake_map()
    driver.act(Fill(named("textbox", "Name")(driver.observe()), "Ada"))
    for role, name in (("menuitem", "View"), ("menuitem", "Clear…")):
        driver.act(Click(named(role, name)(driver.observe())))
    done = trying(driver, known, Switch(named_in(known, "Notifications"), False))
    assert done.stopped != "finished"
    assert driver.world.settings == {"wrap": "false", "notify": "true", "name": "Ada"}
    assert "dialog" in [element.role for element in driver.observe().elements]


SURPRISE = "alert Your work will be deleted [modal]\n  button OK\n"


def test_it_asks_where_an_unknown_modal_dialog_stands_in_front() -> None:
    board = Board(open=["Surprise"], surprise=SURPRISE)
    asked(trying(board, KNOWN, Switch(on_board("Grid"), True)), "Your work will be deleted")
    assert (board.acts, board.open) == ([], ["Surprise"])


def test_it_never_answers_a_modal_dialog_that_it_did_not_open() -> None:
    board = Board(surprise=SURPRISE)
    done = trying(board, KNOWN, Switch(on_board("Grid"), True), Enter(on_board("Owner"), "Ada"))
    assert done.stopped == "asked"
    assert (board.acts, board.open) == (["invoke Grid"], ["Surprise"])


def test_a_sum_is_typed_with_its_line_end() -> None:
    driver, known = FakeDriver(), fake_map()
    driver.act(Click(named("textbox", "Note")(driver.observe())))
    assert trying(driver, known, Calculate("2+3")).stopped == "finished"
    assert named("textbox", "Note")(driver.observe()).value == "2+3\n"


MUTE = """
window Sums
  button 1
  button 2
  text {}
"""


class Mute:
    """A calculator: `hears` says whether keys reach it, `shows` whether what they do is to be read or only drawn."""

    def __init__(self, *, hears: bool, shows: bool) -> None:
        self.hears, self.shows, self.typed = hears, shows, list[str]()

    def observe(self, *, frame: bool = True) -> Observation:
        text = "".join(self.typed) if self.hears else ""
        now = look(MUTE.format(text if self.shows and text else "0"))
        return replace(now, frame=Frame(text, 1, 1))

    def act(self, action: Action) -> Effect:
        if isinstance(action, Type):
            self.typed.append(action.text)
        return Effect("unverified")

    def close(self) -> None: ...


@pytest.mark.parametrize("goal", [Calculate("12+21*1"), Write("1221121121"), Write("tea for two")])
@pytest.mark.parametrize("shows", [True, False])
def test_keys_that_show_nothing_are_given_up_soon_and_those_that_do_are_not(goal: Goal, shows: bool) -> None:
    deaf, hears = Mute(hears=False, shows=shows), Mute(hears=True, shows=shows)
    done = trying(deaf, Map("q"), goal)
    asked(done, "effect")
    assert len(deaf.typed) <= 3
    done = trying(hears, Map("q"), goal)
    assert (done.stopped, "".join(hears.typed).strip()) == ("finished", getattr(goal, "text", "12+21*1")), done.reason


FILLED_LATE = """
window Quill
  menubar
    menu Edit
{inside}
    menu View
"""


class Lazy:
    """A program whose menu has nothing in it until it is opened."""

    def __init__(self) -> None:
        self.acts: list[str] = []

    def observe(self, *, frame: bool = True) -> Observation:
        opened = "click Edit" in self.acts
        return look(FILLED_LATE.format(inside="      menuitem Sort lines" if opened else ""))

    def act(self, action: Action) -> Effect:
        self.acts.append(told(action))
        return Effect("unverified")

    def close(self) -> None: ...


def test_it_opens_the_menu_that_is_filled_only_then() -> None:
    driver = Lazy()
    driver.acts.append("click Edit")
    known = glanced(Map("quill"), Screen.of(driver.observe()))
    driver.acts.clear()
    assert run(Task("t", "t"), driver, Planner(known, (Perform(named_in(known, "Sort lines")),)), Unkept()).steps
    assert driver.acts == ["click Edit", "click Sort lines"]


VEILED = """
window quill
    menu View
        menuitemcheckbox Ruler [checkable{ruler}]
    menu Draw
        menuitemcheckbox Grid [checkable{grid}]
"""


class Veiled:
    """A program with a tick that says only in its open menu what it is, and one that says it at once."""

    def __init__(self) -> None:
        self.acts: list[str] = []
        self.on: set[str] = set()
        self.told: set[str] = set()

    def observe(self, *, frame: bool = True) -> Observation:
        last = self.acts[-1] if self.acts else ""
        ruler, grid = (
            f"{' checked' if name in (self.on if last == f'click {menu}' else self.told) else ''}"
            f"{'' if last == f'click {menu}' else ' hidden'}"
            for name, menu in (("Ruler", "View"), ("Grid", "Draw"))
        )
        return look(VEILED.format(ruler=ruler, grid=grid))

    def act(self, action: Action) -> Effect:
        self.acts.append(told(action))
        if (
            isinstance(action, Click | Invoke)
            and isinstance(action.target, Element)
            and action.target.name in ("Ruler", "Grid")
        ):
            self.on ^= {action.target.name}
            self.told = set(self.on) if action.target.name == "Grid" else self.told
        return Effect("unverified")

    def close(self) -> None: ...


def test_a_doubt_about_one_tick_is_none_about_the_next() -> None:
    driver = Veiled()
    known = glanced(Map("quill"), Screen.of(driver.observe()))
    goals = tuple(Switch(named_in(known, name), True) for name in ("Ruler", "Grid"))
    done = run(Task("t", "t", budget=Budget(acts=20)), driver, Planner(known, goals), Unkept())
    assert (done.stopped, driver.on) == ("finished", {"Ruler", "Grid"}), done.reason
    assert driver.acts == ["invoke Ruler", "wait", "wait", "click View", "invoke Grid"]
