"""What lies in the way and decides nothing: a dialog that nobody asked for, with a way out that changes nothing.

It never accepts, agrees or confirms: a Close that is the only button, or a Close or Cancel beside others where the
dialog is about something else than closing or cancelling.
"""

from __future__ import annotations

from cua.core import Click, Element, Observation
from cua.policies.ways import dismissed
from cua.screen import MAIN, Screen, called

_DIALOGS = frozenset({"dialog", "alertdialog"})
_CLOSES = frozenset({"close", "dismiss", "not now", "no thanks", "maybe later", "\u00d7", "\u2715", "\u2716", "x"})
_CANCELS = frozenset({"cancel"})
_STEMS = ("clos", "cancel", "dismiss")


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
