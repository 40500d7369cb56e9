// Snapshots: keep the state, and go back to it.

import { address, call, get } from "../api.js";
import { button, element, field, foreign } from "../dom.js";
import { listen, soon } from "../events.js";
import { moment } from "../time.js";

export const snapshots = {
  show(main) {
    const message = element("p", { role: "status" });
    const list = element("ul");
    const name = element("input", { value: "first", pattern: "[A-Za-z0-9._\\-]{1,64}", size: 20 });
    const file = element("input", { type: "file" });
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
    let shown;
    const refresh = async () => {
      const { snapshots: kept } = await get("snapshots").catch(() => ({ snapshots: [] }));
      // A list that has not changed stays: one of its buttons may be pressed, or have the focus.
      const now = JSON.stringify(kept);
      if (now === shown) return;
      shown = now;
      list.replaceChildren(...kept.map((one) => element("li", {}, foreign(one.name), ` – ${one.bytes.toLocaleString()} bytes, `, moment(Date.parse(`${one.taken}Z`)), " ",
        button("Restore", () => act(`${one.name} is restored.`, () => call("POST", `snapshots/${one.name}/restore`))), " ",
        button("Forget", () => act(`${one.name} is forgotten.`, () => call("DELETE", `snapshots/${one.name}`))))));
      if (kept.length === 0) list.replaceChildren(element("li", { className: "quiet" }, "No snapshot is kept."));
    };
    main.append(
      element("div", { className: "bar" },
        field("Name", name),
        button("Keep", () => act(`The state is kept as ${name.value}.`, () => call("POST", `snapshots/${encodeURIComponent(name.value)}`))),
        button("Reset to the seed", () => act("The state is that of the seed.", () => call("POST", "reset")))),
      list,
      element("h3", {}, "Files"),
      element("p", { className: "quiet" }, "A snapshot contains all credentials but that of the account."),
      element("div", { className: "bar" },
        element("a", { href: address("snapshot"), download: "kandy-emulator.jsonl" }, "Download the state"),
        field("Upload a state", file),
        button("Replace the state by the file", () => act("The state is that of the file.", async () => {
          if (file.files.length === 0) throw new Error("Choose a file first.");
          await call("PUT", "snapshot", file.files[0]);
        }))),
      message);
    return { ready: refresh(), end: listen(soon(refresh)) };
  },
};
