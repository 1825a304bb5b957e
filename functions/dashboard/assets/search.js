// The search over everything: a field whose results come in groups. The arrow keys choose one and Enter opens it, as
// the ARIA pattern of a combobox with a list has it.

import { openDialog } from "./dialog.js";
import { h, icon, newID } from "./dom.js";
import { input } from "./form.js";
import { SEARCHED, forgetLists } from "./searchdata.js";
import { problemBox } from "./status.js";

const WAIT = 250; // milliseconds without a key, after which the service is asked
const SHOWN = 6; // of a group
const LONGEST = 254; // characters

// A whole key is looked for by the id in it: the rest is secret, and is not sent.
const KEY = /^[a-z][a-z0-9_]*_([0-9A-Za-z]{16})[0-9A-Za-z]{24,}$/;

export function openSearch() {
  if (document.querySelector("dialog[open]")) return;
  forgetLists();
  const list = h("div", { role: "listbox", id: newID(), "aria-label": "Found", class: "found" });
  const status = h("p", { class: "hint", role: "status" }), problems = h("div", {}), notes = h("div", {});
  const text = input({ type: "search", role: "combobox", "aria-label": "Search keys, customers, projects, users", "aria-controls": list.id, "aria-expanded": "false", "aria-autocomplete": "list", autofocus: true, placeholder: "A name, an id, the beginning of a key" });
  let chosen = -1, searches = 0;
  const options = () => [...list.querySelectorAll("[role=option]")];
  const mark = (at) => {
    const all = options();
    chosen = all.length ? (at + all.length) % all.length : -1;
    all.forEach((each, i) => each.setAttribute("aria-selected", i === chosen));
    all[chosen]?.scrollIntoView({ block: "nearest" });
    if (chosen < 0) text.removeAttribute("aria-activedescendant");
    else text.setAttribute("aria-activedescendant", all[chosen].id);
  };
  const open = (route) => {
    dialog.close();
    location.hash = `#${route}`;
  };
  const draw = (groups) => {
    list.replaceChildren(...groups.filter(({ items }) => items.length).map(({ title, items }) => groupOf(title, items, open)));
    list.setAttribute("aria-busy", false);
    text.setAttribute("aria-expanded", list.childElementCount > 0);
    notes.replaceChildren(...groups.flatMap(({ title, items, note }) => [items.length > SHOWN && `${items.length - SHOWN} more under ${title}: type more to see them.`, note]).filter(Boolean).map((note) => h("p", { class: "hint" }, note)));
    const counts = groups.filter(({ items }) => items.length).map(({ title, items }) => `${title} ${items.length}`);
    status.textContent = counts.length ? `Found: ${counts.join(", ")}` : "Nothing found";
    mark(0);
  };
  const search = async () => {
    const now = ++searches, wanted = text.value.trim();
    problems.replaceChildren();
    if (!wanted) {
      draw([]);
      status.textContent = "";
      return;
    }
    status.textContent = "Searching…";
    const asked = KEY.exec(wanted)?.[1] ?? wanted.slice(0, LONGEST), words = asked.toLowerCase().split(/\s+/);
    const found = await Promise.allSettled(SEARCHED.map(([, find]) => find(words, asked)));
    if (now !== searches || !dialog.open) return;
    draw(found.map(({ value }, i) => ({ title: SEARCHED[i][0], items: [], ...value })));
    const failed = found.findIndex(({ reason }) => reason);
    if (failed < 0) return;
    status.textContent += `; ${SEARCHED[failed][0]} were not searched`;
    problems.replaceChildren(problemBox(found[failed].reason, search));
  };
  let waits = 0;
  text.addEventListener("input", () => {
    const wait = ++waits;
    list.setAttribute("aria-busy", true);
    setTimeout(() => wait === waits && dialog.open && search(), WAIT);
  });
  text.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) mark(chosen + step);
    else if (event.key === "Enter") options()[chosen]?.click();
    else return;
    event.preventDefault();
  });
  const dialog = openDialog("Search", [h("label", { class: "search" }, icon("search"), text), status, problems, list, notes, slashChoice()]);
  dialog.classList.add("searching");
}

function groupOf(title, items, open) {
  const id = newID();
  return h("div", { role: "group", "aria-labelledby": id }, h("div", { id, class: "hint", role: "presentation" }, title),
    items.slice(0, SHOWN).map(([name, hint, route]) => h("div", { role: "option", id: newID(), "aria-selected": "false", onclick: () => open(route) }, h("strong", {}, name), h("span", { class: "hint mono" }, hint))));
}

// A key that is a character can be turned off: people who speak to their computer would press it by a word (WCAG 2.1.4).
const SLASH = "latchkey-slash";
const slashOn = () => { try { return localStorage.getItem(SLASH) !== "off"; } catch { return true; } };
const slashChoice = () => h("label", { class: "inline hint" }, h("input", {
  type: "checkbox", checked: slashOn(),
  onchange: (event) => { try { localStorage.setItem(SLASH, event.target.checked ? "on" : "off"); } catch { /* it stays on */ } },
}), "The key / opens the search. Ctrl+K always does.");

addEventListener("keydown", (event) => {
  const typing = event.target.closest?.("input, textarea, select");
  const slash = event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey && slashOn();
  if (!slash && !(event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey)) return;
  if (!document.getElementById("page")) return; // nobody is signed in
  event.preventDefault();
  openSearch();
});

export const searchButton = () => h("button", { type: "button", class: "button to-search", onclick: openSearch, "aria-keyshortcuts": "Control+K /" }, icon("search"), h("span", {}, "Search"), h("kbd", { "aria-hidden": "true" }, "/"));
