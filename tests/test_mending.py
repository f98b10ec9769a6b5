"""What is done again after a mend asks for no less, and what is read or exported for it says what was meant."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote

import pytest

import cua.record
from cua.core import Budget, Element, Fill, Task
from cua.effects import filled_effect
from cua.errors import UsageError
from cua.memory.mending import refuse_weaker
from cua.memory.workflows import Act, Expect, Mark, Workflow, filled
from cua.policies.replay import Replay
from cua.policies.script import Script
from cua.probes import HttpSays
from cua.record.compile import RECORDED, compile
from cua.run import Unkept, run
from drivers.fake import FakeDriver

MAIL = Mark("textbox", "E-mail", near=("Name",))
FILL = Act("fill-mail", "fill", MAIL, text="${mail}", expect=(Expect("holds", "textbox", "E-mail", "${mail}"),))
FLOW = Workflow("signup", "web", (FILL,))


def test_a_field_that_is_called_otherwise_is_expected_under_its_new_name() -> None:
    target = replace(MAIL, name="Mail address")
    renamed = replace(FILL, target=target, expect=(Expect("holds", "textbox", "Mail address", "${mail}"),))
    refuse_weaker(FLOW, replace(FLOW, steps=(renamed,)))
    other = replace(renamed, expect=(Expect("holds", "textbox", "Name", "${mail}"),))
    less = replace(renamed, expect=(Expect("holds", "textbox", "Mail address", "*"),))
    for step in (other, less, replace(renamed, expect=())):
        with pytest.raises(UsageError, match="another one"):
            refuse_weaker(FLOW, replace(FLOW, steps=(step,)))


def test_a_value_in_an_address_is_encoded() -> None:
    effect = HttpSays("http://localhost/api?guest=${guest}", text="${guest}")
    values = {"guest": "R&D one"}
    coded = {name: quote(text, safe="") for name, text in values.items()}
    found = filled_effect(effect, lambda text: filled(text, values), lambda text: filled(text, coded))
    assert found == HttpSays("http://localhost/api?guest=R%26D%20one", text="R&D one")


def test_an_exported_address_is_a_pattern_in_javascript_too() -> None:
    parts = Path(cua.record.__file__).with_name("playwright_parts.txt").read_text(encoding="utf-8")
    known: dict[str, object] = {"re": re}
    exec(parts.partition("=== at\n")[2].partition("\n=== ")[0], known)

    plain = known["at"]("/wel.come[?]n=*&id=*&x=[*]")  # type: ignore[operator]
    assert plain.match("http://site.example/wel.come?n=1&id=2&x=*#top")
    assert not plain.match("http://site.example/wel-come?n=1&id=2&x=*")
    assert not re.search(r"\(\?[^:]|\(\?>", plain.pattern)


def test_a_page_that_was_empty_when_it_was_shown_is_not_written_over() -> None:
    def note(fake: FakeDriver) -> Element:
        return next(e for e in fake.observe(frame=False).elements if e.name == "Note")

    fake = FakeDriver()
    shown = run(Task(RECORDED, ""), fake, Script(Fill(note(fake), "a list")), Unkept())
    flow = compile(shown, "note", on="fake").workflow
    again = FakeDriver()
    assert run(Task("replay", ""), again, Replay(flow, {}), Unkept()).stopped == "finished"
    assert note(again).value == "a list"
    again.act(Fill(note(again), "a letter"))
    done = run(Task("replay", "", budget=Budget(300, 60)), again, Replay(flow, {}), Unkept())
    assert (done.stopped, note(again).value) == ("refused", "a letter")
    assert "'a letter', which would be lost" in done.reason
