"""Pages for flows of kinds of their own: office, board, account. Each says in its status what was done. Data only."""

from __future__ import annotations

_OFFICE = """<!doctype html><meta charset=utf-8><title>Office</title><h1>Office</h1>
<form onsubmit="event.preventDefault(); const f = (n) => this.elements[n];
  say([f('title').value, f('priority').value, f('urgent').checked, f('copy').checked, f('to').value,
       f('file').files[0]?.name, 'sent'].join(' '))">
<label>Title <input name=title></label>
<label>Priority <select name=priority><option value=1>Low<option value=2>High</select></label>
<label><input type=checkbox name=urgent> Urgent</label><label><input type=checkbox name=copy checked> Copy to me</label>
<label><input type=radio name=to value=me> Only me</label><label><input type=radio name=to value=team> Team</label>
<label>Attachment <input type=file name=file></label>
<label>Body <textarea name=body>old words</textarea></label>
<button type=button onclick="if (confirm('Throw all away?')) { this.form.reset(); say('thrown away') }">Discard</button>
<button>Send</button></form>
<a href="data:text/plain,form" download=form.txt>Form as a file</a>
<a href=/preview target=_blank>Preview</a><iframe name=sign src=/sign></iframe>
<p role=status></p>
<script>const say = (text) => { document.querySelector("[role=status]").textContent = text; };</script>"""
_BOARD = """<!doctype html><meta charset=utf-8><title>Board</title>
<button onclick="menu.hidden = false">File</button>
<div role=menu id=menu hidden>
<div role=menuitem tabindex=0 onclick="menu.hidden = true; fresh.hidden = false">New card</div></div>
<label id=fresh hidden>Card <input onkeydown="if (event.key == 'Enter') { put(this.value); this.value = '' }"></label>
<ul aria-label="To do" id=todo><li draggable=true>Write report</li>
<li><span>Pay bills</span>
<button onclick="this.closest('li').remove()"><svg width=9 height=9><path d="M0 0L9 9"/></svg>
</button></li></ul>
<ul aria-label=Done id=done style="min-height: 4em; background: #eee"></ul><p role=status></p><script>
const say = (text) => { document.querySelector("[role=status]").textContent = text; };
const put = (text) => { const item = document.createElement("li"); item.textContent = text; todo.append(item); };
addEventListener("keydown", (e) => { if (e.ctrlKey && e.key == "z") { e.preventDefault(); say("undone"); } });
let held; addEventListener("dragstart", (e) => { held = e.target; });
done.ondragover = (e) => e.preventDefault();
done.ondrop = (e) => { e.preventDefault(); done.append(held); say(held.textContent + " is done"); };
</script>"""
_ACCOUNT = """<!doctype html><meta charset=utf-8><title>Account</title>
<form onsubmit="event.preventDefault(); const f = (n) => this.elements[n].value;
  const same = f('mail') == f('again') && f('pw') == f('pw2');
  document.querySelector('[role=alert]').textContent = same ? `Welcome ${f('user')}, ${f('seats')} seats on floor ` +
    `${f('floor')}, ${f('volume')}, ${news.ariaChecked}` : 'they differ';">
<label>User name <input name=user></label><label>E-mail <input type=email name=mail></label>
<label>Repeat e-mail <input type=email name=again></label>
<label>Password <input type=password name=pw></label><label>Repeat password <input type=password name=pw2></label>
<label>Seats <input type=number name=seats></label><label>Floor <input type=number name=floor></label>
<div role=switch id=news aria-checked=false tabindex=0 aria-label=Newsletter onclick="ariaChecked = 'true'">off</div>
<label>Volume <input type=range name=volume min=0 max=10></label>
<button>Sign in</button></form><p role=alert></p>"""
FLOW_PAGES = {
    "/office": _OFFICE,
    "/office/fails": _OFFICE.replace("'sent'", "'not sent'"),
    "/preview": "<!doctype html><title>Preview</title><h1>Preview</h1><button onclick=\"this.textContent = 'Zoomed'\">"
    "Zoom in</button>",
    "/sign": "<label>Initials <input></label><button onclick=\"this.textContent = 'Signed'\">Sign</button>",
    "/board": _BOARD,
    "/board/stuck": _BOARD.replace("this.closest('li').remove()", "1"),
    "/account": _ACCOUNT,
    "/account/wrong": _ACCOUNT.replace("Welcome", "Sorry"),
}
