// Shows a schema as nested lists: the name, the type and the description of each member.

import { count, element } from "../dom.js";
import { resolve } from "./document.js";
import { prose } from "./prose.js";

// Members below this depth are shown when asked for.
const OPEN_DEPTH = 2;

/** Returns the name of the type of a schema. */
export function typeName(reference) {
  const schema = resolve(reference);
  if (schema.oneOf) return schema.oneOf.map(typeName).join(" or ");
  if (schema.type === "array") return `list of ${plural(typeName(schema.items ?? {}))}`;
  if (schema.format === "binary") return "file";
  if (schema.format === "password") return "credential";
  return schema.type ?? (schema.allOf ? typeName(schema.allOf[0]) : "anything");
}

function plural(type) {
  return type === "anything" ? type : type.split(" or ").map((one) => `${one}s`).join(" or ");
}

/** Returns the description of a schema, or of what it refers to. */
export function descriptionOf(reference) {
  const schema = resolve(reference);
  return schema.description ?? (schema.allOf ?? []).map(descriptionOf).find((text) => text) ?? "";
}

/** Returns the members of a schema and of its parts, each `{ name, schema, required }`. */
export function membersOf(reference) {
  const { properties = {}, required = [], allOf = [] } = resolve(reference);
  const own = Object.entries(properties).map(([name, schema]) => ({ name, schema, required: required.includes(name) }));
  return [...allOf.flatMap(membersOf), ...own];
}

/** Returns an element with the members of a schema, or `null` if none is documented. */
export function schemaTree(reference) {
  return tree(reference, 0, []);
}

function tree(reference, depth, above) {
  const schema = items(reference);
  const members = membersOf(schema);
  if (members.length === 0) return null;
  const inside = [...above, ...referencesOf(schema)];
  return element("ul", { className: "schema" }, members.map((member) => element("li", {},
    element("code", {}, member.name), element("span", { className: "quiet" }, ` ${typeName(member.schema)}`),
    member.required ? element("strong", {}, " required") : null,
    prose(descriptionOf(member.schema)),
    knownValues(member.schema),
    inner(member, depth + 1, inside))));
}

function inner({ name, schema }, depth, above) {
  const isRepeated = referencesOf(items(schema)).some((one) => above.includes(one));
  if (isRepeated) return element("p", { className: "quiet" }, "Has the members of an object that contains it.");
  const shown = tree(schema, depth, above);
  if (shown === null || depth < OPEN_DEPTH) return shown;
  return element("details", {}, element("summary", {}, "Members of ", element("code", {}, name)), shown);
}

/** Returns the schema of the items of a list, at any depth, and any other schema as it is. */
function items(reference) {
  const schema = resolve(reference);
  if (schema.type === "array" && schema.items) return items(schema.items);
  return reference;
}

/** The references by which a schema is known, to notice one that contains itself. */
function referencesOf({ $ref, allOf = [] }) {
  return [...($ref ? [$ref] : []), ...allOf.flatMap(referencesOf)];
}

function knownValues(reference) {
  const values = known(reference);
  if (!values) return null;
  return element("details", {}, element("summary", {}, count(values.length, "known value")),
    element("ul", {}, values.map(({ value, description }) => element("li", {},
      element("code", {}, String(value)), description ? [" ", prose(description, "span")] : null))));
}

function known(reference) {
  const schema = resolve(reference);
  return schema["x-kandy-known-values"] ?? (schema.allOf ?? []).map(known).find((values) => values);
}
