"""What is saved loads as it was, for every noun and every action; what cannot be is refused in words."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from io import BytesIO
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from cua import codec, core
from cua.core import Box, Click, Element, Frame, Locator, Observation, Place, Point, Run, Step, Task
from cua.errors import RecordError


@dataclass(frozen=True, slots=True)
class Holds:
    """A check as a colleague might write one."""

    key: str
    value: str | int | None = None
    among: tuple[str, ...] | None = None
    limits: Mapping[str, float] = field(default_factory=dict)

    def test(self, world: core.World) -> core.Evidence:
        return core.Evidence(self.key in world.changes().settings, self.key)


codec.register(Holds)

anything = st.text(st.characters(), max_size=6)
number = st.integers(-(10**6), 10**6)
real = st.floats(allow_nan=False, allow_infinity=False)
boxes = st.builds(Box, number, number, number, number)
elements = st.builds(
    Element,
    ref=anything,
    role=anything,
    name=anything,
    value=st.none() | anything,
    states=st.frozensets(anything, max_size=3),
    box=st.none() | boxes,
    parent=st.integers(-1, 5),
    locators=st.lists(st.builds(Locator, anything, anything), max_size=2).map(tuple),
    description=anything,
    actions=st.lists(anything, max_size=2).map(tuple),
)
st.register_type_strategy(Element, elements)
st.register_type_strategy(Point, st.builds(Point, number, number))
st.register_type_strategy(float, real)
st.register_type_strategy(str, anything)
actions = st.one_of(*(st.builds(kind, why=anything) for kind in get_args(core.Action)))
frames = st.builds(Frame, anything, number, number, real, pixels=st.none() | st.binary(max_size=4))
looks = st.builds(
    Observation,
    st.builds(Place, anything, anything, anything),
    st.lists(elements, max_size=2).map(tuple),
    st.none() | frames,
    real,
    anything,
)
checks = st.builds(
    Holds,
    anything,
    st.none() | anything | number,
    st.none() | st.lists(anything, max_size=2).map(tuple),
    st.dictionaries(anything, real, max_size=2),
)
tasks = st.builds(
    Task,
    anything,
    anything,
    st.dictionaries(anything | st.just("@"), anything, max_size=2),
    st.lists(checks, max_size=2).map(tuple),
)
runs = st.builds(
    Run,
    anything,
    tasks,
    st.lists(st.builds(Step, looks, actions), max_size=2).map(tuple),
    st.none() | looks,
)


@pytest.mark.parametrize("kind", get_args(core.Action), ids=lambda kind: kind.__name__)
def test_every_action_loads_as_it_was_saved_with_its_reason(kind: type) -> None:
    @settings(max_examples=25)
    @given(st.builds(kind, why=anything))
    def loads(action: core.Act) -> None:
        loaded = codec.load(codec.save(action))
        assert (type(loaded), loaded, loaded.why) == (kind, action, action.why)

    loads()


@settings(max_examples=60)
@given(runs)
def test_a_run_loads_as_it_was_saved_through_text(run: Run) -> None:
    text = codec.dumps(run)
    assert codec.loads(text, Run) == run
    assert json.loads(text) == codec.save(run)
    assert text.isascii()


@settings(max_examples=40)
@given(
    st.one_of(
        st.builds(core.Verdict, side_effects=st.just(("a", "b"))),
        st.builds(core.Changes, settings=st.dictionaries(anything, st.builds(core.Change))),
        st.builds(core.Evidence),
        st.builds(core.Completed),
        checks,
    )
)
def test_what_is_no_run_loads_too(value: object) -> None:
    loaded = codec.load(codec.save(value), type(value))
    assert loaded == value
    assert type(loaded) is type(value)


def test_every_noun_of_the_core_is_known() -> None:
    nouns = [noun for noun in vars(core).values() if hasattr(noun, "__dataclass_fields__")]
    codec.register(*nouns)
    assert len(nouns) > 20


def test_pixels_are_never_saved() -> None:
    frame = Frame("ab" * 16, 1, 1, pixels=b"SECR")
    text = codec.dumps(frame)
    assert "pixels" not in text
    assert codec.loads(text, Frame).pixels is None


def test_equal_states_give_equal_text() -> None:
    one = Element("1", "button", "x", states=frozenset(["showing", "checked", "focused"]))
    two = Element("1", "button", "x", states=frozenset(["focused", "showing", "checked"]))
    assert codec.dumps(one) == codec.dumps(two)


@pytest.mark.parametrize(
    ("document", "saying"),
    [
        ({"@": "Bomb"}, "unknown here"),
        ({"@": ["Point"]}, "damaged"),
        ({"x": 1}, "damaged"),
        ({"@": "Point", "x": 1}, "damaged"),
        ({"@": "Point", "x": 1, "y": 2, "z": 3}, "damaged"),
        ({"@": "Box", "x": 1, "y": 2, "width": 3, "height": 4}, "a Box where a Point belongs"),
    ],
)
def test_a_strange_record_is_refused_in_words(document: object, saying: str) -> None:
    with pytest.raises(RecordError, match=saying):
        codec.load(document, Point)


def test_text_that_is_no_json_is_refused_in_words() -> None:
    with pytest.raises(RecordError, match="no JSON"):
        codec.loads('{"@": "Poi')


@pytest.mark.parametrize("value", [core.Wait(math.inf), core.Wait(math.nan)])
def test_infinite_numbers_are_refused_when_saved(value: object) -> None:
    with pytest.raises(RecordError, match="finite"):
        codec.dumps(value)


def test_an_unregistered_class_is_refused_when_saved() -> None:
    @dataclass(frozen=True)
    class Stranger:
        key: str

    with pytest.raises(RecordError, match=r"codec\.register"):
        codec.dumps(Task("t", "goal", params={"a": Stranger("x")}))  # type: ignore[dict-item]


@pytest.mark.parametrize("hint", ["bytes", "object", "list[int]", "Click | tuple[int, ...]", "dict[int, str]"])
def test_a_class_that_could_not_be_loaded_cannot_be_registered(hint: str) -> None:
    made = type("Odd", (), {"__annotations__": {"it": hint}, "__module__": __name__})
    with pytest.raises(TypeError, match=r"Odd\.it"):
        codec.register(dataclass(frozen=True)(made))


def test_two_classes_of_one_name_cannot_be_registered() -> None:
    with pytest.raises(TypeError, match="two classes are called Point"):
        codec.register(dataclass(frozen=True)(type("Point", (), {"__annotations__": {"x": "int"}})))


def test_a_screen_has_one_hash_however_it_is_reached() -> None:
    one = (Element("a", "button", "A"), Element("b", "button", "B", parent=0))
    two = (Element("a", "button", "A"), Element("b", "button", "B", value="new", parent=0))
    screens, fresh = codec.Screens(), codec.Screens()
    first = screens.sha(one)
    second = screens.sha(two)
    assert first != second == fresh.sha(two)
    assert codec.unpacked(screens.packed()) == two
    assert screens.sha(tuple(list(one))) == first


def test_a_picture_shows_the_pixels_in_their_colours() -> None:
    frame = Frame("ab" * 16, 2, 1, pixels=bytes([255, 0, 0, 0, 0, 0, 255, 0]))
    picture = Image.open(BytesIO(codec.as_png(codec.drawn(frame)[1])))
    assert (picture.size, picture.getpixel((0, 0)), picture.getpixel((1, 0))) == ((2, 1), (0, 0, 255), (255, 0, 0))


def test_a_picture_that_webp_cannot_hold_is_png_and_none_loses_a_pixel() -> None:
    for width, height, kind in ((300, 2, "webp"), (16384, 1, "png")):
        pixels = bytes(number * 7 % 251 for number in range(width * height * 4))
        ending, picture = codec.drawn(Frame("ab" * 16, width, height, pixels=pixels))
        assert ending == kind
        shown = Image.open(BytesIO(codec.as_png(picture))).tobytes("raw", "RGB")
        assert shown == b"".join(bytes(reversed(pixels[at : at + 3])) for at in range(0, len(pixels), 4))
    with pytest.raises(RecordError, match="damaged"):
        codec.as_png(b"RIFFxxxxWEBP")


def test_a_picture_without_its_pixels_is_refused() -> None:
    with pytest.raises(RecordError, match="8 bytes of BGRX expected, found 4"):
        codec.drawn(Frame("ab", 2, 1, pixels=b"1234"))


def test_a_click_on_an_element_is_not_one_on_a_point() -> None:
    saved = codec.save(Click(Element("1", "button", "x")))
    assert saved["target"]["@"] == "Element"
