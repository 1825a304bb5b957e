// Quotas: what a key, or all keys of a customer, may spend in a day or a month, or in all.

import { call } from "./api.js";
import { confirmDialog } from "./dialog.js";
import { button, h, s, toast } from "./dom.js";
import { field, input, invalid, select } from "./form.js";
import { NUMBER, moment } from "./format.js";

const MOST = 1e12;
const LOW = 0.1; // of the limit

const leftOf = ({ remaining, limit }) => (remaining > 0 ? `${NUMBER.format(remaining)} of ${NUMBER.format(limit)} left` : `All ${NUMBER.format(limit)} used up`);
const fullness = ({ remaining, limit }) => (remaining <= 0 ? "spent" : remaining <= limit * LOW ? "low" : "enough");
const PERIODS = { day: "today", month: "this month" };

// What is left: a figure, a bar, and when it begins anew.
export function quotaView(quota) {
  if (!quota) return null;
  return h("div", { class: `gauged ${fullness(quota)}` },
    h("span", { class: "figures" }, leftOf(quota)),
    s("svg", { class: "gauge", viewBox: "0 0 100 6", preserveAspectRatio: "none", "aria-hidden": "true" },
      s("rect", { class: "all", width: 100, height: 6 }), s("rect", { class: "left", width: Math.max(0, (quota.remaining / quota.limit) * 100), height: 6 })),
    h("span", { class: "hint" }, quota.period ? [`${PERIODS[quota.period] ?? quota.period}; anew `, moment(new Date(quota.reset * 1000).toISOString())] : "credits"));
}

export const quotaFields = (quota) =>
  h("fieldset", { class: "field limits", "data-field": "quota" }, h("legend", {}, "Quota"),
    h("div", { class: "row" },
      h("label", {}, h("span", { class: "hint" }, "Requests"), input({ type: "number", name: "quota-limit", min: 1, max: MOST, inputmode: "numeric", value: quota?.limit, placeholder: "no quota" })),
      h("label", {}, h("span", { class: "hint" }, "In"), select([["month", "a month"], ["day", "a day"], ["", "all, until refilled"]], { name: "quota-period", value: quota ? quota.period ?? "" : "month" }))),
    h("p", { class: "hint" }, "Over it, requests are refused. A day and a month are those of UTC. Another period, and credits whose number changes, begin with nothing spent."),
    h("p", { class: "field-error" }));

// The quota that was chosen; null is none.
export const quotaIn = (data) => data.get("quota-limit") ? { limit: Number(data.get("quota-limit")), period: data.get("quota-period") || null } : null;

// The quota for a merge patch, or undefined if it is what it was.
export function quotaChange(was, data) {
  const now = quotaIn(data);
  return now?.limit === was?.limit && (now?.period ?? "") === (was?.period ?? "") ? undefined : now;
}

// A button that sets credits, for those of the thing at a path of the API; nothing for other quotas.
export function refillButton(quota, path, name, done) {
  if (!quota || quota.period) return null;
  const amount = input({ type: "number", min: 1, max: MOST, inputmode: "numeric", value: quota.limit });
  return button("Refill", () => confirmDialog({
    title: `Refill the credits of “${name}”?`,
    text: [`${leftOf(quota)}. They become what you enter: nothing is added to what is left.`],
    extra: field("limit", "Credits", amount),
    agree: "Refill",
    danger: false,
    does: async () => {
      if (!(Number(amount.value) >= 1)) throw invalid([{ field: "limit", message: "Enter how many credits" }]);
      return call("PATCH", path, { quota: { limit: Number(amount.value) } });
    },
    then: (now) => { done(now); toast(`Refilled “${name}”`); },
  }), { class: "button small" });
}
