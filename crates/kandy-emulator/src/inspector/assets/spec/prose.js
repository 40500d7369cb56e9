// Shows the texts of the spec: paragraphs, lists, `code` and **strong** words. Everything else is text.

import { element } from "../dom.js";

const ITEM = /^\s*[*\-] /;

/** Returns the elements of a text: paragraphs and lists, or one element of another kind. */
export function prose(text, within) {
  if (within) return element(within, {}, words(text));
  return text.split(/\n\s*\n/).map((block) => block.trim()).filter((block) => block !== "").flatMap((block) => {
    if (!ITEM.test(block)) return element("p", {}, words(block.replace(/^#+ /, "")));
    // A line that begins no item goes on with the last one.
    const items = block.split("\n").reduce((found, line) => {
      if (ITEM.test(line)) found.push(line.replace(ITEM, ""));
      else found[found.length - 1] += ` ${line.trim()}`;
      return found;
    }, []);
    return element("ul", {}, items.map((item) => element("li", {}, words(item))));
  });
}

/** The words of a text: every second part is in backticks. */
function words(text) {
  return text.split("`").flatMap((part, at) => (at % 2 === 1 ? [element("code", {}, part)]
    : part.split("**").map((inner, strong) => (strong % 2 === 1 ? element("strong", {}, inner) : inner))));
}
