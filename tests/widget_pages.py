"""Widgets as pages make them themselves: sliders, rich texts, cards to drag, links without an address, stand-ins."""

SLIDER = """
<div id=rail style="width: 200px; height: 20px; background: silver">
  <div id=knob role=slider tabindex=0 aria-label=Volume aria-valuemin=0 aria-valuemax=100 aria-valuenow=0
    style="width: 20px; height: 20px; background: gold"></div>
  <button onclick="to(60)">Loud</button>
</div><p>Beside it</p>
<script>
  function to(value) {
    knob.ariaValueNow = Math.max(0, Math.min(100, value));
    knob.style.marginLeft = value * 1.8 + "px";
  }
  rail.onclick = (event) => { if (event.target === rail) to(Math.round(event.offsetX / 20) * 10); };
  knob.onkeydown = (event) => to(Number(knob.ariaValueNow) + ({ ArrowRight: 10, ArrowLeft: -10 }[event.key] || 0));
</script>"""

RICH = """
<div id=body contenteditable role=textbox aria-label=Body style="min-height: 60px"></div>
<button onmousedown="event.preventDefault()" onclick="document.execCommand('bold')">Bold</button>"""

TABLE = """<style> td { width: 400px } .go { cursor: pointer } </style><table>
<tr><td><span ondblclick="document.title = 'edited'">Lamp</span></td>
<td><a class=go onclick="this.remove()">Delete</a></td></tr>
<tr><td><span>Chair</span></td><td><a class=go>Delete</a></td></tr></table>"""

RADIO = (
    """<label><input type=radio name=kind style="width: 0; height: 0; margin: 0; opacity: 0"><span>Bug</span></label>"""
)

KEYS = """<button onkeydown="document.title = event.key">One</button><button>Two</button>"""

# Drags as libraries make them: what is pressed is lifted once it has moved, and follows a frame later.
CARDS = """
<style>
  #card, #goal { position: absolute; top: 40px; width: 100px; height: 40px; background: gold }
  #goal { left: 400px }
</style>
<div id=card tabindex=0 aria-label=Card role=button></div>
<div id=goal role=button aria-label=Goal tabindex=0></div><output>none</output>
<script>
  let lifted = false, over = false, began = null;
  card.onmousedown = (event) => { began = event.clientX; event.preventDefault(); };
  window.onmousemove = (event) => {
    if (began === null || Math.abs(event.clientX - began) < 5) return;
    if (!lifted) return void requestAnimationFrame(() => { lifted = true; });
    requestAnimationFrame(() => { over = event.clientX > 400; });
  };
  window.onmouseup = () => {
    document.querySelector("output").textContent = lifted && over ? "dropped" : "not dropped";
  };
</script>"""

GLIDE = """
<style> #box { transition: transform 400ms; width: 40px; height: 40px } </style><div id=box></div><output></output>
<button onclick="box.style.transform = 'translateX(100px)'">Go</button>
<script> box.ontransitionend = () => { document.querySelector("output").textContent = "there"; }; </script>"""

STOOD_FOR = """<label for=city>City</label>
<style> #city { position: absolute; width: 1px; height: 1px; clip: rect(0 0 0 0) } </style>
<div><select id=city tabindex=-1 aria-hidden=true>
<option>Oslo</select><span><span role=combobox tabindex=0 aria-expanded=false>Oslo</span></span></div>
<button aria-pressed=true>Bold</button><button>Plain</button>"""

# What a style shows while the pointer is over it, above a button.
HOVER = """<style>
  #menu ul { display: none; position: absolute; background: white; margin: 0 }
  #menu:hover ul { display: block }
</style>
<div id=menu>Actions<ul><li><a href="#" onclick="document.title = 'archived'; return false">Archive all</a></ul>
</div>
<button>Remove everything</button>"""

CODE = "".join(f"<input aria-label='Digit {n}' autocomplete=one-time-code maxlength=1 size=1>" for n in range(1, 5))

SLOTTED = """<my-switch>Public</my-switch><script>
  customElements.define("my-switch", class extends HTMLElement {
    connectedCallback() {
      const root = this.attachShadow({ mode: "open" });
      root.innerHTML = "<label><input type=checkbox> <slot></slot></label>";
    }
  });
</script>"""

# What lies over the button has no role and no text, so it is in no look.
OVER = """<style> button { position: absolute; left: 50px; top: 50px; width: 100px; height: 60px } </style>
<button>Remove everything</button>
<x-map style="position: absolute; left: 60px; top: 40px; width: 40px; height: 200px; background: teal"></x-map>"""
