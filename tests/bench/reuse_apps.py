"""What a simulated app of the bench `reuse` is: screens, what acts do to them, and an oracle that knows the next act.

Each app is a state machine with branching screens, things that come in between, lists whose content changes, and
choices that depend on a word of the task without bearing its name. The oracle sees the state and the task, never the
memory.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random
from typing import ClassVar

from cua.core import Action, Box, Click, Effect, Element, Fill, Finish, Observation, Place

Values = dict[str, str]
Do = tuple[str, str, str]  # "click", role, name | "fill", name, text | "finish", "", ""
Item = tuple[str, str] | tuple[str, str, str]
DONE: Do = ("finish", "", "")


@dataclass
class State:
    """What an app holds: the page, what was chosen, and what a person could see happen (`done`)."""

    page: str
    popup: str = ""
    held: dict[str, str] = field(default_factory=dict)
    done: list[str] = field(default_factory=list)
    noise: Random = field(default_factory=Random)


@dataclass(frozen=True)
class Shape:
    """A kind of task: the goal with {fixed} and {free} variables; a free one is text that no two tasks share."""

    goal: str
    fixed: dict[str, tuple[str, ...]]
    free: tuple[str, ...] = ()
    name: str = ""


class App:
    """One app. Subclasses say what each page shows (`items`), what acts do (`click`, `fill`) and what is next."""

    name = "app"
    start = "home"
    shapes: tuple[Shape, ...] = ()
    popups: ClassVar[dict[str, tuple[str, str]]] = {}
    often = 0.15
    held_out = False

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.state = State(self.start, noise=Random(seed))
        self.begin(self.state)

    def begin(self, state: State) -> None: ...

    def items(self, state: State) -> list[Item]:
        raise NotImplementedError

    def rows(self, state: State) -> list[str]:
        return []

    def click(self, state: State, role: str, name: str) -> None:
        raise NotImplementedError

    def next(self, state: State, shape: str, v: Values) -> Do:
        raise NotImplementedError

    # what a driver owes

    def observe(self, *, frame: bool = True) -> Observation:
        """The page, or what came in between."""
        state = self.state
        title, items, rows = state.page, self.items(state), self.rows(state)
        if state.popup:
            title, items, rows = state.popup, [("button", name) for name in self.popups[state.popup]], []
        shown = frozenset({"showing"})
        top = Element("w", "window", f"{self.name} {title}", states=shown | {"active"}, box=Box(0, 0, 400, 800))
        made = [top, *(_element(f"i{at}", item, at) for at, item in enumerate(items))]
        if rows:
            made.append(Element("list", "list", "", states=shown, box=Box(0, 400, 400, 300), parent=0))
            holder = len(made) - 1
            made += [
                Element(f"r{at}", "option", name, None, shown | {"selectable"}, Box(0, 400 + 20 * at, 400, 18), holder)
                for at, name in enumerate(rows)
            ]
        return Observation(Place(self.name, title, f"app://{self.name}/{title.replace(' ', '-')}"), tuple(made))

    def act(self, action: Action) -> Effect:
        """Do it; now and then something comes in between."""
        state = self.state
        match action:
            case Click(target=Element(role=role, name=name)):
                if state.popup:
                    state.popup = ""
                    return Effect("confirmed")
                page = state.page
                self.click(state, role, name)
                if self.popups and state.page != page and state.noise.random() < self.often:
                    state.popup = state.noise.choice(sorted(self.popups))
                return Effect("confirmed")
            case Fill(target=target, text=text):
                state.held[target.name] = text
                return Effect("confirmed")
            case _:
                return Effect("refused", "nothing that these apps know")

    def close(self) -> None: ...

    def truth(self, shape: str, v: Values, now: Observation) -> Action:
        """What the oracle does on this look."""
        state = self.state
        do = ("click", "button", self.popups[state.popup][0]) if state.popup else self.next(state, shape, v)
        if do == DONE:
            return Finish("done")
        kind, first, second = do
        if kind == "fill":
            return Fill(next(e for e in now.elements if e.role == "textbox" and e.name == first), second)
        return Click(next(e for e in now.elements if (e.role, e.name) == (first, second)))


def _element(ref: str, item: Item, at: int) -> Element:
    role, name, *more = item
    states = {"showing"} | ({"editable", "focusable"} if role == "textbox" else set())
    if role in ("radio", "checkbox"):
        states |= {"checkable"} | ({"checked"} if more == ["on"] else set())
    value = (more[0] if more else "") if role == "textbox" else None
    return Element(ref, role, name, value, frozenset(states), Box(10, 20 + 24 * at, 200, 20), 0)


def first(*pairs: tuple[bool, Do]) -> Do:
    """The first act whose time has come."""
    return next(do for due, do in pairs if due)
