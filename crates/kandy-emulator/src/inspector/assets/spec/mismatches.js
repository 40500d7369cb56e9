// Finds where a request and its response differ from the spec: a validator for the subset of JSON Schema that the spec uses. A test
// of the crate compares the lists below with the spec.

import { pointer } from "../json.js";
import { resolve } from "./document.js";

// Keywords that are checked.
const CHECKED = [
  "$ref", "additionalProperties", "allOf", "format", "items", "maxLength", "minLength", "nullable", "oneOf", "properties", "required",
  "type", "x-kandy-optional-result",
];
// Keywords that allow or forbid nothing. The emulator itself checks new passwords, which requests in the log do not show.
const ANNOTATIONS = ["description", "example", "title", "x-kandy-known-values", "x-kandy-password"];
// Formats. Those of texts are for display.
const FORMATS = ["binary", "int64", "password"];
const TYPES = ["array", "boolean", "integer", "number", "object", "string"];

// What the emulator shows in the place of a credential. It matches everything.
const MASKED = "***";
// The parameter that holds the credential of every operation.
const CREDENTIAL = "key";

/**
 * Returns the differences of a request and its response from an operation of the spec, each as `{ where, path, problem }` with
 * `where` one of `query`, `request body` and `response`, and `path` such as `/message/text`.
 *
 * `query` is an object, or a list of pairs of name and value. `body` and `answer` are JSON values, or `null` if there is none. What is
 * `undefined` is not known, and is not checked.
 */
export function mismatches(operation, { query, body, status, answer }) {
  const found = [];
  const finder = (where) => (path, problem) => found.push({ where, path, problem });
  if (query) checkQuery(operation, Array.isArray(query) ? query : Object.entries(query), finder("query"));
  if (body !== undefined) checkBody(operation, body, finder("request body"));
  if (answer !== undefined) checkAnswer(operation, status, answer, finder("response"));
  return found;
}

function checkQuery({ parameters }, pairs, report) {
  const known = new Map(parameters.map((parameter) => [parameter.name, parameter]));
  const sent = new Set(pairs.map(([name]) => name));
  for (const name of [CREDENTIAL, ...parameters.filter(({ required }) => required).map(({ name }) => name)]) {
    if (!sent.has(name)) report(pointer("", name), "is missing");
  }
  for (const [name, value] of pairs) {
    const parameter = known.get(name);
    if (parameter) check(parameter.schema, fromText(parameter.schema, String(value)), pointer("", name), report);
    else if (name !== CREDENTIAL) report(pointer("", name), "is not documented");
  }
}

function checkBody({ body: documented }, body, report) {
  if (!documented) {
    if (body !== null) report("", "is not documented: the operation has none");
  } else if (body === null) {
    if (documented.required) report("", "is missing");
  } else {
    check(documented.schema, body, "", report);
    checkNames(documented.schema, body, "", report);
  }
}

/** Reports members of a request that are not documented. A response may have others: readers are tolerant. */
function checkNames(reference, value, path, report) {
  if (Array.isArray(value)) {
    const { items } = resolve(reference);
    if (items) value.forEach((item, at) => checkNames(items, item, pointer(path, at), report));
  } else if (value !== null && typeof value === "object") {
    const known = documentedMembers(reference);
    if (!known) return;
    for (const [name, inner] of Object.entries(value)) {
      if (known.has(name)) checkNames(known.get(name), inner, pointer(path, name), report);
      else report(pointer(path, name), "is not documented");
    }
  }
}

/** The schemas of the documented members of an object, or nothing if it may have any. */
function documentedMembers(reference) {
  const { properties, additionalProperties = false, allOf = [], oneOf } = resolve(reference);
  const parts = allOf.map(documentedMembers);
  if (oneOf || additionalProperties !== false || parts.includes(undefined) || (!properties && parts.length === 0)) return undefined;
  return new Map([...Object.entries(properties ?? {}), ...parts.flatMap((part) => [...part])]);
}

function checkAnswer({ responses }, status, answer, report) {
  const success = responses["200"];
  const isFile = resolve(success.schema).format === "binary";
  // A file has no envelope, and so no status.
  if (isFile && (status === null || status === undefined)) return;
  const { schema } = status === 0 && !isFile ? success : responses["4XX"];
  if (answer === null) {
    report("", "is missing");
    return;
  }
  check(schema, answer, "", report);
  // `required` cannot say it, because a fault with HTTP 200 has no result.
  if (status === 0 && hasResult(schema) && answer?.result === undefined) report("/result", "is missing");
}

/** Whether a success has a result. */
function hasResult(schema) {
  const resolved = resolve(schema);
  return (resolved.properties?.result !== undefined && resolved["x-kandy-optional-result"] !== true)
    || (resolved.allOf ?? []).some(hasResult);
}

/** The value that a parameter has as text, as its schema has it. A text that has no such value stays one. */
function fromText(schema, text) {
  const { type } = resolve(schema);
  if (type === "integer" && /^[+\-]?\d+$/.test(text)) return Number(text);
  if (type === "number" && text.trim() !== "" && Number.isFinite(Number(text))) return Number(text);
  if (type === "boolean" && ["true", "false"].includes(text)) return text === "true";
  if (type === "array" || type === "object") {
    try {
      return JSON.parse(text);
    } catch {
      return text;
    }
  }
  return text;
}

/** Checks a value, and calls `report` with the path and the problem of each difference. */
function check(reference, value, path, report) {
  const schema = resolve(reference);
  if (value === MASKED || (value === null && allowsNull(schema))) return;
  if (value === null && schema.type !== undefined) {
    report(path, "is null");
    return;
  }
  if (schema.type !== undefined && !hasType(schema, value)) {
    report(path, `is not ${article(typeOf(schema))}`);
    return;
  }
  for (const part of schema.allOf ?? []) check(part, value, path, report);
  if (schema.oneOf) checkOneOf(schema.oneOf, value, path, report);
  if (typeof value === "string") checkLength(schema, value, path, report);
  if (Array.isArray(value)) {
    if (schema.items) value.forEach((item, at) => check(schema.items, item, pointer(path, at), report));
  } else if (value !== null && typeof value === "object") {
    checkMembers(schema, value, path, report);
  }
}

function allowsNull({ nullable, oneOf }) {
  return nullable === true || (oneOf ?? []).some((part) => allowsNull(resolve(part)));
}

function hasType({ type, format }, value) {
  switch (type) {
    case "array": return Array.isArray(value);
    case "object": return typeof value === "object" && !Array.isArray(value);
    // Larger whole numbers have been rounded by the browser.
    case "integer": return Number.isInteger(value) && (format !== "int64" || Math.abs(value) <= 2 ** 63);
    default: return typeof value === type;
  }
}

function checkOneOf(parts, value, path, report) {
  const fitting = parts.filter((part) => {
    let fits = true;
    check(part, value, path, () => { fits = false; });
    return fits;
  });
  if (fitting.length === 0) report(path, `is not ${parts.map((part) => article(typeOf(resolve(part)))).join(" or ")}`);
  else if (fitting.length > 1) report(path, "has several of the documented forms at once");
}

function checkLength({ minLength = 0, maxLength = Infinity }, value, path, report) {
  const { length } = [...value];
  if (length < minLength) report(path, `has less than ${minLength} characters`);
  if (length > maxLength) report(path, `has more than ${maxLength} characters`);
}

function checkMembers({ required = [], properties = {}, additionalProperties = true }, value, path, report) {
  for (const name of required) if (!Object.hasOwn(value, name)) report(pointer(path, name), "is missing");
  for (const [name, inner] of Object.entries(value)) {
    if (Object.hasOwn(properties, name)) check(properties[name], inner, pointer(path, name), report);
    else if (additionalProperties === false) report(pointer(path, name), "is not documented");
    else if (additionalProperties !== true) check(additionalProperties, inner, pointer(path, name), report);
  }
}

function typeOf({ type, format }) {
  if (type === "integer") return "whole number";
  if (type === "array") return "list";
  return format === "binary" ? "file" : type ?? "value";
}

function article(noun) {
  return `${/^[aeiou]/.test(noun) ? "an" : "a"} ${noun}`;
}
