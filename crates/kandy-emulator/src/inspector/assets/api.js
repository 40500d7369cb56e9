// Calls the endpoints of the emulator.

const BASE = "/_emulator/";

/** Calls an endpoint and returns its JSON. Fails with the message of the emulator. */
export async function call(method, endpoint, body) {
  const options = { method };
  if (body !== undefined) options.body = body instanceof Blob ? body : JSON.stringify(body);
  let response;
  try {
    response = await fetch(BASE + endpoint, options);
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
