"""A workflow in a person's own editor: what they wrote is kept as a draft until it makes sense, so nothing is lost.

A draft that does not make sense changes nothing of what is kept. It is dropped only where the person asks for that.
"""

from __future__ import annotations

import os
import shlex
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from cua.errors import MissingProgram, UsageError
from cua.memory import versions
from cua.memory.store import Store
from cua.memory.workflows import Workflow
from cua.record import doubtful, files


def edit(
    store: Store, name: str, folder: Path, check: Callable[[Workflow], None], *, fresh: bool
) -> tuple[Workflow, bool]:
    """Open it in the editor; the workflow as it is then, and whether that is a new version.

    Goes on with the draft that an earlier edit left in `folder`, or with `fresh` begins anew. `check` raises for what
    cannot be replayed here. Raises UsageError with the draft's path and both ways to go on.
    """
    before = versions.load(store, name)
    draft = folder / f"{name.replace(' ', '-')}.toml"
    if fresh or not draft.exists():
        files.save(before, draft)
    again = f"cua workflows edit {shlex.quote(name)}"
    _opened(draft, again)
    try:
        found = files.load(draft)
        if found.name != name:
            raise UsageError(f"the name is {found.name!r} now; leave it {name!r} (export and import to copy)")
        check(found)
    except (UsageError, MissingProgram) as exc:
        raise UsageError(
            f"{exc}. Nothing is lost: to go on with {draft}: {again}; to drop it and begin anew: {again} --fresh"
        ) from exc
    kept = versions.keep(store, replace(doubtful.mended(before, found), version=before.version))
    draft.unlink()
    return kept, kept.version != before.version


def _opened(draft: Path, again: str) -> None:
    editor = os.environ.get("VISUAL") or os.environ.get("EDITOR")
    if not editor:
        raise UsageError(f"no editor is set; set EDITOR, or change {draft} by hand and run: EDITOR=true {again}")
    try:
        code = subprocess.run([*shlex.split(editor), str(draft)], check=False).returncode
    except (OSError, ValueError) as exc:
        raise UsageError(f"the editor {editor!r} cannot be started ({exc}); set EDITOR to one that can") from exc
    if code:
        raise UsageError(f"the editor {editor!r} ended with code {code}, so nothing was taken up; the draft is {draft}")
