// Who sends a call: the fields of its credential, and the credential itself. Access tokens are minted when a call is sent.

import { call, get } from "../api.js";
import { button, element, field, replaceOptions } from "../dom.js";

const LEVELS = { user_access_token: "a user", domain_access_token: "a domain", account_access_token: "the account" };
const KEYS = {
  domain_api_key: { label: "API key of the domain", variable: "KANDY_DOMAIN_API_KEY" },
  account_api_key: { label: "API key of the account", variable: "KANDY_ACCOUNT_API_KEY" },
};
// The variables that hold secrets, by the parameters that take them.
const SECRETS = { domain_api_secret: "KANDY_DOMAIN_API_SECRET", account_api_secret: "KANDY_ACCOUNT_API_SECRET" };

// The choice stays while other operations are shown.
const chosen = { user: "", domain: "" };

/**
 * Returns the fields of the caller of an operation: `section`, the element; `credential()`, which returns the value of `key`; `user()`,
 * the full user id if a user calls; and `update(state)`, which takes the names of users and domains. `onchange` is called when another
 * user is chosen, and `fill(name, value)` sets a parameter.
 */
export function caller(operation, { onchange, fill }) {
  const scheme = operation.security[0];
  const parts = KEYS[scheme] ? apiKey(scheme, operation, fill) : accessToken(operation.security, onchange);
  const section = element("fieldset", {}, element("legend", {}, "Caller"), parts.elements);
  return { section, user: () => undefined, update: () => {}, ...parts };
}

function apiKey(scheme, { parameters }, fill) {
  const { label, variable } = KEYS[scheme];
  const key = element("input", { type: "password", autocomplete: "off", required: true, size: 28 });
  const failure = element("span", { className: "bad", role: "status" });
  const seed = button("Fill in the seed's credentials", async () => {
    try {
      const { environment } = await get("environment");
      failure.textContent = environment[variable] ? "" : "The seed has none.";
      key.value = environment[variable] ?? key.value;
      for (const { name } of parameters) if (environment[SECRETS[name]]) fill(name, environment[SECRETS[name]]);
    } catch (error) {
      failure.textContent = error.message;
    }
  });
  return { elements: element("div", { className: "bar" }, field(label, key), seed, failure), credential: async () => key.value };
}

function accessToken(schemes, onchange) {
  const level = element("select", { onchange: () => {
    show();
    onchange();
  } },
    schemes.map((scheme) => element("option", { value: scheme }, LEVELS[scheme])));
  const known = element("datalist", { id: "api-users" });
  const user = element("input", { value: chosen.user, size: 28, required: true, autocomplete: "off", onchange: () => {
    chosen.user = user.value.trim();
    onchange();
  } });
  user.setAttribute("list", known.id);
  const domain = element("select", { required: true, onchange: () => { chosen.domain = domain.value; } });
  const fields = [["user_access_token", user, field("User", user)], ["domain_access_token", domain, field("Domain", domain)]];
  const show = () => {
    for (const [scheme, input, labelled] of fields) {
      labelled.hidden = scheme !== level.value;
      // A hidden field must not keep the form from being sent.
      input.disabled = labelled.hidden;
    }
  };
  show();
  return {
    elements: element("div", { className: "bar" },
      schemes.length > 1 ? field("As", level) : null, fields.map(([, , labelled]) => labelled), known,
      schemes[0] === "account_access_token" ? element("span", {}, "The account") : null),
    user: () => (level.value === "user_access_token" ? user.value.trim() : undefined),
    credential: async () => {
      const owner = { user_access_token: { full_user_id: user.value.trim() }, domain_access_token: { domain_name: domain.value } };
      return (await call("POST", "tokens", owner[level.value] ?? { account: true }))[level.value];
    },
    update({ full_user_ids: users, domain_names: domains }) {
      replaceOptions(known, users);
      replaceOptions(domain, domains);
      chosen.domain = domains.includes(chosen.domain) ? chosen.domain : domains[0] ?? "";
      domain.value = chosen.domain;
      if (user.value !== "" || document.activeElement === user) return;
      chosen.user = users[0] ?? "";
      user.value = chosen.user;
      onchange();
    },
  };
}
