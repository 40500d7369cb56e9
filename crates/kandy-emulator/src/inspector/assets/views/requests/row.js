// A row of the list of requests.

import { button, element, foreign, timeOfDay } from "../../dom.js";

/** Returns the row of an entry. */
export function row(entry, choose) {
  const name = entry.operation ?? "unknown request";
  return element("tr", {},
    element("td", {}, timeOfDay(entry.time)),
    element("td", { className: "operation" },
      button(name, () => choose(entry), { "aria-label": `Details of ${name}` }),
      element("small", {}, `${entry.method} `, foreign(entry.path)),
      entry.injected ? element("small", { className: "bad" }, `injected: ${entry.injected}`) : null),
    element("td", { className: entry.http_status >= 400 ? "bad" : "" }, `${entry.http_status ?? "no response"}`),
    element("td", { className: entry.status ? "bad" : "good" }, `${entry.status ?? ""}`),
    element("td", {}, duration(entry)),
    element("td", { className: "caller" }, entry.caller ? foreign(entry.caller) : ""));
}

/** How long the emulator took for a request. */
export function duration({ duration_us: microseconds }) {
  return microseconds < 1000 ? `${microseconds} µs` : `${(microseconds / 1000).toFixed(1)} ms`;
}

/** Whether a request failed. */
export function isFailed({ http_status: http, status }) {
  return http === null || http >= 400 || (status !== null && status !== 0);
}

/** What a search looks at: the emulator searches the same in older requests. */
export function textOf(entry) {
  const query = entry.query.map(([name, value]) => `${name}=${value}&`).join("");
  const parts = [entry.operation ?? "", entry.method, entry.path, query, entry.http_status ?? 0, entry.status ?? 0,
    entry.injected ?? "", entry.caller ?? ""];
  return parts.join(" ").toLowerCase();
}
