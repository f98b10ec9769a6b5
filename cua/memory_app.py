"""The user's verbs about memory: what is known of them, of their tasks and of apps; seen, told, forgotten, taken out.

It never prints, and never touches the record of runs.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal, get_args

from cua import app
from cua.config import paths
from cua.errors import UsageError
from cua.memory.handlers import Handlers
from cua.memory.kept import Kept
from cua.memory.library import load_skills
from cua.memory.profile import Profile
from cua.memory.signatures import digest
from cua.memory.statements import Fact
from cua.memory.traces import Sought, Trace, stands_in_copy, stands_in_file
from cua.policies.memory import Memory

Kind = Literal["profile", "experience", "actions", "skills", "handlers"]
KINDS: tuple[Kind, ...] = get_args(Kind)
_HANDLER, _DIGITS = "h", 12  # the id of a handler: this letter, and so many digits of a digest of its key


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that is remembered, in a line; `more` is all of it."""

    kind: Kind
    id: str
    text: str
    more: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Left:
    """Something else that holds what was forgotten, to be forgotten by its own id."""

    id: str
    text: str


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What was forgotten: the item, and the values of its history. The text is still in the record of these `runs`, in
    what `also` names, in these `files` (reports, drafts), and in these `copies` of the record, which were damaged and
    hold it or cannot be read; they are not touched.
    """

    item: Item
    history: tuple[str, ...] = ()
    runs: tuple[str, ...] = ()
    also: tuple[Left, ...] = ()
    files: tuple[str, ...] = ()
    copies: tuple[str, ...] = ()


def items(kind: str = "", query: str = "") -> list[Item]:
    """What is remembered, of one kind or of all; of a query what has to do with it. Raises UsageError, RecordError."""
    if kind and kind not in KINDS:
        raise UsageError(f"there is no kind {kind!r} of memory; choose one of: {', '.join(KINDS)}")
    wanted = [each for each in KINDS if kind in ("", each)]
    return [item for each in wanted for item in _LISTS[each](query.strip())]


def add(sentence: str) -> list[Item]:
    """Keep what a sentence says of the person. Raises RefusedError for a secret, UsageError for what says nothing."""
    with Profile(_record()) as profile:
        return [_of_fact(fact) for fact in profile.add(sentence, time.time())]


def forget(id: str) -> Forgotten:
    """Delete it for good, with its history; what else tells it is named, and not touched. Raises UsageError for an id
    that is not there; RecordError if its bytes could not be erased from where it was remembered yet, and then the same
    again goes on with that.
    """
    record = _record()
    listed = {each.id: each for each in items()}
    named = (each for each in listed.values() if each.id == id or (each.kind == "handlers" and each.more["key"] == id))
    with Kept(record) as kept:
        item = next(named, None) or _unlisted(id, kept)
        if item is None and kept.pending(id):
            kept.erase(id)
            return Forgotten(Item("profile", id, "what was forgotten before"))
        if item is None:
            raise UsageError(f"nothing that is remembered has the id {id!r}; see: cua memory list")
        gone = _delete(item, record, kept)
        sought = Sought([text for fact in gone for text in texts_of(fact)])
        if not gone:
            return Forgotten(item)
        found = kept.traces(sought)
    runs = tuple(trace.id for trace in found if trace.where == "run")
    also = tuple(_left(trace, listed) for trace in found if trace.where != "run")
    history = tuple(dict.fromkeys(fact.value for fact in gone))
    return Forgotten(item, history, runs, also, _files(sought), _copies(sought))


def _delete(item: Item, record: Path, kept: Kept) -> list[Fact]:
    """Delete it with its bytes where it was remembered; the facts that it was, if it was one."""
    if item.kind == "profile":
        with Profile(record) as profile:
            return profile.forget(item.id)
    if item.kind == "experience":
        kept.mark(item.id)
        with Memory(record) as memory:
            memory.forget(item.id)
        kept.tidy_words()
    elif item.kind == "actions":
        (kept.forget_word if item.id.startswith("w") else kept.forget_action)(item.id)
    elif item.kind == "handlers":
        kept.forget_document("handler", item.more["key"], item.id)
    else:
        kind, name = item.more.get("document", ("skill", item.id))
        kept.forget_document(kind, name, item.id)
    kept.erase(item.id)
    return []


# ---------------------------------------------------------------------------------------------- where it still is


def _unlisted(id: str, kept: Kept) -> Item | None:
    """What is not listed, and known by its id to who forgot a text that stands there."""
    if words := kept.word(id):
        return Item("actions", id, f"words of goals: {words}")
    if (found := kept.document(id)) is not None:
        return Item("skills", id, " ".join(found), {"document": found})
    return None


def texts_of(fact: Fact) -> tuple[str, ...]:
    """What tells the fact: its value, or for a standing order what is ordered; and the sentence that it comes from."""
    told = fact.aspect if fact.value in ("always", "never") else fact.value.removeprefix("not ")
    return told, fact.source


def _left(trace: Trace, listed: Mapping[str, Item]) -> Left:
    """A place as the person finds it in the list."""
    id = _handler_id(trace.id) if trace.where == "handler" else trace.id
    known = listed.get(id)
    return Left(id, f"{known.kind}: {known.text}" if known else trace.text or trace.where)


def _files(sought: Sought) -> tuple[str, ...]:
    """Reports and drafts that hold it."""
    places = paths()
    written = [file for folder in (places.reports, places.data / "drafts") for file in folder.rglob("*")]
    return tuple(sorted(str(file) for file in written if file.is_file() and stands_in_file(file, sought)))


def _copies(sought: Sought) -> tuple[str, ...]:
    """Damaged records that were set aside and hold it, or cannot be read to the end."""
    with app.record() as store:
        aside = store.set_aside()
    return tuple(str(copy) for copy in aside if stands_in_copy(copy, sought))


def export(file: Path) -> dict[Kind, int]:
    """Write all that is remembered as JSON lines, for the owner alone to read; how many of each kind.

    Raises UsageError for a file that is there already or cannot be made.
    """
    found = items()
    lines = [json.dumps({"kind": item.kind, "id": item.id, "text": item.text, **item.more}) for item in found]
    try:
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as out:
            out.writelines(f"{line}\n" for line in lines)
    except FileExistsError as exc:
        raise UsageError(f"{file} is there already; give another name, or remove it first") from exc
    except OSError as exc:
        raise UsageError(f"cannot write {file}: {exc.strerror}; give a file in a folder that you may write") from exc
    return {kind: sum(item.kind == kind for item in found) for kind in KINDS}


def _record() -> Path:
    """The record file, whole. Raises RecordError, once, where it was damaged and a new one was started."""
    with app.record() as store:
        return store.path


# ---------------------------------------------------------------------------------------------- the kinds


def _profile(query: str) -> Iterator[Item]:
    with Profile(_record()) as profile:
        yield from (_of_fact(fact) for fact in profile.facts(query))


def _of_fact(fact: Fact) -> Item:
    more = {("is" if name == "kind" else name): value for name, value in asdict(fact).items() if name != "id"}
    return Item("profile", fact.id, fact.line, more)


def _experience(query: str) -> Iterator[Item]:
    with Memory(_record()) as memory:
        for known in memory.items(query):
            text = f"{known.goal} ({known.app}): worth {known.value:+.2f}, {known.passes} passed, {known.fails} failed"
            yield Item(
                "experience", known.id, text, {key: value for key, value in asdict(known).items() if key != "id"}
            )


def _actions(query: str) -> Iterator[Item]:
    with Kept(_record()) as kept:
        for id, text, passes, fails, run in kept.actions():
            if _holds(text, query):
                more = {"passes": passes, "fails": fails, "run": run}
                yield Item("actions", id, f"{text}: {passes} passed, {fails} failed", more)


def _skills(query: str) -> Iterator[Item]:
    with app.record() as store:
        for skill in load_skills(store).values():
            text = f"{skill.name} of {skill.app}: say {skill.goal!r}"
            if _holds(f"{text} {skill.kind}", query):
                more = {key: value for key, value in asdict(skill).items() if key not in ("id", "kind")}
                yield Item("skills", skill.id, text, more | {"ability_kind": skill.kind, "bound": skill.bound})


def _handlers(query: str) -> Iterator[Item]:
    with app.record() as store:
        for known in Handlers(store).all().values():
            if _holds(f"{known.told} {known.kind}", query):
                rest = {key: value for key, value in asdict(known).items() if key not in ("id", "kind")}
                more = {"key": known.id, "interruption": known.kind, "tried": known.tried, "worked": known.worked}
                yield Item("handlers", _handler_id(known.id), known.told, more | rest)


def _handler_id(key: str) -> str:
    return f"{_HANDLER}{digest(key).hex()[:_DIGITS]}"


def _holds(text: str, query: str) -> bool:
    plain = text.casefold()
    return all(word in plain for word in query.casefold().split())


_LISTS = {"profile": _profile, "experience": _experience, "actions": _actions, "skills": _skills, "handlers": _handlers}
