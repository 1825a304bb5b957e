// The grid of scopes: a row for each resource, a column for reading and one for writing,
// and the legacy words as shortcuts. Only what the user holds, and what a key of the chosen
// type can have, can be ticked.

import { access, settings } from "./api.js";
import { button, h } from "./dom.js";
import { input } from "./form.js";
import { plural } from "./format.js";

const SHORTCUTS = [
  ["None", () => false],
  ["read", (name) => name.startsWith("read:")],
  ["write", (name) => name !== "admin"],
  ["admin", () => true],
];

export function scopeGrid() {
  const held = new Set(access.user.scopes);
  const boxes = new Map(); // scope → checkbox
  const count = h("span", { class: "faint figures", role: "status" });
  const describe = () => {
    const n = chosen().length;
    count.textContent = n ? `${plural(n, "scope")} chosen` : "No scope chosen";
    if (n) element.querySelector(".field-error").textContent = "";
  };
  const box = ({ name, description }) => {
    const made = h("input", { type: "checkbox", value: name, "aria-label": `${name}: ${description}`, onchange: describe });
    boxes.set(name, made);
    return made;
  };
  const chosen = () => [...boxes].filter(([, each]) => each.checked).map(([name]) => name);
  const choose = (wanted) => {
    for (const [name, each] of boxes) each.checked = !each.disabled && wanted(name);
    describe();
  };
  const search = input({ type: "search", placeholder: "Search scopes", "aria-label": "Search scopes" });
  const lines = rows(box);
  search.addEventListener("input", () => {
    const wanted = search.value.toLowerCase();
    for (const line of lines) line.hidden = !line.textContent.toLowerCase().includes(wanted);
  });
  const shortcuts = SHORTCUTS.map(([word, wanted]) => button(word, () => choose(wanted), { class: "button small mono" }));
  const element = h("fieldset", { class: "field scopes", "data-field": "scopes" },
    h("legend", {}, "Scopes"),
    h("div", { class: "row" }, h("span", { class: "hint" }, "Shortcuts"), shortcuts, search, count),
    h("table", { class: "grid" },
      h("thead", {}, h("tr", {}, h("th", { scope: "col" }, "Resource"), h("th", { scope: "col" }, "Read"), h("th", { scope: "col" }, "Write"))),
      h("tbody", {}, lines)),
    h("p", { class: "field-error" }));
  const setType = (type) => {
    const ceiling = new Set(settings.ceilings[type]);
    for (const [name, each] of boxes) each.disabled = !held.has(name) || !ceiling.has(name);
    shortcuts[3].hidden = boxes.get("admin").disabled;
    choose((name) => type !== "scoped" && ceiling.has(name));
  };
  return { element, chosen, setType };
}

// A resource has the descriptions of both of its scopes.
function rows(box) {
  const resources = new Map();
  for (const scope of settings.scopes) {
    const [action, resource] = scope.name.includes(":") ? scope.name.split(":") : ["write", scope.name];
    resources.set(resource, { ...resources.get(resource), [action]: scope });
  }
  return [...resources].map(([resource, { read, write }]) =>
    h("tr", {},
      h("th", { scope: "row" }, h("span", { class: "mono" }, resource), h("span", { class: "hint" }, [read, write].filter(Boolean).map((scope) => scope.description).join(" · "))),
      h("td", {}, read && h("label", { class: "tick" }, box(read))),
      h("td", {}, write && h("label", { class: "tick" }, box(write)))));
}

const IN_WORDS = { read: "read everything", write: "all but admin", admin: "admin" };

// The words for a set of scopes if there are any, else the first few scopes.
export function scopeSummary(scopes) {
  const all = settings.scopes.map((scope) => scope.name);
  for (const [word, wanted] of SHORTCUTS.slice(1)) {
    const set = all.filter(wanted);
    if (set.length === scopes.length && set.every((name) => scopes.includes(name))) {
      return h("span", { class: "chip", title: scopes.join(", ") }, IN_WORDS[word]);
    }
  }
  const shown = scopes.length <= 3 ? scopes : scopes.slice(0, 2);
  return h("span", { class: "chips", title: scopes.join(", ") }, shown.map((name) => h("span", { class: "chip" }, name)),
    scopes.length > shown.length && h("span", { class: "chip" }, `+${scopes.length - shown.length}`));
}
