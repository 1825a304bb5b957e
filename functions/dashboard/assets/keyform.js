// What the owner of a key chooses for it, as fields: of the form that makes a key, and of the one that edits it.

import { settings } from "./api.js";
import { h } from "./dom.js";
import { field, input, invalid, select } from "./form.js";
import { DAY, NUMBER } from "./format.js";

const EXPIRIES = [["7", "In 7 days"], ["30", "In 30 days"], ["90", "In 90 days"], ["365", "In a year"], ["date", "On a date…"], ["", "Never"]];
const PROPOSED = "90", KEPT = "kept";
export const CATEGORIES = [["read", "Reads"], ["write", "Writes"], ["management", "Management"], ["auth", "Token requests"]];

export const nameField = (name) => field("name", "Name", input({ maxlength: 100, required: true, placeholder: "ci-pipeline", value: name }),
  "What uses it, so that you know later what you are about to revoke.");

// key is the one that has an expiry already, if there is one.
export function expiryField(key) {
  const date = input({ type: "date", name: "expires_on", min: new Date(Date.now() + 86400e3).toISOString().slice(0, 10), "aria-label": "Expires on", hidden: true });
  const kept = key && [[KEPT, `As it is: ${key.expires_at ? DAY.format(new Date(key.expires_at)) : "never"}`]];
  const expiry = select([...kept ?? [], ...EXPIRIES], { value: key ? KEPT : PROPOSED, onchange: () => { date.hidden = expiry.value !== "date"; } });
  return h("div", {}, field("expires_at", "Expires", expiry, "A key that is forgotten ends by itself. Regenerating does not change this."), date);
}

export const limitFields = (own) =>
  h("fieldset", { class: "field limits", "data-field": "rate_limit" }, h("legend", {}, `Limits: requests per ${settings.window} s`),
    h("div", { class: "row" }, CATEGORIES.map(([category, label]) =>
      h("label", {}, h("span", { class: "hint" }, label), input({ type: "number", name: `limit-${category}`, min: 1, max: 1000000, inputmode: "numeric", value: own?.[category], placeholder: settings.limits[category] ? `default ${NUMBER.format(settings.limits[category])}` : "no limit" })))),
    h("p", { class: "field-error" }));

export const addressField = (addresses = []) =>
  field("allowed_ips", "Allowed addresses", h("textarea", { rows: 3, spellcheck: "false", placeholder: "203.0.113.7\n198.51.100.0/24", value: addresses.join("\n") }),
    "One address or CIDR block a line. The key is refused from everywhere else. Empty: from anywhere.");

// What was chosen in these fields: expires_at is null for never, and undefined for as it is; a limit is null for the deployment's.
export function chosenIn(data, scopes) {
  const name = data.get("name").trim(), expires = data.get("expires_at"), wrong = [];
  if (!name) wrong.push({ field: "name", message: "Give it a name" });
  if (!scopes.length) wrong.push({ field: "scopes", message: "Choose at least one scope, or a shortcut" });
  const at = expires === "date" ? new Date(`${data.get("expires_on")}T23:59:59`) : new Date(Date.now() + expires * 86400e3);
  if (expires && expires !== KEPT && isNaN(at)) wrong.push({ field: "expires_at", message: "Choose the date" });
  if (wrong.length) throw invalid(wrong);
  const limit = (text) => text ? Number(text) : null;
  return {
    name, scopes,
    expires_at: expires === KEPT ? undefined : expires ? at.toISOString() : null,
    rate_limit: Object.fromEntries(CATEGORIES.map(([category]) => [category, limit(data.get(`limit-${category}`))])),
    allowed_ips: data.get("allowed_ips").split(/[\s,]+/).filter(Boolean),
  };
}
