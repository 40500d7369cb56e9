// Loads the spec and finds operations in it. References are resolved when they are looked at, since schemas may contain themselves.

import { get } from "../api.js";

const DEFAULT_VERSION = "v1.2";

let loading;
let root;

/** Loads the spec once; after a failure, the next call tries again. */
export function load() {
  loading ??= get("openapi.json").then((json) => {
    root = json;
    return all(json);
  }).catch((error) => {
    loading = undefined;
    throw error;
  });
  return loading;
}

/** Returns all operations, in the order of the spec. */
export async function operations() {
  return [...(await load()).values()];
}

/** Returns the operation with an id, or `undefined`. */
export async function operation(id) {
  return (await load()).get(id);
}

/** Returns the chapters, each `{ tag, description, operations }`, in the order of the spec. */
export async function chapters() {
  const known = await operations();
  return root.tags.map(({ name: tag, description }) => ({ tag, description, operations: known.filter((one) => one.tag === tag) }));
}

/** Follows a reference, and one that it leads to. The spec has been loaded: only its parts contain references. */
export function resolve(part) {
  let found = part;
  while (typeof found?.$ref === "string") {
    found = found.$ref.replace(/^#\//, "").split("/").reduce((at, name) => at?.[name.replaceAll("~1", "/").replaceAll("~0", "~")], root);
  }
  return found ?? {};
}

/** Returns the description of a credential, by the name of its security scheme. */
export function credentialDescription(scheme) {
  return root.components.securitySchemes[scheme]?.description ?? "";
}

/** Returns all schemas with the name of the member or parameter that has them. */
export function namedSchemas() {
  const found = [];
  const visit = (part) => {
    if (part === null || typeof part !== "object") return;
    if (typeof part.name === "string" && part.in !== undefined && part.schema) found.push([part.name, part.schema]);
    if (part.properties) found.push(...Object.entries(part.properties));
    // Examples contain members of the same names.
    for (const [name, value] of Object.entries(part)) if (name !== "example") visit(value);
  };
  visit(root);
  return found;
}

function all(json) {
  const found = new Map();
  for (const [path, item] of Object.entries(json.paths)) {
    for (const [method, described] of Object.entries(item)) found.set(described.operationId, read(path, method, described));
  }
  return found;
}

function read(path, method, described) {
  const parameters = (described.parameters ?? []).map((parameter) => {
    const { name, required = false, description = "", schema = {}, example } = resolve(parameter);
    return { name, required, description, schema, example };
  });
  const body = described.requestBody && content(resolve(described.requestBody));
  const responses = Object.fromEntries(Object.entries(described.responses).map(([status, one]) => [status, content(resolve(one))]));
  const required = parameters.filter((parameter) => parameter.required && parameter.example !== undefined);
  return {
    id: described.operationId,
    tag: described.tags[0],
    method: method.toUpperCase(),
    path,
    // The path with the version of the API.
    url: `/${described["x-kandy-version"] ?? DEFAULT_VERSION}${path}`,
    summary: described.summary,
    description: described.description ?? "",
    confidence: described["x-kandy-confidence"],
    // The credentials of which one is sent, by the names of their security schemes.
    security: (described.security ?? []).flatMap((one) => Object.keys(one)),
    parameters,
    body: body ?? null,
    responses,
    example: {
      query: Object.fromEntries(required.map(({ name, example }) => [name, example])),
      body: body?.example,
      answer: responses["200"]?.example,
    },
  };
}

/** The first content of a body, which is that of a success. */
function content({ required = false, description = "", content: contents = {} }) {
  const [type, { schema = {}, example } = {}] = Object.entries(contents)[0] ?? [];
  return { required, description, type, schema, example };
}
