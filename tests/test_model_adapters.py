"""What models say, in each of the languages that they speak, as our acts: the edge cases of each."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from openai.types.responses import Response

from cua.core import (
    Action,
    Ask,
    Box,
    Click,
    Drag,
    Element,
    Fill,
    Finish,
    Frame,
    Move,
    Observation,
    Open,
    Place,
    Point,
    Press,
    Scroll,
    Type,
    Wait,
)
from cua.policies.models import anthropic, chat, computer, ui_tars
from cua.policies.models.evidence import Proven
from cua.policies.models.said import Caution, Said, Shot, Unparsable, aimed

SHOT = Shot(640, 400, 1280, 800)  # the model saw it at half its size
AT = Point(200, 100)  # what (100, 50) of the picture is on the screen


# ------------------------------------------------------------------------------------------------ points


@pytest.mark.parametrize(
    ("shot", "given", "meant"),
    [
        (SHOT, (100, 50), AT),
        (SHOT, (0, 0), Point(0, 0)),
        (SHOT, (640, 400), Point(1279, 799)),  # the edge, as models give it
        (SHOT, (100.4, 49.8), Point(201, 100)),
        (Shot(1280, 800, 1280, 800), (1279, 799), Point(1279, 799)),
        (Shot(640, 400, 1280, 800, "thousand"), (500, 500), Point(640, 400)),
        (Shot(640, 400, 1280, 800, "unit"), (0.5, 0.25), Point(640, 200)),
    ],
)
def test_a_place_on_the_picture_is_a_point_of_the_screen(shot: Shot, given: tuple[float, float], meant: Point) -> None:
    assert shot.point(*given) == meant


@pytest.mark.parametrize("given", [(700, 50), (100, -20), (-50, 10), (100, 500)])
def test_a_place_that_is_not_on_the_picture_is_none(given: tuple[float, float]) -> None:
    with pytest.raises(Unparsable, match=r"not on the screen, which goes from \(0, 0\) to \(640, 400\)"):
        SHOT.point(*given)


def test_a_point_means_the_smallest_control_under_it_that_has_a_name() -> None:
    shown = frozenset({"showing"})
    window = Element("0", "window", "Editor", states=shown, box=Box(0, 0, 1280, 800))
    bar = Element("1", "toolbar", "Tools", states=shown, box=Box(0, 0, 1280, 40), parent=0)
    save = Element("2", "button", "Save", states=shown, box=Box(10, 5, 60, 30), parent=1)
    text = Element("3", "textbox", "", "a\nb", shown | {"multiline"}, Box(0, 40, 1280, 400), 0)
    now = Observation(Place("editor"), (window, bar, save, text), Frame("f", 1280, 800))
    assert aimed(Point(20, 10), now) == save
    assert aimed(Point(600, 300), now) == Point(600, 300)  # where in a text it is, counts
    assert aimed(Point(900, 700), now) == Point(900, 700)  # a whole window is no one thing
    assert aimed(Point(600, 20), now) == bar


@pytest.mark.parametrize(
    ("outside_in", "meant"),
    [
        (("form", "button"), 1),
        (("form", "group", "button"), 2),
        (("row", "cell", "link"), 2),
        (("cell", "textbox"), 1),
        (("cell", "searchbox:fill"), 1),
        (("listitem", "generic:click", "text"), 1),
        (("cell", "text"), 0),
        (("row", "text"), 1),
        (("button", "text"), 0),
        (("button", "generic:click"), 0),
        (("form", "group"), 1),
        (("listitem", "checkbox+4"), 1),  # it sticks out of what holds it
        (("button", "link+4"), 0),
        (("form+4", "button"), 1),
    ],
)
def test_where_one_lies_in_the_other_the_inmost_control_is_meant(outside_in: tuple[str, ...], meant: int) -> None:
    made = []
    for at, said in enumerate(outside_in):
        role, more, act = re.fullmatch(r"(\w+)(\+\d)?(?::(\w+))?", said).groups()  # type: ignore[union-attr]
        box = Box(10, 10, 100, 20 + int(more or 0))
        made.append(Element(str(at), role, role, box=box, parent=at - 1, actions=(act,) if act else ()))
    now = Observation(Place("editor"), tuple(made), Frame("f", 1280, 800))
    assert aimed(Point(15, 15), now) == made[meant]


# ------------------------------------------------------------------------------------------------ Responses


def answered(*output: dict[str, Any]) -> Response:
    """An answer with the `openai` package's own types."""
    return Response.model_validate(
        {"id": "resp_1", "created_at": 0, "model": "m", "object": "response", "output": list(output),
         "parallel_tool_calls": False, "tool_choice": "auto", "tools": []}
    )  # fmt: skip


def call(**fields: Any) -> dict[str, Any]:
    return {"type": "computer_call", "id": "cu_1", "call_id": "call_1", "status": "completed",
            "pending_safety_checks": [], **fields}  # fmt: skip


MESSAGE = {"type": "message", "id": "m", "role": "assistant", "status": "completed",
           "content": [{"type": "output_text", "text": " I see. ", "annotations": []}]}  # fmt: skip

PREVIEW: list[tuple[dict[str, Any], tuple[Action, ...]]] = [
    ({"type": "click", "button": "left", "x": 100, "y": 50}, (Click(AT),)),
    ({"type": "click", "button": "wheel", "x": 100, "y": 50}, (Click(AT, "middle"),)),
    ({"type": "click", "button": "back", "x": 100, "y": 50}, (Press("alt+Left"),)),
    ({"type": "click", "button": "forward", "x": 0, "y": 0}, (Press("alt+Right"),)),
    ({"type": "click", "button": "left", "x": 100, "y": 50, "keys": ["SHIFT"]}, (Click(AT, keys=("shift",)),)),
    ({"type": "double_click", "x": 100, "y": 50}, (Click(AT, count=2),)),
    ({"type": "drag", "path": [{"x": 0, "y": 0}, {"x": 5, "y": 5}, {"x": 100, "y": 50}]}, (Drag(Point(0, 0), AT),)),
    ({"type": "keypress", "keys": ["CTRL", "S"]}, (Press("ctrl+s"),)),
    ({"type": "move", "x": 100, "y": 50}, (Move(AT),)),
    ({"type": "screenshot"}, ()),
    ({"type": "scroll", "x": 100, "y": 50, "scroll_x": 0, "scroll_y": 300}, (Scroll(AT, 0, 3),)),
    ({"type": "scroll", "x": 100, "y": 50, "scroll_x": -20, "scroll_y": 0}, (Scroll(AT, -1, 0),)),
    ({"type": "scroll", "x": 100, "y": 50, "scroll_x": 0, "scroll_y": 0}, ()),
    ({"type": "type", "text": "zażółć\n"}, (Type("zażółć\n"),)),
    ({"type": "wait"}, (Wait(2.0),)),
]


@pytest.mark.parametrize(("action", "acts"), PREVIEW)
def test_one_action_and_a_batch_of_one_are_the_same(action: dict[str, Any], acts: tuple[Action, ...]) -> None:
    meant = Said(acts, look=not acts, thought="I see.", call="call_1")
    assert computer.read(answered(MESSAGE, call(action=action)), SHOT) == meant
    assert computer.read(answered(MESSAGE, call(actions=[action])), SHOT) == meant


def test_a_batch_is_done_in_order() -> None:
    said = computer.read(answered(call(actions=[given for given, _ in PREVIEW])), SHOT)
    assert said.acts == tuple(act for _, acts in PREVIEW for act in acts)


def test_checks_of_safety_are_for_a_person() -> None:
    check = {"id": "sc_1", "code": "malicious_instructions", "message": "The page gives orders."}
    said = computer.read(answered(call(action={"type": "wait"}, pending_safety_checks=[check, {"id": "sc_2"}])), SHOT)
    assert said.cautions == (Caution("sc_1", check["code"], check["message"]), Caution("sc_2", "", ""))


def test_an_answer_without_a_call_is_words() -> None:
    assert computer.read(answered(MESSAGE), SHOT) == Said(thought="I see.")


@pytest.mark.parametrize(
    "output",
    [
        (call(),),
        (call(action={"type": "wait"}), call(action={"type": "wait"})),
        (call(action={"type": "drag", "path": [{"x": 1, "y": 1}]}),),
        (call(action={"type": "click", "button": "left", "x": 9999, "y": 5}),),
        (call(action={"type": "keypress", "keys": ["A", "B"]}),),
        (call(action={"type": "click", "button": "left", "x": 5, "y": 5, "keys": ["A"]}),),
        (call(action={"type": "drag", "path": [{"x": 1, "y": 1}, {"x": 2, "y": 2}], "keys": ["CTRL"]}),),
        (call(action={"type": "scroll", "x": 1, "y": 1, "scroll_x": 0, "scroll_y": 9, "keys": ["CTRL"]}),),
    ],
)
def test_an_answer_that_nobody_can_do_is_said(output: tuple[dict[str, Any], ...]) -> None:
    with pytest.raises(Unparsable):
        computer.read(answered(*output), SHOT)


# ------------------------------------------------------------------------------------------------ UI-TARS


@pytest.mark.parametrize(
    ("text", "acts"),
    [
        ("click(point='<point>100 50</point>')", (Click(AT),)),
        ("click(start_box='(100,50)')", (Click(AT),)),
        ("click(start_box='[90, 40, 110, 60]')", (Click(AT),)),
        ("click(start_box='<|box_start|>(100,50)<|box_end|>')", (Click(AT),)),
        ("left_double(point='<point>100 50</point>')", (Click(AT, count=2),)),
        ("right_single(point='<point>100 50</point>')", (Click(AT, "right"),)),
        ("drag(start_point='<point>0 0</point>', end_point='<point>100 50</point>')", (Drag(Point(0, 0), AT),)),
        ("hotkey(key='ctrl shift s')", (Press("ctrl+shift+s"),)),
        ("hotkey(key='arrowleft')", (Press("Left"),)),
        ("type(content='it\\'s (one)\\n')", (Type("it's (one)\n"),)),
        ('type(content="say \\"hi\\"")', (Type('say "hi"'),)),
        ("type(content='')", ()),
        ("scroll(point='<point>100 50</point>', direction='down')", (Scroll(AT, 0, 5),)),
        ("scroll(direction='left')", (Scroll(Point(640, 400), -5, 0),)),
        ("wait()", (Wait(5.0),)),
        ("hover(point='<point>100 50</point>')", (Move(AT),)),
        ("open_app(app_name='Notes')", (Open("Notes"),)),
        ("finished(content='all done')", (Finish("all done"),)),
        ("finished()", (Finish(""),)),
        ("click(point='<point>100 50</point>')\n\ntype(content='x')", (Click(AT), Type("x"))),
    ],
)
def test_the_grammar_of_ui_tars_is_read(text: str, acts: tuple[Action, ...]) -> None:
    assert ui_tars.read(f"Thought: First this.\nAction: {text}", SHOT) == Said(acts, thought="First this.")


@pytest.mark.parametrize(
    "text",
    [
        "I would click there.", "Action:", "Action: fly(to='moon')", "Action: click()", "Action: click(point='here')",
        "Action: click(point='<point>100 50</point>'", "Action: scroll(direction='sideways')",
        "Action: hotkey(key='')", "Action: click(100, 50)", "Action: click(point='<point>9999 50</point>')",
    ],
)  # fmt: skip
def test_what_is_not_in_that_grammar_is_said(text: str) -> None:
    with pytest.raises(Unparsable):
        ui_tars.read(text, SHOT)


@pytest.mark.parametrize(
    ("size", "seen"),
    [((1920, 1080), (1932, 1092)), ((1280, 800), (1288, 812)), ((100, 100), (280, 280)), ((28, 28), (280, 280))],
)
def test_pictures_are_seen_in_sides_of_28(size: tuple[int, int], seen: tuple[int, int]) -> None:
    assert ui_tars.resized(*size) == seen


def test_a_huge_picture_is_made_smaller_and_a_long_one_is_refused() -> None:
    wide, high = ui_tars.resized(10_000, 8_000)
    assert wide * high <= ui_tars.MOST
    assert abs(wide / high - 1.25) < 0.02
    with pytest.raises(Unparsable, match="too long"):
        ui_tars.resized(30_000, 100)


# ------------------------------------------------------------------------------------------------ Anthropic


@pytest.mark.parametrize(
    ("given", "acts"),
    [
        ({"action": "left_click", "coordinate": [100, 50]}, (Click(AT),)),
        ({"action": "left_click", "coordinate": [100, 50], "text": "shift"}, (Click(AT, keys=("shift",)),)),
        ({"action": "right_click", "coordinate": [100, 50]}, (Click(AT, "right"),)),
        ({"action": "middle_click", "coordinate": [100, 50]}, (Click(AT, "middle"),)),
        ({"action": "double_click", "coordinate": [100, 50]}, (Click(AT, count=2),)),
        ({"action": "triple_click", "coordinate": [100, 50]}, (Click(AT, count=3),)),
        ({"action": "mouse_move", "coordinate": [100, 50]}, (Move(AT),)),
        ({"action": "left_click_drag", "start_coordinate": [0, 0], "coordinate": [100, 50]}, (Drag(Point(0, 0), AT),)),
        ({"action": "key", "text": "ctrl+s"}, (Press("ctrl+s"),)),
        ({"action": "key", "text": "Down", "repeat": 3}, (Press("Down"),) * 3),
        ({"action": "key", "text": "ctrl+a Delete"}, (Press("ctrl+a"), Press("Delete"))),
        ({"action": "type", "text": "ą b"}, (Type("ą b"),)),
        ({"action": "scroll", "coordinate": [100, 50], "scroll_direction": "up", "scroll_amount": 4},
         (Scroll(AT, 0, -4),)),
        ({"action": "scroll", "scroll_direction": "right", "scroll_amount": 2}, (Scroll(Point(640, 400), 2, 0),)),
        ({"action": "scroll", "coordinate": [100, 50], "scroll_direction": "up", "scroll_amount": 0}, ()),
        ({"action": "hold_key", "text": "Right", "duration": 1}, (Press("Right"),)),
        ({"action": "wait", "duration": 1.5}, (Wait(1.5),)),
    ],
)  # fmt: skip
def test_calls_of_anthropics_tool_are_read(given: dict[str, Any], acts: tuple[Action, ...]) -> None:
    assert anthropic.Reader().read("toolu_1", given, SHOT) == Said(acts, call="toolu_1")


def test_the_first_version_clicks_where_the_pointer_was_left() -> None:
    reader = anthropic.Reader()
    with pytest.raises(Unparsable, match="where"):
        reader.read("1", {"action": "left_click"}, SHOT)
    reader.read("2", {"action": "mouse_move", "coordinate": [100, 50]}, SHOT)
    assert reader.read("3", {"action": "left_click"}, SHOT).acts == (Click(AT),)
    assert reader.read("4", {"action": "left_click_drag", "coordinate": [0, 0]}, SHOT).acts == (Drag(AT, Point(0, 0)),)


def test_a_button_that_is_pressed_and_let_go_elsewhere_drags() -> None:
    reader = anthropic.Reader()
    with pytest.raises(Unparsable, match="no button is held"):
        reader.read("1", {"action": "left_mouse_up"}, SHOT)
    reader.read("2", {"action": "mouse_move", "coordinate": [0, 0]}, SHOT)
    assert reader.read("3", {"action": "left_mouse_down"}, SHOT).acts == ()
    reader.read("4", {"action": "mouse_move", "coordinate": [100, 50]}, SHOT)
    assert reader.read("5", {"action": "left_mouse_up"}, SHOT).acts == (Drag(Point(0, 0), AT),)


def test_looks_and_zooms_change_nothing() -> None:
    reader = anthropic.Reader()
    assert reader.read("1", {"action": "screenshot"}, SHOT) == Said(look=True, call="1")
    assert reader.read("2", {"action": "zoom", "region": [0, 0, 100, 50]}, SHOT).zoom == Box(0, 0, 200, 100)


@pytest.mark.parametrize(
    "given",
    [
        {}, {"action": None}, {"action": "fly"}, {"action": "left_click", "coordinate": [1]},
        {"action": "left_click", "coordinate": ["a", "b"]}, {"action": "left_click", "coordinate": [9999, 0]},
        {"action": "key"}, {"action": "key", "text": "hyperspace"}, {"action": "key", "text": "a", "repeat": 0},
        {"action": "type", "text": 5}, {"action": "scroll", "scroll_direction": "in", "scroll_amount": 1},
        {"action": "scroll", "coordinate": [1, 1], "scroll_direction": "up", "scroll_amount": -1},
        {"action": "wait", "duration": 1e9}, {"action": "zoom", "region": [10, 10, 5, 5]}, {"action": "zoom"},
        {"action": "left_click_drag", "coordinate": [0, 0]},
    ],
)  # fmt: skip
def test_a_call_of_it_that_nobody_can_do_is_said(given: dict[str, Any]) -> None:
    with pytest.raises(Unparsable):
        anthropic.Reader().read("1", given, SHOT)


# ------------------------------------------------------------------------------------------------ Chat Completions

SAVE = Element("7", "button", "Save")
NAME = Element("8", "textbox", "Name", "")
LIST = {1: SAVE, 2: NAME}


def called(name: str, **given: Any) -> Said:
    return chat.read([("call_1", name, json.dumps(given))], "I think.", LIST, SHOT)


@pytest.mark.parametrize(
    ("name", "given", "act"),
    [
        ("click", {"element": 1}, Click(SAVE)),
        ("click", {"element": 1, "button": "right", "count": 2, "keys": ["ctrl"]}, Click(SAVE, "right", 2, ("ctrl",))),
        ("click", {"x": 100, "y": 50}, Click(AT)),
        ("fill", {"element": 2, "text": ""}, Fill(NAME, "")),
        ("type", {"text": "ą"}, Type("ą")),
        ("press", {"keys": "Ctrl+S"}, Press("ctrl+s")),
        ("scroll", {"element": 2}, Scroll(NAME, 0, 5)),
        ("scroll", {"x": 100, "y": 50, "direction": "left", "notches": 2}, Scroll(AT, -2, 0)),
        ("move", {"element": 1}, Move(SAVE)),
        ("drag", {"element": 1, "to_x": 100, "to_y": 50}, Drag(SAVE, AT)),
        ("open", {"what": "https://example.org"}, Open("https://example.org")),
        ("wait", {}, Wait(2.0)),
        ("ask", {"question": "Which?", "choices": ["a", "b"]}, Ask("Which?", ("a", "b"))),
        ("done", {"claim": "saved"}, Proven("saved")),
    ],
)
def test_tools_over_our_own_acts_are_read(name: str, given: dict[str, Any], act: Action) -> None:
    assert called(name, **given) == Said((act,), thought="I think.", call="call_1")


def test_a_reason_goes_with_the_act() -> None:
    assert called("click", element=1, why="it saves").acts[0].why == "it saves"


def test_a_look_is_no_act() -> None:
    assert called("look") == Said(look=True, thought="I think.", call="call_1")


@pytest.mark.parametrize(
    "text",
    [
        '{"name": "click", "arguments": {"element": 1}}',
        'I will save it.\n```json\n{"action": "click", "element": 1}\n```',
        '{"tool": "click", "parameters": "{\\"element\\": 1}"}',
        'a {curly} word, then {"name": "click", "arguments": {"element": 1}}',
    ],
)
def test_a_model_that_knows_no_tools_may_write_the_call(text: str) -> None:
    assert chat.read([], text, LIST, SHOT).acts == (Click(SAVE),)


@pytest.mark.parametrize(
    ("name", "given", "words"),
    [
        ("fly", {}, "there is no tool 'fly'"),
        ("click", {}, "either an element"),
        ("click", {"element": 9}, "no element 9; the list goes from 1 to 2"),
        ("click", {"element": 1, "x": 1, "y": 1}, "either an element"),
        ("click", {"x": 1}, "either an element"),
        ("click", {"element": "one"}, "click, element"),
        ("click", {"element": 1, "speed": 2}, "click, speed"),
        ("click", {"element": 1, "count": 9}, "click, count"),
        ("click", {"x": 9999, "y": 1}, "not on the screen"),
        ("fill", {"element": 2}, "fill, text"),
        ("press", {"keys": "hyperspace"}, "no key is called"),
        ("wait", {"seconds": 1e9}, "wait, seconds"),
    ],
)
def test_a_call_that_nobody_can_do_says_what_is_wrong(name: str, given: dict[str, Any], words: str) -> None:
    with pytest.raises(Unparsable, match=words):
        called(name, **given)


def test_words_alone_are_no_call() -> None:
    with pytest.raises(Unparsable, match="call one of the tools: click, fill"):
        chat.read([], "All done!", LIST, SHOT)


def test_each_tool_is_told_with_its_parameters() -> None:
    told = {each["function"]["name"]: each["function"] for each in chat.tools()}
    assert told.keys() == chat.TOOLS.keys()
    assert all(each["description"] and each["parameters"]["type"] == "object" for each in told.values())
    assert told["fill"]["parameters"]["required"] == ["element", "text"]
    json.dumps(told)
