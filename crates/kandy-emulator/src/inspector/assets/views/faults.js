// The armed faults, and a field to arm another.

import { call, get } from "../api.js";
import { button, count, element, field, foreign } from "../dom.js";
import { listen, soon } from "../events.js";

const EXAMPLE = '{"kind": "http", "http": 503, "operation": "sms_send", "times": 1}';

export const faults = {
  id: "faults",
  title: "Faults",
  show(main) {
    const message = element("p", { role: "status", className: "bad" });
    const list = element("ul");
    const text = element("textarea", { value: EXAMPLE, spellcheck: false });
    const act = async (action) => {
      try {
        await action();
        message.textContent = "";
      } catch (error) {
        message.textContent = error.message;
      }
      await refresh();
    };
    const refresh = async () => {
      const { faults: armed } = await get("faults").catch(() => ({ faults: [] }));
      list.replaceChildren(...armed.map(({ id, description, matched, hits }) => element("li", {},
        foreign(description), ` – ${count(hits, "hit")} of ${count(matched, "request")} `,
        button("Remove", () => act(() => call("DELETE", `faults/${id}`)), { "aria-label": `Remove fault ${id}` }))));
      if (armed.length === 0) list.replaceChildren(element("li", { className: "quiet" }, "No fault is armed."));
    };
    main.append(
      element("p", {}, "A fault changes the responses to requests, so that you see how a program copes. The README of the emulator lists the kinds."),
      list,
      field("Fault, as JSON", text),
      element("div", { className: "bar" },
        button("Arm", () => act(async () => {
          let fault;
          try {
            fault = JSON.parse(text.value);
          } catch (error) {
            throw new Error(`This is no JSON: ${error.message}`);
          }
          await call("POST", "faults", fault);
        })),
        button("Remove all", () => act(() => call("DELETE", "faults")))),
      message);
    refresh();
    return listen(soon(refresh));
  },
};
