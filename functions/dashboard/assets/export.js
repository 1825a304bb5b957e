// A log as a file: all of it, not only what the page has read.

import { each } from "./api.js";
import { button, h } from "./dom.js";
import { NUMBER } from "./format.js";
import { problemBox } from "./status.js";

const CELLS = {
  at: (entry) => entry.at, span: (entry) => entry.count ? "1 hour" : "", action: (entry) => entry.action,
  actor_type: (entry) => entry.actor.type, actor_id: (entry) => entry.actor.id,
  route: (entry) => entry.route, count: (entry) => entry.count, refusals: (entry) => entry.refusals,
  address: (entry) => entry.address, user_agent: (entry) => entry.user_agent, api: (entry) => entry.api, request_id: (entry) => entry.request_id,
  label: (entry) => entry.label, detail: (entry) => entry.detail && JSON.stringify(entry.detail), personal: (entry) => entry.personal && JSON.stringify(entry.personal),
};
const without = (...names) => Object.keys(CELLS).filter((name) => !names.includes(name));
const COLUMNS_OF = {
  key: without("label", "personal"), account: without("route", "refusals", "api", "personal"), customer: without("span", "route", "count", "refusals", "api", "label"),
};

// Callers choose some of the text, and a spreadsheet would run what begins like a formula.
const cell = (value) => `"${String(value ?? "").replace(/^[\s\0]*[=+\-@\t\r\n＝＋－＠]/, "'$&").replaceAll('"', '""')}"`;
export const csv = (lines) => lines.map((line) => `${line.map(cell).join(",")}\r\n`).join("");

const FORMATS = {
  CSV: ["text/csv", (entries, names) => csv([names, ...entries.map((entry) => names.map((name) => CELLS[name](entry)))])],
  JSON: ["application/json", (entries) => JSON.stringify(entries, null, 2)],
};

// Buttons for the log at a path of the API: of what kind of thing, and of which.
export function exportButtons(path, kind, id) {
  const status = h("span", { class: "faint figures", role: "status" }), box = h("div", { class: "row" }), problem = h("div", {});
  const save = async (format) => {
    const buttons = box.querySelectorAll("button");
    buttons.forEach((each) => { each.disabled = true; });
    problem.replaceChildren();
    try {
      const entries = await each(path, "entries", (found, more) => {
        status.textContent = more ? `${NUMBER.format(found.length)} entries so far…` : "";
        return box.isConnected;
      });
      if (box.isConnected) download(`audit-log-${id}.${format.toLowerCase()}`, FORMATS[format][0], FORMATS[format][1](entries, COLUMNS_OF[kind]));
    } catch (error) {
      status.textContent = "";
      problem.replaceChildren(problemBox(error));
    }
    buttons.forEach((each) => { each.disabled = false; });
  };
  box.append(status, ...Object.keys(FORMATS).map((format) => button(`Export ${format}`, () => save(format), { class: "button small" })));
  return h("div", { class: "export" }, box, problem);
}

export function download(name, type, text) {
  const url = URL.createObjectURL(new Blob([text], { type }));
  h("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 60e3);
}
