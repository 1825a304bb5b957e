// The audit log of a key as a file: all of it, not only what the page has read.

import { each } from "./api.js";
import { button, h } from "./dom.js";
import { NUMBER } from "./format.js";
import { problemBox } from "./status.js";

const CELLS = [
  ["at", (entry) => entry.at], ["span", (entry) => entry.count ? "1 hour" : ""], ["action", (entry) => entry.action],
  ["actor_type", (entry) => entry.actor.type], ["actor_id", (entry) => entry.actor.id],
  ["route", (entry) => entry.route], ["count", (entry) => entry.count], ["refusals", (entry) => entry.refusals],
  ["address", (entry) => entry.address], ["user_agent", (entry) => entry.user_agent], ["api", (entry) => entry.api], ["request_id", (entry) => entry.request_id],
  ["detail", (entry) => entry.detail && JSON.stringify(entry.detail)],
];

// Callers choose some of the text, and a spreadsheet would run what begins like a formula.
const cell = (value) => `"${String(value ?? "").replace(/^[=+\-@\t\r]/, "'$&").replaceAll('"', '""')}"`;
const csv = (entries) => [CELLS.map(([name]) => cell(name)), ...entries.map((entry) => CELLS.map(([, of]) => cell(of(entry))))]
  .map((line) => `${line.join(",")}\r\n`).join("");

const FORMATS = { CSV: ["text/csv", csv], JSON: ["application/json", (entries) => JSON.stringify(entries, null, 2)] };

export function exportButtons(id) {
  const status = h("span", { class: "faint figures", role: "status" }), box = h("div", { class: "row" });
  const save = async (format) => {
    const buttons = box.querySelectorAll("button");
    buttons.forEach((each) => { each.disabled = true; });
    box.nextElementSibling?.remove(); // an earlier error
    try {
      const entries = await each(`api/v1/auth/api-keys/${id}/audit-log`, "entries", (found, more) => {
        status.textContent = more ? `${NUMBER.format(found.length)} entries so far…` : "";
        return box.isConnected;
      });
      if (box.isConnected) download(`audit-log-${id}.${format.toLowerCase()}`, FORMATS[format][0], FORMATS[format][1](entries));
    } catch (error) {
      status.textContent = "";
      box.after(problemBox(error));
    }
    buttons.forEach((each) => { each.disabled = false; });
  };
  box.append(status, ...Object.keys(FORMATS).map((format) => button(`Export ${format}`, () => save(format), { class: "button small" })));
  return box;
}

function download(name, type, text) {
  const url = URL.createObjectURL(new Blob([text], { type }));
  h("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 60e3);
}
