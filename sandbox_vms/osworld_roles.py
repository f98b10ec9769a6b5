"""What OSWorld's trees call roles and states, in ARIA's words. Tables only.

On Linux a tag is what the application calls its role, with dashes; on Windows it is the class of a control, beside what
pywinauto calls it; on macOS it is the role in words, with underscores.
"""

from __future__ import annotations

from drivers.roles import ROLES

# by AT-SPI's number (atspi-constants.h), as the ATK and AT-SPI libraries call them
_NAMES = (
    "invalid", "accelerator-label", "alert", "animation", "arrow", "calendar", "canvas", "check-box",
    "check-menu-item", "color-chooser", "column-header", "combo-box", "date-editor", "desktop-icon", "desktop-frame",
    "dial", "dialog", "directory-pane", "drawing-area", "file-chooser", "filler", "focus-traversable", "font-chooser",
    "frame", "glass-pane", "html-container", "icon", "image", "internal-frame", "label", "layered-pane", "list",
    "list-item", "menu", "menu-bar", "menu-item", "option-pane", "page-tab", "page-tab-list", "panel",
    "password-text", "popup-menu", "progress-bar", "push-button", "radio-button", "radio-menu-item", "root-pane",
    "row-header", "scroll-bar", "scroll-pane", "separator", "slider", "spin-button", "split-pane", "status-bar",
    "table", "table-cell", "table-column-header", "table-row-header", "tearoff-menu-item", "terminal", "text",
    "toggle-button", "tool-bar", "tool-tip", "tree", "tree-table", "unknown", "viewport", "window", "extended",
    "header", "footer", "paragraph", "ruler", "application", "autocomplete", "edit-bar", "embedded", "entry",
    "chart", "caption", "document-frame", "heading", "page", "section", "redundant-object", "form", "link",
    "input-method-window", "table-row", "tree-item", "document-spreadsheet", "document-presentation",
    "document-text", "document-web", "document-email", "comment", "list-box", "grouping", "image-map",
    "notification", "info-bar", "level-bar", "title-bar", "block-quote", "audio", "video", "definition", "article",
    "landmark", "log", "marquee", "math", "rating", "timer", "static", "math-fraction", "math-root", "subscript",
    "superscript", "description-list", "description-term", "description-value", "footnote", "content-deletion",
    "content-insertion", "mark", "suggestion", "push-button-menu", "switch",
)  # fmt: skip
# what some toolkits or versions call otherwise
_OTHER_NAMES = {
    "button": "push-button", "statusbar": "status-bar", "fontchooser": "font-chooser", "editbar": "edit-bar",
    "colorchooser": "color-chooser", "filechooser": "file-chooser", "embedded-component": "embedded",
    "button-menu": "push-button-menu", "check-button": "check-box", "editable-text": "text", "list-view": "list",
    "text-box": "text", "checkbox": "check-box", "toolbar": "tool-bar", "menubar": "menu-bar", "tooltip": "tool-tip",
    "search-box": "entry", "tab": "page-tab", "tab-list": "page-tab-list",
}  # fmt: skip

_BY_NAME = {name: ROLES.get(number, "generic") for number, name in enumerate(_NAMES)} | {"calendar": "calendar"}
_BY_NAME["arrow"] = "generic"
AT_SPI = _BY_NAME | {other: _BY_NAME[name] for other, name in _OTHER_NAMES.items()}

WINDOWS = {
    "button": "button", "checkbox": "checkbox", "radiobutton": "radio", "combobox": "combobox", "edit": "textbox",
    "document": "textbox", "static": "text", "text": "text", "hyperlink": "link", "image": "img", "listbox": "listbox",
    "list": "listbox", "listview": "listbox", "listitem": "option", "tree": "tree", "treeview": "tree",
    "treeitem": "treeitem", "tabcontrol": "tablist", "tab": "tablist", "tabitem": "tab", "menu": "menu",
    "menubar": "menubar", "menuitem": "menuitem", "toolbar": "toolbar", "slider": "slider", "spinner": "spinbutton",
    "updown": "spinbutton", "progressbar": "progressbar", "progress": "progressbar", "scrollbar": "scrollbar",
    "statusbar": "status", "tooltip": "tooltip", "tooltips": "tooltip", "groupbox": "group", "group": "group",
    "datagrid": "table", "table": "table", "dataitem": "row", "header": "group", "headeritem": "columnheader",
    "separator": "separator", "splitbutton": "button", "calendar": "calendar", "dialog": "dialog", "window": "window",
    "pane": "group", "titlebar": "group", "thumb": "generic", "custom": "generic",
}  # fmt: skip

MACOS = {
    "button": "button", "menu_button": "button", "pop_up_button": "combobox", "combo_box": "combobox",
    "checkbox": "checkbox", "check_box": "checkbox", "switch": "checkbox", "toggle_button": "button",
    "radio_button": "radio", "text_field": "textbox", "search_text_field": "textbox", "secure_text_field": "textbox",
    "text_entry_area": "textbox", "text": "text", "link": "link", "image": "img", "menu": "menu",
    "menu_bar": "menubar", "menu_item": "menuitem", "menu_bar_item": "menuitem", "tab_group": "tablist", "tab": "tab",
    "table": "table", "outline": "tree", "outline_row": "treeitem", "row": "row", "table_row": "row", "cell": "cell",
    "list": "listbox", "slider": "slider", "stepper": "spinbutton", "progress_indicator": "progressbar",
    "scroll_area": "scrollpane", "scroll_bar": "scrollbar", "toolbar": "toolbar", "group": "group",
    "standard_window": "window", "window": "window", "dialog": "dialog", "sheet": "dialog", "heading": "heading",
    "html_content": "document", "web_area": "document", "splitter": "separator", "split_group": "splitpane",
}  # fmt: skip

STATES = {
    "active": "active", "busy": "busy", "checked": "checked", "editable": "editable", "expandable": "expandable",
    "expanded": "expanded", "focusable": "focusable", "focused": "focused", "modal": "modal",
    "multi_line": "multiline", "pressed": "pressed", "selectable": "selectable", "selected": "selected",
    "indeterminate": "indeterminate", "required": "required", "is_default": "default", "checkable": "checkable",
    "has_popup": "haspopup", "read_only": "readonly",
    # of Windows
    "keyboard_focused": "focused", "has_keyboard_focus": "focused", "is_keyboard_focusable": "focusable",
    "collapsed": "expandable",
    # of macOS
    "AXFocused": "focused", "AXSelected": "selected",
}  # fmt: skip
