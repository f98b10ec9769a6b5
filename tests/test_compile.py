"""What compiling promises: a recording of a real page, a real desktop app or the fake program becomes a workflow that
does it again with other values, on the right thing, or says in words why it cannot.
"""

from __future__ import annotations

import html
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from cua.checks import FileHolds, SettingIs
from cua.core import (
    SEAL,
    Action,
    Budget,
    Click,
    Driver,
    Element,
    Fill,
    Invoke,
    Move,
    Observation,
    Open,
    Point,
    Press,
    Run,
    Scroll,
    Task,
    Type,
    Wait,
)
from cua.errors import UsageError
from cua.memory.workflows import Expect, Param, Workflow
from cua.policies import risk
from cua.policies.replay import Replay
from cua.policies.script import Script
from cua.record import files
from cua.record.compile import RECORDED, Compiled, compile
from cua.record.params import Params, slug
from cua.run import Unkept, run
from cua.screen import label
from drivers.fake import FakeDriver
from drivers.web import Web
from sandbox_vms.namespace import Namespace
from tests.sandboxes import installed, sandboxed
from tests.served import serving
from tests.waiting import awaited

SECRET = f"{SEAL}secret{SEAL}"
Chosen = Action | Callable[[Observation], Action]


def named(role: str, name: str, of: str = "") -> Callable[[Observation], Element]:
    """The element of this role and name; with `of`, the one in the row that shows this text."""

    def find(now: Observation) -> Element:
        rows = [e for e in now.elements if e.role == "row" and any(c.name == of for c in inside(now, e))]
        among = inside(now, rows[0]) if of else now.elements
        return next(e for e in among if (e.role, e.name) == (role, name) and (not now.place.url or e.box))

    return find


def inside(now: Observation, holder: Element) -> list[Element]:
    return [e for e in now.elements if holder.ref in [above.ref for above in now.ancestors(e)]]


def click(role: str, name: str, of: str = "") -> Callable[[Observation], Action]:
    return lambda now: Click(named(role, name, of)(now))


def fill(role: str, name: str, text: str) -> Callable[[Observation], Action]:
    return lambda now: Fill(named(role, name)(now), text)


def show(driver: Driver, *acts: Chosen, task: Task | None = None) -> Run:
    """A recording of these acts."""
    found = run(task or Task(RECORDED, "shown"), driver, Script(*acts), Unkept())
    assert found.stopped == "finished", found.reason
    return found


def compiled(driver: Driver, *acts: Chosen, on: str = "web", task: Task | None = None) -> Compiled:
    """Compiled, written as a file and read back."""
    found = compile(show(driver, *acts, task=task), "shown", on=on)
    assert files.loads(files.dumps(found.workflow)) == found.workflow
    return found


def steps(workflow: Workflow) -> list[tuple[str, str, str]]:
    """What it does, on what, with which text."""
    return [(act.do, act.target.name if act.target else "", act.text) for act in workflow.acts()]


def replayed(driver: Driver, workflow: Workflow, **values: str) -> Run:
    if workflow.start.startswith("http"):
        driver.act(Open(workflow.start))
    return run(Task("replay", "", budget=Budget(300, 60)), driver, Replay(workflow, values), Unkept())


# ---------------------------------------------------------------------------------------------- the fake program


@pytest.fixture
def fake() -> FakeDriver:
    return FakeDriver()


def test_what_does_nothing_is_left_out(fake: FakeDriver) -> None:
    found = compiled(
        fake,
        Wait(),
        click("menuitem", "View"),
        Press("Escape"),
        lambda now: Move(named("button", "Save")(now)),
        fill("textbox", "Name", "Ada"),
        fill("textbox", "Name", "Grace"),
        click("textbox", "Note"),
        Type("Dear"),
        Press("BackSpace"),
        Type("r all"),
        click("button", "Save"),
        click("button", "Save"),
        lambda now: Invoke(named("checkbox", "Notifications")(now)),
        on="fake",
    )
    assert steps(found.workflow) == [
        ("fill", "Name", "${name}"),
        ("fill", "Note", "${note}"),
        ("click", "Save", ""),
        ("click", "Notifications", ""),
    ]
    assert [param.default for param in found.workflow.params] == ["Grace", "Dear all"]
    assert found.notes[0].startswith("9 of 13 recorded acts")


def test_a_refused_act_is_left_out_and_a_failed_repeat_too(fake: FakeDriver) -> None:
    refused = Script(click("button", "Export"), Press("Escape"))
    before = run(Task(RECORDED, ""), fake, refused, Unkept())
    assert [step.effect.kind for step in before.steps] == ["refused"]
    after = show(fake, click("button", "Save"))
    both = replace(after, steps=before.steps + after.steps)
    assert steps(compile(both, "x", on="fake").workflow) == [("click", "Save", "")]


def test_typing_that_does_not_end_up_in_the_field_stays_typing(fake: FakeDriver) -> None:
    fake.act(fill("textbox", "Note", "Dear ")(fake.observe()))
    found = compiled(fake, click("textbox", "Note"), Type("Ada"), on="fake").workflow
    assert steps(found) == [("click", "Note", ""), ("type", "Note", "${note}")]


def test_a_secret_is_a_reference_without_default_and_never_expected(fake: FakeDriver) -> None:
    found = compiled(fake, click("textbox", "Password"), Type(SECRET), click("button", "Save"), on="fake").workflow
    assert steps(found)[0] == ("fill", "Password", "${password}")
    assert found.params == (Param("password", "secret", None, "Password"),)
    assert not found.steps[0].expect  # type: ignore[union-attr]
    assert SEAL not in files.dumps(found)


def test_a_secret_that_has_a_name_keeps_it(fake: FakeDriver) -> None:
    found = compiled(fake, fill("textbox", "Password", f"{SEAL}work mail{SEAL}"), on="fake").workflow
    assert steps(found) == [("fill", "Password", "${work_mail}")]


def test_what_shows_after_a_step_is_expected_of_it(fake: FakeDriver) -> None:
    found = compiled(
        fake,
        click("checkbox", "Notifications"),
        fill("textbox", "Name", "Ada"),
        click("menuitem", "View"),
        click("menuitem", "Clear…"),
        click("button", "Clear"),
        on="fake",
    ).workflow
    expected = [act.expect for act in found.acts()]
    assert expected[0] == (Expect("checked", "checkbox", "Notifications", "off"),)
    assert expected[1] == (Expect("holds", "textbox", "Name", "${name}"),)
    assert expected[3] == (Expect("window", name="Clear everything?"),)
    assert expected[4] == (Expect("closed", name="Clear everything?"),)
    assert [act.risk for act in found.acts()] == ["reversible", "reversible", "read", "read", "irreversible"]


def test_what_the_world_shows_afterwards_becomes_effects(fake: FakeDriver) -> None:
    before = fake.world.changes()
    shown = show(
        fake,
        click("checkbox", "Notifications"),
        fill("textbox", "Name", "Ada"),
        fill("textbox", "Note", "Dear Ada"),
        click("button", "Save"),
    )
    after = fake.world.changes()
    found = compile(shown, "x", on="fake", before=before, after=after, texts={"~/note.txt": "Dear Ada"}).workflow
    assert set(found.effects) == {
        SettingIs("~/.config/fake/settings.ini#settings.notify", ("false",)),
        SettingIs("~/.config/fake/settings.ini#settings.name", ("${name}",)),
        FileHolds("~/note.txt", "${note}"),
    }
    assert found.effects == files.loads(files.dumps(found)).effects


def test_an_agents_run_names_its_parameters_as_its_task_does(fake: FakeDriver) -> None:
    task = Task("t-1", "write to Ada about rain", {"who": "Ada", "what": "rain", "where": "Oslo"})
    found = compiled(fake, fill("textbox", "Note", "Dear Ada, no rain"), on="fake", task=task).workflow
    assert steps(found) == [("fill", "Note", "Dear ${who}, no ${what}")]
    assert [(param.name, param.default) for param in found.params] == [("who", "Ada"), ("what", "rain")]
    assert (found.goal, found.source) == ("write to ${who} about ${what}", "run")


def test_a_point_becomes_what_lies_under_it_or_is_refused(fake: FakeDriver) -> None:
    found = compiled(fake, Click(Point(320, 300)), on="fake").workflow
    assert steps(found) == [("click", "Save", "")]
    with pytest.raises(UsageError, match=r"step 1 of the recording clicked the point 620,390.*record it once more"):
        compiled(fake, Click(Point(620, 390)), on="fake", task=Task("t-1", "click there"))


def test_a_recording_in_which_nothing_was_done_is_refused(fake: FakeDriver) -> None:
    with pytest.raises(UsageError, match="nothing was done"):
        compiled(fake, Wait(), on="fake")


def chosen(number: int) -> Callable[[Observation], Action]:
    """Some act that the screen allows: which one, the number says."""

    def choose(now: Observation) -> Action:
        dialog = [e for e in now.elements if e.role == "dialog"]
        among = inside(now, dialog[0]) if dialog else list(now.elements)
        able = [e for e in among if e.actions or "editable" in e.states]
        able = [e for e in able if not {"disabled", "password"} & e.states]
        acts: list[Action] = [Click(e) for e in able]
        acts += [Fill(e, f"text {number}") for e in able if "editable" in e.states]
        acts += [Press("Escape"), Press("ctrl+s"), Press("Tab"), Wait(), Move(able[0])]
        if any({"editable", "focused"} <= e.states for e in among):
            acts += [Type(f"typed {number}"), Press("BackSpace"), Press("ctrl+a"), Press("Return")] * 2
        return acts[number % len(acts)]

    return choose


@settings(max_examples=60)
@given(st.lists(st.integers(0, 999), min_size=1, max_size=12))
@example([266, 0, 436, 16, 1])  # typed past an open menu
@example([0, 35, 58, 1])  # filled in past an open menu
def test_whatever_was_done_is_done_again_alike_or_refused(numbers: list[int]) -> None:
    fake = FakeDriver()
    recording = run(Task(RECORDED, ""), fake, Script(*map(chosen, numbers)), Unkept())
    settings_, kept, held = dict(fake.world.settings), dict(fake.world.files), values(fake)
    try:
        found = compile(recording, "shown", on="fake").workflow
    except UsageError:
        return
    assert files.loads(files.dumps(found)) == found
    fake.reset()
    done = replayed(fake, found)
    assert done.stopped == "finished", done.reason
    assert (fake.world.settings, fake.world.files, values(fake)) == (settings_, kept, held)


def values(driver: Driver) -> dict[str, str | None]:
    return {e.name: e.value for e in driver.observe(frame=False).elements if "editable" in e.states}


def test_a_text_that_looks_like_a_slot_stays_that_text(fake: FakeDriver) -> None:
    found = compiled(fake, fill("textbox", "Name", "${name}"), on="fake").workflow
    assert found.params[0].default == "${name}"
    fake.reset()
    assert replayed(fake, found).stopped == "finished"
    assert fake.world.settings["name"] == "${name}"


# ---------------------------------------------------------------------------------------------- a desktop app

# before the browser: its driver keeps a loop of its own running in this thread, and the desktop's needs one too


@pytest.fixture
def editor() -> Iterator[Namespace]:
    with sandboxed(installed()) as box:
        yield ready(box)


def ready(box: Namespace) -> Namespace:
    awaited(
        lambda: any("multiline" in e.states for e in box.driver.observe(frame=False).elements), "the editor's window"
    )
    return box


def showing(role: str, name: str) -> Callable[[Observation], Action]:
    return lambda now: Click(
        next(e for e in now.elements if (e.role, label(e.name)) == (role, name) and "showing" in e.states)
    )


def test_what_was_shown_on_a_desktop_is_done_again_and_its_effects_are_known(editor: Namespace) -> None:
    before = editor.world.changes()
    shown = show(
        editor.driver,
        lambda now: Click(next(e for e in now.elements if "multiline" in e.states and "showing" in e.states)),
        Type("Hello Oslo"),
        showing("menu", "View"),
        Press("Escape"),
        showing("menu", "View"),
        showing("menuitemcheckbox", "Line Numbers"),
        Press("ctrl+s"),
        Type("oslo-notes.txt"),
        Wait(0.5),
        showing("button", "Save"),
    )
    awaited(lambda: "oslo-notes.txt" in editor.world.changes().files, "the saved file")
    after = editor.world.changes()
    texts = {path: editor.world.read(f"~/{path}").decode() for path in after.files if path.endswith(".txt")}
    found = compile(shown, "notes", on=shown.steps[0].seen.place.app, before=before, after=after, texts=texts).workflow
    assert files.loads(files.dumps(found)) == found
    assert steps(found) == [
        ("fill", "", "${value_1}"),
        ("click", "View", ""),
        ("click", "Line Numbers", ""),
        ("press", "*Untitled 1 - Mousepad", "ctrl+s"),
        ("fill", "Name", "${name}"),
        ("click", "Save", ""),
    ]
    assert [act.risk for act in found.acts()] == [
        "reversible",
        "read",
        "reversible",
        "read",
        "reversible",
        "irreversible",
    ]
    assert FileHolds("~/${name}", "${value_1}") in found.effects
    assert any(isinstance(each, SettingIs) and each.values == ("true",) for each in found.effects)
    editor.reset()
    done = replayed(ready(editor).driver, found, name="rome.txt", value_1="Hello Rome")
    assert done.stopped == "finished", done.reason
    awaited(lambda: "rome.txt" in editor.world.changes().files, "the file saved by the replay")
    assert editor.world.read("~/rome.txt").decode().rstrip("\n") == "Hello Rome"


# ---------------------------------------------------------------------------------------------- a page


@dataclass
class Ledger:
    """People, as a real site keeps them."""

    people: dict[int, tuple[str, str]] = field(default_factory=dict)
    posts: int = 0

    def fresh(self) -> None:
        names = ("Ada Lovelace", "Grace Hopper", "Alan Turing", "Mary Jackson")
        self.people = {1040 + n: (name, f"{name.split()[0].lower()}@site.example") for n, name in enumerate(names)}
        self.posts = 1041

    def page(self, path: str, query: dict[str, list[str]]) -> tuple[str, str]:
        """Title and body."""
        text = html.escape(query.get("q", [""])[0])
        if path == "/people":
            return "People", (
                f"<form role=search><input name=q aria-label='Search people' value='{text}'>"
                f"<button>Search</button></form><a href=/new>New person</a><table>"
                + "".join(self.row(n, text) for n in self.people)
            )
        if path == "/new":
            return "New person", (
                "<form method=post><label>Full name <input name=full></label><label>Mail <input name=mail></label>"
                "<label>Age <input name=age type=number></label><label>Password <input type=password></label>"
                "<label>City <select name=city><option>Rome<option>Oslo</select></label>"
                "<label><input type=checkbox> Newsletter</label><button>Continue to review</button></form>"
            )
        if path == "/twins":
            return (
                "Twins",
                "<div><span onclick=1 style=cursor:pointer></span><i>x</i></div>" + "<button>Go</button>" * 2,
            )
        name, mail = self.people.get(int(path.rpartition("/")[2]), ("", ""))
        return name, (
            f"<div role=status>Saved {self.posts} times</div><h3>{TITLES.get(name, '')}</h3><h2>Details</h2>"
            f"<form method=post><label>Mail "
            f"<input name=mail value='{mail}'></label><button>Keep changes</button></form><button>Ada Lovelace</button>"
        )

    def row(self, number: int, text: str) -> str:
        name, mail = self.people[number]
        shown = f"<td>{name}</td><td>{mail}</td><td><a href=/people/{number} id=edit-{name.split()[0]}>Edit</a>"
        delete = f"<form method=post action=/delete/{number}><button>Delete</button></form></td>"
        return f"<tr>{shown}{delete}</tr>" if text.lower() in name.lower() else ""

    def post(self, path: str, form: dict[str, str]) -> str:
        """What a form does, and where it leads."""
        self.posts += 1
        number = int(path.rpartition("/")[2]) if path != "/new" else max(self.people) + 1
        if path.startswith("/delete"):
            del self.people[number]
            return "/people"
        self.people[number] = (form.get("full", self.people.get(number, ("", ""))[0]), form["mail"])
        return f"/people/{number}?saved={self.posts}&session=a81f0c2277"


TITLES = {"Ada Lovelace": "Countess", "Grace Hopper": "Rear Admiral", "Alan Turing": "Fellow"}  # nobody types these
LEDGER = Ledger()
CLOCK = (
    "<p role=status id=clock>Tick</p>"
    "<script>let n=0;setInterval(()=>clock.textContent='Tick '+'abcdefgh'[n++%8],120)</script>"
)


class Site(BaseHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        pass

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        if parts.path == "/favicon.ico":
            self.send_error(404)
            return
        title, body = LEDGER.page(parts.path, parse_qs(parts.query))
        data = f"<!doctype html><title>{title}</title>{CLOCK}<h1>{title}</h1>{body}".encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def do_POST(self) -> None:
        said = self.rfile.read(int(self.headers["Content-Length"])).decode()
        to = LEDGER.post(self.path.partition("?")[0], {key: found[0] for key, found in parse_qs(said).items()})
        self.send_response(303)
        self.send_header("Location", to)
        self.send_header("Content-Length", "0")
        self.end_headers()


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    with serving(Site) as port:
        yield f"http://127.0.0.1:{port}"


@pytest.fixture
def web(web: Web) -> Web:
    LEDGER.fresh()
    return web


ADDS: tuple[Chosen, ...] = (
    click("link", "New person"),
    click("textbox", "Full name"),
    Type("Katherine Johnson"),
    Press("Tab"),
    Type("kat@nasa.example"),
    fill("spinbutton", "Age", "41"),
    click("textbox", "Password"),
    Type(SECRET),
    fill("combobox", "City", "Oslo"),
    click("checkbox", "Newsletter"),
    click("button", "Continue to review"),
)


def test_a_form_on_a_page_becomes_parameters_named_after_its_fields(web: Web, site: str) -> None:
    found = compiled(web, Open(f"{site}/people"), *ADDS).workflow
    assert (found.start, found.origins, found.screen) == (f"{site}/people", (site,), (1280, 800))
    assert steps(found) == [
        ("click", "New person", ""),
        ("fill", "Full name", "${full_name}"),
        ("fill", "Mail", "${mail}"),
        ("fill", "Age", "${age}"),
        ("fill", "Password", "${password}"),
        ("fill", "City", "${city}"),
        ("click", "Newsletter", ""),
        ("click", "Continue to review", ""),
    ]
    assert [param.kind for param in found.params] == ["text", "text", "number", "secret", "text"]
    last = list(found.acts())[-1]
    assert last.risk == "irreversible"  # whatever it says: it ends a form
    assert Expect("shows", "heading", "${full_name}") in last.expect
    assert not any("Tick" in each.name or "Saved" in each.name for act in found.acts() for each in act.expect)


def test_an_address_is_expected_without_what_differs_from_time_to_time(web: Web, site: str) -> None:
    found = compiled(web, Open(f"{site}/people"), *ADDS).workflow
    places = [each.value for act in found.acts() for each in act.expect if each.kind == "at"]
    assert places == ["/new", "/people/*?saved=*&session=*"]


def test_a_workflow_of_a_page_does_it_again_with_other_values(web: Web, site: str) -> None:
    found = compiled(web, Open(f"{site}/people"), *ADDS).workflow
    LEDGER.fresh()
    done = replayed(web, found, full_name="Dorothy Vaughan", mail="dot@nasa.example", password="x", city="Rome")
    assert (done.stopped, list(LEDGER.people.values())[-1]) == ("finished", ("Dorothy Vaughan", "dot@nasa.example"))


EDITS: tuple[Chosen, ...] = (
    fill("textbox", "Search people", "Ada Lovelace"),
    click("button", "Search"),
    click("link", "Edit", "Ada Lovelace"),
    fill("textbox", "Mail", "new@site.example"),
    click("button", "Keep changes"),
)


def test_a_target_follows_the_value_that_its_row_holds(web: Web, site: str) -> None:
    compile_ = compiled(web, Open(f"{site}/people"), *EDITS)
    edit = list(compile_.workflow.acts())[2]
    assert edit.target is not None
    assert edit.target.row == ("${search_people}",)
    assert not any("Ada" in at.value or at.kind == "css" for at in edit.target.locators)
    assert any("search_people" in note and "Edit" in note for note in compile_.notes)
    LEDGER.fresh()
    done = replayed(web, compile_.workflow, search_people="Grace Hopper")
    assert done.stopped == "finished", done.reason
    assert LEDGER.people[1041] == ("Grace Hopper", "new@site.example")
    assert LEDGER.people[1040] == ("Ada Lovelace", "ada@site.example")


def test_what_came_with_the_chosen_record_is_expected_of_no_other(web: Web, site: str) -> None:
    found = compiled(web, Open(f"{site}/people"), *EDITS).workflow
    assert "Countess" not in repr(found)
    opened = list(found.acts())[2].expect
    assert Expect("at", value="/people/*") in opened
    assert Expect("shows", "heading", "${search_people}") in opened
    for who, number in (("Alan Turing", 1042), ("Mary Jackson", 1043)):
        LEDGER.fresh()
        done = replayed(web, found, search_people=who, mail="other@site.example")
        assert (done.stopped, LEDGER.people[number]) == ("finished", (who, "other@site.example")), done.reason


def test_with_the_value_of_no_row_nothing_is_done(web: Web, site: str) -> None:
    shown = (fill("textbox", "Search people", "Ada Lovelace"), click("button", "Delete", "Ada Lovelace"))
    found = compiled(web, Open(f"{site}/people"), *shown).workflow
    assert [act.risk for act in found.acts()] == ["reversible", "irreversible"]
    for who, left in (("Alan Turing", 3), ("Nobody There", 4), ("Ada", 4)):
        LEDGER.fresh()
        replayed(web, found, search_people=who)
        assert len(LEDGER.people) == left
        assert (1042 in LEDGER.people) == (who != "Alan Turing")


def test_searching_only_reads(web: Web, site: str) -> None:
    found = compiled(web, Open(f"{site}/people"), *EDITS[:2]).workflow
    assert [act.risk for act in found.acts()] == ["reversible", "read"]
    entered = compiled(web, Open(f"{site}/people"), EDITS[0], Press("Return")).workflow
    assert [act.risk for act in entered.acts()] == ["reversible", "read"]


def test_a_command_that_was_there_before_a_value_was_typed_keeps_its_name(web: Web, site: str) -> None:
    shown = (fill("textbox", "Mail", "Ada Lovelace"), click("button", "Ada Lovelace"))
    found = compiled(web, Open(f"{site}/people/1041"), *shown).workflow
    assert steps(found)[-1] == ("click", "Ada Lovelace", "")


@pytest.mark.parametrize("which", [0, 1])
def test_of_two_alike_one_is_doubtful_and_the_recording_is_kept(web: Web, site: str, which: int) -> None:
    def second(now: Observation) -> Action:
        return Click([e for e in now.elements if e.name == "Go"][which])

    made = compiled(web, Open(f"{site}/twins"), second)
    (act,) = made.workflow.acts()
    assert "2 are alike" in act.doubt
    assert any(note.startswith("step 2 of the recording (click button 'Go' at the point") for note in made.notes)


def test_scrolling_that_brought_nothing_new_is_left_out(web: Web, site: str) -> None:
    def scrolled(now: Observation) -> Action:
        return Scroll(Point(400, 400), dy=3)

    found = compiled(web, Open(f"{site}/new"), scrolled, scrolled, fill("textbox", "Mail", "x@y.example")).workflow
    assert [act.do for act in found.acts()] == ["fill"]


# ---------------------------------------------------------------------------------------------- words and values


@pytest.mark.parametrize(
    ("label", "said"),
    [
        ("Send", "irreversible"), ("Place your order", "irreversible"), ("btn-delete", "irreversible"),
        ("saveButton", "irreversible"), ("Löschen …", "irreversible"), ("Zahlungspflichtig bestellen", "irreversible"),
        ("Envoyer le message", "irreversible"), ("削除する", "irreversible"), ("Cancel order", "irreversible"),
        ("Don't save", "irreversible"), ("Cancel", "read"), ("Sort order", "read"), ("Next", "read"), ("検索", "read"),
        ("Sign in", "reversible"), ("Sign up", "irreversible"), ("Bold", None), ("Postcode", None), ("", None),
    ],
)  # fmt: skip
def test_words_on_controls_say_what_cannot_be_taken_back(label: str, said: str | None) -> None:
    assert risk.says(label) == said


def test_names_of_parameters_are_plain_and_of_their_own() -> None:
    assert [slug(text) for text in ("First name:", "Straße / Nr.", "2nd line", "氏名", "")] == [
        "first_name", "strasse_nr", "_2nd_line", "", "",
    ]  # fmt: skip
    params, now = Params(), FakeDriver().observe()
    box = named("textbox", "Name")(now)
    for text in ("Ada", "Grace", "Alan"):
        params.typed(text, box, now)
    params.typed("x y", None, now)
    assert [param.name for param in params.params] == ["name", "name_2", "name_3", "value_1"]


def test_values_stand_for_themselves_only_as_whole_words() -> None:
    params, now = Params(), FakeDriver().observe()
    for text in ("Ada", "Ada Lovelace", "7", "on", "Zürich Ost"):
        params.typed(text, None, now)
    assert params.slotted("Edit Ada Lovelace") == "Edit ${value_2}"
    assert params.slotted("Adamant Ada-7, on") == "Adamant ${value_1}-7, on"
    assert params.slotted("costs ${x}") == "costs $${x}"
    assert params.slotted_url("/p?q=Z%C3%BCrich+Ost&n=Ada") == "/p?q=${value_5}&n=${value_1}"
    assert (params.bent("row-ada-lovelace"), params.bent("ADA"), params.bent("Ada 7")) == ("value_1", "value_1", "")


def test_what_is_typed_over_several_fields_is_several_values() -> None:
    params, now = Params(), FakeDriver().observe()
    said = params.typed("Ada\tLovelace\n", named("textbox", "Name")(now), now)
    assert said == "${name}\t${value_1}\n"
    assert [param.default for param in params.params] == ["Ada", "Lovelace"]
    assert params.typed("two\nlines\n", named("textbox", "Note")(now), now) == "${note}\n"


def test_of_two_parameters_with_one_value_the_nearest_earlier_counts() -> None:
    params, now = Params(), FakeDriver().observe()
    params.typed("Oslo", None, now)
    assert params.slotted("in Oslo") == "in ${value_1}"
    params.typed("Oslo", None, now)
    assert params.slotted("in Oslo") == "in ${value_2}"
