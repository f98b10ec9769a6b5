"""Words become goals, or a doubt that names what is closest; a doubt touches nothing, and a guess is never made."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cua.errors import UsageError
from cua.memory.maps import Law, Map
from cua.policies.abilities import Ability, abilities
from cua.policies.glance import glanced
from cua.policies.goals import Calculate, Choose, Enter, GiveFile, Goal, Hit, Perform, Switch, Write
from cua.policies.understand import Doubt, Names, understand
from cua.screen import Screen
from tests.test_screen import look

QUILL = """
window notes - Quill
  menubar
    menu File
      menuitem Save As… [hidden]
      menuitem Open… [hidden]
      menuitem Quit [hidden]
    menu View
      menuitemcheckbox Word Wrap [hidden checkable]
      menuitemcheckbox Line Numbers [hidden checkable]
      menuitemcheckbox Toolbar [hidden checkable]
      menu Colour
        menuitemradio Light [hidden checkable checked]
        menuitemradio Dark [hidden checkable]
    menu Search
      menuitem Find… [hidden]
  toolbar
    button Find…
  spinbutton Tab width = 4
  combobox Encoding = Latin
    menu Encodings
      menuitem Latin
      menuitem Unicode
  textbox Owner = nobody
  textbox [multiline editable] = hello
  group Left margin
    checkbox Mirror [checkable]
  group Right margin
    checkbox Mirror [checkable]
"""


def seen(drawn: str) -> Map:
    return glanced(Map("quill"), Screen.of(look(drawn)))


def names(known: Map) -> Names:
    return Names.of(abilities(known, {}), "/home/user")


NAMES = names(seen(QUILL))


def goals(sentence: str, asked: Names = NAMES) -> tuple[Goal, ...]:
    found = understand(sentence, asked)
    assert not isinstance(found, Doubt), found
    return found


def doubt(sentence: str, asked: Names = NAMES) -> Doubt:
    found = understand(sentence, asked)
    assert isinstance(found, Doubt), found
    assert found.saying
    return found


def called(name: str) -> Ability:
    (found,) = (ability for ability in NAMES.abilities.values() if ability.title == name)
    return found


# ---------------------------------------------------------------------------------------------- goals


@pytest.mark.parametrize(
    ("sentence", "wanted"),
    [
        ("turn on word wrap", Switch(called("Word Wrap"), True)),
        ("Please switch OFF Word Wrap.", Switch(called("Word Wrap"), False)),
        ("hide the toolbar", Switch(called("Toolbar"), False)),
        ("choose colour dark", Switch(called("Colour: Dark"), True)),
        ("set tab width to 8", Enter(called("Tab width"), "8")),
        ("set owner to Ada", Enter(called("Owner"), "Ada")),
        ("set encoding to unicode", Choose(called("Encoding"), "Unicode")),
        ("find cat", Perform(called("Find"), ("cat",))),
        ("quit", Perform(called("Quit"))),
        ("save as x.txt", GiveFile(called("Save As"), "/home/user/x.txt", True)),
        ("open ~/Documents/a.txt", GiveFile(called("Open"), "/home/user/Documents/a.txt", False)),
        ("open /etc/hosts", GiveFile(called("Open"), "/etc/hosts", False)),
        ("type 'hello there'", Write("hello there")),
        ("calculate 2+3", Calculate("2+3")),
        ("press ctrl+s", Hit("ctrl+s")),
    ],
    ids=str,
)
def test_a_sentence_becomes_the_goal_that_it_asks_for(sentence: str, wanted: Goal) -> None:
    assert goals(sentence) == (wanted,)


@pytest.mark.parametrize("sentence", ["put text below icons in the toolbar", "insert text below the line"])
def test_what_is_not_said_to_be_text_is_not_typed(sentence: str) -> None:
    assert doubt(sentence)


def test_text_is_written_where_one_writes() -> None:
    assert goals("put 'hello' into the document") == (Write("hello"),)


def test_each_clause_becomes_a_goal_in_its_order() -> None:
    found = goals("turn on word wrap, turn off the toolbar and then set tab width to 2")
    wrap, toolbar, width = called("Word Wrap"), called("Toolbar"), called("Tab width")
    assert found == (Switch(wrap, True), Switch(toolbar, False), Enter(width, "2"))


def test_one_verb_may_govern_several_things() -> None:
    assert goals("turn on word wrap and line numbers") == tuple(
        Switch(called(name), True) for name in ("Word Wrap", "Line Numbers")
    )


# ---------------------------------------------------------------------------------------------- doubt


def test_what_is_called_nothing_like_it_is_named_as_unknown() -> None:
    assert "wibble" in doubt("frobnicate the wibble").saying


@pytest.mark.parametrize(
    "sentence", ["make me a sandwich", "open the sandwich", "save the sandwich", "go to the sandwich"]
)
def test_a_command_is_not_given_for_a_thing_that_is_not_there(sentence: str) -> None:
    offering = names(
        seen("window W\n  menu File\n" + "".join(f"    menuitem {n}\n" for n in ("New", "Open", "Save", "Go to")))
    )
    assert "sandwich" in doubt(sentence, offering).saying


def test_a_doubt_names_what_is_closest() -> None:
    assert doubt("turn on the blue word wrap").closest[:1] == ("Word Wrap",)


def test_one_clause_that_is_not_clear_stops_all_of_them() -> None:
    assert "coffee" in doubt("turn on word wrap and bring me coffee").saying
    assert "coffee" in doubt("bring me coffee and turn on word wrap").saying


@pytest.mark.parametrize(
    "sentence",
    [
        "don't turn on word wrap", "do not quit", "never quit", "turn on word wrap but don't quit",
        "please do not ever quit", "don’t turn on word wrap",
    ],
)  # fmt: skip
def test_what_is_not_to_be_done_is_not_done_and_not_looked_for(sentence: str) -> None:
    found = doubt(sentence)
    assert found.stop
    assert "not to be done" in found.saying


@pytest.mark.parametrize("sentence", ["turn on the search", "enable find", "disable find", "toggle find"])
def test_to_open_a_dialog_is_not_to_switch_anything(sentence: str) -> None:
    assert understand("show find", NAMES) == (Perform(called("Find")),)
    assert isinstance(understand(sentence, NAMES), Doubt)


def test_what_is_to_be_both_on_and_off_is_neither() -> None:
    assert doubt("turn on word wrap and turn off word wrap").stop
    assert goals("turn on word wrap and turn on word wrap") == (Switch(called("Word Wrap"), True),) * 2


@pytest.mark.parametrize("path", ["../../x.txt", "/tmp/x.txt", "Documents/../../x.txt"])
def test_nothing_is_saved_outside_of_the_home(path: str) -> None:
    assert "outside of the home" in doubt(f"save as {path}").saying


@pytest.mark.parametrize("sentence", ["turn on mirror", "mirror", "set tab width", "set encoding", "word wrap"])
def test_where_several_things_may_be_meant_it_asks(sentence: str) -> None:
    assert doubt(sentence).closest


def test_what_is_there_twice_is_asked_for_by_its_place() -> None:
    asked = doubt("turn on mirror")
    assert asked.saying == "there are 2 of Mirror; say which"
    assert asked.closest == ("Mirror of Left margin", "Mirror of Right margin")
    (goal,) = goals(f"turn on {asked.closest[1]}")
    assert isinstance(goal, Switch)
    assert goal.ability.key.startswith("control:main|Right margin|")


def test_a_setting_without_a_value_is_asked_for_its_value() -> None:
    assert doubt("set tab width").saying == "'Tab width': to what value?"


@pytest.mark.parametrize("sentence", ["", " \n\t ", "!!!"])
def test_an_empty_goal_is_a_wrong_request(sentence: str) -> None:
    with pytest.raises(UsageError, match="say what to do"):
        understand(sentence, NAMES)


@pytest.mark.parametrize("sentence", ["turn on word wrap " * 600, "x" * 10_000, "ü" * 501], ids=len)
def test_an_endless_goal_is_a_wrong_request(sentence: str) -> None:
    with pytest.raises(UsageError, match=r"\d+ characters"):
        understand(sentence, NAMES)


def test_an_app_that_offers_nothing_leaves_everything_in_doubt() -> None:
    nothing = names(Map("quill"))
    assert doubt("turn on word wrap", nothing).closest == ()
    assert goals("press Escape", nothing) == (Hit("Escape"),)


@given(st.text(max_size=120))
@example("calculate")
@example("set to")
@example('type "')
@example("turn on and and and")
def test_whatever_is_said_it_is_goals_a_doubt_or_a_wrong_request(sentence: str) -> None:
    try:
        found = understand(sentence, NAMES)
    except UsageError:
        return
    assert isinstance(found, Doubt) or found


@given(st.lists(st.text("qxzjvk", min_size=4, max_size=9), min_size=1, max_size=6).map(" ".join))
def test_nonsense_is_never_an_act(sentence: str) -> None:
    doubt(sentence)
    doubt(f"turn on {sentence}")


# ---------------------------------------------------------------------------------------------- routes


def test_two_routes_to_one_setting_are_one_thing() -> None:
    known = seen(
        "window Quill\n  menu View\n    menuitemcheckbox Wrap [checkable]\ndialog Options\n  checkbox Wrap [checkable]"
    )
    same = {"app.ini#wrap": {"on": "1", "off": "0"}}
    known.laws = {key: Law(key, "toggle", same, signals=("state", "setting")) for key in known.laws}
    (goal,) = goals("turn on wrap", names(known))
    assert isinstance(goal, Switch)
    assert [control.window for control in goal.ability.controls] == ["main", "dialog:options"]


def test_two_names_that_write_one_value_to_one_setting_are_no_rivals() -> None:
    known = seen(
        "window Quill\n  group Ink\n    radio Dark blue [checkable]\n  group Paint\n    radio Dark blue [checkable]"
    )
    written = {"app.ini#ink": {"on": "db"}}
    known.laws = {key: Law(key, "choice", written, signals=("state", "setting")) for key in known.laws}
    (goal,) = goals("choose dark blue", names(known))
    assert isinstance(goal, Switch)
    assert goal.on


def test_two_names_that_write_different_things_are_asked_about() -> None:
    known = seen(
        "window Quill\n  group Ink\n    radio Dark blue [checkable]\n  group Paint\n    radio Dark blue [checkable]"
    )
    known.laws = {key: Law(key, "choice", {key: {"on": "db"}}, signals=("state", "setting")) for key in known.laws}
    assert set(doubt("choose dark blue", names(known)).closest) == {"Ink: Dark blue", "Paint: Dark blue"}


# ---------------------------------------------------------------------------------------------- names that occur twice

WORKSHOP = names(
    seen("""
window untitled - Workshop
  menubar
    menu Project
      menuitem New… [hidden]
      menuitem Open… [hidden]
    menu File
      menuitem New [hidden]
      menuitem Open… [hidden]
    menu Edit
      menuitem Toolbar [hidden]
    menu Search
      menuitem Find… [hidden]
      menuitem Find Next [hidden]
    menu View
      menuitemcheckbox Toolbar [hidden checkable]
      menuitemcheckbox Inverted Colours [hidden checkable]
      menuitemcheckbox Invert Syntax Highlighting Colours [hidden checkable]
      menuitemcheckbox Show Line Endings [hidden checkable]
      menuitemcheckbox Line Breaking [hidden checkable]
  tablist
    tab Terminal
dialog Preferences
  checkbox Show line endings [checkable]
""")
)


@pytest.mark.parametrize(
    ("sentence", "key"),
    [
        ("new document", "main|File|menuitem|New"),
        ("new project", "main|Project|menuitem|New"),
        ("open project", "main|Project|menuitem|Open"),
        ("find next", "main|Search|menuitem|Find Next"),
        ("show the toolbar", "main|View|menuitem|Toolbar"),
        ("show line endings", "main|View|menuitem|Show Line Endings"),
        ("switch to the terminal tab", "main||tab|Terminal"),
        ("show the terminal", "main||tab|Terminal"),
    ],
)
def test_of_things_with_one_name_the_one_that_is_asked_for_is_meant(sentence: str, key: str) -> None:
    (goal,) = goals(sentence, WORKSHOP)
    assert isinstance(goal, Perform | Switch)
    assert goal.ability.controls[0].key == key


INDENTING = names(
    seen("""
window untitled - Quill
  menubar
    menu Document
      menuitemcheckbox Word Wrap [hidden checkable]
      menuitemcheckbox Auto Indent [hidden checkable]
      menuitem Sort Lines [hidden]
      menuitem Save As… [hidden]
""")
)


@pytest.mark.parametrize(
    "sentence",
    ["turn off word wrap and auto indent", "turn word wrap off and auto indent", "disable word wrap, auto indent"],
)
def test_a_name_that_begins_like_an_order_is_switched_the_way_that_was_said(sentence: str) -> None:
    assert [str(goal) for goal in goals(sentence, INDENTING)] == ["Word Wrap off", "Auto Indent off"]


def test_an_order_after_a_switch_stays_an_order() -> None:
    assert [str(goal) for goal in goals("turn off word wrap and sort lines", INDENTING)] == [
        "Word Wrap off",
        "Sort Lines",
    ]


@pytest.mark.parametrize(
    "sentence",
    [
        "set owner to 'Ada' and tab width to 8",
        "set owner to 'Ada' and fill in my city, then quit",
        "set owner to 'Ada' and colour to 'dark'",
        "set owner to 'Ada' or 'Bob'",
    ],
)
def test_what_follows_the_quotes_is_no_part_of_the_value(sentence: str) -> None:
    found = understand(sentence, NAMES)
    if not isinstance(found, Doubt):
        assert found[0] == Enter(called("Owner"), "Ada")
        assert len(found) == 2


SHOP = """
window Shop
  button Save order
  button Add note
  textbox Product
"""


@pytest.mark.parametrize(
    "sentence",
    ["save an order of 'Coffee' now", "save order 'Coffee'", "add a note 'Cheese'", "press 'Save order' for 'Ada'"],
)
def test_a_value_that_nothing_takes_makes_another_wish_of_it(sentence: str) -> None:
    assert not isinstance(understand("save order", names(seen(SHOP))), Doubt)
    doubt(sentence, names(seen(SHOP)))


@pytest.mark.parametrize("sentence", ["click 'Save order'", 'press "Add note"', "press the 'Save order' button"])
def test_a_name_in_quotes_is_a_name(sentence: str) -> None:
    (found,) = goals(sentence, names(seen(SHOP)))
    assert isinstance(found, Perform)
    assert found.ability.title in sentence


def test_a_folder_after_a_quoted_name_is_not_dropped() -> None:
    (goal,) = goals("save as 'todo list.txt' in Documents", INDENTING)
    assert isinstance(goal, GiveFile)
    assert goal.path == "/home/user/Documents/todo list.txt"
    assert doubt("save as y.txt without saving", INDENTING)


@pytest.mark.parametrize("sentence", ["turn off syntax highlighting", "start the terminal", "inverted colours"])
def test_what_only_sounds_like_it_is_asked_about(sentence: str) -> None:
    assert doubt(sentence, WORKSHOP).closest


@pytest.mark.parametrize("field", ["searchbox", "searchbox Products", "textbox Search products", "textbox Suche"])
@pytest.mark.parametrize("sentence", ["search for 'oil can'", "find 'oil can'", "please look for 'oil can'"])
def test_something_is_looked_up_with_the_one_field_for_that(sentence: str, field: str) -> None:
    entry, sent = goals(sentence, names(seen(f"{SHOP}  textbox Location\n  {field}\n  checkbox Found\n")))
    assert isinstance(entry, Enter)
    assert (entry.ability.controls[0].role, entry.text) == (field.partition(" ")[0], "oil can")
    assert sent == Hit("Enter")


@pytest.mark.parametrize("sentence", ["search for 'oil'", "search parts for 'oil'", "search the parts for oil"])
def test_a_button_beside_the_field_only_sends_it(sentence: str) -> None:
    shown = names(seen(f"{SHOP}  searchbox Search parts\n  button Search\n"))
    entry, sent = goals(sentence, shown)
    assert isinstance(entry, Enter)
    assert (entry.text, sent) == ("oil", Hit("Enter"))
    doubt("search orders for 'oil'", shown)


def test_where_two_fields_are_for_that_or_a_command_is_nothing_is_guessed() -> None:
    two = "  textbox Search products\n  searchbox Help\n"
    assert doubt("search for 'oil'", names(seen(SHOP + two)))
    assert doubt("search for 'oil'", names(seen(f"{SHOP}  textbox Location\n")))
    (found,) = goals("find 'oil'", NAMES)
    assert isinstance(found, Perform)


def test_a_switch_of_a_page_is_a_tick() -> None:
    known = names(seen(f"{SHOP}  switch Dark mode [checkable]\n"))
    (found,) = goals("turn on dark mode", known)
    assert isinstance(found, Switch)
    assert found.on


# ---------------------------------------------------------------------------------------------- as it was said


@pytest.mark.parametrize(
    ("sentence", "said"),
    [
        ("delete the stranger", "stranger"),  # one letter from a word of ours
        ("remove the higer wibble", "higer, wibble"),
        ("disable the brightr lamp", "brightr, lamp"),
        ("turn on the Wranglers", "Wranglers"),
        ("show the Stranger's Wibbles", "Stranger's, Wibbles"),
        ("select Café Ölgemälde", "Café, Ölgemälde"),
        ("enable seven wibbles", "seven, wibbles"),
        ("turn on 'Frob Nitz'", "Frob, Nitz"),
        ("press the Strang button", "Strang"),
    ],
)
def test_a_word_that_is_not_known_is_told_as_it_was_written(sentence: str, said: str) -> None:
    assert doubt(sentence).saying == f"nothing here is called {said!r}"


@given(st.from_regex(r"[A-Z][a-z]{3,9}", fullmatch=True))
@example("Stranger")
@example("Lager")
def test_no_word_is_told_that_was_not_written(word: str) -> None:
    sentence = f"turn on the {word} zzwibble"
    found = understand(sentence, NAMES)
    prefix = "nothing here is called "
    if isinstance(found, Doubt) and found.saying.startswith(prefix):
        told = found.saying.removeprefix(prefix).strip("'")
        assert told == sentence or set(told.split(", ")) <= {word, "zzwibble"}


@pytest.mark.parametrize("name", ["Lager", "Stranger", "Smallest"])
def test_what_is_called_like_a_slip_of_a_word_of_ours_is_found(name: str) -> None:
    asked = names(seen(f"window Q\n  checkbox {name} [checkable]"))
    (found,) = goals(f"turn on {name.casefold()}", asked)
    assert isinstance(found, Switch)
    assert (found.ability.title, found.on) == (name, True)
