"""A click of which it is not known what lay there costs that step and not the recording. Real browser, real desktop."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from threading import Event

import pytest

from cua import drafts
from cua.core import Observation, Open, Point, Step
from cua.errors import MissingProgram, UsageError
from cua.memory import versions
from cua.memory.store import Store
from cua.memory.workflows import Act, Mark, Workflow
from cua.policies.trail import in_words
from cua.record import export, files
from cua.record.compile import Compiled, compile
from cua.record.doubtful import NOT_KNOWN
from cua.recording import Caught, Signs, watch
from cua.replaying import There, replay
from drivers.web import Web
from drivers.web_recorder import WebRecorder
from sandbox_vms.local import LocalWorld
from tests.browsers import browsing
from tests.desktop_person import Session, box, session
from tests.served import pages, serving
from tests.web_person import Watched

__all__ = ["box", "session"]
PAGE = """<!doctype html><title>Notes</title><body style="height:900px">
<h1>Open</h1><label>Name <input id=name></label>
<div style="position:relative;height:50px">
<button style="position:absolute;left:0;top:0;width:200px;height:40px" onclick="h('Gone')">Delete all</button>
<canvas style="position:absolute;left:0;top:0;width:300px;height:48px" onclick="h('Marked')"></canvas></div>
<button onclick="h('Saved ' + document.getElementById('name').value)">Save</button>
<script>function h(text) { document.querySelector('h1').textContent = text }</script>
"""


@pytest.fixture
def site() -> Iterator[str]:
    with serving(pages({"/": PAGE}.get)) as port:
        yield f"http://127.0.0.1:{port}"


class Replayed:
    """A recorder that gives once more what another one gave."""

    paused, ended = False, False

    def __init__(self, given: Sequence[Step], last: Observation) -> None:
        self._given, self._last = deque(given), last

    def next(self, seconds: float) -> Step | None:
        self.ended = not self._given
        return self._given.popleft() if self._given else None

    def pause(self) -> None:
        raise NotImplementedError

    resume = close = pause

    def last(self) -> Observation:
        return self._last


def kept(steps: Sequence[Step], last: Observation, store: Store, folder: Path) -> tuple[Compiled, list[str]]:
    """What is made of a recording that is kept, written down and read back, and the lines that were told."""
    lines: list[Caught] = []
    recorder = Replayed(steps, last)
    run = watch(recorder, store, "shown", told=lines.append, signs=Signs(folder), stop=Event())
    made = compile(run, "shown", on="web" if last.place.url else "bench")
    assert files.loads(files.dumps(made.workflow)) == made.workflow
    return made, [each.say for each in lines]


@contextmanager
def watched_at(site: str) -> Iterator[Watched]:
    """A person who has filled in a name there. The browser is closed at the end, so that another can be started."""
    try:
        recorder = WebRecorder(headless=True)
    except MissingProgram as exc:
        pytest.skip(str(exc))
    with closing(recorder):
        watched = Watched(recorder, site).at("/")
        watched.write("Name", "Ada")
        yield watched


def saved(watched: Watched) -> tuple[list[Step], Observation]:
    """What was recorded once "Save" was clicked too."""
    watched.page.get_by_role("button", name="Save").click()
    came = watched.until(lambda: watched.shows("Saved Ada"))
    return [*came, *watched.steps(0)], watched.recorder.last()


def drawn_on(watched: Watched) -> tuple[list[Step], Observation]:
    """The canvas over a part of another button is clicked, and then "Save"."""
    canvas = watched.page.locator("canvas").bounding_box()
    assert canvas
    watched.page.mouse.click(canvas["x"] + 20, canvas["y"] + 20)
    came = watched.until(lambda: watched.shows("Marked"))
    more, last = saved(watched)
    return [*came, *more], last


def without_doubts(workflow: Workflow) -> Workflow:
    steps = tuple(step for step in workflow.steps if not (isinstance(step, Act) and step.doubt))
    return files.loads(files.dumps(replace(workflow, steps=steps)))


def test_a_doubtful_click_keeps_the_recording_and_only_its_step_must_be_mended(
    site: str, store: Store, tmp_path: Path
) -> None:
    with watched_at(site) as watched:
        made, lines = kept(*drawn_on(watched), store, tmp_path)
    (doubted,) = (act for act in made.workflow.acts() if act.doubt)
    assert [act.do for act in made.workflow.acts()] == ["fill", "click", "click"]
    assert "Delete all" in doubted.doubt
    assert any(line.startswith("step 2 is doubtful") and "workflow file" in line for line in lines)
    assert any(f"step {doubted.id!r} is mended" in note and "delete that step" in note for note in made.notes)
    for form in ("skill", "playwright"):
        with pytest.raises(UsageError, match="doubtful"):
            export.export(made.workflow, form, tmp_path)
    with browsing(brisk=True) as web:
        there = There(web, LocalWorld(web, tmp_path), store)
        with pytest.raises(UsageError, match=f"step '{doubted.id}' is doubtful .* delete that step"):
            replay(made.workflow, {"name": "Bob"}, there)
        web.act(Open(site))
        assert heading(web) == "Open"
        assert replay(without_doubts(made.workflow), {"name": "Bob"}, there).outcome == "pass"
        assert heading(web) == "Saved Bob"


def test_a_step_that_lost_only_its_doubt_says_that_its_target_is_not_known(
    site: str, store: Store, tmp_path: Path
) -> None:
    with watched_at(site) as watched:
        made, _ = kept(*drawn_on(watched), store, tmp_path)
    text = "\n".join(line for line in files.dumps(made.workflow).splitlines() if not line.startswith("doubt = "))
    with pytest.raises(UsageError, match="nothing says what its target is; give it a role and a name, or delete"):
        files.loads(text)


def test_a_doubtful_step_that_is_mended_counts_as_its_target_does(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    doubted = Act("click", "click", NOT_KNOWN, risk="irreversible", say="click at the point 9,9", doubt="too quick")
    others = (replace(doubted, id="second"), replace(doubted, id="third"))
    before = versions.keep(store, Workflow("shown", "bench", (doubted, *others)))
    named = [Mark("tab", "Shapes"), Mark("button", "Delete"), Mark("button", "Sort")]
    first, second, third = (replace(act, target=mark, doubt="") for act, mark in zip(before.acts(), named, strict=True))
    files.save(replace(before, steps=(first, second, replace(third, risk="read", say="sort them"))), tmp_path / "mine")
    monkeypatch.setenv("VISUAL", f"cp {tmp_path / 'mine'}")
    kept, anew = drafts.edit(store, "shown", tmp_path / "drafts", lambda _: None, fresh=False)
    told = [(act.risk, in_words(act)) for act in kept.acts()]
    assert anew
    assert told == [("read", "click tab 'Shapes'"), ("irreversible", "click button 'Delete'"), ("read", "sort them")]


def test_a_click_beside_everything_that_changes_nothing_is_left_out_with_a_remark(
    site: str, store: Store, tmp_path: Path
) -> None:
    with watched_at(site) as watched:
        watched.page.mouse.click(900, 600)
        steps = watched.steps(2)
        more, last = saved(watched)
    made, lines = kept([*steps, *more], last, store, tmp_path)
    assert [act.do for act in made.workflow.acts()] == ["fill", "click"]
    assert not any(act.doubt for act in made.workflow.acts())
    assert any("step 2" in note and "left out" in note for note in made.notes)
    assert any("step 2 hit nothing that is known" in line for line in lines)


def test_on_a_desktop_what_came_quicker_than_a_look_is_one_doubtful_step(
    session: Session, store: Store, tmp_path: Path
) -> None:
    session.click("menu", "View")
    entry = session.place("menuitem", "Reload")
    session.press("Escape")
    view, before = session.place("menu", "View"), len(session.steps)
    session.person.click(view)
    session.person.click(entry)
    session.wait()
    session.click("button", "Under")
    made, _ = kept(session.steps[before:], session.recorder.last(), store, tmp_path)
    acts = [(act.target.name if act.target else "", bool(act.doubt)) for act in made.workflow.acts()]
    assert acts == [("View", False), ("", True), ("Under", False)]


def test_on_a_desktop_a_click_on_nothing_is_left_out_where_nothing_came_of_it(
    session: Session, store: Store, tmp_path: Path
) -> None:
    before = len(session.steps)
    for _ in range(2):  # the first takes the keyboard from the window, and that is to be seen
        session.person.click(Point(1200, 760))
        session.wait()
    session.click("button", "Under")
    made, _ = kept(session.steps[before:], session.recorder.last(), store, tmp_path)
    assert [bool(act.doubt) for act in made.workflow.acts()] == [True, False]
    assert any("step 2 of the recording" in note and "left out" in note for note in made.notes)


def heading(web: Web) -> str:
    return next(each.name for each in web.observe().elements if each.role == "heading")
