"""What an outcome is proven by: not by what shows after a step that only looks about, where nothing tells of the last
change.
"""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from cua.memory.workflows import Expect, Workflow
from tests.shown_once import Stage, stage, web
from tests.test_compile import click, fill

__all__ = ["stage", "web"]  # fixtures

SUM = """<h1>Sums</h1><canvas id=c width=90 height=30></canvas><script>let said = "";
function key(k) { said += k; const t = c.getContext("2d"); t.clearRect(0, 0, 90, 30); t.fillText(WRONG, 5, 20) }
</script><button onclick="key(1)">1</button><button onclick="key('+')">+</button><button onclick="key(2)">2</button>
<button onclick="key('=')">=</button> <a href="#help" onclick="h.hidden = false">Help</a><h2 id=h hidden>Help</h2>"""
LETTER = """<h1>Letters</h1><label>To<input id=n></label><button onclick="done">Send</button>
<a href="#sent" onclick="s.hidden = false">Sent</a><div id=s hidden><h2>Sent</h2><ul><li id=l></li></ul></div>"""
SENT = LETTER.replace("done", "l.textContent = n.value")
SUMS = tuple(click("button", name) for name in ("1", "+", "2", "="))


SEARCH = """<h1>Find</h1><label>What<input id=w></label><button onclick="l.hidden = false">Go</button>
<a href="#hit" id=l LATER onclick="h.hidden = false">A hit</a><h2 id=h hidden>The hit</h2>"""


def lenient(workflow: Workflow, *read: str) -> Workflow:
    """With steps that can be taken back, but for those that only `read`."""
    risks = {act.id: "read" if act.id in read else "reversible" for act in workflow.acts()}
    return replace(workflow, steps=tuple(replace(act, risk=risks[act.id]) for act in workflow.acts()))  # type: ignore[arg-type]


def last_expects(workflow: Workflow, *expects: Expect) -> Workflow:
    *before, last = workflow.acts()
    return replace(workflow, steps=(*before, replace(last, expect=expects)))


def blind(workflow: Workflow, step: str) -> Workflow:
    steps = (replace(act, expect=() if act.id == step else act.expect) for act in workflow.acts())
    return replace(workflow, steps=tuple(steps))


def test_a_sum_that_cannot_be_read_is_not_proven_by_what_is_looked_at_afterwards(stage: Stage) -> None:
    page = SUM.replace("WRONG", "said")
    shown = lenient(stage.show(page, *SUMS, click("link", "Help")), "click-help")
    assert [len(act.expect) for act in shown.acts()] == [0, 0, 0, 0, 1]
    for wrong in ("said", "'7'"):
        done = stage.replay(shown, SUM.replace("WRONG", wrong))
        assert (done.outcome, done.proof) == ("unknown", "none")
        assert re.search("nothing says what had to come of step .* [(]click button '='", done.saying), done.saying


HEADING = Expect("shows", "heading", "Sent")


@pytest.mark.parametrize(
    ("expects", "outcome"), [((HEADING,), "unknown"), ((HEADING, Expect("shows", "listitem", "${to}")), "pass")]
)
def test_a_look_afterwards_proves_what_was_sent_by_the_value_and_not_by_its_heading(
    stage: Stage, expects: tuple[Expect, ...], outcome: str
) -> None:
    shown = stage.show(SENT, fill("textbox", "To", "Ada"), click("button", "Send"), click("link", "Sent"))
    flow = last_expects(blind(lenient(shown, "click-sent"), "click-send"), *expects)
    assert stage.replay(flow, SENT, to="Bo").outcome == outcome
    assert stage.replay(flow, LETTER, to="Bo").outcome != "pass"


def test_what_was_acted_on_next_proves_the_act_that_brought_it(stage: Stage) -> None:
    comes = SEARCH.replace("LATER", "hidden")
    acts = (fill("textbox", "What", "hit"), click("button", "Go"), click("link", "A hit"))
    shown = lenient(stage.show(comes, *acts), "click-a")
    flow = last_expects(blind(shown, "click-go"), Expect("shows", "heading", "The hit"))
    assert stage.replay(flow, comes, what="hit").outcome == "pass"
    assert stage.replay(flow, SEARCH.replace("LATER", ""), what="hit").outcome == "unknown"


def test_a_flow_whose_last_change_says_what_must_follow_is_proven_by_it(stage: Stage) -> None:
    shown = lenient(stage.show(SENT, fill("textbox", "To", "Ada"), click("link", "Sent"), click("button", "Send")))
    flow = last_expects(shown, Expect("shows", "listitem", "${to}"))
    assert stage.replay(flow, SENT, to="Bo").outcome == "pass"
    assert stage.replay(flow, LETTER, to="Bo").outcome == "fail"
