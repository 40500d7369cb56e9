// The clock of the emulator, which tests move forward.

import { call, get } from "../api.js";
import { button, element, field } from "../dom.js";
import { listen, paced, soon } from "../events.js";
import { duration, moment } from "../time.js";

const STEPS = [["1 minute", 60_000], ["1 hour", 3_600_000], ["1 day", 86_400_000]];

export const clock = {
  show(main) {
    const real = element("dd");
    const emulated = element("dd");
    const ahead = element("dd");
    const message = element("p", { role: "status" });
    const minutes = element("input", { type: "number", min: 1, value: 90, required: true });
    const date = element("input", { type: "datetime-local", step: 1, required: true });
    const expire = button("Expire all tokens", () => advance({ expire_tokens: true }));
    // The difference between both clocks, in milliseconds.
    let difference;
    const tick = () => {
      real.replaceChildren(moment(Date.now()));
      if (difference === undefined) return;
      emulated.replaceChildren(moment(Date.now() + difference));
      // The two clocks are read one after the other.
      const seconds = Math.round(difference / 1000);
      ahead.textContent = seconds < 1 ? "no time" : duration(seconds * 1000);
    };
    const tell = (text, isBad = false) => {
      message.textContent = text;
      message.className = isBad ? "bad" : "good";
    };
    const refresh = async () => {
      try {
        const { now_ms: now, token_ttl_ms: lifetime } = await get("state");
        difference = now - Date.now();
        expire.textContent = `Expire all tokens (forward ${duration(lifetime)})`;
      } catch (error) {
        tell(error.message, true);
      }
      tick();
    };
    const advance = async (by) => {
      try {
        const { now_ms: now } = await call("POST", "clock", by);
        difference = now - Date.now();
        tell("The clock was moved. Tokens whose time is over have expired.");
      } catch (error) {
        tell(error.message, true);
      }
      tick();
    };
    const form = (label, input, submit) => element("form", {
      className: "bar",
      onsubmit: (event) => {
        event.preventDefault();
        submit();
      },
    }, field(label, input), button("Forward", undefined, { type: "submit" }));

    main.append(
      element("dl", {},
        element("dt", {}, "Real time"), real, element("dt", {}, "Emulated time"), emulated, element("dt", {}, "Ahead by"), ahead),
      element("div", { className: "bar" },
        STEPS.map(([label, step]) => button(`Forward ${label}`, () => advance({ advance_ms: step }))), expire),
      form("Minutes", minutes, () => advance({ advance_ms: Math.max(1, Math.round(Number(minutes.value) || 0)) * 60_000 })),
      form("Date and time, in the time zone of this browser", date, () => {
        const wanted = new Date(date.value).getTime();
        const by = wanted - Date.now() - (difference ?? 0);
        if (difference === undefined) tell("The time of the emulator is not known yet.", true);
        else if (Number.isNaN(wanted)) tell("This is no date and time.", true);
        else if (by <= 0) tell("The clock moves forward only: this is not after the emulated time. A reset brings it back to the real time.", true);
        else advance({ advance_ms: Math.ceil(by) });
      }),
      message);
    const ready = refresh();
    const timer = setInterval(tick, 1000);
    const now = soon(refresh);
    // A program that runs in the process of the emulator moves the clock without an event.
    const later = paced(refresh, 5000);
    const stop = listen(({ kind }) => (kind === "change" ? now() : later()));
    return {
      ready,
      end() {
        stop();
        later.stop();
        clearInterval(timer);
      },
    };
  },
};
