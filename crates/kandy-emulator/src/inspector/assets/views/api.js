// The operations of the API by chapter, the documentation of one, and a form that sends it.

import { address, get } from "../api.js";
import { count, element, field, foreign } from "../dom.js";
import { listen, soon } from "../events.js";
import { chapters } from "../spec/document.js";
import { describe } from "../spec/describe.js";
import { form } from "../spec/form.js";
import { prose } from "../spec/prose.js";

// The search stays while another view is shown.
let wanted = "";

export const api = {
  show(main, rest) {
    const failure = element("p", { className: "bad", role: "status" });
    const search = element("input", { type: "search", value: wanted, oninput: () => {
      wanted = search.value;
      filter();
    } });
    const summary = element("p", { className: "quiet", role: "status" });
    const list = element("div", { className: "operations" });
    const detail = element("div", { className: "detail" });
    main.append(failure, element("div", { className: "api" },
      element("nav", { "aria-label": "Operations" }, field("Search operations", search), summary, list), detail));

    let known = [];
    let links = [];
    let update = () => {};
    let chosen = rest;

    const filter = () => {
      const words = wanted.toLowerCase().split(/\s+/);
      for (const { text, item } of links) item.hidden = !words.every((word) => text.includes(word));
      for (const section of list.children) section.hidden = section.querySelector("li:not([hidden])") === null;
      const shown = links.filter(({ item }) => !item.hidden).length;
      summary.textContent = shown === 0 ? "No operation has these words." : `${count(shown, "operation")}`;
    };
    const open = (id) => {
      chosen = id;
      for (const { link, operation } of links) {
        if (operation.id === id) link.setAttribute("aria-current", "true");
        else link.removeAttribute("aria-current");
      }
      const found = links.find(({ operation }) => operation.id === id);
      if (!found) {
        update = () => {};
        detail.replaceChildren(...overview(known, id));
        return;
      }
      const built = form(found.operation);
      ({ update } = built);
      detail.replaceChildren(describe(found.operation), built.form);
      return refresh();
    };
    const refresh = async () => {
      try {
        update(await get("state"));
        failure.textContent = "";
      } catch (error) {
        failure.textContent = error.message;
      }
    };
    const begin = async () => {
      try {
        known = await chapters();
      } catch (error) {
        failure.textContent = error.message;
        return;
      }
      links = known.flatMap(({ operations }) => operations.map((operation) => {
        const link = element("a", { href: `#api/${operation.id}` }, operation.summary, " ", element("small", {}, operation.id));
        const text = [operation.id, operation.summary, operation.method, operation.url, operation.tag].join(" ").toLowerCase();
        return { operation, link, item: element("li", {}, link), text };
      }));
      list.replaceChildren(...known.map(({ tag, operations }) => element("section", {}, element("h3", {}, tag),
        element("ul", {}, links.filter(({ operation }) => operations.includes(operation)).map(({ item }) => item)))));
      filter();
      await open(chosen);
      // The list alone: the page stays at its top.
      const current = links.find(({ operation }) => operation.id === chosen)?.link.getBoundingClientRect();
      if (current) list.scrollTop += current.top - list.getBoundingClientRect().top - list.clientHeight / 2;
    };
    const ready = begin();
    const later = soon(refresh, 500);
    return {
      ready,
      end: listen(({ kind, entry }) => {
        // Other operations create neither users nor domains.
        if (kind !== "request" || /user|domain|registration/.test(entry.operation ?? "")) later();
      }),
      // The list keeps its place and its focus.
      move(id) {
        open(id);
        // Where the list is above the operation, the operation may be out of sight.
        if (detail.getBoundingClientRect().top > list.getBoundingClientRect().top + 10) detail.scrollIntoView();
      },
    };
  },
};

/** What is shown without an operation. */
function overview(known, id) {
  return [
    id ? element("p", { className: "bad" }, "There is no operation ", foreign(id), ".") : null,
    element("p", {}, "Choose an operation to read its documentation and to send it. The same as a file: ",
      element("a", { href: address("openapi.yaml"), download: "kandy.yaml" }, "OpenAPI as YAML"), ", ",
      element("a", { href: address("openapi.json"), download: "kandy.json" }, "as JSON"), "."),
    element("dl", {}, known.flatMap(({ tag, description, operations }) => [
      element("dt", {}, `${tag} (${operations.length})`), element("dd", {}, prose(description ?? ""))])),
  ].filter((one) => one !== null);
}
