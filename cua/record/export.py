"""A workflow out of the house: as an Agent Skills folder, a Playwright test, JSON by its schema, or our own file.

It writes below the folder that it is given, each file whole or not at all, and nothing else.
"""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from typing import Literal

from cua.errors import UsageError
from cua.memory.workflows import Workflow
from cua.policies.acts import MEND
from cua.record import export_playwright, export_skill, files, shape, sound
from cua.record.params import slug

To = Literal["skill", "playwright", "json", "toml"]
FORMS: tuple[To, ...] = ("skill", "playwright", "json", "toml")


def export(workflow: Workflow, to: str, folder: Path) -> tuple[Path, ...]:
    """Write the workflow into `folder`; the files that were written, the main one first.

    "skill" makes a folder of the skill's name with SKILL.md and the workflow file; "playwright" NAME_test.py; "json"
    NAME.json; "toml" our own file, NAME.toml. Raises UsageError for another form, for a workflow that cannot be said in
    it, and for no place to write.
    """
    sound.check(workflow)
    if to in ("skill", "playwright") and (act := next((act for act in workflow.acts() if act.doubt), None)) is not None:
        raise UsageError(f"step {act.id!r} is doubtful ({act.doubt}), so nobody can do it again; {MEND}")
    name = slug(workflow.name) or "workflow"
    match to:
        case "skill":
            inside = folder / export_skill.skill_name(workflow.name)
            made = {inside / "SKILL.md": export_skill.page(workflow), inside / export_skill.FILE: files.dumps(workflow)}
        case "playwright":
            made = {folder / f"{name}_test.py": export_playwright.source(workflow)}
        case "json":
            made = {folder / f"{name}.json": dumps(workflow)}
        case "toml":
            made = {folder / f"{workflow.name.replace(' ', '-')}.toml": files.dumps(workflow)}
        case _:
            raise UsageError(f"there is no export to {to!r}; there are: {', '.join(FORMS)}")
    for path, text in made.items():
        _write(path, text)
    return tuple(made)


def dumps(workflow: Workflow) -> str:
    """The workflow as JSON, valid by `files.schema()`."""
    return json.dumps(shape.plain(workflow), ensure_ascii=False, indent=2) + "\n"


def _write(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
            file.write(text.encode("utf-8"))
        os.chmod(file.name, 0o644)  # noqa: PTH101
        os.replace(file.name, path)  # noqa: PTH105
    except (OSError, UnicodeEncodeError) as exc:
        raise UsageError(f"cannot write {path}: {exc}; choose another folder") from exc
