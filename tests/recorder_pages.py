"""The pages that the web recorder is tried on, by their path. Data only."""

from __future__ import annotations

ROWS = "".join(f"<tr><td>Invoice {n}</td><td>{n * 7} EUR</td><td><button>Delete</button></td></tr>" for n in range(300))

PAGES = {
    "/form": """<title>Form</title><form action="/done"><label>Name <input name=who></label>
        <label for=news>Newsletter</label><input type=checkbox id=news>
        <label><input type=radio name=size value=s> Small</label>
        <label><input type=radio name=size value=l> Large</label>
        <select aria-label=Country><option>France<option>Poland<option>Peru</select>
        <select multiple aria-label=Days size=3><option>Mon<option>Tue<option>Wed</select>
        <input type=date aria-label=When><input type=range aria-label=Volume min=0 max=10 value=5>
        <textarea aria-label=Note></textarea><input aria-label=City list=cities>
        <datalist id=cities><option>Paris</datalist>
        <div contenteditable role=textbox aria-label=Rich style="width:200px;height:20px"></div>
        <button>Send</button></form>""",
    "/done": "<title>Done</title><p>Thank you</p>",
    "/table": f"<title>Invoices</title><table>{ROWS}</table><output></output>"
    "<script>onclick = e => document.querySelector('output').textContent = e.target.innerText</script>",
    "/inner": "<label>Inside <input></label><button>Inner</button>",
    "/farther": "<label>Far away <input></label><button>Far off</button>",
    "/frames": """<title>Frames</title><h1>Outer</h1><iframe src=/inner title=near></iframe>
        <iframe title=far></iframe>
        <script>const far = new URLSearchParams(location.search).get("far");
        document.querySelector("[title=far]").src = far + "/farther"</script>""",
    "/shadow": """<title>Shadow</title><div id=host></div><script>
        const outer = host.attachShadow({mode: "open"}); outer.innerHTML = "<p>Outer</p><section></section>";
        const inner = outer.querySelector("section").attachShadow({mode: "open"});
        inner.innerHTML = "<label>Deep <input></label><button>Deepest</button>";</script>""",
    "/spa": """<title>One page</title><button id=next>Next</button><main>first</main><script>
        document.querySelector("#next").addEventListener("pointerdown", () => {
          history.pushState({}, "", "/spa?second"); document.querySelector("main").innerHTML = "<h1>second</h1>";
          document.querySelector("#next").remove(); });</script>""",
    "/away": """<title>Away</title><button onmousedown="location.href='/done'">Leave</button>
        <a href=/done>Link</a><a href=/done target=_blank>New tab</a>
        <button onclick="open('/popup', '', 'width=300')">Popup</button>
        <button onclick="setTimeout(() => location.reload(), 50)">Again</button>
        <button onclick="history.back()">Back</button>""",
    "/popup": "<title>Popup</title><button onclick=window.close()>Close me</button><button>Stay</button>",
    "/openers": """<title>Openers</title><button onclick="window.open('/counts', '', 'width=300')">Popup</button>
        <button onclick="window.open('/counts', '', 'noopener')">Apart</button>
        <button onclick="put(window.open('about:blank'))">Written</button>
        <button onclick="const w = window.open('about:blank'); setTimeout(() => put(w), 300)">Written late</button>
        <button onclick="w = window.open('about:blank'); setTimeout(() => w.location = '/counts', 99)">Led</button>
        <script>async function put(w) { const page = await (await fetch("/counts")).text();
          w.document.open(); w.document.write(page); w.document.close(); }</script>""",
    "/counts": """<title>0</title><button onclick="document.title = +document.title + 1">Count</button>""",
    "/files": """<title>Files</title><label>Photo <input type=file></label>
        <button onclick="document.querySelector('#hidden').click()">Upload</button>
        <input id=hidden type=file hidden>""",
    "/dialogs": """<title>Dialogs</title><button onclick="alert('Saved')">Alert</button>
        <button onclick="confirm('Sure?')">Confirm</button><button onclick="prompt('Your name?')">Prompt</button>
        <button onclick="prompt('Your password?')">Login</button>""",
    "/secrets": """<title>Secrets</title><label>User <input name=user></label>
        <label>Passwort <input type=password id=pw></label><button id=show>Show</button>
        <label>Card number <input name=cc></label><input autocomplete=one-time-code aria-label=Code>
        <label>API token <textarea></textarea></label><label>Place of work <input name=work></label>
        <p id=echo></p><script>pw.addEventListener("input", () => { echo.textContent = "You typed " + pw.value; });
        show.onclick = () => { const plain = document.createElement("input"); plain.id = "shown";
          plain.type = "text";
          plain.value = pw.value; pw.replaceWith(plain); document.title = "pw " + plain.value; };</script>""",
    "/signup": """<title>Sign up</title><label>Password <input type=password></label>
        <label>Repeat password <input type=password></label><label>PIN <input type=password></label>
        <label>PIN again <input type=password></label><button>Sign up</button>""",
    "/keys": """<title>Keys</title>
        <ul role=listbox tabindex=0 aria-label=Fruit><li role=option>Apple<li role=option>Pear</ul>
        <input aria-label=Search><button id=go>Go</button><div role=button tabindex=0>Custom</div>
        <textarea aria-label=Chat></textarea><p></p><script>
        const say = text => document.querySelector("p").textContent += text;
        document.querySelector("ul").onkeydown = e => say(e.key);
        document.querySelector("div").onkeydown = e => say(e.key);
        document.querySelector("textarea").onkeydown = e => {
          if (e.key === "Enter") { e.preventDefault(); say(e.target.value); e.target.value = ""; } };
        addEventListener("keydown", e => { if (e.ctrlKey && e.key === "k") { e.preventDefault(); say("K"); } });
        go.onclick = () => say("go");</script>""",
    "/pointer": """<title>Pointer</title><style>#list {height: 100px; overflow: auto; width: 200px}
        #box {width: 50px; height: 50px; background: red; position: absolute; left: 300px; top: 20px; user-select: none}
        </style><button>Target</button><div id=list role=list aria-label=Items>"""
    + "<p>item</p>" * 50
    + """</div><div id=box role=button aria-label=Box></div><div id=goal role=button aria-label=Goal
        style="position:absolute;left:600px;top:20px;width:80px;height:80px"></div>
        <div draggable=true id=card role=button style="position:absolute;top:300px;left:20px">Card</div>
        <div id=lane role=button aria-label=Lane
          style="position:absolute;left:400px;top:300px;width:99px;height:99px">Lane</div>
        <p id=text style="position:absolute;top:500px">A long sentence that can be selected with the mouse</p>
        <canvas width=300 height=200 style="position:absolute;top:520px;left:400px"></canvas>
        <div id=said></div><script>
        const note = text => document.querySelector("#said").textContent += text;
        let held = false; box.onpointerdown = () => held = true;
        addEventListener("pointermove", e => { if (held) box.style.left = e.clientX + "px"; });
        addEventListener("pointerup", () => held = false);
        addEventListener("contextmenu", e => e.preventDefault());
        lane.ondragover = e => e.preventDefault(); lane.ondrop = () => note("dropped");</script>""",
    "/scripts": """<title>Scripts</title><button id=real onclick="fake()">Real</button><input id=field>
        <button id=other>Other</button><p></p><script>
        function fake() { other.click(); field.value = "by script";
          field.dispatchEvent(new Event("input", {bubbles: true}));
          other.dispatchEvent(new PointerEvent("pointerdown", {bubbles: true}));
          other.dispatchEvent(new PointerEvent("pointerup", {bubbles: true})); scrollTo(0, 10);
          document.querySelector("p").textContent = Object.getOwnPropertyNames(window).filter(n => /cua/i.test(n))
            + Object.getOwnPropertySymbols(window).map(String).join(); }</script>""",
    "/chips": """<title>Chips</title><label>Tags <input id=t></label><p></p><script>
        t.oninput = () => { if (!t.value.endsWith(",")) return;
          document.querySelector("p").textContent += t.value; t.value = ""; };
        </script>""",
}
