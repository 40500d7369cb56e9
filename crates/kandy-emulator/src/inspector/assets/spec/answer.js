// Sends a call as a program would, and shows what came back. Credentials are shown nowhere.

import { count, element, foreign } from "../dom.js";
import { isCredential, masked } from "./masks.js";
import { mismatches } from "./mismatches.js";
import { problemList } from "./problems.js";

/**
 * Sends a call. `query` is a list of pairs, `body` a JSON text, a form or `undefined`. Returns the outcome in words, whether
 * it is a failure, and elements with the request, the response and the differences of both from the spec.
 */
export async function sendAndShow(operation, query, body) {
  const secrets = query.filter(([name]) => isCredential(name)).map(([, value]) => value);
  const sent = query.map(([name, value]) => `${name}=${isCredential(name) ? "***" : value}`).join("&");
  const request = element("p", { className: "request" }, element("strong", {}, operation.method), " ", foreign(`${operation.url}?${sent}`));
  const begin = performance.now();
  let response;
  let content;
  try {
    response = await fetch(`${operation.url}?${new URLSearchParams(query)}`, {
      method: operation.method, body, headers: typeof body === "string" ? { "content-type": "application/json" } : {},
    });
    content = await response.blob();
  } catch {
    return { outcome: "No response: the connection failed. A fault may be armed, or the emulator was stopped.", isFailed: true, shown: [request] };
  }
  const milliseconds = performance.now() - begin;
  const answer = await json(response, content);
  const isFailed = !response.ok || (typeof answer?.status === "number" && answer.status !== 0);
  const status = typeof answer?.status === "number" ? `, status ${answer.status}` : "";
  const shown = [
    request,
    answer === undefined ? element("p", {}, `${count(content.size, "byte")} of `, foreign(content.type || "an unknown type"))
      : element("pre", { tabIndex: 0, role: "region", "aria-label": "Response" }, foreign(JSON.stringify(masked(answer, secrets), undefined, 2))),
    ...differences(mismatches(operation, { query, body: sentValue(operation, body), status: answer?.status ?? null, answer })),
  ];
  return { outcome: `HTTP ${response.status}${status}, ${milliseconds.toFixed(1)} ms`, isFailed, shown };
}

/** The JSON value of a response, or `undefined` if it is something else. */
async function json(response, content) {
  if (!content.type.includes("json")) return undefined;
  try {
    return JSON.parse(await content.text());
  } catch {
    return undefined;
  }
}

/** The value of a body, as far as a schema describes it. */
function sentValue({ body: documented }, body) {
  if (body === undefined) return null;
  if (documented?.type !== "application/json") return undefined;
  try {
    return JSON.parse(body);
  } catch {
    return body;
  }
}

function differences(found) {
  if (found.length === 0) return [element("p", { className: "quiet" }, "Request and response are as the spec has them.")];
  return [
    element("p", {}, `${count(found.length, "difference")} from the spec:`),
    problemList(found),
  ];
}
