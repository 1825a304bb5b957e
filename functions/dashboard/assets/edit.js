// Settings → API keys → one key → Edit. Only what was changed is sent, so that what somebody else changes meanwhile stays.

import { call } from "./api.js";
import { h, icon, pageHead, toast } from "./dom.js";
import { choices, field, form } from "./form.js";
import { TYPES, fetchKey, forget, remember } from "./keydata.js";
import { CATEGORIES, addressField, chosenIn, expiryField, limitFields, nameField } from "./keyform.js";
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
      addressField(key.allowed_ips),
      inLines(key.metadata) && field("metadata", "Metadata", h("textarea", { rows: 3, spellcheck: "false", placeholder: "team=billing", value: linesOf(key.metadata) }),
        "One name=value a line: for your own programs, which read it with the key. Nothing secret."),
    ],
    action: "Save changes",
    cancel: h("a", { class: "button", href: `#/keys/${key.id}` }, "Cancel"),
    submit: async (data) => {
      const changes = changesOf(key, { ...chosenIn(data, scopes.chosen()), disabled: data.get("disabled") === "true", metadata: data.get("metadata") });
      if (Object.keys(changes).length) {
        const now = await call("PATCH", `v1/api-keys/${key.id}`, changes);
        forget(key.id);
        remember("keys", now);
        toast(`Saved “${now.name}”`);
      } else toast("Nothing was changed");
      location.replace(`#/keys/${key.id}`);
    },
  });
}

const linesOf = (metadata) => Object.entries(metadata).map(([name, value]) => `${name}=${value}`).join("\n");
const fromLines = (text) => Object.fromEntries(text.split("\n").filter((line) => line.trim()).map((line) => {
  const [name, ...value] = line.split("=");
  return [name.trim(), value.join("=").trim()];
}));
const same = (a, b) => JSON.stringify(Object.entries(a).sort()) === JSON.stringify(Object.entries(b).sort());

// Reports whether lines can have the metadata that a program has given: a text of several lines they cannot.
const inLines = (metadata) => same(fromLines(linesOf(metadata)), metadata);

// A JSON merge patch (RFC 7396) of what is another now.
function changesOf(key, now) {
  const changes = {};
  if (now.name !== key.name) changes.name = now.name;
  if (now.disabled !== key.disabled) changes.disabled = now.disabled;
  if (!same([...now.scopes].sort(), [...key.scopes].sort())) changes.scopes = now.scopes;
  if (now.expires_at !== undefined && now.expires_at !== key.expires_at) changes.expires_at = now.expires_at;
  const limits = CATEGORIES.map(([category]) => [category, now.rate_limit[category]]).filter(([category, limit]) => limit !== (key.rate_limit?.[category] ?? null));
  if (limits.length) changes.rate_limit = Object.fromEntries(limits);
  if (!same(now.allowed_ips, key.allowed_ips)) changes.allowed_ips = now.allowed_ips.length ? now.allowed_ips : null;
  if (now.metadata !== null) {
    const [was, is] = [key.metadata, fromLines(now.metadata)];
    const other = Object.keys({ ...was, ...is }).filter((name) => was[name] !== is[name]).map((name) => [name, is[name] ?? null]);
    if (other.length) changes.metadata = Object.fromEntries(other);
  }
  return changes;
}
