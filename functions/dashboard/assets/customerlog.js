// The log of a customer: what was changed of it, and by whom.

import { logOf, logTable } from "./entries.js";
import { exportButtons } from "./export.js";
import { h } from "./dom.js";
import { section } from "./status.js";

const CUSTOMER_CHANGES = { created: "Created", updated: "Updated", disabled: "Disabled", enabled: "Enabled", restored: "Came back from a restored table", deleted: "Deleted" };

const customerLogPath = (id) => `v1/customers/${id}/log`;

// Draws the log into a place.
export const customerLog = (place, id) => section(place, "the log", () => logOf(customerLogPath(id)).more(), (log) => {
  const body = h("div", {});
  const draw = () => body.replaceChildren(...logTable(log, "Log of the customer", { what: whatChanged, who: ({ actor: { type, id } }) => `${type === "key" ? "Key" : type} ${id ?? ""}`, place: body, draw }));
  draw();
  return [exportButtons(customerLogPath(id), "customer", id), body];
});

function whatChanged({ action, detail, personal }) {
  const said = { ...detail, ...personal };
  const changes = Object.keys(said).filter((name) => name.endsWith("_to")).map((name) => name.slice(0, -3)).map((name) => `${name.replaceAll("_", " ")}: ${said[`${name}_from`]} → ${said[`${name}_to`]}`);
  const made = Object.entries(said).filter(([name]) => !/_(from|to)$/.test(name)).map(([name, value]) => `${name.replaceAll("_", " ")}: ${value}`);
  const hint = [...changes, ...made].join("; ");
  return [h("strong", {}, CUSTOMER_CHANGES[action] ?? action), hint && h("span", { class: "hint" }, hint)];
}
