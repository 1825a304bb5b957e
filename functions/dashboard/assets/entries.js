// The entries of a log, a page at a time: their table, and a button for older ones.

import { access, call } from "./api.js";
import { button, h } from "./dom.js";
import { device, exact, hour, plural } from "./format.js";
import { problemBox } from "./status.js";

const ENTRIES = 25; // shown at first, and more at each asking

export function logOf(path) {
  const log = { entries: [], cursor: "", shown: ENTRIES };
  log.more = async () => {
    const page = await call("GET", `${path}?limit=100${log.cursor && `&cursor=${encodeURIComponent(log.cursor)}`}`);
    log.entries.push(...page.entries);
    log.cursor = page.next_cursor ?? "";
    return log;
  };
  return log;
}

// The table, and below it how much is shown. what gives the cell for what happened; strange reports
// whether an entry's address is unusual; draw draws again, into the same place.
export function logTable(log, caption, { what, who, strange = () => false, place, draw }) {
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
  return [h("div", { class: "card flush" }, h("table", { class: "entries" }, h("caption", { class: "visually-hidden" }, `${caption}, newest first`),
    h("thead", {}, h("tr", {}, ["When", "What", "Who", "Address", "Client"].map((name) => h("th", { scope: "col" }, name)))),
    h("tbody", {}, log.entries.slice(0, log.shown).map((entry) => h("tr", { class: strange(entry) && "strange" },
      h("td", { "data-label": "When" }, entry.count ? hour(entry.at) : exact(entry.at)), // what has a count is counted by the hour
      h("td", { "data-label": "What" }, what(entry)),
      h("td", { "data-label": "Who" }, isMe(entry.actor) ? "You" : who(entry)),
      h("td", { "data-label": "Address", class: "mono" }, entry.address, strange(entry) && h("span", { class: "chip alert" }, "unexpected")),
      h("td", { "data-label": "Client", title: entry.user_agent }, entry.user_agent && device(entry.user_agent))))))), foot];
}

const isMe = (actor) => actor.type === "user" && actor.id === access.user.id;
