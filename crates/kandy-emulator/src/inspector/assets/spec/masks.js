// Which names hold a credential, and values without credentials. The rule is that of the SDK: the spec decides for the names that it
// knows, and words in them for others.

import { namedSchemas, resolve } from "./document.js";

const WORDS = /token|secret|password|key|code/i;
const MASK = "***";

// Whether each name of the spec holds a credential.
const named = new Map();

/** Whether a member or a parameter of this name holds a credential. Until the spec is loaded, the words decide alone. */
export function isCredential(name) {
  if (named.size === 0) {
    for (const [known, schema] of namedSchemas()) named.set(known, named.get(known) === true || isSecret(schema));
  }
  // `key`, the credential of each operation, is no parameter in the spec.
  return named.get(name) ?? WORDS.test(name);
}

/** Whether the values of a schema are credentials. */
export function isSecret(schema) {
  const resolved = resolve(schema);
  return resolved.format === "password" || (resolved.allOf ?? []).some(isSecret)
    || (resolved.items !== undefined && isSecret(resolved.items));
}

/** Returns a JSON value in which credentials are replaced by `***`: by their names, and `sent`, which the request had. */
export function masked(value, sent = []) {
  if (Array.isArray(value)) return value.map((item) => masked(item, sent));
  if (value !== null && typeof value === "object") {
    return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, isCredential(name) ? hidden(member) : masked(member, sent)]));
  }
  return typeof value === "string" ? sent.filter((one) => one !== "").reduce((text, one) => text.replaceAll(one, MASK), value) : value;
}

/** Masks all texts and numbers in a value. */
function hidden(value) {
  if (value === null || typeof value === "boolean") return value;
  if (Array.isArray(value)) return value.map(hidden);
  if (typeof value === "object") return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, hidden(member)]));
  return MASK;
}
