"""Keys as models write them."""

from __future__ import annotations

import pytest

from cua.policies.models.keys import chord, held
from cua.policies.models.said import Unparsable


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("Return", "Return"), ("enter", "Return"), ("KP_Enter", "Return"), ("ESC", "Escape"),
        ("Page_Down", "Page_Down"),
        ("PageDown", "Page_Down"), ("pgdn", "Page_Down"), ("ArrowLeft", "Left"), ("F5", "F5"), ("f12", "F12"),
        ("a", "a"), ("A", "A"), ("ü", "ü"), ("KP_0", "0"), (" ", "space"), ("space", "space"), ("+", "plus"),
        ("ctrl+s", "ctrl+s"), ("ctrl+S", "ctrl+s"), ("CTRL+SHIFT+S", "ctrl+shift+s"),
        ("Control+Shift+s", "ctrl+shift+s"),
        ("ControlOrMeta+a", "ctrl+a"), ("ctrl c", "ctrl+c"), ("ctrl-c", "ctrl+c"), ("shift+ctrl+Tab", "ctrl+shift+Tab"),
        ("ctrl++", "ctrl+plus"), ("ctrl+-", "ctrl+-"), ("alt", "alt"), ("super", "super"),
        ("ctrl+alt+Delete", "ctrl+alt+Delete"),
        ("cmd+space", "super+space"), ("Alt_L+F4", "alt+F4"), (["CTRL", "A"], "ctrl+a"), (["ENTER"], "Return"),
        (["ctrl", "shift", "t"], "ctrl+shift+t"), (["ctrl+c"], "ctrl+c"), ("-", "-"), ("page-down", "Page_Down"),
        ("ctrl+Page_Up", "ctrl+Page_Up"), ("ctrl+space", "ctrl+space"), ("ctrl shift left", "ctrl+shift+Left"),
    ],
)  # fmt: skip
def test_a_chord_in_any_spelling_is_one_chord(written: str | list[str], meant: str) -> None:
    assert chord(written) == meant


@pytest.mark.parametrize("written", ["", "hyperspace", "ctrl+hyperspace", ["a", "b"], "a+b", [], "ctrl+a+b"])
def test_what_is_no_chord_is_said(written: str | list[str]) -> None:
    with pytest.raises(Unparsable):
        chord(written)


def test_only_modifiers_are_held() -> None:
    assert held(["SHIFT", "Control"]) == ("ctrl", "shift")
    assert held("ctrl+shift") == ("ctrl", "shift")
    assert held(None) == held([]) == ()
    with pytest.raises(Unparsable, match="'Return' cannot be held"):
        held(["Return"])
