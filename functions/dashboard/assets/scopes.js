// The grid of scopes: a row for each resource, a column for reading and one for writing, a row for each
// scope that is neither, and the legacy words as shortcuts. Only what the user holds, and what a key of the chosen
// type can have, can be ticked.

import { access, settings } from "./api.js";
import { button, h } from "./dom.js";
import { input } from "./form.js";
import { plural } from "./format.js";

const SHORTCUTS = [
  ["None", () => false],
  ["read", (name) => name.startsWith("read:")],
  ["write", (name) => /^(read|write):/.test(name)],
  ["admin", () => true],
];

// may are the scopes that can be chosen.
export function scopeGrid(may = access.user.scopes, legend = "Scopes") {
  const held = new Set(may);
  const boxes = new Map(); // scope → checkbox
  const count = h("span", { class: "faint figures", role: "status" });
  const describe = () => {
    const n = chosen().length;
    count.textContent = n ? `${plural(n, "scope")} chosen` : "No scope chosen";
    if (n) element.querySelector(".field-error").textContent = "";
  };
  const box = ({ name, description }) => {
    const made = h("input", { type: "checkbox", name: "scope", value: name, "aria-label": `${name}: ${description}`, onchange: describe });
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
    h("legend", {}, legend),
    h("div", { class: "row" }, h("span", { class: "hint" }, "Shortcuts"), shortcuts, search, count),
    h("table", { class: "grid" },
      h("thead", {}, h("tr", {}, h("th", { scope: "col" }, "Resource"), h("th", { scope: "col" }, "Read"), h("th", { scope: "col" }, "Write"))),
      h("tbody", {}, lines)),
    h("p", { class: "field-error" }));
  // has are the scopes that the key has already.
  const setType = (type, has = []) => {
    const ceiling = new Set(settings.ceilings[type]);
    for (const [name, each] of boxes) each.disabled = !held.has(name) || !ceiling.has(name);
    shortcuts[3].hidden = boxes.get("admin").disabled;
    choose((name) => has.includes(name) || (!has.length && type !== "scoped" && ceiling.has(name)));
  };
  return { element, chosen, setType };
}

// A resource has the descriptions of both of its scopes.
function rows(box) {
  const lines = new Map();
  for (const scope of settings.scopes) {
    const [, action = "only", resource = scope.name] = /^(read|write):(.+)/.exec(scope.name) ?? [];
    lines.set(resource, { ...lines.get(resource), [action]: scope });
  }
  const tick = (scope, attributes) => h("td", attributes, scope && h("label", { class: "tick" }, box(scope)));
  return [...lines].map(([resource, { read, write, only }]) =>
    h("tr", {},
      h("th", { scope: "row" }, h("span", { class: "mono" }, resource), h("span", { class: "hint" }, [read, write, only].filter(Boolean).map((scope) => scope.description).join(" · "))),
      only ? tick(only, { colspan: 2 }) : [tick(read), tick(write)]));
}

const IN_WORDS = { read: "read everything", write: "read and write everything", admin: "admin" };

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
  return h("span", { class: "chips", title: scopes.join(", ") }, shown.map((name) => h("span", { class: "chip" }, name.split(/(?<=:)/).flatMap((part, i) => i ? [h("wbr", {}), part] : part))),
    scopes.length > shown.length && h("span", { class: "chip" }, `+${scopes.length - shown.length}`));
}
