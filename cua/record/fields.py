"""Typing into a field becomes filling it, where the next screen shows that this comes to the same."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import zip_longest

from cua import core
from cua.core import SEAL, Element
from cua.policies.keyboard import ENTRIES, focused
from cua.record.deeds import Deed, again

_EDITING = re.compile(
    r"(?i)((ctrl|shift)\+)*(backspace|delete|left|right|up|down|home|end)$|ctrl\+(a|v|x|z|y)$|(shift|caps_lock)$"
)
POPUPS = frozenset(
    {"menu", "menuitem", "menuitemcheckbox", "menuitemradio", "listbox", "option", "dialog", "alertdialog", "tooltip"}
)
_CORRECTING = re.compile(r"(?i).*(backspace|delete|ctrl\+[avxzy])$")
_ALL = re.compile(r"(?i)ctrl\+a$")


def filled(given: list[Deed]) -> list[Deed]:
    """Typing into a field whose content is then exactly what was typed becomes filling it."""
    found: list[Deed] = []
    at = 0
    while at < len(given):
        start = given[at]
        clicked = (
            isinstance(start.action, core.Click) and start.target is not None and "editable" in start.target.states
        )
        first = at + 1 if clicked else at
        last = first
        while last < len(given) and _edits(given[last]):
            last += 1
        while last > first and not _writes(given[last - 1]):  # a selection or the caret's place is for what comes next
            last -= 1
        run = given[first:last]
        field = start.target if clicked else focused(start.before)
        fill = None
        while run and fill is None and field is not None and not _put_away(start):
            last, fill = first + len(run), _as_fill(start, field, run)
            run = run[: max((n for n, each in enumerate(run) if _breaks(each)), default=0)]
        if fill is not None:
            found.append(fill)
            at = last
        else:
            found.append(start)
            at += 1
    return found


def _edits(deed: Deed) -> bool:
    if isinstance(deed.action, core.Type):
        return "\t" not in deed.action.text
    return isinstance(deed.action, core.Press) and bool(_EDITING.match(deed.action.keys) or _breaks(deed))


def _types(deed: Deed) -> bool:
    return isinstance(deed.action, core.Type) or _breaks(deed)


def _breaks(deed: Deed) -> bool:
    """Whether it may have begun another line of a text."""
    if not isinstance(deed.action, core.Press) or deed.action.keys != "Return":
        return False
    there = focused(deed.before)
    return there is not None and "multiline" in there.states


def _writes(deed: Deed) -> bool:
    return (
        isinstance(deed.action, core.Type)
        or _breaks(deed)
        or (isinstance(deed.action, core.Press) and bool(_CORRECTING.match(deed.action.keys)) and not _is_all(deed))
    )


def _as_fill(start: Deed, field: Element, run: list[Deed]) -> Deed | None:
    """One fill for a run of typing, if the next screen shows that it comes to the same."""
    typed = "".join(deed.action.text if isinstance(deed.action, core.Type) else "\n" for deed in run if _types(deed))
    keys = [deed.action.keys for deed in run if isinstance(deed.action, core.Press)]
    after = again(field, run[-1].after)
    fill = replace(start, action=core.Fill(field, typed), after=run[-1].after, effect=run[-1].effect)
    if not typed or "editable" not in field.states or ("\n" in typed and "multiline" not in field.states):
        return None
    if SEAL in typed:
        return fill if re.fullmatch(f"{SEAL}[^{SEAL}]*{SEAL}", typed) and not field.value else None
    if after is None or not after.value or "password" in field.states:
        return None
    if not any(_CORRECTING.match(key) for key in keys):
        return fill if after.value == typed else None
    held = _in_the_end(after.value, field.value or "", typed, run)
    return replace(fill, action=core.Fill(field, held)) if held else None


def _in_the_end(shown: str, before: str, typed: str, run: list[Deed]) -> str:
    """What a field holds after these keys, where a look shows that it holds `shown`; "" if that is not known.

    The look may be older than the last keys. Then what was typed counts, if nothing of it was taken back: that may have
    taken back what the program had added to it.
    """
    texts, last = _texts(before, run), run[-1].action
    if texts and shown in (before, *texts):
        return texts[-1] if shown == texts[-1] or texts[-1] == typed else ""
    older = {before} if _types(run[-1]) else {before, typed}
    tail = texts[-1] if texts else last.text if isinstance(last, core.Type) else ""
    anew = not before or shown == typed or any(_is_all(each) for each in run)
    return shown if anew and tail in shown and shown not in older else ""


def _texts(before: str, run: list[Deed]) -> list[str]:
    """What the field holds after each key, if they are all that changes it; empty where they do not tell it."""
    anew = _is_all(run[0])
    if before and not anew:
        return []
    found = [""]
    for deed in run[anew:]:
        match deed.action:
            case core.Type(text=text):
                held = found[-1]
                found += [held + text[:at] for at in range(1, len(text) + 1)]
            case core.Press(keys="BackSpace"):
                found.append(found[-1][:-1])
            case _:
                return []
    return found


def _is_all(deed: Deed) -> bool:
    return isinstance(deed.action, core.Press) and bool(_ALL.match(deed.action.keys))


def refilled(given: list[Deed]) -> list[Deed]:
    """Of a field filled twice in a row the last counts; a click into it before is part of filling it."""
    found: list[Deed] = []
    for deed in given:
        last = found[-1] if found else None
        action, field = deed.action, last.target if last is not None else None
        if last is not None and field is not None and isinstance(action, core.Fill) and _fills_too(last, deed):
            found[-1] = replace(deed, action=core.Fill(field, action.text), before=last.before)
            continue
        found.append(deed)
    return found


def _fills_too(last: Deed, deed: Deed) -> bool:
    field, action = last.target, last.action
    if field is None or deed.target is None or field.ref != deed.target.ref:
        return False
    plain = isinstance(action, core.Click) and action.button == "left" and not action.keys
    return isinstance(action, core.Fill) or (plain and "editable" in field.states and not _put_away(last))


def _put_away(deed: Deed) -> bool:
    """Whether a click into a field closed a menu or a dialog that was open: then it did more than that."""
    if not isinstance(deed.action, core.Click) or deed.after is None:
        return False
    before, after = (
        {e.ref for e in look.elements if e.role in POPUPS and "showing" in e.states}
        for look in (deed.before, deed.after)
    )
    return bool(before - after)


def without_tabs(given: list[Deed]) -> list[Deed]:
    """Tab before an act that finds its target by itself, and takes the focus there."""
    found: list[Deed] = []
    for deed, following in zip_longest(given, given[1:]):
        moves = isinstance(deed.action, core.Press) and deed.action.keys.casefold() in ("tab", "shift+tab")
        if moves and following is not None and _takes_focus(following):
            if found:
                found[-1] = replace(found[-1], after=following.before)
            continue
        found.append(deed)
    return found


def with_focus(given: list[Deed]) -> list[Deed]:
    """On a desktop what is filled in does not take the focus with it: before keys, it is clicked first if the focus was
    not there, and no menu is open, which the click would put away.
    """
    found: list[Deed] = []
    for deed, following in zip_longest(given, given[1:]):
        field, keys = deed.target, following is not None and isinstance(following.action, core.Type | core.Press)
        bare = isinstance(deed.action, core.Fill) and not deed.before.place.url
        there = focused(deed.before)
        stays = field is not None and there is not None and there.ref == field.ref
        if (
            bare
            and keys
            and not stays
            and not _menu_open(deed.before)
            and field is not None
            and field.role in ENTRIES
            and "editable" in field.states
        ):
            last = found[-1] if found else None
            if last is None or not isinstance(last.action, core.Click) or last.target is None or last.target != field:
                found.append(replace(deed, action=core.Click(field), after=deed.before))
        found.append(deed)
    return found


def _menu_open(now: core.Observation) -> bool:
    items = [e for e in now.elements if e.role.startswith("menuitem") and "showing" in e.states]
    return any(above.role in ("menu", "menuitem") for item in items for above in now.ancestors(item))


def _takes_focus(deed: Deed) -> bool:
    if isinstance(deed.action, core.Fill):
        return True
    there = again(deed.target, deed.after) if isinstance(deed.action, core.Click) else None
    return there is not None and "focused" in there.states
