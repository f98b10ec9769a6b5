"""Recordings of the browser's own recorder (a JSON user flow, as @puppeteer/replay describes it), read as moves.

Every step is taken over, told in a note, or refused with its number. Expressions in a recording are never run.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from cua.core import Locator
from cua.memory.workflows import Act, Expect, Mark
from cua.record import devtools_form, findable, selectors
from cua.record.codegen_acts import picked
from cua.record.intake import Intake
from cua.record.moves import with_role
from cua.record.playwright_locators import CannotTake
from cua.record.selectors import Said

Step = Mapping[str, Any]
_MODIFIERS = {"Control": "ctrl", "Shift": "shift", "Alt": "alt", "Meta": "super"}
_KEYS = {"Enter": "Return", " ": "space", "\r": "Return", "\n": "Return", "+": "plus"}
_BUTTONS = {"primary": "left", "auxiliary": "middle", "secondary": "right"}
_PAUSE = re.compile(r"\s*new Promise\(\s*\(?\w+\)?\s*=>\s*setTimeout\(")
_ARIA = re.compile(r'\[\s*(\w+)\s*=\s*"((?:[^"\\]|\\.)*)"\s*\]')
_TURNED = "whether the click sets or clears {}, the recording does not say; it is clicked, and its state is not checked"
_SAID = {
    "checkbox": _TURNED,
    "switch": _TURNED,
    "?": "what {} is, no selector says: the one thing of this name that can be clicked is taken; what comes of it is "
    "not checked, and its risk is told from its name and what was filled in before (cua workflows edit)",
}
_NOTCH = 100.0  # pixels a notch of the wheel


def looks_like(document: object) -> bool:
    """Whether a JSON document is a recording of this kind, be it damaged."""
    return isinstance(document, dict) and "steps" in document and "on" not in document


def title(document: Step) -> str:
    """What the recording is called; "" where it does not say."""
    said = document.get("title")
    return said.strip() if isinstance(said, str) else ""


def read(document: Step, intake: Intake) -> None:
    """Read all steps. Raises UsageError for a damaged step, with its field; other problems are the intake's."""
    steps = devtools_form.steps_of(document)
    reader = _Reader(intake)
    for number, step in enumerate(steps, 1):
        where = f"step {number} ({step['type']})"
        try:
            reader.step(step, where)
        except CannotTake as exc:
            intake.problem(where, str(exc))
    reader.end(len(steps))


class _Reader:
    def __init__(self, intake: Intake) -> None:
        self.intake = intake
        self._held: list[str] = []
        self._scrolled: dict[object, tuple[float, float]] = {}
        self._page = "main"
        self._address = ""
        self._offsets = False
        self._closing: list[str] = []

    def step(self, step: Step, where: str) -> None:
        """One step, by its type."""
        kind = step["type"]
        self._in_front(step)
        match kind:
            case "navigate":
                self._address = likely(step["url"])
                self.intake.open(where, step["url"])
                self._scrolled.clear()
                return
            case "setViewport":
                self.intake.screen = (int(step["width"]), int(step["height"]))
                if step.get("isMobile") or step.get("hasTouch"):
                    self.intake.note(where, "a phone was pretended; a replay uses a plain browser of this size")
            case "click" | "doubleClick":
                self._click(step, where)
            case "change":
                self._change(step, where)
            case "keyDown" | "keyUp":
                self._key(kind, step["key"], where)
            case "scroll":
                self._scroll(step, where)
            case "waitForElement":
                self._await(step, where)
            case "close":
                self._closing.append(where)
                return
            case _:
                self._rest(kind, step, where)
        self._follows(step, where)

    def end(self, number: int) -> None:
        """What is to be said at the end."""
        for where in self._closing:
            self.intake.note(where, "that the page is closed at the end is not taken over")
        if self._held:
            self.intake.problem(f"step {number}", f"{self._held[-1]} was never let go; add its keyUp")
        if self._offsets:
            self.intake.note("clicks", "they go to the middle of their targets; positions within are not taken over")

    def _rest(self, kind: str, step: Step, where: str) -> None:
        match kind:
            case "hover":
                self.intake.hover(where, target(step["selectors"]))
            case "emulateNetworkConditions":
                self.intake.note(where, "the speed of the network is not taken over")
            case "waitForExpression" if _PAUSE.match(step["expression"]):
                self.intake.note(where, "a pause is left out; replays wait for what must show")
            case "waitForExpression":
                raise CannotTake("an expression is never run; expect an element or an address instead (waitForElement)")
            case _:
                raise CannotTake(f"a step of the type {kind!r} cannot be said in a workflow")

    # ------------------------------------------------------------------------------------------ pages

    def _in_front(self, step: Step) -> None:
        """Steps go to the page in front: a new one may come, and the first only comes back when that is closed."""
        page = step.get("target", self._page if step["type"] == "setViewport" else "main")
        if self._closing and step["type"] != "close":
            if self._page not in (page, "main"):
                self.intake.add(self._closing[0], Act("", "press", text="ctrl+w"))
                self._closing.pop(0)
                self._page = page
            else:
                raise CannotTake("it comes after its page was closed")
        if page == self._page or step["type"] == "close":
            return
        if page == "main":
            raise CannotTake(
                f"it goes back to the first page from {self._page}; close that one before (a step of the type close), "
                "or, if that is a frame and no page, take `target` out of its steps"
            )
        self._page = page

    def _follows(self, step: Step, where: str) -> None:
        """An asserted navigation: the address, without what is likely to be another one each time."""
        for event in step.get("assertedEvents") or ():
            url = event.get("url", "")
            if event.get("type") == "navigation" and urlsplit(url).scheme in ("http", "https", "file"):
                seconds = _seconds(step)
                was, self._address = self._address, likely(url)
                if was == self._address:
                    self.intake.note(where, "that it ends at the address where it was proves nothing; it is left out")
                else:
                    self.intake.expect(where, Expect("at", value=self._address, seconds=max(5.0, seconds)))

    # ------------------------------------------------------------------------------------------ acts

    def _click(self, step: Step, where: str) -> None:
        if findable.is_page(target(step["selectors"])):
            self.intake.note(where, findable.PAGE)
            return
        mark = self._mark(step, where)
        button = _BUTTONS.get(step.get("button", "primary"))
        if button is None:
            raise CannotTake(f"the button {step['button']!r} cannot be said in a workflow")
        self._offsets = self._offsets or "offsetX" in step
        count = 2 if step["type"] == "doubleClick" else 1
        held = tuple(_MODIFIERS[key] for key in self._held)
        ticked = mark.role == "radio" and bool(mark.name) and (button, count, held) == ("left", 1, ())
        expect = (Expect("checked", mark.role, mark.name, "on"),) if ticked else ()
        act = Act("", "click", mark, button=button, count=count, keys=held, expect=expect)  # type: ignore[arg-type]
        self.intake.add(where, act)
        if mark.role in _SAID:
            self.intake.note(where, _SAID[mark.role].format(repr(mark.name)))

    def _change(self, step: Step, where: str) -> None:
        mark = self._mark(step, where, role="textbox")
        if mark.role in ("checkbox", "radio"):
            self.intake.note(where, "ticks are taken over from clicks; this is left out")
            return
        text = step["value"]
        if name := picked(text):
            self.intake.upload(where, Act("", "fill", replace(mark, role="button"), text=name))
        else:
            self.intake.add(where, Act("", "fill", mark, text=text), typed=bool(text))

    def _key(self, kind: str, key: str, where: str) -> None:
        key = re.sub(r"^(Control|Shift|Alt|Meta)(Left|Right)$", r"\1", key)
        if key in _MODIFIERS:
            if kind == "keyDown" and key not in self._held:
                self._held.append(key)
            elif kind == "keyUp" and key in self._held:
                self._held.remove(key)
        elif kind == "keyDown":
            name = _KEYS.get(key, re.sub(r"^(?:Key|Digit)(.)$", lambda hit: hit[1].lower(), key))
            shifted = len(name) == 1 and self._held == ["Shift"]
            held = [] if shifted else [_MODIFIERS[each] for each in self._held]
            self.intake.add(where, Act("", "press", text="+".join([*held, name])))

    def _scroll(self, step: Step, where: str) -> None:
        """Positions become distances, in notches of the wheel."""
        mark = target(step["selectors"]) if step.get("selectors") else None
        if mark and findable.fault(mark):
            self.intake.note(where, "what is scrolled is known by its place alone; the page is scrolled instead")
        mark = self._mark(step, where, role="group") if mark and not findable.fault(mark) else None
        place = mark.locators if mark else None
        x, y = float(step.get("x", 0)), float(step.get("y", 0))
        old = self._scrolled.get(place, (0.0, 0.0))
        self._scrolled[place] = (x, y)
        notches = (round((x - old[0]) / _NOTCH), round((y - old[1]) / _NOTCH))
        if notches == (0, 0):
            self.intake.note(where, "it scrolls by less than a notch of the wheel, and is left out")
        else:
            self.intake.add(where, Act("", "scroll", mark, scroll=notches))

    def _await(self, step: Step, where: str) -> None:
        mark = self._mark(step, where, role="?")
        if step.get("properties") or step.get("attributes"):
            raise CannotTake("properties and attributes of an element cannot be expected; expect its text or name")
        if not mark.name:
            raise CannotTake("what is waited for needs a name or a text (an aria/ or text/ selector)")
        operator, count = step.get("operator", ">="), step.get("count", 1)
        none = (count == 0 and operator in ("==", "<=")) or step.get("visible") is False
        if not none and (operator == "<=" or count > 1):
            self.intake.note(where, "how many there are is not counted; one that shows is enough")
        role = "" if mark.role == "?" else mark.role
        seconds = _seconds(step)
        part = not aria_named(step["selectors"])  # a text is looked for in longer ones too, a name is not
        self.intake.expect(where, Expect("gone" if none else "shows", role, mark.name, seconds=seconds, part=part))

    def _mark(self, step: Step, where: str, *, role: str = "") -> Mark:
        mark = target(step["selectors"])
        if step.get("frame"):
            mark = Mark(
                mark.role, mark.name, mark.locators, path=mark.path, says={**mark.says, "frames": str(step["frame"])}
            )
        if not mark.role:  # a name of the accessibility tree, whatever bears it; that of a text is found as a text
            named = mark.name and aria_named(step["selectors"])
            if named and role == "textbox":  # of which kind the field is, no selector says
                mark = replace(mark, role=role, locators=(*mark.locators, Locator("label", mark.name)))
            else:
                mark = with_role(mark, role or ("?" if named else ""))
        if said := findable.fault(mark):
            raise CannotTake(said)
        if said := findable.doubt(mark, ()):
            self.intake.doubts.setdefault(where, said)
        return mark


def target(alternatives: list[str | list[str]]) -> Mark:
    """What a step's selectors say together, each of the same element in its own way. Raises CannotTake if none does."""
    said = Said()
    path: tuple[str, ...] = ()
    for each in alternatives:
        parts = [each] if isinstance(each, str) else list(each)
        if not parts:
            continue
        around = tuple(_aria(part)[0] for part in parts[:-1] if part.startswith("aria/"))
        path = path or tuple(filter(None, around))
        _one(parts, said)
    if not said.locators and not said.name:
        raise CannotTake("its selectors say no element")
    return replace(said.mark(), path=path)


def aria_named(alternatives: list[str | list[str]]) -> bool:
    """Whether an aria selector names the target."""
    lasts = [each if isinstance(each, str) else each[-1] for each in alternatives if each]
    return any(last.startswith("aria/") and _aria(last)[0] for last in lasts)


def _one(parts: list[str], said: Said) -> None:
    last = parts[-1]
    kind, _, rest = last.partition("/")
    match kind:
        case "aria":
            name, role = _aria(last)
            said.name, said.role = said.name or name, said.role or role
        case "xpath":
            selectors.xpath(rest, said)
        case "text":
            said.put("text", rest)
        case "pierce":
            selectors.css(rest, said)
        case _ if len(parts) > 1 and not any(part.startswith(("aria/", "xpath/", "text/")) for part in parts):
            inner = Said(role=said.role, name=said.name)
            selectors.css(last, inner)
            said.role, said.name = said.role or inner.role, said.name or inner.name
            said.locators += [at for at in inner.locators if at.kind != "css" and at not in said.locators]
            said.locators.append(Locator("css", " >>> ".join(part.removeprefix("pierce/") for part in parts)))
        case _:
            selectors.css(last, said)


def _aria(selector: str) -> tuple[str, str]:
    """The name and the role that an aria selector says: `aria/Save[role="button"]`."""
    text = selector.removeprefix("aria/")
    known = {hit[1]: re.sub(r"\\(.)", r"\1", hit[2]) for hit in _ARIA.finditer(text)}
    return known.get("name", _ARIA.sub("", text).strip()), known.get("role", "")


def likely(url: str) -> str:
    """The path of an address as a pattern; numbers and long codes in it, and its query, may be others next time. One
    without a query has none the next time either: a pattern that any address fits would prove nothing.
    """
    path, query = urlsplit(url).path or "/", urlsplit(url).query
    parts = [re.sub(r"([*?\[])", r"[\1]", part) for part in path.split("/")]
    return "/".join("*" if re.fullmatch(r"\d{2,}|(?=.*\d)[\w-]{16,}", part) else part for part in parts) + (
        "[?]*" if query else ""
    )


def _seconds(step: Step) -> float:
    """How long a step waits: a workflow waits for an hour at most."""
    return min(max(float(step.get("timeout", 5000)) / 1000, 0.1), 3600.0)
