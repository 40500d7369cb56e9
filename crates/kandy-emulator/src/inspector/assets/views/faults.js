// The armed faults, and a form to arm another.

import { call, get } from "../api.js";
import { button, count, element, foreign } from "../dom.js";
import { listen, soon } from "../events.js";
import { faultForm } from "./fault_form.js";

export const faults = {
  show(main) {
    const message = element("p", { role: "status" });
    const title = element("h3", { tabIndex: -1 }, "Armed faults");
    const list = element("ul", { className: "faults" });
    const none = element("p", { className: "quiet", hidden: true }, "No fault is armed.");
    const removeAll = button("Remove all", () => act("All faults were removed.", () => call("DELETE", "faults")));
    const act = async (done, action) => {
      try {
        await action();
        message.textContent = done;
        message.className = "good";
      } catch (error) {
        message.textContent = error.message;
        message.className = "bad";
      }
      await refresh();
    };
    const items = new Map();
    // Of all reads the last one counts, in whatever order they end.
    let reading = 0;
    const refresh = async () => {
      const mine = ++reading;
      const answer = await get("faults").catch(() => undefined);
      if (!answer || mine !== reading) return;
      const { faults: armed } = answer;
      const ids = new Set(armed.map(({ id }) => id));
      for (const [id, { item }] of items) {
        if (ids.has(id)) continue;
        // So that the next key of the user does not go to the beginning of the page.
        if (item.contains(document.activeElement)) title.focus();
        item.remove();
        items.delete(id);
      }
      for (const { id, description, matched, hits, fault } of armed) {
        if (!items.has(id)) {
          const counts = element("span", { className: "quiet" });
          const item = element("li", {}, foreign(description), " – ", counts, " ",
            button("Remove", () => act("The fault was removed.", () => call("DELETE", `faults/${id}`)), { "aria-label": `Remove fault ${id}: ${fault.kind}` }));
          list.append(item);
          items.set(id, { item, counts });
        }
        const text = `${count(hits, "hit")} of ${count(matched, "match", "matches")}`;
        const { counts } = items.get(id);
        if (counts.textContent !== text) counts.textContent = text;
      }
      if (armed.length === 0 && document.activeElement === removeAll) title.focus();
      none.hidden = armed.length > 0;
      removeAll.disabled = armed.length === 0;
    };
    const form = element("div");
    main.append(
      element("p", {}, "A fault changes the responses to requests, or what a data channel pushes, so that you see how a program copes."),
      title, list, none, element("div", { className: "bar" }, removeAll), message,
      element("h3", {}, "Arm a fault"), form);
    const kinds = get("faults/kinds").then(
      (described) => form.append(faultForm(described, (fault) => act("The fault is armed.", () => call("POST", "faults", fault)))),
      (error) => { form.append(element("p", { className: "bad" }, error.message)); });
    return { ready: Promise.all([kinds, refresh()]), end: listen(soon(refresh)) };
  },
};
