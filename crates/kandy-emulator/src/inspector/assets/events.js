// The stream of events, which all views share. The browser connects again by itself, after the last event.

import { address } from "./api.js";

const listeners = new Set();
let source;

/** Calls `listener` with `{ kind, entry }` for each event, until the returned function is called. */
export function listen(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Connects, and tells of the state of the connection: `connected` or `disconnected`. */
export function connect(onState) {
  source?.close();
  source = new EventSource(address("events"));
  source.onopen = () => onState("connected");
  source.onerror = () => onState("disconnected");
  for (const kind of ["request", "change", "dropped"]) {
    source.addEventListener(kind, (event) => {
      const entry = JSON.parse(event.data);
      for (const listener of listeners) listener({ kind, entry });
    });
  }
}

/**
 * Returns a function that calls `action` soon, and once for many calls: a view that is refreshed for each of a thousand events
 * shows none of them.
 */
export function soon(action, milliseconds = 150) {
  let timer;
  return () => {
    timer ??= setTimeout(() => { timer = undefined; action(); }, milliseconds);
  };
}
