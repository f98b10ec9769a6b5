"""What looks like an interruption and was asked for: pages, and how somebody who wants it goes on there.

A trap is sprung where the run does not end as it must, or where anything was put away.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cua.core import Action, Click, Element, Fill, Finish, Observation, Open, Step, Task, Wait
from cua.errors import RefusedError
from cua.policies.interruptions import Interruptible
from cua.run import Unkept, run
from drivers.web import Web

_HEAD = """<!doctype html><meta charset=utf-8><title>Trap</title><h1>Start</h1><script>
const done = (what) => { document.querySelector("h1").textContent = what };
const ask = (name, html) => {
  const box = document.createElement("div");
  Object.assign(box, { role: "dialog", ariaModal: "true", ariaLabel: name, innerHTML: html });
  box.onclick = (event) => {
    const to = event.target.dataset.to;
    if (to !== undefined) { box.remove(); done(to || "Start") }
  };
  document.body.append(box);
};
const late = (...what) => setTimeout(() => ask(...what), 300);
</script>"""


@dataclass(frozen=True, slots=True)
class Trap:
    """A page, what is done there ("click NAME", "fill NAME TEXT"; "late" waits for it), how its heading ends."""

    name: str
    goal: str
    page: str
    plan: tuple[str, ...]
    ends: str


def _asks(button: str, name: str, says: str, *answers: tuple[str, str]) -> str:
    buttons = " ".join(f"<button data-to='{what}'>{label}</button>" for label, what in answers)
    asked = f'<button onclick="ask(`{name}`, t.innerHTML)">{button}</button>'
    return f"<template id=t><p>{says}</p>{buttons}</template>{asked}"


TRAPS = (
    Trap("confirm of the browser", "Remove the first row",
         "<button onclick=\"if (confirm('Remove the row?')) done('Removed')\">Remove</button>",
         ("click Remove", "click OK"), "Removed"),
    Trap("save changes after quit", "Quit without keeping the text",
         _asks("Quit", "Unsaved", "Save changes before closing?", ("Save", "Kept"),
               ("Discard", "Left"), ("Cancel", "")),
         ("click Quit", "click Discard"), "Left"),
    Trap("a name after save as", "Keep the text as notes",
         _asks("Save as", "Save as", "<label>Name <input></label>", ("Keep", "Kept"), ("Cancel", "")),
         ("click Save as", "fill Name notes", "click Keep"), "Kept"),
    Trap("the newsletter is wanted", "Subscribe to the newsletter",
         _asks("Newsletter", "Offer", "Join our newsletter", ("Subscribe", "Subscribed"), ("No thanks", "Not")),
         ("click Newsletter", "click Subscribe"), "Subscribed"),
    Trap("the location is wanted", "Find shops near me",
         _asks("Use my location", "Location", "Shop wants to know your location", ("Allow", "Found"), ("Block", "Not")),
         ("click Use my location", "click Allow"), "Found"),
    Trap("the update is wanted", "Bring the program up to date",
         _asks("Check for updates", "Updater", "An update is available", ("Install", "Installed"), ("Later", "Not")),
         ("click Check for updates", "click Install"), "Installed"),
    Trap("an update that no word announced", "See that all is well",
         _asks("Check now", "System", "An update is available", ("Install", "Installed"), ("Later", "Not")),
         ("click Check now", "click Install"), "Installed"),
    Trap("a permission that comes late", "Show the map",
         _asks("Map", "Question", "Shop wants to know your location", ("Allow", "Found"), ("Block", "Not"))
         .replace("ask(", "late("),
         ("click Map", "late click Allow"), "Found"),
    Trap("a text that the browser asks for", "Call the list Winter",
         "<button onclick=\"done(prompt('Name'))\">Rename</button>",
         ("click Rename", "fill Name Winter", "click OK"), "Winter"),
    Trap("a survey beside the question", "Close my account",
         _asks("Delete account", "Goodbye", "Take our survey before you go?", ("Delete", "Deleted"), ("Cancel", "Not")),
         ("click Delete account", "click Delete"), "Deleted"),
    Trap("cookies are wanted", "Accept all cookies",
         _asks("Privacy", "Privacy", "We use cookies", ("Accept all", "Accepted"), ("Reject all", "Not")),
         ("click Privacy", "click Accept all"), "Accepted"),
    Trap("the rating is wanted", "Rate the lamp with five stars",
         _asks("Rate it", "Rate", "Rate this lamp", ("Five stars", "Rated"), ("Later", "Not")),
         ("click Rate it", "click Five stars"), "Rated"),
    Trap("the chat is wanted", "Ask the support about the order",
         _asks("Support", "Chat", "Need help? Chat with us", ("Start", "Chatting"), ("Close", "Not")),
         ("click Support", "click Start"), "Chatting"),
    Trap("leaving is wanted", "Go to the list",
         "<script>addEventListener('beforeunload', (e) => e.preventDefault())</script><button>Edit</button>"
         "<a href='data:text/html,<h1>List</h1>' onclick=\"event.preventDefault(); location = 'list.html'\">List</a>",
         ("click Edit", "click List", "click Leave"), "List"),
    Trap("a question that comes late", "Remove everything",
         _asks("Remove all", "Question", "Are you sure?", ("Yes", "Gone"), ("No", "")).replace("ask(", "late("),
         ("click Remove all", "late click Yes"), "Gone"),
    Trap("a dialog to read and use", "Buy the lamp shown under details",
         _asks("Details", "Lamp", "A lamp for the desk", ("Buy", "Bought"), ("Close", "Not")),
         ("click Details", "click Buy"), "Bought"),
    Trap("a form to log in", "Log in as Ada",
         "<a href='login.html'>Log in</a>", ("click Log in", "fill Password sesame", "click Log in"), "Inside"),
    Trap("a form that is emptied", "Start the form anew",
         "<label>Name <input></label><button onclick='location.reload()'>Reset</button>",
         ("fill Name Ada", "click Reset"), "Start"),
)  # fmt: skip
_LOGIN = (
    "<!doctype html><title>Log in</title><h1>Log in</h1><label>Password <input type=password></label>"
    "<button onclick=\"document.querySelector('h1').textContent = 'Inside'\">Log in</button>"
)


class Plan:
    """A policy that does what a trap says, by name; it is lost where that does not show."""

    def __init__(self, url: str, plan: tuple[str, ...]) -> None:
        self._url, self._plan = url, plan

    def decide(self, task: Task, steps: tuple[Step, ...], now: Observation) -> Action:
        """The act after those that were done; a wait is none."""
        done = sum(not isinstance(step.action, Wait) for step in steps)
        if done > len(self._plan):
            return Finish("done")
        return self._act(self._plan[done - 1], now) if done else Open(self._url)

    def _act(self, line: str, now: Observation) -> Action:
        do, _, name = line.partition(" ")
        if do == "late":
            there = {e.name for e in now.elements}
            return self._act(name, now) if name.partition(" ")[2] in there else Wait(0.5)
        if do == "fill":
            name, _, text = name.partition(" ")
            return Fill(_named(name, now, "textbox"), text)
        return Click(_named(name, now, "button", "link"))


def _named(name: str, now: Observation, *roles: str) -> Element:
    found = [e for e in now.elements if e.name == name and e.role in roles]
    if not found:
        raise RefusedError(f"there is no {' or '.join(roles)} called {name!r} on this screen")
    return found[-1]


def sprung(web: Web, folder: Path) -> Iterator[tuple[str, str]]:
    """Each trap, with what went wrong in it; "" where nothing did."""
    (folder / "login.html").write_text(_LOGIN)
    (folder / "list.html").write_text("<!doctype html><title>List</title><h1>List</h1>")
    for trap in TRAPS:
        (folder / "trap.html").write_text(_HEAD + trap.page)
        yield trap.name, _wrong(web, trap, (folder / "trap.html").as_uri())


def _wrong(web: Web, trap: Trap, url: str) -> str:
    web.act(Open("about:blank"))
    policy = Interruptible(Plan(url, trap.plan))
    done = run(Task("trap", trap.goal), web, policy, Unkept())
    heads = [e.name for e in done.last.elements if e.role == "heading"] if done.last else []
    if trap.ends not in heads:
        return f"it ended with {heads} ({done.stopped}: {done.reason})"
    return ", ".join(f"{met.item.kind} was put away: {met.by}" for met in policy.met)
