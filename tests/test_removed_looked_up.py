"""What is promised of a record that was looked up and removed, where the whole list shows again, page by page: the page
that follows must not show it as it was. That it does not is no proof, and a namesake or a record that only changed is
no alarm.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

import pytest

from cua.core import Click, Observation
from cua.memory.workflows import Workflow
from cua.record.export import export
from tests.shown_once import Stage, expected, stage, web
from tests.test_compile import click, fill

__all__ = ["stage", "web"]  # fixtures

NAMES = ["Ada Abel", "Bo Berg", "Carla Nunez", "Dan Dahl", "Eva Ek", "Finn Falk", "Gro Gran", "Hal Holt"]
PEOPLE = [[name, f"{name.split()[0].lower()}@x.example", "Open"] for name in NAMES]
PAGE = """<h1>Staff</h1><form id=bar role=search><input type=search aria-label=Search><button>Search</button></form>
<p role=status id=said></p><LIST id=list></LIST><p>Page <span id=at>1</span> <button onclick=turn()>More</button></p>
<div id=layer></div><script>
const O = OPTIONS; let people = PEOPLE, q = '', page = 0;
const field = document.querySelector('input');
document.querySelector('#bar').onsubmit = (e) => { e.preventDefault();
  if (O.nav) { location.search = '?q=' + field.value; return; }
  q = field.value; page = 0; draw(); };
function keep() { sessionStorage.people = JSON.stringify(people); }
if (O.nav) {
  const asked = new URLSearchParams(location.search);
  if (location.search) people = JSON.parse(sessionStorage.people); else keep();
  q = asked.get('q') || ''; field.value = q; if (asked.get('done')) said.textContent = 'Deleted';
}
function turn() { page++; draw(); }
function draw() {
  people.sort((a, b) => a[0] < b[0] ? -1 : 1); at.textContent = page + 1;
  const found = people.filter((p) => p[0].includes(q) && (!q || !O.hidden || p[1] !== O.hidden));
  list.innerHTML = found.slice(5 * page, 5 * page + 5).map((p) => ROW(p)).join('');
  for (const b of list.querySelectorAll('button'))
    b.onclick = () => ask(people.find((p) => p[1] === b.dataset.who));
}
const go = (p) => `<button data-who=${p[1]}>${O.name}</button>`;
const table = (p) => `<tr><td>${p[0]}<td>${p[1]}<td>${p[2]}<td>${go(p)}`;
const cards = (p) => `<div><b>${p[0]}</b> <i>${p[1]}</i> <u>${p[2]}</u> ${go(p)}</div>`;
const items = (p) => `<li><a href="#">${p[0]}</a><div>${p[1]}</div><div>${p[2]}</div>${go(p)}</li>`;
function ask(p) {
  if (!O.asks) return drop(p);
  layer.innerHTML = '<div role=dialog aria-label=Sure><p>' + p[0] + '</p><button>Yes</button></div>';
  layer.querySelector('button').onclick = () => { layer.innerHTML = ''; drop(p); };
}
function drop(p) {
  const other = people.find((each) => each !== p);
  if (O.marks) people = people.map((each) => each === p ? [p[0], p[1], 'Gone'] : each);
  else if (O.bad !== 'kept') people = people.filter((each) => each !== (O.bad === 'other' ? other : p));
  if (O.nav) { keep(); location.search = '?done=1'; return; }
  q = field.value = ''; page = 0; said.textContent = 'Deleted';
  if (O.late) { list.innerHTML = ''; setTimeout(draw, 300); } else draw();
}
draw();
</script>"""
TABLE = {"LIST": "table", "ROW": "table"}
MAKES = [TABLE, {"LIST": "ul", "ROW": "items"}, {"LIST": "div", "ROW": "cards"}]


def page(
    people: list[list[str]] = PEOPLE, make: dict[str, str] = TABLE, name: str = "Delete", **options: object
) -> str:
    made = (
        PAGE.replace("<LIST", f"<{make['LIST']}")
        .replace("</LIST", f"</{make['LIST']}")
        .replace("ROW(", f"{make['ROW']}(")
    )
    return made.replace("OPTIONS", json.dumps({"name": name, **options})).replace("PEOPLE", json.dumps(people))


def shown(stage: Stage, body: str, who: str = "Gro Gran", *, name: str = "Delete", asks: bool = True) -> Workflow:
    """One who stands on the second page is looked up and removed."""
    acts = [fill("searchbox", "Search", who), click("button", "Search"), one(name), *([one("Yes")] if asks else [])]
    return stage.show(body, *acts)


def one(name: str) -> Callable[[Observation], Click]:
    return lambda now: Click(next(e for e in now.elements if e.role == "button" and e.name == name))


@pytest.mark.parametrize("make", MAKES, ids=["table", "list", "cards"])
@pytest.mark.parametrize("asks", [True, False], ids=["asked", "at once"])
def test_what_was_looked_up_and_removed_must_not_show_on_the_page_that_follows(
    stage: Stage, make: dict[str, str], asks: bool
) -> None:
    flow = shown(stage, page(make=make, asks=asks), asks=asks)
    assert "record '${search}' no longer shows as it was" in expected(flow)
    assert sum(each.role == "record" for act in flow.acts() for each in act.expect) == 1
    for who in ("Gro Gran", "Carla Nunez"):
        done = stage.replay(flow, page(make=make, asks=asks), search=who)
        assert done.outcome == "pass", done.saying
    for bad in ("kept", "other"):
        done = stage.replay(flow, page(make=make, asks=asks, bad=bad), search="Carla Nunez")
        assert done.outcome != "pass"
        assert "record 'Carla Nunez' no longer shows as it was" in done.saying


def test_that_it_does_not_show_where_it_would_not_is_no_proof(stage: Stage) -> None:
    flow = shown(stage, page(asks=1))
    *rest, last = flow.acts()
    (weak,) = [each for each in last.expect if each.role == "record"]
    bare = replace(flow, steps=(*rest, replace(last, risk="irreversible", expect=(weak,))))
    assert stage.replay(bare, page(asks=1), search="Hal Holt").outcome == "unknown"


def test_of_a_record_that_the_list_draws_late_it_is_seen_too(stage: Stage) -> None:
    flow = shown(stage, page(asks=1))
    assert stage.replay(flow, page(asks=1, late=1), search="Carla Nunez").outcome == "pass"
    assert stage.replay(flow, page(asks=1, late=1, bad="kept"), search="Carla Nunez").outcome != "pass"


def test_a_page_that_is_loaded_anew_is_the_list_too(stage: Stage) -> None:
    flow = shown(stage, page(asks=1, nav=1))
    assert "record '${search}' no longer shows as it was" in expected(flow)
    for who in ("Hal Holt", "Carla Nunez"):
        done = stage.replay(flow, page(asks=1, nav=1), search=who)
        assert done.outcome == "pass", done.saying
    for bad in ("kept", "other"):
        assert stage.replay(flow, page(asks=1, nav=1, bad=bad), search="Carla Nunez").outcome != "pass"


SECOND = ["Carla Nunez", "other@x.example", "Open"]


def test_another_that_is_called_the_same_is_no_alarm(stage: Stage) -> None:
    flow = shown(stage, page(asks=1))
    hidden = page([*PEOPLE, SECOND], asks=1, hidden="other@x.example")  # the search does not find it
    done = stage.replay(flow, hidden, search="Carla Nunez")
    assert done.outcome == "pass", done.saying
    bad = page([*PEOPLE, SECOND], asks=1, hidden="other@x.example", bad="kept")
    assert stage.replay(flow, bad, search="Carla Nunez").outcome != "pass"


def test_a_record_that_was_only_marked_is_no_alarm(stage: Stage) -> None:
    flow = shown(stage, page(name="Archive", asks=1), name="Archive")
    assert "record '${search}' no longer shows as it was" in expected(flow)
    done = stage.replay(flow, page(name="Archive", asks=1, marks=1), search="Carla Nunez")
    assert done.outcome == "pass", done.saying


@pytest.mark.parametrize("name", ["Approve", "Remind", "Remove photo", "Edit"])
def test_a_command_that_removes_no_record_expects_nothing_of_it(stage: Stage, name: str) -> None:
    flow = shown(stage, page(name=name, asks=1), name=name)
    assert not [each for act in flow.acts() for each in act.expect if each.role == "record"]


@pytest.mark.parametrize("name", ["Delete staff", "Remove", "Löschen", "Delete permanently"])
def test_a_command_that_removes_is_known_by_its_words(stage: Stage, name: str) -> None:
    flow = shown(stage, page(name=name, asks=1), name=name)
    assert "record '${search}' no longer shows as it was" in expected(flow)


def test_a_test_of_a_browser_says_that_it_does_not_check_it(stage: Stage) -> None:
    (written, *_) = export(shown(stage, page(asks=1)), "playwright", stage.folder)
    said = written.read_text("utf-8")
    assert "which is not checked: a namesake may show" in said
    assert '"record"' not in said
