// Shows JSON, indented, with marks on some of its values.

import { element, foreign } from "./dom.js";

/** The path of a member of an object or an item of a list, as a JSON pointer. */
export function pointer(path, name) {
  return `${path}/${String(name).replaceAll("~", "~0").replaceAll("/", "~1")}`;
}

/** Returns a block with a JSON value. `marks` are problems by the path of a value, such as `/message/text`. */
export function json(value, marks = new Map()) {
  return element("pre", { tabIndex: 0 }, node(value, "", "", marks));
}

function node(value, path, indent, marks) {
  const shown = content(value, path, indent, marks);
  const problem = marks.get(path);
  return problem ? [element("mark", {}, ...shown), element("span", { className: "bad" }, ` ⚠ ${problem}`)] : shown;
}

function content(value, path, indent, marks) {
  if (typeof value === "string") return [foreign(JSON.stringify(value))];
  if (value === null || typeof value !== "object") return [String(value)];
  const isList = Array.isArray(value);
  const entries = Object.entries(value);
  const [open, close] = isList ? "[]" : "{}";
  if (entries.length === 0) return [open + close];
  const inner = `${indent}  `;
  return [open, ...entries.flatMap(([name, member], at) => [
    `\n${inner}`,
    isList ? null : foreign(`${JSON.stringify(name)}: `),
    ...node(member, pointer(path, name), inner, marks),
    at < entries.length - 1 ? "," : null,
  ]), `\n${indent}${close}`];
}
