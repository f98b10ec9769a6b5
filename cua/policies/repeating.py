"""Whether acts lead anywhere: what showed after the last one, and how often the same one was tried in vain. Decides
nothing, and looks at screens only.
"""

from __future__ import annotations

from collections.abc import Sequence

from cua.core import Action, Observation, Step, Wait
from cua.policies.ways import told

PATIENCE = 3  # times that one act is tried before it is given up
_DRAWN = frozenset({"canvas", "video", "object", "embed", "iframe"})  # what they show is in the picture alone


def last_act(steps: Sequence[Step], now: Observation) -> tuple[str, bool]:
    """In words the last act that was no wait, and whether anything has come of it that shows; "" for none."""
    step = next((step for step in reversed(steps) if not isinstance(step.action, Wait)), None)
    return (told(step.action), showed(step, now)) if step else ("", False)


def showed(step: Step, now: Observation) -> bool:
    """Whether something came of an act that can be seen, now or by the driver's own account. A picture that moves by
    itself says nothing where the driver saw that nothing changed, unless something is drawn there.
    """
    if step.effect.kind == "confirmed" or (step.seen.place, _face(step.seen)) != (now.place, _face(now)):
        return True
    moved = step.seen.frame and now.frame and step.seen.frame.sha != now.frame.sha
    return bool(moved) and (step.effect.kind != "no_effect" or any(map(_is_drawn, now.elements)))


def _is_drawn(element: object) -> bool:
    return any(at.kind == "tag" and at.value in _DRAWN for at in getattr(element, "locators", ()))


def _face(now: Observation) -> list[tuple[object, ...]]:
    return [(e.role, e.name, e.value, e.states, e.description) for e in now.elements]


class Tries:
    """How often each act was tried towards each goal, since it last led to something."""

    def __init__(self) -> None:
        self._tried: dict[str, tuple[int, int]] = {}

    def spent(self, goal: int, stage: int, action: Action, last: tuple[str, bool]) -> bool:
        """Whether this one was tried often enough: at one stage whatever came of it, for it came to nothing that
        counted; at several in a row without any effect that shows. `last` is the act before it, and whether it showed.
        """
        mark = f"{goal} {told(action)}"
        count, at = self._tried.get(mark, (0, stage))
        if at != stage and (last[0] != told(action) or last[1]):
            count = 0
        self._tried[mark] = (count + 1, stage)
        return count >= PATIENCE
