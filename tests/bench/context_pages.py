"""Pages to look at: one of more than 3,000 elements that answers to what is done, published ones, and what is asked.

The large page is a shop's back office: filters, a table of orders with buttons in each row, products, answers, settings
and a foot far down. Few of the goals name what is clicked, and many are about what does not show without scrolling.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tests.bench.context_tasks import Asked
from tests.bench.pairs import fetched

ORDERS = 190
_FIRST = ("Ada", "Bo", "Cleo", "Dag", "Eva", "Finn", "Gro", "Hans", "Ida", "Jon", "Kari", "Lars", "Mia", "Nils", "Ola")
_LAST = ("Lovelace", "Berg", "Dahl", "Moen", "Strand", "Vik", "Haugen", "Lie", "Holm", "Lund", "Aas", "Foss", "Ness")
_TOWNS = ("Oslo", "Bergen", "Molde", "Narvik", "Hamar", "Skien", "Voss", "Tromso", "Alta", "Moss", "Larvik")
_STATES = ("paid", "open", "sent", "returned", "refused")
_WARES = ("kettle", "lamp", "chair", "desk", "shelf", "rug", "clock", "mirror", "basket", "vase")
_SHADES = ("blue", "red", "green", "white", "black", "oak")
_ASKED = (
    "How do I return something?", "Where is my parcel?", "Which cards do you take?", "Can I pay by invoice?",
    "Do you send abroad?", "How long does it take?", "How do I delete my account?", "What is the warranty?",
    "Can I change an order?", "Do you wrap presents?", "Are there discounts for schools?", "Who repairs my lamp?",
)  # fmt: skip
_WISHES = (
    "Weekly summary", "Mail for every order", "Warn when stock is low", "Round prices", "Show tax", "Dark colours",
    "Print with logo", "Ask before deleting", "Remember filters", "Compact rows", "Sound on a new order", "Beta",
)  # fmt: skip
_FOOT = (
    "Imprint", "Privacy", "Terms", "Careers", "Press", "Suppliers", "Accessibility", "Cookies", "Contact us", "News",
)  # fmt: skip
_SCRIPT = """
const say = (what) => { document.getElementById("said").textContent = what; };
addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  const row = button.closest("tr"), text = button.textContent.trim();
  if (text === "Edit") { const box = document.getElementById("edit"); box.hidden = false;
    box.querySelector("h3").textContent = "Order " + row.cells[1].textContent; box.scrollIntoView(); }
  else if (text === "Keep") document.getElementById("edit").hidden = true;
  else if (button.dataset.opens) {
    const box = document.getElementById(button.dataset.opens); box.hidden = !box.hidden; }
  else say(text + (row ? " " + row.cells[1].textContent : ""));
  event.preventDefault();
});
"""


def shop() -> str:
    """The large page as HTML."""
    head = "".join(f"<li><a href='#{at.lower()}'>{at}</a></li>" for at in ("Orders", "Products", "Answers", "Settings"))
    return (
        f"<!doctype html><title>Back office</title><body><header><h1>Back office</h1><nav><ul>{head}</ul></nav>"
        "<button data-opens='account'>My account</button><div id='account' hidden><a href='#me'>My details</a>"
        "<a href='#bills'>Bills</a><button>Sign out</button></div><input type='search' aria-label='Search the shop'>"
        f"<output id='said'></output></header><main>{_filters()}{_edit()}{_orders()}{_products()}{_answers()}"
        f"{_settings()}</main>{_footer()}<script>{_SCRIPT}</script></body>"
    )


def _filters() -> str:
    towns = "".join(f"<option>{town}</option>" for town in ("anywhere", *_TOWNS))
    states = "".join(f"<option>{state}</option>" for state in ("any state", *_STATES))
    return (
        "<form aria-label='Filter orders'><h2>Filter</h2><label>Customer <input></label>"
        f"<label>Town <select>{towns}</select></label><label>State <select>{states}</select></label>"
        "<label>From <input type='date'></label><label>To <input type='date'></label>"
        "<label>At least <input type='number'></label><label><input type='checkbox'>Only unpaid</label>"
        "<button>Apply</button><button>Clear all</button></form>"
    )


def _edit() -> str:
    return (
        "<section id='edit' hidden aria-label='Edit an order'><h3></h3><label>Town <input value='Oslo'></label>"
        "<label>Street <input></label><label>Remark <textarea></textarea></label><button>Keep</button></section>"
    )


def _orders() -> str:
    names = ("", "Order", "Customer", "Town", "Date", "Amount", "State", "", "")
    heads = "".join(f"<th>{f'<button>{name}</button>' if name else ''}</th>" for name in names)
    rows = "".join(
        f"<tr><td><input type='checkbox' aria-label='Choose order {n}'></td><td><a href='#o{n}'>{n}</a></td>"
        f"<td>{who}</td><td>{town}</td><td>2026-0{n % 9 + 1}-{n % 27 + 1:02}</td><td>{n * 37 % 900}.50</td>"
        f"<td>{state}</td>"
        f"<td><button>Edit</button></td><td><button>Cancel</button></td></tr>"
        for n, who, town, state in orders()
    )
    return f"<h2 id='orders'>Orders</h2><table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>"


def orders() -> list[tuple[int, str, str, str]]:
    """Number, customer, town and state of each."""
    return [(1000 + n, f"{_FIRST[n % 15]} {_LAST[n % 13]}", _TOWNS[n % 11], _STATES[n * 7 % 5]) for n in range(ORDERS)]


def _products() -> str:
    made = "".join(
        f"<article><h3>{shade.title()} {ware}</h3><p>A {shade} {ware} for every room, number {at}.</p>"
        f"<a href='#p{at}{shade}'>More</a><button>Into the basket</button></article>"
        for at, ware in enumerate(_WARES)
        for shade in _SHADES
    )
    return f"<h2 id='products'>Products</h2>{made}"


def _answers() -> str:
    made = "".join(
        f"<li><button data-opens='a{at}'>{said}</button><p id='a{at}' hidden>Ask us, by mail or here.</p></li>"
        for at, said in enumerate(_ASKED)
    )
    return f"<h2 id='answers'>Answers</h2><ul>{made}</ul>"


def _settings() -> str:
    ticks = "".join(f"<label><input type='checkbox'>{wish}</label>" for wish in _WISHES)
    coins = "".join(f"<option>{coin}</option>" for coin in ("Krone", "Euro", "Pound", "Dollar", "Yen"))
    return (
        f"<form aria-label='Settings' id='settings'><h2>Settings</h2><fieldset><legend>General</legend>{ticks}"
        f"</fieldset><label>Currency <select>{coins}</select></label>"
        "<label>Shop name <input value='Lamps and more'></label>"
        "<label>Reply address <input type='email'></label><label>Opening hours <textarea></textarea></label>"
        "<button>Save settings</button><button>Undo changes</button></form>"
    )


def _footer() -> str:
    links = "".join(f"<li><a href='#{name}'>{name}</a></li>" for name in _FOOT)
    return (
        f"<footer><ul>{links}</ul><form aria-label='Newsletter'><label>Your mail <input type='email'></label>"
        "<button>Subscribe</button></form><button>Language</button><p>Lamps and more, Storgata 1</p></footer>"
    )


SHOP: tuple[Asked, ...] = (
    ("Call off the order of Kari Strand", "Kari Strand >> button:Cancel"),
    ("order 1103 goes to Voss instead", "1103 >> button:Edit", "textbox:Town = Voss", "button:Keep"),
    ("what does number 1177 hold? open it", "link:1177"),
    ("Which orders are still to be paid?", "checkbox:Only unpaid", "button:Apply"),
    ("show me what went to Narvik", "combobox:Town = Narvik", "button:Apply"),
    ("all orders again", "button:Clear all"),
    ("the most expensive order first, please", "button:Amount"),
    ("by date now", "button:Date"),
    ("mark orders 1001 and 1003", "checkbox:Choose order 1001", "checkbox:Choose order 1003"),
    ("the last order in the list was a joke, get rid of it", f"{999 + ORDERS} >> button:Cancel"),
    ("The first customer moved to Moss, Sea Street 4", "1000 >> button:Edit", "textbox:Town = Moss",
     "textbox:Street = Sea Street 4", "button:Keep"),
    ("put the red clock into my basket", "Red clock >> button:Into the basket"),
    ("tell me more about the oak desk", "Oak desk >> link:More"),
    ("I need a white mirror and a white vase", "White mirror >> button:Into the basket",
     "White vase >> button:Into the basket"),
    ("how can somebody send a thing back?", "button:How do I return something?"),
    ("is there a guarantee on what we sell?", "button:What is the warranty?"),
    ("what do we say to people who ask about presents?", "button:Do you wrap presents?"),
    ("stop the summary every week", "checkbox:Weekly summary", "button:Save settings"),
    ("Prices should be in euros", "combobox:Currency = Euro", "button:Save settings"),
    ("we are called Light and Shade from now on", "textbox:Shop name = Light and Shade", "button:Save settings"),
    ("I want it dark", "checkbox:Dark colours"),
    ("tell me before something runs out of stock", "checkbox:Warn when stock is low"),
    ("take back what I changed in the settings", "button:Undo changes"),
    ("sign kari@example.org up for news", "textbox:Your mail = kari@example.org", "button:Subscribe"),
    ("who is behind this shop, legally?", "link:Imprint"),
    ("what happens with my data?", "link:Privacy"),
    ("I look for a job there", "link:Careers"),
    ("log me out", "button:My account", "button:Sign out"),
    ("see my bills", "button:My account", "link:Bills"),
    ("find a lantern in the shop", "searchbox:Search the shop = lantern"),
    ("write to them", "link:Contact us"),
    ("the customer Ola Foss wants a remark on the order: ring twice", "Ola Foss >> button:Edit",
     "textbox:Remark = ring twice", "button:Keep"),
    ("orders from March on", "textbox:From = 2026-03-01", "button:Apply"),
    ("only those of 500 or more", "spinbutton:At least = 500", "button:Apply"),
    ("cancel everything for Gro Lie", "Gro Lie >> button:Cancel"),
    ("open 1050, then 1051", "link:1050", "link:1051"),
    ("go to the settings", "link:Settings"),
    ("in which language is this? change it", "button:Language"),
    ("we open at nine now", "textbox:Opening hours = from nine"),
    ("answers should come from shop@example.org", "textbox:Reply address = shop@example.org", "button:Save settings"),
    ("choose the order of Eva Ness", "Eva Ness >> checkbox:Choose order 1064"),
    ("find Nils among the customers", "textbox:Customer = Nils", "button:Apply"),
    ("the green basket, please", "Green basket >> button:Into the basket"),
    ("can children's schools get it cheaper?", "button:Are there discounts for schools?"),
)  # fmt: skip


PUBLISHED: tuple[tuple[str, str, str, tuple[Asked, ...]], ...] = (
    ("gentelella", "1.4.0", "production/tables_dynamic.html", (
        ("who earns the most?", "columnheader:Salary: activate to sort column ascending"),
        ("look for Tiger Nixon", "searchbox:Search: = Tiger Nixon"),
        ("show fifty people at once", "combobox:Show entries = 50"),
        ("on to the next ones", "link:Next"),
        ("the last page of the first table", "link:6"),
        ("by town, please", "columnheader:Office: activate to sort column ascending"),
        ("give me the second table as a file for a spreadsheet", "link:CSV"),
        ("print it", "link:Print"),
        ("open what Airi Satou does", "cell:Airi Satou"),
    )),
    ("admin-lte", "2.4.18", "pages/UI/buttons.html", (
        ("hide the navigation", "button:Toggle navigation"),
        ("go to the calendar", "link:Calendar 3 17"),
        ("the maroon one without round corners", "button:.btn.bg-maroon.btn-flat"),
        ("the upper one of those that stand on each other", "button:Top"),
        ("the middle of the three", "button:Middle"),
        ("find invoices in the menu", "textbox:Search = invoices"),
        ("back to the start page", "link:Home"),
        ("show the documentation", "link:Documentation"),
    )),
)  # fmt: skip

HELD_OUT: tuple[tuple[str, str, str, tuple[Asked, ...]], ...] = (
    ("gentelella", "1.4.0", "production/form_advanced.html", (
        ("turn the picture to the right", "button:Rotate Right"),
        ("mirror it from left to right", "button:Flip Horizontal"),
        ("make the crop a square", "radio:1:1"),
        ("200 pixels wide", "textbox:Width = 200"),
        ("a bit closer", "button:Zoom In"),
        ("start all over", "button:Reset"),
        ("send the form", "button:Submit"),
        ("go to the wizard", "link:Form Wizard"),
        ("my name is Ann", "textbox:First Name = Ann"),
        ("no restrictions on the proportions", "radio:Free"),
    )),
    ("admin-lte", "4.0.0", "dist/mailbox/inbox.html", (
        ("what is in the rubbish?", "link:Trash"),
        ("write a mail", "link:Compose"),
        ("tick all of them", "checkbox:Select all"),
        ("throw the marked ones away", "button:Delete"),
        ("is there anything new?", "button:Refresh"),
        ("look for invoices in my mail", "searchbox:Search mail = invoice"),
        ("mails that I did not finish", "link:Drafts 2"),
        ("make the page dark", "link:Toggle color scheme"),
    )),
    ("admin-lte", "4.0.0", "dist/pages/projects.html", (
        ("begin something new", "button:New project"),
        ("which ones are due first?", "columnheader:Due"),
        ("what do we spend on each?", "columnheader:Budget"),
        ("open the work on the phone app", "link:Mobile App v2"),
        ("change the onboarding mails", "Onboarding Email Flow >> button:Edit"),
        ("more on the brand", "Brand Style Guide >> button:More"),
        ("only those that wait", "combobox:Filter by status = On hold"),
    )),
    ("startbootstrap-sb-admin-2", "4.1.4", "tables.html", (
        ("find the people in Tokyo", "searchbox:Search: = Tokyo"),
        ("the oldest first", "columnheader:Age: activate to sort column ascending"),
        ("page three", "link:3"),
        ("I have seven letters", "button:7"),
        ("who am I here?", "button:Douglas McGee"),
        ("100 on one page", "combobox:Show entries = 100"),
    )),
)  # fmt: skip


def published() -> list[tuple[Path, Sequence[Asked]]]:
    """Pages of published templates and what is asked on them. Raises UsageError where they cannot be had."""
    return _fetched(PUBLISHED)


def held_out() -> list[tuple[Path, Sequence[Asked]]]:
    """Those whose tasks were written before any result on them was seen."""
    return _fetched(HELD_OUT)


def _fetched(wanted: Sequence[tuple[str, str, str, tuple[Asked, ...]]]) -> list[tuple[Path, Sequence[Asked]]]:
    return [(fetched(package, version) / page, asked) for package, version, page, asked in wanted]
