// Writes as a user, by the API, as a program of that user would.

import { call, send, upload } from "../../api.js";
import { randomId } from "../../dom.js";

/** Sends a text. */
export async function writeText(side, text) {
  await deliver(await keyOf(side), side, "text", { mimeType: "text/plain", text });
}

/** Uploads a file, and sends it as a message. */
export async function writeFile(side, file) {
  const key = await keyOf(side);
  const id = randomId();
  const type = file.type || "application/octet-stream";
  await upload("/v1.2/devices/content", { key, device_id: deviceOf(side), content_uuid: id, content_type: type }, file);
  const kind = ["image", "video", "audio"].find((known) => type.startsWith(`${known}/`)) ?? "file";
  await deliver(key, side, kind, { mimeType: type, content_uuid: id, content_name: file.name });
}

async function keyOf({ user }) {
  return (await call("POST", "tokens", { full_user_id: user })).user_access_token;
}

function deviceOf({ user, device }) {
  if (!device) throw new Error(`${user} has no device to send from.`);
  return device;
}

async function deliver(key, side, contentType, content) {
  const message = { contentType, UUID: randomId(), message: content };
  if (side.group) {
    await send("/v1.2/users/chatgroups/chatgroup/messages", { key }, { message: { ...message, group_id: side.group } });
  } else {
    await send("/v1.2/devices/messages", { key, device_id: deviceOf(side) }, { message: { ...message, destination: side.to } });
  }
}
