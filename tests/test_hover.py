"""A workflow file says plainly that the pointer goes to something, so that a menu opens there. A real page."""

from __future__ import annotations

import pytest

from cua.errors import UsageError
from cua.record import files
from tests.shown_once import Stage, stage, web

__all__ = ["stage", "web"]
PAGE = """<h1>Home</h1><style>#items { display: none } #menu:hover #items { display: block }</style>
<div id=menu style="width:200px"><span role=button tabindex=0>Tools</span>
<div id=items><button onclick="document.querySelector('h1').textContent = 'Printed'">Print</button></div></div>"""
FLOW = """format = 1
name = "hover"
on = "web"
start = "{start}"

[[steps]]
id = "open-menu"
do = "hover"
{target}
expect = [{{ kind = "shows", role = "button", name = "Print" }}]

[[steps]]
id = "print"
do = "click"
target = {{ role = "button", name = "Print" }}
expect = [{{ kind = "shows", role = "heading", name = "Printed" }}]
"""


def test_a_menu_that_opens_under_the_pointer_is_opened_by_a_step_that_says_hover(stage: Stage) -> None:
    stage.put(PAGE)
    start = stage.web.observe().place.url
    flow = files.loads(FLOW.format(start=start, target='target = { role = "button", name = "Tools" }'))
    assert files.loads(files.dumps(flow)) == flow
    assert files.dumps(flow).count('\ndo = "hover"') == 1
    assert stage.replay(flow, PAGE).outcome == "pass"


@pytest.mark.parametrize(
    ("target", "said"), [("", "needs a target"), ('target = { role = "button" }\nscroll = [0, 3]', "scrolls nothing")]
)
def test_a_hover_without_a_target_or_with_a_scroll_is_refused(target: str, said: str) -> None:
    with pytest.raises(UsageError, match=f"step 'open-menu': do = \"hover\" {said}"):
        files.loads(FLOW.format(start="http://localhost/", target=target))
