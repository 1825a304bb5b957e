// The audit log of a key: a chart of its use, a warning about unusual addresses, and the entries.

import { access, call } from "./api.js";
import { HOUR, HOURS, chart } from "./chart.js";
import { button, h, icon } from "./dom.js";
import { NUMBER, device, exact, plural, span } from "./format.js";
import { TYPES } from "./keydata.js";
import { problemBox, section } from "./status.js";

const ACTIONS = {
  created: "Created", updated: "Updated", regenerated: "Regenerated", revoked: "Revoked",
  deleted: "Deleted", token_issued: "Token issued", used: "Used", refused: "Wrong secret",
};

const ENTRIES = 25; // shown at first, and more at each asking
const NEW_FOR = 24 * 3600e3; // how long an address counts as new

// Fetches pages until the chart's hours are covered; more() goes on from there.
function logOf(id) {
  const path = `api/v1/auth/api-keys/${id}/audit-log?limit=100`;
  const log = { entries: [], cursor: "", shown: ENTRIES };
  log.more = async () => {
    const page = await call("GET", path + (log.cursor && `&cursor=${encodeURIComponent(log.cursor)}`));
    log.entries.push(...page.entries);
    log.cursor = page.next_cursor ?? "";
  };
  log.start = async () => {
    const covered = () => new Date(log.entries.at(-1)?.at ?? 0) < Date.now() - HOURS * HOUR;
    for (let pages = 0; pages === 0 || (log.cursor && pages < 10 && !covered()); pages++) await log.more();
    return log;
  };
  return log;
}

export function auditLog(place, id, key) {
  return section(place, "the audit log", () => logOf(id).start(), (log) => {
    const body = h("div", {});
    const draw = () => body.replaceChildren(...logView(body, log, key, draw));
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

function logView(place, log, key, draw) {
  const strange = unexpected(log.entries);
  const all = log.entries.length;
  const older = (log.cursor || log.shown < all) && button("Show older entries", async (event) => {
    event.target.disabled = true;
    try {
      if (log.shown >= all) await log.more();
      log.shown += ENTRIES;
      draw();
      place.querySelector(".pager .button")?.focus();
    } catch (error) {
      event.target.disabled = false;
      foot.append(problemBox(error));
    }
  });
  const foot = h("div", { class: "pager row between" },
    h("span", { class: "faint figures", role: "status" }, `${Math.min(log.shown, all)} of ${log.cursor ? "more than " : ""}${plural(all, "entry", "entries")}`), older);
  return [
    chart(log.entries),
    strange.size > 0 && h("div", { class: "notice warn" }, icon("warning"), h("div", {},
      h("strong", {}, strange.size === 1 ? "An unexpected address" : `${strange.size} unexpected addresses`),
      h("ul", {}, [...strange].map(([address, why]) => h("li", {}, h("span", { class: "mono" }, address), `: ${why}`))),
      h("p", {}, key?.status === "active" ? "If it is not one of yours, revoke the key; that takes effect on the next request." : "The key is not in force."))),
    h("section", { class: "log" }, h("h2", {}, "Audit log"),
      h("div", { class: "card flush" }, logTable(log.entries.slice(0, log.shown), strange)),
      foot),
  ].filter(Boolean);
}

const logTable = (entries, strange) =>
  h("table", { class: "entries" }, h("caption", { class: "visually-hidden" }, "Audit log, newest first"),
    h("thead", {}, h("tr", {}, ["When", "What", "Who", "Address", "Client"].map((name) => h("th", { scope: "col" }, name)))),
    h("tbody", {}, entries.map((entry) => h("tr", { class: strange.has(entry.address) && entry.action === "used" ? "strange" : "" },
      h("td", { "data-label": "When" }, exact(entry.at)),
      h("td", { "data-label": "What" }, what(entry)),
      h("td", { "data-label": "Who" }, who(entry.actor)),
      h("td", { "data-label": "Address", class: "mono" }, entry.address, entry.action === "used" && strange.has(entry.address) && h("span", { class: "chip alert" }, "unexpected")),
      h("td", { "data-label": "Client", title: entry.user_agent }, device(entry.user_agent))))));

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

function who(actor) {
  if (actor.type === "user" && actor.id === access.user.id) return "You";
  return { key: "This key", client: "A token of this key", unknown: "Unknown", scanner: "A scanner of leaks" }[actor.type] ?? `${actor.type} ${actor.id}`;
}
