// The requests to the API, newest first, as they happen.

import { get } from "../api.js";
import { button, copyButton, count, element, field, foreign, timeOfDay } from "../dom.js";
import { listen, soon } from "../events.js";

// How many requests the page shows. The emulator has more, which are loaded when asked for.
const SHOWN = 500;
// How many are loaded at once.
const PAGE = 200;

export const requests = {
  id: "requests",
  title: "Requests",
  show(main) {
    let entries = [];
    let waiting = [];
    let limit = SHOWN;
    let isPaused = false;
    let dropped = 0;

    const search = element("input", { type: "search", oninput: () => render(), size: 24 });
    const onlyFailed = element("input", { type: "checkbox", onchange: () => render() });
    const pause = button("Pause", () => {
      isPaused = !isPaused;
      pause.textContent = isPaused ? "Go on" : "Pause";
      pause.setAttribute("aria-pressed", isPaused);
      draw();
    }, { "aria-pressed": false });
    const summary = element("p", { className: "quiet", role: "status" });
    const rows = element("tbody");
    const older = button("Show older", async () => {
      limit = entries.length + PAGE;
      await load(entries.at(-1)?.id);
      render();
    });
    const detail = element("section", { "aria-live": "polite" });
    main.append(
      element("div", { className: "bar" },
        field("Search", search),
        element("label", {}, onlyFailed, " only failed"),
        pause),
      summary,
      element("div", { className: "scroll", tabIndex: 0, role: "region", "aria-label": "Requests" },
        element("table", {},
          element("thead", {}, element("tr", {},
            ["Time", "Operation", "HTTP", "Status", "Duration", "Request"].map((name) => element("th", { scope: "col" }, name)))),
          rows)),
      older,
      detail);

    const load = async (before) => {
      try {
        const answer = await get(`requests?last=${PAGE}${before ? `&before=${before}` : ""}`);
        const found = answer.requests.reverse();
        const known = new Set(entries.map((entry) => entry.id));
        entries = [...entries, ...found.filter((entry) => !known.has(entry.id))].sort((a, b) => b.id - a.id);
        older.hidden = found.length < PAGE;
      } catch (error) {
        summary.textContent = error.message;
      }
    };

    const draw = () => {
      if (!isPaused) {
        // Those that were loaded meanwhile are there already.
        const newest = entries[0]?.id ?? 0;
        entries = [...waiting.filter((entry) => entry.id > newest).reverse(), ...entries];
        waiting = [];
        if (entries.length > limit) {
          entries.length = limit;
          older.hidden = false;
        }
      }
      render();
    };
    // Once for many events: a thousand a second leave the page time for its user.
    const later = soon(draw);

    const render = () => {
      const wanted = search.value.toLowerCase();
      const fits = (entry) => (!onlyFailed.checked || isFailed(entry)) && (!wanted || textOf(entry).toLowerCase().includes(wanted));
      const shown = entries.filter(fits);
      rows.replaceChildren(...shown.map((entry) => row(entry, (chosen) => detail.replaceChildren(...details(chosen)))));
      const more = isPaused && waiting.length > 0 ? `, ${count(waiting.length, "new one")} waiting` : "";
      const lost = dropped > 0 ? `, ${count(dropped, "event")} left out because this page was too slow` : "";
      summary.textContent = entries.length === 0 ? "No requests yet." : `${count(shown.length, "request")} shown${more}${lost}`;
    };

    load().then(draw);
    const stop = listen(({ kind, entry }) => {
      if (kind === "request") {
        waiting.push(entry);
        // While the view is paused, only the last ones matter.
        if (waiting.length > limit) waiting.shift();
      } else if (kind === "dropped") {
        dropped += entry.count;
      } else if (entry.path.endsWith("/reset")) {
        entries = [];
        waiting = [];
      }
      later();
    });
    return stop;
  },
};

function isFailed({ http_status: http, status }) {
  return http === null || http >= 400 || (status !== null && status !== 0);
}

function query(entry) {
  return entry.query.map(([name, value]) => `${name}=${value}`).join("&");
}

function textOf(entry) {
  return [entry.operation, entry.method, entry.path, query(entry), entry.http_status, entry.status, entry.injected].join(" ");
}

function duration({ duration_us: microseconds }) {
  return microseconds < 1000 ? `${microseconds} µs` : `${(microseconds / 1000).toFixed(1)} ms`;
}

function row(entry, choose) {
  const name = entry.operation ?? "unknown request";
  return element("tr", {},
    element("td", {}, timeOfDay(entry.time)),
    element("td", {}, button(name, () => choose(entry), { "aria-label": `Details of ${name}` })),
    element("td", { className: entry.http_status >= 400 ? "bad" : "" }, `${entry.http_status ?? "no response"}`),
    element("td", { className: entry.status ? "bad" : "good" }, `${entry.status ?? ""}`),
    element("td", {}, duration(entry)),
    element("td", { className: "path" }, `${entry.method} `, foreign(entry.path),
      entry.injected ? element("span", { className: "bad" }, ` injected: ${entry.injected}`) : null));
}

function details(entry) {
  const terms = [
    ["Operation", entry.operation ?? "unknown"],
    ["Request", foreign(`${entry.method} ${entry.path}`)],
    ["HTTP status", `${entry.http_status ?? "no response"}`],
    ["Status", `${entry.status ?? "none"}`],
    ["Duration", duration(entry)],
    ["Injected fault", entry.injected ?? "none"],
    ...entry.query.map(([name, value]) => [foreign(name), foreign(value)]),
  ];
  return [
    element("h3", {}, entry.operation ?? "Unknown request"),
    element("dl", {}, terms.flatMap(([term, value]) => [element("dt", {}, term), element("dd", {}, value)])),
    copyButton("Copy as curl", curl(entry)),
  ];
}

/** Returns a command for a shell. Credentials are variables: the emulator shows none. */
function curl(entry) {
  const parameters = entry.query.map(([name, value]) => {
    // It leaves quotes and brackets as they are, which mean something to a shell.
    const encoded = quoted(encodeURIComponent(name));
    return value === "***" ? `${encoded}="$${name.toUpperCase().replace(/[^A-Z0-9]/g, "_")}"` : `${encoded}=${quoted(encodeURIComponent(value))}`;
  });
  const url = quoted(location.origin + encodeURI(entry.path)) + (parameters.length > 0 ? `'?'${parameters.join("'&'")}` : "");
  return `curl -X ${quoted(entry.method)} ${url}`;
}

/** Quotes a word for a shell. */
function quoted(text) {
  return /^[A-Za-z0-9_\-.:\/%]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
