"""The report of practice is one whole page: everything on record is in it, and nothing from a screen becomes markup."""

from __future__ import annotations

import io
import math
import re
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Literal, get_args

import pytest
from PIL import Image, ImageDraw

from cua import core
from cua.core import Box, Click, Effect, Element, Fill, Frame, Invoke, Observation, Place, Point, Run, Step, Task
from cua.errors import RecordError
from cua.memory.maps import Kind, Law, Map, Window
from cua.memory.skills import Proof, Round, Skill
from cua.practice.report import Story, page, part, write
from cua.screen import MAIN, Control

HOSTILE = (
    "<script>alert(1)</script><img src=x onerror=alert(2)>\"' style=x &amp; ]]> \u202etxet $app ${style} \x00\ud800"
)
VOID = {"meta", "img", "br", "link", "input", "hr"}
SCREEN = (1280, 800)
WORDS = (
    "Word Wrap", "Line Numbers", "Status Bar", "Menubar", "Toolbar", "Fullscreen", "Long Line Marker", "Auto Indent",
    "Highlight Current Line", "Match Braces", "Insert Spaces", "Tab Width", "Font", "Colour Scheme", "Show Whitespace",
    "Show Line Endings", "Remember Size", "Remember Position", "Path in Title", "Uppercase", "Lowercase", "Title Case",
    "Delete Selection", "Select All", "Find", "Go to Line", "Default Encoding", "Recent Items", "Wrap Around", "Tabs",
)  # fmt: skip


def known_map() -> Map:
    prefs = f"{MAIN}|Edit|menuitem|Preferences"
    controls = {prefs: Control(prefs, "menuitem", "Preferences", MAIN, ("Edit",), asks=True)}
    places = [(MAIN, ("View", "Document", "Edit")[number % 3], name) for number, name in enumerate(WORDS)]
    places += [("dialog:p", ("General", "Editor", "Window")[number % 3], f"Setting {number}") for number in range(24)]
    laws = {prefs: Law(prefs, "opens", opens="dialog:p", signals=("window",))}
    for number, (window, path, name) in enumerate(places):
        key = f"{window}|{path}|checkbox|{name}"
        controls[key] = Control(key, "checkbox", name, window, (path,), checkable=True)
        setting = {f"gsettings:/org/example/{name.lower().replace(' ', '-')}": {"on": "true", "off": "false"}}
        laws[key] = Law(key, "toggle", setting, signals=("state", "setting"), trials=4, delayed=number % 9 == 0)
        if number % 11 == 7:
            laws[key] = Law(key, "unknown", why="acting on it does not tick it")
        if number % 17 == 5:
            laws[key] = Law(key, "command", signals=("text",), becomes="upper")
    windows = {MAIN: Window(MAIN, "Untitled 1 - Editor"), "dialog:p": Window("dialog:p", "Preferences", MAIN, prefs)}
    return Map("editor", windows, controls, laws)


def skill(number: int) -> Skill:
    """Every seventh is shaky, and the last two were never tried."""
    name, shaky = WORDS[number], number % 7 == 3
    goal, key = f"turn on {name}", f"setting:gsettings:/org/example/{name.lower().replace(' ', '-')}"
    rest: tuple[core.Outcome, ...] = ("fail", "unknown", "unknown", "unknown") if shaky else ("pass",) * 4
    outcomes: tuple[core.Outcome, ...] = ("pass", *rest[: number % 3 + 2])
    killed = 1 if number == 5 else 2
    proofs = tuple(Proof(n, goal, it, "run", 0.31 + 0.07 * number, 2, "", 2, killed) for n, it in enumerate(outcomes))
    known = number < 28
    status: Literal["candidate", "proven"] = "proven" if known and not shaky else "candidate"
    kind = ("toggle", "option", "number")[number % 3]
    return Skill(f"s-{number}", "editor", name, kind, f"a:{number}", goal, (key,), proofs if known else (), status)


def rounds() -> Iterator[Round]:
    yield Round(1, 120.0, "explore", "", "find out what it can do", "pass", "", 120.0, 210, 0, 40, 31)
    whys = {5: "Setting {} is 'on' and should be 'off'", 40: "the display went away"}
    for number in range(2, 62):
        why = whys.get(40 if number == 40 else number % 13, "").format(number)
        outcome: core.Outcome = "unknown" if number == 40 else "fail" if why else "pass"
        at, goal, effects = 120 + 7.1 * number, f"turn on {WORDS[number % 30]}", 31 + number // 4
        proven, controls = min(24, number // 2), 40 + number // 4
        yield Round(number, at, "attempt", f"s-{number % 30}", goal, outcome, why, 4.2, 3, proven, controls, effects)


def element(name: str, role: str, box: Box | None, parent: int = 0) -> Element:
    return Element(name, role, name, None, frozenset({"showing"}), box, parent)


def picture_of(sha: str) -> bytes:
    """A small editor's window on an empty desktop; the menu is open in the second picture."""
    image = Image.new("RGB", SCREEN, "#3b5b70")
    draw = ImageDraw.Draw(image)
    draw.rectangle((300, 150, 860, 560), fill="#f6f5f4", outline="#555555")
    draw.text((312, 158), "Untitled 1 - Editor\n\nFile        Edit        View        Document", "#222222")
    draw.rectangle((301, 204, 859, 559), fill="#ffffff")
    draw.text((312, 212), "\n\n".join(["the quick brown fox jumps over the lazy dog"] * 8), "#333333")
    if sha == "b" * 40:
        draw.rectangle((426, 204, 640, 330), fill="#fbfbfb", outline="#888888")
        draw.text((450, 214), "Word Wrap\n\nLine Numbers\n\nStatus Bar", fill="#222222")
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def look(sha: str, *more: Element) -> Observation:
    window = element("Untitled 1 - Editor", "window", Box(300, 150, 560, 410), -1)
    return Observation(Place("editor", "Untitled 1 - Editor"), (window, *more), Frame(sha, *SCREEN))


def film() -> Run:
    view = element("View", "menu", Box(424, 182, 50, 20))
    wrap = element("Word Wrap", "menuitemcheckbox", Box(427, 206, 212, 26))
    text = element("", "textbox", Box(301, 204, 558, 355))
    steps = (
        Step(look("a" * 40, view), Click(view, why="leads to Word Wrap"), Effect("confirmed"), 0.2),
        Step(look("b" * 40, wrap), Invoke(wrap, why="it shall be on"), Effect("confirmed", "it is ticked now")),
        Step(look("c" * 40, text), Fill(text, "a <b>bold</b> word", why="asked for"), Effect("unverified"), 0.1),
    )
    return Run("run-1", Task("t", "turn on Word Wrap"), steps, look("d" * 40), "finished", "it is on", 0.9)


def story() -> Story:
    return Story("editor", 1_790_000_000.0, 600.0, known_map(), tuple(map(skill, range(30))), tuple(rounds()), film())


EMPTY = Story("editor", 0.0, 0.0, Map("editor"), (), (), None)


class Read(HTMLParser):
    """A page as a reader gets it: its tags with attributes, its text, and what is not closed as it was opened."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.open: list[str] = []
        self.wrong: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.wrong.append(f"</{tag}> at {self.getpos()}")

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.texts.append(data)

    @property
    def text(self) -> str:
        return " ".join(self.texts)

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


@pytest.fixture(scope="module")
def whole() -> str:
    return page(story(), picture_of)


def test_the_page_tells_the_story_in_words_and_figures(whole: str) -> None:
    read = Read(whole)
    assert "24 skills proven of 28 tried in 10 minutes, without a model." in read.text
    assert "217 of 222 wrong end states" in read.text
    assert all(name in read.text for name in WORDS)
    assert "acting on it does not tick it" in read.text
    assert "fail: Setting … is … and should be …" in read.text
    assert "Preferences" in read.text
    assert "opened by Edit › Preferences" in read.text
    unproven = ["candidate" in row for row in re.findall(r'<th scope="row".*?</th>', whole, re.S)]
    assert unproven == [False] * 24 + [True] * 6


def test_the_page_is_well_formed_and_needs_nothing_else(whole: str) -> None:
    read = Read(whole)
    assert not read.wrong
    assert not read.open
    assert not read.all("script")
    assert not read.all("link")
    assert not re.search(r"https?:|url\(|@import", whole)
    links = [attributes[key] or "" for _, attributes in read.tags for key in ("src", "href") if key in attributes]
    assert all(link.startswith(("#", "data:image/webp;base64,")) for link in links)
    assert len(whole.encode()) < 2_000_000


def test_the_page_can_be_used_without_eyes_or_a_mouse(whole: str) -> None:
    read = Read(whole)
    assert read.all("html")[0]["lang"] == "en"
    assert any(meta.get("name") == "viewport" for meta in read.all("meta"))
    assert all(image["alt"] for image in read.all("img"))
    levels = [int(tag[1]) for tag, _ in read.tags if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert all(attributes["aria-label"] for attributes in (a for _, a in read.tags) if attributes.get("role") == "img")
    assert all("tabindex" in box for box in read.all("div") if box.get("role") == "region")
    names = [attributes["id"] for _, attributes in read.tags if "id" in attributes]
    assert len(names) == len(set(names))
    wanted = [str(link["href"])[1:] for link in read.all("a")]
    wanted += [str(a["aria-labelledby"]) for _, a in read.tags if "aria-labelledby" in a]
    assert set(wanted) <= set(names)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_from_its_paper(whole: str, scheme: str) -> None:
    blocks = re.findall(r":root \{(.*?)\}", whole, re.S)
    colours = dict(re.findall(r"--([\w-]+): (#\w{6});", blocks[scheme == "dark"]))

    def light(colour: str) -> float:
        parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    paper = light(colours["paper"])
    for name in ("ink", "soft", "accent", "good", "bad", "unsure"):
        dark, bright = sorted((light(colours[name]), paper))
        assert (bright + 0.05) / (dark + 0.05) >= 4.5, name


def called(name: str) -> Story:
    """A story in which every text is `name`."""
    control = Control(name, "button", name, name, (name,), name)
    button = Element(name, "button", name, name, frozenset({"focused"}), Box(310, 160, 40, 20), 0)
    steps = (Step(look("a" * 40, button), Click(button, why=name), Effect("refused", name)),)
    law = Law(name, "unknown", {name: {}}, why=name)
    proof = Proof(0, name, "fail", name, 0.1, 1, name)
    found = (Skill(name, name, name, name, name, name, (name,), (proof,)),)
    line = Round(1, 1.0, "attempt", name, name, "fail", name, 1.0, 1, 0, 1, 1)
    known = Map(name, {name: Window(name, name, name, name)}, {name: control}, {name: law})
    return Story(name, 1.0, 60.0, known, found, (line,), Run(name, Task(name, name), steps, None, "refused", name))


def test_what_apps_call_things_never_becomes_markup() -> None:
    html = page(called(HOSTILE), picture_of)
    read, plain = Read(html), Read(page(called("n"), picture_of))
    assert [(tag, set(attributes)) for tag, attributes in read.tags] == [(tag, set(a)) for tag, a in plain.tags]
    assert not read.wrong
    assert "<script>alert(1)</script>" in read.text
    assert "$app ${style}" in read.text
    assert not set("\x00\u202e\ud800") & set(html)
    assert len(part("empty", say="x" * 100_000)) < 500


@pytest.mark.parametrize(
    "thin",
    [EMPTY, replace(EMPTY, seconds=5.0, skills=(skill(29),)), replace(story(), film=None), replace(story(), rounds=()),
     replace(story(), skills=()), replace(story(), known=Map("editor"))],
    ids=["nothing", "an untried skill", "no film", "no rounds", "no skills", "no map"],
)  # fmt: skip
def test_what_is_missing_is_said_and_breaks_nothing(thin: Story) -> None:
    html = page(thin, picture_of)
    read = Read(html)
    assert not read.wrong
    assert not read.open
    assert str(math.nan) not in read.text.split()
    assert ("No run is on record to show." in read.text) == (thin.film is None)
    assert ("No round is on record" in read.text) == (not thin.rounds)
    assert ("No skill was found yet" in read.text) == (not thin.skills)
    assert ("Nothing is known of it yet." in read.text) == (not thin.known.controls)


@pytest.mark.parametrize(
    ("seconds", "told"),
    [(1, "1 second"), (59.4, "59 seconds"), (92, "1 min 32 s"), (119.6, "2 minutes"), (3725, "1 h 2 min")],
)
def test_how_long_it_took_is_told_to_the_second_where_that_matters(seconds: float, told: str) -> None:
    assert f"tried in {told}, without a model." in Read(page(replace(EMPTY, seconds=seconds), picture_of)).text


def test_the_figures_count_what_the_headline_counts(whole: str) -> None:
    assert "24<small> of 28</small>" in whole
    assert "2 not tried" in Read(whole).text


def test_where_it_was_practised_and_why_there_is_no_skill_are_said() -> None:
    told = replace(EMPTY, place="a virtual machine of the image 3f2a", barren="editor shows nothing")
    read = Read(page(told, picture_of))
    assert ", in a virtual machine of the image 3f2a, without a model." in read.text
    assert "There is no skill: editor shows nothing." in read.text
    assert "longer practice" not in read.text


def test_an_outline_is_promised_only_where_there_is_one(whole: str) -> None:
    run = film()
    hidden = [replace(step, action=Invoke(element("Word Wrap", "menuitem", None))) for step in run.steps]
    without = page(replace(story(), film=replace(run, steps=tuple(hidden))), picture_of)
    assert ["is outlined" in Read(each).text for each in (whole, without)] == [True, False]


def test_the_outline_is_laid_over_the_picture_where_the_target_is(whole: str) -> None:
    shots = re.findall(r'<div class="shot">.*?</div>', whole, re.S)
    assert len(shots) == 4
    area = (300 - 16, 150 - 16, 560 + 32, 410 + 32)
    assert f'viewBox="0 0 {area[2]} {area[3]}"' in shots[0]
    assert f'<rect x="{424 - area[0]}" y="{182 - area[1]}" width="50" height="20"' in shots[0]
    (image,) = Read(shots[0]).all("img")
    assert image["width"] == str(area[2])
    assert image["height"] == str(area[3])
    assert "<rect" not in shots[3]


def test_a_wide_screen_is_scaled_down() -> None:
    window = element("Browser", "window", Box(0, 0, *SCREEN), -1)
    seen = Observation(Place("b"), (window,), Frame("a" * 40, *SCREEN))
    steps = (Step(seen, Click(Point(640, 400)), Effect("confirmed")),)
    html = page(replace(EMPTY, film=Run("r", Task("t", "g"), steps)), picture_of)
    (image,) = Read(html).all("img")
    assert (image["width"], image["height"]) == ("880", "550")
    assert '<rect x="630" y="390" width="20" height="20"' in html


def test_a_long_run_of_busy_screens_stays_small() -> None:
    def noise(sha: str) -> bytes:
        out = io.BytesIO()
        Image.effect_noise((640, 400), 90).save(out, "PNG")
        return out.getvalue()

    seen = Observation(Place("b"), (), Frame("a" * 40, 640, 400))
    steps = tuple(Step(seen, Click(Point(1, 1)), Effect("confirmed")) for _ in range(40))
    html = page(replace(story(), film=Run("r", Task("t", "g"), steps)), noise)
    assert len(html.encode()) < 2_000_000
    assert "40 steps" in html
    assert "the first 24 are shown" in html


@pytest.mark.parametrize("bad", [RecordError("lost"), b"no picture"], ids=["lost", "damaged"])
def test_a_picture_that_is_lost_or_damaged_leaves_a_note(bad: RecordError | bytes) -> None:
    def get(sha: str) -> bytes:
        if isinstance(bad, RecordError):
            raise bad
        return bad

    html = page(story(), get)
    assert html.count("The picture is not on record, or damaged.") == 4
    assert not Read(html).wrong


def test_every_kind_of_act_and_law_has_its_words() -> None:
    button = element("Save", "button", None)
    values = {"target": button, "start": button, "end": Point(3, 4), "text": "hello", "keys": "ctrl+s", "what": "file"}
    values |= {"question": "which?", "claim": "done"}
    wanted = {"Drag": "the point 3, 4", "Type": "hello", "Press": "ctrl+s", "Ask": "which?", "Finish": "done"}
    for kind in get_args(core.Action):
        names = [name for name in kind.__match_args__ if name in values and not (kind is Click and name == "keys")]
        step = Step(look("a" * 40), kind(**{name: values[name] for name in names}), Effect("confirmed"))
        html = page(replace(EMPTY, film=Run("r", Task("t", "g"), (step,))), picture_of)
        assert wanted.get(kind.__name__, "") in Read(html).text
    for law in get_args(Kind):
        control = Control("k", "button", "Save", MAIN)
        known = Map("a", {}, {"k": control}, {"k": Law("k", law)})
        assert "Save" in Read(page(replace(EMPTY, known=known), picture_of)).text


def test_the_file_is_whole_or_not_there(tmp_path: Path) -> None:
    path = write(story(), picture_of, tmp_path / "report.html")
    assert path.read_text("utf-8") == page(story(), picture_of)
    assert list(tmp_path.iterdir()) == [path]


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "nowhere").touch()
    with pytest.raises(RecordError, match=r"nowhere.*another place"):
        write(EMPTY, picture_of, tmp_path / "nowhere" / "report.html")
    (tmp_path / "nowhere").unlink()
    (tmp_path / "report.html").mkdir()
    with pytest.raises(RecordError, match="another place"):
        write(EMPTY, picture_of, tmp_path / "report.html")
    assert [path.name for path in tmp_path.iterdir()] == ["report.html"]
