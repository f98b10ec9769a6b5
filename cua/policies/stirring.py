"""Fields that were filled in without a key being pressed: some programs look at what they hold only when a key is.

A person's last key is pressed in them once more, one that changes nothing. Nothing is written here, and no key is
pressed unless the field has the keyboard.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence

from cua.core import Action, Click, Element, Observation, Press, Wait
from cua.memory.workflows import Mark
from cua.policies.clock import Clock
from cua.policies.finding import Found, Lost
from cua.policies.halting import hindrances
from cua.policies.keyboard import ENTRIES, astray, root, sought
from cua.policies.retracted import POLL_SECONDS

_MOST = 10
_FOCUS_SECONDS = 1.0
_TEXTS = ENTRIES - {"combobox"}  # in one that is no text the key chooses


def with_filled(filled: Sequence[Mark], mark: Mark) -> list[Mark]:
    """The fields filled in of late, with this one as the last."""
    return [*filled, mark][-_MOST:]


def waiting(filled: Sequence[Mark], finds: Sequence[Found | Lost]) -> Element | None:
    """The one target, if it is disabled, maybe until a key is pressed; an open menu is not left for that."""
    if not filled or len(finds) != 1 or isinstance(finds[0], Lost):
        return None
    target = finds[0].element
    return target if "disabled" in target.states and not target.role.startswith("menu") else None


def stirred(
    filled: list[Mark], target: Element, now: Callable[[], Observation], why: str
) -> Generator[Action, None, None]:
    """Go into the field that was filled in last, if it stands in the target's window, and press End there. It is taken
    from `filled`. `now` gives the look after what was done.
    """
    mark, look = filled.pop(), now()
    field = _field(mark, look)
    if field is None or root(field, look) is not root(target, look):
        return
    clock = Clock(look)
    if astray(mark, field, look):
        yield Click(field, why=why)
    while (field := _field(mark, now())) is not None and astray(mark, field, now()):
        if clock.spent(now()) > _FOCUS_SECONDS:
            return
        yield Wait(POLL_SECONDS, why=why)
    if field is not None:
        yield Press("ctrl+End" if "multiline" in field.states else "End", why=why)


def _field(mark: Mark, now: Observation) -> Element | None:
    """The field on a desktop, where a person could write in it."""
    found = sought(mark, now, keys=False)
    if now.place.url or not isinstance(found, Found) or next(hindrances([mark], [found], now), ""):
        return None
    field = found.element
    return field if field.role in _TEXTS and {"editable", "showing"} <= field.states else None
