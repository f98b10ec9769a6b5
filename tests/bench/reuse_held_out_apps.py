"""Simulated apps for the bench `reuse` that were written when the memory was done.

Nothing in it was changed for them.
"""

from __future__ import annotations

from typing import ClassVar

from tests.bench.reuse_apps import DONE, App, Do, Item, Shape, State, Values, first


class Bank(App):
    """A large amount needs one confirmation more; a new payee must be entered first; the oldest bill changes."""

    name, start = "bank", "overview"
    held_out = True
    popups: ClassVar[dict[str, tuple[str, str]]] = {
        "Security tip": ("Understood", "Learn more"),
        "Stay signed in": ("Not on this device", "Yes"),
    }
    known = ("Rita Stone", "Omar Hill")
    payees = (*known, "Lena Brook", "Paul Marsh")
    shapes = (
        Shape("Transfer {sum} euros to {who}", {"sum": ("20", "75", "400", "950"), "who": payees}, (), "pay"),
        Shape("Transfer {sum} euros to {who} with the reference '{text}'",
              {"sum": ("20", "75", "400"), "who": payees}, ("text",), "refer"),
        Shape("Block my {card} card", {"card": ("debit", "credit", "travel")}, (), "block"),
        Shape("Pay the oldest open bill", {}, (), "bill"),
        Shape("Download the statement of {month}", {"month": ("January", "February", "March")}, (), "statement"),
    )  # fmt: skip

    def begin(self, state: State) -> None:
        state.held["bills"] = "|".join(state.noise.sample(("Water bill", "Power bill", "Rent bill", "Phone bill"), 3))

    def items(self, state: State) -> list[Item]:
        held = state.held
        pages: dict[str, list[Item]] = {
            "overview": [("button", "Transfer"), ("button", "Cards"), ("button", "Bills"), ("button", "Statements")],
            "whom": [("button", "New payee"), ("button", "Back")],
            "payee": [("textbox", "Full name", held.get("Full name", "")), ("button", "Use")],
            "amount": [
                ("button", f"Paying {held.get('to', '')}"), ("textbox", "Amount", held.get("Amount", "")),
                ("textbox", "Reference", held.get("Reference", "")), ("button", "Next"),
            ],
            "check": [("checkbox", "I checked the payee", held.get("checked", "")), ("button", "Continue")],
            "sign": [("button", "Sign"), ("button", "Reject")],
            "cards": [("tab", "Debit"), ("tab", "Credit"), ("tab", "Travel"), ("button", "Block card")],
            "bills": [("button", "Back")],
            "statements": [("button", "January"), ("button", "February"), ("button", "March")],
        }  # fmt: skip
        return pages[state.page]

    def rows(self, state: State) -> list[str]:
        return {"whom": list(self.known), "bills": state.held["bills"].split("|")}.get(state.page, [])

    def click(self, state: State, role: str, name: str) -> None:
        held, page = state.held, state.page
        if role == "option":
            held["to"], state.page = name, "amount" if page == "whom" else "sign"
        elif role == "checkbox":
            held["checked"] = "on"
        elif role == "tab":
            held["card"] = name
        elif page == "payee":
            held["to"], state.page = held["Full name"], "amount"
        elif name == "Next":
            state.page = "check" if int(held["Amount"]) >= 400 else "sign"
        elif name in ("Sign", "Block card") or page == "statements":
            state.done.append(f"{name} {sorted(held.items())}")
        else:
            going = {"Transfer": "whom", "New payee": "payee", "Continue": "sign"}
            state.page = going.get(name, name.casefold() if name != "Back" else "overview")

    def next(self, state: State, shape: str, v: Values) -> Do:
        held, page = state.held, state.page
        if state.done:
            return DONE
        door = {"block": "Cards", "bill": "Bills", "statement": "Statements"}.get(shape, "Transfer")
        who, card = v.get("who", ""), v.get("card", "").capitalize()
        return first(
            (page == "overview", ("click", "button", door)),
            (page == "whom" and who in self.known, ("click", "option", who)),
            (page == "whom", ("click", "button", "New payee")),
            (page == "payee" and held.get("Full name") != who, ("fill", "Full name", who)),
            (page == "payee", ("click", "button", "Use")),
            (page == "amount" and held.get("Amount") != v["sum"] if "sum" in v else False,
             ("fill", "Amount", v.get("sum", ""))),
            (page == "amount" and held.get("Reference", "") != v.get("text", ""),
             ("fill", "Reference", v.get("text", ""))),
            (page == "amount", ("click", "button", "Next")),
            (page == "check" and held.get("checked") != "on", ("click", "checkbox", "I checked the payee")),
            (page == "check", ("click", "button", "Continue")),
            (page == "sign", ("click", "button", "Sign")),
            (page == "cards" and held.get("card") != card, ("click", "tab", card)),
            (page == "cards", ("click", "button", "Block card")),
            (page == "bills", ("click", "option", held["bills"].split("|")[-1])),
            (True, ("click", "button", v.get("month", ""))),
        )  # fmt: skip


class Calendar(App):
    """Days are named otherwise than in the task; a reminder is there already or not; some things repeat."""

    name, start = "calendar", "week"
    held_out = True
    popups: ClassVar[dict[str, tuple[str, str]]] = {"Sync": ("Later", "Sync now")}
    days: ClassVar[dict[str, str]] = {"monday": "Mon", "tuesday": "Tue", "friday": "Fri"}
    shapes = (
        Shape("Create the event '{text}' on {day}", {"day": tuple(days)}, ("text",), "new"),
        Shape("Create the event '{text}' on {day} and invite {who}",
              {"day": tuple(days), "who": ("Nora Vale", "Otto Wick", "Pia York")}, ("text",), "invite"),
        Shape("Create the weekly event '{text}' on {day}", {"day": tuple(days)}, ("text",), "weekly"),
        Shape("Show the {kind} view", {"kind": ("month", "year", "agenda")}, (), "view"),
        Shape("Delete the first event on {day}", {"day": tuple(days)}, (), "delete"),
    )  # fmt: skip

    def begin(self, state: State) -> None:
        state.held["remind"] = state.noise.choice(("on", ""))
        state.held["events"] = "|".join(state.noise.sample(("Choir", "Dentist", "Lunch", "Yoga"), 2))

    def items(self, state: State) -> list[Item]:
        held = state.held
        pages: dict[str, list[Item]] = {
            "week": [*(("button", day) for day in self.days.values()), ("button", "View")],
            "day": [("button", "Add event"), ("button", "Week")],
            "event": [
                ("textbox", "Title", held.get("Title", "")), ("checkbox", "Remind me", held["remind"]),
                ("button", "Repeat"), ("button", "Guests"), ("button", "Save"),
            ],
            "repeat": [("radio", "Every day"), ("radio", "Every week"), ("button", "OK")],
            "guests": [("textbox", "Name", held.get("Name", "")), ("button", "Invite")],
            "view": [("menuitem", "Month"), ("menuitem", "Year"), ("menuitem", "Agenda")],
            "entry": [("button", "Edit"), ("button", "Delete")],
        }  # fmt: skip
        return pages[state.page]

    def rows(self, state: State) -> list[str]:
        return state.held["events"].split("|") if state.page == "day" else []

    def click(self, state: State, role: str, name: str) -> None:
        held, page = state.held, state.page
        if page == "week" and name != "View":
            held["day"], state.page = name, "day"
        elif role == "option":
            held["entry"], state.page = name, "entry"
        elif role == "checkbox":
            held["remind"] = "" if held["remind"] else "on"
        elif role == "radio":
            held["repeat"] = name
        elif name == "Invite":
            held["guest"], state.page = held["Name"], "event"
        elif name in ("Save", "Delete") or role == "menuitem":
            state.done.append(f"{name} {sorted(held.items())}")
        else:
            going = {"View": "view", "Add event": "event", "Repeat": "repeat", "Guests": "guests", "OK": "event"}
            state.page = going.get(name, "week")

    def next(self, state: State, shape: str, v: Values) -> Do:
        held, page = state.held, state.page
        if state.done:
            return DONE
        text = v.get("text", "")
        return first(
            (page == "week" and shape == "view", ("click", "button", "View")),
            (page == "view", ("click", "menuitem", v.get("kind", "").capitalize())),
            (page == "week", ("click", "button", self.days.get(v.get("day", ""), ""))),
            (page == "day" and shape == "delete", ("click", "option", held["events"].split("|")[0])),
            (page == "entry", ("click", "button", "Delete")),
            (page == "day", ("click", "button", "Add event")),
            (page == "event" and held.get("Title") != text, ("fill", "Title", text)),
            (page == "event" and not held["remind"], ("click", "checkbox", "Remind me")),
            (page == "event" and shape == "weekly" and "repeat" not in held, ("click", "button", "Repeat")),
            (page == "repeat" and "repeat" not in held, ("click", "radio", "Every week")),
            (page == "repeat", ("click", "button", "OK")),
            (page == "event" and shape == "invite" and "guest" not in held, ("click", "button", "Guests")),
            (page == "guests" and held.get("Name") != v.get("who"), ("fill", "Name", v.get("who", ""))),
            (page == "guests", ("click", "button", "Invite")),
            (True, ("click", "button", "Save")),
        )


HELD_OUT: dict[str, type[App]] = {made.name: made for made in (Bank, Calendar)}
