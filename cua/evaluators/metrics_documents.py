"""What a check makes of text documents and databases, by what they say. How they look is not there yet."""

from __future__ import annotations

import sqlite3
import tempfile
from pathlib import Path

from cua.errors import TroubleError
from cua.evaluators import rules as shapes
from cua.evaluators.getters import File
from cua.text_documents import paragraphs


def compare_docx_files(  # noqa: PLR0913 - the options that task files have
    result: File,
    expected: File,
    *,
    ignore_blanks: bool = True,
    ignore_case: bool = False,
    ignore_order: bool = False,
    content_only: bool = False,
    fuzzy_match: bool = False,
    delete_empty_lines: bool = False,
) -> bool:
    """The same paragraphs, whatever they look like. A likeness of less than all is not there yet."""

    def told(file: File) -> list[str]:
        found = [paragraph.text for paragraph in paragraphs(file.name, file.content)]
        found = [text.lower() for text in found] if ignore_case else found
        found = [text for text in found if text.strip()] if delete_empty_lines else found
        if content_only or ignore_blanks:
            return " ".join(found).split() if not ignore_order else sorted(" ".join(text.split()) for text in found)
        return sorted(found) if ignore_order else found

    same = told(result) == told(expected)
    if fuzzy_match and not same:
        raise TroubleError("the likeness of two documents that differ is not there yet")
    return same


def compare_docx_files_and_ignore_new_lines(result: File, expected: File, *, ignore_blanks: bool = True) -> bool:
    """The same paragraphs, but for empty ones."""
    return compare_docx_files(result, expected, ignore_blanks=ignore_blanks, delete_empty_lines=True)


def run_sqlite3(result: File, rules: shapes.Query) -> bool:
    """A query of the database gives a number that is not nought, be it written as a text."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "data")
        path.write_bytes(result.content)
        database = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
        try:
            row = database.execute(rules["sql"]).fetchone()
        except sqlite3.Error as exc:
            raise TroubleError(f"{result.name} cannot be asked {rules['sql'][:60]!r}: {exc}") from exc
        finally:
            database.close()
    return bool(row) and float(row[0] or 0) != 0
