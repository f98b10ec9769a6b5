"""Documents that a task brings along, made from rows and paragraphs: .ods, .xlsx, .csv, .odt and .docx, as bytes.

The smallest files that programs open without a question. The same content gives the same bytes.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from xml.sax.saxutils import escape, quoteattr

from cua.errors import UsageError
from cua.spreadsheets import named

Rows = Sequence[Sequence[str]]
Said = tuple[str, str]  # the style of a paragraph, as a person sees its name, and its text

_XML = '<?xml version="1.0" encoding="UTF-8"?>\n'
_TIME = (1980, 1, 1, 0, 0, 0)
_ODF = "urn:oasis:names:tc:opendocument:xmlns:"
_SPACES = " ".join(
    f'xmlns:{short}="{_ODF}{long}:1.0"'
    for short, long in (
        ("office", "office"), ("table", "table"), ("text", "text"), ("style", "style"),
        ("fo", "xsl-fo-compatible"), ("of", "of"),
    )
)  # fmt: skip
_SHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_LINKS = "http://schemas.openxmlformats.org/package/2006/relationships"
_KINDS = "http://schemas.openxmlformats.org/package/2006/content-types"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_TYPES = "application/vnd.openxmlformats-officedocument"


def spreadsheet(path: str, rows: Rows) -> bytes:
    """A spreadsheet of one sheet, "Sheet1"; what looks like a number is one. Raises UsageError for another ending."""
    ending = PurePosixPath(path).suffix
    if ending == ".csv":
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows(rows)
        return text.getvalue().encode()
    if ending == ".ods":
        return _opendocument("spreadsheet", _ods_rows(rows), "")
    if ending == ".xlsx":
        return _xlsx(rows)
    raise UsageError(f"{path}: rows can be made a file that ends in .ods, .xlsx or .csv")


def text_document(path: str, paragraphs: Sequence[Said]) -> bytes:
    """A text document; a paragraph of the style "" is ordinary text. Raises UsageError for another ending."""
    ending = PurePosixPath(path).suffix
    if ending == ".odt":
        return _odt(paragraphs)
    if ending == ".docx":
        return _docx(paragraphs)
    raise UsageError(f"{path}: paragraphs can be made a file that ends in .odt or .docx")


def _is_number(text: str) -> bool:
    try:
        return float(text) == float(text) and text.strip() == text
    except ValueError:
        return False


def _zipped(parts: Mapping[str, str], first: tuple[str, str] | None = None) -> bytes:
    """An archive; `first` stands before the others and is not compressed."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        if first:
            archive.writestr(zipfile.ZipInfo(first[0], _TIME), first[1])
        for name, text in parts.items():
            archive.writestr(zipfile.ZipInfo(name, _TIME), text, zipfile.ZIP_DEFLATED)
    return out.getvalue()


# ---------------------------------------------------------------------------------------------- OpenDocument


def _opendocument(kind: str, body: str, styles: str) -> bytes:
    mime = f"application/vnd.oasis.opendocument.{kind}"
    office = f'{_SPACES} office:version="1.2"'
    content = f"<office:body><office:{kind}>{body}</office:{kind}></office:body>"
    files = (("/", mime), ("content.xml", "text/xml"), ("styles.xml", "text/xml"))
    entries = "".join(
        f'<manifest:file-entry manifest:full-path="{path}" manifest:media-type="{of}"/>' for path, of in files
    )
    parts = {
        "content.xml": f"{_XML}<office:document-content {office}>{content}</office:document-content>",
        "styles.xml": f"{_XML}<office:document-styles {office}><office:styles>{styles}</office:styles>"
        "</office:document-styles>",
        "META-INF/manifest.xml": f'{_XML}<manifest:manifest xmlns:manifest="{_ODF}manifest:1.0" '
        f'manifest:version="1.2">{entries}</manifest:manifest>',
    }
    return _zipped(parts, ("mimetype", mime))


def _ods_rows(rows: Rows) -> str:
    made = "".join(f"<table:table-row>{''.join(map(_ods_cell, row))}</table:table-row>" for row in rows)
    empty = "<table:table-row><table:table-cell/></table:table-row>"
    return f'<table:table table:name="Sheet1">{made or empty}</table:table>'


def _ods_cell(text: str) -> str:
    if not text:
        return "<table:table-cell/>"
    if text.startswith("="):
        return f"<table:table-cell table:formula={quoteattr('of:' + text)}/>"
    kind = f'float" office:value="{text}' if _is_number(text) else "string"
    return f'<table:table-cell office:value-type="{kind}"><text:p>{escape(text)}</text:p></table:table-cell>'


def _odt(paragraphs: Sequence[Said]) -> bytes:
    names = dict.fromkeys(style for style, _ in paragraphs if style)
    styles = "".join(
        f'<style:style style:name="{_coded(name)}" style:display-name={quoteattr(name)} style:family="paragraph"/>'
        for name in ("Standard", *names)
    )
    return _opendocument("text", "".join(_odt_paragraph(*each) for each in paragraphs), styles)


def _odt_paragraph(style: str, text: str) -> str:
    name = _coded(style or "Standard")
    level = style.removeprefix("Heading ")
    if level.isdigit():
        return f'<text:h text:style-name="{name}" text:outline-level="{level}">{escape(text)}</text:h>'
    return f'<text:p text:style-name="{name}">{escape(text)}</text:p>'


def _coded(name: str) -> str:
    return "".join(letter if letter.isalnum() else f"_{ord(letter):x}_" for letter in name)


# ---------------------------------------------------------------------------------------------- Office Open XML


def _office(main: str, kind: str, parts: Mapping[str, tuple[str, str]]) -> bytes:
    """`parts` are paths to (content type, text), the main one first; it links to the others as `kind`."""
    overrides = "".join(
        f'<Override PartName="/{path}" ContentType="{_TYPES}.{of}+xml"/>' for path, (of, _) in parts.items()
    )
    folder = main.partition("/")[0]
    others = [path.removeprefix(f"{folder}/") for path in parts if path != main]
    links = "".join(
        f'<Relationship Id="rId{at}" Type="{_OFFICE}/{kind}" Target="{path}"/>' for at, path in enumerate(others, 1)
    )
    made = {
        "[Content_Types].xml": f'{_XML}<Types xmlns="{_KINDS}"><Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>{overrides}</Types>',
        "_rels/.rels": f'{_XML}<Relationships xmlns="{_LINKS}"><Relationship Id="rId1" '
        f'Type="{_OFFICE}/officeDocument" Target="{main}"/></Relationships>',
        f"{folder}/_rels/{main.rpartition('/')[2]}.rels": f'{_XML}<Relationships xmlns="{_LINKS}">{links}'
        "</Relationships>",
    }
    return _zipped(made | {path: _XML + text for path, (_, text) in parts.items()})


def _xlsx(rows: Rows) -> bytes:
    made = "".join(
        f'<row r="{at + 1}">{"".join(_xlsx_cell(named((at, col)), text) for col, text in enumerate(row))}</row>'
        for at, row in enumerate(rows)
    )
    only = '<sheets><sheet name="Sheet1" sheetId="1" r:id="rId1"/></sheets>'
    book = f'<workbook xmlns="{_SHEET}" xmlns:r="{_OFFICE}">{only}</workbook>'
    sheet = f'<worksheet xmlns="{_SHEET}"><sheetData>{made}</sheetData></worksheet>'
    parts = {
        "xl/workbook.xml": ("spreadsheetml.sheet.main", book),
        "xl/worksheets/sheet1.xml": ("spreadsheetml.worksheet", sheet),
    }
    return _office("xl/workbook.xml", "worksheet", parts)


def _xlsx_cell(name: str, text: str) -> str:
    if not text:
        return ""
    if text.startswith("="):
        return f'<c r="{name}"><f>{escape(text[1:])}</f></c>'
    if _is_number(text):
        return f'<c r="{name}"><v>{text}</v></c>'
    return f'<c r="{name}" t="inlineStr"><is><t>{escape(text)}</t></is></c>'


def _docx(paragraphs: Sequence[Said]) -> bytes:
    names = ("Normal", *dict.fromkeys(style for style, _ in paragraphs if style))
    first = ' w:default="1"'
    styles = "".join(
        f'<w:style w:type="paragraph" w:styleId="{_bare(name)}"{"" if at else first}><w:name w:val={quoteattr(name)}/>'
        "</w:style>"
        for at, name in enumerate(names)
    )
    body = "".join(
        f'<w:p><w:pPr><w:pStyle w:val="{_bare(style or "Normal")}"/></w:pPr><w:r><w:t xml:space="preserve">'
        f"{escape(text)}</w:t></w:r></w:p>"
        for style, text in paragraphs
    )
    parts = {
        "word/document.xml": (
            "wordprocessingml.document.main",
            f'<w:document xmlns:w="{_WORD}"><w:body>{body}</w:body></w:document>',
        ),
        "word/styles.xml": ("wordprocessingml.styles", f'<w:styles xmlns:w="{_WORD}">{styles}</w:styles>'),
    }
    return _office("word/document.xml", "styles", parts)


def _bare(name: str) -> str:
    return "".join(filter(str.isalnum, name))
