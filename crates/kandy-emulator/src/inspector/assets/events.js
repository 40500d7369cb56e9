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

// The share of the time that paced actions may take.
const PAUSE_FACTOR = 20;

/**
 * Returns a function that calls an asynchronous `action` soon, and once for many calls. After an action that took long it pauses
 * longer, so that counting a million objects takes at most a twentieth of the time. `stop` ends it.
 */
export function paced(action, milliseconds = 500) {
  let timer;
  let isWanted = false;
  let isStopped = false;
  // When the pause after the last action is over.
  let next = 0;
  const wait = () => setTimeout(run, Math.max(milliseconds, next - performance.now()));
  const run = async () => {
    isWanted = false;
    const began = performance.now();
    await action();
    const ended = performance.now();
    next = ended + PAUSE_FACTOR * (ended - began);
    timer = isWanted && !isStopped ? wait() : undefined;
  };
  const call = () => {
    isWanted = true;
    if (!isStopped) timer ??= wait();
  };
  call.stop = () => {
    isStopped = true;
    clearTimeout(timer);
  };
  return call;
}
