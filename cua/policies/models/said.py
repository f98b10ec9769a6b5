"""What a model said, in our words: acts, another look that it asks for, checks that a person must pass.

Numbers in a reply are of the picture that the model was sent, and become points of the screen once, here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from cua.core import Action, Box, Element, Frame, Observation, Point, Target
from cua.errors import CuaError
from cua.screen import ACTABLE

Space = Literal["pixels", "thousand", "unit"]

_SLACK = 0.01  # of a side: how far beyond the edge a number may lie that means the edge
_SMALL = 0.25  # of the screen: what is larger is no one thing to click


class Unparsable(CuaError):
    """A reply that says nothing that can be done; the message is for the model."""


@dataclass(frozen=True, slots=True)
class Caution:
    """What the endpoint wants a person to have looked at before the act is done (pending_safety_checks)."""

    id: str
    code: str
    message: str


@dataclass(slots=True)
class Consents:
    """The checks that were passed, by whoever `asks` about them: only of these an endpoint is told that they were."""

    asks: Callable[[Caution], bool]
    _given: set[Caution] = field(default_factory=set)

    def given(self, caution: Caution) -> bool:
        """Whether it was passed. Asks nobody."""
        return caution in self._given

    def __call__(self, caution: Caution) -> bool:
        """Whether the act may be done: asked once for each check."""
        if caution not in self._given and self.asks(caution):
            self._given.add(caution)
        return caution in self._given


@dataclass(frozen=True, slots=True)
class Said:
    """One reply. `acts` are done in order, each only if the one before it went well. `look`: it wants to see the
    screen again, or `zoom` of it. `thought` is what it wrote beside them, `call` the id under which it is answered.
    """

    acts: tuple[Action, ...] = ()
    look: bool = False
    zoom: Box | None = None
    thought: str = ""
    cautions: tuple[Caution, ...] = ()
    call: str = ""


@dataclass(frozen=True, slots=True)
class Shot:
    """The picture that a model was sent: its size there and that of the screen it shows, both in pixels."""

    width: int
    height: int
    screen_width: int
    screen_height: int
    space: Space = "pixels"

    @classmethod
    def of(cls, frame: Frame, *, width: int = 0, height: int = 0, space: Space = "pixels") -> Shot:
        """Of a frame that was sent in that size, or in its own."""
        return cls(width or frame.width, height or frame.height, frame.width, frame.height, space)

    def point(self, x: float, y: float) -> Point:
        """The point of the screen. Raises Unparsable for one that is not on the picture."""
        across, down = self._sides()
        if not (-_SLACK * across <= x <= across * (1 + _SLACK) and -_SLACK * down <= y <= down * (1 + _SLACK)):
            raise Unparsable(
                f"the point ({x:g}, {y:g}) is not on the screen, which goes from (0, 0) to ({across:g}, {down:g})"
            )
        return Point(
            min(max(round(x / across * self.screen_width), 0), self.screen_width - 1),
            min(max(round(y / down * self.screen_height), 0), self.screen_height - 1),
        )

    def _sides(self) -> tuple[float, float]:
        match self.space:
            case "pixels":
                return self.width, self.height
            case "thousand":
                return 1000, 1000
            case "unit":
                return 1, 1


def aimed(point: Point, now: Observation) -> Target:
    """The control that a click on that point means, if there clearly is one: then the act can be found again, and
    done again, when things have moved. Else the point.
    """
    hit = [element for element in now.elements if element.box and _within(point, element.box)]
    least = min(hit, key=_area, default=None)
    if least is not None:  # a holder may be no larger than what it holds: the control in it is meant
        outer = least
        alike = [each for each in hit if _area(each) == _area(outer) or outer in now.ancestors(each)]
        least = max(alike, key=lambda each: (_acts(each), -_area(each), len(now.ancestors(each))))
    if least is None or not (least.name or least.locators):
        return point
    screen = now.frame.width * now.frame.height if now.frame else 0
    if "multiline" in least.states or (screen and _area(least) > _SMALL * screen):
        return point
    return least


def _acts(element: Element) -> int:
    """How surely it is a control: by its role, or only as what can be acted on."""
    return 2 if element.role in ACTABLE - {"cell"} else 1 if element.role == "cell" or element.actions else 0


def _within(point: Point, box: Box) -> bool:
    return box.x <= point.x < box.x + box.width and box.y <= point.y < box.y + box.height


def _area(element: Element) -> int:
    return element.box.width * element.box.height if element.box else 0
