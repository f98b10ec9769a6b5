"""What a task may require of documents: a cell, a whole sheet, the names of sheets, a paragraph, all of a text.

Each check only reads, and knows three answers: a file that is damaged or locked is unknown; one that is not there, or
is no document at all, fails.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from cua.core import Evidence, World
from cua.file_checks import is_file, of_file
from cua.spreadsheets import EMPTY, Cells, address, named, sheets
from cua.text_documents import Paragraph, paragraphs

# ---------------------------------------------------------------------------------------------- spreadsheets


@dataclass(frozen=True, slots=True)
class CellIs:
    """A cell of a spreadsheet file (.ods, .xlsx, .csv) holds this value, a number by its value; "" is an empty cell.

    Without `sheet` it is the first one. `formula` must be contained in what was typed there: "SUM(", or "=" for any.
    """

    path: str
    cell: str
    value: str
    sheet: str = ""
    formula: str = ""

    def test(self, world: World) -> Evidence:
        at = address(self.cell)
        if at is None:
            return Evidence(None, f"{self.cell!r} is no name of a cell")
        cells = _sheet(world, self.path, self.sheet)
        if isinstance(cells, Evidence):
            return cells
        found = cells.get(at, EMPTY)
        typed = self.formula.replace(" ", "").upper() in found.formula.replace(" ", "").upper()
        by = f" by {found.formula}" if found.formula else ""
        return Evidence(found.holds(self.value) and typed, f"{self.cell} of {self.path} holds {found.text!r}{by}")

    def names(self, change: str) -> bool:
        return is_file(self.path, change)


@dataclass(frozen=True, slots=True)
class SheetIs:
    """A sheet of a spreadsheet file holds just these rows from A1 on, numbers by their values, and nothing else."""

    path: str
    rows: tuple[tuple[str, ...], ...]
    sheet: str = ""

    def test(self, world: World) -> Evidence:
        cells = _sheet(world, self.path, self.sheet)
        if isinstance(cells, Evidence):
            return cells
        wanted = {(at, col): text for at, row in enumerate(self.rows) for col, text in enumerate(row) if text}
        off = sorted(at for at in wanted.keys() | cells.keys() if not cells.get(at, EMPTY).holds(wanted.get(at, "")))
        if not off:
            return Evidence(True, f"{self.path} holds the {len(self.rows)} rows")
        found, should = cells.get(off[0], EMPTY).text, wanted.get(off[0], "")
        more = f"; so do {len(off) - 1} more" if len(off) > 1 else ""
        return Evidence(False, f"{named(off[0])} of {self.path} holds {found!r} where {should!r} belongs{more}")

    def names(self, change: str) -> bool:
        return is_file(self.path, change)


@dataclass(frozen=True, slots=True)
class SheetsAre:
    """The sheets of a spreadsheet file have these names, in this order."""

    path: str
    sheets: tuple[str, ...]

    def test(self, world: World) -> Evidence:
        found = of_file(world, self.path, sheets)
        if isinstance(found, Evidence):
            return found
        return Evidence(tuple(found) == self.sheets, f"the sheets of {self.path} are {', '.join(found)}")

    def names(self, change: str) -> bool:
        return is_file(self.path, change)


def _sheet(world: World, path: str, sheet: str) -> Cells | Evidence:
    found = of_file(world, path, sheets)
    if isinstance(found, Evidence):
        return found
    if not found or (sheet and sheet not in found):
        return Evidence(False, f"{path} has no sheet {sheet!r}; it has: {', '.join(found) or 'none'}")
    return found[sheet] if sheet else next(iter(found.values()))


# ---------------------------------------------------------------------------------------------- text documents


@dataclass(frozen=True, slots=True)
class ParagraphIs:
    """A text document (.odt, .docx) has one paragraph of just this text, and it is of this style ("Heading 1") and
    stands so ("start", "center", "end", "justify"), where that is said.
    """

    path: str
    text: str
    style: str = ""
    align: str = ""

    def test(self, world: World) -> Evidence:
        found = of_file(world, self.path, paragraphs)
        if isinstance(found, Evidence):
            return found
        same = [each for each in found if each.text == self.text]
        if len(same) != 1:
            return Evidence(False, f"{self.path} has {len(same) or 'no'} paragraphs {self.text!r}")
        styled = self.style.casefold() in ("", same[0].style.casefold())
        how = f"is of the style {same[0].style!r}{same[0].align and ' and stands at ' + same[0].align}"
        return Evidence(styled and self.align in ("", same[0].align), f"{self.text!r} of {self.path} {how}")

    def names(self, change: str) -> bool:
        return is_file(self.path, change)


@dataclass(frozen=True, slots=True)
class ParagraphsAre:
    """A text document says just this, paragraph by paragraph; empty ones are not looked at."""

    path: str
    texts: tuple[str, ...]

    def test(self, world: World) -> Evidence:
        found = of_file(world, self.path, paragraphs)
        if isinstance(found, Evidence):
            return found
        texts = tuple(each.text for each in found if each.text.strip())
        if texts == self.texts:
            return Evidence(True, f"{self.path} says just that")
        pairs = enumerate(zip((*texts, ""), (*self.texts, ""), strict=False), 1)
        at, (here, wanted) = next(((at, pair) for at, pair in pairs if pair[0] != pair[1]), (0, ("", "")))
        return Evidence(False, f"paragraph {at} of {self.path} is {here[:80]!r} where {wanted[:80]!r} belongs")

    def names(self, change: str) -> bool:
        return is_file(self.path, change)


@dataclass(frozen=True, slots=True)
class EmphasisIs:
    """Just these stretches of a text document, in order, were made bold, italic or underlined by hand."""

    path: str
    how: Literal["bold", "italic", "underline"]
    texts: tuple[str, ...]

    def test(self, world: World) -> Evidence:
        found = of_file(world, self.path, paragraphs)
        if isinstance(found, Evidence):
            return found
        texts = tuple(text.strip() for text in self._stretches(found) if text.strip())
        return Evidence(texts == self.texts, f"{self.how} in {self.path}: {', '.join(map(repr, texts)) or 'nothing'}")

    def _stretches(self, found: tuple[Paragraph, ...]) -> Iterator[str]:
        for each in found:
            yield from each.looking(self.how)

    def names(self, change: str) -> bool:
        return is_file(self.path, change)


DOCUMENT_CHECKS = (CellIs, SheetIs, SheetsAre, ParagraphIs, ParagraphsAre, EmphasisIs)
OfDocuments = CellIs | SheetIs | SheetsAre | ParagraphIs | ParagraphsAre | EmphasisIs
