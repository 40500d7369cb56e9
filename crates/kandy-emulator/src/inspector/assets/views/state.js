// What exists: counts, and the first names.

import { get } from "../api.js";
import { element, foreign } from "../dom.js";
import { listen, soon } from "../events.js";

const COUNTS = {
  domains: "Domains", users: "Users", devices: "Devices", groups: "Groups", sessions: "Open sessions", live_tokens: "Live tokens",
  pending_messages: "Pending messages", contents: "Files", sms: "SMS",
};
const NAMES = { domain_names: "Domains", full_user_ids: "Users", group_names: "Groups" };

export const state = {
  id: "state",
  title: "State",
  show(main) {
    const counts = element("dl");
    const channels = element("div");
    const names = element("div");
    const search = element("input", { type: "search", oninput: () => render() });
    const failure = element("p", { className: "bad", role: "status" });
    main.append(failure, counts, element("h3", {}, "Open data channels"), channels,
      element("div", { className: "bar" }, element("label", { className: "field" }, element("span", {}, "Search names"), search)), names);
    let summary;
    const render = () => {
      if (!summary) return;
      counts.replaceChildren(...Object.entries(COUNTS).flatMap(([name, label]) => [
        element("dt", {}, label), element("dd", {}, summary[name].toLocaleString())]));
      const wanted = search.value.toLowerCase();
      names.replaceChildren(...Object.entries(NAMES).flatMap(([name, label]) => {
        const shown = summary[name].filter((one) => one.toLowerCase().includes(wanted));
        const all = summary[name].length === 1000 ? ", of the first 1,000" : "";
        return [element("h3", {}, `${label} (${shown.length.toLocaleString()}${all})`),
          element("ul", { className: "names" }, shown.map((one) => element("li", {}, foreign(one))))];
      }));
    };
    const refresh = async () => {
      try {
        const [now, open] = await Promise.all([get("state"), get("channels")]);
        summary = now;
        failure.textContent = "";
        channels.replaceChildren(open.channels.length === 0 ? element("p", { className: "quiet" }, "None.")
          : element("ul", {}, open.channels.map((channel) => element("li", {}, foreign(channel.full_user_id ?? JSON.stringify(channel))))));
        render();
      } catch (error) {
        failure.textContent = error.message;
      }
    };
    const later = soon(refresh, 500);
    refresh();
    return listen(later);
  },
};
