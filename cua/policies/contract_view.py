"""What a screen says around one control: the record, dialog, form or frame that it stands in, and what bears its label.

Pure over one look. It reads; it never judges.
"""

from __future__ import annotations

from collections.abc import Iterator

from cua.core import Element, Observation, Point, Target
from cua.policies.contract_places import joined, origin
from cua.screen import ACTABLE, called

RECORDS = frozenset({"row", "listitem", "article", "treeitem"})
DIALOGS = frozenset({"dialog", "alertdialog", "alert", "filechooser"})
FIELDS = frozenset({"textbox", "searchbox", "combobox", "spinbutton", "listbox", "slider"})
TICKS = frozenset({"checkbox", "switch", "radio", "menuitemcheckbox", "menuitemradio"})
# what holds others; a point on nothing else is a point on nothing
_WHOLES = frozenset(
    [
        "window",
        "document",
        "form",
        "group",
        "main",
        "region",
        "list",
        "table",
        "row",
        "banner",
        "contentinfo",
        "navigation",
        "complementary",
        "article",
        "dialog",
        "alertdialog",
        "listitem",
        "tablist",
        "toolbar",
        "menubar",
        "section",
        "scrollpane",
        "splitpane",
        "tree",
        "grid",
        "rowgroup",
        "search",
        "filechooser",
        "application",
    ]
)
_GROUPS = frozenset({"group", "region", "form", "radiogroup", "article", "section"})
_OUT = frozenset(
    [
        "cancel",
        "close",
        "no",
        "dismiss",
        "stay",
        "back",
        "later",
        "not",
        "skip",
        "abbrechen",
        "nein",
        "annuler",
        "non",
        "cancelar",
        "annulla",
    ]
)
_MOST = 4000


def here(target: Target, now: Observation) -> Element | None:
    """The element that is meant: itself as this look has it, or the smallest that a point lies on; None for nothing
    that says what it is.
    """
    if isinstance(target, Element):
        return next((each for each in now.elements if each.ref == target.ref), target)
    hit = [e for e in now.elements if e.box and _on(target, e) and e.role not in _WHOLES]
    return min(reversed(hit), key=lambda e: e.box.width * e.box.height if e.box else 0, default=None)


def hit(target: Element, now: Observation) -> Element | None:
    """What a press in the middle of something that holds others meets: a control in it; None where there is none."""
    if target.box is None or target.role in ACTABLE:
        return None
    middle = target.box.centre
    under = [e for e in inside(target, now) if _on(middle, e) and (e.role in ACTABLE or e.actions)]
    return under[-1] if under else None


def _on(point: Point, element: Element) -> bool:
    box = element.box
    return box is not None and 0 <= point.x - box.x < box.width and 0 <= point.y - box.y < box.height


def said(element: Element) -> str:
    """What a control says of itself: its label, or what else is known of it where it bears none."""
    signs = (at.value for at in element.locators if at.kind in ("testid", "id", "action", "icon", "label", "alt"))
    return called(element) or element.description or " ".join(signs)


def locator(element: Element, kind: str) -> str | None:
    """What one of its locators says; None where there is none of that kind."""
    return next((at.value for at in element.locators if at.kind == kind), None)


def frames_of(target: Target, now: Observation) -> list[Element]:
    """The frames inside the page that it stands in or is, from the inmost out; none for the page itself."""
    if isinstance(target, Point):
        met = [e for e in now.elements if _frame(e) and _on(target, e)]
        return frames_of(met[-1], now) if met else []
    return [e for e in (target, *now.ancestors(target)) if _frame(e)]


def framed(target: Target, now: Observation) -> list[Element]:
    """The frames in it that a press in the middle of something that holds others goes into."""
    if not isinstance(target, Element) or target.box is None or target.role in ACTABLE:
        return []
    middle = target.box.centre
    return [e for e in inside(target, now) if _frame(e) and _on(middle, e)]


def _frame(element: Element) -> bool:
    return locator(element, "tag") in ("iframe", "frame") or locator(element, "src") is not None


def frame_origin(frame: Element, now: Observation) -> str | None:
    """Where a frame is from, "" where it has what the page wrote into it; None where the look does not tell."""
    source = locator(frame, "src")
    if source is None or source.startswith("blob:"):  # made by a page of the origin that it names
        return source and origin(source.removeprefix("blob:"))
    return origin(joined(now.place.url, source))


def base_of(element: Element, now: Observation) -> str:
    """What an address on it is relative to: the page or frame that it stands in."""
    sources = [source for e in now.ancestors(element) if (source := locator(e, "src")) is not None and origin(source)]
    return sources[0] if sources else now.place.url


def inside(holder: Element, now: Observation) -> Iterator[Element]:
    """What stands in it, at any depth, and shows."""
    held: set[int] = set()
    for at, each in enumerate(now.elements):
        if each is holder or each.parent in held:
            held.add(at)
            if each is not holder:
                yield each


def text_of(holder: Element, now: Observation) -> str:
    """All that it says, without what stands in fields for secrets."""
    parts = [holder.name, *(f"{e.name} {e.value or ''}" for e in inside(holder, now) if "password" not in e.states)]
    return " ".join(parts)[:_MOST]


def record_of(element: Element, now: Observation) -> Element | None:
    """The row or item of a list that it stands in, or is."""
    return next((e for e in (element, *now.ancestors(element)) if e.role in RECORDS), None)


def dialog_of(element: Element, now: Observation) -> Element | None:
    """The dialog that it stands in."""
    return next((e for e in now.ancestors(element) if e.role in DIALOGS), None)


def asks(dialog: Element, now: Observation) -> str:
    """What a dialog asks that leaves a choice; "" for one that is filled in, or only tells."""
    if dialog.ref == "dialog":  # the browser's own: all that it says is the question
        return dialog.name
    parts = list(inside(dialog, now))
    buttons = [e for e in parts if e.role == "button"]
    if any(e.role in FIELDS | TICKS for e in parts) or len(buttons) < 2:
        return ""
    words = [e.name for e in parts if e.role in ("text", "heading", "paragraph", "label", "generic", "status", "alert")]
    return " ".join((dialog.name, dialog.description, *words))[:_MOST]


def way_out(element: Element) -> bool:
    """Whether a button leaves all as it is."""
    first = called(element).casefold().replace("’", "'").split()
    return bool(first) and (first[0].strip(".,!") in _OUT or (first[0] in ("don't", "do") and "not" in first[:2]))


def default_button(now: Observation) -> Element | None:
    """What Return presses while nothing has the keyboard: the first button of the dialog in front that says yes."""
    roots = [e for e in now.elements if e.role in DIALOGS and "modal" in e.states]
    if not roots or any("focused" in e.states for e in now.elements):
        return None
    buttons = [e for e in now.elements if e.role == "button" and roots[-1] in now.ancestors(e)]
    return next((e for e in buttons if not way_out(e)), None)


def around(element: Element, now: Observation) -> str:
    """What names the group or dialog that it stands in."""
    groups = [e for e in now.ancestors(element) if e.role in _GROUPS | DIALOGS and called(e)]
    return called(groups[0]) if groups else ""


def twins(element: Element, now: Observation) -> list[Element]:
    """All that act and bear its label, itself among them."""
    return [e for e in now.elements if e.role == element.role and called(e) == called(element)]


def front(now: Observation) -> str:
    """What says which thing a whole page or window is about: title, address, headings, what is chosen."""
    chosen = (e for e in now.elements if e.states & {"selected", "checked"} and e.role not in ("tab", "option"))
    heads = (e.name for e in now.elements if e.role == "heading")
    texts = [now.place.window, now.place.url, *heads, *(text_of(record_of(e, now) or e, now) for e in chosen)]
    return " ".join(texts)[:_MOST]


def submit_of(field: Element, now: Observation) -> Element | None:
    """The button that ends the form of a field."""
    form = next((e for e in now.ancestors(field) if e.role in ("form", "search") or locator(e, "tag") == "form"), None)
    if form is None:
        return None
    return next((e for e in inside(form, now) if locator(e, "type") in ("submit", "image")), None)


def program(element: Element, now: Observation) -> str:
    """Which program it belongs to, by its handle; "" where that does not tell."""
    kind, _, rest = element.ref.partition("|")
    return rest.partition("|")[0] if kind == "a11y" else ""


def front_programs(now: Observation) -> frozenset[str]:
    """The programs whose windows take the keyboard."""
    return frozenset(program(e, now) for e in now.elements if e.parent < 0 and "active" in e.states) - {""}
