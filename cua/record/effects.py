"""What the world must show after a workflow, told from what a recording changed in its sandbox.

A setting that differs must differ so again, a file that was made must be there; what programs write by themselves is
allowed and never required. Values that were given are slots. It reads nothing: it is handed two lists of changes.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from fnmatch import fnmatchcase

from cua.checks import BACKGROUND, FileHolds, Requirement, SettingIs, moved_between
from cua.core import Changes
from cua.record.params import Params

# words in a key of what a program notes for itself: where its window was, what was open last
_NOTED = re.compile(
    r"(?i)geometry|position|width|height|(^|[^a-z])size|maximi[sz]ed|(^|[^a-z])last|recent|histor|window[-_.]?(state|x|y|pos)"
    r"|timestamp|[-_.]time$|date|pane[dl]|cursor|scroll|session|cache|uuid"
)
_OWN = ("file:.cache/*", "file:*~", "file:*.lock", "file:*.log", "file:*.swp")
_FEW = 4  # settings that one act may well write into a file that has not known them before
_CHANCE = re.compile(r"\d{5,}|[0-9a-f]{8,}(-[0-9a-f]{4,})*", re.IGNORECASE)


def effects(
    before: Changes, after: Changes, params: Params, texts: Mapping[str, str]
) -> tuple[tuple[Requirement, ...], tuple[str, ...]]:
    """What must hold, and patterns of what else may change. `texts` are what created files hold, by path."""
    found: list[Requirement] = []
    listed = _first_written(before, after)
    allowed = [_pattern(f"setting:{source}", params) + "*" for source in sorted(listed)]
    for key in sorted(moved_between(before, after)):
        kind, _, name = key.partition(":")
        if any(fnmatchcase(key, pattern) for pattern in BACKGROUND) or _source(name) in listed:
            continue
        noted = any(fnmatchcase(key, pattern) for pattern in _OWN) or (kind == "setting" and _NOTED.search(name))
        if kind == "setting" and name in after.settings and not noted:
            value = after.settings[name].after
            found.append(SettingIs(params.slotted(name), (None if value is None else params.slotted(value),)))
        elif kind == "file" and after.files.get(name) == "created" and not noted and not _CHANCE.search(name):
            text = params.slotted(texts[name]) if name in texts else ""
            found.append(FileHolds(_at_home(params.slotted(name)), text, part=name not in texts))
        else:
            allowed.append(_pattern(key, params))
    return tuple(found), tuple(dict.fromkeys(allowed))


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
