// What exists: counts, the open data channels, and lists of all objects.

import { get } from "../api.js";
import { element, foreign } from "../dom.js";
import { listen, paced } from "../events.js";
import { duration } from "../time.js";
import { objects } from "./objects.js";

const COUNTS = {
  domains: "Domains", users: "Users", devices: "Devices", groups: "Groups", sessions: "Open sessions", live_tokens: "Live tokens",
  pending_messages: "Pending messages", contents: "Files", sms: "SMS",
};
// How often the channels are read, in milliseconds.
const POLL = 2000;
const CHANNEL_COLUMNS = ["User", "Client", "Open for", "Frames from it", "Frames to it"];

export const state = {
  show(main) {
    const failure = element("p", { className: "bad", role: "status" });
    const numbers = Object.fromEntries(Object.keys(COUNTS).map((name) => [name, element("dd", {}, "…")]));
    const memory = element("dd", {}, "…");
    const channels = element("tbody");
    const none = element("p", { className: "quiet" }, "None.");
    const table = element("div", { className: "scroll", tabIndex: 0, role: "region", "aria-label": "Open data channels", hidden: true },
      element("table", {},
        element("thead", {}, element("tr", {}, CHANNEL_COLUMNS.map((name) => element("th", { scope: "col" }, name)))), channels));
    main.append(failure,
      element("dl", { className: "counts" },
        Object.entries(COUNTS).map(([name, label]) => element("div", {}, element("dt", {}, label), numbers[name])),
        element("div", {}, element("dt", {}, "Memory"), memory)),
      element("h3", {}, "Open data channels"), none, table,
      element("h3", {}, "Objects"));
    const lists = objects(main);

    // The difference between the clock of the emulator and the real one, in milliseconds.
    let ahead;
    const readChannels = async () => {
      const { channels: open } = await get("channels");
      none.hidden = open.length > 0;
      table.hidden = !none.hidden;
      channels.replaceChildren(...open.map((channel) => row(channel, Date.now() + ahead)));
    };
    const refresh = async () => {
      try {
        const summary = await get("state");
        ahead = summary.now_ms - Date.now();
        failure.textContent = "";
        for (const name of Object.keys(COUNTS)) numbers[name].textContent = summary[name].toLocaleString();
        const bytes = summary.memory_bytes;
        memory.textContent = bytes === undefined ? "not known on this system" : `${Math.round(bytes / 1_048_576).toLocaleString()} MiB`;
        await readChannels();
      } catch (error) {
        failure.textContent = error.message;
      }
    };
    // Frames are no events, so the channels are read again and again.
    const poll = setInterval(() => {
      if (!document.hidden && ahead !== undefined) readChannels().catch(() => {});
    }, POLL);
    const later = paced(refresh);
    const ready = refresh();
    const stop = listen(() => {
      later();
      lists.changed();
    });
    return {
      ready: Promise.all([ready, lists.ready]),
      end() {
        stop();
        later.stop();
        clearInterval(poll);
        lists.end();
      },
    };
  },
};

function row(channel, now) {
  const client = [channel.client_sw_type, channel.client_sw_version].filter(Boolean).join(" ");
  return element("tr", {},
    element("td", {}, foreign(channel.full_user_id)),
    element("td", {}, client ? foreign(client) : element("span", { className: "quiet" }, "not told")),
    element("td", {}, duration(now - channel.since_ms)),
    element("td", {}, channel.frames_received.toLocaleString()),
    element("td", {}, channel.frames_sent.toLocaleString()));
}
