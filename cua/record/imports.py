"""Workflows from other tools' files: told by content, read without running anything.

Playwright scripts in Python and recordings of the browser's recorder become workflows; our own exports come back as
they went. Nothing is dropped in silence: notes say what is left out, and what cannot be kept is an error that names its
place.
"""

from __future__ import annotations

import json
import re
import unicodedata
from pathlib import Path
from typing import NamedTuple

import tomli_w

from cua.errors import UsageError
from cua.memory.workflows import Workflow
from cua.record import codegen, devtools, files
from cua.record.intake import Intake
from cua.record.params import slug

_NAME_LONGEST = 60
_OTHERS = (
    ("C#", re.compile(r"(?m)^\s*using [\w.]*Playwright|GotoAsync\(")),
    ("Java", re.compile(r"(?m)^\s*import com\.microsoft\.playwright|page\.navigate\(\"")),
    ("TypeScript or JavaScript", re.compile(r"require\(|(?m:^\s*(import\b.*\bfrom\b ?['\"]|const ))|=>\s*\{|;\s*$")),
)
_PYTHON = re.compile(r"(?m)^\s*(from playwright\.\w+ import|import playwright|(async )?def \w+\(.*:\s*$)")
_READS = (
    "it reads Playwright scripts in Python (`playwright codegen --target python`), JSON of the browser's recorder, and "
    "workflow files"
)


class Imported(NamedTuple):
    """A workflow, and what a person should know about how it was taken over."""

    workflow: Workflow
    notes: tuple[str, ...] = ()


def read(path: Path) -> Workflow:
    """The workflow in a file of another tool. Raises UsageError that names the file, and the line or step."""
    return imported(path).workflow


def imported(path: Path) -> Imported:
    """The same with notes: what was left out or made a secret, and what to look at before the first replay."""
    try:
        data = path.read_bytes()
        text = data.decode("utf-8-sig")
    except OSError as exc:
        raise UsageError(f"cannot read {path}: {exc.strerror}; give the path of a file") from exc
    except UnicodeDecodeError as exc:
        raise UsageError(f"{path} is no text in UTF-8; {_READS}") from exc
    if len(data) > files.LARGEST:
        raise UsageError(f"{path} is larger than {files.LARGEST // 1_000_000} MB; cut it into several")
    try:
        return _taken(text, path.stem)
    except UsageError as exc:
        raise UsageError(f"{path}: {exc}") from exc


def _taken(text: str, name: str) -> Imported:
    if text.lstrip().startswith(("{", "[")):
        return _of_json(text, name)
    if re.search(r"^format\s*=", text, re.M) and re.search(r"^on\s*=", text, re.M):
        return Imported(files.loads(text))
    if codegen.looks_like(text):
        other = "" if _PYTHON.search(text) else next((name for name, sign in _OTHERS if sign.search(text)), "")
        if other:
            raise UsageError(
                f"this is {other}, and only Playwright's Python is read; record it again with: "
                "playwright codegen --target python"
            )
        intake = Intake()
        codegen.read(text, intake)
        return _done(intake, name)
    raise UsageError(f"what this file is cannot be told; {_READS}")


def name_of(title: str) -> str:
    """What a workflow is called after the title or the name of its file: "New customer (2)" is "new-customer-2"."""
    plain = slug(title) if title.isascii() else re.sub(r"[\W_]+", "_", unicodedata.normalize("NFC", title).casefold())
    return plain[:_NAME_LONGEST].replace("_", "-").strip("-") or "workflow"


def _of_json(text: str, name: str) -> Imported:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as exc:
        raise UsageError(f"this is damaged JSON: {exc}; export it again") from exc
    if isinstance(document, list):
        raise UsageError(f"there is a list at its top, and a recording is one object with a title and steps; {_READS}")
    if devtools.looks_like(document):
        intake = Intake()
        devtools.read(document, intake)
        return _done(intake, devtools.title(document) or name)
    if isinstance(document, dict) and "on" in document and "steps" in document:
        try:
            return Imported(files.loads(tomli_w.dumps(document)))
        except (TypeError, ValueError) as exc:
            raise UsageError(f"this is no workflow: {exc}; see its schema") from exc
    raise UsageError(f"this JSON is no recording; {_READS}")


def _done(intake: Intake, title: str) -> Imported:
    workflow = intake.workflow(name_of(title))
    try:
        files.loads(files.dumps(workflow).encode().decode())
    except UnicodeEncodeError as exc:
        raise UsageError(f"a text in it holds half a character ({exc.reason}); mend it there") from exc
    return Imported(workflow, tuple(intake.notes))
