"""Where a window stands is no effect of a workflow, whatever program keeps it; a preference is."""

from __future__ import annotations

import pytest

from cua.bookkeeping import is_placement, keeps_session
from cua.core import Change

PLACES = [
    ("gsettings:/org/xfce/mousepad/state/window/height", "480", "591"),
    ("gsettings:/org/xfce/mousepad/state/window/maximized", None, "true"),
    ("gsettings:/org/gnome/gedit/state/window/size", "(900, 700)", "(640, 480)"),
    ("gsettings:/org/gnome/gedit/state/window/side-panel-size", "200", "180"),
    ("gsettings:/org/a/b/window-width", "800", "640"),
    ("gsettings:/org/a/b/is-maximized", "false", "true"),
    (".config/App/app.conf#MainWindow/geometry", "@ByteArray(\\x1\\xd9)", "@ByteArray(\\x1\\xd8)"),
    (".config/App/app.conf#geometry", None, "@Rect(0 0 800 600)"),
    (".config/App/app.conf#MainWindow/windowState", None, "@ByteArray(\\0\\0)"),
    (".config/app/apprc#MainWindow/1280x1024 screen: Width", "700", "800"),
    (".config/app.ini#Window/x", "10", "-4"),
    (".config/app.ini#ui/hpaned_position", "210", "180"),
    (".config/app.ini#ui/splitterSizes", "210, 300", "200, 310"),
]
PREFERENCES = [
    ("gsettings:/org/a/b/font-size", "10", "12"),
    ("gsettings:/org/a/b/tab-width", "8", "4"),
    ("gsettings:/org/a/b/right-margin-position", "80", "72"),
    ("gsettings:/org/a/b/window/statusbar-visible", "true", "false"),
    ("gsettings:/org/a/b/remember-window-size", "false", "true"),
    ("gsettings:/org/a/b/start-maximized", "false", "true"),
    ("gsettings:/org/a/b/sidebar-position", "'left'", "'right'"),
    (".config/app.ini#Export/width", "800", "640"),
    (".config/app.ini#Image/size", "(1, 1)", "(2, 2)"),
    (".config/app.ini#MainWindow/toolbar_size", "16", "32"),
    (".config/app.ini#View/state", "1", "2"),
    ("xfce4-panel.xml#/panels/panel-1/size", "24", "30"),
]


@pytest.mark.parametrize(("key", "before", "after"), PLACES)
def test_where_a_window_stands_is_told_by_its_key_and_its_value(key: str, before: str | None, after: str) -> None:
    assert is_placement(key, Change(before, after))


@pytest.mark.parametrize(("key", "before", "after"), PREFERENCES)
def test_a_preference_is_no_place_of_a_window(key: str, before: str, after: str) -> None:
    assert not is_placement(key, Change(before, after))


SESSIONS = [
    "setting:gsettings:/org/xfce/mousepad/state/application/session",
    "setting:gsettings:/org/gnome/editor/state/session-files",
    "setting:.config/app.ini#Session/previous_session_windows",
    "setting:.config/apprc#SessionState/sessionNumber",
    "file:.local/state/app/tabs.json",
    "file:.config/session/app_1014",
]
NO_SESSIONS = [
    "setting:gsettings:/org/a/b/preferences/session/restore",
    "setting:gsettings:/org/a/b/state/restore-session",
    "setting:.config/app.ini#General/session",
    "setting:.config/app.ini#Session/timeout_of_sessions",
    "setting:.config/app.ini#State/theme",
    "file:Documents/session.txt",
    "file:Documents/state/session",
]


@pytest.mark.parametrize("key", SESSIONS)
def test_what_a_program_keeps_of_its_session_is_told_by_its_key(key: str) -> None:
    assert keeps_session(key)


@pytest.mark.parametrize("key", NO_SESSIONS)
def test_a_preference_or_a_document_about_sessions_is_no_bookkeeping(key: str) -> None:
    assert not keeps_session(key)
