// The form of a fault, made of the kinds and fields that the emulator describes.

import { button, copyButton, element, field } from "../dom.js";

const GROUPS = { responses: "Responses", connections: "Connections", channel: "Data channels" };
const SCOPES = { "": "every request", operation: "one operation", tag: "the operations of a tag", level: "the operations of a level" };
const TRIGGERS = { "": "every match", nth: "one match", every: "every nth match", probability: "a share of the matches" };
// The fields that have a place of their own, and those that a choice comes with.
const PLACED = new Set(["operation", "tag", "level", "nth", "every", "probability", "seed", "times"]);

/** Returns the form. `arm` is called with the fault as JSON. */
export function faultForm({ kinds, fields }, arm) {
  const known = Object.fromEntries(fields.map((one) => [one.name, one]));
  const inputs = Object.fromEntries(fields.map((one) => [one.name, inputOf(one)]));
  const kind = select(Object.entries(GROUPS).map(([group, label]) => element("optgroup", { label },
    kinds.filter((one) => one.group === group).map((one) => element("option", { value: one.name }, one.name)))), () => draw());
  const explanation = element("p", { id: "fault-kind" });
  kind.setAttribute("aria-describedby", "fault-kind");
  const own = element("div", { className: "fields" });
  const scope = select(options(SCOPES), () => draw());
  const scoped = element("div", { className: "fields" });
  const scopes = element("fieldset", {}, element("legend", {}, "Which requests"), field("Requests to", scope), scoped);
  const trigger = select(options(TRIGGERS), () => draw());
  const triggered = element("div", { className: "fields" });
  const json = element("pre", { tabIndex: 0, "aria-label": "The fault as JSON" });
  const operations = element("datalist", { id: "fault-operations" }, known.operation.values.map((value) => element("option", { value })));
  const copy = element("div", { className: "bar" });

  const chosen = () => kinds.find((one) => one.name === kind.value);
  /** The names of the fields that the choices lead to. */
  const shown = () => {
    const { required, optional } = chosen();
    const names = [...required, ...optional].filter((name) => !PLACED.has(name));
    if (optional.includes(scope.value)) names.push(scope.value);
    if (trigger.value) names.push(trigger.value);
    if (trigger.value === "probability") names.push("seed");
    return [...names, "times"];
  };
  const isNeeded = (name) => chosen().required.includes(name) || name === scope.value || name === trigger.value;
  const fault = () => {
    const entries = shown().map((name) => [name, valueOf(known[name], inputs[name].input)]);
    return Object.fromEntries([["kind", kind.value], ...entries.filter(([, value]) => value !== undefined)]);
  };
  const write = () => {
    json.textContent = JSON.stringify(fault(), null, 2);
    copy.replaceChildren(copyButton("Copy", JSON.stringify(fault())));
  };
  const draw = () => {
    explanation.textContent = chosen().explanation;
    scopes.hidden = !chosen().optional.includes("operation");
    const names = shown();
    for (const name of names) {
      const { input, mark } = inputs[name];
      input.required = isNeeded(name);
      mark.textContent = input.required ? " (required)" : "";
    }
    const rows = (wanted) => names.filter(wanted).map((name) => inputs[name].row);
    own.replaceChildren(...rows((name) => !PLACED.has(name)));
    scoped.replaceChildren(...rows((name) => name in SCOPES));
    triggered.replaceChildren(...rows((name) => name in TRIGGERS || name === "seed" || name === "times"));
    write();
  };

  const form = element("form", {
    className: "fault",
    oninput: () => write(),
    onsubmit: (event) => {
      event.preventDefault();
      arm(fault());
    },
  },
  field("Kind", kind), explanation, own, scopes,
  element("fieldset", {}, element("legend", {}, "When"), field("Triggers on", trigger), triggered),
  operations,
  element("details", {}, element("summary", {}, "As JSON"), json, copy),
  element("div", { className: "bar" }, button("Arm", undefined, { type: "submit" })));
  draw();
  return form;
}

function options(labels) {
  return Object.entries(labels).map(([value, label]) => element("option", { value }, label));
}

function select(children, onchange) {
  return element("select", { onchange }, children);
}

/** An input for a field, with its explanation. */
function inputOf({ name, type, explanation, unit, values }) {
  const mark = element("span");
  const hint = element("small", { id: `fault-${name}`, className: "quiet" }, explanation);
  let input;
  if (name === "operation") {
    input = element("input", { autocomplete: "off", spellcheck: false });
    input.setAttribute("list", "fault-operations");
  } else if (type === "number") {
    input = element("input", { type: "number", step: name === "probability" ? "any" : 1 });
    if (name === "probability") Object.assign(input, { min: 0, max: 1 });
  } else {
    input = select([element("option", { value: "" }, "not set"),
      ...(values ?? ["true", "false"]).map((value) => element("option", { value }, value))]);
  }
  input.setAttribute("aria-describedby", hint.id);
  const label = element("label", { className: "field" }, element("span", {}, element("code", {}, name), unit ? ` in ${unit}` : "", mark), input);
  return { input, mark, row: element("div", {}, label, hint) };
}

/** What is sent for a field; nothing for one that is empty. */
function valueOf({ type }, input) {
  if (input.value === "") return undefined;
  if (type === "number") return Number(input.value);
  return type === "flag" ? input.value === "true" : input.value;
}
