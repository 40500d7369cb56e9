// Lists of objects: a table for each kind, page by page from the emulator, with a search there.

import { get } from "../api.js";
import { button, count, element, field, foreign } from "../dom.js";
import { paced } from "../events.js";
import { duration, moment } from "../time.js";

const PAGE = 50;
// The most that the emulator returns at once. A longer list is not read again by itself.
const MOST = 200;

const text = (value) => (value ? foreign(value) : "");
const time = (value) => (value ? moment(value) : "");
const number = (value) => value.toLocaleString();
const fullName = (user) => [user.first_name, user.last_name].filter(Boolean).join(" ");

// The title of each column, and what a cell of it shows. The time that is left has a cell that changes by itself.
const LEFT = Symbol("left");
const KINDS = {
  domains: ["Domains", {
    Name: (one) => text(one.name), Project: (one) => text(one.project_name), Users: (one) => number(one.users),
    Created: (one) => time(one.created_ms),
  }],
  users: ["Users", {
    User: (one) => text(one.full_user_id), Name: (one) => text(fullName(one)), "E-mail": (one) => text(one.email),
    Phone: (one) => text(one.phone_number), Devices: (one) => number(one.devices), Created: (one) => time(one.created_ms),
    "Last seen": (one) => time(one.last_seen_ms),
  }],
  devices: ["Devices", {
    Id: (one) => text(one.id), Name: (one) => text(one.name ?? "default"), User: (one) => text(one.owner),
    Family: (one) => text(one.family), "Native id": (one) => text(one.native_id), Pending: (one) => number(one.pending_messages),
    Registered: (one) => time(one.registered_ms),
  }],
  groups: ["Groups", {
    Id: (one) => text(one.id), Name: (one) => text(one.name), Owner: (one) => text(one.owner),
    Members: (one) => number(one.members), Created: (one) => time(one.created_ms),
  }],
  sessions: ["Sessions", {
    Id: (one) => text(one.id), Name: (one) => text(one.name), Kind: (one) => text(one.kind), Admin: (one) => text(one.admin),
    State: (one) => one.state, Participants: (one) => number(one.participants), "Time left": LEFT,
  }],
  tokens: ["Tokens", {
    Token: (one) => element("code", {}, one.token), Level: (one) => one.level, Owner: (one) => text(one.owner),
    State: (one) => element("span", { className: one.state === "live" ? "good" : "bad" }, one.state), "Time left": LEFT,
  }],
};

/** Shows the lists in `main`. `changed` is to be called when something may have changed, and `end` at the end. */
export function objects(main) {
  let kind = "users";
  let rows = [];
  let next;
  // How many objects were examined for the rows.
  let searched = 0;
  // Of all reads only the last one counts.
  let reading = 0;
  let isReading = false;
  // Whether one request returns all rows that are shown, so that they can be read again at any time.
  let isCheap = true;

  const tabs = Object.entries(KINDS).map(([id, [title]]) => button(title, () => choose(id), {
    id: `tab-${id}`, role: "tab", "aria-controls": "objects",
    onkeydown: (event) => {
      const ids = Object.keys(KINDS);
      const step = { ArrowRight: 1, ArrowLeft: ids.length - 1 }[event.key];
      if (step) choose(ids[(ids.indexOf(kind) + step) % ids.length]);
    },
  }));
  const search = element("input", { type: "search", size: 28, maxLength: 200, oninput: () => typed() });
  const status = element("p", { className: "quiet", role: "status" });
  const head = element("tr");
  const body = element("tbody");
  const more = button("Show more", () => read(PAGE, next));
  const again = button("Read again", () => read(PAGE));
  const changes = element("div", { hidden: true }, "Something has changed since this list was read. ", again);
  const table = element("div", { className: "scroll", tabIndex: 0, role: "region", "aria-label": "Objects" },
    element("table", {}, element("thead", {}, head), body));
  main.append(
    element("div", { className: "tabs", role: "tablist", "aria-label": "Kinds of objects" }, tabs),
    element("section", { id: "objects", role: "tabpanel" },
      element("div", { className: "bar" }, field("Search ids and names", search)),
      element("div", { className: "status" }, status, changes), table, more));

  let timer;
  const typed = () => {
    clearTimeout(timer);
    timer = setTimeout(() => read(PAGE), 250);
  };
  const choose = (id) => {
    const isFocused = tabs.includes(document.activeElement);
    kind = id;
    for (const tab of tabs) {
      const isChosen = tab.id === `tab-${id}`;
      tab.setAttribute("aria-selected", isChosen);
      tab.tabIndex = isChosen ? 0 : -1;
      if (isChosen && isFocused) tab.focus();
    }
    document.getElementById("objects")?.setAttribute("aria-labelledby", `tab-${id}`);
    head.replaceChildren(...Object.keys(KINDS[id][1]).map((title) => element("th", { scope: "col" }, title)));
    show([]);
    return read(PAGE);
  };

  /** Shows objects, and leaves rows alone that show the same already. */
  const show = (found) => {
    const columns = KINDS[kind][1];
    rows = found.map((one, at) => {
      const { left_ms: left, ...rest } = one;
      const key = kind + JSON.stringify(rest);
      const ends = left === undefined ? undefined : performance.now() + left;
      const old = rows[at];
      if (old?.key === key) return Object.assign(old, { one, ends });
      const left_cell = element("td");
      const cells = Object.values(columns).map((cell) => (cell === LEFT ? left_cell : element("td", {}, cell(one))));
      const row = element("tr", {}, cells);
      if (old) old.row.replaceWith(row);
      else body.append(row);
      return { one, key, row, ends, left: left_cell };
    });
    while (body.rows.length > rows.length) body.lastChild.remove();
    tick();
  };
  const tick = () => {
    for (const row of rows) {
      if (row.ends === undefined) continue;
      const left = row.ends - performance.now();
      const shown = left > 0 ? duration(Math.max(1000, left)) : "none";
      if (row.left.textContent !== shown) row.left.textContent = shown;
      // It has ended since it was read.
      if (left <= 0 && (row.one.state === "live" || kind === "sessions") && row.one.left_ms > 0) changed();
    }
  };
  /** Hides or shows an element. The focus goes from what is hidden to the table, and not to the beginning of the page. */
  const hide = (hidden, isHidden) => {
    if (isHidden && hidden.contains(document.activeElement)) table.focus({ preventScroll: true });
    hidden.hidden = isHidden;
  };
  const describe = () => {
    const shown = count(rows.length, "row");
    const scope = search.value.trim() ? ` of ${count(searched, "object")} searched` : "";
    status.textContent = rows.length === 0 && !next ? `None${scope}.` : `${shown}${scope}${next ? ", and there are more" : ""}`;
    hide(more, !next);
  };

  /** Reads a page: from the beginning, or after a cursor. A search goes on until the page is full, or another read begins. */
  const read = async (wanted, after, isQuiet = false) => {
    const mine = ++reading;
    const isCurrent = () => mine === reading;
    const before = after ? rows.map(({ one }) => one) : [];
    const found = [];
    let examined = after ? searched : 0;
    let cursor = after;
    let requests = 0;
    isReading = true;
    hide(changes, true);
    if (!isQuiet) table.setAttribute("aria-busy", true);
    try {
      do {
        const query = new URLSearchParams({ kind, search: search.value, limit: wanted - found.length });
        if (cursor) query.set("after", cursor);
        const page = await get(`objects?${query}`);
        if (!isCurrent()) return;
        found.push(...page.objects);
        examined += page.searched;
        cursor = page.next;
        requests += 1;
        if (!isQuiet) show([...before, ...found]);
        if (cursor && found.length < wanted) {
          status.textContent = `Searching: ${count(examined, "object")} so far, ${count(found.length, "row")} found…`;
        }
      } while (cursor && found.length < wanted);
      next = cursor;
      searched = examined;
      if (isQuiet) show(found);
      isCheap = requests === 1 && rows.length <= MOST;
      describe();
    } catch (error) {
      if (!isCurrent()) return;
      // The state may have been replaced, and with it what the cursor is of.
      if (after && /begin again/.test(error.message)) return void read(PAGE);
      status.textContent = error.message;
    } finally {
      if (isCurrent()) {
        isReading = false;
        table.removeAttribute("aria-busy");
      }
    }
  };
  const changed = paced(async () => {
    if (isReading) return;
    if (isCheap) await read(Math.max(PAGE, rows.length), undefined, true);
    else changes.hidden = false;
  });

  const ready = choose(kind);
  const ticks = setInterval(tick, 1000);
  return {
    changed,
    ready,
    end() {
      reading += 1;
      changed.stop();
      clearTimeout(timer);
      clearInterval(ticks);
    },
  };
}
