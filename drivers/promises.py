"""What every driver promises, as functions that find out. Tests run them, and so does `cua doctor`.

A promise is tried on a stage: a driver that shows a text box, a button and a password box that may be played with. The
promises type and click; they are never for a person's own windows. The last one closes the driver.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace

from cua.core import (
    Action,
    Ask,
    Click,
    Driver,
    Effect,
    Element,
    Fill,
    Finish,
    Frame,
    Invoke,
    Observation,
    Press,
    Type,
    Wait,
)
from cua.errors import CuaError, DriverError, TargetGone, TargetNotFound, UsageError

Find = Callable[[Observation], Element]

TEXT = "plain text 42"
UNICODE = "naïve ĉapelo 日本語 Привет 🙂 €"
SECRET = "zq-Secret-7714"
NO_KEY = "NoSuchKeyAnywhere"


class BrokenPromise(AssertionError):
    """A driver did not do what every driver must; says what was expected and what was found."""


class NoStage(CuaError):
    """The stage has not got what this promise needs, so it was not tried."""


@dataclass(frozen=True, slots=True)
class Stage:
    """A driver, and how to find on its screen what may be played with; None for what is not there."""

    driver: Driver
    textbox: Find | None = None
    button: Find | None = None
    password: Find | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one promise; `ok` is None if it could not be tried, and `detail` says why."""

    name: str
    ok: bool | None
    detail: str = ""


def named(role: str, name: str) -> Find:
    """Finds the one element with that role and name."""

    def find(seen: Observation) -> Element:
        found = [element for element in seen.elements if (element.role, element.name) == (role, name)]
        if len(found) != 1:
            raise TargetNotFound(
                f"{len(found)} elements are a {role} named {name!r} in {seen.place}; set the stage anew"
            )
        return found[0]

    return find


# ---------------------------------------------------------------------------------------------- seeing


def promise_parents_come_before_children(stage: Stage) -> None:
    """An element's parent is an earlier element, or -1."""
    for index, element in enumerate(_look(stage).elements):
        _demand(-1 <= element.parent < index, f"element {index} ({_called(element)}) has the parent {element.parent}")


def promise_refs_are_unique(stage: Stage) -> None:
    """No two elements of a look share a ref."""
    seen: dict[str, Element] = {}
    for element in _look(stage).elements:
        other = seen.setdefault(element.ref, element)
        _demand(other is element, f"{_called(other)} and {_called(element)} share the ref {element.ref!r}")


def promise_boxes_lie_inside_the_frame(stage: Stage) -> None:
    """An element that shows has a box with an area, inside the picture; one that does not has None."""
    look = _look(stage)
    frame = _frame(look)
    for element in look.elements:
        if (box := element.box) is not None:
            inside = (
                box.x >= 0 and box.y >= 0 and box.x + box.width <= frame.width and box.y + box.height <= frame.height
            )
            area = box.width > 0 and box.height > 0
            _demand(inside and area, f"{_called(element)} has {box}, the frame is {frame.width}x{frame.height}")


def promise_the_frame_is_named_by_its_pixels(stage: Stage) -> None:
    """The pixels are BGRX rows, and `sha` is a hash of them in hex (SHA-256, SHA-1 or BLAKE2b of any size)."""
    frame = _frame(_look(stage))
    pixels = frame.pixels or b""
    size = frame.width * frame.height * 4
    _demand(len(pixels) == size > 0, f"{size} bytes of pixels expected, {len(pixels)} found")
    hashes = {hashlib.sha256(pixels).hexdigest(), hashlib.sha1(pixels, usedforsecurity=False).hexdigest()}
    if 16 <= len(frame.sha) <= 128:
        hashes.add(hashlib.blake2b(pixels, digest_size=len(frame.sha) // 2).hexdigest())
    _demand(frame.sha in hashes, f"{frame.sha!r} is no hash of the pixels that came with it")


def promise_a_frame_comes_only_when_wanted(stage: Stage) -> None:
    """`observe(frame=False)` takes no picture and sees the same elements."""
    look = stage.driver.observe(frame=False)
    _demand(look.frame is None, "a frame came with observe(frame=False)")
    _same(_look(stage), look, "with and without a frame")


def promise_looking_changes_nothing(stage: Stage) -> None:
    """Two looks at a quiet screen see the same, and time does not run backwards."""
    before, after = _look(stage), _look(stage)
    _same(before, after, "in two looks at a quiet screen")
    _demand(before.time <= after.time, f"the second look is from {after.time}, before the first from {before.time}")


# ---------------------------------------------------------------------------------------------- acting


def promise_a_missing_element_is_never_acted_on(stage: Stage) -> None:
    """Acting on an element that is not there raises TargetGone, and nothing else is hit in its stead."""
    before = _look(stage)
    button = _find(stage.button, before, "button")
    gone = replace(button, ref="no-such-ref", name="No such element 7f3a", locators=(), description="")
    for action in (Click(gone), Invoke(gone), Fill(gone, TEXT)):
        _must_raise(stage, action, TargetGone)
        _same(before, _look(stage), f"before and after {type(action).__name__} on a missing element")


def promise_what_is_filled_in_is_there(stage: Stage) -> None:
    """After Fill the field holds exactly the text, whatever it held before."""
    for text in (TEXT, UNICODE, ""):
        _act(stage, Fill(_find(stage.textbox, _look(stage), "text box"), text))
        _holds(stage, text, "Fill")


def promise_typed_text_arrives_whole(stage: Stage) -> None:
    """Type delivers any Unicode, complete and in order, to where the focus is."""
    _act(stage, Fill(_find(stage.textbox, _look(stage), "text box"), ""))
    _act(stage, Click(_find(stage.textbox, _look(stage), "text box")))
    _act(stage, Type(UNICODE))
    _holds(stage, UNICODE, "Type")


def promise_an_unknown_key_is_a_usage_error(stage: Stage) -> None:
    """A key that no keyboard has is refused before anything is pressed."""
    before = _look(stage)
    for keys in (NO_KEY, f"ctrl+{NO_KEY}"):
        _must_raise(stage, Press(keys), UsageError)
    _same(before, _look(stage), "before and after unknown keys")


def promise_asking_and_finishing_are_not_for_drivers(stage: Stage) -> None:
    """Ask and Finish end a run; a driver refuses them."""
    for action in (Ask("Shall I?"), Finish("done")):
        _must_raise(stage, action, UsageError)


def promise_a_password_is_never_shown(stage: Stage) -> None:
    """What is filled into a password box is in no element, note or effect."""
    box = _find(stage.password, _look(stage), "password box")
    _demand("password" in box.states, f"{_called(box)} has not got the state password")
    effect = _act(stage, Fill(box, SECRET))
    look = _look(stage)
    _act(stage, Fill(_find(stage.password, look, "password box"), ""))
    _demand(SECRET not in repr(effect), "the effect tells the password")
    for element in look.elements:
        _demand(SECRET not in repr(element), f"{element.role} {element.ref} tells the password")
    _demand(SECRET not in look.note + repr(look.place), "the note or the place tells the password")


def promise_a_closed_driver_says_so(stage: Stage) -> None:
    """Closing twice is fine; acting or looking after that is a DriverError."""
    stage.driver.close()
    stage.driver.close()
    _must_raise(stage, Press("Escape"), DriverError)
    try:
        stage.driver.observe()
    except DriverError:
        return
    raise BrokenPromise("a closed driver still sees something")


PROMISES: tuple[Callable[[Stage], None], ...] = (
    promise_parents_come_before_children,
    promise_refs_are_unique,
    promise_boxes_lie_inside_the_frame,
    promise_the_frame_is_named_by_its_pixels,
    promise_a_frame_comes_only_when_wanted,
    promise_looking_changes_nothing,
    promise_a_missing_element_is_never_acted_on,
    promise_what_is_filled_in_is_there,
    promise_typed_text_arrives_whole,
    promise_an_unknown_key_is_a_usage_error,
    promise_asking_and_finishing_are_not_for_drivers,
    promise_a_password_is_never_shown,
    promise_a_closed_driver_says_so,
)


def check(stage: Stage) -> list[Result]:
    """Try every promise in order. The driver is closed afterwards."""
    return [_tried(promise, stage) for promise in PROMISES]


def _tried(promise: Callable[[Stage], None], stage: Stage) -> Result:
    name = promise.__name__.removeprefix("promise_").replace("_", " ")
    try:
        promise(stage)
    except NoStage as exc:
        return Result(name, None, str(exc))
    except BrokenPromise as exc:
        return Result(name, False, str(exc))
    except CuaError as exc:
        return Result(name, False, f"{type(exc).__name__}: {exc}")
    return Result(name, True)


# ---------------------------------------------------------------------------------------------- how it is found out


def _look(stage: Stage) -> Observation:
    stage.driver.act(Wait())
    return stage.driver.observe()


def _act(stage: Stage, action: Action) -> Effect:
    effect = stage.driver.act(action)
    refused = effect.kind == "refused"
    _demand(not refused, f"{type(action).__name__} on a ready element was refused: {effect.reason}")
    return effect


def _find(find: Find | None, look: Observation, what: str) -> Element:
    if find is None:
        raise NoStage(f"this stage has no {what}")
    return find(look)


def _frame(look: Observation) -> Frame:
    if look.frame is None:
        raise BrokenPromise("observe() came without a frame")
    return look.frame


def _holds(stage: Stage, text: str, how: str) -> None:
    value = _find(stage.textbox, _look(stage), "text box").value
    _demand((value or "") == text, f"after {how} the text box holds {value!r} instead of {text!r}")


def _must_raise(stage: Stage, action: Action, error: type[CuaError]) -> None:
    what = type(action).__name__
    try:
        effect = stage.driver.act(action)
    except error:
        return
    except CuaError as exc:
        raise BrokenPromise(f"{what}: {error.__name__} expected, {type(exc).__name__} raised: {exc}") from exc
    raise BrokenPromise(f"{what}: {error.__name__} expected, but it went through as {effect}")


def _same(before: Observation, after: Observation, when: str) -> None:
    """The same but for handles, time and picture (a cursor may blink)."""
    old, new = [_bare(element) for element in before.elements], [_bare(element) for element in after.elements]
    differing = [f"{a.role} {a.name!r}" for a, b in zip(old, new, strict=False) if a != b]
    _demand(len(old) == len(new), f"{len(old)} and {len(new)} elements {when}")
    _demand(not differing, f"{', '.join(differing[:3])} differ {when}")
    _demand(before.place == after.place, f"the place is {before.place} and {after.place} {when}")


def _bare(element: Element) -> Element:
    return replace(element, ref="", locators=())


def _called(element: Element) -> str:
    return f"{element.role} {element.name!r} ({element.ref})"


def _demand(holds: bool, broken: str) -> None:
    if not holds:
        raise BrokenPromise(broken)
