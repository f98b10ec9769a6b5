// Looks at one frame from inside, for drivers/web.py. It reads, aims and watches; it never changes a node of the page.
//
// Called as fn([verb, args]). What it must remember between calls (which number is which element, what has changed) hangs
// on one hidden property of `window` and dies with the document.
([verb, args]) => {
  const KEY = Symbol.for("cua.look");
  if (!window[KEY]) Object.defineProperty(window, KEY, { value: install(), configurable: true });
  return window[KEY][verb](...args);

  function install() {
    const NAME = 200, LONG = 1000, CALM_STEPS = 10, CALM_GAP = 150;
    const numbers = new WeakMap(), elements = new Map(), secrets = new WeakSet();
    let next = null, hushed = () => false;

    // ------------------------------------------------------------------------------------------ what has changed

    const watch = { count: 0, at: performance.now() }, watched = new WeakSet(), restless = new WeakMap();
    let seen = 0, wake = () => {};
    let refused = new WeakSet();  // fields for which the browser has not sent a form since the last act
    const stir = () => { watch.count += 1; watch.at = performance.now(); wake(); };

    // A node that changes without a pause (a clock, an animation) stops counting, or no page with one were ever quiet.
    function calm(node, now) {
      const past = restless.get(node);
      const steps = past && now - past.at < CALM_GAP ? past.steps + 1 : 1;
      restless.set(node, { at: now, steps });
      return steps < CALM_STEPS;
    }

    const observer = new MutationObserver((records) => {
      const now = performance.now();
      const touched = new Set(records.map((record) => record.target));
      if ([...touched].filter((node) => calm(node, now)).length) stir();
    });

    function watchRoot(root) {
      if (watched.has(root)) return;
      watched.add(root);
      observer.observe(root, { subtree: true, childList: true, attributes: true, characterData: true });
      for (const type of ["input", "change", "toggle"]) root.addEventListener(type, stir, { capture: true, passive: true });
      root.addEventListener("scroll", (event) => { if (calm(event.target, performance.now())) stir(); else watch.count += 1; },
        { capture: true, passive: true });
      root.addEventListener("invalid", (event) => { if (event.isTrusted) refused.add(event.target); }, { capture: true });
      root.addEventListener("submit", () => { refused = new WeakSet(); }, { capture: true });
      root.addEventListener("focusin", (event) => { if (editable(event.composedPath()[0])) stir(); }, { capture: true });
    }
    watchRoot(document);

    // Until the document has been read to its end, if this is the page itself, or the limit has come.
    const unread = () => window === window.top && document.readyState === "loading";
    const read = (limit) => unread() && new Promise((done) => {
      document.addEventListener("DOMContentLoaded", done, { once: true });
      setTimeout(done, limit);
    });

    // What still glides to its place will do more once it is there: a card that was dropped, a panel that closes.
    const GLIDES = new Set(["transform", "translate", "top", "left"]);
    const gliding = () => document.getAnimations().some((move) => move.playState === "running" && GLIDES.has(move.transitionProperty));

    function quiet(calmFor, limit, already) {
      const began = performance.now(), from = began - already;
      return new Promise((done) => {
        const look = () => {
          const now = performance.now(), left = calmFor - (now - Math.max(watch.at, from));
          if (left <= 0 && !unread() && !gliding()) done(true);
          else if (now - began > limit) done(false);
          else setTimeout(look, Math.min(Math.max(left, 1), 25));
        };
        look();
      });
    }

    // Until something has changed since the last look, or the limit has come.
    function stirred(limit) {
      if (watch.count !== seen) return true;
      return new Promise((done) => { wake = () => done(true); setTimeout(() => done(false), limit); });
    }

    // ------------------------------------------------------------------------------------------ roles and names

    const INPUTS = { button: "button", submit: "button", reset: "button", image: "button", file: "button",
      checkbox: "checkbox", radio: "radio", range: "slider", number: "spinbutton", search: "searchbox" };
    const TAGS = { button: "button", summary: "button", textarea: "textbox", option: "option", optgroup: "group",
      nav: "navigation", main: "main", header: "banner", footer: "contentinfo", aside: "complementary", form: "form",
      search: "search",
      article: "article", ul: "list", ol: "list", menu: "list", li: "listitem", table: "table", tr: "row", td: "cell",
      dialog: "dialog", details: "group", fieldset: "group", progress: "progressbar", meter: "meter", output: "status",
      p: "paragraph", hr: "separator", iframe: "document", frame: "document", canvas: "img", video: "group",
      audio: "group", dt: "term", dd: "definition", h1: "heading", h2: "heading", h3: "heading", h4: "heading",
      h5: "heading", h6: "heading" };
    const FROM_CONTENT = new Set(["button", "link", "heading", "option", "tab", "menuitem", "menuitemcheckbox",
      "menuitemradio", "checkbox", "radio", "switch", "treeitem", "tooltip", "paragraph", "text", "alert", "status",
      "term", "definition", "cell", "gridcell", "columnheader", "rowheader", "listitem", "generic"]);
    const LOOSE = new Set(["cell", "gridcell", "columnheader", "rowheader", "listitem", "text", "generic", "alert",
      "status", "definition"]);
    const HOLDERS = new Set(["cell", "gridcell", "columnheader", "rowheader", "listitem"]);  // what is clicked in them is told too
    const CONTROLS = new Set(["button", "link", "checkbox", "radio", "switch", "textbox", "searchbox", "combobox",
      "listbox", "slider", "spinbutton", "option", "tab", "menuitem", "menuitemcheckbox", "menuitemradio", "treeitem"]);
    const CHECKABLE = new Set(["checkbox", "radio", "switch", "menuitemcheckbox", "menuitemradio"]);
    const SELECTABLE = new Set(["option", "tab", "treeitem"]);
    const FIELDS = new Set(["textbox", "searchbox", "combobox", "listbox", "spinbutton", "slider", "checkbox", "radio", "switch"]);
    const FIELD = "input:not([type=hidden]), select, textarea, button, [contenteditable]";
    const WHOLES = new Set(["body", "form", "fieldset", "table", "tbody", "tr", "ul", "ol", "dl", "main", "section", "article"]);
    const SKIP = new Set(["script", "style", "template", "noscript", "head", "title", "meta", "link", "datalist",
      "legend", "param", "source", "track", "map", "base", "br"]);

    const tidy = (text) => (text || "").replace(/\s+/g, " ").trim();
    const cut = (text, size) => (text.length > size ? text.slice(0, size - 1) + "…" : text);
    const tagOf = (el) => el.localName;
    const flag = (el, name) => el.getAttribute("aria-" + name) === "true";

    function implicit(el) {
      const tag = tagOf(el);
      if (tag === "a" || tag === "area") return el.hasAttribute("href") ? "link" : null;
      if (tag === "input") {
        if (el.type === "hidden") return null;
        return INPUTS[el.type] || (el.hasAttribute("list") ? "combobox" : "textbox");
      }
      if (tag === "select") return el.multiple || el.size > 1 ? "listbox" : "combobox";
      if (tag === "th") return el.scope === "row" ? "rowheader" : "columnheader";
      if (tag === "img") return el.getAttribute("alt") === "" ? null : "img";
      if (tag === "svg") return el.querySelector(":scope > title") || el.hasAttribute("aria-label") ? "img" : null;
      if (tag === "section") return el.hasAttribute("aria-label") || el.hasAttribute("aria-labelledby") ? "region" : null;
      if (el.isContentEditable && !el.parentElement?.isContentEditable) return "textbox";
      return Object.hasOwn(TAGS, tag) ? TAGS[tag] : null;
    }

    function roleOf(el) {
      const said = (el.getAttribute("role") || "").trim().split(/\s+/)[0];
      if (!said) return implicit(el);
      if (said !== "none" && said !== "presentation") return said;
      return el.tabIndex >= 0 ? implicit(el) : null;
    }

    function children(node) {
      if (node.shadowRoot) return node.shadowRoot.childNodes;
      if (node.localName === "slot") {
        const assigned = node.assignedNodes();
        if (assigned.length) return assigned;
      }
      return node.childNodes;
    }

    function content(node, size) {
      const parts = [];
      let length = 0;
      const add = (text) => { parts.push(text); length += text.length; };
      const visit = (child) => {
        if (length > size) return;
        if (child.nodeType === Node.TEXT_NODE) return add(child.data);
        if (child.nodeType !== Node.ELEMENT_NODE || SKIP.has(tagOf(child))) return child.localName === "br" ? add(" ") : null;
        const shows = child.checkVisibility({ visibilityProperty: true }) || getComputedStyle(child).display === "contents";
        if (flag(child, "hidden") || !shows) return;
        const label = child.getAttribute("aria-label") || (tagOf(child) === "img" && child.alt);
        if (label) return add(" " + label + " ");
        if (["input", "select", "textarea"].includes(tagOf(child)) || child.isContentEditable) return;
        const apart = !getComputedStyle(child).display.startsWith("inline");
        if (apart) add(" ");
        for (const inner of children(child)) visit(inner);
        if (apart) add(" ");
      };
      for (const child of children(node)) visit(child);
      return tidy(parts.join(""));
    }

    function byIds(el, attribute) {
      const ids = (el.getAttribute(attribute) || "").split(/\s+/).filter(Boolean), root = el.getRootNode();
      const found = ids.map((id) => root.getElementById?.(id)).filter(Boolean);
      return tidy(found.map((other) => other.getAttribute("aria-label") || content(other, NAME)).join(" "));
    }

    const labelOf = (el) => tidy([...(el.labels || [])].map((label) => content(label, NAME)).join(" "));

    function ownText(el) {
      let text = "";
      for (const child of children(el)) if (child.nodeType === Node.TEXT_NODE) text += child.data;
      return tidy(text);
    }

    function native(el, tag) {
      const label = labelOf(el);
      if (label) return label;
      if (tag === "input" && ["submit", "reset", "button"].includes(el.type)) {
        return tidy(el.value) || { submit: "Submit", reset: "Reset", button: "" }[el.type];
      }
      if (tag === "img" || tag === "area" || (tag === "input" && el.type === "image")) return tidy(el.getAttribute("alt"));
      const inner = { fieldset: "legend", table: "caption", figure: "figcaption", svg: "title" }[tag];
      const holder = inner && [...el.children].find((child) => tagOf(child) === inner);
      if (holder) return tidy(holder.textContent);
      if (tag === "optgroup" || tag === "option") return tidy(el.label);
      return "";
    }

    // The name, and whether it already says all the text inside.
    function nameOf(el, role) {
      const tag = tagOf(el);
      const said = byIds(el, "aria-labelledby") || tidy(el.getAttribute("aria-label")) || native(el, tag);
      const closed = !LOOSE.has(role) && FROM_CONTENT.has(role);
      if (said) return [cut(said, NAME), closed, false];
      if (FROM_CONTENT.has(role) && tag !== "input") {
        const size = role === "paragraph" || role === "text" ? LONG : NAME;
        const text = content(el, size + 1);
        if (text && (closed || text.length <= size)) return [cut(text, size), true, true];
        if (text) return [cut(ownText(el), size), false, true];
      }
      return [cut(tidy(el.getAttribute("placeholder") || el.getAttribute("title")), NAME), closed, false];
    }

    // ------------------------------------------------------------------------------------------ values and states

    function secret(el) {
      if (hushed(el)) secrets.add(el);
      if (tagOf(el) !== "input") return secrets.has(el);
      if (el.type === "password" || /password|cc-number|cc-csc|one-time-code/.test(el.autocomplete || "")) secrets.add(el);
      return secrets.has(el);
    }

    function valueOf(el, role) {
      const tag = tagOf(el);
      if (tag === "select") return [...el.selectedOptions].map((option) => tidy(option.label)).join(", ");
      if (tag === "input" && el.type === "file") return [...el.files].map((file) => file.name).join(", ");
      if (tag === "input") return CHECKABLE.has(role) || role === "button" || secret(el) ? null : el.value;
      if (tag === "textarea") return secret(el) ? null : el.value;
      if (tag === "progress" || tag === "meter") return String(el.value);
      if (el.isContentEditable && role === "textbox") return secret(el) ? null : el.innerText.replace(/\n$/, "");
      return el.getAttribute("aria-valuetext") ?? el.getAttribute("aria-valuenow");
    }

    function editable(el) {
      if (!el || el.nodeType !== Node.ELEMENT_NODE || el.disabled || el.readOnly || flag(el, "readonly")) return false;
      const tag = tagOf(el);
      if (tag === "input") return !["hidden", "checkbox", "radio"].includes(el.type) && (INPUTS[el.type] !== "button");
      return tag === "textarea" || el.isContentEditable;
    }

    function activeElement() {
      let el = document.activeElement;
      while (el?.shadowRoot?.activeElement) el = el.shadowRoot.activeElement;
      return el;
    }

    // Whether a field is not accepted: by the browser once somebody tried to send it, or by the page. What is said of it,
    // and what would be, is known before; it may hold what was typed.
    const REFUSED = CSS.supports("selector(:user-invalid)") ? ":user-invalid" : ":invalid";
    const told = (el) => ![null, "", "false"].includes(el.getAttribute("aria-invalid"));
    const invalid = (el) => told(el) || (el.willValidate === true && el.matches(REFUSED));

    function complaint(el) {
      const fits = el.willValidate !== true || el.validity.valid;
      const hint = !fits && el.validity.patternMismatch ? el.title : "";
      const own = fits || secret(el) ? "" : tidy(`${el.validationMessage} ${hint}`);
      return (told(el) && byIds(el, "aria-errormessage")) || own || (invalid(el) && byIds(el, "aria-describedby")) || "";
    }

    function statesOf(el, role, active) {
      const states = [], tag = tagOf(el), put = (word, holds) => { if (holds) states.push(word); };
      const aria = (name) => el.getAttribute("aria-" + name);
      put("disabled", el.matches(":disabled") || aria("disabled") === "true" || el.closest("[inert]"));
      const toggles = role === "button" && aria("pressed") !== null;
      put("checkable", CHECKABLE.has(role) || toggles);
      put("checked", tag === "input" && CHECKABLE.has(role) ? el.checked : aria(toggles ? "pressed" : "checked") === "true");
      put("indeterminate", el.indeterminate === true || aria("checked") === "mixed");
      put("selectable", SELECTABLE.has(role));
      put("selected", tag === "option" ? el.selected : aria("selected") === "true");
      put("pressed", aria("pressed") === "true");
      const details = tag === "summary" ? el.closest("details") : null;
      put("expandable", aria("expanded") !== null || details !== null);
      put("expanded", details ? details.open : aria("expanded") === "true");
      put("focusable", (el.tabIndex >= 0 || el.isContentEditable) && !el.disabled);
      put("focused", el === active);
      put("editable", editable(el));
      put("readonly", el.readOnly === true || aria("readonly") === "true");
      put("required", el.required === true || aria("required") === "true");
      put("invalid", FIELDS.has(role) && invalid(el));
      put("refused", refused.has(el) && el.willValidate === true && !el.validity.valid);
      put("multiline", tag === "textarea" || aria("multiline") === "true" || (role === "textbox" && el.isContentEditable));
      put("modal", aria("modal") === "true" || (tag === "dialog" && el.matches(":modal")));
      put("haspopup", ![null, "false"].includes(aria("haspopup")));
      put("busy", aria("busy") === "true");
      put("password", secret(el));
      return states;
    }

    // ------------------------------------------------------------------------------------------ locators

    const TESTIDS = ["data-testid", "data-test-id", "data-test", "data-qa", "data-cy"];
    const made = (id) => /\d{3,}|[:.]|^[0-9a-f-]{8,}$|^(ember|radix|mui|headlessui|ext-|yui)|[-_]\d+$/i.test(id);

    function counting() {
      const counted = new Map();
      return function nth(el, siblings) {
        if (!counted.has(siblings)) {
          const places = new Map(), sums = {};
          for (const child of siblings.children) places.set(child, (sums[child.localName] = (sums[child.localName] || 0) + 1));
          counted.set(siblings, places);
        }
        return counted.get(siblings).get(el);
      };
    }

    function pathing(nth) {
      const paths = new Map();
      return function path(el) {
        if (paths.has(el)) return paths.get(el);
        const root = el.getRootNode(), up = el.parentNode;
        let found = tagOf(el);
        const id = el.getAttribute("id");  // a form's own `id` may be a field of that name
        if (id && !made(id) && root.getElementById?.(id) === el) found = "#" + CSS.escape(id);
        else if (up && up !== document && up !== root) found = `${path(up)} > ${found}:nth-of-type(${nth(el, up)})`;
        else if (up === root && root !== document) found = `${found}:nth-of-type(${nth(el, up)})`;
        if (up === root && root.host) found = `${path(root.host)} >>> ${found}`;
        else if (found[0] === "#" && root.host) found = `${path(root.host)} >>> ${found}`;
        paths.set(el, found);
        return found;
      };
    }

    // What tells an element from others without naming it for sure: shown as locators behind the ones that do.

    function climbing(nth) {
      const paths = new Map();
      return function path(el) {
        let found = paths.get(el);
        if (found !== undefined) return found;
        const up = el.parentNode;
        if (!up || up === document) found = "/" + tagOf(el);
        else found = `${up.host ? path(up.host) + "/>>>" : path(up)}/${tagOf(el)}[${nth(el, up)}]`;
        paths.set(el, found);
        return found;
      };
    }

    const HASHED = /\d{3,}|^(css|sc|jss|jsx|svelte|emotion|ng|chakra)-|^(?=.*\d)(?=.*[A-Z])[A-Za-z0-9_-]{5,}$|^_?[0-9a-f]{6,}$/;
    const TAIL = /(?:__|_|--)(?=\w*[\dA-Z])[A-Za-z0-9]{5,}$/;
    const ICONIC = "use, img, [class*=icon], i[class], [class*=fa-]";

    function classes(el) {
      const tokens = (el.getAttribute("class") || "").split(/\s+/).map((token) => token.replace(TAIL, ""));
      return tokens.filter((token) => token && !HASHED.test(token)).slice(0, 8).join(" ");
    }

    const stem = (url) => (/^data:/.test(url) ? "" : url.split(/[?#]/)[0].split("/").pop().replace(/\.\w+$/, ""));

    function icon(el) {
      const found = el.matches(ICONIC) && tagOf(el) !== "img" ? el : el.firstElementChild && el.querySelector(ICONIC);
      if (!found) return tagOf(el) === "img" ? stem(el.getAttribute("src") || "") : "";
      if (tagOf(found) === "use") return (found.getAttribute("href") || found.getAttribute("xlink:href") || "").split("#").pop();
      return tagOf(found) === "img" ? stem(found.getAttribute("src") || "") : classes(found);
    }

    // What people take for the label of a field that has none: the text before it on its line (after it, for a tick), the
    // header of its column, the cell or term before it, or what is right above it.
    function beside(el, role) {
      const step = CHECKABLE.has(role) ? "nextSibling" : "previousSibling";
      for (let node = el, up = 0; node && up < 4 && !WHOLES.has(tagOf(node)); node = node.parentElement, up += 1) {
        const head = tagOf(node) === "td" ? node.closest("table")?.rows[0]?.cells[node.cellIndex] : null;
        if (head && tagOf(head) === "th") return labelling(content(head, NAME));
        const found = sideways(node, step);
        if (found || found === null || tagOf(node) === "td") return found || "";
      }
      return "";
    }

    // What is asked for by a field that came up for a combo box which lists the same.
    function asker(el) {
      const lists = el.getAttribute("aria-controls") || el.getAttribute("aria-owns");
      const all = lists ? [...document.querySelectorAll("[role=combobox][aria-expanded=true]")] : [];
      const box = all.find((each) => each !== el && [each.getAttribute("aria-owns"), each.getAttribute("aria-controls")].includes(lists));
      return box ? beside(box, "combobox") : "";
    }

    // A field that nobody sees or reaches stands behind a widget that shows what it holds: its label is for that.
    const behind = (el) => el.tabIndex < 0 && flag(el, "hidden");

    // The text on one side of a node, up to a line break or another field; null where a field is all there is.
    function sideways(node, step) {
      let text = "";
      for (let next = node[step]; next; next = next[step]) {
        if (next.nodeType === Node.TEXT_NODE) text = step === "nextSibling" ? text + next.data : next.data + text;
        if (next.nodeType !== Node.ELEMENT_NODE || SKIP.has(tagOf(next)) && tagOf(next) !== "br") continue;
        if (next.matches(FIELD) && behind(next) && step === "previousSibling") return labelling(labelOf(next)) || null;
        if (next.matches(FIELD) || next.querySelector(FIELD)) return labelling(text) || null;
        const apart = tagOf(next) === "br" || !getComputedStyle(next).display.startsWith("inline");
        if (apart && labelling(text)) break;
        const inner = tagOf(next) === "br" || tagOf(next) === "a" ? "" : content(next, NAME);
        text = step === "nextSibling" ? text + inner : inner + text;
        if (apart && labelling(text)) break;
      }
      return labelling(text);
    }

    const labelling = (text) => {
      const found = tidy(text).replace(/^[\s*:|·•-]+|[\s*:|·•-]+$/g, "");
      return found.length <= 60 && /\p{L}/u.test(found) ? found : "";
    };

    // An address as it is written; in full where the page says that those of its own lead to another site.
    const strays = () => document.querySelector("base[href]") !== null && new URL(document.baseURI).origin !== new URL(location.href).origin;
    function leading(address, look) {
      if (!look.strays || address === null) return address;
      try { return new URL(address, document.baseURI).href; } catch { return address; }
    }

    function locatorsOf(el, role, name, own, look, rect) {
      const found = [], put = (kind, value) => { if (value) found.push([kind, cut(value, NAME)]); };
      put("testid", TESTIDS.map((attribute) => el.getAttribute(attribute)).find(Boolean));
      const id = el.getAttribute("id");
      put("id", id && !made(id) ? id : "");
      put("role", name && role !== "text" ? `${role}:${name}` : "");
      put("label", labelOf(el));
      put("beside", !name && FIELDS.has(role) ? beside(el, role) || asker(el) : "");
      put("placeholder", tidy(el.getAttribute("placeholder")));
      put("text", own ? name : "");
      put("name", el.getAttribute("name"));
      put("value", tagOf(el) === "option" && el.value !== name ? el.value : "");
      put("href", leading(el.getAttribute("href"), look));
      put("alt", el.getAttribute("alt"));
      put("tag", tagOf(el));
      put("type", ["input", "button"].includes(tagOf(el)) ? el.type : "");
      put("form", leading(el.getAttribute("formaction") ?? el.form?.getAttribute?.("action") ?? null, look));
      put("class", classes(el));
      put("complaint", FIELDS.has(role) ? complaint(el) : "");
      put("icon", CONTROLS.has(role) || role === "generic" || role === "img" ? icon(el) : "");
      put("xpath", look.climb(el));
      if (rect) put("at", [rect[0] + scrollX, rect[1] + scrollY, rect[2] - rect[0], rect[3] - rect[1]].map(Math.round).join(" "));
      found.push(["css", look.path(el)]);
      return found;
    }

    // ------------------------------------------------------------------------------------------ the look

    function number(el) {
      if (!numbers.has(el)) {
        numbers.set(el, next);
        elements.set(next, new WeakRef(el));
        next += 1;
      }
      return numbers.get(el);
    }

    const meet = (a, b) => [Math.max(a[0], b[0]), Math.max(a[1], b[1]), Math.min(a[2], b[2]), Math.min(a[3], b[3])];
    const area = (rect) => Math.max(0, rect[2] - rect[0]) * Math.max(0, rect[3] - rect[1]);
    const edges = (el) => { const r = el.getBoundingClientRect(); return [r.left, r.top, r.right, r.bottom]; };

    function scrolls(el, style) {
      if (el === document.documentElement || el === document.body) return false;
      const down = /auto|scroll/.test(style.overflowY) && el.scrollHeight > el.clientHeight + 1;
      return down || (/auto|scroll/.test(style.overflowX) && el.scrollWidth > el.clientWidth + 1);
    }

    // A label whose own control is not drawn stands for it: that is how most styled checkboxes are made.
    function standsFor(el) {
      const control = tagOf(el) === "label" ? el.control : null;
      return control && control.type !== "hidden" && (!control.checkVisibility() || !area(edges(control))) ? control : null;
    }

    function clickable(el, style, above) {
      if (el.hasAttribute("onclick") || (el.tabIndex >= 0 && el.hasAttribute("tabindex"))) return true;
      return style.cursor === "pointer" && above.cursor !== "pointer";
    }

    function look({ x, y, view, start, limit }) {
      if (next === null) next = start;
      seen = watch.count;
      const rows = [], nth = counting(), path = pathing(nth), climb = climbing(nth), active = document.hasFocus() ? activeElement() : null;
      let cutOff = false;
      const frame = { x, y, rows, path, climb, active, strays: strays() };

      function choose(el, style, above) {
        const subject = standsFor(el) || el, role = roleOf(subject);
        if (role && role !== "generic") return [subject, role];
        if (tagOf(el) === "html" || tagOf(el) === "body") return [el, null];
        if ((!above.closed || above.loose) && clickable(el, style, above) && tagOf(el) !== "label") return [el, "generic"];
        if (scrolls(el, style)) return [el, "group"];
        const plain = !above.closed && !above.unsaid && tagOf(el) !== "label" && ownText(el);
        return [el, plain ? "text" : null];
      }

      function emit(el, subject, role, style, above, rect) {
        if (above.closed && ["text", "paragraph", "listitem"].includes(role)) return [above.parent, true];
        let [name, closed, own] = nameOf(subject, role);
        if (subject !== el && !name) name = content(el, NAME);
        if (["text", "paragraph"].includes(role) && !name) return [above.parent, false];
        const states = statesOf(subject, role, frame.active), seen = meet(rect, above.clip);
        const acts = [];
        if (CONTROLS.has(role) || role === "generic") acts.push("click");
        if (editable(subject) || ["select"].includes(tagOf(subject)) || subject.type === "file" || role === "slider") acts.push("fill");
        if (scrolls(el, style)) acts.push("scroll");
        let box = null;
        if (area(seen) > 0) {
          states.push("showing");
          const left = Math.round(seen[0]), top = Math.round(seen[1]);
          box = [left + x, top + y, Math.max(1, Math.round(seen[2]) - left), Math.max(1, Math.round(seen[3]) - top)];
        }
        const help = byIds(subject, "aria-describedby") || tidy(subject.getAttribute("title"));
        if (above.loose && role === "generic" && name) unsay(rows[above.parent], name);
        rows.push([number(el), role, name, valueOf(subject, role), states, box, above.parent,
          locatorsOf(subject, role, name, own, frame, rect), help === name ? "" : cut(help, NAME), acts]);
        return [rows.length - 1, closed || role === "textbox"];
      }

      // What is clicked in a cell bears its own name: the cell, whose middle may be another place, does not say it again.
      function unsay(row, name) {
        if (row[2] !== name) return;
        row[2] = "";
        row[7] = row[7].filter(([kind]) => kind !== "role" && kind !== "text");
      }

      function options(select, parent) {
        for (const option of select.options) {
          if (rows.length >= limit) { cutOff = true; return; }
          if (option.hidden) continue;
          const name = cut(tidy(option.label), NAME), states = statesOf(option, "option", null);
          rows.push([number(option), "option", name, null, states, null, parent,
            locatorsOf(option, "option", name, true, frame, null), "", ["click"]]);
        }
      }

      function walk(el, above) {
        if (rows.length >= limit) { cutOff = true; return; }
        if (SKIP.has(tagOf(el))) return;
        const style = getComputedStyle(el);
        if (style.display === "none") return;
        const rect = edges(el), moved = style.position;
        if (el.matches(FIELD) && behind(el) && area(rect) <= 4) return;
        const clip = moved === "fixed" ? view : moved === "absolute" ? above.outer : above.clip;
        const below = { ...above, clip, cursor: style.cursor, unsaid: above.unsaid || flag(el, "hidden") };
        if (style.visibility === "visible" && area(rect) > 0) {
          const [subject, role] = choose(el, style, above);
          if (role) [below.parent, below.closed] = emit(el, subject, role, style, { ...above, clip }, rect);
          if (role) below.loose = HOLDERS.has(role);
          below.closed = below.closed || above.closed;
          if (tagOf(el) === "select") return options(el, below.parent);
        }
        const outermost = el === document.documentElement || el === document.body;
        if (!outermost && (style.overflowX !== "visible" || style.overflowY !== "visible")) below.clip = meet(clip, rect);
        if (moved !== "static" || style.transform !== "none") below.outer = below.clip;
        if (el.shadowRoot) watchRoot(el.shadowRoot);
        if (tagOf(el) === "svg" || tagOf(el) === "textarea") return;
        for (const child of children(el)) if (child.nodeType === Node.ELEMENT_NODE) walk(child, below);
      }

      const top = { parent: -1, clip: view, outer: view, closed: false, loose: false, unsaid: false, cursor: "auto" };
      if (document.documentElement) walk(document.documentElement, top);
      for (const [n, ref] of elements) if (!ref.deref()) elements.delete(n);
      const told = rows.map((row) => JSON.stringify(row)).join(",\n");  // a line each: who read one before need not parse it
      return `{"cut":${cutOff},"title":${JSON.stringify(document.title)},"next":${next},"rows":[\n${told}\n]}`;
    }

    // ------------------------------------------------------------------------------------------ aiming

    const get = (n) => { const el = elements.get(n)?.deref(); return el?.isConnected ? el : null; };

    function deepest(px, py) {
      let el = document.elementFromPoint(px, py);
      while (el?.shadowRoot) {
        const inner = el.shadowRoot.elementFromPoint(px, py);
        if (!inner || inner === el) break;
        el = inner;
      }
      return el;
    }

    function within(outer, el) {
      for (let node = el; node; node = node.assignedSlot || node.parentNode || node.host) if (node === outer) return true;
      return false;
    }

    function meets(el, found) {
      const label = found.closest("label");
      const through = getComputedStyle(el).pointerEvents === "none" && within(found, el);
      return within(el, found) || through || (label !== null && label.control === el);
    }

    function hits(el, px, py) {
      const found = deepest(px, py);
      return found ? [meets(el, found), found] : [false, null];
    }

    function saying(el) {
      if (!el) return "what lies outside the window";
      const text = cut(tidy(el.getAttribute("aria-label") || el.textContent), 40);
      return `${tagOf(el)}${el.getAttribute("id") ? "#" + el.getAttribute("id") : ""}${text ? ` "${text}"` : ""}`;
    }

    // What can be pressed in what lies over an element: in the largest part of the page that does not hold it.
    function offered(el, over) {
      const climb = (node) => node.parentElement || node.getRootNode().host || null, around = new Set();
      for (let up = el; up; up = climb(up)) around.add(up);
      let top = over;
      for (let up = climb(over); up && !around.has(up); up = climb(up)) top = up;
      const pressed = "button, a[href], summary, [role=button], [role=link], input[type=button], input[type=submit]";
      const all = [top, top.shadowRoot].flatMap((root) => root ? [...root.querySelectorAll(pressed)] : []);
      const said = all.filter((each) => each.getClientRects().length).map((each) => [roleOf(each), nameOf(each, roleOf(each))[0]]);
      return said.filter(([, name]) => name && name.length < 40).slice(0, 4).map(([role, name]) => `${role} "${name}"`).join(", ");
    }

    // In a cell or list item people click what it says, which need not lie in its middle; but no control inside it.
    function texted(el) {
      const walker = HOLDERS.has(roleOf(el)) && document.createTreeWalker(el, NodeFilter.SHOW_TEXT), range = document.createRange();
      for (let node = walker && walker.nextNode(); node; node = walker.nextNode()) {
        if (!tidy(node.data)) continue;
        for (let up = node.parentElement; up !== el; up = up.parentElement) {
          if (CONTROLS.has(roleOf(up)) || clickable(up, getComputedStyle(up), getComputedStyle(el))) return null;
        }
        range.selectNodeContents(node);
        return range.getClientRects()[0] || null;
      }
      return null;
    }

    function spots(el) {
      const view = [0, 0, innerWidth, innerHeight], found = [], said = texted(el);
      if (said) {
        const [l, t, right, b] = meet([said.left, said.top, said.right, said.bottom], meet(view, edges(el)));
        if (right - l >= 1 && b - t >= 1) found.push([(l + right) / 2, (t + b) / 2]);
      }
      for (const r of [...el.getClientRects()].slice(0, 3)) {
        const [l, t, right, b] = meet([r.left, r.top, r.right, r.bottom], view);
        if (right - l < 1 || b - t < 1) continue;
        for (const [fx, fy] of [[0.5, 0.5], [0.25, 0.5], [0.75, 0.5], [0.5, 0.2], [0.5, 0.8]]) {
          found.push([l + (right - l) * fx, t + (b - t) * fy]);
        }
      }
      return found;
    }

    function strike(el) {
      let over = null;
      for (const [px, py] of spots(el)) {
        const [ok, found] = hits(el, px, py);
        if (ok) return { x: px, y: py };
        over = over || found;
      }
      const offers = over && offered(el, over);
      return { covered: saying(over) + (offers ? `, which has ${offers}` : "") };
    }

    const nextFrame = () => new Promise((done) => { requestAnimationFrame(() => done()); setTimeout(done, 100); });

    async function settled(el) {
      for (let tries = 0; tries < 30 && document.getAnimations().some((move) => move.playState === "running"); tries++) {
        const before = edges(el).join();
        await nextFrame();
        if (edges(el).join() === before) return;
      }
    }

    // What the pointer leaves may close and move the page, as a menu that opened under it: a press that would meet
    // something else than it was aimed at is kept from the page, and `marked` tells what it would have met.
    const PRESSES = ["pointerdown", "mousedown", "pointerup", "mouseup", "click", "auxclick", "dblclick", "contextmenu"];
    const SOON = 2000;  // ms from the aiming to the press
    let armed = null;

    // None is to meet anything in this frame if `el` is null.
    function arm(el) {
      armed = { el, said: el && said(el), at: performance.now(), met: null };
      for (const type of PRESSES) window.addEventListener(type, guard, true);
    }

    function disarm() {
      const met = armed && armed.met;
      armed = null;
      for (const type of PRESSES) window.removeEventListener(type, guard, true);
      return met;
    }

    // What an element is by its words: its role and name, and all that the record says that it stands in.
    function said(el) {
      const role = roleOf(el), record = el.closest("tr, li, article, [role=row], [role=listitem], [role=article]");
      return [role, nameOf(el, role)[0], record ? tidy(record.textContent) : ""].join();
    }

    // What a page that draws itself anew has put in the place of what was there is as good.
    function anew(found) {
      if (!armed.el || armed.el.isConnected) return false;
      for (let up = found; up instanceof Element; up = up.parentElement) if (said(up) === armed.said) return true;
      return false;
    }

    function guard(event) {
      if (!event.isTrusted) return;
      if (!armed || performance.now() - armed.at > SOON) { disarm(); return; }
      const found = event.composedPath()[0];
      if (armed.met === null && found instanceof Element && ((armed.el && meets(armed.el, found)) || anew(found))) { disarm(); return; }
      armed.met = armed.met || saying(found instanceof Element ? found : null);
      event.preventDefault();
      event.stopImmediatePropagation();
    }

    async function aim(n, press = false) {
      const el = get(n);
      if (!el) return { gone: true };
      await settled(el);
      if (tagOf(el) === "option" && !el.getClientRects().length) return { option: true };
      if (!el.getClientRects().length) return { gone: true };
      if (window !== window.top) {  // what shows in this frame may still be off the screen
        el.scrollIntoView({ block: "nearest", inline: "nearest", behavior: "instant" });
        await nextFrame();
      }
      let found = strike(el);
      if (found.covered) {
        el.scrollIntoView({ block: "center", inline: "center", behavior: "instant" });
        found = strike(el);
      }
      if (press && !found.covered) arm(el);
      const subject = standsFor(el) || el;
      const drawn = ["canvas", "video", "object", "embed", "iframe"].includes(tagOf(el));
      return { ...found, drawn, disabled: subject.matches(":disabled") || flag(subject, "disabled") };
    }

    // The same point one frame up, if this frame's holder is what the pointer meets there.
    function through(holder, px, py, press) {
      const rect = holder.getBoundingClientRect(), style = getComputedStyle(holder);
      const found = {
        x: rect.left + holder.clientLeft + parseFloat(style.paddingLeft) + px,
        y: rect.top + holder.clientTop + parseFloat(style.paddingTop) + py,
      };
      const [ok, over] = hits(holder, found.x, found.y);
      if (ok && press) arm(holder);
      return ok ? found : { covered: saying(over) };
    }

    function place(holder) {
      const rect = holder.getBoundingClientRect(), style = getComputedStyle(holder);
      return { n: numbers.get(holder) ?? null, width: holder.clientWidth, height: holder.clientHeight,
        x: rect.left + holder.clientLeft + parseFloat(style.paddingLeft),
        y: rect.top + holder.clientTop + parseFloat(style.paddingTop) };
    }

    // ------------------------------------------------------------------------------------------ filling

    // Would a field of this type keep this text? Asked of a field of our own that is in no document.
    function fits(el, text) {
      if (tagOf(el) !== "input" || !/^(number|range|color|date|datetime-local|month|time|week)$/.test(el.type)) return true;
      const trial = document.createElement("input");
      [trial.type, trial.min, trial.max, trial.step] = [el.type, el.min, el.max, "any"];
      trial.value = text;
      return text === "" || trial.value === text || (trial.value !== "" && Number(trial.value) === Number(text));
    }

    // A slider that is a page's own is moved by keys, once it has the focus.
    const now = (el) => Number(el.getAttribute("aria-valuenow"));

    function slides(el, text) {
      const [low, high] = ["min", "max"].map((end) => el.getAttribute(`aria-value${end}`)), wanted = Number(text);
      return text.trim() !== "" && Number.isFinite(wanted) && !(low && wanted < Number(low)) && !(high && wanted > Number(high));
    }

    // Where it stands once it is drawn.
    async function slid(n) {
      const el = get(n);
      if (!el || activeElement() !== el) return null;
      await nextFrame();
      return now(el);
    }

    function kind(n, text) {
      const el = get(n);
      if (!el) return "gone";
      if (el.matches(":disabled")) return "disabled";
      if (tagOf(el) === "select") return "select";
      if (tagOf(el) === "input" && el.type === "file") return "file";
      if (roleOf(el) === "slider" && tagOf(el) !== "input") return slides(el, text) ? "slider" : "unfit";
      if (!editable(el)) return "other";
      return fits(el, text) ? "text" : "unfit";
    }

    // Fields that hold nothing but a text: where it is selected, what is written replaces it.
    const PLAIN = new Set(["text", "search", "tel", "url", "email", "password", "number", "textarea"]);
    const barred = "[aria-disabled=true], [aria-readonly=true], [inert]";

    // What kind of field it is. A plain one that shows is "entered": the next text replaces what it holds; or it is "away",
    // since it does not take or keep the cursor, and what is written would go elsewhere.
    function enter(n, text) {
      const what = kind(n, text), el = get(n);
      if (what === "slider") el.focus();
      if (what !== "text" || !PLAIN.has(el.type) || el.closest(barred) || !area(edges(el))) return what;
      if (!el.checkVisibility({ visibilityProperty: true })) return what;
      el.select();
      el.focus();
      return activeElement() !== el ? "away" : document.hasFocus() ? "entered" : what;
    }

    async function holds(n, text, limit) {
      await read(limit);
      const el = get(n), clean = (value) => value.replace(/\r\n?/g, "\n").replace(/\u00a0/g, " ");
      if (!el) return false;
      if (tagOf(el) === "select") {
        const one = optionOf(el, text), selected = [...el.selectedOptions];
        return selected.some((option) => option === one || tidy(option.label) === tidy(text));
      }
      if (tagOf(el) === "input" && el.type === "file") return el.files.length > 0;
      if (roleOf(el) === "slider" && tagOf(el) !== "input") return now(el) === Number(text);
      if (["number", "range"].includes(el.type)) return el.value !== "" && Number(el.value) === Number(text);
      if (el.isContentEditable) return clean(el.innerText).replace(/\n$/, "") === clean(text);
      return clean(el.value) === clean(text);
    }

    function pick(n) {
      const option = get(n), select = option?.closest("select");
      if (!select || option.matches(":disabled")) return false;
      option.selected = select.multiple ? !option.selected : true;
      for (const type of ["input", "change"]) select.dispatchEvent(new Event(type, { bubbles: true, composed: true }));
      return true;
    }

    // The option of this label; where none has it, the only one of this value.
    function optionOf(el, text) {
      const options = [...el.options], valued = options.filter((each) => each.value === text);
      return options.find((each) => tidy(each.label) === tidy(text)) ?? (valued.length === 1 ? valued[0] : undefined);
    }

    // By an option's label or value. Where there is none such: the labels there are.
    function choose(n, text) {
      const options = [...get(n).options], option = optionOf(get(n), text);
      if (option && !option.selected) pick(number(option));
      return option ? null : options.map((each) => tidy(each.label));
    }

    function invoke(n) {
      const el = get(n);
      if (!el) return "gone";
      if ((standsFor(el) || el).matches(":disabled") || flag(el, "disabled")) return "disabled";
      if (tagOf(el) === "option") pick(n);
      else { el.focus?.(); el.click?.(); }
      return "done";
    }

    return { look, quiet, stirred, aim, through, place, enter, slid, drawn: nextFrame, holds, pick, choose, invoke, get, mark: () => watch.count,
      ready: (press) => { refused = new WeakSet(); if (press) arm(null); else disarm(); return watch.count; },
      marked: async (limit) => { await read(limit); return disarm() || watch.count; },
      // for web_listen.js: further secrets, and what is known of elements
      hush: (test) => { hushed = test; }, secret, active: activeElement, spot: (el) => spots(el)[0] || null, deepest, within, numbered: (el) => numbers.get(el) ?? null,
      known: () => [...elements.values()].map((ref) => ref.deref()).filter((el) => el?.isConnected) };
  }
}
