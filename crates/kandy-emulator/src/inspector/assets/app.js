// The page: its views, and the one that is shown. The module of a view is loaded when it is first shown, and exports an object under the
// name of the view: with `show(main, rest)`, where `rest` is the part of the address after `#id/`. It returns an object with `end()`,
// which ends it, and `ready`, a promise for its first content: the view is seen from then on, so that nothing moves while it loads.
// When `rest` changes, `move(rest)` is called; a view without it is ended and shown again.

import { connect } from "./events.js";
import { element } from "./dom.js";

const views = ["Phones", "Chats", "Requests", "State", "Faults", "Clock", "API", "Snapshots"].map((title) => ({ id: title.toLowerCase(), title }));
const main = document.getElementById("main");
const connection = document.getElementById("connection");
let running = { end: () => {} };
let shown;
let shownRest;

const links = views.map((view) => element("a", { href: `#${view.id}` }, view.title));
document.getElementById("views").append(...links.map((link) => element("li", {}, link)));

function show() {
  const [id, ...parts] = location.hash.slice(1).split("/");
  // The link that skips the navigation.
  if (id === "main" && shown) return;
  const view = views.find((known) => known.id === id) ?? views[0];
  const rest = decoded(parts.join("/"));
  if (view === shown && rest === shownRest) return;
  const isSame = view === shown;
  shown = view;
  shownRest = rest;
  if (isSame && running.move) {
    running.move(rest);
    return;
  }
  running.end();
  views.forEach((known, at) => {
    if (known === view) links[at].setAttribute("aria-current", "page");
    else links[at].removeAttribute("aria-current");
  });
  document.title = `${view.title} – Kandy emulator`;
  main.replaceChildren(element("h2", {}, view.title));
  main.classList.add("loading");
  const current = { end: () => {} };
  running = current;
  start(view, current, rest).catch((error) => {
    if (running === current) main.append(element("p", { className: "bad", role: "status" }, `The view cannot be shown: ${error.message}`));
  }).finally(() => {
    if (running === current) main.classList.remove("loading");
  });
}

/** Loads a view and shows it, unless another one was chosen meanwhile. */
async function start(view, current, rest) {
  const { [view.id]: loaded } = await import(`./views/${view.id}.js`);
  if (running !== current) return;
  Object.assign(current, loaded.show(main, shown === view ? shownRest : rest));
  await current.ready;
}

/** Decodes a part of the address, unless it was typed in another form. */
function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

addEventListener("hashchange", show);
show();
connect((now) => {
  connection.textContent = now === "connected" ? "Connected" : "Not connected; trying again…";
  connection.className = now;
});
