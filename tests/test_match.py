"""From words to the things of four invented apps: right ones, or a question, never a wrong act."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

from cua.policies.lexicon import thesaurus
from cua.policies.match import Ambiguous, Entry, EntryKind, Index, Match, Name, Unknown, decide
from cua.policies.words import Clause, parse


def entry(key: str, label: str, kind: EntryKind, *options: str, **more: str) -> Entry:
    path = tuple(filter(None, (more.pop("path", ""),)))
    names = (Name(label), Name(key, "id"), *(Name(text, "tooltip") for text in more.values()))
    return Entry(key, names, kind, options, 1, path)


QUILL = Index([
    entry("wrap-text", "Break long lines", "toggle"), entry("gutter", "_Line numbers", "toggle", path="View"),
    entry("hide-tools", "Hide toolbar", "toggle"), entry("state-bar", "Status bar", "toggle", path="View"),
    entry("hl-line", "Highlight current line", "toggle"), entry("tab-size", "Tab width", "number"),
    entry("text-size", "Font size:", "number"),
    entry("ink", "Colour scheme", "choice", "Birch", "Midnight Blue", "Paper"),
    entry("eol", "Line ending", "choice", "Unix", "Windows", "Classic"), entry("save", "&Save\tCtrl+S", "command"),
    entry("save-as", "Save _As…", "command"), entry("search", "Find…", "command"),
    entry("goto", "Go to Line…", "command"), entry("undo", "Undo", "command"), entry("redo", "Redo", "command"),
    entry("drop-line", "Delete Line", "command"), entry("dup-line", "Duplicate Line", "command"),
    entry("upper", "Upper Case", "command"), entry("lower", "Lower Case", "command"),
    entry("close-tab", "Close Tab", "command"),
])  # fmt: skip
ABAX = Index(
    [
        *(entry(f"digit{n}", str(n), "command") for n in range(10)),
        entry("eq", "=", "command"),
        entry("add", "+", "command"),
        entry("mul", "×", "command"),
        entry("clr", "Clear", "command"),
        entry("m-recall", "Memory Recall", "command"),
        entry("m-store", "Memory Store", "command"),
        entry("angle", "Angle unit", "choice", "Degrees", "Radians"),
        entry("mode", "Mode", "choice", "Basic", "Scientific"),
        entry("base", "Number base", "choice", "Binary", "Decimal", "Hexadecimal"),
        entry("grouping", "Show thousands separators", "toggle"),
        entry("places", "Decimal places", "number"),
    ]
)
LUPE = Index([
    entry("full", "Fullscreen", "toggle"), entry("strip", "Show thumbnails", "toggle"),
    entry("smooth", "Don't smooth enlarged pictures", "toggle"), entry("zin", "Zoom In", "command"),
    entry("zout", "Zoom Out", "command"), entry("fit", "Best Fit", "command"),
    entry("rot-cw", "Rotate Clockwise", "command"), entry("rot-ccw", "Rotate Counterclockwise", "command"),
    entry("flip-h", "Flip Horizontal", "command"), entry("flip-v", "Flip Vertical", "command"),
    entry("next", "Next Image", "command"), entry("prev", "Previous Image", "command"),
    entry("first", "First Image", "command"), entry("last", "Last Image", "command"),
    entry("slides", "Start Slideshow", "command"), entry("stop-slides", "Stop Slideshow", "command"),
    entry("secs", "Slide duration", "number"), entry("trash", "Move to Bin", "command"),
])  # fmt: skip
PIGEON = Index([
    entry("compose", "New Message", "command"), entry("reply", "Reply", "command"),
    entry("reply-all", "Reply All", "command"), entry("fwd", "Forward", "command"), entry("send", "Send", "command"),
    entry("fetch", "Get Mail", "command"), entry("remove", "Delete Message", "command"),
    entry("read", "Mark as Read", "command"), entry("unread", "Mark as Unread", "command"),
    entry("threads", "Group by conversation", "toggle"), entry("beep", "Play a sound for new mail", "toggle"),
    entry("no-images", "Block remote images", "toggle"), entry("sort", "Sort by", "choice", "Date", "Sender", "Size"),
    entry("minutes", "Check interval", "number"), entry("subject", "Subject", "text"),
    entry("sig", "Signature", "text"), entry("imp", "Import Contacts…", "command"),
    entry("exp", "Export Contacts…", "command"),
])  # fmt: skip

# what is said, where, which thing, and the state (switch), option (choice) or value it is to get
PARAPHRASES: list[tuple[str, Index, str, int | str | None]] = [
    ("please turn on word wrap", QUILL, "wrap-text", 1), ("stop wrapping", QUILL, "wrap-text", -1),
    ("don't wrap text", QUILL, "wrap-text", -1), ("break long lines", QUILL, "wrap-text", 1),
    ("could you show me the line numbers", QUILL, "gutter", 1), ("I don't need line numbers", QUILL, "gutter", -1),
    ("hide the tool bar", QUILL, "hide-tools", 1), ("bring back the toolbar", QUILL, "hide-tools", -1),
    ("get rid of the statusbar", QUILL, "state-bar", -1), ("remove the status bar", QUILL, "state-bar", -1),
    ("highlight the current line", QUILL, "hl-line", 1), ("do not highlight the current line", QUILL, "hl-line", -1),
    ("set the tab size to eight", QUILL, "tab-size", "8"), ("I want a tab width of 3", QUILL, "tab-size", "3"),
    ("text size 18", QUILL, "text-size", "18"), ("make the font size 11pt", QUILL, "text-size", "11"),
    ("use the midnight blue theme", QUILL, "ink", "Midnight Blue"),
    ("set the color scheme to paper", QUILL, "ink", "Paper"),
    ("change line endings to windows", QUILL, "eol", "Windows"), ("save this", QUILL, "save", None),
    ("save the document", QUILL, "save", None), ("save it as draft 2.txt", QUILL, "save-as", "draft 2.txt"),
    ("look for 'Tolstoy'", QUILL, "search", "Tolstoy"), ("jump to line 40", QUILL, "goto", "40"),
    ("undo that", QUILL, "undo", None), ("redo", QUILL, "redo", None), ("erase the line", QUILL, "drop-line", None),
    ("make it uppercase please", QUILL, "upper", None), ("close this tab", QUILL, "close-tab", None),
    ("press 7", ABAX, "digit7", None), ("press plus", ABAX, "add", None), ("hit the equals key", ABAX, "eq", None),
    ("use radians", ABAX, "angle", "Radians"), ("set the angle mode to degrees", ABAX, "angle", "Degrees"),
    ("switch to scientific mode", ABAX, "mode", "Scientific"), ("work in hex", ABAX, "base", "Hexadecimal"),
    ("turn off digit grouping", ABAX, "grouping", -1), ("show four decimal places", ABAX, "places", "4"),
    ("set precision to 6", ABAX, "places", "6"), ("recall memory", ABAX, "m-recall", None),
    ("clear", ABAX, "clr", None), ("go full screen", LUPE, "full", 1), ("leave full screen", LUPE, "full", -1),
    ("no thumbnails", LUPE, "strip", -1), ("smooth enlarged pictures", LUPE, "smooth", -1),
    ("zoom in", LUPE, "zin", None), ("zoom out please", LUPE, "zout", None), ("fit to window", LUPE, "fit", None),
    ("rotate clockwise", LUPE, "rot-cw", None), ("mirror horizontally", LUPE, "flip-h", None),
    ("go to the next picture", LUPE, "next", None), ("show the previous photo", LUPE, "prev", None),
    ("begin the slide show", LUPE, "slides", None), ("stop the slideshow", LUPE, "stop-slides", None),
    ("set the slide duration to five seconds", LUPE, "secs", "5"), ("write a new email", PIGEON, "compose", None),
    ("answer", PIGEON, "reply", None), ("reply to all", PIGEON, "reply-all", None),
    ("check for new mail", PIGEON, "fetch", None), ("remove this message", PIGEON, "remove", None),
    ("mark it as unread", PIGEON, "unread", None), ("turn on conversation view", PIGEON, "threads", 1),
    ("allow remote images", PIGEON, "no-images", -1), ("block remote pictures", PIGEON, "no-images", 1),
    ("sort by sender", PIGEON, "sort", "Sender"), ("set the check interval to 10 minutes", PIGEON, "minutes", "10"),
    ("set the subject to Hello there", PIGEON, "subject", "Hello there"), ("import my contacts", PIGEON, "imp", None),
]  # fmt: skip
FOREIGN = [
    (goal, index)
    for index, goals in (
        (
            QUILL,
            "turn on airplane mode | order a pizza | set the tab width to blue | set line numbers to 5 | "
            "use the Solarized theme | do not turn on line numbers | never delete the line | "
            "the status bar should not be visible | show line numbers only in code | delete everything | "
            "delete all my mails | close all tabs | title case | status bar | open the tab | increase line numbers",
        ),
        (
            ABAX,
            "press 42 | use gradians | octal | programmer mode | clear the memory | press minus | "
            "set the angle unit to 7",
        ),
        (
            LUPE,
            "flip diagonally | rotate | next folder | move to the left | print the image | "
            "stop thumbnails from moving | set thumbnails to 12",
        ),
        (
            PIGEON,
            "delete | send and archive | unsubscribe | mark as spam | sort by colour | reply in Latin | "
            "delete all contacts | play music | forward it to Anna and delete the account | do not send the message",
        ),
    )
    for goal in goals.split(" | ")
]
VARIANTS = {
    1: ("enable {}", "switch {} on", "I'd like to have {}, please", "{}: on", "can you activate {}"),
    -1: ("disable {}", "please switch off the {}", "I don't want {}", "{} off", "deactivate {} now"),
}


def done(index: Index, goal: str) -> Iterator[Match]:
    """What would be acted on: all of the sentence or nothing."""
    decisions = [decision for _, decision in index.resolve(goal)]
    if all(decision is None or isinstance(decision, Match) for decision in decisions):
        yield from (decision for decision in decisions if isinstance(decision, Match))


def right(match: Match, key: str, wanted: int | str | None) -> bool:
    given = match.option if match.option else match.value if match.value else match.sign or None
    return match.entry.key == key and (given == wanted or (wanted is None and match.sign == 0))


def switches() -> Iterator[tuple[str, Index, str, int]]:
    for index, thing, key, way in [
        (QUILL, "line numbers", "gutter", 1),
        (QUILL, "the toolbar", "hide-tools", -1),
        (QUILL, "word wrapping", "wrap-text", 1),
        (ABAX, "thousands separators", "grouping", 1),
        (LUPE, "thumbnails", "strip", 1),
        (PIGEON, "remote images", "no-images", -1),
    ]:
        yield from ((form.format(thing), index, key, sign * way) for sign, forms in VARIANTS.items() for form in forms)


def typo(goal: str, seed: int) -> str:
    """One slip of the keyboard in one word of four letters or more."""
    dice = random.Random(f"{goal}{seed}")
    words = goal.split()
    at = dice.choice([i for i, word in enumerate(words) if len(word) > 3 and word.isalpha()] or [0])
    word, spot = words[at], dice.randrange(1, max(len(words[at]) - 1, 2))
    slips = (
        word[:spot] + word[spot + 1 :],
        word[:spot] + dice.choice("aeinorst") + word[spot:],
        word[:spot] + dice.choice("aeinorst") + word[spot + 1 :],
        word[: spot - 1] + word[spot : spot + 1] + word[spot - 1 : spot] + word[spot + 1 :],
    )
    return " ".join([*words[:at], dice.choice(slips), *words[at + 1 :]])


def rates(cases: list[tuple[str, Index, str, int | str | None]]) -> tuple[float, list[str], float]:
    """The share done right, the sentences that led to a wrong act, and the share that was asked about."""
    good, wrong = 0, []
    for goal, index, key, wanted in cases:
        acts = list(done(index, goal))
        good += bool(acts) and all(right(match, key, wanted) for match in acts)
        wrong += [goal for match in acts if not right(match, key, wanted)]
    return good / len(cases), wrong, 1 - (good + len(set(wrong))) / len(cases)


@pytest.mark.parametrize(("goal", "index", "key", "wanted"), PARAPHRASES, ids=[case[0] for case in PARAPHRASES])
def test_other_words_reach_the_same_thing(goal: str, index: Index, key: str, wanted: int | str | None) -> None:
    assert [right(match, key, wanted) for match in done(index, goal)] == [True]


def test_every_way_of_switching_is_understood() -> None:
    good, wrong, _ = rates([*switches()])
    assert (good, wrong) == (1.0, [])


def test_a_slip_of_the_keyboard_is_mended_or_asked_about_never_guessed_wrong() -> None:
    cases = [(typo(goal, seed), index, key, want) for goal, index, key, want in PARAPHRASES for seed in range(4)
             if not (isinstance(want, str) and index is not ABAX)]  # fmt: skip
    good, wrong, asked = rates(cases)
    print(f"typos: {len(cases)} sentences, right {good:.1%}, wrong {wrong}, asked {asked:.1%}")
    assert wrong == []
    assert good > 0.75


@pytest.mark.parametrize(("goal", "index"), FOREIGN, ids=[case[0] for case in FOREIGN])
def test_what_is_not_offered_is_never_done(goal: str, index: Index) -> None:
    assert list(done(index, goal)) == []


@pytest.mark.parametrize("index", [QUILL, ABAX, LUPE, PIGEON], ids=["editor", "calculator", "pictures", "mail"])
def test_a_wish_for_another_app_is_not_done_here(index: Index) -> None:
    everyday = {"undo that", "redo", "clear", "zoom in", "save this", "answer"}
    for goal, home, _, _ in PARAPHRASES:
        if home is not index and goal not in everyday:
            assert list(done(index, goal)) == [], goal


PAIRS = [
    "undo|redo", "zoom in|zoom out", "upper case|lower case", "next image|previous image", "cut|copy", "copy|paste",
    "import contacts|export contacts", "first page|last page", "increase indent|decrease indent",
    "open tab|close tab", "insert row|insert column", "flip horizontal|flip vertical", "align left|align right",
    "move up|move down", "sort ascending|sort descending", "mark as read|mark as unread", "lock layer|unlock layer",
    "log in|log out", "subscribe|unsubscribe", "connect|disconnect", "show grid|hide grid",
    "start timer|stop timer",
]  # fmt: skip


@pytest.mark.parametrize("pair", PAIRS)
def test_opposites_never_stand_for_each_other(pair: str) -> None:
    for asked, offered in (pair.split("|"), pair.split("|")[::-1]):
        index = Index([entry("it", offered.title(), "command"), entry("other", "Something Else", "command")])
        for seed in range(6):
            for goal in (asked, typo(asked, seed)):
                assert list(done(index, goal)) == [], goal


def test_no_word_in_the_thesaurus_stands_for_its_opposite() -> None:
    for line in thesaurus()["meaning"]["opposite"]:
        sides = [side.split(" = ")[0] for side in line.split(" | ")]
        for asked, offered in (sides, sides[::-1]):
            index = Index([entry("it", f"{offered} thing", "command"), entry("other", "Something Else", "command")])
            assert list(done(index, f"{asked} thing")) == [], (asked, offered)


def test_numbers_in_names_match_only_themselves() -> None:
    index = Index(
        [entry("t4", "Tab size 4", "option"), entry("t16", "Tab size 16", "option"), entry("f2", "F2", "command")]
    )
    assert [m.entry.key for m in done(index, "set tab size to 4")] == ["t4"]
    assert [m.entry.key for m in done(index, "tab size 8")] == []
    assert [m.entry.key for m in done(index, "press f3")] == []


def test_two_routes_to_one_effect_are_no_rivals_but_two_effects_are() -> None:
    first = Entry("menu", (Name("Word Wrap"),), "toggle", effect="wrap")
    second = Entry("dialog", (Name("Wrap words"),), "toggle", effect="wrap")
    other = Entry("view", (Name("Wrapping words"),), "toggle", effect="else")
    clause = parse("turn on wrapping of words")[0]
    assert isinstance(decide(Index([first, second]).search(clause)), Match)
    assert isinstance(decide(Index([first, second, other]).search(clause)), Ambiguous)


def test_the_unknown_word_is_told() -> None:
    assert QUILL.resolve("turn on hyphenation")[0][1] == Unknown(("hyphenation",))


def test_a_switch_found_to_work_the_other_way_is_switched_the_other_way() -> None:
    animations = Entry("k", (Name("Animations"),), "toggle", polarity=-1)
    assert [match.sign for match in done(Index([animations]), "turn on animations")] == [-1]


def test_what_cannot_be_taken_back_needs_the_very_words() -> None:
    index = Index([entry("rm", "Delete Profile", "command"), entry("q", "Quit", "command")])
    assert [m.entry.key for m in done(index, "delete the profile")] == ["rm"]
    assert list(done(index, "delete the proifle")) == []


def test_a_sentence_of_two_clauses_is_two_acts() -> None:
    found = QUILL.resolve("turn on line numbers and word wrap, then set tab width to 3")
    assert [(m.entry.key, m.sign, m.value) for _, m in found if isinstance(m, Match)] == [
        ("gutter", 1, None), ("wrap-text", 1, None), ("tab-size", 0, "3"),
    ]  # fmt: skip


def test_what_exists_decides_between_readings() -> None:
    assert [m.entry.key for m in done(LUPE, "enter full screen")] == ["full"]
    ((clause, decision),) = QUILL.resolve("enter hello world")
    assert (clause.verb, clause.value, decision) == ("TYPE", "hello world", None)


def test_an_empty_app_knows_nothing() -> None:
    assert decide(Index([]).search(Clause("ON", 1, "grid", words=("show", "grid")))) == Unknown(())
