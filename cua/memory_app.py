"""The user's verbs about memory: what is known of them, of their tasks and of apps; seen, told, forgotten, taken out.

It never prints, and never touches the record of runs.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal, get_args

from cua import app
from cua.errors import UsageError
from cua.memory.erasing import also, mentions
from cua.memory.handlers import Handlers
from cua.memory.kept import Kept
from cua.memory.library import load_skills
from cua.memory.profile import Profile
from cua.memory.signatures import digest
from cua.memory.statements import Fact
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
class Forgotten:
    """What was forgotten: the item, and the values of its history. The text is still in the record of these `runs`, in
    what `also` names, and in these `copies` of a damaged record; they are not touched.
    """

    item: Item
    history: tuple[str, ...] = ()
    runs: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
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
    """Delete it for good, with its history. Raises UsageError for an id that is not there; RecordError if its bytes
    could not be erased from the file yet, and then the same again goes on with that.
    """
    record = _record()
    item = next(
        (each for each in items() if id == each.id or (each.kind == "handlers" and id == each.more["key"])), None
    )
    with Kept(record) as kept:
        if item is None and kept.pending(id):
            kept.erase(id)
            return Forgotten(Item("profile", id, "what was forgotten before"))
        if item is None:
            raise UsageError(f"nothing that is remembered has the id {id!r}; see: cua memory list")
        history = _delete(item, record, kept)
        texts = {text for text in history if len(text) > 2}
        runs = {run for text in texts for run in mentions(kept.sql, text)}
        others = {other for text in texts for other in also(kept.sql, text)}
        damaged = record.parent.glob(f"{record.name}.damaged-*")
        copies = [str(copy) for copy in damaged if any(text.encode() in copy.read_bytes() for text in texts)]
    return Forgotten(item, history, tuple(sorted(runs)), tuple(sorted(others)), tuple(sorted(copies)))


def _delete(item: Item, record: Path, kept: Kept) -> tuple[str, ...]:
    """Delete it and every byte of it; the values that it had."""
    if item.kind == "profile":
        with Profile(record) as profile:
            return tuple(dict.fromkeys(fact.value for fact in profile.forget(item.id)))
    if item.kind == "experience":
        kept.mark(item.id)
        with Memory(record) as memory:
            memory.forget(item.id)
        kept.tidy_words()
    elif item.kind == "actions":
        kept.forget_action(item.id)
    elif item.kind == "handlers":
        kept.forget_document("handler", item.more["key"], item.id)
    else:
        kept.forget_document("skill", item.id, item.id)
    kept.erase(item.id)
    return ()


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
                yield Item("handlers", f"{_HANDLER}{digest(known.id).hex()[:_DIGITS]}", known.told, more | rest)


def _holds(text: str, query: str) -> bool:
    plain = text.casefold()
    return all(word in plain for word in query.casefold().split())


_LISTS = {"profile": _profile, "experience": _experience, "actions": _actions, "skills": _skills, "handlers": _handlers}
