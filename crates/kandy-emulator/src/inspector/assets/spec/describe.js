// The documentation of an operation.

import { element } from "../dom.js";
import { credentialDescription } from "./document.js";
import { prose } from "./prose.js";
import { descriptionOf, membersOf, schemaTree, typeName } from "./schema_tree.js";

const CONFIDENCE = {
  A: "documented by the vendor",
  B: "seen in two or more independent clients",
  C: "seen in one client",
};

/** Returns an element that documents an operation. */
export function describe(operation) {
  return element("article", { className: "operation" },
    element("h3", {}, operation.summary),
    element("p", { className: "request" }, element("strong", {}, operation.method), " ", element("code", {}, operation.url)),
    prose(operation.description),
    element("dl", {},
      element("dt", {}, "Id"), element("dd", {}, element("code", {}, operation.id)),
      element("dt", {}, "Confidence"), element("dd", {}, `${operation.confidence}: ${CONFIDENCE[operation.confidence] ?? "unknown"}`),
      element("dt", {}, "Credential"), element("dd", {}, credentials(operation))),
    element("h4", {}, "Parameters"), parameters(operation),
    element("h4", {}, "Request body"), body(operation),
    element("h4", {}, "Result"), result(operation),
    element("h4", {}, "Example"), example(operation));
}

function credentials({ security }) {
  return security.flatMap((scheme, at) => [at > 0 ? " or " : null,
    element("code", {}, "key"), ": ", prose(credentialDescription(scheme), "span")]);
}

function parameters({ parameters: all }) {
  if (all.length === 0) return element("p", { className: "quiet" }, "None but the credential.");
  return element("div", { className: "scroll", tabIndex: 0, role: "region", "aria-label": "Parameters" }, element("table", {},
    element("thead", {}, element("tr", {}, ["Name", "Type", "Description"].map((name) => element("th", { scope: "col" }, name)))),
    element("tbody", {}, all.map(({ name, required, schema, description }) => element("tr", {},
      element("th", { scope: "row" }, element("code", {}, name)),
      element("td", {}, typeName(schema), required ? element("strong", {}, " required") : null),
      element("td", {}, prose(description)))))));
}

function body({ body: documented }) {
  if (!documented) return element("p", { className: "quiet" }, "None.");
  const { type, required, description, schema } = documented;
  return [
    element("p", { className: "quiet" }, `${type}, ${typeName(schema)}, ${required ? "required" : "optional"}`),
    ...prose(description || descriptionOf(schema)), schemaTree(schema),
  ];
}

/** The result of a success; the envelope around it is the same for all operations. */
function result({ responses }) {
  const { type, description, schema } = responses["200"];
  const found = membersOf(schema).find(({ name }) => name === "result");
  if (!found) {
    return [...prose(description), element("p", { className: "quiet" }, type === "application/json" ? "The envelope alone." : "A file, without an envelope.")];
  }
  const text = descriptionOf(found.schema);
  return [
    element("p", { className: "quiet" }, `${typeName(found.schema)}, as `, element("code", {}, "result"), " in the envelope"),
    ...prose(description), ...(text === description ? [] : prose(text)), schemaTree(found.schema),
  ];
}

function example({ method, url, example: { query, body: sent, answer } }) {
  const parts = Object.entries({ key: "…", ...query }).map(([name, value]) => `${name}=${value}`);
  return [
    code("Example of the request", `${method} ${url}?${parts.join("&")}${sent === undefined ? "" : `\n\n${text(sent)}`}`),
    answer === undefined ? null : code("Example of the response", text(answer)),
  ];
}

function text(value) {
  return typeof value === "string" ? value : JSON.stringify(value, undefined, 2);
}

/** A text with its line breaks, which is scrolled by keyboard, too. */
function code(label, content) {
  return element("pre", { tabIndex: 0, role: "region", "aria-label": label }, content);
}
