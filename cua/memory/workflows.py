"""Workflows: what was shown once, as steps that can be done again with other values. Pure data.

A workflow holds no screen, no picture and no secret: what it must find again is a Mark, what it must see afterwards an
Expect, what the world must show an effect (one of the checks). `${name}` in any text stands for a parameter,
`${rows.column}` for a column of the row that an Each is at, `$${` for just `${`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from cua.checks import Requirement
from cua.core import Locator
from cua.errors import UsageError

FORMAT = 1
Risk = Literal["read", "reversible", "irreversible"]
Proof = Literal["none", "screen", "independent", "world"]
ANY_RECORD = "record"  # the role in an expectation that a record just does not show as it was, wherever it may be
_SLOT = re.compile(r"\$\$\{|\$\{([A-Za-z_][\w-]*(?:\.[\w -]+)?)\}")


@dataclass(frozen=True, slots=True)
class Param:
    """A value that a replay is given. `kind` "secret" is a reference (keyring or environment), its text is in no file;
    "rows" is the path of a CSV file with a header. A parameter without `default` must be given.
    """

    name: str
    kind: Literal["text", "number", "secret", "rows"] = "text"
    default: str | None = None
    label: str = ""


@dataclass(frozen=True, slots=True)
class Mark:
    """What is known of a target: the ways to find it (`locators`, best first) and the evidence that it is the one.

    `window` is the window's key on a desktop, "" on the web; `path` are labels of what is around it (menus, groups,
    sections), outermost first; `row` the other texts of the row or list item that it stands in; `near` the texts just
    before and after it; `box` is x, y, width, height in thousandths of the screen; it was number `nth` (from 0) of `of`
    with the same role and name. `says` are further attributes that help to tell it from others, by name.
    """

    role: str
    name: str = ""
    locators: tuple[Locator, ...] = ()
    window: str = ""
    path: tuple[str, ...] = ()
    row: tuple[str, ...] = ()
    near: tuple[str, ...] = ()
    box: tuple[int, int, int, int] | None = None
    nth: int = 0
    of: int = 1
    says: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Expect:
    """What the screen must show after a step, within `seconds`.

    shows, gone: an element of this role and name; holds: its value; checked: "on" or "off"; at: the url's path and
    query as a pattern (fnmatch); window: a window of this title is open, closed: none is. With `part` the text (of
    holds the value, of all others the name or title) is contained in what is there, not all of it. With `row` that
    element stands in the one row that holds these texts, the first of them always. record: one row, list item or block
    says all of the texts in `row`; `role` is what it then was. gone of the role "record":
    the record that was looked up and acted in does not show as it was.
    """

    kind: Literal["shows", "gone", "holds", "checked", "at", "window", "closed", "record"]
    role: str = ""
    name: str = ""
    value: str = ""
    seconds: float = 5.0
    part: bool = False
    row: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Act:
    """One step. `do` says which action, `text` is what is filled in, typed, pressed (keys) or opened (url, app).

    `doubt` says why it is not known what the step acts on: nothing replays a workflow with such a step in it.
    """

    id: str
    do: Literal["click", "fill", "type", "press", "scroll", "drag", "open", "wait"]
    target: Mark | None = None
    to: Mark | None = None
    text: str = ""
    button: Literal["left", "middle", "right"] = "left"
    count: int = 1
    keys: tuple[str, ...] = ()
    scroll: tuple[int, int] = (0, 0)
    risk: Risk = "reversible"
    expect: tuple[Expect, ...] = ()
    say: str = ""
    doubt: str = ""


@dataclass(frozen=True, slots=True)
class Each:
    """The steps inside once for every row of the parameter `over`, of kind "rows"."""

    id: str
    over: str
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class IfPresent:
    """The steps inside if the target shows when it is their turn, within `seconds`; else nothing."""

    id: str
    target: Mark
    steps: tuple[Step, ...]
    seconds: float = 1.0


Step = Act | Each | IfPresent


@dataclass(frozen=True, slots=True)
class Workflow:
    """`on` is the target it was shown on: "web", "desktop" or an app; `start` the url or window that it begins at;
    `origins` where it may act (scheme, host and port; apps on a desktop). `effects` are read from the world afterwards,
    `allowed` says what else may change (patterns of keys of changes). `version` counts up; `healed` says what of the
    version before was mended, in words. `screen` is the size it was shown on, in pixels.
    """

    name: str
    on: str
    steps: tuple[Step, ...]
    goal: str = ""
    start: str = ""
    origins: tuple[str, ...] = ()
    params: tuple[Param, ...] = ()
    effects: tuple[Requirement, ...] = ()
    allowed: tuple[str, ...] = ()
    screen: tuple[int, int] = (0, 0)
    source: Literal["person", "run", "import"] = "person"
    version: int = 1
    healed: tuple[str, ...] = ()
    format: int = FORMAT

    def acts(self) -> Iterator[Act]:
        """Every act in it, in the order of the file."""
        yield from _acts(self.steps)

    def given(self, values: Mapping[str, str]) -> dict[str, str]:
        """These values with the defaults of the rest.

        Raises UsageError for one that is unknown, missing or no number.
        """
        known = {param.name: param for param in self.params}
        unknown = sorted(values.keys() - known.keys())
        if unknown:
            raise UsageError(f"{self.name} has no parameter {unknown[0]!r}; it has: {', '.join(known) or 'none'}")
        found = {name: values.get(name, param.default) for name, param in known.items()}
        for name, value in found.items():
            if value is None:
                raise UsageError(f"{self.name} needs a value for {name!r}; give it with --param {name}=VALUE")
            if known[name].kind == "number" and not _is_number(value):
                raise UsageError(f"{self.name} needs a number for {name!r}, not {value!r}")
        return {name: value for name, value in found.items() if value is not None}


def filled(text: str, values: Mapping[str, str]) -> str:
    """The text with every slot filled. Raises UsageError for a slot that no value is for."""

    def one(found: re.Match[str]) -> str:
        if found[1] is None:
            return "${"
        if found[1] not in values:
            raise UsageError(f"{text!r} asks for ${{{found[1]}}}, and there is no such value")
        return values[found[1]]

    return _SLOT.sub(one, text)


def slots(text: str) -> tuple[str, ...]:
    """The names of the slots in a text."""
    return tuple(name for name in _SLOT.findall(text) if name)


def literal(text: str) -> str:
    """The text as a workflow writes it where it has no slots."""
    return text.replace("${", "$${")


def _acts(steps: tuple[Step, ...]) -> Iterator[Act]:
    for step in steps:
        if isinstance(step, Act):
            yield step
        else:
            yield from _acts(step.steps)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
