"""Four more simulated apps for the bench `reuse`, with what tempts a memory to go wrong.

Switches that are on already, defaults that need no act, two things in one task, a choice by what a list shows, an extra
step for some values only, and the same screens for opposite tasks.
"""

from __future__ import annotations

from typing import ClassVar

from tests.bench.reuse_apps import DONE, App, Do, Item, Shape, State, Values, first
from tests.bench.reuse_four_apps import MAKERS


class Settings(App):
    """Switches on pages, in any state at the start, which only shows there; many tasks ask for two things."""

    name = "settings"
    switches: ClassVar[dict[str, tuple[str, str]]] = {
        "bluetooth": ("Connections", "Bluetooth"), "airplane mode": ("Connections", "Airplane mode"),
        "dark theme": ("Display", "Dark theme"), "night light": ("Display", "Night light"),
        "do not disturb": ("Sound", "Do not disturb"), "vibration": ("Sound", "Vibration"),
    }  # fmt: skip
    what = tuple(switches)
    shapes = (
        Shape("Turn on {one}", {"one": what}, (), "on"),
        Shape("Turn off {one}", {"one": what}, (), "off"),
        Shape("Turn on {one} and then turn off {two}", {"one": what, "two": what}, (), "both"),
        Shape("Set the device name to '{text}'", {}, ("text",), "name"),
        Shape("Turn on {one} and set the device name to '{text}'", {"one": what}, ("text",), "also"),
    )

    def begin(self, state: State) -> None:
        state.held |= {name: state.noise.choice(("on", "off", "off")) for _, name in self.switches.values()}

    def items(self, state: State) -> list[Item]:
        if state.page == "home":
            return [("button", page) for page in ("Connections", "Display", "Sound", "About")]
        if state.page == "About":
            return [
                ("textbox", "Device name", state.held.get("Device name", "")),
                ("button", "Apply"),
                ("button", "Up"),
            ]
        mine = [name for page, name in self.switches.values() if page == state.page]
        return [*(("checkbox", name, state.held[name]) for name in mine), ("button", "Up")]

    def click(self, state: State, role: str, name: str) -> None:
        if role == "checkbox":
            state.held[name] = "off" if state.held[name] == "on" else "on"
        elif name == "Apply":
            state.held["applied"] = state.held["Device name"]
        state.page = {"Up": "home", "Apply": "About"}.get(name, name) if role == "button" else state.page
        state.held[f"seen {state.page}"] = "yes"
        state.done[:] = [f"{key} {value}" for key, value in sorted(state.held.items()) if not key.startswith("seen")]

    def next(self, state: State, shape: str, v: Values) -> Do:
        held, page = state.held, state.page
        wanted = {"off": [("one", "off")], "both": [("one", "on"), ("two", "off")], "name": []}.get(
            shape, [("one", "on")]
        )
        for key, way in wanted:
            at, name = self.switches[v[key]]
            if key == "one" and len(wanted) == 2 and v["one"] == v["two"]:
                continue
            if held[name] != way or f"seen {at}" not in held:
                return first(
                    (page == at, ("click", "checkbox", name)),
                    (page == "home", ("click", "button", at)),
                    (True, ("click", "button", "Up")),
                )
        if "text" not in v or held.get("applied") == v["text"]:
            return DONE
        return first(
            (page == "home", ("click", "button", "About")),
            (page != "About", ("click", "button", "Up")),
            (held.get("Device name") != v["text"], ("fill", "Device name", v["text"])),
            (True, ("click", "button", "Apply")),
        )


class Browser(App):
    """Pages by address; bookmarks in a folder; the history shows other things each time."""

    name, start = "browser", "page"
    popups: ClassVar[dict[str, tuple[str, str]]] = {
        "Notifications": ("Block", "Allow"),
        "Cookies": ("Reject all", "Accept all"),
    }
    sites = ("news.example.org", "shop.example.com", "wiki.example.net", "mail.example.com")
    shapes = (
        Shape("Open {site}", {"site": sites}, (), "open"),
        Shape("Bookmark {site} as '{text}'", {"site": sites}, ("text",), "mark"),
        Shape("Open {site} in a private window", {"site": sites}, (), "private"),
        Shape("Clear the history of the last {span}", {"span": ("hour", "day", "week")}, (), "clear"),
        Shape("Reopen the page I visited last", {}, (), "last"),
    )

    def begin(self, state: State) -> None:
        state.held["visited"] = "|".join(state.noise.sample(("Weather", "Sports", "Recipes", "Trains", "Films"), 3))

    def items(self, state: State) -> list[Item]:
        held = state.held
        pages: dict[str, list[Item]] = {
            "page": [("textbox", "Address", held.get("Address", "")), ("button", "Go"), ("button", "Menu")],
            "site": [("button", "Star"), ("button", "Menu"), ("button", "Reload")],
            "menu": [("menuitem", "New private window"), ("menuitem", "History"), ("menuitem", "Print")],
            "history": [("button", "Clear data"), ("button", "Search history")],
            "clear": [("radio", "60 minutes"), ("radio", "24 hours"), ("radio", "7 days"), ("button", "Clear now")],
            "star": [("textbox", "Name", held.get("Name", "")), ("button", "Save")],
        }  # fmt: skip
        return pages[state.page]

    def rows(self, state: State) -> list[str]:
        return state.held["visited"].split("|") if state.page == "history" else []

    def click(self, state: State, role: str, name: str) -> None:
        held = state.held
        if role == "option" or name in ("Save", "Clear now"):
            state.done.append(f"{name} {held}")
        elif name == "Go":
            state.page = "site"
            state.done.append(f"at {held['Address']} {held.get('private')}")
        elif role == "radio":
            held["span"] = name
        elif name == "New private window":
            held["private"], state.page = "yes", "page"
        else:
            state.page = {"Menu": "menu", "History": "history", "Clear data": "clear", "Star": "star"}.get(
                name, state.page
            )

    def next(self, state: State, shape: str, v: Values) -> Do:
        held, page, site = state.held, state.page, v.get("site", "")
        if any(not done.startswith("at ") or shape in ("open", "private") for done in state.done):
            return DONE
        span = {"hour": "60 minutes", "day": "24 hours", "week": "7 days"}.get(v.get("span", ""), "")
        inside = shape in ("open", "mark") or (shape == "private" and "private" in held)
        return first(
            (page == "page" and not inside, ("click", "button", "Menu")),
            (page == "menu", ("click", "menuitem", "New private window" if shape == "private" else "History")),
            (page == "page" and held.get("Address") != site, ("fill", "Address", site)),
            (page == "page", ("click", "button", "Go")),
            (page == "history" and shape == "last", ("click", "option", held["visited"].split("|")[0])),
            (page == "history", ("click", "button", "Clear data")),
            (page == "clear" and held.get("span") != span, ("click", "radio", span)),
            (page == "clear", ("click", "button", "Clear now")),
            (page == "site", ("click", "button", "Star")),
            (held.get("Name") != v.get("text"), ("fill", "Name", v.get("text", ""))),
            (True, ("click", "button", "Save")),
        )


class Delivery(App):
    """A default size, an age check for some drinks only, and a time of day under another name."""

    name = "delivery"
    popups: ClassVar[dict[str, tuple[str, str]]] = {"Offers": ("Skip", "See offers")}
    houses: ClassVar[dict[str, tuple[str, ...]]] = {
        "Mario's": ("Margherita", "Funghi", "Diavola"),
        "Golden Wok": ("Fried rice", "Noodles", "Tofu"),
    }
    drinks = ("water", "lemonade", "beer", "wine")
    shapes = (
        Shape("Order a {size} Margherita from Mario's for {time}",
              {"size": ("small", "medium", "large"), "time": ("lunch", "dinner")}, (), "pizza"),
        Shape("Order {dish} from Golden Wok with the note '{text}'",
              {"dish": ("Fried rice", "Noodles", "Tofu")}, ("text",), "wok"),
        Shape("Order {drink} from the corner shop", {"drink": drinks}, (), "drink"),
        Shape("Add the address '{text}' to my profile", {}, ("text",), "address"),
    )  # fmt: skip

    def begin(self, state: State) -> None:
        state.held["size"] = "medium"

    def items(self, state: State) -> list[Item]:
        held = state.held
        sizes: list[Item] = [
            ("radio", size, "on" if held["size"] == size.casefold() else "") for size in ("Small", "Medium", "Large")
        ]
        pages: dict[str, list[Item]] = {
            "home": [("button", "Mario's"), ("button", "Golden Wok"), ("button", "Corner shop"), ("button", "Profile")],
            "Mario's": [("button", name) for name in self.houses["Mario's"]],
            "Golden Wok": [("button", name) for name in self.houses["Golden Wok"]],
            "Corner shop": [("button", name.capitalize()) for name in self.drinks],
            "dish": [*sizes, ("textbox", "Note", held.get("Note", "")), ("button", "Add")],
            "age": [("button", "I am 18 or older"), ("button", "Leave")],
            "when": [("radio", "12:00 to 14:00"), ("radio", "18:00 to 20:00"), ("button", "Continue")],
            "pay": [("button", "Place order"), ("button", "Cancel")],
            "Profile": [("button", "Addresses"), ("button", "Cards")],
            "Addresses": [("textbox", "Address", held.get("Address", "")), ("button", "Save")],
        }  # fmt: skip
        return pages[state.page]

    def click(self, state: State, role: str, name: str) -> None:
        held, page = state.held, state.page
        if role == "radio":
            held["size" if page == "dish" else "slot"] = name.casefold()
        elif name in ("Place order", "Save"):
            state.done.append(f"{name} {sorted(held.items())}")
        elif page in ("Mario's", "Golden Wok", "Corner shop"):
            held["dish"] = name
            state.page = "dish" if page != "Corner shop" else "age" if name in ("Beer", "Wine") else "when"
        else:
            state.page = {"Add": "when", "Continue": "pay", "I am 18 or older": "when"}.get(name, name)

    def next(self, state: State, shape: str, v: Values) -> Do:
        held, page = state.held, state.page
        if state.done:
            return DONE
        slot = {"lunch": "12:00 to 14:00", "dinner": "18:00 to 20:00"}.get(v.get("time", ""), "")
        house = {"pizza": "Mario's", "wok": "Golden Wok", "drink": "Corner shop", "address": "Profile"}[shape]
        dish = {"pizza": "Margherita", "drink": v.get("drink", "").capitalize()}.get(shape, v.get("dish", ""))
        size, note = v.get("size", "medium"), v.get("text", "")
        return first(
            (page == "home", ("click", "button", house)),
            (page in ("Mario's", "Golden Wok", "Corner shop"), ("click", "button", dish)),
            (page == "dish" and held["size"] != size, ("click", "radio", size.capitalize())),
            (page == "dish" and held.get("Note", "") != note, ("fill", "Note", note)),
            (page == "dish", ("click", "button", "Add")),
            (page == "age", ("click", "button", "I am 18 or older")),
            (page == "when" and bool(slot) and held.get("slot") != slot, ("click", "radio", slot)),
            (page == "when", ("click", "button", "Continue")),
            (page == "pay", ("click", "button", "Place order")),
            (page == "Profile", ("click", "button", "Addresses")),
            (held.get("Address") != note, ("fill", "Address", note)),
            (True, ("click", "button", "Save")),
        )


class Video(App):
    """The newest video is another one each time; liking and disliking share every screen."""

    name = "video"
    popups: ClassVar[dict[str, tuple[str, str]]] = {
        "Autoplay": ("Keep off", "Turn on"),
        "Survey": ("Dismiss", "Answer"),
    }
    makers = ("Chef Lea", "Tech Tom", "Garden Gil", "Math Mia")
    shapes = (
        Shape("Play the newest video of {who}", {"who": makers}, (), "newest"),
        Shape("Like the newest video of {who}", {"who": makers}, (), "Like"),
        Shape("Dislike the newest video of {who}", {"who": makers}, (), "Dislike"),
        Shape("Subscribe to {who}", {"who": makers}, (), "Subscribe"),
        Shape("Comment '{text}' on the newest video of {who}", {"who": makers}, ("text",), "comment"),
        Shape("Set the quality to {quality}", {"quality": ("low", "high", "automatic")}, (), "quality"),
    )

    def begin(self, state: State) -> None:
        state.held["clips"] = "|".join(state.noise.sample(("Soup", "Robots", "Roses", "Primes", "Bread", "Phones"), 3))

    def items(self, state: State) -> list[Item]:
        held = state.held
        pages: dict[str, list[Item]] = {
            "home": [("textbox", "Search", held.get("Search", "")), ("button", "Options")],
            "channel": [("button", "Subscribe"), ("button", "About"), ("button", "Home")],
            "clip": [
                ("button", "Like"), ("button", "Dislike"), ("button", "Comments"), ("button", "Full screen"),
            ],
            "comments": [("textbox", "Your comment", held.get("Your comment", "")), ("button", "Post")],
            "options": [("menuitem", "Low"), ("menuitem", "High"), ("menuitem", "Automatic")],
        }  # fmt: skip
        return pages[state.page]

    def rows(self, state: State) -> list[str]:
        typed = state.held.get("Search", "")
        if state.page == "home":
            return [name for name in self.makers if typed and typed in name]
        return state.held["clips"].split("|") if state.page == "channel" else []

    def click(self, state: State, role: str, name: str) -> None:
        held = state.held
        if role == "option" and state.page == "home":
            held["channel"], state.page = name, "channel"
        elif role == "option":
            held["clip"], state.page = name, "clip"
            state.done.append(f"played {name} of {held['channel']}")
        elif name in ("Like", "Dislike", "Subscribe", "Post", "Low", "High", "Automatic"):
            state.done.append(f"{name} {held.get('channel')} {held.get('clip')} {held.get('Your comment')}")
        else:
            state.page = {"Options": "options", "Comments": "comments"}.get(name, "home")

    def next(self, state: State, shape: str, v: Values) -> Do:
        held, page = state.held, state.page
        last = state.done[-1] if state.done else ""
        if last and (shape == "newest" or not last.startswith("played")):
            return DONE
        return first(
            (page == "home" and shape == "quality", ("click", "button", "Options")),
            (page == "options", ("click", "menuitem", v.get("quality", "").capitalize())),
            (page == "home" and held.get("Search") != v.get("who"), ("fill", "Search", v.get("who", ""))),
            (page == "home", ("click", "option", v.get("who", ""))),
            (page == "channel" and shape == "Subscribe", ("click", "button", "Subscribe")),
            (page == "channel", ("click", "option", held["clips"].split("|")[0])),
            (page == "clip", ("click", "button", "Comments" if shape == "comment" else shape)),
            (held.get("Your comment") != v.get("text"), ("fill", "Your comment", v.get("text", ""))),
            (True, ("click", "button", "Post")),
        )


ALL: dict[str, type[App]] = MAKERS | {made.name: made for made in (Settings, Browser, Delivery, Video)}
