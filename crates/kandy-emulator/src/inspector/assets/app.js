// The page: its views, and the one that is shown. A view is an object with `id`, `title` and `show(main)`, which returns a function
// that ends it.

import { connect } from "./events.js";
import { element } from "./dom.js";
import { phones } from "./views/phones.js";
import { chats } from "./views/chats.js";
import { requests } from "./views/requests.js";
import { state } from "./views/state.js";
import { faults } from "./views/faults.js";
import { clock } from "./views/clock.js";
import { snapshots } from "./views/snapshots.js";

const views = [phones, chats, requests, state, faults, clock, snapshots];
const main = document.getElementById("main");
const connection = document.getElementById("connection");
let end = () => {};
let shown;

const links = views.map((view) => element("a", { href: `#${view.id}` }, view.title));
document.getElementById("views").append(...links.map((link) => element("li", {}, link)));

function show() {
  const id = location.hash.slice(1);
  // The link that skips the navigation.
  if (id === "main" && shown) return;
  const view = views.find((known) => known.id === id) ?? views[0];
  if (view === shown) return;
  end();
  shown = view;
  views.forEach((known, at) => {
    if (known === view) links[at].setAttribute("aria-current", "page");
    else links[at].removeAttribute("aria-current");
  });
  document.title = `${view.title} – Kandy emulator`;
  main.replaceChildren(element("h2", {}, view.title));
  end = view.show(main);
}

addEventListener("hashchange", show);
show();
connect((now) => {
  connection.textContent = now === "connected" ? "Connected" : "Not connected; trying again…";
  connection.className = now;
});
