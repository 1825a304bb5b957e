// The audit log of a key: a chart of its use, a warning about unusual addresses, and the entries.

import { HOUR, HOURS, chart } from "./chart.js";
import { h, icon } from "./dom.js";
import { logOf, logTable } from "./entries.js";
import { exportButtons } from "./export.js";
import { NUMBER, plural, span } from "./format.js";
import { TYPES } from "./keydata.js";
import { section } from "./status.js";

const ACTIONS = {
  created: "Created", updated: "Updated", regenerated: "Regenerated", revoked: "Revoked",
  deleted: "Deleted", token_issued: "Token issued", used: "Used", refused: "Wrong secret",
};

const NEW_FOR = 24 * 3600e3; // how long an address counts as new

// Fetches pages until the chart's hours are covered.
async function covering(log) {
  const covered = () => new Date(log.entries.at(-1)?.at ?? 0) < Date.now() - HOURS * HOUR;
  for (let pages = 0; pages === 0 || (log.cursor && pages < 10 && !covered()); pages++) await log.more();
  return log;
}

export function auditLog(place, id, key) {
  return section(place, "the audit log", () => covering(logOf(`api/v1/auth/api-keys/${id}/audit-log`)), (log) => {
    const body = h("div", {});
    const draw = () => body.replaceChildren(...logView(body, log, id, key, draw));
    draw();
    return body;
  });
}

// The unusual addresses, each with the reason. An address that was always refused is unusual. A
// new one is unusual if the key was used from elsewhere before.
function unexpected(entries) {
  const uses = entries.filter((entry) => entry.action === "used");
  const seen = new Map();
  for (const { address, at, count = 0, refusals = 0 } of uses) {
    const known = seen.get(address) ?? { first: Infinity, passed: 0 };
    seen.set(address, { first: Math.min(known.first, new Date(at)), passed: known.passed + count - refusals });
  }
  const earliest = Math.min(...[...seen.values()].map((known) => known.first));
  const recent = Date.now() - NEW_FOR;
  const why = new Map();
  for (const [address, { first, passed }] of seen) {
    if (passed === 0) why.set(address, "every request was refused");
    else if (first > recent && earliest < recent) why.set(address, "new in the last day");
  }
  return why;
}

function logView(place, log, id, key, draw) {
  const strange = unexpected(log.entries);
  return [
    chart(log.entries),
    strange.size > 0 && h("div", { class: "notice warn" }, icon("warning"), h("div", {},
      h("strong", {}, strange.size === 1 ? "An unexpected address" : `${strange.size} unexpected addresses`),
      h("ul", {}, [...strange].map(([address, why]) => h("li", {}, h("span", { class: "mono" }, address), `: ${why}`))),
      h("p", {}, key?.status === "active" ? "If it is not one of yours, revoke the key; that takes effect on the next request." : "The key is not in force."))),
    h("section", { class: "log" }, h("div", { class: "row between" }, h("h2", {}, "Audit log"), exportButtons(`api/v1/auth/api-keys/${id}/audit-log`, "key", id)),
      logTable(log, "Audit log", { what, who, strange: (entry) => entry.action === "used" && strange.has(entry.address), place, draw })),
  ].filter(Boolean);
}

function what(entry) {
  if (entry.action !== "used") return [h("strong", {}, ACTIONS[entry.action] ?? entry.action), detail(entry)];
  return [h("span", { class: "mono" }, entry.route), h("span", { class: "hint figures" },
    plural(entry.count ?? 0, "request"), entry.refusals > 0 && h("span", { class: "refusals" }, `, ${NUMBER.format(entry.refusals)} refused`))];
}

function detail({ action, count, detail: said = {} }) {
  if (action === "refused") return h("span", { class: "hint figures" }, `${plural(count, "request")} in this hour`);
  if (action === "updated") {
    return h("span", { class: "hint" }, Object.keys(said).filter((name) => name.endsWith("_to"))
      .map((name) => name.slice(0, -3)).map((name) => `${name.replaceAll("_", " ")}: ${said[`${name}_from`]} → ${said[`${name}_to`]}`).join("; "));
  }
  if (action === "regenerated") return h("span", { class: "hint" }, Number(said.grace_seconds) ? `old secret good for ${span(Number(said.grace_seconds))}` : "old secret stopped at once");
  if (action === "created") {
    const scopes = said.scopes?.split(" ") ?? [];
    return h("span", { class: "hint", title: scopes.join(", ") }, `${TYPES[said.type]?.[0] ?? said.type}, ${plural(scopes.length, "scope")}`);
  }
  const text = Object.entries(said).map(([name, value]) => `${name}: ${value}`).join("; ");
  return text && h("span", { class: "hint" }, text);
}

const who = ({ actor }) => ({ key: "This key", client: "A token of this key", unknown: "Unknown", scanner: "A scanner of leaks" }[actor.type] ?? `${actor.type} ${actor.id}`);
