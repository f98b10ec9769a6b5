"""What a page says of a form that it, or the browser, did not take: for the person who is told that a replay halted.

Pure over looks. Texts of a page are quoted as they stand and obeyed never; what a field holds is not looked at.
"""

from __future__ import annotations

from cua.core import Click, Element, Fill, Invoke, Observation, Step
from cua.policies.leaving import without_leaving
from cua.screen import called

_MOST, _LONGEST = 3, 160
_ALERTS = frozenset({"alert"})
_PLAIN = frozenset({"text", "paragraph", "generic", "status", "log", "listitem", "tooltip"})
_NAMES = ("beside", "placeholder", "name")
_FILLED = frozenset(
    {"textbox", "searchbox", "combobox", "listbox", "checkbox", "radio", "spinbutton", "slider", "switch"}
)
FORM = "form"  # the locator that says which form something belongs to
COMPLAINT = "complaint"  # the locator that holds what is said of a field


def complaints(now: Observation, before: Observation | None = None, *, pending: bool = False) -> str:
    """What is said of fields that are not accepted, and what alerts say, in words to go on with; "" where nothing is.

    With the look `before` the act only alerts that came since, and of the fields those that were accepted then, if any;
    where there are none, the few texts that came since. `pending` counts in what would be said if it were sent now.
    """
    states = {"invalid", "refused"}
    refused = [e for e in now.elements if states & e.states or (pending and _said(e, COMPLAINT))]
    fresh = [e for e in refused if before is None or newly(e, before)]
    there = {called(e) for e in before.elements} if before is not None else set[str]()
    there |= {_alert(e, before) for e in before.elements if e.role in _ALERTS} if before is not None else set[str]()
    alerts = [text for e in now.elements if e.role in _ALERTS and (text := _alert(e, now)) and text not in there]
    of_fields = [_of_field(each) for each in fresh or refused]
    rest = [_quoted(text) for text in alerts if not any(_short(text) in said for said in of_fields)]
    who = "page" if now.place.url else "dialog"
    found = [*of_fields, *(f"the {who} says: {said}" for said in rest)]
    if not found and before is not None and before.place.url == now.place.url:
        came = [e for e in now.elements if e.role in _PLAIN and called(e) and called(e) not in there]
        found = [f"since then it shows {_quoted(called(each))}" for each in came] if len(came) <= _MOST else []
    return "".join(f"; {said}" for said in list(dict.fromkeys(found))[:_MOST])


def _alert(alert: Element, now: Observation) -> str:
    """What an alert says. On a desktop it is a dialog, and what it is called only its title: then its labels."""
    if now.place.url:
        return called(alert)
    inside = (e for e in now.elements if e.role in _PLAIN and any(up.ref == alert.ref for up in now.ancestors(e)))
    said = dict.fromkeys(filter(None, (" ".join(called(e).split()) for e in inside if "showing" in e.states)))
    return " ".join(said) or called(alert)


def unsent(now: Observation) -> list[Element]:
    """The fields for which the browser did not send a form after the last act."""
    return [e for e in now.elements if "refused" in e.states]


def only_filled(steps: tuple[Step, ...], now: Observation) -> Element | None:
    """The button that sends the form which was filled in last, if nothing after that can have sent it; None where none
    is left so.
    """
    steps = without_leaving(steps)
    if not steps or not isinstance(steps[-1].action, Fill | Click | Invoke):
        return None
    field = steps[-1].action.target
    form = _said(field, FORM) if isinstance(field, Element) and field.role in _FILLED else ""
    if not form or steps[-1].seen.place.url != now.place.url:
        return None
    return next((e for e in now.elements if e.role == "button" and e.box and _said(e, FORM) == form), None)


def newly(field: Element, before: Observation) -> bool:
    """Whether a field was there on that look, and accepted."""
    same = (e for e in before.elements if (e.ref, e.role) == (field.ref, field.role))
    return any(not {"invalid", "refused"} & e.states for e in same)


def _of_field(field: Element) -> str:
    said, who = _said(field, COMPLAINT), "browser" if "refused" in field.states else "page"
    of = _quoted(title(field))
    return f"the {who} says of {of}: {_quoted(said)}" if said else f"the {who} does not accept {of}"


def title(field: Element) -> str:
    """What a person calls a field."""
    return field.name or next(filter(None, (_said(field, kind) for kind in _NAMES)), field.role)


def _said(field: Element, kind: str) -> str:
    return next((at.value for at in field.locators if at.kind == kind), "")


def _quoted(text: str) -> str:
    return f'"{_short(text)}"'


def _short(text: str) -> str:
    plain = " ".join(text.split())
    return plain if len(plain) <= _LONGEST else f"{plain[: _LONGEST - 1]}\u2026"
