// The requests to the API, newest first, as they happen.

import { get } from "../api.js";
import { button, count, element, field } from "../dom.js";
import { listen, soon } from "../events.js";
import { isFailed, row, textOf } from "./requests/row.js";

// How many requests the page shows. The emulator has more, which are loaded when asked for.
const SHOWN = 500;
// How many are loaded at once.
const PAGE = 200;
// How many of these are drawn first: more than a window shows.
const FIRST = 40;

export const requests = {
  show(main) {
    // Newest first, each with its row, which stays as long as the entry: its button may have the focus.
    let entries = [];
    let waiting = [];
    let limit = SHOWN;
    let isPaused = false;
    let dropped = 0;
    // Counts the loads, so that an answer to an earlier search is not shown.
    let loads = 0;

    const search = element("input", { type: "search", oninput: soon(() => start(), 200), size: 24 });
    const onlyFailed = element("input", { type: "checkbox", onchange: () => start() });
    const pause = button("Pause", () => {
      isPaused = !isPaused;
      pause.textContent = isPaused ? "Go on" : "Pause";
      pause.setAttribute("aria-pressed", isPaused);
      draw();
    }, { "aria-pressed": false });
    const summary = element("p", { className: "quiet", role: "status" });
    const rows = element("tbody");
    const older = button("Show older", () => {
      limit = entries.length + PAGE;
      load(entries.at(-1)?.entry.id);
    });
    const full = element("section", { className: "detail", "aria-label": "Request in full" },
      element("p", { className: "quiet" }, "Choose a request to see it in full."));
    main.append(
      element("div", { className: "bar" },
        field("Search", search),
        element("label", {}, onlyFailed, " only failed"),
        pause),
      summary,
      element("div", { className: "split" },
        element("div", {},
          element("div", { className: "scroll list", tabIndex: 0, role: "region", "aria-label": "Requests" },
            element("table", {},
              element("thead", {}, element("tr", {},
                ["Time", "Operation", "HTTP", "Status", "Duration", "Caller"].map((name) => element("th", { scope: "col" }, name)))),
              rows)),
          older),
        full));

    let chosen;
    const choose = async ({ id }) => {
      chosen = id;
      for (const { entry, shown } of entries) shown.classList.toggle("chosen", entry.id === id);
      let content;
      try {
        // It brings the spec, which the list does not need.
        const { detail } = await import("./requests/detail.js");
        content = await detail(id);
      } catch (error) {
        content = [element("p", { className: "bad", tabIndex: -1 }, error.message)];
      }
      // Another one may have been chosen meanwhile.
      if (chosen !== id) return;
      full.replaceChildren(...content);
      content[0].focus();
    };

    const fits = (entry) => (!onlyFailed.checked || isFailed(entry)) && textOf(entry).includes(search.value.toLowerCase());
    const withRow = (entry) => {
      const shown = row(entry, choose);
      if (entry.id === chosen) shown.classList.add("chosen");
      return { entry, shown };
    };

    /** Loads the requests before one, or the last ones. Returns whether there may be others. */
    const load = async (before, size = PAGE) => {
      loads += 1;
      const mine = loads;
      const query = { last: size, search: search.value };
      if (before !== undefined) query.before = before;
      if (onlyFailed.checked) query.failed = true;
      try {
        const { requests: found } = await get(`requests?${new URLSearchParams(query)}`);
        if (mine !== loads) return false;
        const oldest = entries.at(-1)?.entry.id ?? Infinity;
        const added = found.reverse().filter((entry) => entry.id < oldest).map(withRow);
        entries.push(...added);
        rows.append(...added.map(({ shown }) => shown));
        older.hidden = found.length < size;
        draw();
        return !older.hidden;
      } catch (error) {
        summary.textContent = error.message;
        return false;
      }
    };

    /** Begins with an empty list, after another search. */
    const start = () => {
      entries = [];
      rows.replaceChildren();
      older.hidden = true;
      limit = SHOWN;
      const first = load(undefined, FIRST);
      first.then((areMore) => {
        if (areMore) requestAnimationFrame(() => load(entries.at(-1)?.entry.id, PAGE - FIRST));
      });
      return first;
    };

    const draw = () => {
      if (!isPaused) {
        // Those that were loaded meanwhile are there already.
        const newest = entries[0]?.entry.id ?? 0;
        const added = waiting.filter((entry) => entry.id > newest && fits(entry)).reverse().map(withRow);
        waiting = [];
        rows.prepend(...added.map(({ shown }) => shown));
        entries.unshift(...added);
        for (const { shown } of entries.splice(limit)) {
          shown.remove();
          older.hidden = false;
        }
      }
      const more = isPaused && waiting.length > 0 ? `, ${count(waiting.length, "new one")} waiting` : "";
      const lost = dropped > 0 ? `, ${count(dropped, "event")} left out because this page was too slow` : "";
      const none = search.value || onlyFailed.checked ? "No request is like that." : "No requests yet.";
      summary.textContent = (entries.length === 0 ? none : `${count(entries.length, "request")} shown`) + more + lost;
    };
    // Once for many events: a thousand a second leave the page time for its user.
    const later = soon(draw);

    const ready = start();
    const end = listen(({ kind, entry }) => {
      if (kind === "request") {
        waiting.push(entry);
        // While the view is paused, only the last ones matter.
        if (waiting.length > limit) waiting.shift();
      } else if (kind === "dropped") {
        dropped += entry.count;
      } else if (entry.path.endsWith("/reset")) {
        waiting = [];
        start();
        return;
      }
      later();
    });
    return { end, ready };
  },
};
