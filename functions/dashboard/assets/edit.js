// Settings → API keys → one key → Edit. Only what was changed is sent, so that what somebody else changes meanwhile stays.

import { call } from "./api.js";
import { h, icon, pageHead, toast } from "./dom.js";
import { choices, form } from "./form.js";
import { TYPES, fetchKey, forget, remember } from "./keydata.js";
import { addressField, chosenIn, expiryField, nameField } from "./keyform.js";
import { limitChanges, limitFields } from "./limits.js";
import { metadataChanges, metadataField } from "./metadata.js";
import { quotaChange, quotaFields } from "./quota.js";
import { scopeGrid } from "./scopes.js";
import { notFound, section } from "./status.js";

export async function editPage(place, id) {
  const content = h("div", {});
  place.append(h("a", { class: "back", href: `#/keys/${id}` }, icon("back"), "The key"), content);
  await section(content, "the key", () => fetchKey(id), (key) => key ? editor(key) : notFound(`You have no key ${id}.`));
  (content.querySelector("[name=name]") ?? content.querySelector("h1"))?.focus();
}

function editor(key) {
  const head = pageHead(`Edit “${key.name}”`, [TYPES[key.type]?.[0] ?? key.type, h("span", { class: "mono" }, key.key)]);
  if (key.status === "active" || key.status === "disabled") return [head, editForm(key)];
  return [head, h("p", {}, `It is ${key.status}, and such a key cannot be changed. Create another.`)];
}

function editForm(key) {
  const scopes = scopeGrid();
  scopes.setType(key.type, key.scopes);
  const had = scopes.chosen(); // without those that the user does not hold
  return form({
    content: [
      nameField(key.name),
      choices("disabled", "State", [
        ["", "Active", "It opens what you choose below."],
        ["true", "Disabled", "Its very next request is refused, and every token that was made from it, until you enable it again. To end a key for good, revoke it on its page."],
      ], key.disabled ? "true" : ""),
      scopes.element,
      expiryField(key),
      limitFields(key.rate_limit),
      quotaFields(key.quota),
      addressField(key.allowed_ips),
      metadataField(key.metadata),
    ],
    keeps: true,
    action: "Save changes",
    cancel: h("a", { class: "button", href: `#/keys/${key.id}` }, "Cancel"),
    submit: async (data) => {
      const changes = changesOf(key, data, scopes.chosen(), had);
      if (changes) {
        const now = await call("PATCH", `v1/api-keys/${key.id}`, changes);
        forget(key.id);
        remember("keys", now);
        toast(`Saved “${now.name}”`);
      } else toast("Nothing was changed");
      location.replace(`#/keys/${key.id}`);
    },
  });
}

const same = (a, b) => JSON.stringify([...a].sort()) === JSON.stringify([...b].sort());

// A JSON merge patch (RFC 7396) of what is another now.
function changesOf(key, data, scopes, had) {
  const now = chosenIn(data, scopes), off = data.get("disabled") === "true";
  const expiry = now.expires_at !== undefined && now.expires_at !== key.expires_at;
  const changes = {
    name: now.name !== key.name ? now.name : undefined,
    disabled: off !== key.disabled ? off : undefined,
    scopes: same(scopes, had) ? undefined : scopes,
    expires_at: expiry ? now.expires_at : undefined,
    rate_limit: limitChanges(key.rate_limit, data),
    quota: quotaChange(key.quota, data),
    allowed_ips: same(now.allowed_ips, key.allowed_ips) ? undefined : now.allowed_ips.length ? now.allowed_ips : null,
    metadata: metadataChanges(key.metadata, data),
  };
  return Object.values(changes).some((value) => value !== undefined) && changes;
}
