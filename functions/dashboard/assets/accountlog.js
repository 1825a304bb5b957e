// The log of an account: sign-ins, and what was changed.

import { h } from "./dom.js";
import { logOf, logTable } from "./entries.js";
import { exportButtons } from "./export.js";
import { NUMBER } from "./format.js";
import { empty, section } from "./status.js";

const CHANGES = {
  registered: "Registered", imported: "Imported", restored: "Came back from a restored table",
  role_changed: "Role changed", disabled: "Account disabled", enabled: "Account enabled", deleted: "Account deleted",
  password_changed: "Password changed", password_reset: "Password set", link_made: "Link for a password made", keys_handed_over: "Keys handed over",
  factor_added: "Second factor added", factor_removed: "Second factor removed", recovery_code_used: "Recovery code used",
  address_verified: "E-mail address verified", recovery_codes_made: "New recovery codes made",
  signed_in: "Signed in", session_ended: "Session ended", sessions_ended: "All other sessions ended",
};
const REFUSED = {
  "the password was wrong": "Wrong password", "the second factor was wrong": "Wrong second factor",
  "the account is disabled": "The account is disabled",
};
const REFUSALS = { sign_in_refused: "Not signed in", proof_refused: "No proof of who you are" };
const LINKS = { reset: "for a new password", invitation: "for a first password" };
const WITH = { totp: "with an authenticator app", passkey: "with a passkey", recovery_code: "with a recovery code" };

// Draws the log of a user, at a path of the API, into a place.
export const accountLog = (place, path, id) => section(place, "the log", () => logOf(path).more(), (log) => {
  if (!log.entries.length) return empty("Nothing yet", "Sign-ins and changes of the account are listed here.");
  const body = h("div", {});
  const draw = () => body.replaceChildren(...logTable(log, "Log of the account", { what: happened, who: whoDid, place: body, draw }));
  draw();
  return [exportButtons(path, "account", id), body];
});

function happened({ action, count = 1, label, detail = {} }) {
  const refused = REFUSALS[action];
  const name = refused ? REFUSED[detail.because] ?? `${refused}: ${detail.because}` : CHANGES[action] ?? action.replaceAll("_", " ");
  const hint = refused ? (action === "proof_refused" ? "before a change, in this hour" : "in this hour") : [label, more(detail)].filter(Boolean).join(": ");
  return [h("strong", {}, count > 1 ? `${name}, ${NUMBER.format(count)} times` : name), hint && h("span", { class: "hint" }, hint)];
}

// What an entry's detail adds for a person.
function more({ from, to, by, factor, purpose, given, because, only }) {
  if (purpose) return `${LINKS[purpose]}, ${given}`;
  if (from && to) return `${from} → ${to}`;
  return from ? `from ${from}` : to ? `to ${to}` : by ? `by ${by}` : because ?? only ?? WITH[factor];
}

function whoDid({ actor: { type, id }, user_id: whose }) {
  if (type === "user") return id === whose ? "The user" : "An administrator";
  return { key: `Key ${id}`, operator: "An operator" }[type] ?? "Unknown";
}
