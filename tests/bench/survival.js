// The changes of the survival matrix, each done to a loaded page. `truth` is a hidden attribute that no look reads.
([change, truth]) => {
  const target = document.querySelector(`[data-truth="${CSS.escape(truth)}"]`);
  const all = (selector) => [...document.querySelectorAll(selector)];
  const holder = target.closest("tr, li, article, .row, .tile, .item, .story, .res, .hotel, .pc, .g") || target;
  const style = (text) => { const made = document.createElement("style"); made.textContent = text; document.head.append(made); };
  const made = (html) => { const box = document.createElement("div"); box.innerHTML = html; return box.firstElementChild; };
  const noise = (seed) => "x" + ((seed * 2654435761) >>> 0).toString(36);
  const SYNONYMS = { search: "Find", go: "Search", "log in": "Sign in", login: "Log in", "sign in": "Log in", settings: "Preferences",
    delete: "Remove", edit: "Change", save: "Save changes", next: "Next page", buy: "Buy now", subscribe: "Subscribe me",
    "add to basket": "Add to bag", help: "Help center", quote: "Quote this", report: "Report this" };
  const renamed = (text) => SYNONYMS[text.trim().toLowerCase()] || text.trim() + " here";
  function texts(root) {
    const found = [], walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) if (walker.currentNode.data.trim() && !walker.currentNode.parentElement.closest("script,style")) found.push(walker.currentNode);
    return found;
  }
  const SAYING = ["aria-label", "title", "placeholder", "alt"];
  function reword(root, by) {
    for (const node of texts(root)) node.data = by(node.data);
    for (const el of [root, ...root.querySelectorAll("*")]) {
      for (const name of SAYING) if (el.getAttribute(name)) el.setAttribute(name, by(el.getAttribute(name)));
      if (el.matches("input[type=submit],input[type=button]") && el.getAttribute("value")) el.value = by(el.getAttribute("value"));
    }
  }
  const reversed = (text) => text.replace(/\p{L}+/gu, (word) => [...word].reverse().join("").toLowerCase());
  const lookalike = () => {
    const copy = target.cloneNode(true);
    copy.dataset.truth = "lookalike"; copy.removeAttribute("id"); copy.removeAttribute("href"); copy.removeAttribute("name");
    reword(copy, (text) => text.trim() + " all");
    if (target.labels && target.labels.length) copy.setAttribute("aria-label", target.labels[0].textContent.trim() + " all");
    return copy;
  };
  const changes = {
    none: () => {},
    "classes churned": () => all("[class]").forEach((el, n) => el.setAttribute("class", noise(n + 7))),
    "ids changed": () => all("[id]").forEach((el, n) => {
      const id = noise(n + 99);
      for (const label of all(`label[for="${CSS.escape(el.id)}"]`)) label.htmlFor = id;
      for (const named of all(`[aria-labelledby="${CSS.escape(el.id)}"]`)) named.setAttribute("aria-labelledby", id);
      el.id = id;
    }),
    "names and links changed": () => {
      all("[name]").forEach((el, n) => { if (el.type !== "radio") el.name = noise(n + 3); });
      all("a[href]").forEach((el, n) => el.setAttribute("href", "/r/" + noise(n + 5)));
    },
    "siblings reversed": () => { const up = holder.parentNode; [...up.children].reverse().forEach((el) => up.append(el)); },
    "sibling inserted": () => { const copy = holder.cloneNode(false); for (const name of ["data-truth", "id", "aria-label", "title", "name", "href", "value"]) copy.removeAttribute(name);
      copy.textContent = "Something new"; if (copy.matches("input")) copy.setAttribute("aria-label", "Something new"); holder.before(copy); },
    "banner above": () => document.body.prepend(made("<div style='height:120px'><b>Maintenance tonight</b> <a href='/why'>Why?</a></div>")),
    "label renamed": () => {
      for (const label of target.labels || []) for (const node of texts(label)) node.data = renamed(node.data);
      reword(target, renamed);
    },
    moved: () => holder.parentNode.append(holder),
    "moved to the top": () => document.body.prepend(holder.matches("tr, li") ? document.createComment("") : holder),
    theme: () => style("* { background: #111 !important; color: #ded !important; border-radius: 9px; font-family: serif !important }"),
    "zoom 90": () => { document.documentElement.style.zoom = 0.9; },
    "zoom 110": () => { document.documentElement.style.zoom = 1.1; },
    "zoom 125": () => { document.documentElement.style.zoom = 1.25; },
    "font +10 %": () => style("html, body, button, input, a { font-size: 110% }"),
    "in a frame": () => {
      const html = document.documentElement.outerHTML, frame = document.createElement("iframe");
      frame.style = "width:1200px;height:760px;border:0"; document.body.replaceChildren(frame); frame.srcdoc = html;
      return new Promise((done) => { frame.onload = done; });
    },
    "in a shadow root": () => {
      const host = document.createElement("app-root"), inner = [...document.body.childNodes];
      const sheets = [...document.head.querySelectorAll("style")].map((each) => each.cloneNode(true));
      document.body.append(host); host.attachShadow({ mode: "open" }).append(...sheets, ...inner);
    },
    "wrapped in boxes": () => all("body a, body button, body input").forEach((el) => {
      const box = document.createElement("span"); el.replaceWith(box); box.append(el); }),
    "tags changed": () => all("button").forEach((el) => { const link = document.createElement("div");
      for (const { name, value } of el.attributes) if (name !== "type") link.setAttribute(name, value);
      link.setAttribute("role", "button"); link.tabIndex = 0; link.append(...el.childNodes); el.replaceWith(link); }),
    "below the fold": () => { document.body.style.paddingTop = "3000px"; },
    translated: () => reword(document.body, reversed),
    "look-alike beside it": () => target.after(lookalike()),
    "drawn late": () => { const place = document.createComment(""); holder.replaceWith(place); setTimeout(() => place.replaceWith(holder), 900); },
    "popup in the way": () => { const box = made("<div role='dialog' aria-label='News' style='position:fixed;inset:0;background:#fffd;z-index:99999'><p>We have news</p><button>Close</button></div>");
      document.body.append(box); box.querySelector("button").addEventListener("click", () => box.remove()); },
    duplicated: () => { const copy = target.cloneNode(true); copy.dataset.truth = "copy"; target.after(copy); },
    missing: () => target.remove(),
    "row missing": () => holder.remove(),
    "look-alike instead": () => target.replaceWith(lookalike()),
    "on the next page": () => { holder.replaceWith(made("<a href='?page=2' data-truth='pager'>Next page of the list</a>")); },
  };
  if (change === "") return Object.keys(changes);
  return Promise.resolve(changes[change]()).then(() => null);
}
