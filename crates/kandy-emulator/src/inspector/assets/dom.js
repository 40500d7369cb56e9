// Builds elements. All text becomes text, never markup: it comes from programs and from other users.

/**
 * Builds an element. `properties` are set on it, `on…` as listeners, and names with a hyphen as attributes; children are elements,
 * texts, or nothing.
 */
export function element(name, properties = {}, ...children) {
  const built = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (value === undefined || value === null) continue;
    if (key.startsWith("on")) built.addEventListener(key.slice(2), value);
    else if (key.includes("-") || key === "role") built.setAttribute(key, value);
    else built[key] = value;
  }
  built.append(...children.flat().filter((child) => child !== undefined && child !== null && child !== false));
  return built;
}

// Control characters, and those that change the direction of text or have no width: a name may hide behind them. A joiner between
// pictures makes one of them.
const INVISIBLE = new RegExp(
  "[\\u0000-\\u0008\\u000b-\\u001f\\u007f-\\u009f\\u00ad\\u061c\\u200b\\u200c\\u200e\\u200f\\u2028-\\u202e\\u2060-\\u2069\\ufeff]"
  + "|(?<![\\p{Extended_Pictographic}\\p{Emoji_Modifier}\\ufe0f])\\u200d|\\u200d(?!\\p{Extended_Pictographic})", "gu");

/** Returns an element with a text of others, set apart from its surroundings, with what cannot be seen written out. */
export function foreign(text) {
  const holder = element("bdi", { className: "foreign" });
  let begin = 0;
  for (const match of text.matchAll(INVISIBLE)) {
    holder.append(text.slice(begin, match.index));
    const code = match[0].codePointAt(0).toString(16).toUpperCase().padStart(4, "0");
    holder.append(element("span", { className: "invisible" }, `U+${code}`));
    begin = match.index + match[0].length;
  }
  holder.append(text.slice(begin));
  return holder;
}

/** Returns a random id. `crypto.randomUUID` is for pages over TLS and of this machine only. */
export function randomId() {
  const digits = [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return digits.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12})$/, "$1-$2-4$3-8$4-$5");
}

/** Returns a button. */
export function button(label, onclick, properties = {}) {
  return element("button", { type: "button", onclick, ...properties }, label);
}

/** Returns a labelled field. */
export function field(label, input) {
  return element("label", { className: "field" }, element("span", {}, label), input);
}

/** Replaces the options of a list, each a value or a value with its text, unless it has these already: an open list would close. */
export function replaceOptions(list, options) {
  const built = options.map((option) => {
    const [value, text] = Array.isArray(option) ? option : [option, option];
    return element("option", { value }, text);
  });
  const present = [...list.children];
  const isSame = ({ value, textContent }, at) => value === present[at].value && textContent === present[at].textContent;
  if (present.length === built.length && built.every(isSame)) return;
  list.replaceChildren(...built);
}

/** Copies a text, and says so on the button. */
export function copyButton(label, text) {
  const copy = button(label, async () => {
    try {
      await navigator.clipboard.writeText(text);
      copy.textContent = "Copied";
    } catch {
      copy.textContent = "Copying is not allowed here";
    }
    setTimeout(() => { copy.textContent = label; }, 1500);
  });
  return copy;
}

const TIME = new Intl.DateTimeFormat(undefined, {
  hour: "2-digit", minute: "2-digit", second: "2-digit", fractionalSecondDigits: 3, hourCycle: "h23",
});

/** Returns the time of the day of a number of milliseconds since 1970. */
export function timeOfDay(milliseconds) {
  const date = new Date(milliseconds);
  return element("time", { dateTime: date.toISOString() }, TIME.format(date));
}

const NUMBER = new Intl.NumberFormat();

/** Returns a number with a noun: `1 row`, `2 rows`. */
export function count(number, one, more = `${one}s`) {
  return `${NUMBER.format(number)} ${number === 1 ? one : more}`;
}
