"""What the world showed when a task had passed, as checks with slots: by these the same task is judged again, without
anybody to ask.

A check is kept only if it did not hold before, and only what all passed runs of a template had in common stays. One
that speaks of a task's own value without a slot for it is not kept: it would tell the wrong thing of another value.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import Any

from cua import codec
from cua.checks import BACKGROUND, REQUIREMENTS, ControlIs, DocumentIs, FileHolds, Requirement, SettingIs, document
from cua.core import Change, Changes, Element, Fill, Step, World
from cua.memory.actions import Actions
from cua.memory.signatures import Value, digest, plain
from cua.memory.store import Store
from cua.memory.templates import Fit, Goal, filled, slots, typed_with_slots, with_slots, with_words
from cua.policies.abilities import spaced
from cua.policies.lexicon import label_words
from cua.probes import ElementHolds, TextGone
from cua.screen import Screen, called

_KIND = "outcome"
_LONGEST_FILE = 20_000
_SHOWN = frozenset(
    {"row", "cell", "gridcell", "listitem", "treeitem", "option", "heading", "status", "alert", "link", "text", "label"}
    | {"paragraph", "article", "log"}
)
_WORDED = ("ElementHolds", "TextGone")  # checks of texts on the screen
_KINDS = ("@", "role")  # what says of which kind a part is, and never holds a value
_DIGITS = re.compile(r"\d+")
_MOST = 12
_FEW = 6

codec.register(*REQUIREMENTS)


@dataclass(frozen=True, slots=True)
class Ended:
    """What is to hold when a task is done, what else may differ then, and after which run that was learned. `proven`
    says that it came about a second time, in a sandbox and without anybody who decided; `whole` that each of the task's
    own values is told by some check.
    """

    checks: tuple[Requirement, ...]
    may: tuple[str, ...] = ()
    run: str = ""
    proven: bool = False
    whole: bool = True


@dataclass(frozen=True, slots=True)
class Came:
    """What one run brought about, as checks that did not hold before it, and the keys of all that differs."""

    checks: tuple[Requirement, ...]
    moved: tuple[str, ...] = ()


def came_of(steps: Sequence[Step], start: Screen, world: World, before: Changes, moved: Iterable[str]) -> Came:
    """What the world shows now that it did not show at the start. Raises TroubleError where it cannot be read."""
    after = world.changes()
    keys = tuple(sorted(key for key in moved if not any(fnmatchcase(key, own) for own in BACKGROUND)))
    now = Screen.of(world.observe())
    found: list[Requirement] = [
        SettingIs(name, (after.settings.get(name, Change(None, None)).after,))
        for key in keys
        if (name := key.removeprefix("setting:")) != key and name in after.settings
    ]
    for path in (key.removeprefix("file:") for key in keys if key.startswith("file:") and not key.endswith("/")):
        if after.files.get(path) in ("created", "modified"):
            found += _file("~/" + path.removeprefix("~/"), world)
    if (text := document(now)) is not None and text != document(start):
        found.append(DocumentIs(text))
    found += _controls(steps, start, now)
    found += _texts(steps, start, now)
    found += _came_and_went(start, now)
    about = {word for step in steps for word in _about(step)}
    aside = [each for each in found if isinstance(each, SettingIs) and not about & set(label_words(spaced(each.key)))]
    return Came(tuple(each for each in found if each not in aside) or tuple(found), keys)


def going_on(came: Came, goal: str) -> Came:
    """The same of a world that goes on from where it is, as a page does: without the texts whose numbers the goal does
    not say, which count on and are others each time, where something that came tells of it besides.
    """
    said = set(_DIGITS.findall(goal))
    kept = tuple(each for each in came.checks if not set(_DIGITS.findall(_text_of(each))) - said)
    return replace(came, checks=kept) if any(not isinstance(each, TextGone) for each in kept) else came


def _text_of(check: Requirement) -> str:
    """The text on the screen that it is about, "" for any other."""
    return check.value if isinstance(check, ElementHolds) else check.text if isinstance(check, TextGone) else ""


def _about(step: Step) -> list[str]:
    """The words of what was acted on."""
    target = getattr(step.action, "target", None)
    return list(label_words(called(target))) if isinstance(target, Element) else []


def _file(path: str, world: World) -> list[Requirement]:
    try:
        held = world.read(path)
    except FileNotFoundError:
        return []
    whole = b"\0" not in held and len(held) <= _LONGEST_FILE
    return [FileHolds(path, held.decode("utf-8", "replace"))] if whole else [FileHolds(path, "", part=True)]


def _controls(steps: Sequence[Step], start: Screen, now: Screen) -> list[Requirement]:
    """What was acted on and is now on or off, chosen or holds something, as it was not."""
    found: dict[str, Requirement] = {}
    for step in steps:
        target = getattr(step.action, "target", None)
        key = Screen.of(step.seen).key_of.get(target.ref) if isinstance(target, Element) else None
        is_now, was = (now.keys.get(key), start.keys.get(key)) if key else (None, None)
        if key is None or is_now is None or "password" in is_now.states:
            continue
        if (on := now.checked(key)) is not None and on != start.checked(key):
            found[key] = ControlIs(key, "checked", "on" if on else "off")
        elif is_now.value is not None and (was is None or was.value != is_now.value):
            found[key] = ControlIs(key, "value", is_now.value)
        elif "selected" in is_now.states and (was is None or "selected" not in was.states):
            found[key] = ControlIs(key, "selected", "yes")
    return list(found.values())


def _came_and_went(start: Screen, now: Screen) -> list[Requirement]:
    """Named controls of the same windows that show now, or no longer show, where they are few."""
    old, new = ({k for k, e in screen.keys.items() if e.name and "showing" in e.states} for screen in (start, now))
    same = start.windows.keys() & now.windows.keys()
    told = [(key, "no") for key in sorted(old - new)] + [(key, "yes") for key in sorted(new - old)]
    found = [ControlIs(key, "shown", value) for key, value in told if key.partition("|")[0] in same]
    return list(found) if len(found) <= _FEW else []


def _texts(steps: Sequence[Step], start: Screen, now: Screen) -> list[Requirement]:
    """Texts that came, and texts that went. What was typed over is no text that tells."""
    filled_in = {name for step in steps if isinstance(step.action, Fill) for name in [step.action.target.name]}
    old, new = _said(start, filled_in), _said(now, filled_in)
    found: list[Requirement] = [ElementHolds(role, "", text) for role, text in new if (role, text) not in old]
    gone = {text for _, text in old} - {text for _, text in new}
    return [*found, *(TextGone(text) for text in sorted(gone))]


def _said(screen: Screen, filled_in: Collection[str]) -> dict[tuple[str, str], None]:
    said: dict[tuple[str, str], None] = {}
    for element in screen.now.elements:
        text = element.value if element.value is not None else element.name
        shows = element.role in _SHOWN and "editable" not in element.states
        output = element.role == "textbox" and not {"multiline", "password", "focused"} & element.states
        told = shows or (output and element.name not in filled_in)
        if told and element.box and text.strip():
            said[element.role, text] = None
    return said


# ---------------------------------------------------------------------------------------------- kept by template


class Outcomes:
    """Those in the record, found by the templates that a goal fits in the action memory."""

    def __init__(self, store: Store, memory: Actions) -> None:
        self._store, self._memory = store, memory

    def known(self, goal: Goal) -> Ended | None:
        """What is to hold when it is done: what held with just these values, else what holds with any. None where no
        passed run tells enough.
        """
        for fit in self._fits(goal):
            exact = self._store.get(_KIND, _name(fit, exact=True))
            body = exact or self._store.get(_KIND, _name(fit))
            if body is None or not body["checks"] or not (exact or _tells(body["checks"], fit)):
                continue
            told = [_filled(check, fit.values) for check in body["checks"]]
            checks = tuple(codec.load(check) for check in told)
            may = tuple(filled(text, fit.values) for text in body["may"])
            return Ended(checks, may, body["run"], body["proven"], _whole(told, fit.values))
        return None

    def keep(self, goal: Goal, came: Came, run: str, *, proven: bool) -> None:
        """What a passed run brought about. Call it after the action memory has learned the run."""
        saved = [codec.save(check) for check in came.checks]
        for fit in self._fits(goal):
            general = [_with_slots(check, fit.values) for check in saved if _general(check, fit.values)]
            general = [check for check in general if not _names(check, fit.values)]
            may = [_slotted(key, fit.values) for key in came.moved]
            self._put(_name(fit), general, may, (run, proven))
            if any(value.kind != "rest" for value in fit.values):
                self._put(_name(fit, exact=True), saved, list(came.moved), (run, proven))

    def _put(self, name: str, checks: list[Any], may: list[str], of: tuple[str, bool]) -> None:
        """With what earlier runs had in common."""
        known = self._store.get(_KIND, name)
        if known is not None:
            checks = [check for check in known["checks"] if check in checks]
            may = sorted({*known["may"], *may})
        body = {"checks": _chosen(checks), "may": may, "run": of[0], "proven": of[1] or bool(known and known["proven"])}
        self._store.put(_KIND, name, body, instead=True)

    def _fits(self, goal: Goal) -> list[Fit]:
        """The templates that say all of the goal."""
        threads = self._memory.trail(goal).ordered()
        return [thread.fit for thread in threads if thread.start == 0 and thread.fit.clauses == len(goal.clauses)]


def _name(fit: Fit, *, exact: bool = False) -> str:
    """Under which the outcome of a template is kept, of all values or of just these."""
    keys = digest(*(value.key for value in fit.values)).hex() if exact else ""
    return f"{fit.template}:{keys}" if exact else str(fit.template)


def _with_slots(check: Any, values: Sequence[Value]) -> Any:
    """With the words of the task as slots too where it is of a text on the screen: that may say it in a sentence."""
    if check["@"] in _WORDED:
        return _mapped(check, lambda text: with_words(_slotted(text, values), values))
    return _mapped(check, lambda text: _slotted(text, values))


def _filled(check: Any, values: Sequence[Value]) -> Any:
    return _mapped(check, lambda text: filled(text, values))


def _general(check: Any, values: Sequence[Value]) -> bool:
    """Whether it is about nothing that only this run had: a text that came and bears no value may be another's next
    time, but a state or a message of the app is the same.
    """
    if check["@"] not in _WORDED or all(value.kind == "rest" for value in values):
        return True
    text = check.get("value") or check.get("text") or ""
    return bool(slots(_slotted(text, values))) or check.get("role") in ("status", "alert", "heading")


def _slotted(text: str, values: Sequence[Value]) -> str:
    """The text with a slot for a value that it is, in these capitals, or that stands in it."""
    whole = typed_with_slots(text, values)
    if whole != text or any(plain(text) == value.key for value in values):
        return whole
    return with_slots(text, values)


def _chosen(checks: list[Any]) -> list[Any]:
    """The first ones, those with a task's own values before all others."""
    return sorted(checks, key=lambda check: not _slots_in(check))[:_MOST]


def _tells(checks: Sequence[Any], fit: Fit) -> bool:
    """Whether they are enough to judge by: there are some, and if the task has values of its own, one is about them."""
    own = [value for value in fit.values if value.kind != "rest"]
    return bool(checks) and (not own or any(_slots_in(check) for check in checks))


def _whole(checks: Sequence[Any], values: Sequence[Value]) -> bool:
    """Whether each of the values stands in what is told by some check."""
    told = [plain(text) for check in checks for text in _strings(check)]
    return all(any(value.key in text for text in told) for value in values if value.kind != "rest")


def _slots_in(check: Any) -> bool:
    return bool(slots(*_strings(check)))


def _names(check: Any, values: Sequence[Value]) -> bool:
    """Whether a value still stands in it as it was written."""
    keys = [re.escape(value.key) for value in values if value.kind != "rest" and len(value.key) > 1]
    written = re.compile(rf"(?<!\w)(?:{'|'.join(keys)})(?!\w)")
    return bool(keys) and any(written.search(plain(text)) for text in _strings(check))


def _strings(body: Any) -> list[str]:
    """All texts in it, but for the names of classes and roles."""
    if isinstance(body, str):
        return [body]
    inside = (
        body
        if isinstance(body, list)
        else [v for k, v in body.items() if k not in _KINDS]
        if isinstance(body, dict)
        else []
    )
    return [text for each in inside for text in _strings(each)]


def _mapped(body: Any, change: Callable[[str], str]) -> Any:
    """The same with every text changed, but for the names of classes, roles and fields."""
    if isinstance(body, str):
        return change(body)
    if isinstance(body, list):
        return [_mapped(each, change) for each in body]
    if isinstance(body, dict):
        return {key: each if key in _KINDS else _mapped(each, change) for key, each in body.items()}
    return body
