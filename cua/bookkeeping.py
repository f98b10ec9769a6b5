"""Which changes are only the bookkeeping of windows and sessions, whatever program keeps it: where a window stands,
what was open when a program was last seen. Told by what a key is called and holds; no program is named here.
"""

from __future__ import annotations

import re

from cua.core import Change, Changes

# Words of keys that keep where a window or its panes stand: what is measured, and what it is measured of.
_MEASURED = frozenset(
    {"width", "height", "x", "y", "left", "top", "position", "pos", "size", "sizes", "rect", "ratio", "geometry"}
    | {"maximized", "maximised", "fullscreen"}
)
_WINDOWED = frozenset(
    {"window", "windows", "mainwindow", "toplevel", "dialog", "dialogs", "pane", "panes", "paned", "hpaned", "vpaned"}
    | {"sidebar", "splitter", "separator"}
)
_BESIDES = frozenset(
    {"last", "saved", "old", "previous", "was", "is", "main", "side", "bottom", "panel", "screen", "state"}
)
_SESSION = frozenset({"session", "sessions"})
_SESSIONS_OWN = frozenset(
    {"state", "current", "last", "saved", "old", "previous", "client", "clients", "id", "ids", "number", "count"}
    | {"window", "windows", "tab", "tabs", "file", "files", "document", "documents", "main", "application", "data"}
)
_STATE_FOLDERS = (".local/state/", ".config/session/", ".cache/sessions/")  # of programs, and of session managers
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_MEASURES = re.compile(
    r"(?i)true|false|@(ByteArray|Rect|Size|Point)\(.*\)|[0-9a-f]{16,}|[A-Za-z0-9+/]{24,}=*|[-\s.,;x+()\[\]{}\d]*\d[\s)\]}]*",
    re.DOTALL,
)


def moves_window(key: str, before: Changes, after: Changes) -> bool:
    """Whether a key of what differs between these readings only tells where a window stands, or what of a program was
    open when it was last seen.
    """
    if keeps_session(key):
        return True
    name = key.removeprefix("setting:")
    change = after.settings.get(name) or before.settings.get(name)
    return key != name and change is not None and is_placement(name, change)


def is_placement(key: str, change: Change) -> bool:
    """Whether a setting, by its key without "setting:", only keeps where a window or its panes stood: every word of its
    own name is about that, it or the group that it is in is named after a window, and what it holds are measures.

    A preference has another word in its name ("font-size", "remember-window-size") or another value ("left").
    """
    *groups, own = re.split(r"[/#.]", key)
    words = {word.lower() for word in _WORD.findall(own)}
    around = words | {word.lower() for word in _WORD.findall("".join(groups[-1:]))}
    layout = "state" in words and str(change.after).startswith("@ByteArray")  # Qt keeps bars and docks in one
    if not (words & _MEASURED or layout) or words - _MEASURED - _WINDOWED - _BESIDES:
        return False
    if not (around & _WINDOWED or words & {"geometry", "maximized", "maximised"}):
        return False
    return all(value is None or _MEASURES.fullmatch(value.strip("'\"")) for value in (change.before, change.after))


def keeps_session(key: str) -> bool:
    """Whether a key of changes is bookkeeping of a session: which windows and documents were open, so that they can be
    opened again. It is kept among what a program says of its own state (a group called "state" or "session", the folder
    that XDG has for state), and called after nothing but sessions; whether sessions are restored is a preference, and
    that has another word in its name.
    """
    kind, _, name = key.partition(":")
    if name.startswith(_STATE_FOLDERS):
        return True
    *groups, own = re.split(r"[/#.]", name)
    words = [{word.lower() for word in _WORD.findall(part)} for part in (*groups, own)]
    among = any(part and part <= _SESSION | {"state"} for part in words[:-1])
    return kind == "setting" and among and bool(words[-1] & _SESSION) and words[-1] <= _SESSION | _SESSIONS_OWN
