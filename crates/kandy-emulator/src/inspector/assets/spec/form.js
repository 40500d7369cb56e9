// A form that sends a call of an operation: its caller, its parameters and its body.

import { get } from "../api.js";
import { button, element, field, replaceOptions } from "../dom.js";
import { sendAndShow } from "./answer.js";
import { caller } from "./caller.js";
import { resolve } from "./document.js";
import { isSecret } from "./masks.js";

// The parameters whose values are the ids of what the user has.
const OWNED = { device_id: "devices", group_id: "groups" };

/** Returns a form for an operation, and `update(state)`, which takes the names of users and domains. */
export function form(operation) {
  const inputs = new Map(operation.parameters.map((parameter) => [parameter.name, input(parameter)]));
  const lists = operation.parameters.filter(({ name }) => OWNED[name]).map(({ name }) => {
    const list = element("datalist", { id: `api-${name}` });
    inputs.get(name).setAttribute("list", list.id);
    return { kind: OWNED[name], list, owned: inputs.get(name) };
  });
  const suggest = async () => {
    const of = sender.user();
    if (lists.length === 0 || !of) return;
    // A user who does not exist has none.
    const found = await get(`conversation?${new URLSearchParams({ of })}`).catch(() => ({}));
    for (const { kind, list, owned } of lists) {
      const before = [...list.children].map((option) => option.value);
      const ids = (found[kind] ?? []).map(({ id }) => id);
      replaceOptions(list, ids);
      // The first one, in the place of that of another user, but never of what was typed.
      if (owned.required && (owned.value === "" || before.includes(owned.value))) owned.value = ids[0] ?? "";
    }
  };
  const sender = caller(operation, { onchange: () => suggest(), fill: (name, value) => { inputs.get(name).value = value; } });
  const body = bodyField(operation.body);
  const outcome = element("p", { role: "status" });
  const answer = element("div");
  const show = (text, isFailed, shown) => {
    outcome.textContent = text;
    outcome.className = isFailed ? "bad" : "good";
    answer.replaceChildren(...shown);
  };
  const send = button("Send", undefined, { type: "submit" });
  const onsubmit = async (event) => {
    event.preventDefault();
    send.disabled = true;
    try {
      const query = [["key", await sender.credential()]];
      for (const [name, { value }] of inputs) if (value !== "") query.push([name, value]);
      const sent = await sendAndShow(operation, query, body.read());
      show(sent.outcome, sent.isFailed, sent.shown);
    } catch (error) {
      show(error.message, true, []);
    }
    send.disabled = false;
    // A disabled button loses the focus.
    if (document.activeElement === document.body) send.focus();
  };
  const built = element("form", { className: "call", onsubmit, "aria-labelledby": "api-call" },
    element("h3", { id: "api-call" }, "Send this call"),
    sender.section,
    inputs.size === 0 ? null : element("fieldset", {}, element("legend", {}, "Parameters"),
      operation.parameters.map(({ name, required }) => field(required ? `${name} (required)` : name, inputs.get(name))),
      lists.map(({ list }) => list)),
    body.section,
    operation.method === "DELETE" ? element("p", { className: "bad" }, "This call deletes. Keep a snapshot before it, to get back what it deletes.") : null,
    send, outcome, answer);
  suggest();
  return { form: built, update: (state) => sender.update(state) };
}

function input({ schema, required, example }) {
  const { type, enum: values } = resolve(schema);
  const choices = type === "boolean" ? ["true", "false"] : values;
  if (choices) {
    return element("select", { required }, element("option", { value: "" }, "not sent"),
      choices.map((value) => element("option", { value }, String(value))));
  }
  if (isSecret(schema)) return element("input", { type: "password", autocomplete: "off", required, size: 28 });
  const kind = type === "integer" || type === "number" ? "number" : "text";
  const step = type === "integer" ? "1" : "any";
  return element("input", { type: kind, step: kind === "number" ? step : undefined, required, autocomplete: "off", size: 28,
    placeholder: example === undefined ? undefined : `such as ${example}` });
}

/** The fields of a body, and `read()`, which returns what is sent. */
function bodyField(documented) {
  if (!documented) return { section: null, read: () => undefined };
  const { type, required, schema, example } = documented;
  if (type === "application/json") {
    const text = element("textarea", { value: JSON.stringify(example ?? {}, undefined, 2), spellcheck: false, rows: 12 });
    return { section: field("Body, as JSON", text), read: () => (text.value.trim() === "" ? undefined : text.value) };
  }
  const parts = Object.keys(resolve(schema).properties ?? {}).map((name) => [name, element("input", { type: "file", required })]);
  return {
    section: element("fieldset", {}, element("legend", {}, "Body"), parts.map(([name, file]) => field(name, file))),
    read() {
      const data = new FormData();
      for (const [name, { files }] of parts) if (files.length > 0) data.append(name, files[0]);
      return data;
    },
  };
}
