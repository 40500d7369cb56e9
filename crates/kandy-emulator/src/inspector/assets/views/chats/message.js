// A message, and an event of a group, as one of the sides sees it.

import { address } from "../../api.js";
import { element, foreign, timeOfDay } from "../../dom.js";

// The side of a thumbnail, in pixels, twice that of its box: for screens with small pixels.
const THUMBNAIL = "240x240";

/** Returns the line of a message. `hint` tells why it is nowhere delivered. */
export function messageLine({ sent, waits_for: waitsFor, message, isDeleted }, user, hint) {
  const sender = message.sender?.full_user_id ?? message.sender?.user_id ?? "";
  const isOwn = sender === user;
  return element("li", { className: isOwn ? "sms own" : "sms" },
    element("small", {}, foreign(sender), " ", timeOfDay(sent)),
    element("div", { className: isDeleted ? "deleted" : "" }, isDeleted ? "This side has deleted the message." : content(message, user)),
    isDeleted ? null : element("small", {}, isOwn ? delivery(waitsFor.filter((one) => one !== user), hint) : reading(waitsFor.includes(user))));
}

function delivery(waitsFor, hint) {
  if (waitsFor.length === 0) return hint ?? "✓ Delivered";
  const named = waitsFor.slice(0, 3);
  return ["Waits for ", ...named.flatMap((one, at) => [at > 0 ? ", " : null, foreign(one)]),
    waitsFor.length > named.length ? ` and ${waitsFor.length - named.length} more` : null];
}

function reading(waits) {
  return waits ? "Waits on a device" : "Deleted from the devices";
}

function content(message, user) {
  const { text, content_uuid: id, content_name: name } = message.message ?? {};
  const parts = [];
  if (typeof text === "string") parts.push(element("p", {}, foreign(text)));
  if (typeof id === "string") parts.push(...file(id, typeof name === "string" ? name : id, message.contentType, user));
  if (parts.length > 0) return parts;
  return element("p", {}, element("em", {}, foreign(`${message.contentType ?? "message"} `)), foreign(JSON.stringify(message.message ?? {})));
}

function file(id, name, contentType, user) {
  const path = `contents/${encodeURIComponent(id)}?of=${encodeURIComponent(user)}`;
  const save = element("a", { href: address(path), download: name }, "Save ", foreign(name));
  if (contentType !== "image") return [element("p", {}, `${contentType ?? "file"}: `, save)];
  const picture = element("img", {
    className: "thumbnail", alt: `Image ${name}`, src: address(`${path}&thumbnail=${THUMBNAIL}`),
    onerror: () => picture.replaceWith(element("span", { className: "quiet" }, "No thumbnail of this file.")),
  });
  return [element("p", {}, picture), element("p", {}, save)];
}

/** Returns the line of an event of a group, in plain words. */
export function eventLine({ sent, event, receivers, receiver_count: count }) {
  const by = event.sender?.full_user_id ?? "Someone";
  const more = count > receivers.length ? [` and ${count - receivers.length} more`] : [];
  const names = (list) => list.flatMap((one, at) => [at > 0 ? ", " : null, foreign(String(one))]);
  const words = {
    chatGroupInvite: () => [foreign(by), " added ", ...names(receivers), ...more],
    chatGroupBoot: () => [foreign(by), " removed ", ...names(event.booted ?? [])],
    chatGroupLeave: () => [foreign(event.leaver ?? by), " left the group"],
    chatGroupUpdate: () => [foreign(by), " changed the name or the picture of the group"],
    chatGroupDelete: () => [foreign(by), " deleted the group"],
  }[event.messageType] ?? (() => [foreign(by), ": ", foreign(String(event.messageType))]);
  return element("li", { className: "event" }, ...words(), " ", timeOfDay(sent));
}
