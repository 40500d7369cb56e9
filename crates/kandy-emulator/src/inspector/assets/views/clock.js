// The clock of the emulator, which tests move forward.

import { call, get } from "../api.js";
import { button, element, field } from "../dom.js";
import { listen, soon } from "../events.js";

const STEPS = [["1 minute", 60_000], ["1 hour", 3_600_000], ["1 day", 86_400_000]];

export const clock = {
  id: "clock",
  title: "Clock",
  show(main) {
    const real = element("dd");
    const emulated = element("dd");
    const message = element("p", { role: "status" });
    const minutes = element("input", { type: "number", min: 1, value: 90 });
    // The difference between both clocks, in milliseconds.
    let ahead;
    const tick = () => {
      real.textContent = new Date().toLocaleString();
      emulated.textContent = ahead === undefined ? "" : new Date(Date.now() + ahead).toLocaleString();
    };
    const refresh = async () => {
      try {
        ahead = (await get("state")).now_ms - Date.now();
      } catch (error) {
        message.textContent = error.message;
      }
      tick();
    };
    const advance = async (milliseconds) => {
      try {
        await call("POST", "clock", { advance_ms: milliseconds });
        message.textContent = "The clock was moved. Tokens whose time is over have expired.";
      } catch (error) {
        message.textContent = error.message;
      }
      await refresh();
    };
    main.append(
      element("dl", {}, element("dt", {}, "Real time"), real, element("dt", {}, "Emulated time"), emulated),
      element("div", { className: "bar" },
        STEPS.map(([label, step]) => button(`Forward ${label}`, () => advance(step))),
        field("Minutes", minutes),
        button("Forward", () => advance(Math.max(1, Math.round(Number(minutes.value) || 0)) * 60_000))),
      message);
    refresh();
    const timer = setInterval(tick, 1000);
    const stop = listen(soon(refresh));
    return () => {
      stop();
      clearInterval(timer);
    };
  },
};
