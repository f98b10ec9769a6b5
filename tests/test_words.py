"""What people say, and what it asks for. No app is involved."""

from __future__ import annotations

import pytest

from cua.errors import UsageError
from cua.policies.lexicon import positive, thesaurus
from cua.policies.values import chord, expression, number, tokens
from cua.policies.words import Clause, parse, readings


def said(goal: str) -> list[tuple[str, str, str | None]]:
    return [(clause.verb, clause.object, clause.value) for clause in parse(goal)]


@pytest.mark.parametrize(
    ("goal", "verb", "thing"),
    [
        ("turn on word wrap", "ON", "word wrap"),
        ("Turn word wrap ON, please!", "ON", "word wrap"),
        ("word wrap on", "ON", "word wrap"),
        ("could you please turn the word wrap off for me?", "OFF", "word wrap"),
        ("line numbers: off", "OFF", "line numbers"),
        ("I want line numbers", "ON", "line numbers"),
        ("I’d like to see the ruler", "ON", "ruler"),
        ("let me see the status bar", "ON", "status bar"),
        ("set word wrap to on", "ON", "word wrap"),
        ("make the ruler disappear", "OFF", "ruler"),
        ("get rid of the ruler", "OFF", "ruler"),
        ("leave full screen", "OFF", "full screen"),
        ("toggle the ruler", "TOGGLE", "ruler"),
        ("disbale the ruler", "OFF", "ruler"),
        ("shwo the ruler", "ON", "ruler"),
        ("use spaces instead of tabs", "ON", "spaces"),
        ("switch to dark theme", "SET", "dark theme"),
        ("work in hexadecimal", "SET", "hexadecimal"),
        ("full screen", "UNKNOWN", "full screen"),
        ("wrap long lines", "DO", "wrap long lines"),
        ("clear the display", "DO", "clear display"),
        ("close the window", "CLOSE", "window"),
        ("remove the toolbar", "DELETE", "toolbar"),
        ("new document", "NEW", "document"),
        ("go to the next page", "GOTO", "next page"),
        ("make the text bigger", "INCREASE", "text"),
        ("undo that", "UNDO", ""),
        ("zoom in", "ZOOM_IN", ""),
        ("zoom out a bit", "ZOOM_OUT", "bit"),
        ("select all", "SELECT", "all"),
    ],
)
def test_a_wish_is_a_verb_and_a_thing(goal: str, verb: str, thing: str) -> None:
    assert said(goal) == [(verb, thing, None)]


@pytest.mark.parametrize(
    ("goal", "way"),
    [
        ("don't show line numbers", -1),
        ("no line numbers", -1),
        ("without line numbers", -1),
        ("stop showing line numbers", -1),
        ("I don't want line numbers anymore", -1),
        ("do not use line numbers", -1),
        ("don't hide line numbers", 1),
        ("never hide line numbers", 1),
    ],
)
def test_negation_turns_the_way_round(goal: str, way: int) -> None:
    (clause,) = parse(goal)
    assert (clause.polarity, clause.object) == (way, "line numbers")


@pytest.mark.parametrize(
    "goal", ["do not turn on word wrap", "never turn off X", "don't enable it", "don't save", "don't delete the note"]
)
def test_a_request_not_to_act_asks_for_nothing(goal: str) -> None:
    assert [clause.verb for clause in parse(goal)] == ["NOTHING"]


@pytest.mark.parametrize(
    ("goal", "verb", "thing", "value"),
    [
        ("set tab width to 8", "SET", "tab width", "8"),
        ("tab width 4", "SET", "tab width", "4"),
        ("make the tab size four", "SET", "tab size", "4"),
        ("use a tab width of 3", "SET", "tab width", "3"),
        ("change the font size to twenty one", "SET", "font size", "21"),
        ("font size: 14pt", "SET", "font size", "14"),
        ("zoom to 150%", "SET", "zoom", "150"),
        ("increase font size by 2", "INCREASE", "font size", "2"),
        ("turn up the volume by ten percent", "INCREASE", "volume", "10"),
        ("lower the volume to 30", "SET", "volume", "30"),
        ("set the colour scheme to Solarized Dark", "SET", "colour scheme", "Solarized Dark"),
        ("choose Kate as colour scheme", "SET", "colour scheme", "Kate"),
        ("set angle unit to radians", "SET", "angle unit", "radians"),
        ("go to line 5", "GOTO", "line", "5"),
        ("open report.txt", "OPEN", "", "report.txt"),
        ("open https://example.com/x?y=1", "OPEN", "", "https://example.com/x?y=1"),
        ("press ctrl+shift+s", "PRESS", "ctrl+shift+s", "ctrl+shift+s"),
        ("press the escape key", "PRESS", "escape", "Escape"),
        ("press 7", "PRESS", "7", None),
        ("create a new folder called My Stuff", "NEW", "folder", "My Stuff"),
        ("find foo", "FIND", "", "foo"),
        ("search for 'Bar  baz'", "FIND", "", "Bar  baz"),
        ("calculate 12*7", "CALCULATE", "", "12*7"),
        ("what is 12 times 7?", "CALCULATE", "", "12*7"),
        ("7 plus 8", "CALCULATE", "7 plus 8", "7+8"),
        ("what's 15 divided by 4?", "CALCULATE", "", "15/4"),
        ("multiply 6 by 7", "CALCULATE", "multiply 6 by 7", "6*7"),
        ("subtract 3 from 10", "CALCULATE", "subtract 3 from 10", "10-3"),
        ("add 5 to the cart", "INCREASE", "cart", "5"),
        ('type "hi" in the subject field', "TYPE", "subject field", "hi"),
    ],
)
def test_a_value_is_told_from_the_thing(goal: str, verb: str, thing: str, value: str | None) -> None:
    assert said(goal) == [(verb, thing, value)]


@pytest.mark.parametrize(
    ("goal", "text"),
    [
        ("type hello world", "hello world"),
        ("type a and b", "a and b"),
        ("write 'a  B'", "a  B"),
        ("Please type The End, then some", "The End, then some"),
        ("insert the text Größe 2 × 3", "Größe 2 × 3"),
        ("type turn on word wrap", "turn on word wrap"),
        ("write “don't stop”", "don't stop"),
        ("save it as My Notes 2.txt", "My Notes 2.txt"),
        ("save as notes.TXT", "notes.TXT"),
    ],
)
def test_text_is_kept_to_the_letter(goal: str, text: str) -> None:
    (clause,) = parse(goal)
    assert clause.value == text


def test_a_unit_goes_with_its_number() -> None:
    (clause,) = parse("set the margin to 2.5 cm")
    assert (clause.value, clause.unit) == ("2.5", "cm")


def test_what_replaces_and_where_to_save_are_extras() -> None:
    assert parse("replace all foo by bar")[0].extra == ("bar", "all")
    assert parse("replace 'a' with \"b\"")[0].extra == ("b",)
    (saved,) = parse("save the file under the name x.txt in Documents")
    assert (saved.verb, saved.value, saved.extra) == ("SAVE_AS", "x.txt", ("Documents",))


@pytest.mark.parametrize(
    ("goal", "clauses"),
    [
        ("turn on word wrap and line numbers", [("ON", "word wrap"), ("ON", "line numbers")]),
        ("turn word wrap and line numbers off", [("OFF", "word wrap"), ("OFF", "line numbers")]),
        ("show the toolbar and hide the status bar", [("ON", "toolbar"), ("OFF", "status bar")]),
        ("show the toolbar but not the status bar", [("ON", "toolbar"), ("OFF", "status bar")]),
        ("type hello then save as x.txt", [("TYPE", ""), ("SAVE_AS", "")]),
        ("type hello and press enter", [("TYPE", ""), ("PRESS", "enter")]),
        ("press 7, 8 and 9", [("PRESS", "7"), ("PRESS", "8"), ("PRESS", "9")]),
        (
            "wrap on, then set tab width to 8 and hide the toolbar",
            [("ON", "wrap"), ("SET", "tab width"), ("OFF", "toolbar")],
        ),
        ("find and replace", [("UNKNOWN", "find and replace")]),
        ("type 'x' and show line numbers", [("TYPE", ""), ("ON", "line numbers")]),
        ("type salt and pepper", [("TYPE", "")]),
        ("calculate 2+2 and turn on hex", [("CALCULATE", ""), ("ON", "hex")]),
        ("save as x.txt and turn on word wrap", [("SAVE_AS", ""), ("ON", "word wrap")]),
        ("type \"it's\" and save it as it's.txt", [("TYPE", ""), ("SAVE_AS", "")]),
    ],
)
def test_a_sentence_is_cut_only_where_both_sides_stand_alone(goal: str, clauses: list[tuple[str, str]]) -> None:
    assert [(clause.verb, clause.object) for clause in parse(goal)] == clauses


@pytest.mark.parametrize(
    "goal",
    ["type hello and turn on word wrap", "type hello. turn on word wrap", "find milk and turn on word wrap",
     "type 'a' and, if possible, turn on word wrap"],
)  # fmt: skip
def test_a_text_that_may_go_on_must_be_quoted(goal: str) -> None:
    with pytest.raises(UsageError, match="in quotes"):
        readings(goal)


def test_what_follows_quotes_is_never_part_of_the_text() -> None:
    assert all(clause.verb != "TYPE" for clause in parse("type 'a' beside it"))


def test_a_doubtful_sentence_has_several_readings() -> None:
    verbs = {reading[0].verb for reading in readings("enter full screen")}
    assert {"TYPE", "ON"} <= verbs
    assert [clause.verb for clause in readings("copy and paste")[-1]] == ["DO"]


def test_nothing_said_is_a_usage_error() -> None:
    with pytest.raises(UsageError, match="asks for nothing"):
        parse("  ")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12 * (3+4)", "12*(3+4)"),
        ("ten divided by two", "10/2"),
        ("square root of 16", "sqrt(16)"),
        ("12% of 50", "12/100*50"),
        ("sin(30)", "sin(30)"),
        ("seven squared", "7^2"),
        ("the sum of 5 and 7", "(5)+(7)"),
        ("line 5", None),
        ("3", None),
        ("2 apples + 3", None),
        ("(1+2", None),
    ],
)
def test_a_sum_is_a_sum_only_as_a_whole(text: str, value: str | None) -> None:
    assert expression(text) == value


def test_numbers_and_keys_are_read_in_words() -> None:
    assert [number(text) for text in ("two hundred and five", "one", "minus three", "1,000", "2,5", "tab")] == [
        "205", "1", "-3", "1000", "2.5", None,
    ]  # fmt: skip
    assert [chord(text) for text in ("control s", "Enter", "shift tab", "f5", "ctrl++", "seven")] == [
        "ctrl+s", "Return", "shift+Tab", "F5", "ctrl++", None,
    ]  # fmt: skip
    assert [(t.kind, t.word) for t in tokens("~/a b.txt ‘x y’")] == [
        ("path", "~/a"),
        ("file", "b.txt"),
        ("quoted", "x y"),
    ]


@pytest.mark.parametrize(
    ("label", "thing", "sign"),
    [
        ("Hide _toolbar", "toolbar", -1),
        ("Don’t wrap", "wrap", -1),
        ("Disable animations", "animations", -1),
        ("Show ruler…", "ruler", 1),
        ("Do not show hints", "hints", -1),
        ("Unlock layers", "lock layers", -1),
        ("Ruler", "ruler", 1),
        ("Hide", "hide", 1),
    ],
)
def test_a_label_is_a_thing_and_a_way(label: str, thing: str, sign: int) -> None:
    assert positive(label) == (thing, sign)


def test_no_two_meanings_are_both_the_same_and_opposite() -> None:
    data = thesaurus()["meaning"]
    groups = [set(line.split(" = ")) for line in data["same"]]
    for line in data["opposite"]:
        left, right = (set(side.split(" = ")) for side in line.split(" | "))
        assert not [group for group in groups if group & left and group & right], line


def test_clauses_can_be_kept_and_compared() -> None:
    assert len({Clause("ON", 1, "grid"), Clause("ON", 1, "grid"), Clause("OFF", -1, "grid")}) == 2


def test_what_is_put_in_its_place_everywhere_is_without_its_quotes() -> None:
    (clause,) = parse("replace 'cat' with \"dog's\" everywhere")
    assert (clause.verb, clause.value, clause.extra) == ("REPLACE", "cat", ("dog's", "all"))
