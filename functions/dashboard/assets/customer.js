// Customers → one customer: what it may do, what is left of its quota, its keys, and what can be done to it.

import { access, call } from "./api.js";
import { customerBadge, customerPath, findCustomer, nameOfCustomer } from "./customerdata.js";
import { customerLog } from "./customerlog.js";
import { confirmDialog } from "./dialog.js";
import { button, copyable, h, icon, pageHead, toast } from "./dom.js";
import { moment, plural } from "./format.js";
import { TYPES, fetchProjects, forget, isMine, projectNames, stateBadge, withRecent } from "./keydata.js";
import { limitText } from "./limits.js";
import { addRows, listing, moreButton } from "./listing.js";
import { metadataChips } from "./metadata.js";
import { quotaView, refillButton } from "./quota.js";
import { notFound, problemBox, section } from "./status.js";

export async function customerPage(place, id) {
  const content = h("div", {});
  place.append(h("a", { class: "back", href: "#/customers" }, icon("back"), "Customers"), content);
  await section(content, "the customer", async () => {
    const [customer, projects] = await Promise.all([findCustomer(id), fetchProjects()]);
    if (customer) return { customer, names: projectNames(projects) };
    return { deleted: await call("GET", `v1/customers/${id}/log?limit=1`).then(() => true, () => false) };
  }, ({ customer, names, deleted }) => customer ? customerView(customer, names)
    : deleted ? [pageHead("Deleted customer", `The log of customer ${id} is kept.`), logPart(id)] : notFound(`There is no customer ${id}.`));
}

function logPart(id) {
  const log = h("div", {});
  customerLog(log, id);
  return h("section", { class: "under" }, h("h2", {}, "Log"), log);
}

function customerView(customer, names) {
  const head = h("div", {}), keys = h("div", {}), log = h("div", {});
  const draw = (now = customer) => {
    customer = now;
    document.title = `${nameOfCustomer(customer)} · Latchkey`;
    head.replaceChildren(customerHead(customer, names.has(customer.project_id), draw), customerFacts(customer, names, draw));
    head.querySelector("h1").focus({ preventScroll: true });
    log.replaceChildren(logPart(customer.id));
  };
  queueMicrotask(draw);
  section(keys, "its keys", () => keysOf(customer), (page) => keyList(customer, page));
  return [head, h("section", { class: "under" }, h("h2", {}, "API keys"), keys), log];
}

// own reports whether the customer is of a project of the user, and not of somebody whom an administrator oversees.
const customerHead = (customer, own, draw) => pageHead(nameOfCustomer(customer), [customerBadge(customer), h("span", { class: "mono" }, customer.external_id)],
  own && h("a", { class: "button primary", href: `#/keys/new?customer=${customer.id}` }, icon("plus"), "Create key"),
  h("a", { class: "button", href: `#/usage?of=${customer.id}&group=key` }, "Usage"),
  h("a", { class: "button", href: `#/customers/${customer.id}/edit` }, "Edit"),
  customer.disabled
    ? button("Enable", (event) => call("PATCH", customerPath(customer), { disabled: false }).then((now) => { draw(now); toast(`Enabled “${nameOfCustomer(now)}”`); }, (error) => event.target.closest("header").after(problemBox(error))))
    : button("Disable", () => turnCustomerOff(customer, draw)),
  button("Delete", () => removeCustomer(customer), { class: "button danger-line" }));

function customerFacts(customer, names, draw) {
  const metadata = metadataChips(customer.metadata);
  return h("dl", { class: "card facts" }, [
    ["Quota", [quotaView(customer.quota) ?? "None", refillButton(customer.quota, customerPath(customer), nameOfCustomer(customer), draw)]],
    ["Limits", limitText(customer.rate_limit) || "None of its own"],
    ["External id", h("span", { class: "mono" }, customer.external_id)],
    ["Project", names.get(customer.project_id) ?? customer.project_id],
    ["Created", moment(customer.created_at)],
    ["Id", copyable(customer.id)],
    metadata && ["Metadata", metadata],
    ["Scopes", customer.scopes ? h("span", { class: "chips" }, customer.scopes.map((name) => h("span", { class: "chip" }, name))) : "What each of its keys has"],
  ].filter(Boolean).map(([name, value]) => h("div", { class: name.toLowerCase().split(" ")[0] }, h("dt", {}, name), h("dd", {}, value))));
}

// A page of a customer's keys, newest first. To an administrator these are also those of other people.
export const keysOf = (customer, cursor) => call("GET", `api/v1/auth/api-keys?${new URLSearchParams({
  customer_id: customer.id, limit: 100, ...(access.user.role === "admin" && { owner: "*" }), ...(cursor && { cursor }),
})}`);

const COLUMNS_OF_KEYS = ["Name", "State", "Type", "Last used", "Expires"];

function keyList(customer, page) {
  const first = withRecent("keys", page.api_keys).filter((key) => key.customer_id === customer.id);
  if (!first.length) return h("p", { class: "hint" }, "None yet.");
  const table = listing("API keys of the customer, newest first", COLUMNS_OF_KEYS, first.map(keyCells));
  let cursor = page.next_cursor;
  const more = moreButton("Show more", async () => {
    const next = await keysOf(customer, cursor);
    cursor = next.next_cursor;
    if (!cursor) more.remove();
    return addRows(table, COLUMNS_OF_KEYS, next.api_keys.map(keyCells));
  });
  return [table, cursor && h("div", { class: "pager" }, more)].filter(Boolean);
}

const keyCells = (key) => [
  [h("a", { href: `#/keys/${key.id}${isMine(key) ? "" : `?owner=${key.owner.id}`}` }, key.name), h("span", { class: "hint mono" }, key.key)],
  [stateBadge(key), quotaView(key.quota)],
  TYPES[key.type]?.[0] ?? key.type,
  moment(key.last_used_at, "Never"),
  moment(key.expires_at, "Never"),
];

// How many keys in force end or rest with their customer, as far as one page tells.
async function keysInForce(customer) {
  const page = await keysOf(customer);
  const live = page.api_keys.filter((key) => key.status === "active" || key.status === "disabled").length;
  return page.next_cursor ? `Its keys, ${live} of the newest ${page.api_keys.length} in force,` : live ? `Its ${plural(live, "key")} in force` : "";
}

// Asks before a change to all keys of a customer. The number of keys comes into the text once it is known.
function askAbout(customer, title, says, rest) {
  const about = h("p", { role: "status" }, "Counting its keys…");
  keysInForce(customer).then((keys) => { about.textContent = keys ? `${keys} ${says}` : "It has no key in force."; }, () => { about.textContent = `Its keys ${says}`; });
  confirmDialog({ title: `${title} “${nameOfCustomer(customer)}”?`, text: [], extra: about, ...rest });
}

const turnCustomerOff = (customer, draw) => askAbout(customer, "Disable", "are refused from the next request on, and every token made from them, until you enable it again.", {
  agree: "Disable customer",
  does: () => call("PATCH", customerPath(customer), { disabled: true }),
  then: (now) => { draw(now); toast(`Disabled “${nameOfCustomer(now)}”`); },
});

const removeCustomer = (customer) => askAbout(customer, "Delete", "are refused as revoked from the next request on, and every token made from them. This cannot be undone.", {
  agree: "Delete customer",
  does: () => call("DELETE", customerPath(customer)),
  then: () => {
    forget(customer.id);
    toast(`Deleted “${nameOfCustomer(customer)}”`);
    location.hash = "#/customers";
  },
});
