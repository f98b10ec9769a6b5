"""What came that nobody asked for: a look compared with the one before the last act, and with that act.

Pure over looks. Where the act may have asked for it, it is never `sure`: then the policy whose act it was speaks first.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from cua.core import (
    Action,
    Click,
    Drag,
    Element,
    Invoke,
    Move,
    Observation,
    Open,
    Press,
    Scroll,
    Step,
    Task,
    Type,
    Wait,
)
from cua.memory.signatures import digest
from cua.policies.interrupt_words import (
    Kind,
    about_login,
    akin,
    busy_says,
    ends,
    kind_of,
    login_page,
    signed_out_says,
    wanted,
)
from cua.screen import active, called, top_windows

_COVERED = re.compile(r" is covered by (?P<what>.*)|^the window (?P<window>.*) covers ", re.DOTALL)
_OFFERS = re.compile(r'\b(?:button|link) "([^"]*)"')
_DIALOGS = frozenset({"dialog", "alertdialog"})
_BUTTONS = frozenset({"button", "link"})
_TEXTS = frozenset({"text", "paragraph", "generic", "heading", "status", "alert", "label", "listitem", "static"})
_TURNS = (Click, Invoke, Press, Open, Drag)
_TICKS = frozenset({"checkbox", "radio", "switch", "option", "menuitemcheckbox", "menuitemradio"})
_END_KEYS = frozenset({"alt+f4", "ctrl+q", "ctrl+w"})
_NATIVE = "dialog"  # the ref of what the browser itself asks
_CRASHED = "crash"  # the ref of what it shows in place of a page that crashed
_LEAST, _SAME = 3, 0.6  # a page that was loaded anew: so many elements, and the part of them that is there again
_WIDE = 0.25  # of the page: what is busy on less of it keeps nobody from the rest
_LONGEST = 300


@dataclass(frozen=True, slots=True)
class Interruption:
    """`said` is what it says, `root` the dialog or window that it is, `buttons` what it offers. `sure`: nothing that
    was done can have asked for it; `wanted`: words of the goal or of the last act speak of it. `key` names the same
    interruption another time.
    """

    kind: Kind
    app: str
    said: str
    root: Element | None = None
    buttons: tuple[Element, ...] = ()
    sure: bool = False
    wanted: bool = False

    @property
    def key(self) -> str:
        """App, kind and a digest of what it says and offers, without numbers."""
        offers = sorted({f"{each.role} {_bare(called(each))}" for each in self.buttons})
        return f"{self.app}:{self.kind}:{digest(_bare(self.said), *offers).hex()[:16]}"

    @property
    def modal(self) -> bool:
        """Whether nothing else can be used before it is answered."""
        return self.root is not None and "modal" in self.root.states

    @property
    def nuisance(self) -> bool:
        """Whether it is, by its words, something that nobody asks for."""
        return self.kind not in ("dialog", "covered", "leaving")

    @property
    def native(self) -> bool:
        """Whether the browser itself asks it."""
        return self.root is not None and self.root.ref == _NATIVE


def recognised(task: Task, steps: Sequence[Step], now: Observation, uses: frozenset[str]) -> Interruption | None:
    """What came since the look before the last act and may be an interruption; None where nothing did. `uses` are the
    names of what the policy means to use: what offers one of them was asked for.
    """
    if (root := _crashed(now)) is not None:
        return Interruption("vanished", now.place.app, f"the page {now.place.window!r} crashed", root, sure=True)
    if not steps:
        return next((_dialog(root, task, (), now, uses) for root in reversed(_dialogs(now))), None)
    last = steps[-1]
    found = _vanished(last, now, task, uses) or _signed_out(last, now, task)
    fresh = [root for root in _dialogs(now) if not _among(_dialogs(last.seen), root, now, last.seen)]
    if found is None and fresh:
        found = _dialog(fresh[-1], task, steps, now, uses)
    return found or _busy(last, now) or _covered(last, now, task, uses) or _reloaded(last, now)


def still_there(item: Interruption, now: Observation) -> bool:
    """Whether it still shows. Of what is no dialog its buttons tell, or its words."""
    if item.kind in ("vanished", "reloaded", "person"):
        return item.kind == "vanished" and _crashed(now) is not None
    if item.kind == "signed out" and item.root is None:
        return _asks_login(now)
    if item.kind == "busy":
        return next(_busies(now), None) is not None
    if item.root is not None:
        return any(root.role == item.root.role and _said(root, now) == item.said for root in _dialogs(now))
    shown = [e for e in now.elements if "showing" in e.states]
    if not item.buttons:
        return any(len(called(e)) >= _LEAST and called(e) in item.said for e in shown if e.role in _TEXTS)
    there = {(e.role, called(e)) for e in shown}
    return all((e.role, called(e)) in there for e in item.buttons)


def inside(item: Interruption, target: object, now: Observation) -> bool:
    """Whether an element of this look is part of what came."""
    if not isinstance(target, Element):
        return False
    if item.root is None:
        return any((target.role, called(target)) == (e.role, called(e)) for e in item.buttons)
    here = next((e for e in now.elements if e.ref == target.ref), target)
    return here.ref == item.root.ref or any(up.ref == item.root.ref for up in now.ancestors(here))


def targets(action: Action) -> tuple[object, ...]:
    """What an act is aimed at, elements and points."""
    return tuple(getattr(action, name) for name in ("target", "start", "end") if hasattr(action, name))


def turns(action: Action) -> bool:
    """Whether an act may bring another page or window, or a question."""
    return isinstance(action, _TURNS) or (isinstance(action, Type) and "\n" in action.text)


# ---------------------------------------------------------------------------------------------- dialogs


def _dialogs(now: Observation) -> list[Element]:
    """The dialogs that show, the last one on top; on a desktop also windows of programs that have but this one."""
    if now.place.url or (now.elements and now.elements[0].ref == _NATIVE):
        shown = [e for e in now.elements if e.role in _DIALOGS and "showing" in e.states]
        return [e for e in shown if e.ref == _NATIVE or e.ref.startswith("f")]
    return [e for e in top_windows(now) if e.role != "window" and "showing" in e.states] + _strangers(now)


def _strangers(now: Observation) -> list[Element]:
    """Plain windows in front of programs other than the first one's."""
    tops = top_windows(now)
    first = next((_program(e) for e in tops if e.role == "window"), "")
    return [e for e in tops if e.role == "window" and _program(e) != first and "active" in e.states]


def _among(roots: Sequence[Element], root: Element, now: Observation, before: Observation) -> bool:
    """Whether it was there on the look before: the same handle, or the same words."""
    return any(
        each.ref == root.ref or _said(each, before) == _said(root, now) for each in roots if each.role == root.role
    )


def _dialog(
    root: Element, task: Task, steps: Sequence[Step], now: Observation, uses: frozenset[str]
) -> Interruption | None:
    """The dialog as an interruption; None where what the policy uses stands in it."""
    parts = _inside(root, now)
    buttons = tuple(e for e in parts if e.role in _BUTTONS and "showing" in e.states and called(e))
    if {called(e) for e in parts} & uses:
        return None
    said = _said(root, now)
    acted = next((step for step in reversed(steps) if not isinstance(step.action, Wait | Move | Scroll)), None)
    wish = about(task, acted)
    asking = acted is not None and turns(acted.action)
    item = Interruption("dialog", now.place.app, said, root, buttons)
    if item.native and {called(e) for e in buttons} == {"Leave", "Stay"}:
        return replace(item, kind="leaving", sure=acted is not None and not asking)
    if signed_out_says(said):
        return None if about_login(wish) else replace(item, kind="signed out", sure=True)
    kind = kind_of(said) or item.kind
    offers = " ".join([root.name, *(called(e) for e in buttons)] if kind != "dialog" else [said, *map(called, buttons)])
    meant = wanted(kind, wish) or akin(offers, wish)
    opened = acted is None or isinstance(acted.action, Open)
    asked = asking and acted is not None and not _ticks(acted.action)
    return replace(item, kind=kind, sure=kind != "dialog" and not meant and (opened or not asked), wanted=meant)


def _ticks(action: Action) -> bool:
    """Whether an act only switches something, so that no nuisance but one of its own words comes of it."""
    return any(isinstance(each, Element) and each.role in _TICKS for each in targets(action))


def about(task: Task, last: Step | None) -> str:
    """What is wanted and what was done, in words."""
    acted = [*(called(e) for e in targets(last.action) if isinstance(e, Element))] if last is not None else []
    said = [text for name in ("text", "what") if last is not None and (text := getattr(last.action, name, ""))]
    opened = last is not None and isinstance(last.action, Open)
    return " ".join([task.goal, *task.params.values(), *acted, *([] if opened else said)])


def _inside(root: Element, now: Observation) -> list[Element]:
    return [e for e in now.elements if e.ref != root.ref and any(up.ref == root.ref for up in now.ancestors(e))]


def _said(root: Element, now: Observation) -> str:
    """What a dialog says, its title first; what stands on buttons and in fields is no part of it."""
    texts = (called(e) for e in _inside(root, now) if e.role in _TEXTS and "showing" in e.states)
    said = " ".join(" ".join(dict.fromkeys(filter(None, (called(root), *texts)))).split())
    return said[:_LONGEST]


def _bare(text: str) -> str:
    return re.sub(r"\d+", "#", " ".join(text.casefold().split()))


def _program(element: Element) -> str:
    """The part of a driver's handle that names the program; "" where there is none."""
    return next(iter(element.ref.split("|")[1:2]), "")


# ---------------------------------------------------------------------------------------------- what is no dialog


def _covered(last: Step, now: Observation, task: Task, uses: frozenset[str]) -> Interruption | None:
    """What kept the last act from its target, as the driver says."""
    found = _COVERED.search(last.effect.reason) if last.effect.kind == "refused" else None
    if found is None:
        return None
    what = (found["what"] or found["window"] or "")[:_LONGEST]
    names = _OFFERS.findall(what)
    buttons = tuple(e for e in now.elements if e.role in _BUTTONS and e.name in names and "showing" in e.states)
    if {called(e) for e in buttons} & uses:
        return None
    kind = kind_of(what)
    sure = kind is not None and not wanted(kind, task.goal)
    return Interruption(kind or "covered", now.place.app, what, None, buttons, sure)


def _busy(last: Step, now: Observation) -> Interruption | None:
    if next(_busies(last.seen), None) is not None:
        return None
    return next((Interruption("busy", now.place.app, called(e) or e.role, e, (), True) for e in _busies(now)), None)


def _busies(now: Observation) -> Iterator[Element]:
    """What says that nothing else can be done now, and lies over a good part of the page."""
    boxes = [e.box for e in now.elements if e.box is not None]
    page = max((b.x + b.width for b in boxes), default=0) * max((b.y + b.height for b in boxes), default=0)
    for each in now.elements:
        wide = each.box is not None and "showing" in each.states and each.box.width * each.box.height >= _WIDE * page
        if wide and (each.role == "progressbar" or (each.role in _TEXTS and busy_says(called(each)))):
            yield each


def _crashed(now: Observation) -> Element | None:
    """What shows where nothing is left of the page in front."""
    return next((each for each in now.elements if each.ref == _CRASHED), None)


def _vanished(last: Step, now: Observation, task: Task, uses: frozenset[str]) -> Interruption | None:
    """The program that the last act was done in, if nothing of it is left and nothing was done to end it: by what it is
    called, or because the policy was out for just that act.
    """
    before = last.seen
    if now.place.url or before.place.url:
        return None
    aimed = next((e for e in targets(last.action) if isinstance(e, Element)), None) or active(before)
    program = _program(aimed) if aimed is not None else ""
    if not program or any(_program(e) == program for e in now.elements):
        return None
    keys = last.action.keys.casefold() if isinstance(last.action, Press) else ""
    acted = " ".join(called(e) for e in targets(last.action) if isinstance(e, Element))
    if keys in _END_KEYS or ends(acted) or ends(task.goal) or acted in uses:
        return None
    title = before.place.window or before.place.app
    if now.partial:  # it hangs, or is just about to end
        return Interruption("busy", before.place.app, f"{title!r} does not answer", sure=True)
    return Interruption("vanished", before.place.app, f"{title!r} is gone: its program ended", sure=True)


def _signed_out(last: Step, now: Observation, task: Task) -> Interruption | None:
    """A page to log in on instead of the page that was there."""
    before = last.seen
    if not (now.place.url and before.place.url) or not _asks_login(now) or _asks_login(before):
        return None
    opened = last.action.what if isinstance(last.action, Open) else ""
    if about_login(about(task, last)) or now.place.url in (before.place.url, opened):
        return None
    return Interruption("signed out", now.place.app, f"the page {now.place.window!r} asks to log in", sure=True)


def _asks_login(now: Observation) -> bool:
    if any({"password", "showing"} <= e.states for e in now.elements):
        return True
    said = " ".join(called(e) for e in now.elements if e.role in ("heading", "button") and "showing" in e.states)
    return login_page(urlsplit(now.place.url).path, said) or (bool(now.place.url) and signed_out_says(said))


def _reloaded(last: Step, now: Observation) -> Interruption | None:
    """The same page, all of it new, though nothing was done that loads one."""
    before = last.seen
    if not now.place.url or now.place.url != before.place.url or turns(last.action):
        return None
    olds, news = ([e for e in look.elements if e.ref.startswith("f")] for look in (before, now))
    if min(len(olds), len(news)) < _LEAST or {e.ref for e in olds} & {e.ref for e in news}:
        return None
    there = {(e.role, e.name) for e in news}
    if sum((e.role, e.name) in there for e in olds) < _SAME * len(olds):
        return None
    return Interruption("reloaded", now.place.app, "the page was loaded anew", sure=True)
