// Shows the differences of a request and its response from the spec.

import { element, foreign } from "../dom.js";

/** Returns a list of what `mismatches` found. */
export function problemList(found) {
  return element("ul", { className: "problems" }, found.map(({ where, path, problem }) =>
    element("li", {}, `${where} `, path && element("code", {}, foreign(path)), " ", foreign(problem))));
}
