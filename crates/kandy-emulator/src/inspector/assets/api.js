// Calls the endpoints of the emulator.

const BASE = "/_emulator/";

/** Calls an endpoint and returns its JSON. Fails with the message of the emulator. */
export function call(method, endpoint, body) {
  const options = { method };
  if (body !== undefined) options.body = body instanceof Blob ? body : JSON.stringify(body);
  return request(BASE + endpoint, options);
}

/** Calls an operation of the API as a program does: credentials are in the query. Fails if it is refused. */
export function send(path, query, body) {
  return operate(path, query, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
}

/** Uploads a file, as a program does. Fails if it is refused. */
export function upload(path, query, file) {
  const form = new FormData();
  form.append("file", file);
  return operate(path, query, { method: "POST", body: form });
}

async function operate(path, query, options) {
  const json = await request(`${path}?${new URLSearchParams(query)}`, options);
  if (json.status !== 0) throw new Error(json.message ?? `The emulator refused it with status ${json.status}.`);
  return json;
}

async function request(url, options) {
  let response;
  try {
    response = await fetch(url, options);
  } catch {
    throw new Error("The emulator cannot be reached.");
  }
  const text = await response.text();
  let json;
  try {
    json = JSON.parse(text);
  } catch {
    throw new Error(`The emulator returned HTTP ${response.status}.`);
  }
  if (!response.ok) throw new Error(json.message ?? `The emulator returned HTTP ${response.status}.`);
  return json;
}

/** Reads from an endpoint. */
export function get(endpoint) {
  return call("GET", endpoint);
}

/** The address of an endpoint. */
export function address(endpoint) {
  return BASE + endpoint;
}
