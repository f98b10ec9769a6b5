"""What lies in the way and decides nothing: a dialog that nobody asked for, with a way out that changes nothing.

It never accepts, agrees or confirms: a Close that is the only button, or a Close or Cancel beside others where the
dialog is about something else than closing or cancelling. A menu is left as it was found: closed, without a choice.
"""

from __future__ import annotations

from collections.abc import Callable, Generator

from cua.core import Action, Click, Element, Observation, Press, Wait
from cua.policies.clock import Clock
from cua.policies.finding import Found
from cua.policies.retracted import POLL_SECONDS
from cua.policies.ways import dismissed
from cua.screen import MAIN, Screen, called

_DIALOGS = frozenset({"dialog", "alertdialog"})
_CLOSES = frozenset({"close", "dismiss", "not now", "no thanks", "maybe later", "\u00d7", "\u2715", "\u2716", "x"})
_CANCELS = frozenset({"cancel"})
_STEMS = ("clos", "cancel", "dismiss")
_CLOSED_SECONDS = 1.0  # how long a menu may take to close


def way_out(now: Observation, asked: frozenset[str], *, settled: bool) -> Click | None:
    """The click that puts away the dialog in front; None if there is none, or it is not ours to decide.

    `asked` are the names of what the workflow means to use: a dialog with one of them was asked for. `settled` says
    that the step before had its effect, so that this dialog cannot be its question.
    """
    page = _page_dialog(now)
    if page is not None:
        return _out_of(page, now, asked, settled=settled)
    if now.place.url:
        return None
    screen = Screen.of(now)
    if screen.window in ("", MAIN) or screen.window not in screen.windows:
        return None
    inside = {called(e) for key, e in screen.keys.items() if key.startswith(f"{screen.window}|")}
    if inside & asked:
        return None
    action = dismissed(screen, screen.window, new=settled)
    return action if isinstance(action, Click) else None


def shut(item: Found | None, now: Callable[[], Observation], why: str) -> Generator[Action, None, None]:
    """Escape for each menu that stands open around the item on a desktop, since it is not chosen. One that does not
    close is left as it is: a further key might close something else.
    """
    while item is not None and (levels := _open_menus(item.element, now())):
        yield Press("Escape", why=why)
        clock = Clock(now())
        while _open_menus(item.element, now()) >= levels:
            if clock.spent(now()) > _CLOSED_SECONDS:
                return
            yield Wait(POLL_SECONDS, why=why)


def _open_menus(item: Element, now: Observation) -> int:
    """How many of the menus around it show what they hold."""
    there = next((e for e in now.elements if e.ref == item.ref), None)
    if there is None or now.place.url or not item.role.startswith("menuitem"):
        return 0
    menus = {now.elements.index(e) for e in now.ancestors(there) if e.role == "menu"}
    return len({e.parent for e in now.elements if e.parent in menus and e.box and "showing" in e.states})


def _page_dialog(now: Observation) -> Element | None:
    """The last dialog of a page that shows; what the browser itself asks (a confirmation) is no such thing."""
    if not now.place.url:
        return None
    shown = [e for e in now.elements if e.role in _DIALOGS and "showing" in e.states and e.ref.startswith("f")]
    return shown[-1] if shown else None


def _out_of(dialog: Element, now: Observation, asked: frozenset[str], *, settled: bool) -> Click | None:
    at = now.elements.index(dialog)
    inside = [e for e in now.elements[at + 1 :] if dialog in now.ancestors(e)]
    acts = [e for e in inside if "showing" in e.states and e.role in ("button", "link", "textbox", "checkbox")]
    if {called(e) for e in acts} & asked:
        return None
    said = " ".join([dialog.name, *(e.name for e in inside if e.role == "heading")]).casefold()
    buttons = {called(e).casefold(): e for e in acts if e.role == "button"}
    outs = (_CLOSES | _CANCELS) if settled else _CLOSES
    found = [element for name, element in buttons.items() if name in outs]
    if len(found) != 1 or any(stem in said for stem in _STEMS):
        return None
    return Click(found[0], why="a dialog that nobody asked for is in the way")
