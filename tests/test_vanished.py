"""What is promised of records that go away, change or are called otherwise: a deletion is proven by its list, never by
absence alone; a row is told by what the recording leaves as it was; a field is checked itself, never a namesake.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cua.core import Action, Click, Fill, Observation, Open, Run, Task
from cua.errors import UsageError
from cua.memory.store import Store
from cua.memory.workflows import ANY_RECORD, Act, Expect, Mark, Workflow
from cua.policies.script import Script
from cua.policies.since import Since, unmet
from cua.policies.vanished import still_here
from cua.record import files
from cua.record.compile import RECORDED, compile
from cua.replaying import Replayed, There, replay
from cua.run import Unkept, run
from drivers.web import Web
from sandbox_vms.local import LocalWorld
from tests.looks import look

Chosen = Callable[[Observation], Action]
PEOPLE = [["Ada Lovelace", "ada@x.example"], ["Grace Hopper", "grace@x.example"], ["Alan Turing", "alan@x.example"]]
PAGE = """<!doctype html><title>Staff</title><h1>Staff</h1><div id=bar></div><div id=list></div><div id=layer></div>
<script>
const O = %s; let people = %s, q = '';
const el = (html) => { const d = document.createElement('div'); d.innerHTML = html; return d.firstElementChild; };
function draw() {
  list.innerHTML = '';
  if (O.login) { document.body.innerHTML = '<h1>Sign in</h1><button>Sign in</button>'; return; }
  for (const p of people.filter((p) => p[0].includes(q)).slice(0, O.most || 9)) {
    const row = el(`<div class=row><span>${p[0]}</span> <span>${p[1]}</span> </div>`);
    for (const [name, act] of [['Edit', edit], ['Delete', ask]]) {
      const b = el(`<button>${name}</button>`); b.onclick = () => act(p); row.append(b); }
    list.append(row);
  }
  if (!list.firstChild) list.append(el('<p>Nobody here</p>'));
}
function edit(p) {
  layer.innerHTML = `<form><label>${O.label || 'Mail'} <input name=mail></label>
    <label>${O.other || 'Nickname'} <input name=other></label><button>Keep</button></form>`;
  const form = layer.firstElementChild; form.mail.value = p[1];
  form.onsubmit = (e) => { e.preventDefault(); p[1] = form.mail.value; document.title = 'Kept ' + p[1];
    layer.innerHTML = ''; draw(); };
}
function ask(p) {
  if (O.native) { if (confirm('Delete ' + p[0] + '?')) drop(p); return; }
  layer.innerHTML = '<div role=dialog aria-label="Delete?"><p>' + p[0] + '</p><button>Yes</button></div>';
  layer.querySelector('button').onclick = () => { layer.innerHTML = ''; drop(p); };
}
function drop(p) {
  const was = people;
  if (O.bad === 'filtered') q = 'nobody'; else if (O.bad === 'out') O.login = 1; else if (O.bad !== 'kept')
    people = people.filter((each) => each !== (O.bad === 'namesake' ? people.find((x) => x[0] === p[0]) : p));
  if (O.reset) { q = ''; bar.querySelector('input').value = ''; }
  if (O.snack) layer.append(el('<p><span>' + p[0] + '</span> was deleted. <button>Undo</button></p>'));
  draw();
  if (O.bad === 'back') setTimeout(() => { people = was; draw(); }, 150);
}
if (O.tick) bar.append(el(`<label><input type=checkbox name=news ${O.on || ''}> ${O.tick}</label>`));
if (O.filter) { const f = el('<input aria-label="Filter staff">'); bar.append(f);
  f.oninput = () => { q = f.value; draw(); }; }
draw();
</script>"""


class Staff:
    """A page of people that is shown once and then done again, with other people and other manners."""

    def __init__(self, web: Web, store: Store, folder: Path) -> None:
        self.web, self.store, self.file = web, store, folder / "staff.html"

    def open(self, people: list[list[str]] | None = None, **manners: object) -> None:
        self.file.write_text(PAGE % (json.dumps(manners), json.dumps(people or PEOPLE)))
        self.web.act(Open(self.file.as_uri()))

    def shown(self, *acts: Chosen) -> Workflow:
        found: Run = run(Task(RECORDED, "shown"), self.web, Script(*acts), Unkept())
        assert found.stopped == "finished", found.reason
        made = compile(found, "staff", on="web").workflow
        assert files.loads(files.dumps(made)) == made
        return made

    def again(self, workflow: Workflow, **values: str) -> Replayed:
        return replay(workflow, values, There(self.web, LocalWorld(self.web, self.file.parent), self.store))

    def names(self) -> list[str]:
        return [e.name for e in self.web.observe(frame=False).elements if e.role == "text"]


@pytest.fixture
def staff(web: Web, store: Store, tmp_path: Path) -> Staff:
    return Staff(web, store, tmp_path)


def click(name: str, nth: int = 0) -> Chosen:
    return lambda now: Click([e for e in now.elements if (e.role, e.name) == ("button", name)][nth])


def fill(name: str, text: str) -> Chosen:
    return lambda now: Fill(next(e for e in now.elements if (e.role, e.name) == ("textbox", name)), text)


def gone(workflow: Workflow) -> list[str]:
    return [e.name for act in workflow.acts() for e in act.expect if e.kind == "gone" and "dialog" not in e.role]


# ---------------------------------------------------------------------------------------------- deletions


@pytest.mark.parametrize("manner", [{"native": 1}, {}, {"snack": 1}], ids=["browser's dialog", "dialog", "undo"])
def test_a_deletion_is_expected_of_the_answer_and_proven_by_its_list(staff: Staff, manner: dict[str, Any]) -> None:
    staff.open(**manner)
    found = staff.shown(click("Delete", 1), click("OK" if manner.get("native") else "Yes"))
    assert gone(found) in (["Grace Hopper"], ["grace@x.example"])
    assert list(found.acts())[-1].expect[-1].kind == "gone"
    assert list(found.acts())[-1].risk == "irreversible"  # it is what does it
    staff.open(**manner)
    assert staff.again(found).outcome == "pass"
    assert "Ada Lovelace" in staff.names()


@pytest.mark.parametrize("bad", ["kept", "filtered", "out", "back"])
def test_a_deletion_that_only_seems_so_is_no_pass(staff: Staff, bad: str) -> None:
    staff.open()
    found = staff.shown(click("Delete", 1), click("Yes"))
    staff.open(bad=bad)
    done = staff.again(found)
    assert done.outcome != "pass"
    assert "is gone" in done.saying


def test_a_deletion_follows_the_value_that_chose_the_row(staff: Staff) -> None:
    staff.open(filter=1)
    found = staff.shown(fill("Filter staff", "Grace Hopper"), click("Delete"), click("Yes"))
    assert gone(found) == ["${filter_staff}"]
    staff.open(filter=1)
    done = staff.again(found, filter_staff="Alan Turing")
    assert done.outcome == "pass", done.saying


def test_a_deletion_after_a_search_is_proven_by_the_whole_list_that_shows_again(staff: Staff) -> None:
    staff.open(filter=1, reset=1)
    found = staff.shown(fill("Filter staff", "Grace Hopper"), click("Delete"), click("Yes"))
    assert gone(found) == ["${filter_staff}"]
    staff.open(filter=1, reset=1)
    done = staff.again(found, filter_staff="Alan Turing")
    assert done.outcome == "pass", done.saying
    for manner in ({"bad": "kept"}, {"most": 1}):  # one that stays, and one that never stood on the first page
        staff.open(filter=1, reset=1, **manner)
        assert staff.again(found, filter_staff="Alan Turing").outcome != "pass"


def test_the_only_row_of_a_list_goes_too(staff: Staff) -> None:
    staff.open(PEOPLE[:1])
    found = staff.shown(click("Delete"), click("Yes"))
    assert gone(found) == ["Ada Lovelace"]
    staff.open(PEOPLE[:1])
    assert staff.again(found).outcome == "pass"
    staff.open(PEOPLE[:1], bad="out")
    assert staff.again(found).outcome != "pass"


def test_of_two_with_one_name_the_right_one_must_go(staff: Staff) -> None:
    people = [["Ada Lovelace", "one@x.example"], ["Ada Lovelace", "two@x.example"], PEOPLE[1]]
    staff.open(people)
    found = staff.shown(click("Delete", 1), click("Yes"))
    assert gone(found) == ["two@x.example"]
    staff.open(people)
    assert staff.again(found).outcome == "pass"
    staff.open(people, bad="namesake")
    assert staff.again(found).outcome != "pass"


@pytest.mark.parametrize("manner", [{"native": 1}, {}], ids=["browser's dialog", "dialog"])
def test_a_namesake_that_came_since_and_went_instead_is_no_proof(staff: Staff, manner: dict[str, Any]) -> None:
    staff.open(**manner)
    found = staff.shown(click("Delete", 1), click("OK" if manner.get("native") else "Yes"))
    people = [["Grace Hopper", "other@x.example"], *PEOPLE]
    staff.open(people, **manner)
    assert staff.again(found).outcome == "pass"
    assert ("other@x.example" in staff.names(), "grace@x.example" in staff.names()) == (True, False)
    staff.open(people, bad="namesake", **manner)
    done = staff.again(found)
    assert done.outcome != "pass"


def rows(*names: str, title: str = "Staff") -> Observation:
    """A list of a desktop program."""
    lines = [("listitem", name) for name in names]
    return look(title, ("heading", title), *lines)


def test_one_less_of_those_called_the_same_is_gone() -> None:
    ada = Expect("gone", "listitem", "Ada")
    assert not still_here(ada, (rows("Ada", "Ada", "Bob", "Cy"),), rows("Ada", "Bob", "Cy"))
    assert still_here(ada, (rows("Ada", "Ada", "Bob", "Cy"),), rows("Bob", "Cy"))
    assert still_here(ada, (rows("Ada", "Bob", "Cy"),), rows("Ada (deleted)", "Bob", "Cy"))
    assert still_here(ada, (rows("Ada", "Bob", "Cy"),), rows("Dan", "Eve"))


@pytest.mark.parametrize("expect", [Expect("gone", "option", "Ada Stone"), Expect("closed", "window", "Question")])
def test_what_could_not_be_read_is_not_gone(expect: Expect) -> None:
    seen = look("Staff", ("option", "Bob Reed"))
    assert not unmet((expect,), seen)
    assert unmet((expect,), replace(seen, partial=True, note="a program does not answer"))


def test_what_had_gone_before_the_act_proves_nothing() -> None:
    ada = Expect("gone", "listitem", "Ada")
    assert "not seen" in still_here(ada, (rows("Ada", "Bob", "Cy"), rows("Bob", "Cy")), rows("Bob", "Cy"))


# ---------------------------------------------------------------------------------------------- rows that change


def test_a_row_is_not_told_by_what_the_recording_changes(staff: Staff) -> None:
    staff.open()
    found = staff.shown(click("Edit", 1), fill("Mail", "new@x.example"), click("Keep"))
    (edit, *_) = found.acts()
    assert edit.target is not None
    assert edit.target.row[0] == "Grace Hopper"
    assert "grace@x.example" not in edit.target.row
    left = [each for act in found.acts() for each in act.expect if each.kind == "gone"]
    assert [(each.role, each.name) for each in left] == [(ANY_RECORD, "Grace Hopper")]  # it shows, but not as it was
    staff.open()
    assert staff.again(found).outcome == "pass"
    assert staff.again(found, mail="third@x.example").outcome == "pass"  # the page goes on as it was left


def test_a_row_that_only_what_changes_tells_is_doubtful(staff: Staff) -> None:
    staff.open([["Ada Lovelace", "one@x.example"], ["Ada Lovelace", "two@x.example"]])
    shown = staff.shown(click("Edit", 1), fill("Mail", "new@x.example"), click("Keep"))
    doubts = [act.doubt for act in shown.acts() if act.doubt]
    assert doubts
    assert all("told from others by 'two@x.example'" in each for each in doubts)
    with pytest.raises(UsageError, match="changed in this recording"):
        staff.again(shown)


def test_a_halt_names_the_cell_that_differs(staff: Staff) -> None:
    staff.open()
    found = staff.shown(click("Delete", 1), click("Yes"))
    staff.open([PEOPLE[0], ["Grace Hopper", "moved@x.example"]])
    done = staff.again(found)
    assert (done.outcome, "the row says 'moved@x.example' where 'grace@x.example' was recorded" in done.saying) == (
        "refused",
        True,
    )


# ---------------------------------------------------------------------------------------------- a label that changes


@pytest.mark.parametrize("other", ["Nickname", "Mail"])
def test_a_field_that_is_called_otherwise_is_checked_itself(staff: Staff, other: str) -> None:
    staff.open()
    found = staff.shown(click("Edit", 1), fill("Mail", "new@x.example"))
    staff.open(label="E-mail address", other=other)
    done = staff.again(found, mail="x@x.example")
    fields = {e.name: e.value for e in staff.web.observe(frame=False).elements if e.role == "textbox"}
    if other == "Mail":
        assert done.outcome != "pass" or fields["E-mail address"] == "x@x.example"
        return
    assert (done.outcome, fields["E-mail address"]) == ("pass", "x@x.example"), done.saying
    assert done.healed is not None
    (_, named) = done.healed.acts()
    assert [(e.name, e.value) for e in named.expect] == [("E-mail address", "${mail}")]


def test_a_namesake_that_holds_the_value_is_no_proof() -> None:
    now = look("Edit", ("textbox", "E-mail", "old"), ("textbox", "Mail", "new"))
    mail, wanted = Mark("textbox", "Mail"), Expect("holds", "textbox", "Mail", "new")
    assert not Since(mail, now.elements[1], (now,)).holds(wanted, now)
    assert Since(mail, now.elements[2], (now,)).holds(wanted, now)
    assert Since().holds(wanted, now)


def test_a_ticked_box_that_is_called_otherwise_is_not_ticked_back(staff: Staff) -> None:
    staff.open(tick="Newsletter")
    found = staff.shown(lambda now: Click(next(e for e in now.elements if e.role == "checkbox")))
    assert found.steps[0].expect == (Expect("checked", "checkbox", "Newsletter", "on"),)  # type: ignore[union-attr]
    staff.open(tick="Our newsletter", on="checked")
    assert staff.again(found).outcome == "pass"
    assert any("checked" in e.states for e in staff.web.observe(frame=False).elements)


def test_that_a_command_is_gone_after_another_page_came_needs_no_list() -> None:
    link = Act("1", "click", Mark("link", "Sign in"), expect=(Expect("gone", "link", "Sign in"),))
    before, after = look("Start", ("link", "Sign in")), look("Home", ("heading", "Welcome"))
    since = Since.of(link, before.elements[1], (before,), Workflow("flow", "web", (link,)), {})
    assert since.holds(link.expect[0], after)
    assert not since.never_shown(link.expect[0])
    assert Since(past=(after,)).never_shown(link.expect[0])


STOCK = """<!doctype html><title>Stock</title><h1>Stock</h1><p>Buyer <input id=who></p><ul></ul><script>
const stock = [['Hook, steel', 413], ['Hook, brass', 97], ['Rope', 12]];
function draw() { document.querySelector('ul').innerHTML = stock.map(([name, left], at) =>
  `<li>${name} ${left} pcs free <button onclick="stock[${at}][1]--; draw()">Take</button></li>`).join(''); }
draw();
</script>"""


def test_what_the_flow_itself_counts_down_in_a_list_does_not_hide_the_row(staff: Staff) -> None:
    staff.file.write_text(STOCK)
    staff.web.act(Open(staff.file.as_uri()))

    def named(now: Observation) -> Action:
        return Fill(next(e for e in now.elements if e.role == "textbox"), "Ada")

    found = staff.shown(named, click("Take", 1))
    assert [param.name for param in found.params] == ["buyer"]
    for left in (95, 94):  # the page goes on as it was left
        assert "every step was done" in staff.again(found, buyer="Grace").saying
        assert any(f"Hook, brass {left} pcs free" in e.name for e in staff.web.observe(frame=False).elements)
