"""What a person asks of three desktop apps, in their words, and what a hand that knows the way does: data only.

A step is ROLE:NAME to click, ROLE:NAME = TEXT to fill, TEXT >> ROLE:NAME for the one in the row that says so, !KEYS to
press and >TEXT to type. A role also stands for those that begin with it. Few of the goals name what is clicked.
"""

from __future__ import annotations

from xml.sax.saxutils import escape

Asked = tuple[str, ...]  # the goal, then the steps

EMPTY_SHEET: tuple[Asked, ...] = (
    ("Note the rents 900, 950 and 1000 under each other, starting top left", "cell:A1 = 900", "cell:A2 = 950",
     "cell:A3 = 1000"),
    ("put the total of the first three rows into the cell below", "cell:A4", ">=SUM(A1:A3)\n"),
    ("Make the total stand out: bold, please", "cell:A4", "button:Bold"),
    ("the rents should be shown with two decimals", "cell:A1", "menu:Format", "menuitem:Cells",
     "spinbutton:Decimal places = 2", "button:OK"),
    ("I want to keep seeing the first row when I scroll down", "menu:View", "menu:Freeze Cells",
     "menuitem:Freeze First Row"),
    ("add another sheet", "button:Add"),
    ("back to the first sheet", "tab:Sheet1"),
    ("we need an empty line between the second and the third rent", "cell:A3", "menu:Sheet", "menu:Insert Rows",
     "menuitem:Rows Above"),
    ("order the rents from high to low", "cell:A1", "button:Sort Descending"),
    ("swap every 950 for 960", "button:Find and Replace", "textbox:Find = 950", "textbox:Replace = 960",
     "button:Replace All"),
    ("rename this sheet to Rents", "menu:Sheet", "menuitem:Rename Sheet", "textbox:Name = Rents", "button:OK"),
    ("turn the paper to landscape for printing", "menu:Format", "menuitem:Page Style", "tab:Page", "radio:Landscape",
     "button:OK"),
    ("only whole numbers may be typed into B2", "cell:B2", "menu:Data", "menuitem:Validity", "button:Cancel"),
    ("how would this look on paper?", "button:Print Preview"),
    ("and back to the table", "button:Close Preview"),
    ("colour the background of the total", "cell:A5", "button:Background Color"),
    ("write the date of today into C1", "cell:C1", "menu:Insert", "menuitem:Date"),
    ("what interest rate do I need? look for the tool that seeks the goal", "menu:Tools", "menuitem:Goal Seek",
     "button:Cancel"),
    ("leave me a remark on the cell with the total", "cell:A5", "menu:Insert", "menuitem:Comment", "!Escape"),
    ("nobody else should change this sheet", "menu:Tools", "menuitem:Protect Sheet", "button:Cancel"),
    ("center what is in B3", "cell:B3", "button:Align Center"),
    ("the column is too narrow", "menu:Format", "menu:Columns", "menuitem:Optimal Width", "button:Cancel"),
    ("average of the rents into D1 with the wizard", "cell:D1", "button:Function Wizard", "button:Cancel"),
    ("hide the grid", "menu:View", "menuitem:View Grid Lines"),
)  # fmt: skip

FULL_SHEET: tuple[Asked, ...] = (
    ("Hansen in Bergen sold 45 units, not 12", "cell:E3 = 45"),
    ("the note for Olsen must say: paid late", "cell:J4 = paid late"),
    ("which products did Lund sell? show only his rows", "cell:B1", "button:AutoFilter"),
    ("what the man from Narvik got as a discount was 5 per cent", "cell:G8 = 0.05"),
    ("give the prices a currency", "cell:F2", "button:Currency"),
    ("sort by region", "cell:A2", "button:Sort Ascending"),
    ("I want a chart of it all", "cell:A1", "button:Chart", "button:Cancel"),
    ("a thick frame around the heading", "cell:A1", "menu:Format", "menuitem:Cells", "tab:Borders", "button:OK"),
    ("delete the row of Dahl from Tromso", "cell:A11", "menu:Sheet", "menuitem:Delete Rows"),
    ("wrap the long notes", "cell:J2", "button:Wrap Text"),
    ("write a sum of the units into M2", "cell:M2", ">=SUM(E2:E40)\n"),
    ("put my name, Kari, in the corner right of the last heading", "cell:L1 = Kari"),
    ("go to the summary", "tab:Summary"),
    ("note 2026 in the middle of the empty page, C10", "cell:C10 = 2026"),
    ("back to the sales", "tab:Sales"),
    ("italic for the product in the tenth line", "cell:C10", "button:Italic"),
    ("one decimal more in the column of prices", "cell:F5", "button:Add Decimal Place"),
    ("copy the seller of line 6 to N6", "cell:B6", "button:Copy", "cell:N6", "!ctrl+v"),
)  # fmt: skip

EDITOR: tuple[Asked, ...] = (
    ("Long lines should not run out of the window", "menu:View", "menuitem:Word Wrap"),
    ("I want to see the numbers of the lines", "menu:View", "menuitem:Line Numbers"),
    ("write a greeting", "textbox: = Hello there"),
    ("make it all capitals", "!ctrl+a", "menu:Edit", "menu:Convert", "menuitem:To Uppercase"),
    ("save it as hello.txt", "menu:File", "menuitem:Save As", "textbox:Name = hello.txt", "button:Save"),
    ("the text is too small to read, another font please", "menu:Edit", "menuitem:Preferences"),
    ("swap HELLO for BYE everywhere", "menu:Search", "menuitem:Find and Replace",
     "button:Close"),
    ("treat it as a Python program", "menu:Document", "menu:Filetype", "!Escape", "!Escape"),
    ("go to line 1", "menu:Search", "menuitem:Go to", "button:Cancel"),
    ("a fresh window", "menu:File", "menuitem:New"),
    ("who wrote this program?", "menu:Help", "menuitem:About", "button:Close"),
)  # fmt: skip

LETTER: tuple[Asked, ...] = (  # held out
    ("Start a letter: Dear Anna", ">Dear Anna,\n"),
    ("the greeting should be in bold letters", "!ctrl+a", "button:Bold"),
    ("put a table of three columns under it", "menu:Table", "menuitem:Insert Table", "spinbutton:Columns = 3",
     "button:Insert"),
    ("count the words", "menu:Tools", "menuitem:Word Count", "button:Close"),
    ("page numbers at the bottom", "menu:Insert", "menuitem:Page Number", "!Escape"),
    ("narrower margins", "menu:Format", "menuitem:Page Style", "tab:Page", "spinbutton:Left = 1", "button:OK"),
    ("the writing should stand in the middle", "button:Align Center"),
    ("begin a new page here", "menu:Insert", "menuitem:Page Break"),
    ("I would like to see the marks at the ends of paragraphs", "menu:View", "menuitem:Formatting Marks"),
    ("replace Anna by Berta", "button:Find and Replace", "textbox:Find = Anna", "textbox:Replace = Berta",
     "button:Replace All"),
    ("a headline for the first line", "menu:Styles", "menuitem:Heading 1"),
    ("insert a picture of mine", "menu:Insert", "menuitem:Image", "button:Cancel"),
    ("write with two columns", "menu:Format", "menuitem:Columns", "spinbutton:Columns = 2", "button:OK"),
    ("save as a PDF", "button:Export Directly as PDF", "button:Cancel"),
    ("spell check it", "button:Spelling"),
)  # fmt: skip

_HEADS = ("Region", "Seller", "Product", "Quarter", "Units", "Price", "Discount", "Shipped", "Invoice", "Note", "Total")
_REGIONS = ("Oslo", "Bergen", "Stavanger", "Trondheim", "Hamar", "Molde", "Narvik", "Bodo", "Skien", "Tromso")
_SELLERS = ("Berg", "Hansen", "Olsen", "Lund", "Moen", "Strand", "Vik", "Haugen", "Solberg", "Dahl")
_WARES = ("kettle", "lamp", "chair", "desk", "shelf", "rug", "clock", "mirror")


def sheet(rows: int = 39) -> str:
    """A workbook of two sheets as flat XML, the first of them full."""
    lines = [_HEADS]
    for n in range(rows):
        units, price = 3 + n * 7 % 40, 19.5 + n * 13 % 90
        lines.append((_REGIONS[n % 10], _SELLERS[n % 10], _WARES[n % 8], f"Q{n % 4 + 1}", str(units), f"{price:.2f}",
                      "0.1", f"2026-0{n % 9 + 1}-14", f"INV-{4000 + n}", "called twice, no answer" if n % 3 else "",
                      f"{units * price:.2f}"))  # fmt: skip
    spelt = "".join(f"<table:table-row>{''.join(map(_cell, line))}</table:table-row>" for line in lines)
    names = "".join(
        f' xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{short}:1.0"' for short in ("office", "table", "text")
    )
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document{names} office:version="1.2"'
        ' office:mimetype="application/vnd.oasis.opendocument.spreadsheet"><office:body><office:spreadsheet>'
        f'<table:table table:name="Sales">{spelt}</table:table><table:table table:name="Summary"><table:table-row>'
        f"{_cell('Year')}</table:table-row></table:table></office:spreadsheet></office:body></office:document>"
    )


def _cell(text: str) -> str:
    number = text.replace(".", "", 1).isdigit()
    kind = f'float" office:value="{text}' if number else "string"
    return f'<table:table-cell office:value-type="{kind}"><text:p>{escape(text)}</text:p></table:table-cell>'
