"""Whether the screen shows what must follow a step. Pure over observations; it waits for nothing.

What a step's own target must hold is looked for in the very element that was acted on, never in one called alike; that
a record is gone is told from the list that it stood in, never from its absence alone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import assert_never
from urllib.parse import urlsplit

from cua.core import Element, Observation
from cua.memory.workflows import Act, Expect, Mark, Workflow, filled, slots
from cua.policies.acts import fillable
from cua.policies.finding import Found, filled_mark, find, mark_of
from cua.policies.vanished import of_record, still_here
from cua.screen import called, label, stable, top_windows

_TITLED = frozenset({"document", "window"})  # their names are titles, and no text that they show
_PASSING = frozenset({"dialog", "alertdialog", "alert", "status", "log", "tooltip", "menu", "progressbar"})


def filled_expect(expect: Expect, values: Mapping[str, str]) -> Expect:
    """The expectation with every slot filled. What stands for a slot in a pattern of an address means itself."""
    plain = {name: _bare(value) for name, value in values.items()} if expect.kind == "at" else values
    return replace(expect, name=filled(expect.name, values), value=filled(expect.value, plain))


@dataclass(frozen=True, slots=True)
class Since:
    """A step that was done: its target's filled mark, the element found for it, the looks before the act with that of
    the act as the last, and those of its expectations that a record is gone; `coming` are the marks of later targets
    that it expects to show.
    """

    mark: Mark | None = None
    element: Element | None = None
    past: tuple[Observation, ...] = ()
    records: frozenset[Expect] = frozenset()
    coming: tuple[tuple[Expect, Mark], ...] = ()

    @classmethod
    def of(
        cls,
        act: Act,
        element: Element | None,
        past: tuple[Observation, ...],
        workflow: Workflow,
        values: Mapping[str, str],
    ) -> Since:
        """This step of the workflow, done with these values on this element."""
        marks = [each.target for each in workflow.acts() if each.target is not None]
        gone = frozenset(filled_expect(each, values) for each in act.expect if of_record(each, marks))
        own = filled_mark(act.target, values) if act.target is not None and element is not None else None
        return cls(own, element, past, gone, _coming(act, workflow, values))

    def holds(self, expect: Expect, now: Observation) -> bool:
        """Whether it holds on this screen, which came after the act."""
        if expect in self.records:
            return not still_here(expect, self.past, now)
        if not is_own(expect, self.mark) or self.element is None:
            marks = [mark for each, mark in self.coming if each == expect]
            return met(expect, now) or any(isinstance(find(mark, now), Found) for mark in marks)
        there = self._again(now)
        if there is None:
            return False
        return _holds(expect, there, now) if expect.kind == "holds" else expect.value == _checked(there)

    def why(self, expect: Expect, now: Observation) -> str:
        """What is known of why it does not hold, in brackets; "" if nothing is."""
        reason = still_here(expect, self.past, now) if expect in self.records else ""
        return f" ({reason})" if reason else ""

    def never_shown(self, expect: Expect) -> bool:
        """Whether what is gone was on no look before the act, so that this says nothing of it."""
        passing = expect.kind != "gone" or expect.role in _PASSING or expect in self.records
        return not passing and not any(_shows(e, look) for look in self.past for e in _named(expect, look))

    def _again(self, now: Observation) -> Element | None:
        """The element that was acted on, on another look: the same handle and name, else what its evidence means."""
        own = self.element
        assert own is not None
        same = (own.ref, own.role, own.name)
        there = next((e for e in now.elements if (e.ref, e.role, e.name) == same), None)
        if there is not None:
            return there
        found = find(mark_of(own, self.past[-1]), now)
        return found.element if isinstance(found, Found) else None


def _coming(act: Act, workflow: Workflow, values: Mapping[str, str]) -> tuple[tuple[Expect, Mark], ...]:
    """What a step that can be taken back expects to show, and a later one acts on: known by more than its name."""
    if act.risk == "irreversible" or not any(each.kind == "shows" and each.name for each in act.expect):
        return ()
    acts = list(workflow.acts())
    if act not in acts:
        return ()
    later = [each.target for each in acts[acts.index(act) + 1 :] if each.target is not None]
    return tuple(
        (filled_expect(expect, values), filled_mark(mark, values))
        for expect in act.expect
        for mark in later
        if expect.kind == "shows" and expect.role == mark.role and expect.name and fillable(mark, values)
        if label(expect.name) == label(mark.name)
    )


def is_own(expect: Expect, mark: Mark | None) -> bool:
    """Whether an expectation is about the state of the step's own target. Both are filled."""
    if mark is None or expect.kind not in ("holds", "checked") or expect.role not in ("", mark.role):
        return False
    return bool(expect.name) and label(expect.name) == label(mark.name)


def as_called(expects: Sequence[Expect], marks: Sequence[Mark], found: Sequence[Found]) -> list[Expect]:
    """The expectations about the step's own target by what it is called here; the others as they are."""
    if len(marks) != 1 or len(found) != 1:
        return list(expects)
    own = found[0].element
    return [replace(e, role=own.role, name=own.name) if is_own(e, marks[0]) else e for e in expects]


def unmet(expects: Iterable[Expect], now: Observation, since: Since | None = None) -> tuple[Expect, ...]:
    """Those that do not hold on this screen; with `since`, as what followed that step."""
    step = since or Since()
    return tuple(expect for expect in expects if not step.holds(expect, now))


def page(now: Observation) -> str:
    """What makes two looks those of one page or window: the path of its address, or its title."""
    return urlsplit(now.place.url).path or now.place.window


def shown_before(raw: Expect, expect: Expect, past: Mapping[str, Observation], now: Observation) -> bool:
    """Whether a value that had to show, as written and as filled, proves nothing: it is empty, or when this page was
    seen last before the act it showed as often.
    """
    if expect.kind != "shows" or not slots(raw.name):
        return False
    then = past.get(page(now))
    return not expect.name.strip() or (then is not None and 0 < _times(expect, now) <= _times(expect, then))


def _times(expect: Expect, now: Observation) -> int:
    return sum(_shows(element, now) for element in _named(expect, now))


def met(expect: Expect, now: Observation) -> bool:
    """Whether it holds on this screen."""
    match expect.kind:
        case "shows":
            return any(_shows(e, now) for e in _named(expect, now))
        case "gone":
            return not now.partial and not any(_shows(e, now) for e in _named(expect, now))
        case "holds":
            return any(_holds(expect, e, now) for e in _named(expect, now))
        case "checked":
            return any(_checked(e) == expect.value for e in _named(expect, now))
        case "at":
            parts = urlsplit(now.place.url)
            found = parts.path + (f"?{parts.query}" if parts.query else "")
            return fnmatchcase(found, expect.value)
        case "window":
            return _titled(expect, now)
        case "closed":
            return not now.partial and not _titled(expect, now)
        case _:
            assert_never(expect.kind)


def _named(expect: Expect, now: Observation) -> list[Element]:
    if expect.part and expect.kind in ("shows", "gone"):
        return _saying(expect, now)
    wanted = label(expect.name)
    return [
        e for e in now.elements if expect.role in ("", e.role) and (not wanted or wanted in (label(e.name), called(e)))
    ]


def _saying(expect: Expect, now: Observation) -> list[Element]:
    """What says this text among others: by its own name, else, as a list says its items, by the texts inside it
    together. Figures are not put together: "1" beside "2" is no "12".
    """
    wanted = " ".join(expect.name.split())
    mine = [(at, e) for at, e in enumerate(now.elements) if expect.role in ("", e.role)]
    own = [e for _, e in mine if e.role not in _TITLED or expect.role]
    found = [e for e in own if wanted in " ".join(e.name.split()) or wanted in called(e)]
    if found:
        return found
    texts = _texts(now)
    squeezed = "".join(wanted.split()) if any(map(str.isalpha, wanted)) else None
    return [e for at, e in mine if wanted in texts[at] or (squeezed and squeezed in texts[at].replace(" ", ""))]


def _texts(now: Observation) -> list[str]:
    """What each element says with what is inside it: a name that holds the texts inside already is said once."""
    inside: dict[int, list[str]] = defaultdict(list)
    texts = [""] * len(now.elements)
    for at in range(len(now.elements) - 1, -1, -1):
        element = now.elements[at]
        name, inner = "" if element.role in _TITLED else element.name, " ".join(reversed(inside[at]))
        name = " ".join(name.split())
        whole = all(text in name for text in inside[at])
        texts[at] = name if whole else f"{name} {inner}".strip()
        if texts[at]:
            inside[element.parent].append(texts[at])
    return texts


def _holds(expect: Expect, element: Element, now: Observation) -> bool:
    held = _values(element, now)
    return any(expect.value in each for each in held) if expect.part else expect.value in held


def _shows(element: Element, now: Observation) -> bool:
    """On a page whatever is rendered counts, also further down; elsewhere what the toolkit says that it shows."""
    return bool(now.place.url) or "showing" in element.states


def _values(element: Element, now: Observation) -> set[str]:
    """What it holds: a list the label of its selected option, and what that stands for."""
    held = {element.value if element.value is not None else element.name}
    if element.role == "combobox":
        chosen = (e for e in now.elements if e.role == "option" and "selected" in e.states)
        inside = (e for e in chosen if element in now.ancestors(e))
        held |= {at.value for e in inside for at in e.locators if at.kind == "value"}
    return held


def _checked(element: Element) -> str:
    if "checkable" not in element.states:
        return ""
    return "on" if "checked" in element.states else "off"


def _titled(expect: Expect, now: Observation) -> bool:
    title = expect.name or expect.value
    titles = [now.place.window, *(e.name for e in top_windows(now)), *(e.name for e in now.elements if e.role == "tab")]
    if expect.part:
        return any(" ".join(title.split()) in " ".join(found.split()) for found in titles)
    return any(title == found or (stable(title) and stable(title) == stable(found)) for found in titles)


def _bare(text: str) -> str:
    return "".join(f"[{letter}]" if letter in "*?[" else letter for letter in text)
