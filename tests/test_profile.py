"""The profile: what sentences say of a person, what is near to a label, what corrections teach, what is never kept.

The sentences and labels are held out: none was used to write the grammar or the names.
"""

from __future__ import annotations

import re
import sqlite3
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import hypothesis
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cua.core import Box, Element, Observation, Place, Task
from cua.errors import RecordError, RefusedError, UsageError
from cua.memory.aspects import secret_in
from cua.memory.corrections import Filled, corrected, heard
from cua.memory.profile import Profile, place_of, sure
from cua.memory.statements import Fact, said
from cua.memory.store import Store
from tests.waiting import awaited

NOW = 1_800_000_000.0
Told = tuple[tuple[str, str], ...]

# what a person may say, with the facts and preferences in it by title
STATEMENTS: tuple[tuple[str, Told], ...] = (
    ("My name is Grace Brewster Hopper.", (("name", "Grace Brewster Hopper"),)),
    ("Hi there! My name is Linus and I live in Portland, OR.",
     (("name", "Linus"), ("city", "Portland"), ("region", "OR"))),
    ("my surname is O'Brien", (("last name", "O'Brien"),)),
    ("My first name is Jean-Luc and my last name is Picard", (("first name", "Jean-Luc"), ("last name", "Picard"))),
    ("Please call me Gracie", (("nickname", "Gracie"),)),
    ("I'm called Ludwig van Beethoven", (("name", "Ludwig van Beethoven"),)),
    ("my private e-mail address is grace.hopper+news@mail.example.com",
     (("private email", "grace.hopper+news@mail.example.com"),)),
    ("My business email: grace@navy.example", (("work email", "grace@navy.example"),)),
    ("For the record, my new e-mail is g@h.example", (("email", "g@h.example"),)),
    ("sorry, my email address changed to hopper@yale.example", (("email", "hopper@yale.example"),)),
    ("you can reach me at grace@navy.example", (("email", "grace@navy.example"),)),
    ("My mobile number is +1 (203) 555-0142.", (("mobile", "+1 (203) 555-0142"),)),
    ("my office phone is 0044 20 7946 0000", (("work phone", "0044 20 7946 0000"),)),
    ("My home address is 221B Baker Street, London NW1 6XE", (("home address", "221B Baker Street, London NW1 6XE"),)),
    ("My postal code is NW1 6XE", (("postcode", "NW1 6XE"),)),
    ("I live in Japan", (("country", "Japan"),)),
    ("I recently moved", ()),
    ("I just moved to São Paulo, Brazil", (("city", "São Paulo"), ("country", "Brazil"))),
    ("I am based in Ulm", (("city", "Ulm"),)),
    ("my country is Norway", (("country", "Norway"),)),
    ("I was born on the 9th of December 1906", (("birthday", "9th of December 1906"),)),
    ("My date of birth is 1906-12-09", (("birthday", "1906-12-09"),)),
    ("I work as a rear admiral at Yale University", (("job title", "rear admiral"), ("company", "Yale University"))),
    ("I'm employed by Remington Rand", (("company", "Remington Rand"),)),
    ("my employer is Eckert & Mauchly", (("company", "Eckert & Mauchly"),)),
    ("my manager's e-mail is howard@aiken.example", (("manager email", "howard@aiken.example"),)),
    ("My wife is Mary Ann", (("wife name", "Mary Ann"),)),
    ("my dog's name is Rex", (("dog name", "Rex"),)),
    ("My website is https://hopper.example/about", (("website", "https://hopper.example/about"),)),
    ("my GitHub is great", ()),
    ("my user name is hopper_1906", (("user name", "hopper_1906"),)),
    ("My customer number is KD-20417", (("customer number", "KD-20417"),)),
    ("my timezone is America/New_York", (("time zone", "America/New_York"),)),
    ("my native language is Dutch", (("language", "Dutch"),)),
    ("I speak Polish, Czech and Slovak", (("languages", "Polish, Czech and Slovak"),)),
    ("I'm allergic to shellfish", (("allergies", "shellfish"),)),
    ("I am vegan", (("diet", "vegan"),)),
    ("hopper@yale.example is my school e-mail", (("school email", "hopper@yale.example"),)),
    ("I prefer the light theme", (("theme", "light"),)),
    ("I'd prefer metric units", (("units", "metric"),)),
    ("I really prefer window seats to aisle seats", (("seat", "window"),)),
    ("I prefer coffee to tea", (("coffee or tea", "coffee"),)),
    ("My favorite band is Kraftwerk", (("favourite band", "Kraftwerk"),)),
    ("my favourite dish is spinach lasagne", (("favourite dish", "spinach lasagne"),)),
    ("My preferred payment method is invoice", (("payment", "invoice"),)),
    ("I like dark mode", (("theme", "dark"),)),
    ("I hate the dark theme", (("theme", "not dark"),)),
    ("From now on, use US Letter", (("paper size", "Letter"),)),
    ("in future, save files as ODT please", (("file format", "ODT"),)),
    ("always export to CSV", (("file format", "CSV"),)),
    ("Always answer in French.", (("answer language", "French"),)),
    ("write in British English from now on", (("write language", "British English"),)),
    ("always sign letters with Grace H.", (("sign letters with", "Grace H"),)),
    ("never use tabs", (("use tabs", "never"),)),
    ("I always pay by invoice", (("payment", "invoice"),)),
    ("use the 24-hour clock by default", (("time format", "24-hour"),)),
    ("Fill in the registration form. My name is Grace Hopper, my phone number is 203 555 0142.",
     (("name", "Grace Hopper"), ("phone", "203 555 0142"))),
    ("My name is Grace, not Gracie", (("name", "Grace"),)),
    ("my preferred name is Gracie", (("nickname", "Gracie"),)),
    ("Always use A4, never Letter", (("paper size", "A4"),)),
    ("My name is Ada and my husband's name is William.", (("name", "Ada"), ("husband name", "William"))),
    ("Please don't ever send mail without my approval", (("send mail without my approval", "never"),)),
    ("I recently moved to Lyon, France", (("city", "Lyon"), ("country", "France"))),
    ("for shipping, my address is 5 Elm Street, Boston", (("shipping address", "5 Elm Street, Boston"),)),
    ("my name is \"grace hopper\"", (("name", "grace hopper"),)),
)  # fmt: skip

# goals, questions, quotations, other people's things, passing wishes, nonsense: they say nothing
TRAPS = (
    "open my documents", "is my name on the list?", "Ada's name is Lovelace", "turn on dark mode", "what is my e-mail",
    "type \"my name is Bob\"", "write 'I live in Paris' into the first cell", "Type my name is Bob and press Return",
    "send an e-mail to my boss", "change my name to Bob", "set my e-mail to bob@example.org", "my name is on the list",
    "My name is misspelled in the header", "My name is Missing", "my phone is broken", "my e-mail is not working",
    "my address book is empty", "My computer is slow", "my battery is at 5", "my document is called report.odt",
    "call me a cab", "call me back tomorrow", "Call me Tuesday", "call me at 555-0142 maybe", "I'd like a dark theme",
    "I would like to save as PDF", "I prefer this one", "I prefer the second option", "I prefer it that way",
    "He said my name is Bob", "She wrote: my name is Eve", "The page says hello, my name is Eve",
    "If my name is Bob, click yes", "Does my name is Bob sound right?", "Bob's e-mail is bob@example.org",
    "our server's name is Mercury", "the name of the file is Ada", "rename my file to Ada Lovelace",
    "Write a story. My name is Captain Hook.", "Translate the following: my name is Bob", "find my name is in the text",
    "use A4 for this document", "for now, use A4", "just this once, save as ODT", "save as PDF", "use dark mode",
    "always on top", "turn on always on top", "enable always show tabs", "always show the status bar",
    "always save this as PDF", "never mind", "never close this tab", "I never know what to do", "I always forget it",
    "my language is terrible", "my password is Tr0ub4dor", "my PIN is 4711", "my e-mail password is ada@example.org",
    "my card number is 4111 1111 1111 1111", "my customer number is 4111111111111111", "my API key is sk-a1b2c3",
    "My user name is taken", "my old e-mail is x@y.example", "My name was Smith", "I work from home", "I work at night",
    "I live in a flat", "I live in the city", "I am hungry", "I am a bit lost", "I love it", "I like Mondays",
    "MY NAME IS WRONG", "my seat is taken", "my favourite is the blue one", "my default printer is offline",
    "my birthday is tomorrow", "my e-mail is a@b.example or c@d.example", "my e-mail is somewhere in the list",
    "Suppose I live in Rome", "pretend my name is Bob", "I think my name is Bob", "Is Ada my name?", "my boss is angry",
    "my boss is on holiday", "I use Word", "I prefer not to say", "put my address on the envelope",
    "My address is 2 lines long",
    "I moved to Sheet2", "I moved to Settings", "my website is index.html", "my handle is already-taken",
    "I prefer Bob",
    "my position is B4", "my service is Netflix", "my paper is legal", "I prefer light", "I prefer Tuesday afternoons",
    "my billing address is the same", "My boss's e-mail is Anna", "my favourite colour is not red", "Next time use A4",
    "I no longer live in Rome", "My work e-mail is no longer a@b.example", "never turn off the grid", "never hide tabs",
    "search for my name is Earl", "the paper size is A4", "reply to my manager in German", "", "?!", "my", "my name is",
)  # fmt: skip

PIECES = (
    "my", "name", "is", "e-mail", "Ada", "and", "I", "live", "in", "Paris", ",", ".", "work", "a@b.example", "not",
    "always", "save", "as", "PDF", "prefer", "password", "4111 1111 1111 1111", "'", '"', "call", "me", "from now on",
    "use", "A4", "\n", "?", "hunter2", "sk-a1b2c3d4e5f6a7b8", "the", "to", "for", "PIN", "4711",
)  # fmt: skip
ASKED = ("my e-mail is {}", "My work email address is {}.", "{} is my private e-mail", "you can reach me at {}",
         "Hi, my e-mail: {}", "My e-mail address is now {}, thanks")  # fmt: skip

PERSON = (
    "My name is Grace Hopper", "my e-mail is grace@home.example", "my work e-mail is grace@navy.example",
    "my boss's e-mail is howard@aiken.example", "My phone number is 203 555 0142",
    "my address is 1 Elm Street, New Haven",
    "My work address is 5 Dock Road, Newport", "I live in New Haven, USA", "my zip code is 06510",
    "I work as a programmer at Remington Rand", "my birthday is 9 December 1906", "my user name is hopper_1906",
    "I prefer dark mode", "always save as PDF", "from now on use A4", "I prefer aisle seats", "I am vegetarian",
    "my favourite colour is navy blue", "always reply in English", "I speak English and German",
    "I prefer metric units",
    "my website is https://hopper.example", "my customer number is KD-20417", "My wife's phone is 203 555 0143",
    "I'm allergic to nuts", "my pronouns are she/her", "I always pay by invoice", "my time zone is America/New_York",
)  # fmt: skip
NAVY, HOME = "grace@navy.example", "grace@home.example"

# labels of fields and words at hand, with the value that is surely meant; "" where nothing may be, "?" where to ask
LOOK_UPS = (
    ("E-mail", HOME), ("Email address", HOME), ("Your mail", HOME), ("E-Mail:", HOME), ("emailAddress", HOME),
    ("email_address", HOME), ("Please enter your e-mail address *", HOME), ("Confirm your email", HOME),
    ("Work email", NAVY), ("E-mail (work)", NAVY), ("Business e-mail address", NAVY), ("Adresse e-mail", HOME),
    ("Correo electrónico", HOME), ("E-Mail-Adresse", HOME), ("Boss's e-mail", "howard@aiken.example"),
    ("Emal address", HOME), ("Full name", "Grace Hopper"), ("Name", "Grace Hopper"), ("Your full name", "Grace Hopper"),
    ("First name", "Grace"), ("given-name", "Grace"), ("Last name", "Hopper"), ("Family name (surname)", "Hopper"),
    ("Nachname", "Hopper"), ("Prénom", "Grace"), ("Phone", "203 555 0142"), ("Telephone number", "203 555 0142"),
    ("Tel. no.", "203 555 0142"), ("Mobile phone", "203 555 0142"), ("Wife's phone number", "203 555 0143"),
    ("Street address", "1 Elm Street, New Haven"), ("Postal address", "1 Elm Street, New Haven"),
    ("Office address", "5 Dock Road, Newport"), ("Billing address", "1 Elm Street, New Haven"),
    ("Town/City", "New Haven"), ("City", "New Haven"), ("Country/Region", "USA"), ("ZIP / Postal code", "06510"),
    ("PLZ", "06510"), ("Employer", "Remington Rand"), ("Company name", "Remington Rand"), ("Occupation", "programmer"),
    ("Date of birth", "9 December 1906"), ("Username", "hopper_1906"), ("Color theme", "dark"), ("Appearance", "dark"),
    ("Save as type", "PDF"), ("File format", "PDF"), ("Page size", "A4"), ("Paper format", "A4"),
    ("Seat preference", "aisle"), ("Dietary requirements", "?"), ("Favourite colour", "navy blue"),
    ("Colour", "navy blue"),
    ("Languages spoken", "English and German"), ("Measurement units", "metric"), ("Homepage", "https://hopper.example"),
    ("Customer no.", "KD-20417"), ("Allergies", "nuts"), ("Payment method", "invoice"),
    ("Time zone", "America/New_York"),
    ("Pronouns", "she/her"), ("E-mail or phone", "?"), ("Subject", ""), ("E-mail subject", ""), ("Mail server", ""),
    ("Mailing list", ""), ("File name", ""), ("Host name", ""), ("Name of the printer", ""), ("Product name", ""),
    ("Web address", ""), ("IP address", ""), ("Password", ""), ("E-mail password", ""), ("Search", ""),
    ("Quantity", ""),
    ("Phone model", ""), ("Paper tray", ""), ("Recipient's e-mail", ""), ("Friend's name", ""), ("Comments", ""),
    ("Emergency contact phone", ""), ("Fax", ""), ("Middle name", ""), ("Tax number", ""), ("Card number", ""),
    ("", ""),
    ("Sort by name", ""), ("Replace with", ""), ("Address of the employer", ""), ("Text colour of links", ""),
)  # fmt: skip


@pytest.fixture
def profile(tmp_path: Path) -> Iterator[Profile]:
    """An empty profile in a record of its own."""
    with Profile(tmp_path / "record.db") as made:
        yield made


@pytest.fixture
def known(profile: Profile) -> Profile:
    """One that knows a person."""
    for number, sentence in enumerate(PERSON):
        assert profile.told(sentence, NOW + number), sentence
    return profile


def titled(facts: Sequence[Fact]) -> Told:
    return tuple((fact.title, fact.value) for fact in facts)


def field(name: str, *states: str, role: str = "textbox") -> Element:
    return Element(name, role, name, states=frozenset({"editable", *states}), box=Box(0, 0, 100, 20))


def screen(*names: str, app: str = "forms", url: str = "") -> Observation:
    return Observation(Place(app, "Sign up", url), tuple(field(name) for name in names))


# ---------------------------------------------------------------------------------------------- sentences


def test_sentences_say_what_they_say_and_nothing_else() -> None:
    read = [(text, titled(said(text, NOW)), wanted) for text, wanted in (*STATEMENTS, *((trap, ()) for trap in TRAPS))]
    wrong = [(text, fact) for text, got, wanted in read for fact in got if fact not in wanted]
    missed = [(text, fact) for text, got, wanted in read for fact in wanted if fact not in got]
    told = sum(len(wanted) for _, wanted in STATEMENTS)
    figures = f"{len(read)} sentences, {told} facts: {len(wrong)} wrong, {told - len(missed)} of {told} found"
    assert len(read) >= 60, figures
    assert not wrong, f"{figures}; wrong: {wrong}"
    assert len(missed) <= told * 0.05, f"{figures}; missed: {missed}"


@pytest.mark.parametrize(
    "around",
    [
        'type "{}"', "write '{}' into the first cell", "Type {}", "Write a letter. {}", "She said: {}", "He said {}",
        "if {}, stop", "suppose {}", "translate this: {}", "search for {}", "the page says hello, {}", "reply: {}",
        "is it true that {}?", "find out whether {}", "enter the text {}", "replace it with {}", "Bob thinks {}",
        "put “{}” on the slide", "my friend told me {}",
    ],
)  # fmt: skip
def test_the_same_words_in_a_text_a_question_or_another_mouth_say_nothing(around: str) -> None:
    wrong = {text: titled(said(around.format(text), NOW)) for text, _ in STATEMENTS}
    assert not {text: found for text, found in wrong.items() if found}


@pytest.mark.parametrize("around", ["just this once, {}", "for now {}", "Maybe {}", "{} for this task"])
def test_what_holds_only_once_or_perhaps_says_nothing(around: str) -> None:
    single = [text.rstrip(".") for text, _ in STATEMENTS if not re.search(r"[.!] ", text)]
    wrong = {text: titled(said(around.format(text), NOW)) for text in single}
    assert len(single) > 50
    assert not {text: found for text, found in wrong.items() if found}


@given(st.text(max_size=200) | st.lists(st.sampled_from(PIECES), max_size=12).map(" ".join))
@hypothesis.settings(max_examples=300)
def test_whatever_is_said_is_read_in_peace_and_no_secret_is_among_it(text: str) -> None:
    for fact in said(text, NOW):
        assert fact.value
        assert fact.source
        assert not secret_in(f"{fact.title} {fact.value}")


@given(
    st.from_regex(r"[a-z]{1,8}(\.[a-z]{1,8})?@[a-z]{1,8}\.(org|example|co\.uk)", fullmatch=True), st.sampled_from(ASKED)
)
def test_any_address_is_kept_as_it_was_written(address: str, ask: str) -> None:
    assert [fact.value for fact in said(ask.format(address), NOW)] == [address]


def test_a_fact_keeps_its_sentence_and_time() -> None:
    (fact,) = said("Well, thanks. By the way, my name is Ada Lovelace. Go on.", NOW)
    assert (fact.source, fact.time, fact.kind) == ("By the way, my name is Ada Lovelace.", NOW, "fact")
    assert said("I prefer dark mode", NOW)[0].kind == "preference"


def test_of_two_statements_in_one_text_the_later_counts() -> None:
    assert titled(said("My name is Ada. No, my name is Grace.", NOW)) == (("name", "Grace"),)


# ---------------------------------------------------------------------------------------------- looking up


def test_labels_find_what_is_meant_and_nothing_else(known: Profile) -> None:
    wrong, missed = [], []
    for label, wanted in LOOK_UPS:
        found = known.look_up(label)
        answer = sure(found)
        got = answer.value if answer else "?" if found else ""
        # where one is to ask, there is something to ask about; where nothing is near, nothing is sure
        if answer and got != wanted:
            wrong.append((label, got, wanted))
        elif got != wanted and not (wanted == "" and not answer):
            missed.append((label, got, wanted))
    asked = len(LOOK_UPS)
    figures = f"{asked} look-ups: {len(wrong)} wrong, {asked - len(wrong) - len(missed)} right"
    assert asked >= 60, figures
    assert not wrong, f"{figures}; wrong: {wrong}"
    assert len(missed) <= asked * 0.05, f"{figures}; missed: {missed}"


def test_what_is_around_a_field_tells_which_is_meant(known: Profile) -> None:
    assert known.look_up("E-mail", around="Your work account")[0][0].value == NAVY
    assert [fact.value for fact, _ in known.look_up("E-mail")][:2] == [HOME, NAVY]


def test_two_that_are_as_near_are_a_reason_to_ask(profile: Profile) -> None:
    profile.told("My work e-mail is a@b.example and my private e-mail is c@d.example", NOW)
    found = profile.look_up("E-mail")
    assert {fact.value for fact, _ in found} == {"a@b.example", "c@d.example"}
    assert sure(found) is None
    assert sure(profile.look_up("Private e-mail")) == found[[f.of for f, _ in found].index("private")][0]


def test_a_later_statement_replaces_an_earlier_one_and_keeps_it_as_history(profile: Profile) -> None:
    profile.told("my e-mail is old@a.example", NOW)
    (kept,) = profile.told("my e-mail is new@a.example", NOW + 9)
    profile.told("my e-mail is late@a.example", NOW + 3)  # said before, heard after
    assert [fact.value for fact, _ in profile.look_up("email")] == ["new@a.example"]
    assert [fact.value for fact in profile.history(kept.id)] == ["old@a.example", "late@a.example", "new@a.example"]
    profile.told("I prefer light mode", NOW)
    profile.told("I hate dark mode", NOW + 1)
    assert [fact.value for fact, _ in profile.look_up("theme")] == ["light"]


def test_a_look_up_costs_no_more_among_very_many_facts(profile: Profile) -> None:
    """The time among 20,000 facts against that among a few hundred, on one machine and in one go."""

    def seconds() -> float:
        spans = []
        for _ in range(9):
            begun = time.perf_counter()
            for label in ("Work e-mail", "Favourite thing 77", "Name of company", "Something else"):
                profile.look_up(label)
            spans.append(time.perf_counter() - begun)
        return min(spans)

    def many(first: int, last: int) -> list[Fact]:
        return [
            Fact(f"favourite thing {number}", f"value {number}", "preference", time=NOW)
            for number in range(first, last)
        ]

    for sentence in PERSON:
        profile.told(sentence, NOW)
    profile.keep(many(0, 300))
    few = seconds()
    profile.keep(many(300, 20_000))
    assert sure(profile.look_up("Favourite thing 19001")) == next(
        f for f in profile.facts("thing 19001") if f.value == "value 19001"
    )
    assert seconds() < 10 * few + 0.002


# ---------------------------------------------------------------------------------------------- corrections


def test_the_choice_of_another_known_fact_is_learned_for_that_place(known: Profile) -> None:
    filled = Filled("E-mail", HOME, place="portal.navy.example")
    chosen = corrected(known, filled, NAVY, NOW)
    assert chosen is not None
    assert chosen.of == "work"
    assert sure(known.look_up("Email address", place="portal.navy.example")) == chosen
    there = sure(known.look_up("Email address", place="shop.example"))
    assert there is not None
    assert there.value == HOME


def test_a_new_value_counts_in_its_place_and_everywhere_once_a_second_place_agrees(known: Profile) -> None:
    def mail(place: str) -> str:
        found = sure(known.look_up("E-mail", place=place))
        return found.value if found else ""

    corrected(known, Filled("Your e-mail", HOME, place="a.example"), "grace@new.example", NOW + 100)
    assert [mail("a.example"), mail("b.example"), mail("")] == ["grace@new.example", HOME, HOME]
    corrected(known, Filled("E-mail", HOME, place="b.example"), "grace@new.example", NOW + 200)
    assert [mail("b.example"), mail("c.example"), mail("")] == ["grace@new.example"] * 3


@pytest.mark.parametrize(
    ("label", "value", "right"),
    [
        ("Quantity", "3", "4"),  # no fact of the person
        ("E-mail", "someone@else.example", "other@else.example"),  # not filled from the profile
        ("E-mail", HOME, "see above"),  # no address
        ("Occupation", "programmer", "line\nafter line"),
        ("Password", "a", "b"),
        ("Customer number", "KD-20417", "4111 1111 1111 1111"),
    ],
)
def test_what_was_about_one_task_alone_or_is_secret_is_not_learned(
    known: Profile, label: str, value: str, right: str
) -> None:
    before = known.facts()
    assert corrected(known, Filled(label, value, place="a.example"), right, NOW + 100) is None
    assert known.facts() == before


@pytest.mark.parametrize(
    ("text", "label", "value", "right"),
    [
        ("no, use the work address", "E-mail", HOME, NAVY),
        ("No, use my work e-mail instead", "Email", HOME, NAVY),
        ("use the work one please", "Address", "1 Elm Street, New Haven", "5 Dock Road, Newport"),
        ("not Tuesday, Wednesday", "Day", "Tuesday", "Wednesday"),
        ("not Tuesday but Wednesday", "When", "Tuesday 5 pm", "Wednesday 5 pm"),
        ("Wednesday, not Tuesday", "Day", "Tuesday", "Wednesday"),
        ("I meant grace@x.example", "E-mail", HOME, "grace@x.example"),
        ("thank you", "E-mail", HOME, ""),
        ("go on, not now", "E-mail", HOME, ""),
        ("use hunter2", "Password", "x", ""),
        ("use the private one", "Phone", "203 555 0142", ""),
    ],
)
def test_a_correction_in_words_is_understood(known: Profile, text: str, label: str, value: str, right: str) -> None:
    assert heard(known, text, Filled(label, value), NOW + 100) == right


# ---------------------------------------------------------------------------------------------- for a task


def test_a_task_is_told_what_matters_to_its_fields_and_goal(known: Profile) -> None:
    now = screen("E-mail", "First name", "Quantity", "Password", url="https://shop.example/new")
    lines = known.facts_for(Task("t", "register me at the shop"), now)
    assert set(lines) >= {f"email: {HOME}", "first name: Grace"}
    assert not any("phone" in line or "theme" in line or NAVY in line for line in lines)


def test_a_task_is_told_preferences_about_what_it_does(known: Profile) -> None:
    lines = known.facts_for(Task("t", "save the letter"), screen(app="writer"))
    assert lines == ("file format: PDF",)


@pytest.mark.parametrize("goal", ["rename the file to a.txt", "turn on the grid", "delete the third row", "2 + 2"])
def test_a_task_that_has_nothing_to_do_with_the_person_is_told_nothing(known: Profile, goal: str) -> None:
    assert known.facts_for(Task("t", goal), screen("Search", "Zoom", app="sheets")) == ()


def test_a_task_is_told_at_most_ten_lines(known: Profile) -> None:
    labels = [label for label, _ in LOOK_UPS if label]
    assert len(known.facts_for(Task("t", "fill in my form"), screen(*labels))) == 10


def test_the_place_of_a_page_is_its_host_and_else_the_app() -> None:
    assert place_of(screen(url="https://www.Shop.example:8443/x?y")) == "shop.example"
    assert place_of(screen(app="Writer")) == "writer"


# ---------------------------------------------------------------------------------------------- secrets and forgetting


@pytest.mark.parametrize("sentence", [
    "my password is hunter2", "My PIN is 4711", "my card number is 4111 1111 1111 1111", "my API key is abc",
    "my user name is ghp_0123456789abcdefABCDEF", "my customer number is 5500005555555559", "mein Passwort ist geheim",
])  # fmt: skip
def test_a_secret_is_refused_and_nowhere_in_the_file(profile: Profile, sentence: str) -> None:
    with pytest.raises(RefusedError, match="cua secret set") as refused:
        profile.add(sentence, NOW)
    value = sentence.rpartition(" is ")[2].rpartition(" ist ")[2]
    assert value not in str(refused.value)
    assert profile.told(sentence, NOW) == ()
    assert all(value.encode() not in file.read_bytes() for file in profile.path.parent.glob("record.db*"))


def test_what_is_not_understood_is_said_so(profile: Profile) -> None:
    with pytest.raises(UsageError, match="say it as in"):
        profile.add("blue", NOW)


def test_what_is_forgotten_is_in_no_byte_of_the_file(profile: Profile) -> None:
    for number in range(200):  # pages are split and merged, and the log grows
        profile.told(
            f"my e-mail is zebra{number}@quagga.example and my website is https://w{number}.example", NOW + number
        )
    profile.told("my favourite beast is zebra of quagga.example", NOW)
    (mail,) = (fact for fact, _ in profile.look_up("email"))
    with Store(profile.path) as other:  # another program has the record open, and does nothing
        gone = profile.forget(mail.id)
        assert len(gone) == 200
        assert other.runs() == []
        held = [
            f.name
            for f in profile.path.parent.glob("record.db*")
            if b"zebra199" in f.read_bytes() or b"zebra3@" in f.read_bytes()
        ]
    assert held == []
    assert profile.look_up("email") == []
    assert [fact.value for fact, _ in profile.look_up("website")] == ["https://w199.example"]
    with pytest.raises(UsageError, match="cua memory list"):
        profile.forget(mail.id)


def test_while_another_program_reads_it_says_so_and_the_same_again_ends_it(tmp_path: Path) -> None:
    path = tmp_path / "record.db"
    with Profile(path, patience=0.1) as profile:
        (fact,) = profile.told("my e-mail is zebra@quagga.example", NOW)
        reader = sqlite3.connect(path, isolation_level=None)
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM profile_facts").fetchone()
        with pytest.raises(RecordError, match="close the other programs"):
            profile.forget(fact.id)
        assert profile.facts() == []
        reader.close()
        profile.forget(fact.id)
        files = awaited(lambda: [*path.parent.glob("record.db*")], "the record")
        assert all(b"quagga" not in file.read_bytes() for file in files)
