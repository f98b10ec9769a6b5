"""What the world must show after a workflow, told from what a recording changed in its sandbox.

A setting that differs must differ so again, a file that was made must be there; what programs write by themselves is
allowed and never required. Values that were given are slots. It reads nothing: it is handed two lists of changes.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from fnmatch import fnmatchcase
from pathlib import PurePath

from cua.bookkeeping import keeps_session
from cua.checks import BACKGROUND, FileHolds, FolderIs, Requirement, SettingIs, moved_between
from cua.core import Changes
from cua.memory.workflows import slots
from cua.record.params import Params

# words in a key of what a program notes for itself: where its window was, what was open last
_NOTED = re.compile(
    r"(?i)geometry|position|width|height|(^|[^a-z])size|maximi[sz]ed|(^|[^a-z])last|recent|histor|window[-_.]?(state|x|y|pos)"
    r"|timestamp|[-_.]time$|date|pane[dl]|cursor|scroll|session|cache|uuid"
)
_OWN = ("file:.cache/*", "file:*~", "file:*.lock", "file:*.~lock.*", "file:*.log", "file:*.swp")
_FEW = 4  # settings that one act may well write into a file that has not known them before
_CHANCE = re.compile(r"\d{5,}|[0-9a-f]{8,}(-[0-9a-f]{4,})*", re.IGNORECASE)
_DATED = re.compile(rf"{_CHANCE.pattern}|(?<!\d)(19|20)\d\d(?!\d)|(?<!\d)\d{{1,2}}:\d\d(?!\d)", re.IGNORECASE)
_SLOT = re.compile(r"\$\{[^}]*\}")
_MOST_PARTS = 3


def effects(
    before: Changes, after: Changes, params: Params, texts: Mapping[str, str]
) -> tuple[tuple[Requirement, ...], tuple[str, ...]]:
    """What must hold, and patterns of what else may change. `texts` are what created files hold, by path."""
    found: list[Requirement] = []
    listed = _first_written(before, after)
    allowed = [_pattern(f"setting:{source}", params) + "*" for source in sorted(listed)]
    for key in sorted(moved_between(before, after)):
        kind, _, name = key.partition(":")
        if any(fnmatchcase(key, pattern) for pattern in BACKGROUND) or _source(name) in listed or keeps_session(key):
            continue
        noted = any(fnmatchcase(key, pattern) for pattern in _OWN) or (kind == "setting" and _NOTED.search(name))
        if kind in ("file", "window") and params.bent(name):  # how it is called after another value cannot be told
            allowed.append(_loose_pattern(key, params))
        elif kind == "setting" and name in after.settings and not noted:
            value = after.settings[name].after
            if value is not None and params.bent(value):  # what it is after another choice cannot be told
                allowed.append(_pattern(f"setting:{name}", params) + "*")
                continue
            found.append(SettingIs(params.slotted(name), (None if value is None else params.slotted(value),)))
        elif kind == "file" and after.files.get(name) == "created" and not noted and not _CHANCE.search(name):
            path = _at_home(params.slotted(name))
            found += [FolderIs(path.rstrip("/"))] if name.endswith("/") else _file(path, texts.get(name), params)
        else:
            allowed.append(_pattern(key, params))
    return tuple(found), tuple(dict.fromkeys(allowed))


def _file(path: str, text: str | None, params: Params) -> list[Requirement]:
    """What a file must hold that was made: all of its text; where lines of it are dated, the parts between them that
    hold values; else only that it is there.
    """
    said = params.slotted(text or "")
    lines = said.splitlines(keepends=True)
    bare = [_SLOT.sub(" ", line) for line in lines]
    chance = [bool(_DATED.search(line) or params.bent(line)) for line in bare]
    if text is not None and not any(chance):
        return [FileHolds(path, said)]
    parts = [""]
    for line, doubted in zip(lines, chance, strict=True):
        parts = [*parts, ""] if doubted else [*parts[:-1], parts[-1] + line]
    held = [part.strip("\n") for part in parts if slots(part)][:_MOST_PARTS]
    return [FileHolds(path, part, part=True) for part in held or [""]]


def _first_written(before: Changes, after: Changes) -> frozenset[str]:
    """The files of settings, with their "#", that a program wrote down whole for the first time: which of all their
    values the recording is about cannot be told.
    """
    new = Counter(
        _source(name)
        for name, change in after.settings.items()
        if "#" in name and change.before is None and name not in before.settings
    )
    return frozenset(source for source, count in new.items() if count > _FEW)


def _source(name: str) -> str:
    """The file of a settings key, with its "#"; all of another name."""
    return "".join(name.partition("#")[:2])


def _at_home(path: str) -> str:
    return path if path.startswith(("~/", "/")) else f"~/{path}"


def _pattern(key: str, params: Params) -> str:
    """A key of changes as a pattern: what looks like chance may be anything."""
    escaped = re.sub(r"[*?\[]", lambda found: f"[{found[0]}]", key)
    return params.slotted(_CHANCE.sub("*", escaped))


def _loose_pattern(key: str, params: Params) -> str:
    """The same, with anything in place of what is called after a value in another form."""
    parts = re.split(r"([:/#])", key)
    return "".join(f"*{PurePath(part).suffix}" if params.bent(part) else _pattern(part, params) for part in parts)
