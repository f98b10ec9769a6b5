"""AT-SPI's roles and states in ARIA's words. Tables only."""

# Index: the role's number in AT-SPI (atspi-constants.h); what is not here is "generic".
ROLES = {
    1: "generic", 2: "alert", 5: "calendar", 6: "canvas", 7: "checkbox", 8: "menuitemcheckbox", 9: "colorchooser",
    10: "columnheader", 11: "combobox", 15: "slider", 16: "dialog", 19: "filechooser", 22: "fontchooser", 23: "window",
    26: "img", 27: "img", 28: "window", 29: "text", 31: "listbox", 32: "option", 33: "menu", 34: "menubar",
    35: "menuitem", 37: "tab", 38: "tablist", 39: "group", 40: "textbox", 41: "menu", 42: "progressbar", 43: "button",
    44: "radio", 45: "menuitemradio", 47: "rowheader", 48: "scrollbar", 49: "scrollpane", 50: "separator", 51: "slider",
    52: "spinbutton", 53: "splitpane", 54: "status", 55: "table", 56: "cell", 57: "columnheader", 58: "rowheader",
    60: "textbox", 61: "textbox", 62: "button", 63: "toolbar", 64: "tooltip", 65: "tree", 66: "tree", 68: "scrollpane",
    69: "window", 73: "paragraph", 75: "application", 77: "textbox", 79: "textbox", 82: "document", 83: "heading",
    85: "section", 87: "form", 88: "link", 90: "row", 91: "treeitem", 92: "document", 93: "document", 94: "document",
    95: "document", 96: "document", 98: "listbox", 99: "group", 101: "alert", 102: "alert", 103: "meter", 110: "region",
    116: "text", 129: "button", 130: "checkbox",
}  # fmt: skip

WINDOWS = frozenset({2, 9, 16, 19, 22, 23, 28, 69})
PASSWORD = 40
TABLES = frozenset({55, 66})

# Bit: ARIA's word.
STATES = {
    1: "active", 3: "busy", 4: "checked", 7: "editable", 9: "expandable", 10: "expanded", 11: "focusable",
    12: "focused", 16: "modal", 17: "multiline", 20: "pressed", 22: "selectable", 23: "selected", 25: "showing",
    30: "visible", 32: "indeterminate", 33: "required", 39: "default", 41: "checkable", 42: "haspopup", 43: "readonly",
}  # fmt: skip
CHECKED, DEFUNCT, ENABLED, EXPANDED, SELECTED, SENSITIVE, SHOWING = 4, 6, 8, 10, 23, 24, 25
VISIBLE, MANAGES_DESCENDANTS, CHECKABLE = 30, 31, 41


def words(low: int, high: int) -> frozenset[str]:
    """The two words of an AT-SPI state set as ARIA states; what is neither enabled nor sensitive is "disabled"."""
    bits = low | high << 32
    found = {word for bit, word in STATES.items() if bits >> bit & 1}
    if not (bits >> ENABLED & 1 or bits >> SENSITIVE & 1):
        found.add("disabled")
    return frozenset(found)
