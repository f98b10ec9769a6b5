"""The nouns and the seams. Everything else speaks in these; this module imports nothing of ours.

All data is frozen; all choices are unions. Times are seconds, points and boxes are screen pixels (of the page, for the
web), with the origin at the top left.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol

Outcome = Literal["pass", "fail", "unknown", "refused"]

# stands before and after the name of a secret where its text would be; no keyboard types this character
SEAL = "\ue000"


# ---------------------------------------------------------------------------------------------- what is seen


@dataclass(frozen=True, slots=True)
class Box:
    x: int
    y: int
    width: int
    height: int

    @property
    def centre(self) -> Point:
        return Point(self.x + self.width // 2, self.y + self.height // 2)


@dataclass(frozen=True, slots=True)
class Point:
    x: int
    y: int


@dataclass(frozen=True, slots=True)
class Frame:
    """A picture of the screen, named by the hash of its pixels. `pixels` (BGRX rows, never changed) is there only
    while fresh."""

    sha: str
    width: int
    height: int
    scale: float = 1.0
    pixels: bytes | bytearray | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Place:
    """Where the screen is: which app, the title of the active window, and the url or activity where there is one."""

    app: str
    window: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Locator:
    """One way to find an element again, e.g. Locator("testid", "save") or Locator("role", "button:Save")."""

    kind: str
    value: str


@dataclass(frozen=True, slots=True)
class Element:
    """Something on the screen. Roles are ARIA's on every platform ("button", "menuitemcheckbox", "textbox", ...).

    `ref` is the driver's own handle, good only for the observation it came with. `parent` is the index of the parent in
    `Observation.elements` (-1 for a root). `states` are ARIA's without the prefix: checked, checkable, disabled,
    expanded, expandable, selected, selectable, focused, focusable, editable, modal, showing, required, multiline,
    password. `box` is None for what does not show. `description` is the tooltip or help text.
    """

    ref: str
    role: str
    name: str
    value: str | None = None
    states: frozenset[str] = frozenset()
    box: Box | None = None
    parent: int = -1
    locators: tuple[Locator, ...] = ()
    description: str = ""
    actions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Observation:
    """One look at the screen. Elements are in reading order, parents before children.

    `note` says in words what a reader of the elements must know: cut at the budget, no accessibility in this app, ...
    `partial` says that this time not all could be read: what is not among the elements may yet be there.
    """

    place: Place
    elements: tuple[Element, ...]
    frame: Frame | None = None
    time: float = 0.0
    note: str = ""
    partial: bool = False

    def ancestors(self, element: Element) -> tuple[Element, ...]:
        """The element's ancestors, nearest first."""
        found: list[Element] = []
        index = element.parent
        while index >= 0:
            found.append(self.elements[index])
            index = self.elements[index].parent
        return tuple(found)


# ---------------------------------------------------------------------------------------------- what is done

Target = Element | Point


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """What every action carries: the policy's reason, in words. It is no part of what is done."""

    why: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Click(Act):
    """A pointer click. `keys` are modifiers held meanwhile: "ctrl", "shift", "alt", "super"."""

    target: Target
    button: Literal["left", "middle", "right"] = "left"
    count: int = 1
    keys: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Invoke(Act):
    """The element's own default action through accessibility (or DOM click), without the pointer."""

    target: Element


@dataclass(frozen=True, slots=True)
class Fill(Act):
    """Make a field hold exactly `text`: a text box, spin button, slider, combo box or select (an option's label, or its
    value).
    """

    target: Element
    text: str


@dataclass(frozen=True, slots=True)
class Type(Act):
    """Type text where the keyboard focus is. Any Unicode; "\\n" is Return and "\\t" is Tab."""

    text: str


@dataclass(frozen=True, slots=True)
class Press(Act):
    """A key or chord, X keysym or common names joined by "+": "ctrl+shift+s", "Escape", "F5"."""

    keys: str


@dataclass(frozen=True, slots=True)
class Scroll(Act):
    """Scroll by notches: dy > 0 is down, dx > 0 is right."""

    target: Target
    dx: int = 0
    dy: int = 0


@dataclass(frozen=True, slots=True)
class Drag(Act):
    start: Target
    end: Target


@dataclass(frozen=True, slots=True)
class Move(Act):
    target: Target


@dataclass(frozen=True, slots=True)
class Open(Act):
    """Open a url, a file, or an app by its command line."""

    what: str


@dataclass(frozen=True, slots=True)
class Wait(Act):
    """Until the screen is quiet, for at most `seconds`."""

    seconds: float = 2.0


@dataclass(frozen=True, slots=True)
class Ask(Act):
    """Stop and ask the person. `choices` are what we would do for each answer, best first."""

    question: str
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Finish(Act):
    """The policy believes that it is done. A claim, not a verdict."""

    claim: str = ""


Action = Click | Invoke | Fill | Type | Press | Scroll | Drag | Move | Open | Wait | Ask | Finish


@dataclass(frozen=True, slots=True)
class Effect:
    """What the driver saw of its own act: confirmed, unverified, no_effect, or refused with the reason; `unfit`: the
    field does not take that text."""

    kind: Literal["confirmed", "unverified", "no_effect", "refused"]
    reason: str = ""
    unfit: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """The screen *before* the act, the act, and its effect. `seconds` is the act and the wait after it."""

    seen: Observation
    action: Action
    effect: Effect
    seconds: float = 0.0


# ---------------------------------------------------------------------------------------------- what is wanted


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a check found. holds is None when it could not be found out."""

    holds: bool | None
    saying: str


class Check(Protocol):
    """A thing the world must show. The closed set of them is in `checks.py`."""

    def test(self, world: World) -> Evidence: ...


@dataclass(frozen=True, slots=True)
class Budget:
    acts: int = 30
    seconds: float = 60.0


@dataclass(frozen=True, slots=True)
class Task:
    """A goal in words and what the world must show for it. `allowed` are patterns (fnmatch) of keys of `Changes` that
    may differ besides what the checks name."""

    id: str
    goal: str
    params: Mapping[str, str] = field(default_factory=dict)
    checks: tuple[Check, ...] = ()
    allowed: tuple[str, ...] = ()
    seed: int = 0
    budget: Budget = Budget()


Stopped = Literal["finished", "asked", "refused", "budget", "trouble", "interrupted"]


@dataclass(frozen=True, slots=True)
class Run:
    """What was done for a task. `last` is the look after the last act; `reason` says how it stopped."""

    id: str
    task: Task
    steps: tuple[Step, ...] = ()
    last: Observation | None = None
    stopped: Stopped = "interrupted"
    reason: str = ""
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Verdict:
    outcome: Outcome
    evidence: tuple[Evidence, ...] = ()
    side_effects: tuple[str, ...] = ()


# ---------------------------------------------------------------------------------------------- the world


@dataclass(frozen=True, slots=True)
class Change:
    """A value that differs from the start; None where it is absent."""

    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class Changes:
    """What differs from the start state.

    settings: "<file>#<key path>" or "gsettings:/path/key" to values as text. files: path under the home to "created",
    "modified" or "deleted" (settings files are not repeated here). windows: titles. clipboard: text or None. contents:
    path of such a file to a hash of what it holds now, where that is known.
    """

    settings: Mapping[str, Change] = field(default_factory=dict)
    files: Mapping[str, Literal["created", "modified", "deleted"]] = field(default_factory=dict)
    windows: Mapping[str, Literal["opened", "closed"]] = field(default_factory=dict)
    clipboard: Change | None = None
    contents: Mapping[str, str] = field(default_factory=dict)

    def keys(self) -> frozenset[str]:
        """One flat name for each thing that differs: "setting:…", "file:…", "window:…", "clipboard:"."""
        found = [f"setting:{key}" for key in self.settings]
        found += [f"file:{path}" for path in self.files]
        found += [f"window:{title}" for title in self.windows]
        return frozenset(found + (["clipboard:"] if self.clipboard else []))


@dataclass(frozen=True, slots=True)
class Completed:
    """A command that ran to its end, or was cut off at the limit (code 124)."""

    code: int
    out: str
    err: str


# ---------------------------------------------------------------------------------------------- the seams


class Driver(Protocol):
    """Eyes and hands on one target. Owned by one thread from birth to death."""

    def observe(self, *, frame: bool = True) -> Observation: ...

    def act(self, action: Action) -> Effect: ...

    def close(self) -> None: ...


class Policy(Protocol):
    """Who decides. Sees screens, never the world."""

    def decide(self, task: Task, steps: tuple[Step, ...], now: Observation) -> Action: ...


class World(Protocol):
    """What really is, for the judge; never given to a policy. Paths are the sandbox's own, "~" is its home.

    `setting` gives the value that holds now, a default too, and None where there is none.
    """

    def read(self, path: str) -> bytes: ...

    def exec(self, argv: tuple[str, ...], *, seconds: float = 30.0) -> Completed: ...

    def changes(self) -> Changes: ...

    def setting(self, key: str) -> str | None: ...

    def observe(self) -> Observation: ...


class Sandbox(Protocol):
    """A machine of its own that can be given back its start state.

    `restart` quits the app as a person would and starts it again over what it left behind.
    """

    @property
    def driver(self) -> Driver: ...

    @property
    def world(self) -> World: ...

    def reset(self) -> None: ...

    def restart(self) -> None: ...

    def snapshot(self, name: str) -> None: ...

    def clone(self) -> Sandbox: ...

    def close(self) -> None: ...
