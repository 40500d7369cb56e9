// Moments and durations as texts, and a pace for what costs the emulator time.

import { element } from "./dom.js";

const MOMENT = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium", hourCycle: "h23" });

/** Returns the date and the time of a number of milliseconds since 1970. */
export function moment(milliseconds) {
  const date = new Date(milliseconds);
  return element("time", { dateTime: date.toISOString() }, MOMENT.format(date));
}

const UNITS = [["d", 86_400_000], ["h", 3_600_000], ["min", 60_000], ["s", 1000]];

/** Returns a duration in its two largest units: `1 h 5 min`. */
export function duration(milliseconds) {
  const first = UNITS.findIndex(([, unit]) => milliseconds >= unit);
  if (first === -1) return `${Math.max(0, Math.round(milliseconds))} ms`;
  const [[name, unit], smaller] = [UNITS[first], UNITS[first + 1]];
  const rest = smaller ? Math.floor((milliseconds % unit) / smaller[1]) : 0;
  return `${Math.floor(milliseconds / unit).toLocaleString()} ${name}${rest > 0 ? ` ${rest} ${smaller[0]}` : ""}`;
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
