"""A request that names a kept workflow is that workflow replayed, with the values of the request, and nothing else is.

Real pages in a real browser, and a real program in a sandbox; the workflows are those of recordings of our own.
"""

from __future__ import annotations

import json
import os
import shlex
import subprocess
from contextlib import closing
from dataclasses import replace

import pytest

from cua import app, workflows_app
from cua.core import Click, Fill, Observation, Task
from cua.do_app import do
from cua.errors import UsageError
from cua.memory import versions
from cua.memory.workflows import Act, Each, Mark, Param, Workflow
from cua.policies.asked_workflow import asks, how_asked, named, near
from cua.policies.script import Script
from cua.record.compile import compile
from cua.run import run
from sandbox_vms import lasting
from tests.browsers import browsing
from tests.test_cli_workflows import CUA, Shop, shop
from tests.test_cli_workflows import named as element
from tests.test_practice import INI, switchboard

__all__ = ["shop"]  # a fixture

ADDED = "add a customer Ada in London"


def flow(name: str, goal: str = "", *params: Param, on: str = "web", start: str = "") -> Workflow:
    """One whose steps do not matter."""
    return Workflow(name, on, (Act("w", "wait"),), goal=goal, start=start, params=params)


ADA, LONDON = Param("first", default="Ada"), Param("city", default="London")
CUSTOMER = flow("customer", "add a customer ${first} in ${city}", ADA, LONDON)


# ---------------------------------------------------------------------------------------------- which one is named


@pytest.mark.parametrize(
    ("goal", "values"),
    [
        (ADDED, ("Ada", "London")),
        ("please add the customer Grace in Paris.", ("Grace", "Paris")),
        ("add customer Grace Brewster Hopper in New York, thanks", ("Grace Brewster Hopper", "New York")),
        ("could you add a customer “bob of the hill” in 'the Hague'", ("bob of the hill", "the Hague")),
        ('Add a customer "Acme Inc." in Bath.', ("Acme Inc.", "Bath")),
        ("add a customer: Grace, in Paris!", ("Grace", "Paris")),
        ("add a customer Jean-Luc O'Brien in Saint-Denis", ("Jean-Luc O'Brien", "Saint-Denis")),
    ],
)
def test_the_same_words_name_it_with_their_values(goal: str, values: tuple[str, str]) -> None:
    (found,) = named(goal, [CUSTOMER])
    assert tuple(found.values.values()) == values


@pytest.mark.parametrize(
    "goal",
    [
        "delete a customer Ada in London",
        "do not add a customer Ada in London",
        "don't add a customer Ada in London",
        "never add a customer Ada in London",
        "add a new customer Ada in London",
        "add customers Ada in London",
        "add a customer Ada in London without a note",
        "add a customer Ada in London and delete Bob",
        "add a customer Ada in London urgently",
        "add a customer Ada but not in London",
        "add a customer in London Ada",
        "add a customer Ada from London",
        "add a customer Ada",
        "add every customer in London",
        "add a customer Everyone in London",
        "Add A Customer Ada Quickly In London",
        "Add a Customer Ada Quickly in London",
        "ADD A CUSTOMER ADA NOW IN LONDON",
        "add a customer 17 in London",
        "add a customer Ada, Bob in London",
        "add a customer Ada & Bob in London",
        "add a customer Ada (Delete Bob) in London",
        "add a customer Ada in London. Delete Bob",
        "add a customer Ada in London\nDelete Bob",
        "add a customer Ada in London; Bob",
        "add a customer Ada in London Delete Bob",
        "add a customer Ada in London Monday",
        "add a customer Ada in London ASAP",
        "add a customer Acme Inc. in London",
        "add a customer in London",
        "Ada in London",
    ],
)
def test_no_other_words_do(goal: str) -> None:
    assert named(goal, [CUSTOMER]) == ()


@pytest.mark.parametrize(
    ("workflow", "goal", "values"),
    [
        (flow("new-customer", "new-customer", ADA), "new customer", {}),
        (flow("new-customer", "new-customer", ADA), "the new-customer please", {}),
        (flow("new-customer", "new-customer", ADA), "new customer Bo", None),
        (flow("export invoice 7", "export invoice 7", Param("n", default="7")), "export the invoice 8", {"n": "8"}),
        (flow("export invoice 7", "export invoice 7", Param("n", default="7")), "export the invoice 8 9", None),
        (flow("export invoice 7", "export invoice 7", Param("n", default="7")), "export the invoice today", None),
        (flow("export invoice 7", "export invoice 7", Param("n", default="7")), "export the invoice 8 as csv", None),
        (flow("x", "export the invoice", Param("find", default="export")), "delete the invoice", None),
        (flow("x", "export the invoice", Param("find", default="export")), "export the invoice", {}),
        (flow("move Ada", "", Param("from", default="Ada"), Param("to", default="Ada")), "move Bo", None),
        (flow("x", "please Export the invoice", Param("find", default="Export")), "Delete the invoice", None),
        (flow("mail", "mail ${to}", Param("to", default="a@b.org")), "mail bo.lind@x.org", {"to": "bo.lind@x.org"}),
        (flow("mail", "mail ${to}", Param("to", default="a@b.org")), "mail Bo", None),
        (flow("buy", "buy ${what}", Param("what", default="milk")), "buy bread", {"what": "bread"}),
        (flow("meet", "meet on ${day}", Param("day", default="Monday")), "meet on Friday", {"day": "Friday"}),
        (flow("pay", "pay ${sum}", Param("sum", "number", "5")), "pay 1,250.50", {"sum": "1,250.50"}),
        (flow("buy", "buy ${what}", Param("what", default="milk")), "buy bread and milk", None),
        (flow("buy", "buy ${what}", Param("what", default="milk")), "buy nothing", None),
        (flow("buy", "buy ${a}", Param("a", default="Ada")), "buy Bo Lind", {"a": "Bo Lind"}),
        (flow("buy", "${what}", Param("what", default="milk")), "bread", None),
        (flow("buy", "buy ${a} ${b}", Param("a", default="Ada"), Param("b", default="Bo")), "buy Cai Dan Eva", None),
        (flow("in", "log in with ${pw}", Param("pw", "secret")), "log in with Hunter2", None),
    ],
)
def test_what_stands_in_the_place_of_a_value_must_be_like_it(
    workflow: Workflow, goal: str, values: dict[str, str] | None
) -> None:
    assert [dict(found.values) for found in named(goal, [workflow])] == ([] if values is None else [values])


@pytest.mark.parametrize(
    ("goal", "question"),
    [
        ("new customer in Wien?", True),
        ("new customer ?!", True),
        ("so, new customer?", True),
        ("ok new customer?", True),
        ("add a customer? Ada in London", True),
        ("may I add a customer Ada in London?", True),
        ("new customer, please?", True),
        ("could you add a customer Ada in London?", False),
        ("hey, can you add a customer Ada in London, please?", False),
        ("please add a customer Ada in London?", False),
        ('search for "who is it?"', False),
        ("open http://localhost/find?a=b", False),
        ("new customer in Wien", False),
    ],
)
def test_only_a_polite_beginning_makes_an_order_of_a_question(goal: str, question: bool) -> None:
    assert asks(goal) is question


@pytest.mark.parametrize(
    ("workflow", "said"),
    [
        (CUSTOMER, "to ask for it in words, with other values in place of those in quotes: cua do 'add a customer "),
        (
            flow("customer", "add a customer ${first}", ADA, LONDON),
            '; the goal does not say city "London", which stays',
        ),
        (flow("count-rows", "count-rows"), "to ask for it in words: cua do 'count rows'"),
        (flow("new-customer", "new-customer", ADA), 'with the values as they were typed (first "Ada"): cua workflows'),
        (flow("set-it-to", "set-it-to"), "write what it does into its goal: cua workflows edit set-it-to"),
        (flow("set"), "write what it does into its goal: cua workflows edit set"),
        (flow("x", "${first} is new", replace(ADA, default=None)), "to ask for it in words: cua do x"),
    ],
)
def test_how_one_asks_for_it_is_told_with_what_the_words_leave_out(workflow: Workflow, said: str) -> None:
    told = how_asked(workflow)
    assert said in told
    if "cua do" in told:
        assert named(shlex.split(told.partition("cua do ")[2].partition(";")[0])[0], [workflow])


def test_the_one_with_more_words_of_its_own_is_meant_and_of_equals_both_are() -> None:
    draft = flow("draft", "delete ${what} draft", Param("what", default="Ada"))
    any_of = flow("any", "delete ${what}", Param("what", default="Ada Draft"))
    assert [found.workflow.name for found in named("delete Bo draft", [any_of, draft])] == ["draft"]
    other = replace(CUSTOMER, name="client")
    assert {found.workflow.name for found in named(ADDED, [CUSTOMER, other])} == {"customer", "client"}


@pytest.mark.parametrize(
    ("goal", "close"),
    [
        ("add a new customer Bo in Rome", True),
        ("add a customer bo in rome urgently", True),
        ("please create customer Bo", True),
        ("make the text larger", False),
        ("add a page", False),
    ],
)
def test_what_says_a_word_more_is_close_and_what_is_about_something_else_is_not(goal: str, close: bool) -> None:
    assert [found.sentence for found in near(goal, [CUSTOMER])] == ['add a customer "Ada" in "London"'] * close


# ---------------------------------------------------------------------------------------------- on a page


def recorded(shop: Shop, name: str, goal: str = ADDED) -> Workflow:
    """A workflow over the form, kept, of a run of our own."""
    script = Script(
        lambda now: Fill(element(now, "First name"), "Ada"),
        lambda now: Fill(element(now, "City"), "London"),
        lambda now: Click(element(now, "Save")),
    )
    with app.record() as store:
        with browsing(shop.url) as driver:
            shown = run(Task("shown", goal), driver, script, store)
        store.flush()
        made = versions.keep(store, compile(shown, name, on="web").workflow)
    shop.saved.clear()
    return made


def test_it_is_replayed_with_the_values_of_the_words(shop: Shop, capsys: pytest.CaptureFixture[str]) -> None:
    assert recorded(shop, "customer").goal == "add a customer ${first_name} in ${city}"
    done = do("please add a customer Grace in Paris", shop.url)
    assert (done.outcome, done.how, done.acts, done.model_calls) == ("pass", "workflow customer", 3, 0), done
    assert shop.saved == [("Grace", "Paris", "")]
    assert [(choice.rung, choice.acts) for choice in done.route] == [("skill", 3)]
    assert "workflow customer" in done.route[0].why
    assert app.show_run(done.run)["route"][0]["why"] == done.route[0].why
    (kept,) = workflows_app.history("customer")
    assert (kept.replays, kept.passes, kept.last_run) == (1, 1, done.run)  # as a replay by its name


def test_the_command_line_says_that_the_workflow_did_it(shop: Shop) -> None:
    recorded(shop, "customer")
    for more in ((), ("--json",)):
        told = subprocess.run(
            [*CUA, "do", "add a customer Bo in Rome", "--on", "web", *more], capture_output=True, text=True, check=False
        )
        assert told.returncode == 0, told.stderr
        if not more:
            assert "; workflow customer; 3 acts" in told.stdout
            continue
        found = json.loads(told.stdout)
        assert (found["how"], found["route"][0]["rung"]) == ("workflow customer", "skill")
    shown = subprocess.run([*CUA, "runs", "show", found["run"]], capture_output=True, text=True, check=False)
    assert "skill, 0.00 s: workflow customer" in shown.stdout
    assert shop.saved == [("Bo", "Rome", "")] * 2


def test_one_of_another_page_or_app_is_not_meant_but_named(shop: Shop) -> None:
    recorded(shop, "customer")
    done = do(ADDED, f"{shop.url}done")
    assert (done.outcome, done.acts, shop.saved) == ("unknown", 0, [])
    assert (
        done.closest[0]
        == f'add a customer "Ada" in "London" (workflow customer, recorded on {shop.url}: --on {shop.url})'
    )
    with pytest.raises(UsageError, match=r"close to a workflow.*customer"):
        do(ADDED, "desktop")
    assert shop.saved == []


def test_a_word_more_is_not_done_and_the_workflow_is_among_the_choices(shop: Shop) -> None:
    recorded(shop, "customer")
    done = do("add a customer Ada in London urgently", shop.url)
    assert (done.outcome, done.acts, shop.saved) == ("unknown", 0, [])
    assert done.closest[0] == 'add a customer "Ada" in "London" (workflow customer)'


def test_of_two_that_are_meant_equally_the_person_is_asked(shop: Shop) -> None:
    recorded(shop, "customer")
    recorded(shop, "client")
    done = do("add a customer Bo in Rome", shop.url)
    assert (done.outcome, done.acts, shop.saved, [c.rung for c in done.route]) == ("unknown", 0, [], ["person"])
    assert set(done.closest) == {
        f"cua replay {name} --param first_name=Bo --param city=Rome" for name in ("client", "customer")
    }
    shown = app.show_run(done.run)
    assert (shown["stopped"], shown["route"][0]["rung"]) == ("asked", "person")


def test_what_must_be_given_and_is_not_is_asked_for(shop: Shop) -> None:
    made = recorded(shop, "customer", "add all the customers")
    rows = Each("all", "people", made.steps)
    with app.record() as store:
        versions.keep(store, replace(made, steps=(rows,), params=(*made.params, Param("people", "rows"))))
    done = do("add all the customers", shop.url)
    assert (done.outcome, done.acts, shop.saved) == ("unknown", 0, [])
    assert "'people'" in done.saying
    assert done.closest == ("cua replay customer --param people=VALUE",)


def test_by_its_name_alone_it_is_asked_whether_the_recorded_values_are_meant(shop: Shop) -> None:
    made = recorded(shop, "new-customer", "new-customer")
    with app.record() as store:
        versions.keep(store, replace(made, params=(*made.params, Param("pin", "secret", "0000-Geheim"))))
    done = do("new customer", "")
    assert (done.outcome, done.acts, shop.saved, [c.rung for c in done.route]) == ("unknown", 0, [], ["person"])
    assert 'was recorded with first_name "Ada", city "London"' in done.saying
    assert "cua workflows edit new-customer" in done.saying
    again, other = "cua replay new-customer", "--param first_name=VALUE --param city=VALUE"
    assert done.closest == (again, f"{again} {other}")
    assert "Geheim" not in repr(done)


def test_in_words_of_its_own_it_is_done_and_what_they_leave_out_is_told(shop: Shop) -> None:
    recorded(shop, "new-customer", "add the customer from London")
    done = do("add the customer from Paris", "")
    assert (done.outcome, shop.saved) == ("pass", [("Ada", "Paris", "")]), done
    assert 'as it was recorded, for the words do not say it: first_name "Ada"' in done.note
    assert "London" not in done.note
    assert "done before" not in done.note
    again = do("please add the customer from Paris", "")
    assert f"the same was done before: run {done.run}, at 20" in again.note
    assert len(shop.saved) == 2


def test_a_question_is_no_order_and_names_the_workflow(shop: Shop) -> None:
    recorded(shop, "customer")
    done = do("add a customer Grace in Paris?", shop.url)
    assert (done.outcome, done.acts, shop.saved) == ("unknown", 0, [])
    assert done.closest[0].startswith('add a customer "Ada" in "London" (workflow customer)')
    assert done.closest[0].endswith('say it without the "?"')
    with pytest.raises(UsageError, match=r"close to a workflow.*customer.*without"):
        do("add a customer Ada in London?", "")
    assert do("could you add a customer Grace in Paris?", "").outcome == "pass"
    assert shop.saved == [("Grace", "Paris", "")]


def test_what_no_word_can_give_is_told_with_how_to_give_it(shop: Shop) -> None:
    recorded(shop, "new-customer", "new-customer")
    done = do("new customer Bo", shop.url)
    assert (done.outcome, done.acts, shop.saved) == ("unknown", 0, [])
    assert "cua replay new-customer --param first_name=VALUE --param city=VALUE" in done.closest[0]


def test_a_halt_says_that_nothing_was_done_only_where_no_act_was(shop: Shop) -> None:
    made = recorded(shop, "customer")
    gone = Act("receipt", "click", Mark("button", "Receipt"))
    for steps, acts, told, left in (
        ((gone, *made.steps), 0, "; nothing was done", "before it"),
        ((*made.steps[:1], gone), 1, "; nothing more was done; the steps before it were done", "nothing was done"),
    ):
        with app.record() as store:
            versions.keep(store, replace(made, steps=steps))
        done = do(ADDED, "")
        assert (done.outcome, done.how, done.acts) == ("refused", "workflow customer", acts), done
        assert told in done.saying
        assert left not in done.saying
    assert shop.saved == []


# ---------------------------------------------------------------------------------------------- in an app


def test_one_of_the_desktop_is_done_there_as_by_its_name() -> None:
    with app.record() as store:
        versions.keep(store, flow("rows", "count the rows", on="desktop"))
    bare = {name: text for name, text in os.environ.items() if name not in ("DISPLAY", "WAYLAND_DISPLAY")}
    asked, by_name = (
        subprocess.run([*CUA, *words, "--on", "desktop"], env=bare, capture_output=True, text=True, check=False)
        for words in (("do", "count the rows"), ("replay", "rows"))
    )
    assert "DISPLAY" in asked.stderr
    assert (asked.returncode, asked.stderr) == (by_name.returncode, by_name.stderr)


def test_one_of_an_app_is_replayed_in_its_sandbox_and_judged_by_the_world() -> None:
    name = f"test-asked-{os.getpid()}"
    with closing(lasting.create(switchboard(), name=name)) as sandbox, app.record() as store:
        shown = run(Task("shown", "lay out squares"), sandbox.driver, Script(lambda now: tick(now, "Grid")), store)
        store.flush()
        versions.keep(store, compile(shown, "squares", on=app.app_of(name)).workflow)
    try:
        app.sandbox_reset(name)
        done = do("lay out the squares", name)
        assert (done.outcome, done.how, done.acts) == ("pass", "workflow squares", 1), done
        assert app.sandbox_changes(name).settings[f"{INI}grid"].after == "true"
        app.sandbox_reset(name)
        assert do("turn on grid", name).how != "workflow squares"
        app.sandbox_reset(name)
        lost = (Act("lost", "click", Mark("button", "Receipt")),)
        with app.record() as store:
            versions.keep(store, Workflow("grid", app.app_of(name), lost, goal="turn on grid"))
        done = do("turn on grid", name)
        assert (done.outcome, done.acts, done.route[0].acts) == ("pass", 1, 0), done
        assert [choice.rung == "skill" for choice in done.route] == [True, False]
        assert "workflow grid halted before its first act (run " in done.note
        assert app.sandbox_changes(name).settings[f"{INI}grid"].after == "true"
        with app.record() as store:
            versions.keep(store, flow("rows", "count the teaspoons", on="desktop"))
        for goal, told in (
            ("do not lay out the squares", "lay out squares (workflow squares)"),
            ("count the teaspoons", "count the teaspoons (workflow rows, recorded on desktop: --on desktop)"),
        ):
            done = do(goal, name)
            assert (done.outcome, done.acts, done.closest[0]) == ("unknown", 0, told)
    finally:
        lasting.remove(name)


def tick(now: Observation, name: str) -> Click:
    return Click(element(now, name))
