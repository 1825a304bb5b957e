// Settings → API keys → one key: its properties, actions and audit log.

import { endOld, handKeyOver, regenerate, remove, revoke, turnOff, turnOn } from "./actions.js";
import { access, call } from "./api.js";
import { auditLog } from "./audit.js";
import { findCustomer, nameOfCustomer } from "./customerdata.js";
import { button, copyable, h, icon, pageHead } from "./dom.js";
import { moment, span } from "./format.js";
import { TYPES, fetchKey, fetchProjects, isMine, masked, projectNames, stateBadge } from "./keydata.js";
import { limitText } from "./limits.js";
import { metadataChips } from "./metadata.js";
import { quickStart } from "./quickstart.js";
import { quotaView, refillButton } from "./quota.js";
import { secretPanel } from "./secret.js";
import { notFound, problemBox, section } from "./status.js";

export async function keyPage(place, id, asked) {
  const content = h("div", {}), owner = asked.get("owner");
  place.append(owner ? h("a", { class: "back", href: `#/users/${owner}` }, icon("back"), "The user") : h("a", { class: "back", href: "#/keys" }, icon("back"), "API keys"), content);
  await section(content, "the key", async () => {
    const [key, projects] = await Promise.all([fetchKey(id, owner), fetchProjects(owner)]);
    const found = key ? { key, projects } : await elsewhere(id);
    return { ...found, customer: found.key?.customer_id && await findCustomer(found.key.customer_id) };
  }, ({ key, projects, customer, deleted }) => key || deleted ? keyView(id, key, projectNames(projects ?? []), customer) : notFound(`You have no key ${id}.`));
}

// A key that is not where the address says was deleted, or belongs to somebody whom its log names, or is none.
async function elsewhere(id) {
  const owners = await ownersIn(id);
  for (const owner of access.user.role === "admin" ? owners : []) {
    const key = await fetchKey(id, owner);
    if (key) return { key, projects: await fetchProjects(owner) };
  }
  return { key: null, deleted: owners.size > 0 };
}

async function ownersIn(id) {
  try {
    const { entries } = await call("GET", `api/v1/auth/api-keys/${id}/audit-log?limit=100`);
    return new Set(entries.map((entry) => entry.owner_id));
  } catch (error) {
    if (error.status === 404) return new Set();
    throw error;
  }
}

// key is null for one that was deleted: its log is still there.
function keyView(id, key, names, customer) {
  const head = h("div", {}), log = h("div", { class: "log-part" });
  const draw = () => {
    document.title = `${key ? key.name : "Deleted key"} · Latchkey`;
    head.replaceChildren(...(key ? [keyHead(key, changed, deleted, renewed), keyFacts(key, names, customer, changed)] : [pageHead("Deleted key", `The log of key ${id} is kept.`)]));
    head.querySelector("h1").focus({ preventScroll: true });
    auditLog(log, id, key);
  };
  const changed = (now) => { key = { owner: key.owner, ...now }; draw(); }; // not every answer names the owner
  const deleted = () => { key = null; draw(); };
  const renewed = (made, grace) => {
    const shown = masked(made.key);
    const panel = secretPanel(made, {
      title: "The new key",
      text: grace ? `The old one works for ${span(grace)} more, then it is refused.` : "The old one is refused from now on.",
      done: () => { start.remove(); head.querySelector("h1").focus(); },
    });
    const start = quickStart(shown, panel);
    changed({ ...made, key: shown });
    head.append(panel, start);
    panel.querySelector("output").focus();
  };
  queueMicrotask(draw);
  return [head, log];
}

function keyHead(key, changed, deleted, renewed) {
  const live = key.status === "active", off = key.status === "disabled", mine = isMine(key);
  return pageHead(key.name, [stateBadge(key), h("span", { class: "mono" }, key.key)],
    h("a", { class: "button", href: `#/usage?of=${key.id}&group=route` }, "Usage"),
    (live || off) && mine && h("a", { class: "button", href: `#/keys/${key.id}/edit` }, "Edit"),
    (live || off) && mine && button("Regenerate", () => regenerate(key, renewed)),
    (live || off) && access.user.role === "admin" && button("Hand over", () => handKeyOver(key, changed)),
    live && button("Disable", () => turnOff(key, changed)),
    off && button("Enable", (event) => turnOn(key, changed, (error) => event.target.closest("header").after(problemBox(error)))),
    key.status !== "revoked" && button("Revoke", () => revoke(key, changed), { class: "button danger-line" }),
    button("Delete", () => remove(key, deleted), { class: "button danger-line" }));
}

function keyFacts(key, names, customer, changed) {
  const metadata = metadataChips(key.metadata);
  const facts = [
    !isMine(key) && ["Owner", access.user.role === "admin" ? h("a", { href: `#/users/${key.owner.id}` }, key.owner.email) : key.owner.email],
    ["Type", TYPES[key.type]?.[0] ?? key.type],
    key.customer_id && ["Customer", customer ? [h("a", { href: `#/customers/${customer.id}` }, nameOfCustomer(customer)), customer.disabled && h("span", { class: "hint" }, "Disabled: the key is refused")] : "Deleted: the key is refused"],
    ["Project", names.get(key.project_id) ?? key.project_id],
    ["Created", moment(key.created_at)],
    key.created_by && ["Made by", h("a", { class: "mono", href: `#/keys/${key.created_by}` }, key.created_by)],
    ["Last used", moment(key.last_used_at, "Never")],
    key.revoked_at ? ["Revoked", moment(key.revoked_at)] : ["Expires", moment(key.expires_at, "Never")],
    key.previous_valid_until && ["Old secret", ["Works, ends ", moment(key.previous_valid_until), " ", button("End it now", () => endOld(key, changed), { class: "button small" })]],
    ["Id", copyable(key.id)],
    ["Quota", [quotaView(key.quota) ?? "None", isMine(key) && (key.status === "active" || key.status === "disabled") && refillButton(key.quota, `v1/api-keys/${key.id}`, key.name, changed)]],
    ["Limits", limitText(key.rate_limit) || "The deployment’s"],
    ["Allowed addresses", key.allowed_ips.length ? h("span", { class: "chips" }, key.allowed_ips.map((ip) => h("span", { class: "chip" }, ip))) : "Anywhere"],
    metadata && ["Metadata", metadata],
    ["Scopes", h("span", { class: "chips" }, key.scopes.map((name) => h("span", { class: "chip" }, name)))],
  ];
  return h("dl", { class: "card facts" }, facts.filter(Boolean).map(([name, value]) => h("div", { class: name.toLowerCase().split(" ")[0] }, h("dt", {}, name), h("dd", {}, value))));
}
