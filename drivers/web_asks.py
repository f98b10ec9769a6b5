"""What the browser itself shows and asks: its tabs, a dialog that blocks the page, an open file chooser.

They are elements like others, with refs of their own ("tab:2", "dialog:accept", "chooser:path"), and are answered by
the same actions. Nothing is answered unasked.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Protocol

from playwright.sync_api import Dialog, FileChooser, Page

from cua.core import Action, Ask, Click, Effect, Element, Fill, Finish, Invoke, Locator, Open, Press, Type, Wait
from cua.errors import TargetGone
from drivers.web_launch import Browser
from drivers.web_words import chord

ACTS = {"button": ("click",), "tab": ("click",), "textbox": ("fill",)}


class Said(Protocol):
    """What is shown of a dialog."""

    @property
    def type(self) -> str: ...

    @property
    def message(self) -> str: ...


class Asking(Protocol):
    """What of a browser is shown here."""

    @property
    def dialog(self) -> Said | None: ...

    @property
    def answer(self) -> str: ...

    @property
    def chooser(self) -> object: ...

    @property
    def tabs(self) -> Sequence[Page]: ...

    @property
    def page(self) -> Page: ...


def elements(browser: Asking, titles: Mapping[Page, str], first: int) -> list[Element]:
    """The browser's own elements, as those from index `first` on. An open dialog hides all others."""
    if browser.dialog is not None:
        return _dialog(browser.dialog, browser.answer, first)
    found = [_own("chooser", "dialog", "Choose a file", -1, "modal")] if browser.chooser else []
    if browser.chooser:
        found.append(_own("chooser:path", "textbox", "File name", first, "editable", "focused", value=""))
        found.append(_own("chooser:cancel", "button", "Cancel", first))
    if len(browser.tabs) > 1:
        parent = first + len(found)
        found.append(_own("tabs", "tablist", "Browser tabs", -1))
        for n, page in enumerate(browser.tabs, 1):
            states = ("selectable", "selected") if page is browser.page else ("selectable",)
            found.append(_own(f"tab:{n}", "tab", titles.get(page) or page.url, parent, *states))
    return found


def arrivals(browser: Browser, titles: Mapping[Page, str]) -> list[str]:
    """In words, which tabs have opened since the last act was begun: by that act, or by themselves."""
    opened = {True: "a new tab opened: {}", False: "a tab opened by itself, and was left alone: {}"}
    return [opened[asked].format(titles.get(page) or page.url) for page, asked in browser.openings.arrivals.items()]


def _dialog(dialog: Said, text: str, first: int) -> list[Element]:
    yes, no = ("Leave", "Stay") if dialog.type == "beforeunload" else ("OK", "Cancel")
    found = [_own("dialog", "alertdialog", dialog.message, -1, "modal")]
    if dialog.type == "prompt":
        found.append(_own("dialog:text", "textbox", dialog.message, first, "editable", "focused", value=text))
    found.append(_own("dialog:accept", "button", yes, first))
    return found if dialog.type == "alert" else [*found, _own("dialog:dismiss", "button", no, first)]


def _own(ref: str, role: str, name: str, parent: int, *states: str, value: str | None = None) -> Element:
    where = (Locator("role", f"{role}:{name}"), Locator("id", ref))
    shown = frozenset({*states, "showing"})
    return Element(ref, role, name, value, shown, parent=parent, locators=where, actions=ACTS.get(role, ()))


def answer(browser: Browser, action: Action) -> Effect | None:
    """Do an action that is for the browser itself; refuse one that it stands in the way of. None for all else."""
    target = getattr(action, "target", None)
    ref = target.ref if isinstance(target, Element) else ""
    if isinstance(action, Ask | Finish):
        return None
    if browser.dialog is not None:
        return _answer_dialog(browser, browser.dialog, action, ref)
    if browser.chooser is not None:
        return _answer_chooser(browser, browser.chooser, action, ref)
    if ref.startswith("tab:") and isinstance(action, Click | Invoke):
        browser.show(ref)
        return Effect("confirmed")
    if ref and not re.fullmatch(r"f\d+:\d+", ref):
        raise TargetGone(f"{ref} is not there to be used; look again")
    return None


def _answer_dialog(browser: Browser, dialog: Dialog, action: Action, ref: str) -> Effect:
    key = chord(action.keys) if isinstance(action, Press) else ""
    match action:
        case Click() | Invoke() | Press() if ref in ("dialog:accept", "dialog:dismiss") or key in ("Enter", "Escape"):
            browser.dialog = None
            if ref == "dialog:accept" or key == "Enter":
                dialog.accept(browser.answer if dialog.type == "prompt" else None)
                return Effect("confirmed", "accepted the dialog")
            dialog.dismiss()
            return Effect("confirmed", "dismissed the dialog")
        case Fill(text=text) if ref == "dialog:text":
            browser.answer = text
            return Effect("confirmed")
        case Type(text=text) if dialog.type == "prompt" and "\n" not in text:
            browser.answer += text
            return Effect("confirmed")
        case _:
            return Effect("refused", "a dialog blocks the page; answer it first")


def _answer_chooser(browser: Browser, chooser: FileChooser, action: Action, ref: str) -> Effect | None:
    cancelled = isinstance(action, Press) and chord(action.keys) == "Escape"
    match action:
        case Click() | Invoke() | Press() if ref == "chooser:cancel" or cancelled:
            browser.chooser = None
            return Effect("confirmed", "cancelled the file chooser")
        case Fill(text=text) if ref == "chooser:path":
            effect = give(text, chooser.set_files)
            if effect.kind == "confirmed":
                browser.chooser = None
            return effect
        case Wait() | Open():
            return None
        case _:
            return Effect("refused", "a file chooser is open; fill in its file name or cancel it first")


def give(text: str, to: Callable[[list[Path]], object]) -> Effect:
    """Hand over the files whose paths are the lines of `text`."""
    paths = [Path(line).expanduser() for line in text.splitlines()]
    missing = [str(path) for path in paths if not path.is_file()]
    if missing or not paths:
        return Effect("refused", f"there is no file {', '.join(missing) or '(none was named)'}")
    to(paths)
    return Effect("confirmed", f"gave {', '.join(path.name for path in paths)}")
