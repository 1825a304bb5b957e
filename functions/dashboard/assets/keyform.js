// What the owner of a key chooses for it, as fields: of the form that makes a key, and of the one that edits it.

import { h } from "./dom.js";
import { field, input, invalid, select } from "./form.js";
import { DAY } from "./format.js";

const EXPIRIES = [["7", "In 7 days"], ["30", "In 30 days"], ["90", "In 90 days"], ["365", "In a year"], ["date", "On a date…"], ["", "Never"]];
const PROPOSED = "90", KEPT = "kept";

export const nameField = (name) => field("name", "Name", input({ maxlength: 100, required: true, placeholder: "ci-pipeline", value: name }),
  "What uses it, so that you know later what you are about to revoke.");

// key is the one that has an expiry already, if there is one.
export function expiryField(key) {
  const date = input({ type: "date", name: "expires_on", min: new Date(Date.now() + 86400e3).toISOString().slice(0, 10), "aria-label": "Expires on", hidden: true });
  const kept = key && [[KEPT, `As it is: ${key.expires_at ? DAY.format(new Date(key.expires_at)) : "never"}`]];
  const expiry = select([...kept ?? [], ...EXPIRIES], { value: key ? KEPT : PROPOSED, onchange: () => { date.hidden = expiry.value !== "date"; } });
  return h("div", {}, field("expires_at", "Expires", expiry, "A key that is forgotten ends by itself. Regenerating does not change this."), date);
}

export const addressField = (addresses = []) =>
  field("allowed_ips", "Allowed addresses", h("textarea", { rows: 3, spellcheck: "false", placeholder: "203.0.113.7\n198.51.100.0/24", value: addresses.join("\n") }),
    "One address or CIDR block a line. The key is refused from everywhere else. Empty: from anywhere.");

// What was chosen in these fields: expires_at is null for never, and undefined for as it is.
export function chosenIn(data, scopes) {
  const name = data.get("name").trim(), expires = data.get("expires_at"), wrong = [];
  if (!name) wrong.push({ field: "name", message: "Give it a name" });
  if (!scopes.length) wrong.push({ field: "scopes", message: "Choose at least one scope, or a shortcut" });
  const at = expires === "date" ? new Date(`${data.get("expires_on")}T23:59:59`) : new Date(Date.now() + expires * 86400e3);
  if (expires && expires !== KEPT && isNaN(at)) wrong.push({ field: "expires_at", message: "Choose the date" });
  if (wrong.length) throw invalid(wrong);
  return {
    name, scopes,
    expires_at: expires === KEPT ? undefined : expires ? at.toISOString() : null,
    allowed_ips: data.get("allowed_ips").split(/[\s,]+/).filter(Boolean),
  };
}
