// Two users side by side: what each sees of their conversation, or of a group, and a form to write as either of them.

import { get } from "../api.js";
import { element, field, replaceOptions } from "../dom.js";
import { listen, soon } from "../events.js";
import { panel } from "./chats/panel.js";

// The choice stays while another view is shown.
const chosen = { users: ["", ""], group: "" };

export const chats = {
  show(main) {
    const message = element("p", { role: "status", className: "bad" });
    const known = element("datalist", { id: "known-users" });
    const group = element("select", { onchange: () => { chosen.group = group.value; refresh(); } });
    const panels = [0, 1].map((at) => panel(
      () => ({ user: chosen.users[at], to: chosen.users[1 - at], group: chosen.group }), () => refresh()));
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
      element("div", { className: "phones pair" }, panels.map(({ section }) => section)));

    const begin = async () => {
      const { full_user_ids: users } = await get("state");
      replaceOptions(known, users);
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
        // A group that was deleted, or that one of them has left.
        if (chosen.group && !shared.some((one) => one.id === chosen.group)) {
          chosen.group = "";
          return refresh();
        }
        replaceOptions(group, [["", "their own conversation"], ...shared.map(({ id, name }) => [id, name ?? id])]);
        group.value = chosen.group;
        panels.forEach((one, at) => {
          const other = sides[1 - at];
          const hint = !chosen.group && other.devices.length === 0 ? `${chosen.users[1 - at]} has no device` : undefined;
          one.fill({ ...sides[at], messages: withDeleted(sides[at].messages, other.messages) }, hint);
        });
        message.textContent = "";
      } catch (error) {
        message.textContent = error.message;
      }
    };
    const later = soon(refresh);
    const ready = begin().then(refresh, (error) => { message.textContent = error.message; });
    const end = listen(({ kind, entry }) => {
      if (kind !== "request" || /message|group|conversation|user|device|content/.test(entry.operation ?? "")) later();
    });
    return { end, ready };
  },
};

/** Marks those messages of the other side that this one has had, and has deleted since. */
function withDeleted(own, others) {
  const known = new Set(own.map(({ message }) => message.UUID));
  // What is older than the first message of this side may never have been there: it joined later, or lists only the last ones.
  const first = own[0]?.sent ?? Infinity;
  const deleted = others.filter(({ sent, message }) => sent >= first && !known.has(message.UUID));
  return [...own, ...deleted.map((entry) => ({ ...entry, isDeleted: true }))].sort((a, b) => a.sent - b.sent);
}
