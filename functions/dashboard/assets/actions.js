// The actions on a key. Each asks first, and tells what will happen.

import { call, settings } from "./api.js";
import { confirmDialog } from "./dialog.js";
import { h, toast } from "./dom.js";
import { field, input, select } from "./form.js";
import { span } from "./format.js";
import { forget } from "./keydata.js";
import { userOf } from "./user.js";

export function revoke(key, done) {
  const makes = key.type === "secret" || key.scopes.includes("admin");
  const cascade = h("input", { type: "checkbox" });
  confirmDialog({
    title: `Revoke “${key.name}”?`,
    text: ["Its very next request is refused, and so is every token that was made from it. This cannot be undone.",
      "The key stays in your list, marked as revoked, with its audit log."],
    extra: makes && h("label", { class: "inline" }, cascade, "Also revoke every key that came from it"),
    agree: "Revoke key",
    does: () => call("PUT", `api/v1/auth/api-keys/${key.id}/revoke`, { cascade: cascade.checked }),
    then: (now) => {
      done(now);
      toast(`Revoked “${key.name}”${now.also_revoked ? ` and ${now.also_revoked} more` : ""}`);
    },
  });
}

// Enabling gives back what the key had, so it does not ask.
export function turnOn(key, done, failed) {
  return call("PATCH", `v1/api-keys/${key.id}`, { disabled: false })
    .then((now) => { done(now); toast(`Enabled “${key.name}”`); }, failed);
}

export function turnOff(key, done) {
  confirmDialog({
    title: `Disable “${key.name}”?`,
    text: ["Its very next request is refused, and so is every token that was made from it, until you enable it again."],
    agree: "Disable key",
    does: () => call("PATCH", `v1/api-keys/${key.id}`, { disabled: true }),
    then: (now) => { done(now); toast(`Disabled “${key.name}”`); },
  });
}

export function remove(key, done) {
  confirmDialog({
    title: `Delete “${key.name}”?`,
    text: ["Its very next request is refused, and it leaves your list. This cannot be undone.",
      `Its audit log is kept; you find it under the key's id, ${key.id}.`],
    agree: "Delete key",
    does: () => call("DELETE", `api/v1/auth/api-keys/${key.id}`),
    then: () => { forget(key.id); done(); toast(`Deleted “${key.name}”`); },
  });
}

// For administrators.
export function handKeyOver(key, done) {
  const to = input({ type: "email", autocapitalize: "none" });
  confirmDialog({
    title: `Hand over “${key.name}”?`,
    text: ["It belongs to another user then. It keeps its secret, scopes and project: programs that use it notice nothing."],
    extra: field("owner", "E-mail address of the new owner", to),
    agree: "Hand over",
    danger: false,
    does: async () => {
      const owner = await userOf(to.value.trim().toLowerCase());
      return { ...await call("PATCH", `v1/api-keys/${key.id}`, { owner: owner.id }), owner };
    },
    then: (now) => { done(now); toast(`Handed over “${key.name}”`); },
  });
}

export function regenerate(key, done) {
  const graces = [0, 3600, 86400, 604800].filter((seconds) => seconds <= settings.max_grace);
  const grace = select(graces.map((seconds) => [seconds, seconds ? `For ${span(seconds)} more` : "No: it stops at once"]));
  confirmDialog({
    title: `Regenerate “${key.name}”?`,
    text: ["It gets a new secret, shown once. Its id, scopes and log stay."],
    extra: field("grace", "Does the old secret still work?", grace, "A grace lets you roll the new one out without an outage. If the old one leaked, give none."),
    agree: "Regenerate key",
    danger: false,
    does: () => call("POST", `api/v1/auth/api-keys/${key.id}/regenerate`, { grace_seconds: Number(grace.value) }),
    then: (made) => done(made, Number(grace.value)),
  });
}

export function endOld(key, done) {
  confirmDialog({
    title: `End the old secret of “${key.name}”?`,
    text: ["Whoever still uses it is refused at their very next request. The new secret is not affected."],
    agree: "End it now",
    does: () => call("PATCH", `v1/api-keys/${key.id}`, { previous_valid_until: null }),
    then: (now) => { done(now); toast("The old secret is refused from now on"); },
  });
}
