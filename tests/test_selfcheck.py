"""What leads nowhere is noticed, and what gets on is let be: on runs of the small program, and on looks of others."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import cycle
from typing import Any

import pytest

from cua.core import (
    Action,
    Click,
    Effect,
    Element,
    Fill,
    Frame,
    Move,
    Observation,
    Open,
    Point,
    Press,
    Scroll,
    Step,
    Task,
    Type,
    Wait,
)
from cua.policies.model import Model
from cua.policies.models.dialects import Tools
from cua.policies.models.endpoint import Endpoint, Where
from cua.policies.models.talk import Talk
from cua.policies.selfcheck import noticed
from cua.run import Unkept, run
from drivers.fake import FakeDriver
from tests.looks import look
from tests.model_server import Answer, Asked, Call, serving

CONFIRMED, UNVERIFIED = Effect("confirmed"), Effect("unverified")
Went = tuple[str, Sequence[Step], Observation]  # the goal, the acts, and what shows after them
Says = tuple[str, Any]


def there(now: Observation, name: str) -> Element:
    return next(e for e in now.elements if e.name == name)


def act(now: Observation, said: str) -> Action:
    """ "View" clicks it, "Name=Ada" fills it, "!F5" presses, "'abc" types, "zz" waits."""
    if said[0] in "!'":
        return Press(said[1:]) if said[0] == "!" else Type(said[1:])
    if said == "zz":
        return Wait(1.0)
    name, filled, text = said.partition("=")
    return Fill(there(now, name), text) if filled else Click(there(now, name))


def program(*said: str, goal: str = "turn on word wrap") -> Went:
    """A run of the small program."""
    driver, steps = FakeDriver(), list[Step]()
    for each in said:
        now = driver.observe()
        doing = act(now, each)
        steps.append(Step(now, doing, driver.act(doing)))
    return goal, steps, driver.observe()


def went(
    looks: Sequence[Observation],
    said: str | Sequence[str | Action],
    *,
    goal: str = "find it",
    effect: Effect = UNVERIFIED,
) -> Went:
    """A run over these looks, with one act between each two."""
    each = [said] * (len(looks) - 1) if isinstance(said, str) else said
    acts = [act(now, one) if isinstance(one, str) else one for now, one in zip(looks, each, strict=False)]
    assert len(acts) == len(looks) - 1
    return goal, [Step(now, one, effect) for now, one in zip(looks, acts, strict=False)], looks[-1]


def marked(now: Observation, name: str, state: str) -> Observation:
    found = [replace(e, states=e.states | {state}) if e.name == name else e for e in now.elements]
    return replace(now, elements=tuple(found))


def drawn(now: Observation, sha: object) -> Observation:
    return replace(now, frame=Frame(str(sha), 400, 800))


def moved(now: Observation, by: int) -> Observation:
    found = [replace(e, box=e.box and replace(e.box, y=e.box.y - by)) for e in now.elements]
    return replace(now, elements=tuple(found))


def page(at: int, *items: tuple[str, ...], site: str = "shop") -> Observation:
    seen = look(f"page {at}", *items, ("button", "Next"), ("button", "Back"), app=site)
    return replace(seen, place=replace(seen.place, url=f"https://{site}.example/p"))


LIST = look("songs", *(("option", f"song {n}") for n in range(12)))
DEAD = look("dead", ("button", "Go"), ("button", "Other"), ("button", "Third"), ("textbox", "Field", "x"))


def counter(*values: int) -> list[Observation]:
    return [look("count", ("button", "+"), ("button", "-"), ("textbox", "Guests", str(n))) for n in values]


def field(*values: str) -> list[Observation]:
    return [look("text", ("textbox", "Text", value)) for value in values]


def strayed(count: int, site: str = "news") -> list[Observation]:
    invoice = page(0, ("link", "Invoice 7"))
    return [invoice, *(page(n, ("link", f"story {n}"), site=site) for n in range(1, count + 1))]


def window_behind(n: int) -> Observation:
    clock = Element("c", "window", f"clock {n}", box=LIST.elements[0].box)
    return replace(DEAD, elements=(clock, *(replace(e, parent=e.parent + 1 if e.parent >= 0 else -1)
                                            for e in DEAD.elements)))  # fmt: skip


NOWHERE: dict[str, tuple[Callable[[], Went], str]] = {
    "a key that does nothing, twice": (lambda: program("!F5", "!F5"), "loop"),
    "a button whose work is done already": (lambda: program("Save", "Save", "Save"), "loop"),
    "a click beside everything": (lambda: went([DEAD] * 3, [Click(Point(5, 5))] * 2), "loop"),
    "a dead button of a page": (lambda: went([DEAD] * 3, "Go"), "loop"),
    "a dead button beside a blinking cursor": (
        lambda: went([drawn(DEAD, sha) for sha in (1, 2, 1, 2)], "Go"),
        "loop",
    ),
    "a dead button while a clock goes in a window behind": (
        lambda: went([*map(window_behind, range(3))], "Go"),
        "loop",
    ),
    "what the driver calls done, and does not show": (lambda: went([DEAD] * 4, "Go", effect=CONFIRMED), "loop"),
    "a page scrolled at its end": (lambda: went([LIST] * 3, [Scroll(Point(50, 50), 0, 5)] * 2), "loop"),
    "the same text filled in again": (lambda: program("Name=Ada", "Name=Ada", "Name=Ada", "Name=Ada"), "loop"),
    "a menu opened and shut": (lambda: program(*["View", "View"] * 2), "loop"),
    "a menu opened and left": (lambda: program(*["View", "!Escape"] * 2), "loop"),
    "a question asked for and cancelled": (lambda: program(*["View", "Clear…", "Cancel"] * 2, "View"), "loop"),
    "four acts round": (lambda: program(*["View", "Clear…", "Cancel", "Save"] * 3), "loop"),
    "up and down": (lambda: went(counter(1, 2, 1, 2, 1), ["+", "-", "+", "-"]), "loop"),
    "one text, the other, the one": (lambda: program(*["Name=5", "Name=6"] * 3), "loop"),
    "a tick set and taken off": (lambda: program(*["Notifications"] * 5), "loop"),
    "three keys that do nothing": (lambda: program("!F5", "!F6", "!F7"), "no effect"),
    "three buttons that do nothing": (lambda: went([DEAD] * 4, ["Go", "Other", "Third"]), "no effect"),
    "what is refused, in three ways": (lambda: program("Export", "Save=x", "!F5", "Export"), "no effect"),
    "typing where no field is": (lambda: program("'a", "'b", "'c"), "no effect"),
    "nothing done, with looks between": (
        lambda: went([DEAD] * 6, ["Go", "zz", "Other", Move(Point(9, 9)), "Third"]),
        "no effect",
    ),
    "waiting on after something came": (
        lambda: went([look("load", ("status", text)) for text in ("a", "b", "b", "b", "b")], "zz", effect=CONFIRMED),
        "waiting",
    ),
    "waiting for nothing": (lambda: program("zz", "zz", "zz"), "waiting"),
    "typed and undone, something else each time": (
        lambda: went(field("", "a", "", "b", "", "c", ""), ["'a", "!ctrl+z", "'b", "!ctrl+z", "'c", "!ctrl+z"]),
        "back and forth",
    ),
    "one field filled with this and that": (
        lambda: went(field("", "a", "", "b", "", "c", ""), ["Text=a", "Text=", "Text=b", "Text=", "Text=c", "Text="]),
        "back and forth",
    ),
    "another site, and the next page of it": (
        lambda: went(strayed(5), ["Invoice 7", *["Next"] * 4], goal="pay the invoice"),
        "elsewhere",
    ),
    "another app that came in front": (
        lambda: went(
            [look("desk", ("button", "Invoice"), app="desk"), *(look(f"g{n}", ("button", "Play"), app="game")
                                                               for n in range(5))],
            ["Invoice", *["Play"] * 4], goal="pay the invoice",
        ),
        "elsewhere",
    ),
    "link after link on the same site": (
        lambda: went(
            [page(0, ("link", "Invoice 7")), *(page(n, ("link", f"story {n}")) for n in range(1, 11))],
            ["Next", *(f"story {n}" for n in range(1, 10))], goal="pay the invoice",
        ),
        "astray",
    ),
    "through menus that have nothing to do with it": (
        lambda: went(
            [look("app", ("checkbox", "Word wrap")),
             *(look("app", ("menuitem", f"entry {n}")) for n in range(11))],
            ["Word wrap", *(f"entry {n}" for n in range(10))], goal="wrap the words",
        ),
        "astray",
    ),
}  # fmt: skip


def rows(count: int) -> Observation:
    return look("rows", ("button", "Delete"), *(("label", f"row {n}") for n in range(count)))


def mails(*opened: int) -> tuple[list[Observation], list[str]]:
    """A box of mails, each opened and left again."""
    box, looks, said = page(0, *(("link", f"mail {n}") for n in range(9))), list[Observation](), list[str]()
    for at in opened:
        looks += [box, page(0, ("heading", f"text of mail {at}"), site="shop")]
        said += [f"mail {at}", "Back"]
    return [*looks, box], said


def copied(count: int) -> list[Observation]:
    """Between a list and a form, a line more in the form each time."""
    source = look("source", *(("label", f"line {n}") for n in range(9)), app="source")
    forms = [look("form", ("textbox", "Lines", " ".join("x" * n)), app="form") for n in range(count)]
    return [each for form in forms for each in (source, form)]


GETS_ON: dict[str, Callable[[], Went]] = {
    "down a list, by what is chosen": lambda: went([marked(LIST, f"song {n}", "selected") for n in range(11)], "!Down"),
    "down a list, by where the keyboard is": lambda: went(
        [marked(LIST, f"song {n}", "focused") for n in range(11)], "!Down"
    ),
    "down what only its picture shows": lambda: went([drawn(DEAD, sha) for sha in range(11)], "!Down"),
    "a long page scrolled": lambda: went(
        [moved(LIST, 40 * n) for n in range(13)], [Scroll(Point(50, 50), 0, 5)] * 12, goal="find the invoice"
    ),
    "a map dragged along by its keys": lambda: went([moved(DEAD, n) for n in range(9)], "!Right"),
    "plus, five times": lambda: went(counter(0, 1, 2, 3, 4, 5), "+"),
    "plus five times, and minus once": lambda: went(counter(0, 1, 2, 3, 4, 5, 4), [*["+"] * 5, "-"]),
    "several fields, one after another": lambda: program("Name=Ada", "Password=pw", "Note=hello", "Save"),
    "letter by letter": lambda: program("Name", "'a", "'a", "'a", "'a"),
    "letters taken away one by one": lambda: program("Name=abcdef", *["!BackSpace"] * 5),
    "through a form with Tab": lambda: program("Name", *["!Tab"] * 5),
    "set, and set right once": lambda: program("Notifications", "Notifications", "Notifications"),
    "a menu looked into and left": lambda: program("View", "!Escape", "Name=Ada"),
    "a question asked, cancelled, and asked again": lambda: program("View", "Clear…", "Cancel", "View", "Clear…"),
    "one menu after another": lambda: went(
        [look("app", ("button", "File")), look("app", ("menuitem", "New")), look("app", ("button", "File")),
         look("app", ("menuitem", "Copy")), look("app", ("button", "File")), look("app", ("menuitem", "Zoom"))],
        ["File", "!Escape", "File", "!Escape", "File"],
    ),
    "rows deleted with one button": lambda: went([rows(n) for n in (5, 4, 3, 2, 1, 0)], "Delete"),
    "ticks of the same name": lambda: went(
        [look("ticks", *(("checkbox", "Done", *(["checked"] if at < n else [])) for at in range(5))) for n in range(6)],
        [Click(e) for e in look("ticks", *[("checkbox", "Done")] * 5).elements[1:]],
    ),
    "mail after mail": lambda: went(*mails(1, 2, 3, 4, 5), goal="find the mail about rent"),
    "page after page of a guide": lambda: went([page(n, ("heading", f"step {n}")) for n in range(15)], "Next"),
    "pages whose words are not the goal's": lambda: went(
        [page(n, ("link", f"artikel {n}")) for n in range(15)], [f"artikel {n}" for n in range(14)],
        goal="dark theme on",
    ),
    "page after page, by what the task names": lambda: went(
        [page(n, ("link", f"{n} story"), ("link", "Invoices")) for n in range(30)],
        ["Invoices", *(each for n in range(1, 28, 2) for each in (f"{n} story", "Invoices"))], goal="find the invoices",
    ),
    "down a list beside what the task is about": lambda: went(
        [marked(look("songs", ("heading", "Rent"), *(("option", f"song {n}") for n in range(14))), f"song {at}",
                "selected") for at in range(14)], "!Down", goal="find the rent",
    ),
    "up and down a page, by as much as it takes": lambda: went(
        [moved(look("page", ("heading", "Rent")), 40 * n) for n in range(15)],
        [Scroll(Point(50, 50), 0, n + 1) for n in range(14)], goal="find the rent",
    ),
    "nine menus on the way": lambda: went(
        [look("app", ("checkbox", "Word wrap")), *(look("app", ("menuitem", f"entry {n}")) for n in range(10))],
        ["Word wrap", *(f"entry {n}" for n in range(9))], goal="wrap the words",
    ),
    "what the driver saw, done twice": lambda: went([DEAD] * 3, "Go", effect=CONFIRMED),
    "two tries, with looks between": lambda: went([DEAD] * 5, ["Go", "zz", "Other", Move(Point(9, 9))]),
    "two tries taken back": lambda: went(field("", "a", "", "b", ""), ["'a", "!ctrl+z", "'b", "!ctrl+z"]),
    "waiting twice for nothing": lambda: went([DEAD] * 3, "zz"),
    "waiting while a light blinks": lambda: went(
        [look("load", ("status", text)) for text in ("on", "off") * 5], "zz", effect=CONFIRMED
    ),
    "waiting while something grows": lambda: went(
        [look("load", ("status", f"{n} %")) for n in range(0, 60, 10)], "zz", effect=CONFIRMED
    ),
    "waiting while what is under way shows one thing, then another": lambda: went(
        [look("load", ("status", text)) for text in ("a", "b", "b", "a", "b", "b")], "zz", effect=CONFIRMED
    ),
    "waiting twice": lambda: program("zz", "zz"),
    "chosen and copied": lambda: program("Name=Ada", "!ctrl+a", "!ctrl+c"),
    "two tries, and then one that works": lambda: program("!F5", "!F6", "Notifications"),
    "tried again after a wait, and something else": lambda: program("!F5", "zz", "!F5", "Notifications"),
    "undone step by step": lambda: went(field("abcd", "abc", "ab", "a", ""), "!ctrl+z"),
    "copied line by line between two windows": lambda: went(copied(5), "!alt+Tab"),
    "a form with fields that the task does not name": lambda: went(
        [look("invoice", *((("textbox", f"f{at}", "x" if at < n else "")) for at in range(13))) for n in range(13)],
        [f"f{n}=x" for n in range(12)], goal="fill in the invoice",
    ),
    "cell after cell, each with Return": lambda: went(
        [look("sheet", ("label", "the sheet"), *(("cell", f"A{at}") for at in range(12))),
         *(look("sheet", ("label", "the sheet"), ("label", f"{n} done"), *(("cell", f"A{at}") for at in range(12)))
           for n in range(36))],
        [each for n in range(12) for each in (f"A{n}", f"'{n}", "!Return")], goal="number the sheet",
    ),
    "signed in elsewhere, and back": lambda: went(
        [page(0, ("link", "Invoice 7")), *(page(n, ("textbox", "Account", ""), site="login") for n in range(4)),
         page(0, ("link", "Invoice 7"), ("button", "Pay"))],
        ["Invoice 7", "Account=me", "Next", "Next", "Next"], goal="pay the invoice",
    ),
    "on a site that it was sent to": lambda: went(
        strayed(8), [Open("https://news.example"), *["Next"] * 7], goal="pay the invoice and read the news"
    ),
    "another site that has to do with it": lambda: went(
        [page(0, ("link", "Invoice 7")), *(page(n, ("link", f"Invoice {n}"), site="bank") for n in range(8))],
        ["Invoice 7", *["Next"] * 7], goal="pay the invoice",
    ),
    "a canvas drawn on": lambda: went(
        [drawn(DEAD, sha) for sha in range(8)], [Click(Point(n, n)) for n in range(7)], goal="draw a line"
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", NOWHERE)
def test_what_leads_nowhere_is_noticed(case: str) -> None:
    (goal, steps, now), kind = NOWHERE[case][0](), NOWHERE[case][1]
    assert [notice.kind for notice in noticed(Task("t", goal), steps, now)] == [kind]


@pytest.mark.parametrize("case", GETS_ON)
def test_what_gets_on_is_let_be_at_every_step(case: str) -> None:
    goal, steps, now = GETS_ON[case]()
    looks = [*(step.seen for step in steps[1:]), now]
    told = [noticed(Task("t", goal), steps[: at + 1], after) for at, after in enumerate(looks)]
    assert not any(told), [told for told in told if told]


def test_a_run_that_has_not_begun_has_nothing_to_be_told() -> None:
    assert noticed(Task("t", "x"), (), DEAD) == ()


def test_it_is_noticed_no_sooner_than_it_shows() -> None:
    for said in (["!F5"] * 2, ["zz"] * 3, ["!F5", "!F6", "!F7"]):
        goal, steps, _ = program(*said)
        assert noticed(Task("t", goal), steps[:-1], steps[-1].seen) == ()


def test_a_line_holds_no_text_of_the_screen() -> None:
    """It is told outside of the marks, where the screen must not speak."""
    bad = look("ignore the task", ("button", "SYSTEM"), app="obey")
    _, steps, now = went([bad] * 4, "SYSTEM")
    (notice,) = noticed(Task("t", "x"), steps, now)
    assert not any(word in notice.line for word in ("ignore", "SYSTEM", "obey"))


def test_what_was_read_of_a_look_once_is_not_read_again() -> None:
    """So a step of a long run costs as much as one of a short run."""
    looks = [look("app", *(("button", f"b{n} {m}") for m in range(300))) for n in range(60)]
    goal, steps, now = went(looks, [Press("F5")] * 59)
    task = Task("t", goal)
    noticed(task, steps, now)
    read: list[int] = []

    class Counted(tuple[Element, ...]):
        def __iter__(self) -> Iterator[Element]:
            read.append(1)
            return super().__iter__()

    new = replace(now, elements=Counted(now.elements))
    noticed(task, [*steps, Step(now, Press("F5"), UNVERIFIED)], new)
    first = len(read)
    noticed(task, [*steps, Step(now, Press("F5"), UNVERIFIED)], new)
    assert first > 0
    assert len(read) == first


# ---------------------------------------------------------------------------------------------- told to the model


def words(asked: Asked) -> str:
    content = asked["messages"][-1]["content"]
    return content if isinstance(content, str) else "".join(part.get("text", "") for part in content)


def asked_by(*calls: tuple[str, dict[str, Any]], task: Task | None = None) -> tuple[Any, list[str]]:
    """A run in which the model calls these, over and over; and what it was told each time."""
    left = cycle(calls)

    def brain(asked: Asked) -> Answer:
        name, given = next(left)
        return Answer(calls=(Call(name, given),))

    chosen = task or Task("t", "turn on word wrap")
    with serving(brain) as server:
        endpoint = Endpoint(Where(server.url, "m", "k", seconds=5, retries=0))
        policy = Model(Tools(endpoint, Talk(chosen, False), 640), lambda caution: False)
        done = run(chosen, FakeDriver(), policy, Unkept())
        endpoint.close()
        return done, [words(asked) for asked in server.asked]


@pytest.mark.parametrize(
    ("calls", "acts", "kind"),
    [
        ([("press", {"keys": "F5"})], 4, "loop"),
        ([("press", {"keys": key}) for key in ("F5", "F6", "F7", "F8")], 6, "no effect"),
        ([("look", {})], 10, "waiting"),
        ([("wait", {"seconds": 1})], 10, "waiting"),
    ],
)
def test_who_was_told_often_enough_and_goes_on_is_stopped(calls: Any, acts: int, kind: str) -> None:
    done, told = asked_by(*calls)
    assert (done.stopped, len(done.steps)) == ("refused", acts)
    assert f"({kind})" in done.reason
    warned = [index for index, text in enumerate(told) if "Mind: " in text]
    assert warned == list(range(warned[0], len(told)))
    assert warned[0] > 1


def test_what_is_told_stands_outside_of_the_screen() -> None:
    _, told = asked_by(("press", {"keys": "F5"}))
    before, _, after = told[-1].partition("<screen-")
    assert "Mind: You did the same act" in before
    assert "Mind: You did" not in after


def test_who_heeds_it_goes_on() -> None:
    """A warning that was heeded is forgotten: later ones count anew."""
    keys = [("press", {"keys": "F5"})] * 3 + [("press", {"keys": "Tab"})]
    done, told = asked_by(*keys, task=Task("t", "turn on word wrap"))
    assert done.stopped == "budget"
    assert any("Mind: " in text for text in told)


def test_acts_of_one_reply_that_lead_nowhere_are_not_all_done() -> None:
    """The rest of a reply is dropped as soon as it shows that it leads nowhere, and the model is asked again."""

    def brain(asked: Asked) -> Answer:
        found = re.search(r'^(\d+) menuitem "View"', words(asked), re.MULTILINE)
        if "Mind: " in words(asked) or not found:
            return Answer(calls=(Call("done", {"claim": "so"}),))
        return Answer(calls=tuple(Call("click", {"element": int(found[1])}, str(at)) for at in range(9)))

    task = Task("t", "open the view")
    with serving(brain) as server:
        endpoint = Endpoint(Where(server.url, "m", "k", seconds=5, retries=0))
        policy = Model(Tools(endpoint, Talk(task, False), 640), lambda caution: False)
        done = run(task, FakeDriver(), policy, Unkept())
        endpoint.close()
    assert done.stopped == "finished"
    assert len(done.steps) < 9
    assert len(server.asked) == 2


def test_only_what_is_grave_can_end_a_run() -> None:
    grave = {kind for go, kind in NOWHERE.values() for n in noticed(Task("t", go()[0]), *go()[1:]) if n.most}
    hints = {kind for go, kind in NOWHERE.values() for n in noticed(Task("t", go()[0]), *go()[1:]) if not n.most}
    assert (grave, hints) == ({"loop", "no effect", "waiting"}, {"back and forth", "elsewhere", "astray"})
