"""Four simulated apps for the bench `reuse`: writing to people, shopping, finding places, playing music."""

from __future__ import annotations

from typing import ClassVar

from tests.bench.reuse_apps import DONE, App, Do, Item, Shape, State, Values, first

PEOPLE = ("Anna Berg", "Carl Dahl", "Eva Falk", "Gus Holm", "Ida Jung", "Karl Lind")


class Messaging(App):
    """People who were written to lately can be clicked at once; others must be searched."""

    name, start = "messaging", "chats"
    popups: ClassVar[dict[str, tuple[str, str]]] = {"Rate us": ("Not now", "Rate"), "Backup": ("Later", "Back up")}
    shapes = (
        Shape("Send {who} the message '{text}'", {"who": PEOPLE}, ("text",), "send"),
        Shape("Mute the chat with {who}", {"who": PEOPLE}, (), "mute"),
        Shape("Delete the chat with {who}", {"who": PEOPLE}, (), "delete"),
        Shape("Create a group called '{text}' with {who}", {"who": PEOPLE}, ("text",), "group"),
    )

    def begin(self, state: State) -> None:
        state.held["recent"] = "|".join(PEOPLE[:3])

    def items(self, state: State) -> list[Item]:
        held = state.held
        pages: dict[str, list[Item]] = {
            "chats": [("button", "Search"), ("button", "New group"), ("button", "Menu")],
            "search": [("button", "Back"), ("textbox", "Name", held.get("Name", ""))],
            "chat": [
                ("button", "Back"), ("button", f"Call {held.get('with', '')}"), ("button", "Options"),
                ("textbox", "Message", held.get("Message", "")), ("button", "Send"),
            ],
            "options": [("button", "Mute"), ("button", "Delete"), ("button", "Close")],
            "really": [("button", "Delete chat"), ("button", "Keep")],
            "group": [
                ("textbox", "Group name", held.get("Group name", "")), ("button", "Members"), ("button", "Create"),
            ],
            "members": [("textbox", "Name", held.get("Name", "")), ("button", "Add")],
        }  # fmt: skip
        return pages[state.page]

    def rows(self, state: State) -> list[str]:
        if state.page == "chats":
            return state.noise.sample(state.held["recent"].split("|"), 3)
        wanted = state.held.get("Name", "")
        return [p for p in PEOPLE if wanted and wanted in p] if state.page in ("search", "members") else []

    def click(self, state: State, role: str, name: str) -> None:
        held, page = state.held, state.page
        if role == "option" and page != "members":
            held["with"], state.page = name, "chat"
        elif role == "option":
            held["member"] = name
        elif name == "Send":
            state.done.append(f"sent {held.pop('Message', '')} to {held['with']}")
        elif name in ("Mute", "Delete chat", "Create"):
            state.done.append(f"{name} {held.get('with', '')} {held.get('Group name', '')} {held.get('member', '')}")
            state.page = "chats" if name != "Mute" else "chat"
        else:
            going = {"Search": "search", "New group": "group", "Options": "options", "Delete": "really", "Add": "group"}
            state.page = going.get(name, "members" if name == "Members" else "chats")

    def next(self, state: State, shape: str, v: Values) -> Do:
        held, page = state.held, state.page
        if state.done:
            return DONE
        if shape == "group":
            return first(
                (page == "chats", ("click", "button", "New group")),
                (page == "group" and held.get("Group name") != v["text"], ("fill", "Group name", v["text"])),
                (page == "group" and "member" not in held, ("click", "button", "Members")),
                (page == "group", ("click", "button", "Create")),
                (held.get("Name") != v["who"], ("fill", "Name", v["who"])),
                ("member" not in held, ("click", "option", v["who"])),
                (True, ("click", "button", "Add")),
            )
        do = {"mute": "Mute", "delete": "Delete"}.get(shape, "")
        return first(
            (page == "chats" and v["who"] in held["recent"], ("click", "option", v["who"])),
            (page == "chats", ("click", "button", "Search")),
            (page == "search" and held.get("Name") != v["who"], ("fill", "Name", v["who"])),
            (page == "search", ("click", "option", v["who"])),
            (page == "chat" and shape != "send", ("click", "button", "Options")),
            (page == "options", ("click", "button", do)),
            (page == "really", ("click", "button", "Delete chat")),
            (held.get("Message") != v.get("text"), ("fill", "Message", v.get("text", ""))),
            (True, ("click", "button", "Send")),
        )


class Shopping(App):
    """How many is told by pressing plus; the newest or cheapest thing depends on what the list shows."""

    name = "shopping"
    popups: ClassVar[dict[str, tuple[str, str]]] = {"Cookies": ("Reject all", "Accept all")}
    shapes = (
        Shape(
            "Buy {count} {size} {thing}",
            {"count": ("1", "2", "3"), "size": ("small", "medium", "large"), "thing": ("shirts", "socks", "hats")},
            (), "buy",
        ),
        Shape("Put the cheapest {thing} on my wish list", {"thing": ("shirts", "socks", "hats")}, (), "wish"),
        Shape("Search for '{text}' and save the search", {}, ("text",), "save"),
        Shape("Show my {page}", {"page": ("orders", "coupons", "returns")}, (), "show"),
    )  # fmt: skip

    def begin(self, state: State) -> None:
        state.held |= {"size": "medium", "count": "1"}
        prices = state.noise.sample(range(3, 60), 3)
        state.held["offers"] = "|".join(f"{name} {price} euro" for name, price in zip("PQR", prices, strict=True))

    def items(self, state: State) -> list[Item]:
        held = state.held
        sizes: list[Item] = [
            ("radio", size, "on" if held["size"] == size.casefold() else "") for size in ("Small", "Medium", "Large")
        ]
        pages: dict[str, list[Item]] = {
            "home": [("textbox", "Search", held.get("Search", "")), ("button", "Go"), ("button", "Account")],
            "results": [("button", "Save search"), ("button", "Sort"), ("button", "Home")],
            "product": [*sizes, ("button", "Plus"), ("button", "Minus"), ("button", "Add to cart"), ("button", "Wish")],
            "cart": [("button", "Check out"), ("button", "Empty")],
            "account": [("button", "Orders"), ("button", "Coupons"), ("button", "Returns"), ("button", "Home")],
            "orders": [("button", "Home")], "coupons": [("button", "Home")], "returns": [("button", "Home")],
            "gift": [("button", "Gift wrap"), ("button", "No wrap")],
        }  # fmt: skip
        return pages[state.page]

    def rows(self, state: State) -> list[str]:
        return state.held["offers"].split("|") if state.page == "results" else []

    def click(self, state: State, role: str, name: str) -> None:
        held = state.held
        if role == "option":
            held["product"], state.page = name, "product"
        elif role == "radio":
            held["size"] = name.casefold()
        elif name in ("Plus", "Minus"):
            held["count"] = str(int(held["count"]) + (1 if name == "Plus" else -1))
        elif name in ("Save search", "Wish", "Check out", "No wrap"):
            state.done.append(f"{name} {held.get('product')} {held['size']} {held['count']} {held.get('Search')}")
        else:
            going = {
                "Go": "results",
                "Add to cart": "gift" if held["size"] == "large" else "cart",
                "Account": "account",
            }
            state.page = going.get(name, name.casefold())
            state.done += [f"shown {name}"] if name in ("Orders", "Coupons", "Returns") else []

    def next(self, state: State, shape: str, v: Values) -> Do:
        held, page = state.held, state.page
        if state.done:
            return DONE
        offers = held["offers"].split("|")
        cheapest = min(offers, key=lambda name: int(name.split()[1]))
        wanted = v.get("text", v.get("thing", ""))
        return first(
            (page == "home" and shape == "show", ("click", "button", "Account")),
            (page == "account", ("click", "button", v.get("page", "").capitalize())),
            (page == "home" and held.get("Search") != wanted, ("fill", "Search", wanted)),
            (page == "home", ("click", "button", "Go")),
            (page == "results" and shape == "save", ("click", "button", "Save search")),
            (page == "results", ("click", "option", cheapest if shape == "wish" else offers[0])),
            (page == "product" and shape == "wish", ("click", "button", "Wish")),
            (page == "product" and held["size"] != v.get("size"), ("click", "radio", v.get("size", "").capitalize())),
            (page == "product" and int(held["count"]) < int(v.get("count", 1)), ("click", "button", "Plus")),
            (page == "product", ("click", "button", "Add to cart")),
            (page == "gift", ("click", "button", "No wrap")),
            (True, ("click", "button", "Check out")),
        )


PLACES = ("Central Station", "City Museum", "North Harbour", "Old Mill", "West Park", "Opera House")


class Maps(App):
    """The way of travel has other names on the screen than in the task."""

    name, start = "maps", "map"
    popups: ClassVar[dict[str, tuple[str, str]]] = {"Location": ("Only this time", "Never")}
    shapes = (
        Shape("Navigate to {to} by {how}", {"to": PLACES, "how": ("bike", "car", "train")}, (), "go"),
        Shape("Find {what} near {to}", {"what": ("cafes", "pharmacies", "hotels"), "to": PLACES}, (), "near"),
        Shape("Save {to} as '{text}'", {"to": PLACES}, ("text",), "save"),
    )

    def items(self, state: State) -> list[Item]:
        pages: dict[str, list[Item]] = {
            "map": [("textbox", "Where to", state.held.get("Where to", "")), ("button", "Layers")],
            "place": [("button", "Directions"), ("button", "Nearby"), ("button", "Keep"), ("button", "Share")],
            "ways": [("tab", "Cycling"), ("tab", "Driving"), ("tab", "Transit"), ("button", "Start")],
            "nearby": [("button", "Food and drink"), ("button", "Health"), ("button", "Stay")],
            "keep": [("textbox", "Label", state.held.get("Label", "")), ("button", "Done")],
        }  # fmt: skip
        return pages[state.page]

    def rows(self, state: State) -> list[str]:
        typed = state.held.get("Where to", "")
        return [place for place in PLACES if typed and typed in place] if state.page == "map" else []

    def click(self, state: State, role: str, name: str) -> None:
        if role == "option":
            state.held["at"] = name
        if role == "tab":
            state.held["way"] = name
        elif name in ("Start", "Food and drink", "Health", "Stay", "Done"):
            state.done.append(f"{name} {state.held}")
        else:
            state.page = {"Directions": "ways", "Nearby": "nearby", "Keep": "keep"}.get(name, "place")

    def next(self, state: State, shape: str, v: Values) -> Do:
        held, page = state.held, state.page
        if state.done:
            return DONE
        way = {"bike": "Cycling", "car": "Driving", "train": "Transit"}.get(v.get("how", ""), "")
        kind = {"cafes": "Food and drink", "pharmacies": "Health", "hotels": "Stay"}.get(v.get("what", ""), "")
        door = {"go": "Directions", "near": "Nearby", "save": "Keep"}[shape]
        return first(
            (page == "map" and held.get("Where to") != v["to"], ("fill", "Where to", v["to"])),
            (page == "map", ("click", "option", v["to"])),
            (page == "place", ("click", "button", door)),
            (page == "ways" and held.get("way") != way, ("click", "tab", way)),
            (page == "ways", ("click", "button", "Start")),
            (page == "nearby", ("click", "button", kind)),
            (held.get("Label") != v.get("text"), ("fill", "Label", v.get("text", ""))),
            (True, ("click", "button", "Done")),
        )


class Music(App):
    """Songs are found by search; a playlist that is not there yet must be made first."""

    name, start = "music", "library"
    popups: ClassVar[dict[str, tuple[str, str]]] = {"Premium": ("No thanks", "Try it"), "Lyrics": ("Close", "Show")}
    songs = ("Blue Train", "So What", "Night Walk", "Green Hill", "Red Moon")
    lists = ("Running", "Dinner", "Focus", "Sleep")
    shapes = (
        Shape("Play {song}", {"song": songs}, (), "play"),
        Shape("Add {song} to the playlist {list}", {"song": songs, "list": lists}, (), "add"),
        Shape("Make a playlist called '{text}'", {}, ("text",), "make"),
        Shape("Set the sleep timer to {time} minutes", {"time": ("15", "30", "60")}, (), "timer"),
    )

    def begin(self, state: State) -> None:
        state.held["lists"] = "|".join(self.lists[:3])

    def items(self, state: State) -> list[Item]:
        held = state.held
        pages: dict[str, list[Item]] = {
            "library": [("textbox", "Find", held.get("Find", "")), ("button", "New playlist"), ("button", "Settings")],
            "song": [("button", "Play"), ("button", "More"), ("button", "Back")],
            "more": [("button", "Add to playlist"), ("button", "Share"), ("button", "Close")],
            "pick": [("button", "Create new"), ("button", "Cancel")],
            "create": [("textbox", "Title", held.get("Title", "")), ("button", "Save")],
            "settings": [("button", "Sleep timer"), ("button", "Quality")],
            "timer": [("button", "15 minutes"), ("button", "30 minutes"), ("button", "1 hour")],
        }  # fmt: skip
        return pages[state.page]

    def rows(self, state: State) -> list[str]:
        found = state.held.get("Find", "")
        if state.page == "library":
            return [song for song in self.songs if found and found in song]
        return state.held["lists"].split("|") if state.page == "pick" else []

    def click(self, state: State, role: str, name: str) -> None:
        held = state.held
        if role == "option" and state.page == "library":
            held["song"], state.page = name, "song"
        elif role == "option" or name in ("Play", "Save", "15 minutes", "30 minutes", "1 hour"):
            state.done.append(f"{name} {held.get('song')} {held.get('Title')}")
        else:
            going = {"More": "more", "Add to playlist": "pick", "Create new": "create", "New playlist": "create"}
            state.page = going.get(name, {"Settings": "settings", "Sleep timer": "timer"}.get(name, "library"))

    def next(self, state: State, shape: str, v: Values) -> Do:
        held, page = state.held, state.page
        if state.done:
            return DONE
        title = v.get("text", v.get("list", ""))
        minutes = {"15": "15 minutes", "30": "30 minutes", "60": "1 hour"}.get(v.get("time", ""), "")
        return first(
            (page == "library" and shape == "make", ("click", "button", "New playlist")),
            (page == "library" and shape == "timer", ("click", "button", "Settings")),
            (page == "library" and held.get("Find") != v.get("song"), ("fill", "Find", v.get("song", ""))),
            (page == "library", ("click", "option", v.get("song", ""))),
            (page == "song", ("click", "button", "Play" if shape == "play" else "More")),
            (page == "more", ("click", "button", "Add to playlist")),
            (page == "pick" and title in held["lists"], ("click", "option", title)),
            (page == "pick", ("click", "button", "Create new")),
            (page == "create" and held.get("Title") != title, ("fill", "Title", title)),
            (page == "create", ("click", "button", "Save")),
            (page == "settings", ("click", "button", "Sleep timer")),
            (True, ("click", "button", minutes)),
        )


MAKERS: dict[str, type[App]] = {cls.name: cls for cls in (Messaging, Shopping, Maps, Music)}
