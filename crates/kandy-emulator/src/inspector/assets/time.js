// Moments and durations as texts.

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
