"""Pages on which imported flows are replayed, by their path. Each says in its log what was done to it. Data only."""

from __future__ import annotations

NAMES = ("Bob Stone", "Ada Lovelace", "Grace Hopper", "Ada Byron")
_LOG = "<p role=log id=log></p><script>const say = (text) => { log.textContent += `[${text}]`; };</script>"
_STAFF = """<script>
const whose = (e) => e.target.closest("tr")?.cells[0].innerText;
document.addEventListener("click", (e) => {
  if (whose(e) && e.target.localName == "button") say(e.target.textContent + " " + whose(e)); });
document.addEventListener("input", (e) => { if (whose(e)) say(whose(e) + " " +
  (e.target.type == "checkbox" ? e.target.checked : e.target.value)); });
</script>"""
_FIELDS = """<label>Active <input type=checkbox></label><input aria-label=Phone>
<select aria-label=Role><option value=a>Admin<option value=u>User</select>"""


def staff(cell: str, *names: str) -> str:
    """A table of people, with this cell at the end of each row."""
    rows = "".join(f"<tr><td>{name}<td>{name.split()[0].lower()}@site<td>{cell}</tr>" for name in names or NAMES)
    search = "<label>Search <input type=search></label>"
    return f"<!doctype html><title>Staff</title><h1>Staff</h1>{search}<table>{rows}</table>{_LOG}{_STAFF}"


_SHOP = (
    """<!doctype html><title>Shop</title><h1>Shop</h1>
<form onsubmit="event.preventDefault(); const f = (n) => this.elements[n];
  say(['order', f('who').value, f('country').value, f('size').value, f('wrap').checked, f('speed').value,
       f('photo').files[0].name].join(' '))">
<label for=who>Customer</label><input id=who name=who>
<label>Country <select name=country><option value=de>Germany<option value=fr>France<option value=es>Spain</select>
</label>
<select name=size aria-label=Size size=3><option value=s>Small<option value=m>Medium<option value=l>Large</select>
<label><input type=checkbox name=wrap> Gift wrap</label>
<label><input type=radio name=speed value=fast> Fast</label><label><input type=radio name=speed value=slow> Slow</label>
<label>Photo <input type=file name=photo></label>
<div data-testid=note onclick="say('note')">Click to note</div><button>Order</button></form>
<a href=/help target=_blank>Help</a> <iframe title=pay src=/pay></iframe>"""
    + "".join(
        f"<div class=card><h3>{lamp} lamp</h3><p>{price} EUR</p>"
        f"<button onclick=\"say('add {lamp}')\">Add</button></div>"
        for lamp, price in (("Red", 12), ("Blue", 14))
    )
    + "<ul><li>Milk <button onclick=\"say('no milk')\">Remove</button></li>"
    "<li>Bread <button onclick=\"say('no bread')\">Remove</button></li></ul>" + _LOG
)
_MIXED = (
    """<!doctype html><title>Mixed</title><header><a href=/help>Help</a></header><h1>Delete</h1><p>Old note</p>
<label>Name <input id=n></label><label>Password <input type=password id=pw></label>
<label>Volume <input type=range min=0 max=10 oninput="say('volume ' + value)"></label>
<label>Plan <select id=plan onchange="say('plan ' + value)"><option value=b1>Basic<option value=p1>Plus</select></label>
<div role=switch aria-checked=false tabindex=0 onclick="say('dark')">Dark mode</div>
<button onclick="say('deleted ' + n.value)">Delete</button>
<a href=#top onclick="say('link')">Log out</a><button onclick="say('button')">Log out</button>
<button onclick="say('draft')">Save draft</button><button onclick="say('saved')">Save</button>
<div><div>Quantity</div><div><input oninput="say('quantity ' + value)"></div></div>
<div role=dialog aria-label=Bill><button onclick="say('bill')">OK</button></div>
<div role=region aria-label=Ship><button onclick="say('ship')">OK</button></div>
<p>one</p><button onclick="say('first')">Go</button><p>two</p><button onclick="say('second')">Go</button>
<div id=host></div><iframe title=pay src=/pay></iframe><footer><a href=/help>Help</a></footer>
<script>host.attachShadow({mode: "open"}).innerHTML = "<button id=in>Deep</button>";
host.shadowRoot.querySelector("button").onclick = () => say("deep");</script>"""
    + _LOG
)
PAGES = {
    "/staff": staff("<button>Edit</button> <button>Delete</button>"),
    "/staff/more": staff("<button>Edit</button> <button>Delete</button>", "Zoe Zed", *NAMES),
    "/staff/gone": staff("<button>Edit</button> <button>Delete</button>", "Bob Stone", "Grace Hopper", "Ada Byron"),
    "/staff/cross": staff("<button>×</button>"),
    "/staff/fields": staff(_FIELDS),
    "/shop": _SHOP,
    "/shop/sold": _SHOP.replace("Blue lamp", "Green lamp").replace("add Blue", "add Green"),
    "/mixed": _MIXED,
    "/mixed/renamed": _MIXED.replace(">Delete</button>", ">Archive</button>").replace(">Save<", ">Keep<"),
    "/help": "<!doctype html><title>Help</title><h1>Help</h1><button onclick=\"say('asked')\">Ask</button>" + _LOG,
    "/pay": "<label>Card <input id=c></label><button onclick=\"say('paid ' + c.value)\">Pay</button>" + _LOG,
}
