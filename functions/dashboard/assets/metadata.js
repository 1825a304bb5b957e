// Metadata: names and values of a team's own, a line each.

import { h } from "./dom.js";
import { field } from "./form.js";

const linesOf = (metadata) => Object.entries(metadata).map(([name, value]) => `${name}=${value}`).join("\n");
const fromLines = (text) => Object.fromEntries(text.split("\n").filter((line) => line.trim()).map((line) => {
  const [name, ...value] = line.split("=");
  return [name.trim(), value.join("=").trim()];
}));
const sorted = (metadata) => JSON.stringify(Object.entries(metadata).sort());

// No field if lines cannot have what a program has given: a text of several lines.
export const metadataField = (metadata) => sorted(fromLines(linesOf(metadata))) === sorted(metadata) &&
  field("metadata", "Metadata", h("textarea", { rows: 3, spellcheck: "false", placeholder: "team=billing", value: linesOf(metadata) }),
    "One name=value a line: for your own programs. Nothing secret.");

// The part of a merge patch that makes what was typed of what was, or undefined.
export function metadataChanges(was, data) {
  const typed = data.get("metadata");
  const now = typed === null ? was : fromLines(typed);
  const changed = Object.keys({ ...was, ...now }).filter((name) => was[name] !== now[name]).map((name) => [name, now[name] ?? null]);
  return changed.length ? Object.fromEntries(changed) : undefined;
}

export const metadataChips = (metadata) => Object.keys(metadata).length > 0 &&
  h("span", { class: "chips" }, Object.entries(metadata).map(([name, value]) => h("span", { class: "chip" }, `${name}=${value}`)));
