// One of the two sides: its messages, and a form to write as its user.

import { button, element, field, foreign, replaceOptions } from "../../dom.js";
import { eventLine, messageLine } from "./message.js";
import { writeFile, writeText } from "./write.js";

/** Returns a side. `context()` has `user`, `to` and `group`; `refresh` is called after a message was sent. */
export function panel(context, refresh) {
  const title = element("h3");
  const list = element("ol", { tabIndex: 0 });
  const device = element("select");
  const text = element("input", { required: true, autocomplete: "off" });
  const file = element("input", { type: "file" });
  const failure = element("p", { className: "bad", role: "status" });
  const label = element("span");
  const sending = async (action) => {
    try {
      await action({ ...context(), device: device.value });
      failure.textContent = "";
    } catch (error) {
      failure.textContent = error.message;
    }
    refresh();
  };
  const form = element("form", { className: "bar", onsubmit: (event) => {
    event.preventDefault();
    sending(async (side) => {
      await writeText(side, text.value);
      text.value = "";
    });
  } }, element("label", { className: "field" }, label, text), button("Send", undefined, { type: "submit" }));
  const more = element("details", {}, element("summary", {}, "Device, files"),
    element("div", { className: "bar" },
      field("From the device", device),
      field("File", file),
      button("Send the file", () => sending(async (side) => {
        if (file.files.length === 0) throw new Error("Choose a file first.");
        await writeFile(side, file.files[0]);
        file.value = "";
      }))));
  // What is shown, so that nothing is built anew, and no picture loaded again, unless it changed.
  let shown;
  return {
    section: element("section", { className: "phone" }, title, list, form, more, failure),
    fill(side, hint) {
      const { user } = context();
      const now = JSON.stringify([user, side, hint]);
      if (now === shown) return;
      shown = now;
      title.replaceChildren(foreign(user));
      label.textContent = `Write as ${user}`;
      list.setAttribute("aria-label", `Messages of ${user}`);
      const chosen = device.value;
      replaceOptions(device, side.devices.map(({ id, name }) => [id, name ? `${name} (${id})` : id]));
      if (side.devices.some(({ id }) => id === chosen)) device.value = chosen;
      const isAtEnd = list.scrollTop + list.clientHeight >= list.scrollHeight - 20;
      const lines = [
        ...side.messages.map((entry) => ({ sent: entry.sent, line: messageLine(entry, user, hint) })),
        ...side.events.map((event) => ({ sent: event.sent, line: eventLine(event) })),
      ].sort((a, b) => a.sent - b.sent);
      list.replaceChildren(...lines.map(({ line }) => line));
      if (lines.length === 0) list.replaceChildren(element("li", { className: "quiet" }, "No messages yet."));
      if (isAtEnd) list.scrollTop = list.scrollHeight;
    },
  };
}
