// Limits: how many requests a key, or all keys of a customer, may make in a window, by category.

import { settings } from "./api.js";
import { h } from "./dom.js";
import { input } from "./form.js";
import { NUMBER } from "./format.js";

const CATEGORIES = [["read", "Reads"], ["write", "Writes"], ["management", "Management"], ["auth", "Token requests"]];

// defaults hold where none is chosen.
export const limitFields = (own, defaults = settings.limits) =>
  h("fieldset", { class: "field limits", "data-field": "rate_limit" }, h("legend", {}, `Limits: requests per ${settings.window} s`),
    h("div", { class: "row" }, CATEGORIES.map(([category, label]) =>
      h("label", {}, h("span", { class: "hint" }, label), input({ type: "number", name: `limit-${category}`, min: 1, max: 1000000, inputmode: "numeric", value: own?.[category], placeholder: defaults[category] ? `default ${NUMBER.format(defaults[category])}` : "no limit" })))),
    h("p", { class: "field-error" }));

// What was chosen in the fields; null is none.
const limitIn = (data, category) => {
  const text = data.get(`limit-${category}`);
  return text ? Number(text) : null;
};

// The limits that were chosen, or undefined.
export function limitsIn(data) {
  const chosen = CATEGORIES.map(([category]) => [category, limitIn(data, category)]).filter(([, limit]) => limit !== null);
  return chosen.length ? Object.fromEntries(chosen) : undefined;
}

// The part of a merge patch that makes those limits of the ones that were, or undefined.
export function limitChanges(was, data) {
  const changed = CATEGORIES.map(([category]) => [category, limitIn(data, category)]).filter(([category, limit]) => limit !== (was?.[category] ?? null));
  return changed.length ? Object.fromEntries(changed) : undefined;
}

export const limitText = (limits) =>
  limits && CATEGORIES.filter(([category]) => limits[category]).map(([category, label]) => `${label.toLowerCase()} ${NUMBER.format(limits[category])}`).join(", ");
