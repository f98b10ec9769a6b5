// Listens in one frame to what a person does, for drivers/web_recorder.py. It runs in a world of its own beside the page:
// the page cannot see, call or change it. It changes nothing on the page, and what is typed into a secret field never
// leaves this file.
//
// Called as fn(snapshot, settings) in every frame, as early as the document is there. `snapshot` is web_snapshot.js, run in
// the same world. What it tells goes out through one binding: "look" (the screen, told once, by number), "act" (what was
// done on a look), "rest" (the screen once it is quiet), "key" (the recorder's own keys).
(snapshot, settings) => {
  const KEY = Symbol.for("cua.listen");
  if (window[KEY]) return window[KEY].pause(settings.paused);
  const LIMIT = 4000, FAR = 8, IDLE = 300, QUIET = 150, FOLLOW = 10_000;
  const doc = `${Math.round(performance.timeOrigin)}-${Math.random().toString(36).slice(2)}`;
  const send = window[settings.binding].bind(window);
  const ask = (verb, ...args) => snapshot([verb, args]);
  const tagOf = (el) => el?.localName || "";
  const clean = (value) => value.replace(/\r\n?/g, "\n").replace(/\u00a0/g, " ");
  const mail = { serial: 0 };
  let paused = settings.paused, looks = 0, serials = 0, kept = null;
  let gesture = null, dragged = null, field = null, left = null, wheel = null, key = null, clicks = 0;

  // -------------------------------------------------------------------------------------------- secrets

  const WHOLE = new RegExp(`(?<!\\p{L})(${settings.whole.join("|")})(?!\\p{L})`, "u");
  const PART = new RegExp(settings.part.join("|"), "u");
  const judged = new WeakMap(), typed = new Map(), told = new Set(), alike = new Map();

  const folded = (text) => text.toLowerCase().normalize("NFD").replace(/\p{Mn}/gu, "").normalize("NFC");
  const plain = (text) => folded((text || "").replace(/(\p{Ll})(\p{Lu})/gu, "$1 $2").replace(/[_\-.:[\]\s]+/g, " ").trim());
  const says = (text) => settings.exact.includes(text) || WHOLE.test(text) || PART.test(text);

  function textual(el) {
    const tag = tagOf(el);
    if (tag === "input") return /^(text|search|email|url|tel|password|number)$/.test(el.type);
    return tag === "textarea" || el?.isContentEditable === true;
  }

  // By what it is called. A field once taken for a secret stays one, whatever the page makes of it.
  function named(el) {
    if (!textual(el)) return false;
    const ids = (el.getAttribute("aria-labelledby") || "").split(/\s+/).filter(Boolean);
    const around = [...(el.labels || []), ...ids.map((id) => el.getRootNode().getElementById?.(id))];
    const said = [el.name, el.getAttribute("id"), el.getAttribute("autocomplete"), el.getAttribute("aria-label"), el.getAttribute("title"),
      el.getAttribute("placeholder"), ...around.map((label) => label?.textContent)].filter(Boolean);
    const text = said.map(plain).join("\n");
    const known = judged.get(el);
    if (known && (known.secret || known.text === text)) return known.secret;
    const secret = said.some((each) => says(plain(each)));
    judged.set(el, { text, secret });
    return secret;
  }
  ask("hush", named);

  // What the person's secrets are now, so that the page cannot show them to us in another place.
  function secrets() {
    for (const el of typed.keys()) if (current(el)) typed.set(el, current(el));
    return new Set([...typed.values(), ...told].filter((word) => word?.length > 1));  // one letter or digit is everywhere
  }

  function veiled(text, words) {
    for (const word of words) {
      if (word.length >= 6) text = text.replaceAll(word, settings.seal);
      else if (text.includes(word)) {
        const exact = word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
        text = text.replace(new RegExp(`(?<![\\p{L}\\p{N}])${exact}(?![\\p{L}\\p{N}])`, "gu"), settings.seal);
      }
    }
    return text;
  }

  function veil(json, words) {
    const shows = [...words].some((word) => json.includes(JSON.stringify(word).slice(1, -1)));
    return shows ? JSON.stringify(JSON.parse(json, (_, value) => (typeof value === "string" ? veiled(value, words) : value))) : json;
  }

  // -------------------------------------------------------------------------------------------- the look

  const peer = (other) => { try { return other[KEY] || null; } catch { return null; } };

  function indexIn(parent, child) {
    for (let i = 0; i < parent.length; i++) if (parent[i] === child) return i;
    return -1;
  }

  function path() {
    const found = [];
    for (let w = window; w !== w.parent; w = w.parent) found.unshift(indexIn(w.parent, w));
    return found;
  }

  // The uppermost frame whose inside can be seen from here.
  function root() {
    let w = window;
    while (w !== w.parent && peer(w.parent)) w = w.parent;
    return peer(w);
  }

  function state(known) {
    let text = `${scrollX},${scrollY},${innerWidth},${innerHeight},${document.hasFocus() && ask("numbered", ask("active"))}`;
    for (const el of known) {
      const tag = el.localName;
      if (tag === "input") text += `|${el.type}${el.checked ? 1 : 0}${el.value}`;
      else if (tag === "select") text += `|${el.selectedIndex}`;
      else if (tag === "textarea") text += `|${el.value}`;
    }
    return text;
  }

  // This frame's rows: those of the last time where nothing has changed since.
  function sheet(words) {
    const mark = ask("mark"), hash = state(ask("known")), secret = [...words].join("\n");
    if (!kept || kept.mark !== mark || kept.hash !== hash || kept.secret !== secret) {
      const view = [0, 0, innerWidth, innerHeight];
      const seen = veil(ask("look", { x: 0, y: 0, view, start: 0, limit: LIMIT }), words);
      for (const el of ask("known")) if (ask("secret", el) && current(el)) typed.set(el, current(el));
      kept = { mark, hash, seen, secret, serial: ++serials, mail };
      const late = secrets();
      if ([...late].some((word) => !words.has(word))) kept.seen = veil(seen, late);
    }
    const holders = ask("known").filter((el) => /^i?frame$/.test(el.localName) && el.contentWindow);
    return { doc, mark, serial: kept.serial, kept,
      holders: holders.map((el) => ({ ...ask("place", el), index: indexIn(window, el.contentWindow) })) };
  }

  function gather(at, into, words) {
    into.push({ at, ...sheet(words) });
    for (let i = 0; i < window.length; i++) peer(window[i])?.gather([...at, i], into, words);
    return into;
  }

  function gatherSecrets(into) {
    for (const word of secrets()) into.add(word);
    for (let i = 0; i < window.length; i++) peer(window[i])?.gatherSecrets(into);
    return into;
  }

  // The screen as it is at this moment: rows as text, no node of the page.
  function survey() {
    const began = performance.now(), top = root();
    const found = { id: `${doc}:${looks++}`, sheets: top.survey(), url: top.url(), title: top.title(), size: top.size(), at: Date.now() };
    found.cost = performance.now() - began;
    return found;
  }

  function tellLook(found) {
    if (found.sent) return;
    found.sent = true;
    const parts = found.sheets.map(({ at, doc: of, mark, serial, kept: rows, holders }) => {
      const head = JSON.stringify({ at, doc: of, mark, serial, holders });
      const body = rows.mail.serial === serial ? "null" : rows.seen;  // whoever hears it keeps a frame's latest
      rows.mail.serial = serial;
      return `{"head":${head},"seen":${body}}`;
    });
    const { id, url, title, size, at, cost } = found;
    send(`{"t":"look","head":${JSON.stringify({ id, url, title: veiled(title, root().words()), size, at, cost })},"sheets":[${parts.join(",")}]}`);
  }

  // -------------------------------------------------------------------------------------------- what is told

  const above = (el) => el.assignedSlot || el.parentNode || el.host;

  // Where a click where a replay aims at this element would not do what the click on the target does, it does not stand for it.
  function meets(el, target) {
    const spot = ask("spot", el), hit = spot && ask("deepest", ...spot);
    return hit !== null && ask("within", target, hit);
  }

  const CLICKED = "button, a[href], summary, label, input, select, textarea, [onclick], [role=button], [role=link], [role=checkbox], [role=radio], [role=switch], [role=tab], [role=menuitem], [role=option], [tabindex]";

  // Does nothing else that can be clicked lie there?
  function safe(el) {
    const spot = ask("spot", el);
    let hit = spot && ask("deepest", ...spot);
    if (!hit || !ask("within", el, hit)) return false;
    for (; hit && hit !== el; hit = above(hit)) if (hit.nodeType === Node.ELEMENT_NODE && hit.matches(CLICKED)) return false;
    return true;
  }

  const drawn = (el) => {
    const r = el.getBoundingClientRect();
    return /^(canvas|video|object|embed|iframe|frame|svg|map)$/.test(el.localName) && (r.width > 64 || r.height > 64);
  };

  // What a style shows under the pointer, as a menu, changes nothing that is watched: such a thing is looked for anew.
  function unveil(target) {
    const n = ask("numbered", target.closest?.(CLICKED) || target);
    if (kept && (n === null || !kept.seen.includes(`[${n},"`))) kept = null;
  }

  // The numbers of the rows that may stand for a target, nearest first. A label stands for its control.
  function chain(target) {
    const found = [];
    const put = (el, label) => {
      const n = ask("numbered", el);
      if (n === null || found.length > 3) return;
      found.push({ n, meets: label || meets(el, target), safe: label || safe(el), drawn: !label && drawn(el) });
    };
    const label = labelling(target);
    if (label) { put(label.control, true); put(label, true); }
    for (let el = target; el; el = above(el)) if (el.nodeType === Node.ELEMENT_NODE) put(el, false);
    return found;
  }

  // The label that this click is for, unless something of its own lies between.
  function labelling(target) {
    for (let el = target; el && el.nodeType === Node.ELEMENT_NODE; el = above(el)) {
      if (tagOf(el) === "label") return el.control ? el : null;
      if (/^(a|button|input|select|textarea|summary)$/.test(tagOf(el)) || el.isContentEditable) return null;
    }
    return null;
  }

  function tell(kind, found, more) {
    if (paused) return;
    tellLook(found);
    send(JSON.stringify({ t: "act", kind, look: found.id, path: path(), ...more }));
    root().follow();
  }

  const held = (event) => ["ctrl", "shift", "alt", "meta"].filter((name) => event[name + "Key"]).map((name) => (name === "meta" ? "super" : name));

  const itself = (el) => {
    const n = ask("numbered", el);
    return n === null ? [] : [{ n, meets: true, safe: true, drawn: false }];
  };

  // -------------------------------------------------------------------------------------------- fields

  function current(el) {
    const tag = tagOf(el);
    if (tag === "select") return [...el.selectedOptions].map((option) => option.label.replace(/\s+/g, " ").trim()).join(", ");
    if (tag === "input" && el.type === "file") return [...el.files].map((file) => file.name).join("\n");
    if (tag === "input" || tag === "textarea") return clean(el.value);
    return clean(el.innerText).replace(/\n$/, "");
  }

  function host(el) {
    while (el?.isContentEditable && el.parentElement?.isContentEditable) el = el.parentElement;
    return el;
  }

  // Was this only typed on in a rich text, where it was left? To fill it in anew would undo what was made of its parts.
  const bare = (text) => text.replace(/\s+/g, "");
  function adds({ el, start, left, keys, value }) {
    return left === el && start !== "" && keys !== "" && bare(value ?? current(el)) === bare(start + keys);
  }

  // From now on this field is being filled; the look is the one before the first key.
  function touch(el, found) {
    if (field?.el === el) {
      if (!field.dirty || field.value === "" || field.value === null || current(el) !== "") return field;
      flush(true);  // the page took what was typed and emptied the field: that was one filling, this is another
    }
    flush();
    field = { el, look: found || survey(), chain: itself(el), secret: ask("secret", el), start: el.type === "file" ? "" : current(el),
      value: null, keys: "", left, dirty: false, timer: 0 };
    return field;
  }

  // Which of the texts typed into secret fields it is: one typed again has the number of before.
  function which(text) {
    if (text.length < 2) return "";  // two digits of a code that are the same are two
    if (!alike.has(text)) alike.set(text, alike.size + 1);
    return `${doc}:${alike.get(text)}`;
  }

  function tellField(open, apart) {
    const { el, look: found, chain: numbers, value, keys, start } = field;
    field.secret = field.secret || ask("secret", el);
    const words = root().words();
    const now = current(el) || typed.get(el) || "";
    const again = !field.secret && now.length >= 6 && words.has(now);  // a secret typed once more, where nothing says so
    const more = field.secret || again ? { secret: true, which: root().which(now) } : { text: veiled(value ?? current(el), words), keys: veiled(keys, words), same: start === (value ?? current(el)) };
    tell("fill", found, { chain: numbers, file: el.type === "file", open, apart: apart === true, adds: adds(field), ...more });
  }

  function flush(apart) {
    if (!field) return;
    clearTimeout(field.timer);
    if (field.dirty) {
      tellField(false, apart);
      if (field.secret && typed.has(field.el)) told.add(typed.get(field.el));
      left = field.el.isContentEditable ? field.el : null;
    }
    field = null;
  }

  function entered(event) {
    const el = host(event.composedPath()[0]);
    if (!heard(event) || !el || /^(checkbox|radio|file|button|submit|reset|image)$/.test(el.type) || tagOf(el) === "select") return;
    touch(el, ownLook(el));
    field.dirty = true;
    if (field.secret || ask("secret", el)) { field.secret = true; typed.set(el, current(el)); }
    else field.value = el.isContentEditable && el.textContent.length > 5000 ? null : current(el);
    if (/^(date|month|week|time|datetime-local|color)$/.test(el.type) && !el.value) field.dirty = false;
    clearTimeout(field.timer);
    field.timer = setTimeout(() => field && !paused && field.dirty && tellField(true), IDLE);
  }

  // What was typed, for a field that has no row of its own.
  function typing(event) {
    if (!heard(event) || !field) return;
    if (event.inputType === "insertLineBreak" || event.inputType === "insertParagraph") field.keys += "\n";
    else if (event.inputType?.startsWith("delete")) field.keys = field.keys.slice(0, -1);
    else if (event.data && !event.isComposing) field.keys += event.data;
  }

  // The look of the gesture or key that led here, if it was on this very field.
  function ownLook(el) {
    const last = [gesture, key].find((each) => each && (each.target === el || labelling(each.target)?.control === el));
    return last ? last.look : null;
  }

  function changed(event) {
    const el = event.composedPath()[0];
    if (!heard(event) || !el) return;
    if (tagOf(el) === "select" && el.multiple) return picked(el);
    if (tagOf(el) === "select" || el.type === "file") {
      flush();
      touch(el, ownLook(el)).dirty = true;
      field.value = current(el);
      field.start = null;
    }
    if (field?.el === el) flush();
  }

  function picked(el) {
    const before = key?.options?.has(el) ? key.options.get(el) : gesture?.options?.get(el);
    const found = ownLook(el) || survey(), now = [...el.selectedOptions];
    const moved = [...el.options].filter((option) => now.includes(option) !== (before || []).includes(option));
    for (const option of moved) {
      const numbers = itself(option);
      if (numbers.length) tell("click", found, { chain: numbers, button: 0, count: 1, keys: [], x: 0, y: 0 });
    }
    for (const each of [key, gesture]) each?.options?.set(el, now);
  }

  const chosen = (el) => (tagOf(el) === "option" ? el.closest("select") : el);
  const optionsOf = (el) => new Map(tagOf(chosen(el)) === "select" && chosen(el).multiple ? [[chosen(el), [...chosen(el).selectedOptions]]] : []);

  // -------------------------------------------------------------------------------------------- the pointer

  // Controls whose own picker or knob the pointer moves: what comes of it is told as a filling.
  function valued(el) {
    if (["select", "option", "optgroup"].includes(tagOf(el))) return true;
    return tagOf(el) === "input" && /^(date|month|week|time|datetime-local|color|range)$/.test(el.type);
  }

  const SLIDERS = "input[type=range], [role=slider]", NEAR = 6;
  const slid = (el) => (tagOf(el) === "input" ? el.value : el.getAttribute("aria-valuenow"));

  // The sliders that a pointer may move which is pressed here, each with its value: the place along them is what counts.
  function sliders(target) {
    for (let el = target, up = 0; el && up < NEAR; el = above(el), up += 1) {
      if (el.nodeType !== Node.ELEMENT_NODE) continue;
      const found = el.matches(SLIDERS) ? [el] : [...el.querySelectorAll(SLIDERS)];
      if (found.length) return new Map(found.map((each) => [each, slid(each)]));
      if (tagOf(el) !== "label" && el.matches(CLICKED)) break;  // a button, which may set one
    }
    return new Map();
  }

  // Once the page had its turn: a filling, if the pointer moved a slider; else what it was besides.
  function maybeSlid(from, event, otherwise) {
    from.done = true;  // what comes meanwhile is no other end of it
    after(event, () => {
      const moved = [...from.sliders].filter(([el, before]) => el.isConnected && slid(el) !== before);
      from.done = moved.length > 0;
      if (!from.done) return void otherwise();
      flush();
      for (const [el] of moved) tell("fill", from.look, { chain: itself(el), file: false, open: false, apart: true, text: slid(el), keys: "", same: false });
    });
  }

  function onBar(el, event) {
    if (!el || el.nodeType !== Node.ELEMENT_NODE) return false;
    const outer = el === document.documentElement, r = el.getBoundingClientRect();
    const across = outer ? event.clientX >= document.documentElement.clientWidth : el.scrollHeight > el.clientHeight && event.clientX > r.left + el.clientLeft + el.clientWidth;
    const along = outer ? event.clientY >= document.documentElement.clientHeight : el.scrollWidth > el.clientWidth && event.clientY > r.top + el.clientTop + el.clientHeight;
    return (across && event.clientX < r.right) || (outer && across) || (along && event.clientY < r.bottom) || (outer && along);
  }

  function down(event) {
    if (!heard(event) || event.button > 2 || event.isPrimary === false) return;
    const target = event.composedPath()[0];
    flushWheel();
    if (field && !ask("within", field.el, target)) flush();
    if (left && ask("within", left, target)) left = null;
    gesture = null;
    key = null;
    if (onBar(target, event)) return startWheel(target === document.documentElement ? null : target, event);
    unveil(target);
    gesture = { target, look: survey(), chain: chain(target), button: event.button, x: event.clientX, y: event.clientY, keys: held(event),
      count: 1, done: false, marked: String(getSelection()), options: optionsOf(target), sliders: valued(target) ? new Map() : sliders(target) };
  }

  // A browser counts on in the next document; no click is part of one that was made in another.
  function counted(event) {
    if (gesture && event.isTrusted && !gesture.done) gesture.count = Math.max(1, Math.min(event.detail, clicks + 1));
  }

  function click(made = gesture) {
    if (!made || made.done) return;
    made.done = true;
    const { target, look: found, chain: numbers, button, x, y, keys, count } = made;
    clicks = count;
    const subject = labelling(target)?.control || target;
    if (button === 0 && valued(subject)) return;
    const file = tagOf(subject) === "input" && subject.type === "file";
    tell("click", found, { chain: numbers, button, x, y, keys, count, file, drawn: drawn(target) });
  }

  function up(event) {
    if (!heard(event) || !gesture || gesture.done || event.button !== gesture.button) return;
    const from = gesture;
    if (from.button === 0 && from.sliders.size) return maybeSlid(from, event, () => released(from, event));
    released(from, event);
  }

  function released(from, event) {
    const far = Math.hypot(event.clientX - from.x, event.clientY - from.y) > FAR;
    if (!far) return click(from);
    const subject = from.target, control = subject.closest?.(CLICKED), end = ask("deepest", event.clientX, event.clientY);
    if (control && end && ask("within", control, end)) return click(from);
    const selecting = String(getSelection()) !== from.marked && String(getSelection()) !== "";
    if (from.button !== 0 || selecting || textual(host(subject)) || valued(subject)) return void (from.done = true);
    return drop(from, event);
  }

  function drop(from, event) {
    from.done = true;
    const under = document.elementsFromPoint(event.clientX, event.clientY).find((el) => !ask("within", from.target, el) && !ask("within", el, from.target));
    const end = event.type === "drop" ? event.composedPath()[0] : under;
    tell("drag", from.look, { chain: from.chain, x: from.x, y: from.y, to: end ? chain(end) : [], toX: event.clientX, toY: event.clientY, drawn: drawn(from.target) });
  }

  function clicked(event) {
    if (!heard(event) || event.pointerId !== -1 || event.detail > 0) return;  // those of the pointer are told already
    const target = event.composedPath()[0], from = key;
    if (from?.name === "Return" && from.target !== target) return;  // the browser's own, for a form that is sent by Enter
    if (from && from.target !== target && target.type !== "radio" && from.at > performance.now() - 1000) return;
    if (gesture && !gesture.done) return;
    const found = from && performance.now() - from.at < 3000 ? from.look : survey();
    flush();
    const file = tagOf(target) === "input" && target.type === "file";
    if (!valued(target)) tell("click", found, { chain: chain(target), button: 0, x: 0, y: 0, keys: [], count: 1, file, keyed: true });
  }

  function menu(event) {
    if (heard(event) && gesture?.button === 2) click();
  }

  // -------------------------------------------------------------------------------------------- the wheel

  function scroller(event) {
    for (const el of event.composedPath()) {
      if (el.nodeType !== Node.ELEMENT_NODE || el === document.body || el === document.documentElement) continue;
      const style = getComputedStyle(el);
      const can = (overflow, size, room, delta) => delta && /auto|scroll/.test(overflow) && size > room + 1;
      if (can(style.overflowY, el.scrollHeight, el.clientHeight, event.deltaY)) return el;
      if (can(style.overflowX, el.scrollWidth, el.clientWidth, event.deltaX)) return el;
    }
    return null;
  }

  const offset = (el) => (el ? [el.scrollLeft, el.scrollTop] : [scrollX, scrollY]);

  function startWheel(el, event) {
    flush();
    wheel = { el, look: survey(), chain: el ? chain(el) : [], from: offset(el), x: event.clientX, y: event.clientY, turned: null, taken: false, timer: 0 };
  }

  function wheeled(event) {
    if (!heard(event) || event.ctrlKey) return;
    const el = scroller(event);
    if (wheel && wheel.el !== el && el !== null) flushWheel();
    if (!wheel) startWheel(el, event);
    const [x, y] = wheel.turned || [0, 0], size = [1, 33, innerHeight][event.deltaMode];
    wheel.turned = [x + event.deltaX * size, y + event.deltaY * size];
    ifTaken(event, () => { if (wheel) wheel.taken = true; });
    later();
  }

  function later() {
    clearTimeout(wheel.timer);
    wheel.timer = setTimeout(flushWheel, IDLE);
  }

  function flushWheel() {
    if (!wheel) return;
    const { el, look: found, chain: numbers, from, x, y, turned, taken, timer } = wheel, to = offset(el), page = document.scrollingElement;
    clearTimeout(timer);
    wheel = null;
    const notches = (moved) => Math.sign(moved) * Math.max(1, Math.round(Math.abs(moved) / 100));
    // A wheel's first turn may have been done before it was told, so that its turns count, where anything could move.
    const can = el || taken || (page && (page.scrollHeight > page.clientHeight || page.scrollWidth > page.clientWidth));
    const [dx, dy] = turned ? (can ? turned : [0, 0]).map(notches) : [0, 1].map((i) => notches(to[i] - from[i]));
    if (dx || dy) tell("scroll", found, { chain: numbers, x, y, dx, dy });
  }

  // -------------------------------------------------------------------------------------------- keys

  const NAMES = { Enter: "Return", " ": "space", ArrowUp: "Up", ArrowDown: "Down", ArrowLeft: "Left", ArrowRight: "Right",
    PageUp: "Page_Up", PageDown: "Page_Down", Backspace: "BackSpace", ContextMenu: "Menu" };
  const EDITING = new Set(["Backspace", "Delete", "Home", "End", "ArrowLeft", "ArrowRight", "PageUp", "PageDown", "Insert"]);
  const EDITS = /^(ctrl\+|super\+|shift\+|alt\+)+([acvxyz]|BackSpace|Delete|Insert|Home|End|Left|Right|Up|Down)$/;
  // What a browser does by itself; only where the page takes such a chord is it the page's.
  const BROWSERS = /^(F\d+|(ctrl|super)\+(shift\+)?([abcdefghijklnopqrstuvw0-9=+-]|Tab|Delete)|alt\+(Left|Right|Home|[def]))$/;
  const SILENT = new Set(["Control", "Shift", "Alt", "Meta", "AltGraph", "CapsLock", "NumLock", "ScrollLock", "Process", "Dead", "Unidentified"]);

  function nameOf(event, chars) {
    const mods = chars ? [] : held(event).filter((name) => name !== "shift" || event.key.length > 1 || event.ctrlKey || event.altKey || event.metaKey);
    const name = NAMES[event.key] || (event.key.length === 1 && mods.length ? event.key.toLowerCase() : event.key);
    return [...mods, name].join("+");
  }

  // Does the browser itself turn this key into a click on this element?
  function activates(el, name) {
    const tag = tagOf(el);
    if (tag === "input" && /^(checkbox|radio)$/.test(el.type)) return name === "space" || /^(Up|Down|Left|Right)$/.test(name);
    if (name !== "Return" && name !== "space") return false;
    if (tag === "a" || tag === "area") return name === "Return" && el.hasAttribute("href");
    return tag === "button" || tag === "summary" || (tag === "input" && /^(button|submit|reset|image|file|color)$/.test(el.type));
  }

  const press = (name, found, more) => tell("press", found, { keys: name, ...more });

  // What is known only after the page had its turn: whether it took the key. Told before anything that comes later.
  let open = [];
  const after = (event, done) => { open.push({ event, done }); setTimeout(decide); };
  const ifTaken = (event, done) => after(event, () => { if (event.defaultPrevented) done(); });
  function decide(now) {
    const early = (each) => each.event === now || (each.event.type === "pointerup" && now?.type === "click");  // its own click
    const due = open.filter((each) => !early(each));
    open = open.filter(early);
    if (!paused) for (const each of due) each.done();
  }

  function ours(event) {
    const name = event.ctrlKey && event.altKey && !event.getModifierState("AltGraph") ? settings.keys[event.code] : null;
    if (!name || !event.isTrusted) return false;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (event.repeat) return true;
    if (!paused) { decide(); flush(); flushWheel(); if (name === "end") tellLook(survey()); }
    send(JSON.stringify({ t: "key", name }));
    return true;
  }

  function keyed(event) {
    if (ours(event) || !heard(event) || event.isComposing || SILENT.has(event.key)) return;
    const target = host(event.composedPath()[0]), chars = event.key.length === 1 && (event.getModifierState("AltGraph") || !(event.ctrlKey || event.altKey || event.metaKey));
    const name = nameOf(event, chars);
    flushWheel();
    if (tagOf(target) === "select") {
      if (!key || key.target !== target) key = { name, target, look: survey(), at: performance.now(), options: optionsOf(target) };
      return;
    }
    if (textual(target) || valued(target)) return inField(event, target, name, chars);
    const found = survey();
    key = { name, target, look: found, at: performance.now() };
    if (activates(target, name) || (event.repeat && /^(Return|Escape|space)$/.test(name))) return;
    flush();
    if (BROWSERS.test(name)) return void ifTaken(event, () => press(name, found));
    press(name, found, { soft: name === "Tab" || name === "shift+Tab" });
  }

  function inField(event, el, name, chars) {
    const many = tagOf(el) === "textarea" || el.isContentEditable, steps = /^(Up|Down)$/.test(name);
    const own = steps && (many || valued(el) || el.type === "number" || el.list);
    if (chars || own || EDITS.test(name) || (EDITING.has(event.key) && held(event).length === 0)) return void touch(el);
    if (many && /^(shift\+)?Return$/.test(name)) {
      const filling = touch(el), found = survey();
      return void ifTaken(event, () => { if (field === filling) flush(); press(name, found); });
    }
    if (event.repeat && /^(Return|Escape)$/.test(name)) return;
    const tab = name === "Tab" || name === "shift+Tab";
    if (tab && event.repeat) return;
    flush();
    const found = survey();
    key = { name, target: el, look: found, at: performance.now() };
    if (tab) return void after(event, () => press(name, found, { soft: !event.defaultPrevented }));
    if (BROWSERS.test(name)) return void ifTaken(event, () => press(name, found));
    press(name, found);
  }

  // -------------------------------------------------------------------------------------------- rest

  let until = 0, resting = false, restMark = "", wake = () => {};
  const idle = () => new Promise((done) => { requestIdleCallback(done, { timeout: 300 }); });

  // Only in the uppermost frame: tell the screen when it is quiet after an act, and again when it moved after that.
  async function follow(limit = FOLLOW) {
    until = Math.max(until, performance.now() + limit);
    restMark = "";
    if (resting) return wake();
    resting = true;
    while (!paused) {
      const calm = await ask("quiet", QUIET, 2000, 0), told = performance.now() < until;
      await idle();
      if (paused) break;
      const now = marks();
      if (now !== restMark && (told || calm)) {
        restMark = now;
        hear();
        const found = survey();  // what has changed by itself is only kept, so that the next act finds it looked at
        if (told) {
          tellLook(found);
          send(JSON.stringify({ t: "rest", look: found.id }));
        }
      }
      await new Promise((done) => { wake = done; setTimeout(done, told ? 100 : 500); });
    }
    resting = false;
  }

  function marks() {
    const found = [ask("mark")];
    for (let i = 0; i < window.length; i++) found.push(peer(window[i])?.marks() || "");
    return found.join(",") + location.href;
  }

  function pause(on) {
    paused = on;
    for (const each of [field, wheel]) if (each) clearTimeout(each.timer);
    [gesture, dragged, field, wheel, key, kept] = [null, null, null, null, null, on ? null : kept];
    hear();
    if (!on && root() === window[KEY]) follow();
  }

  function heard(event) {
    if (!event.isTrusted || paused) return false;
    decide(event);
    return true;
  }

  const EARS = { pointerdown: down, mousedown: counted, pointerup: up, click: clicked, contextmenu: menu, keydown: keyed, beforeinput: typing,
    input: entered, change: changed, wheel: wheeled,
    focusout: (event) => { if (heard(event) && field?.el === host(event.composedPath()[0])) flush(); },
    scroll: (event) => { if (wheel && !paused) later(); },
    pointercancel: () => { if (gesture && !dragged) gesture = null; },
    dragstart: (event) => { if (heard(event)) dragged = gesture; },
    drop: (event) => { if (heard(event) && dragged) drop(dragged, event); },
    dragend: () => { dragged = null; gesture = null; },
    [settings.word]: (event) => event.preventDefault(),  // says to web_hold.js that it is listened to
    pagehide: () => { if (!paused) { decide(); if (gesture?.button === 0 && !dragged) click(); flush(); flushWheel(); } } };

  // Safe to repeat: a document that is written anew loses its listeners, but not this one.
  const anew = new MutationObserver(begin), arrived = () => { hear(); if (!paused) root().follow(3000); };
  function hear() {
    anew.observe(document, { childList: true });
    document.addEventListener("DOMContentLoaded", arrived);
    window.addEventListener("load", arrived);
    for (const [type, ear] of Object.entries(EARS)) window.addEventListener(type, ear, { capture: true, passive: type !== "keydown" && type !== settings.word });
  }

  function begin() {
    if (document.readyState === "loading") hear();
    else arrived();
  }

  Object.defineProperty(window, KEY, { value: { pause, follow, gather, gatherSecrets, marks, which, url: () => location.href, title: () => document.title, size: () => [innerWidth, innerHeight],
    words: () => gatherSecrets(new Set()), survey: () => gather(path(), [], gatherSecrets(new Set())) } });
  hear();
  send(JSON.stringify({ t: "ready", path: path() }));
  for (const t of ["held", "missed"]) {  // what came before, as web_hold.js tells it
    const any = !window.dispatchEvent(new Event(`${settings.word}-${t}`, { cancelable: true }));
    if (any && !paused) send(JSON.stringify({ t }));
  }
  begin();
}
