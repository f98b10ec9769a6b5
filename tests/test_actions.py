"""The action memory: same task, same steps; no credit for what failed; nothing across screens, values or in doubt."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cua.core import Locator
from cua.memory.actions import Actions, Taken
from cua.memory.evidence import Use, alike, decided, lower_bound, standing
from cua.memory.signatures import Seen, Value, content, plain, seen, signature
from cua.memory.store import Store
from cua.memory.templates import Goal, Said, filled, template, with_slots, with_words
from cua.memory.trails import Deed, dumps, loads
from cua.memory.workflows import Mark
from tests.looks import look

WORDS = st.sampled_from(["anna", "bob", "large", "small", "blue", "cart", "mail", "note"])


@pytest.fixture
def memory(tmp_path: Path) -> Iterator[Actions]:
    with Actions(tmp_path / "record.db") as opened:
        yield opened


def goal(text: str) -> Goal:
    """Words, "quoted ones" by underscore: _hi is the literal "hi"; ";" ends a clause."""
    clauses = [part.split() for part in text.split(";")]
    return Goal(tuple(tuple(said(word) for word in words) for words in clauses))


def said(word: str) -> Said:
    return Said(word[1:], word[1:], "quoted") if word.startswith("_") else Said(word, word)


def click(name: str, role: str = "button", **more: object) -> Deed:
    return Deed("click", Mark(role, name), **more)  # type: ignore[arg-type]


def fill(name: str, text: str) -> Deed:
    return Deed("fill", Mark("textbox", name), text=text)


def page(name: str, *names: str) -> Seen:
    return seen(look(name, *(("button", each) for each in names)))


def run(number: int, text: str, *pairs: tuple[Deed, Seen], last: Seen | None = None) -> Taken:
    deeds, looks = tuple(deed for deed, _ in pairs), tuple(look for _, look in pairs)
    return Taken(f"r{number}", goal(text), deeds, looks, last, ended=last is not None)


def replayed(memory: Actions, taken: Taken) -> list[Deed | None]:
    """What is offered at each look of the run, if all before went as it did."""
    trail = memory.trail(taken.goal)
    found: list[Deed | None] = []
    for at, now in enumerate(taken.looks):
        offer = memory.offer(trail, now)
        found.append(offer.deed if offer else None)
        after = taken.looks[at + 1] if at + 1 < len(taken.looks) else taken.last
        trail.advance(taken.deeds[at], now, after)
    return found


HOME, SIZES, PAY = page("home", "Pizza", "Help"), page("sizes", "Large", "Small", "Add"), page("pay", "Pay")


def order(number: int, size: str, note: str) -> Taken:
    return run(
        number,
        f"order a {size} pizza _{note}",
        (click("Pizza"), HOME),
        (click(size.capitalize()), SIZES),
        (fill("Note", note), PAY),
        (click("Pay"), PAY),
        last=PAY,
    )


# ---------------------------------------------------------------------------------------------- promises


@given(
    acts=st.lists(st.tuples(st.sampled_from(["Go", "Add", "Save", "Open"]), st.integers(0, 3)), min_size=1, max_size=6),
    words=st.lists(WORDS, min_size=1, max_size=5),
)
@settings(max_examples=60)
def test_the_same_task_replays_the_same_acts_or_none(
    tmp_path_factory: pytest.TempPathFactory, acts: list[tuple[str, int]], words: list[str]
) -> None:
    pages = [page(f"p{n}", "Go", "Add", "Save", "Open") for n in ("a", "b", "c", "d")]
    once = run(1, " ".join(words), *((click(name), pages[at]) for name, at in acts), last=pages[0])
    with Actions(tmp_path_factory.mktemp("memory") / "record.db") as memory:
        memory.learn(once, passed=True)
        found = replayed(memory, once)
    assert [deed for deed in found if deed] == [did for deed, did in zip(found, once.deeds, strict=True) if deed]
    assert found[0] is not None


@given(words=st.lists(WORDS, min_size=1, max_size=4), other=st.lists(WORDS, min_size=1, max_size=4))
@settings(max_examples=60)
def test_one_run_says_nothing_for_a_task_in_other_words(
    tmp_path_factory: pytest.TempPathFactory, words: list[str], other: list[str]
) -> None:
    once = run(1, " ".join(words), (click("Pizza"), HOME), last=SIZES)
    with Actions(tmp_path_factory.mktemp("memory") / "record.db") as memory:
        memory.learn(once, passed=True)
        offer = memory.offer(memory.trail(goal(" ".join(other))), HOME)
    assert (offer is not None) == (words == other)


def test_nothing_is_recalled_on_another_screen(memory: Actions) -> None:
    memory.learn(order(1, "large", "hi"), passed=True)
    trail = memory.trail(order(1, "large", "hi").goal)
    assert memory.offer(trail, HOME)
    assert memory.offer(trail, page("home", "Pizza", "Help", "Offers")) is None
    assert memory.offer(trail, page("start", "Pizza", "Help")) is None
    assert memory.offer(trail, seen(look("home", ("button", "Pizza"), ("button", "Help"), app="other"))) is None


def test_a_value_that_steps_use_by_name_is_filled_in_for_another_task(memory: Actions) -> None:
    memory.learn(order(1, "large", "hi"), passed=True)
    memory.learn(order(2, "small", "yo"), passed=True)
    mine = order(3, "small", "more")
    assert replayed(memory, mine)[2:] == [fill("Note", "more"), click("Pay")]


def greeted(number: int, whom: str, wrote: str) -> Taken:
    return run(number, f"greet _{whom}", (fill("Note", wrote), PAY), (click("Pay"), PAY), last=PAY)


def test_a_value_inside_of_what_was_written_is_filled_in_for_another_task(memory: Actions) -> None:
    memory.learn(greeted(1, "Ada", "Dear Ada, hello"), passed=True)
    memory.learn(greeted(2, "Grace", "Dear Grace, hello"), passed=True)
    assert replayed(memory, greeted(3, "Bob", "?"))[0] == fill("Note", "Dear Bob, hello")


@pytest.mark.parametrize("wrote", ["Dear ada, hello", "Dear Adaline, hello", "Dear friend, hello"])
def test_what_is_written_without_the_value_as_it_was_said_is_no_pattern_of_it(memory: Actions, wrote: str) -> None:
    memory.learn(greeted(1, "Ada", wrote), passed=True)
    memory.learn(greeted(2, "Grace", "Dear Grace, hello"), passed=True)
    assert replayed(memory, greeted(3, "Bob", "?"))[0] is None


def test_a_large_one_is_never_replayed_for_a_small_one(memory: Actions) -> None:
    memory.learn(order(1, "large", "hi"), passed=True)
    memory.learn(order(2, "large", "yo"), passed=True)
    assert replayed(memory, order(3, "large", "so"))[1] == click("Large")
    assert set(replayed(memory, order(4, "small", "so"))) == {None}


def test_a_word_that_no_step_uses_by_name_keeps_its_steps_for_itself(memory: Actions) -> None:
    for number, day in enumerate(("today", "tonight", "monday", "tuesday")):
        memory.learn(run(number, f"book a table {day}", (click("Pizza"), HOME), last=SIZES), passed=True)
    assert memory.offer(memory.trail(goal("book a table monday")), HOME)
    assert memory.offer(memory.trail(goal("book a table friday")), HOME) is None


def test_two_ways_on_one_screen_are_told_apart_by_the_value_that_tells_them(memory: Actions) -> None:
    for number, (size, note) in enumerate([("large", "p"), ("large", "q"), ("small", "r"), ("small", "s")]):
        extra = [(click("Wrap"), PAY)] if size == "large" else []
        pairs = [(click(size.capitalize()), SIZES), *extra, (fill("Note", note), PAY)]
        memory.learn(run(number, f"order a {size} pizza _{note}", *pairs, last=PAY), passed=True)
    for size, then in (("large", click("Wrap")), ("small", fill("Note", "new"))):
        mine = run(9, f"order a {size} pizza _new", (click(size.capitalize()), SIZES), (then, PAY), last=PAY)
        assert replayed(memory, mine)[1] == then
    medium = run(9, "order a medium pizza _new", (click("Medium"), SIZES), (click("Wrap"), PAY), last=PAY)
    assert replayed(memory, medium)[1] is None


def test_a_failed_run_takes_the_credit_of_its_steps_away(memory: Actions) -> None:
    memory.learn(order(1, "large", "hi"), passed=True)
    assert None not in replayed(memory, order(1, "large", "hi"))
    memory.learn(order(2, "large", "hi"), passed=False)
    assert set(replayed(memory, order(3, "large", "hi"))) == {None}
    for number in (4, 5):
        memory.learn(order(number, "large", "hi"), passed=True)
    assert None not in replayed(memory, order(6, "large", "hi"))


def test_a_later_verdict_replaces_the_first(memory: Actions) -> None:
    memory.learn(order(1, "large", "hi"), passed=True)
    memory.learn(order(1, "large", "hi"), passed=True)
    offer = memory.offer(memory.trail(order(1, "large", "hi").goal), HOME)
    assert offer
    assert (offer.passes, offer.fails, offer.run) == (1, 0, "r1")
    memory.learn(order(1, "large", "hi"), passed=False)
    assert memory.offer(memory.trail(order(1, "large", "hi").goal), HOME) is None


def test_what_a_list_shows_decides_only_while_it_shows_the_same(memory: Actions) -> None:
    def films(*names: str) -> Seen:
        return seen(look("films", ("button", "Back"), *(("option", name) for name in names)))

    def play(number: int, name: str, now: Seen) -> Taken:
        return run(number, "play the newest film", (click(name, "option"), now), last=PAY)

    memory.learn(play(1, "Roses", films("Roses", "Soup")), passed=True)
    assert replayed(memory, play(2, "Roses", films("Roses", "Soup"))) == [click("Roses", "option")]
    assert replayed(memory, play(2, "Soup", films("Soup", "Roses"))) == [None]


def test_a_part_that_was_a_task_of_its_own_is_replayed_inside_another(memory: Actions) -> None:
    wide, night = page("view", "Wide", "Night"), page("view", "Wide", "Night")
    memory.learn(run(1, "make it wide", (click("Wide"), wide), last=wide), passed=True)
    memory.learn(run(2, "add night colours", (click("Night"), night), last=night), passed=True)
    both = run(3, "make it wide;add night colours", (click("Wide"), wide), (click("Night"), wide), last=wide)
    assert replayed(memory, both)[1] == click("Night")


def test_after_a_popup_the_task_goes_on_as_known(memory: Actions) -> None:
    popup = page("rate us", "Not now", "Rate")
    memory.learn(order(1, "large", "hi"), passed=True)
    known = order(2, "large", "hi")
    disturbed = Taken(
        "r3",
        known.goal,
        (known.deeds[0], click("Not now"), *known.deeds[1:]),
        (known.looks[0], popup, *known.looks[1:]),
        known.last,
        ended=True,
    )
    found = replayed(memory, disturbed)
    assert found[1] is None
    assert found[2:] == list(known.deeds[1:])


def test_what_always_answers_a_popup_answers_it_in_a_new_task(memory: Actions) -> None:
    popup = page("rate us", "Not now", "Rate")
    for number, task in enumerate(("find soup", "call tom", "wash cups")):
        plainly = run(2 * number, task, (click("Pizza"), HOME), (click("Add"), SIZES), last=PAY)
        memory.learn(plainly, passed=True)
        between = run(
            2 * number + 1, task, (click("Pizza"), HOME), (click("Not now"), popup), (click("Add"), SIZES), last=PAY
        )
        memory.learn(between, passed=True)
    new = memory.trail(goal("paint walls"))
    offer = memory.offer(new, popup)
    assert offer
    assert offer.deed == click("Not now")
    assert memory.offer(new, HOME) is None
    assert memory.offer(memory.trail(goal("rate this app")), popup) is None


def test_the_memory_lies_in_the_record_and_outlives_its_program(tmp_path: Path) -> None:
    with Store(tmp_path / "record.db"), Actions(tmp_path / "record.db") as memory:
        memory.learn(order(1, "large", "hi"), passed=True)
    with Actions(tmp_path / "record.db") as memory:
        assert None not in replayed(memory, order(2, "large", "hi"))


# ---------------------------------------------------------------------------------------------- its parts


def test_a_deed_survives_the_record() -> None:
    mark = Mark(
        "button",
        "Go",
        (Locator("testid", "go"),),
        "main",
        ("Menu",),
        ("row",),
        ("near",),
        (1, 2, 3, 4),
        1,
        2,
        {"a": "b"},
    )
    deed = Deed("drag", mark, mark, "text", "right", 2, ("ctrl",), (0, 3), ("checked",))
    assert loads(dumps(deed)) == deed


def test_words_that_a_run_used_are_slots_and_no_others() -> None:
    tokens = template(goal("order a large pizza _hi for monday"), frozenset({"large", "hi"}), 1)
    assert [token for token in tokens if token.isalpha()] == ["order", "a", "pizza", "for", "monday"]


@pytest.mark.parametrize(
    ("text", "slotted"),
    [
        ("3 nights for Ada Byron, 2026-12-03", "{1} nights for {0}, {2}"),
        ("ADA BYRON (3)", "{0} ({1})"),
        ("page 3 of 5", "page 3 of 5"),  # nothing else of the task is there: it is another three
        ("Ada Byron, 3.5 or 2-3 or 13", "{0}, 3.5 or 2-3 or 13"),
        ("Ada Byronne", "Ada Byronne"),
    ],
)
def test_a_short_value_is_told_in_a_label_beside_longer_ones(text: str, slotted: str) -> None:
    told = (("Ada Byron", "quoted"), ("3", "quoted"), ("2026-12-03", "quoted"), ("page", "word"))
    values = tuple(Value(text, plain(text), kind) for text, kind in told)
    found = with_slots(text, values)
    assert re.sub("\ue012(\\d)\ue012", r"{\1}", found) == slotted


def test_words_of_a_task_are_told_in_a_text_in_whichever_capitals() -> None:
    values = (Value("double", "double", "word"), Value("Ada", "ada", "quoted"), Value("title", "title", "word"))
    said = with_words(with_slots("Ada: Double room, double bed; a TITLE", values), values)
    assert not {"Double", "double", "TITLE"} & set(re.findall(r"\w+", said))
    single = (Value("single", "single", "word"), Value("Bo", "bo", "quoted"), Value("name", "name", "word"))
    assert filled(said, single) == "Bo: Single room, single bed; a NAME"


def test_a_screen_is_the_same_whatever_it_holds_of_the_task() -> None:
    anna, bob = (Value(name, name.casefold(), "word") for name in ("Anna", "Bob"))
    first, second = (seen(look("chat", ("button", f"Call {name}"), ("option", name))) for name in ("Anna", "Bob"))
    assert signature(first, [anna]) == signature(second, [bob])
    assert signature(first, []) != signature(second, [])
    assert content(first, [anna]) == content(second, [bob])


def use(deed: str, *said: str, passes: int = 1, fails: int = 0, slots: frozenset[int] = frozenset()) -> Use:
    return Use(deed.encode(), said, slots, passes, fails)


def test_a_value_never_seen_needs_others_enough() -> None:
    values = [Value("x", "x", "word"), Value("", "", "rest")]
    uses = [use("a", name, "") for name in ("p", "q")]
    assert decided(uses, values) is None
    assert decided([*uses, use("a", "r", "")], values) == b"a"
    assert decided([*uses, use("b", "r", "")], values) is None


def test_a_word_that_was_content_each_time_needs_as_few_others_as_a_text_in_quotes() -> None:
    values = [Value("x", "x", "word"), Value("", "", "rest")]
    uses = [replace(use("a", name, ""), contents=frozenset({0})) for name in ("p", "q")]
    assert decided(uses, values) == b"a"
    assert decided(uses[:1], values) is None
    assert decided([uses[0], use("a", "q", "")], values) is None


def test_what_shows_of_a_task_matters_until_it_is_known_not_to() -> None:
    one, two = (Use(b"a", (name,), frozenset(), 1, 0, "", name.encode()) for name in "pq")
    assert list(alike([one, two], b"q")) == [one, two]
    assert not alike([one, two], b"never seen")
    assert not alike([one, replace(two, passes=0, fails=1)], b"q")
    assert not alike([one, replace(two, deed=b"b")], b"q")
    assert not alike([one, replace(two, item=True)], b"q")


def test_a_word_that_was_typed_does_not_steer_and_one_that_was_clicked_may(memory: Actions) -> None:
    for number, name in enumerate(("anna", "bob")):
        typed = run(number, f"note {name}", (fill("Name", name), page("book", "Save")), (click("Save"), page("saved")))
        memory.learn(typed, passed=True)
        clicked = run(
            number + 2, f"call {name}", (click("Open"), page("list", "Open")), (click(name), page("open", name))
        )
        memory.learn(clicked, passed=True)
    third = run(4, "note carl", (fill("Name", "carl"), page("book", "Save")), (click("Save"), page("saved")))
    assert replayed(memory, third) == list(third.deeds)
    third = run(5, "call carl", (click("Open"), page("list", "Open")), (click("carl"), page("open", "carl")))
    assert replayed(memory, third)[0] is None


def test_content_matters_no_more_once_it_led_to_one_step_often_enough() -> None:
    uses = [Use(b"a", ("x",), frozenset(), 1, 0, "", bytes([at]), True) for at in range(3)]
    assert standing(uses, b"z", by_content=False) == uses
    assert standing(uses, b"z", by_content=True) == []
    assert standing(uses[:2], uses[0].content, by_content=False) == uses[:1]


@given(passes=st.integers(0, 200), fails=st.integers(0, 200))
def test_more_credit_never_lowers_the_bound(passes: int, fails: int) -> None:
    assert 0.0 <= lower_bound(passes, fails) <= 1.0
    assert lower_bound(passes + 1, fails) >= lower_bound(passes, fails) or passes + fails == 0
