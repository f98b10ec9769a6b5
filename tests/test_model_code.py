"""Scripts of pyautogui, as OSWorld's agents answer with them: read into our acts, and never run."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from cua.core import Action, Click, Drag, Finish, Move, Point, Press, Scroll, Task, Type, Wait
from cua.errors import TroubleError, UsageError
from cua.policies.model import Model
from cua.policies.models.code import Reader, acts
from cua.policies.models.dialects import Code
from cua.policies.models.endpoint import Endpoint, Where
from cua.policies.models.said import Said, Shot, Unparsable
from cua.policies.models.talk import Talk
from cua.run import Unkept, run
from drivers.fake import FakeDriver
from tests.model_server import Answer, scripted, serving

SHOT = Shot(640, 400, 1280, 800)  # the model saw it at half its size
AT = Point(200, 100)  # what (100, 50) of the picture is on the screen


def read(*lines: str) -> tuple[Action, ...]:
    body = "\n".join(lines)
    return Reader().read(f"```python\nimport pyautogui\nimport time\n{body}\n```", SHOT).acts


@pytest.mark.parametrize(
    ("lines", "meant"),
    [
        (["pyautogui.click(100, 50)"], (Click(AT),)),
        (["pyautogui.click(x=100, y=50, clicks=2, button='right')"], (Click(AT, "right", 2),)),
        (["pyautogui.click((100, 50))"], (Click(AT),)),
        (["pyautogui.click(100, 50, 3, 0.1, 'middle')"], (Click(AT, "middle", 3),)),
        (["pyautogui.doubleClick(100, 50)"], (Click(AT, count=2),)),
        (["pyautogui.tripleClick(100, 50)"], (Click(AT, count=3),)),
        (["pyautogui.rightClick(100, 50)"], (Click(AT, "right"),)),
        (["pyautogui.middleClick(100, 50)"], (Click(AT, "middle"),)),
        (["pyautogui.moveTo(100, 50, duration=0.5)"], (Move(AT),)),
        (["pyautogui.moveTo(100, 50)", "pyautogui.click()"], (Move(AT), Click(AT))),
        (["pyautogui.moveTo(90, 50)", "pyautogui.moveRel(10, 0)"], (Move(Point(180, 100)), Move(AT))),
        (["pyautogui.moveTo(0, 0)", "pyautogui.dragTo(100, 50, button='left')"],
         (Move(Point(0, 0)), Drag(Point(0, 0), AT))),
        (["pyautogui.moveTo(0, 0)", "pyautogui.drag(100, 50)"], (Move(Point(0, 0)), Drag(Point(0, 0), AT))),
        (["pyautogui.mouseDown(0, 0)", "pyautogui.moveTo(100, 50)", "pyautogui.mouseUp()"], (Drag(Point(0, 0), AT),)),
        (["pyautogui.mouseDown(100, 50, button='right')", "pyautogui.mouseUp()"], (Click(AT, "right"),)),
        (["pyautogui.scroll(-3)"], (Scroll(Point(640, 400), dy=3),)),
        (["pyautogui.scroll(3, x=100, y=50)"], (Scroll(AT, dy=-3),)),
        (["pyautogui.moveTo(100, 50)", "pyautogui.scroll(2)"], (Move(AT), Scroll(AT, dy=-2))),
        (["pyautogui.hscroll(2, 100, 50)"], (Scroll(AT, dx=2),)),
        (["pyautogui.press('enter')"], (Press("Return"),)),
        (["pyautogui.press(['down', 'enter'])"], (Press("Down"), Press("Return"))),
        (["pyautogui.press('tab', presses=2)"], (Press("Tab"), Press("Tab"))),
        (["pyautogui.press(['\\n', '\\t', ' ', '!', 'num0', 'ctrlleft'])"],
         (Press("Return"), Press("Tab"), Press("space"), Press("!"), Press("0"), Press("ctrl"))),
        (["pyautogui.hotkey('ctrl', 'shift', 's')"], (Press("ctrl+shift+s"),)),
        (["pyautogui.hotkey(['ctrl', 'c'])"], (Press("ctrl+c"),)),
        (["pyautogui.keyDown('ctrl')", "pyautogui.press('c')", "pyautogui.keyUp('ctrl')"], (Press("ctrl+c"),)),
        (["pyautogui.keyDown('shift')", "pyautogui.click(100, 50)", "pyautogui.keyUp('shift')"],
         (Click(AT, keys=("shift",)),)),
        (["pyautogui.keyDown('alt')", "pyautogui.keyUp('alt')"], (Press("alt"),)),
        (["pyautogui.keyDown('f5')", "pyautogui.keyUp('f5')"], (Press("F5"),)),
        (["pyautogui.write('zażółć\\n', interval=0.1)"], (Type("zażółć\n"),)),
        (["pyautogui.typewrite(['a', 'enter'])"], (Press("a"), Press("Return"))),
        (["pyautogui.write('')", "pyautogui.press('a')"], (Press("a"),)),
        (["time.sleep(0.5)", "pyautogui.sleep(seconds=1)"], (Wait(0.5), Wait(1.0))),
        (["# first the menu", "pyautogui.PAUSE = 1", "pyautogui.click(50 * 2, 100 // 2)"], (Click(AT),)),
    ],
)  # fmt: skip
def test_a_script_is_read_into_acts(lines: list[str], meant: tuple[Action, ...]) -> None:
    assert read(*lines) == meant


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("```DONE```", Said((Finish(""),))),
        ("DONE", Said((Finish(""),))),
        ("It is saved.\n```\nDONE\n```", Said((Finish("It is saved."),), thought="It is saved.")),
        ("It loads.\n```WAIT```", Said((Wait(2.0),), thought="It loads.")),
        ("There is no such app.\n```FAIL```",
         Said((Finish("infeasible: There is no such app."),), thought="There is no such app.")),
        ("FAIL", Said((Finish("infeasible: the model says that it cannot be done"),))),
        ("```python\npyautogui.press('f5')\nDONE\n```", Said((Press("F5"), Finish("")))),
        ("A\n```python\npyautogui.press('a')\n```\nB\n```\npyautogui.press('b')\n```",
         Said((Press("a"), Press("b")), thought="A\n\nB")),
        ("pyautogui.press('a')", Said((Press("a"),))),
        ("```Python\npyautogui.press('a')```", Said((Press("a"),))),
    ],
)  # fmt: skip
def test_an_answer_is_blocks_and_words(text: str, meant: Said) -> None:
    assert Reader().read(text, SHOT) == meant


def test_the_pointer_stays_where_an_answer_left_it() -> None:
    reader = Reader()
    with pytest.raises(Unparsable, match="where the pointer happens to be"):
        reader.read("```pyautogui.click()```", SHOT)
    reader.read("```pyautogui.moveTo(100, 50)```", SHOT)
    assert reader.read("```pyautogui.click()```", SHOT).acts == (Click(AT),)


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        (["import os"], "more than a list of acts"),
        (["x = 5"], "more than a list of acts"),
        (["for i in range(3): pyautogui.press('a')"], "more than a list of acts"),
        (["print(1)"], "more than a list of acts"),
        (["os.system('rm -rf ~')"], "more than a list of acts"),
        (["pyautogui.press(input())"], "more than a list of acts"),
        (["pyautogui.write('a' * 10**9)"], "more than a list of acts"),
        (["pyautogui.screenshot()"], "more than a list of acts"),
        (["pyautogui.__class__.mro()"], "more than a list of acts"),
        (["pyautogui.press('a'"], "cannot be read"),
        (["pyautogui.press('a')\0"], "cannot be read"),
        (["(" * 10_000], "cannot be read|too deep"),
        (["pyautogui.click(9999, 5)"], "not on the screen"),
        (["pyautogui.click('save.png')"], "correct what it is given|happens to be"),
        (["pyautogui.press('a', presses=1000000000)"], "too often"),
        (["pyautogui.scroll(-1000000000)"], "too often"),
        (["pyautogui.press('hyperspace')"], "no key is called"),
        (["pyautogui.hotkey()"], "no chord"),
        (["pyautogui.keyDown('ctrl')"], "leaves ctrl held"),
        (["pyautogui.mouseDown(1, 1)"], "leaves the button held"),
        (["pyautogui.mouseUp(1, 1)"], "no button is held"),
        (["pyautogui.keyDown('ctrl')", "pyautogui.write('a')", "pyautogui.keyUp('ctrl')"], "while ctrl is held"),
        (["pyautogui.click(1, 1, button='pinky')"], "no button 'pinky'"),
        (["pyautogui.moveTo()"], "without a place"),
        (["time.sleep()"], "correct what it is given"),
        (["time.sleep('long')"], "correct what it is given"),
        (["pyautogui.click(1/0, 5)"], "correct what it is given"),
        ([], "has no act"),
        (["pyautogui.click(100, 50, clicks=0)"], "has no act"),
        (["pyautogui.scroll(0)"], "has no act"),
    ],
)
def test_what_is_no_list_of_acts_is_told_to_the_model(lines: list[str], reason: str) -> None:
    with pytest.raises(Unparsable, match=reason):
        read(*lines)


@pytest.mark.parametrize("text", ["I clicked it.", "", "``` ```", "done"])
def test_words_alone_are_no_script(text: str) -> None:
    with pytest.raises(Unparsable, match="one ```python block"):
        Reader().read(text, SHOT)


def test_nothing_of_a_script_is_run(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    for script in (f"open({str(mark)!r}, 'w')", f"__import__('pathlib').Path({str(mark)!r}).touch()"):
        with pytest.raises(Unparsable):
            read(script)
    assert not mark.exists()


def test_task_files_are_read_by_the_same_grammar_in_pixels_of_the_screen() -> None:
    assert acts("import pyautogui; pyautogui.keyDown('ctrl'); pyautogui.click(3, 4); pyautogui.keyUp('ctrl')") == (
        Click(Point(3, 4), keys=("ctrl",)),
    )
    with pytest.raises(TroubleError, match="not there yet"):
        acts("DONE")
    with pytest.raises(UsageError, match="no key is called"):
        acts("pyautogui.press('hyperspace')")


def test_a_model_that_speaks_it_acts_on_what_it_saw() -> None:
    driver, task = FakeDriver(), Task("t", "turn notifications off")
    now = driver.observe()
    box = next(e.box for e in now.elements if e.name == "Notifications")
    assert box
    assert now.frame
    half = now.frame.width // 2
    x, y = (each * half // now.frame.width for each in (box.centre.x, box.centre.y))
    said = scripted(
        Answer("I will fly there.\n```python\npyautogui.fly()\n```"),
        Answer(f"There.\n```python\nimport pyautogui\npyautogui.click({x}, {y})\n```"),
        Answer("It is off.\n```DONE```"),
    )
    with serving(said) as server:
        endpoint = Endpoint(Where(server.url, "m", "k"))
        done = run(task, driver, Model(Code(endpoint, Talk(task, True), half), lambda caution: False), Unkept())
        endpoint.close()
    assert (done.stopped, done.reason, driver.world.settings["notify"]) == ("finished", "It is off.", "false")
    first, second, _ = (asked["messages"][1]["content"] for asked in server.asked)
    assert "one ```python block" in first[0]["text"]
    assert first[1]["image_url"]["url"].startswith("data:image/jpeg")
    assert re.search(r"last reply could not be read: .*pyautogui\.fly", second[0]["text"])
