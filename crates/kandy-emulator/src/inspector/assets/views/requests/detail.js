// One request in full, beside the documentation of its operation.

import { get } from "../../api.js";
import { copyButton, element, foreign } from "../../dom.js";
import { json, pointer } from "../../json.js";
import { describe, mismatches, operation, problemList } from "../../spec.js";
import { curl } from "./curl.js";
import { duration } from "./row.js";

/** Returns the elements of a request. */
export async function detail(id) {
  const entry = await get(`requests/${id}`);
  const documented = entry.operation ? await operation(entry.operation) : undefined;
  const exchange = entry.exchange ?? undefined;
  const problems = documented ? mismatches(documented, sent(entry, exchange)) : [];
  return [
    element("h3", { tabIndex: -1 }, documented ? `${documented.summary} (${entry.operation})` : entry.operation ?? "Unknown request"),
    terms([
      ["Request", foreign(`${entry.method} ${entry.path}`)],
      ["Caller", entry.caller ? foreign(entry.caller) : "unknown"],
      ["HTTP status", `${entry.http_status ?? "no response"}`],
      ["Status", `${entry.status ?? "none"}`],
      ["Duration", duration(entry)],
      ["Injected fault", entry.injected ?? "none"],
    ]),
    element("p", {}, copyButton("Copy as curl", curl(entry, exchange))),
    problems.length > 0 && element("section", {},
      element("h4", {}, "Not as documented"),
      problemList(problems)),
    part("Query", entry.query.length === 0 ? quiet("None.") : marked(entry.query, marks(problems, "query"))),
    exchange ? message("Request", exchange.request, marks(problems, "request body")) : null,
    exchange ? message("Response", exchange.response, marks(problems, "response"))
      : part("Request and response", quiet("They are not kept: those of older requests are dropped, and of more than 1,000 in a second only the first are there.")),
    documented && part("Documentation", describe(documented)),
  ].filter(Boolean);
}

/** What is held against the spec. */
function sent(entry, exchange) {
  // What is not kept is not judged, and neither are forms, whose values are all texts.
  const value = (body) => ({ json: body?.value, none: null })[body?.kind];
  return {
    query: entry.query,
    body: value(exchange?.request.body),
    status: entry.status,
    // Nor is what an injected fault made.
    answer: entry.injected ? undefined : value(exchange?.response.body),
  };
}

function marks(problems, where) {
  return new Map(problems.filter((problem) => problem.where === where).map(({ path, problem }) => [path, problem]));
}

function message(title, { headers, body }, problems) {
  return part(title,
    [element("h5", {}, "Headers"), marked(headers), element("h5", {}, "Body"), content(body, problems)]);
}

function content(body, problems) {
  switch (body.kind) {
    case "json": return json(body.value, problems);
    case "form": return marked(body.fields, problems);
    case "text": return element("pre", { tabIndex: 0 }, foreign(body.text));
    case "left_out": return quiet(body.reason);
    default: return quiet("None.");
  }
}

/** Names and values, with problems by the pointer to a name. */
function marked(pairs, problems = new Map()) {
  return terms(pairs.map(([name, value]) => {
    const problem = problems.get(pointer("", name));
    return [foreign(name), problem ? [element("mark", {}, foreign(value)), element("span", { className: "bad" }, ` ⚠ ${problem}`)] : foreign(value)];
  }));
}

function terms(pairs) {
  return element("dl", {}, pairs.flatMap(([term, value]) => [element("dt", {}, term), element("dd", {}, value)]));
}

function part(title, content) {
  return element("details", { open: true, className: "part" }, element("summary", {}, title), content);
}

function quiet(text) {
  return element("p", { className: "quiet" }, text);
}
