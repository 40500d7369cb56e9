// A request as a command for a shell. Credentials are variables: the emulator shows none.

import { randomId } from "../../dom.js";

/** Returns the command; `exchange` has the body, if it is kept. */
export function curl(entry, exchange) {
  const parameters = entry.query.map(([name, value]) => {
    // It leaves quotes and brackets as they are, which mean something to a shell.
    const encoded = quoted(encodeURIComponent(name));
    return value === "***" ? `${encoded}="$${variable(name)}"` : `${encoded}=${quoted(encodeURIComponent(value))}`;
  });
  const url = quoted(location.origin + entry.path) + (parameters.length > 0 ? `'?'${parameters.join("'&'")}` : "");
  return ["curl", "-X", quoted(entry.method), ...body(exchange?.request.body), url].join(" ");
}

function body(kept) {
  switch (kept?.kind) {
    case "json": return ["-H", quoted("content-type: application/json"), "--data-raw", data(kept.value)];
    case "form": return kept.fields.flatMap(([name, value]) => ["--data-urlencode",
      value === "***" ? `${quoted(`${name}=`)}"$${variable(name)}"` : quoted(`${name}=${value}`)]);
    case "text": return ["--data-raw", quoted(kept.text)];
    case "left_out": return ["--data-binary", "@FILE"];
    default: return [];
  }
}

/** JSON, with a variable for each credential. */
function data(value) {
  const names = [];
  // No text of the request has it.
  const place = `credential-${randomId()}-`;
  const text = JSON.stringify(value, (name, member) => member === "***" ? place + (names.push(variable(name)) - 1) : member);
  return quoted(text).replace(new RegExp(`${place}(\\d+)`, "g"), (_, at) => `'"$${names[Number(at)]}"'`);
}

/** The name of the variable of a credential. */
function variable(name) {
  return name.toUpperCase().replace(/[^A-Z0-9]/g, "_").replace(/^(?=\d|$)/, "_");
}

/** Quotes a word for a shell. */
function quoted(text) {
  return /^[A-Za-z0-9_\-.:\/%]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
