// Two users side by side: what each sees of their conversation, or of a group, and a field to write as either of them.

import { call, get, send } from "../api.js";
import { button, element, field, foreign, timeOfDay } from "../dom.js";
import { listen, soon } from "../events.js";

// The choice stays while another view is shown.
const chosen = { users: ["", ""], group: "" };

export const chats = {
  id: "chats",
  title: "Chats",
  show(main) {
    const message = element("p", { role: "status", className: "bad" });
    const known = element("datalist", { id: "known-users" });
    const group = element("select", { onchange: () => { chosen.group = group.value; refresh(); } });
    const panels = [0, 1].map((at) => panel(at, () => refresh()));
    const choices = ["First user", "Second user"].map((label, at) => {
      const input = element("input", { value: chosen.users[at], size: 28, onchange: () => {
        chosen.users[at] = input.value.trim();
        refresh();
      } });
      input.setAttribute("list", "known-users");
      return { input, labelled: field(label, input) };
    });
    main.append(
      element("div", { className: "bar" }, choices.map(({ labelled }) => labelled), field("In", group)),
      known, message,
      element("div", { className: "phones" }, panels.map(({ section }) => section)));

    const begin = async () => {
      const { full_user_ids: users } = await get("state");
      known.replaceChildren(...users.map((user) => element("option", { value: user })));
      chosen.users = chosen.users.map((user, at) => user || (users[at] ?? users[0] ?? ""));
      choices.forEach(({ input }, at) => { input.value = chosen.users[at]; });
    };
    const refresh = async () => {
      try {
        if (!chosen.users[0]) await begin();
        if (!chosen.users[0]) {
          message.textContent = "There are no users yet.";
          return;
        }
        const sides = await Promise.all(chosen.users.map((user, at) => get(`conversation?${new URLSearchParams({
          of: user, with: chosen.group || chosen.users[1 - at],
        })}`)));
        const shared = sides[0].groups.filter((one) => sides[1].groups.some((other) => other.id === one.id));
        group.replaceChildren(element("option", { value: "" }, "their own conversation"),
          ...shared.map((one) => element("option", { value: one.id }, one.name ?? one.id)));
        // A group that was deleted, or that one of them has left.
        if (chosen.group && !shared.some((one) => one.id === chosen.group)) {
          chosen.group = "";
          return refresh();
        }
        group.value = chosen.group;
        panels.forEach((one, at) => one.fill(sides[at]));
        message.textContent = "";
      } catch (error) {
        message.textContent = error.message;
      }
    };
    const later = soon(refresh);
    begin().then(refresh, (error) => { message.textContent = error.message; });
    return listen(({ kind, entry }) => {
      if (kind !== "request" || /message|group|conversation|user/.test(entry.operation ?? "")) later();
    });
  },
};

/** One of the two sides. */
function panel(at, refresh) {
  const title = element("h3");
  const list = element("ol", { tabIndex: 0 });
  const text = element("input", { required: true, autocomplete: "off" });
  const failure = element("p", { className: "bad", role: "status" });
  const label = element("span");
  let devices = [];
  const form = element("form", { className: "bar", onsubmit: async (event) => {
    event.preventDefault();
    try {
      await write(chosen.users[at], devices[0]?.id, chosen.group, chosen.users[1 - at], text.value);
      text.value = "";
      failure.textContent = "";
    } catch (error) {
      failure.textContent = error.message;
    }
    refresh();
  } }, element("label", { className: "field" }, label, text), button("Send", undefined, { type: "submit" }));
  const section = element("section", { className: "phone" }, title, list, form, failure);
  return {
    section,
    fill(side) {
      devices = side.devices;
      title.replaceChildren(foreign(chosen.users[at]));
      label.textContent = `Write as ${chosen.users[at]}`;
      list.setAttribute("aria-label", `Messages of ${chosen.users[at]}`);
      const isAtEnd = list.scrollTop + list.clientHeight >= list.scrollHeight - 20;
      list.replaceChildren(...side.messages.map((entry) => line(entry, chosen.users[at])));
      if (side.messages.length === 0) list.replaceChildren(element("li", { className: "quiet" }, "No messages yet."));
      if (isAtEnd) list.scrollTop = list.scrollHeight;
    },
  };
}

function line({ sent, waits, message }, user) {
  const sender = message.sender?.full_user_id ?? message.sender?.user_id ?? "";
  const content = message.message ?? {};
  const what = typeof content.text === "string" ? foreign(content.text)
    : element("em", {}, `${message.contentType ?? "message"} `, foreign(String(content.content_name ?? content.content_uuid ?? "")));
  return element("li", { className: sender === user ? "sms own" : "sms" },
    element("small", {}, foreign(sender), " ", timeOfDay(sent)),
    element("p", {}, what),
    element("small", {}, waits ? "waits on a device" : "taken from the devices"));
}

/** Sends a text as a user, by the API, as a program of that user would. */
async function write(from, device, group, to, text) {
  const { user_access_token: key } = await call("POST", "tokens", { full_user_id: from });
  const message = { contentType: "text", UUID: crypto.randomUUID(), message: { mimeType: "text/plain", text } };
  if (group) {
    await send("/v1.2/users/chatgroups/chatgroup/messages", { key }, { message: { ...message, group_id: group } });
  } else {
    if (!device) throw new Error(`${from} has no device to send from.`);
    await send("/v1.2/devices/messages", { key, device_id: device }, { message: { ...message, destination: to } });
  }
}
