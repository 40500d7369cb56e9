// The page: its views, and the one that is shown. A view is an object with `id`, `title` and `show(main, rest)`, where `rest` is the
// part of the address after `#id/`. `show` returns an object with `end()`, which ends it, and `ready`, a promise for its first content:
// the view is seen from then on, so that nothing moves while it loads. When `rest` changes, `move(rest)` is called; a view without it
// is ended and shown again.

import { connect } from "./events.js";
import { element } from "./dom.js";
import { phones } from "./views/phones.js";
import { chats } from "./views/chats.js";
import { requests } from "./views/requests.js";
import { state } from "./views/state.js";
import { faults } from "./views/faults.js";
import { clock } from "./views/clock.js";
import { api } from "./views/api.js";
import { snapshots } from "./views/snapshots.js";

const views = [phones, chats, requests, state, faults, clock, api, snapshots];
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
  const current = view.show(main, rest);
  running = current;
  current.ready.finally(() => {
    if (running === current) main.classList.remove("loading");
  });
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
