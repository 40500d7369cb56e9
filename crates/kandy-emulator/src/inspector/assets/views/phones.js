// SMS and validation codes, per number, newest first, as a phone shows them.

import { get } from "../api.js";
import { copyButton, count, element, foreign } from "../dom.js";
import { listen, soon } from "../events.js";

// How many of the last SMS are shown.
const LAST = 500;

export const phones = {
  show(main) {
    const summary = element("p", { className: "quiet", role: "status" });
    const list = element("div", { className: "phones" });
    main.append(summary, list);
    const refresh = async () => {
      try {
        const [{ sms }, { verifications }] = await Promise.all([get(`sms?last=${LAST}`), get("verifications")]);
        const numbers = byNumber(sms, verifications);
        list.replaceChildren(...numbers.map(phone));
        summary.textContent = numbers.length === 0
          ? "No SMS yet. What programs send appears here at once."
          : `${count(sms.length, "SMS", "SMS")} to ${count(numbers.length, "number")}${sms.length === LAST ? ", the last ones" : ""}`;
      } catch (error) {
        summary.textContent = error.message;
      }
    };
    const later = soon(refresh);
    const ready = refresh();
    const end = listen(({ kind, entry }) => {
      // Any other request sends no SMS.
      if (kind !== "request" || /sms|phone_number|verif|validation/.test(entry.operation ?? "")) later();
    });
    return { end, ready };
  },
};

/** Groups SMS and codes by number; the number that was sent to last comes first. */
function byNumber(sms, codes) {
  const numbers = new Map();
  const of = (number) => {
    const found = numbers.get(number) ?? { number, sms: [], codes: [] };
    numbers.delete(number);
    numbers.set(number, found);
    return found;
  };
  for (const one of sms) of(one.destination).sms.unshift(one);
  for (const code of codes) of(code.phone_number).codes.unshift(code);
  return [...numbers.values()].reverse();
}

function phone({ number, sms, codes }) {
  return element("section", { className: "phone" },
    element("h3", {}, foreign(number)),
    element("ol", { tabIndex: 0, "aria-label": `SMS to ${number}` },
      codes.map((code) => element("li", { className: "sms code" },
        element("span", {}, "Validation code ", element("strong", {}, foreign(code.code))),
        copyButton("Copy", code.code))),
      sms.map((one) => element("li", { className: "sms" },
        element("small", {}, foreign(one.source ?? one.sender)),
        element("p", {}, foreign(one.text)),
        element("small", {}, `${one.encoding}, ${count(one.segments, "segment")}`)))));
}
