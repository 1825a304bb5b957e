// Settings → API keys: the list. The service pages by cursor and does not search, so the
// page fetches all of a user's keys, shows the first hundred at once and the rest as they
// come, and searches and sorts what it has.

import { button, h, icon, pageHead } from "./dom.js";
import { input, select } from "./form.js";
import { NUMBER, moment, plural } from "./format.js";
import { STATES, TYPES, fetchKeys, fetchProjects, projectNames, stateBadge } from "./keydata.js";
import { readdress, route } from "./main.js";
import { quotaView } from "./quota.js";
import { scopeSummary } from "./scopes.js";
import { empty, problemBox, section } from "./status.js";
import { chooseProject, chosenProject } from "./switcher.js";

const PER_PAGE = 25;

// Dates are compared as numbers: the service leaves out final zeros, so "…:05.1Z" is a later text than "…:05.12Z".
const COLUMNS = [
  ["name", "Name", (key) => key.name.toLowerCase()],
  ["state", "State", (key) => key.status],
  ["expires", "Expires", (key) => Date.parse(key.expires_at ?? "9999")],
  ["used", "Last used", (key) => Date.parse(key.last_used_at ?? "1970")],
  ["scopes", "Scopes", null],
  ["type", "Type", (key) => key.type],
  ["project", "Project", (key) => key.projectName.toLowerCase()],
  ["created", "Created", (key) => Date.parse(key.created_at)],
];

// The list's last search, order and page. They stay while the user visits a key and comes back; search and state also
// stand in the address, so that it can be kept or sent to somebody.
const view = { search: "", state: "", sort: "created", descending: true, page: 0 };

export async function keysPage(place, asked) {
  if (asked.has("search") || asked.has("state")) Object.assign(view, { search: asked.get("search") ?? "", state: asked.get("state") in STATES ? asked.get("state") : "", page: 0 });
  const list = h("div", {});
  place.append(
    pageHead("API keys", "Each key opens one project, within its scopes.",
      h("a", { class: "button primary", href: "#/keys/new" }, icon("plus"), "Create key")),
    list);
  await section(list, "API keys", async () => {
    const found = { keys: [], more: true, failure: null, redraw: () => {} };
    const first = new Promise((resolve, reject) => {
      fetchKeys((keys, more) => {
        Object.assign(found, { keys, more });
        found.redraw();
        resolve();
        return place.isConnected;
      }).catch((error) => {
        Object.assign(found, { more: false, failure: error });
        found.redraw();
        reject(error);
      });
    });
    const [projects] = await Promise.all([fetchProjects(), first]);
    found.names = projectNames(projects);
    return found;
  }, keyTable);
}

function keyTable(found) {
  found.redraw = () => {};
  if (!found.keys.length) {
    return empty("No keys yet", "A key lets a program call the API in your name, within the scopes that you give it.",
      h("a", { class: "button primary", href: "#/keys/new" }, icon("plus"), "Create your first key"));
  }
  const look = (change) => {
    Object.assign(view, { page: 0 }, change);
    draw();
    readdress("/keys", { search: view.search, state: view.state, project: chosenProject() });
  };
  const tools = toolbar(look), pager = pages(look), heads = headings(look);
  const body = h("tbody", {}), failure = h("div", {});
  const nothing = h("tr", {}, h("td", { colspan: COLUMNS.length, class: "nothing" }, "No key matches. ",
    button("Show all keys", () => { chooseProject(""); look({ search: "", state: "" }); }, { class: "button small" })));
  const draw = () => {
    const shown = arranged(found.keys.map((key) => ({ ...key, projectName: found.names.get(key.project_id) ?? key.project_id })));
    view.page = Math.min(view.page, Math.max(0, Math.ceil(shown.length / PER_PAGE) - 1));
    const rows = shown.slice(view.page * PER_PAGE, (view.page + 1) * PER_PAGE).map(keyRow);
    body.replaceChildren(...(rows.length ? rows : [nothing]));
    heads.draw();
    tools.draw(`${plural(shown.length, "key")}${found.more ? ", more are loading…" : ""}`);
    pager.draw(shown.length);
    failure.replaceChildren(found.failure ? problemBox(found.failure, route) : "");
  };
  found.redraw = draw;
  draw();
  const caption = h("caption", { class: "visually-hidden" }, "API keys");
  return [tools.element, failure, h("div", { class: "card flush wide" }, h("table", { class: "keys" }, caption, heads.element, body)), pager.element];
}

// Search, state and, where there are no headings to press, the order.
function toolbar(look) {
  const count = h("span", { class: "faint figures", role: "status" });
  const search = input({ type: "search", placeholder: "Search name, key, scope, project", oninput: () => look({ search: search.value }) });
  const state = select([["", "Every state"], ...Object.entries(STATES)], { "aria-label": "State", onchange: () => look({ state: state.value }) });
  const orders = COLUMNS.filter(([, , by]) => by)
    .flatMap(([id, label]) => [[`${id} up`, `${label}, ascending`], [`${id} down`, `${label}, descending`]]);
  const order = select(orders, {
    "aria-label": "Sort by", class: "phone-only",
    onchange: () => {
      const [sort, way] = order.value.split(" ");
      look({ sort, descending: way === "down" });
    },
  });
  const element = h("div", { class: "tools row" },
    h("label", { class: "search" }, icon("search"), h("span", { class: "visually-hidden" }, "Search keys"), search), state, order, count);
  const draw = (text) => {
    if (search.value !== view.search) search.value = view.search;
    state.value = view.state;
    order.value = `${view.sort} ${view.descending ? "down" : "up"}`;
    count.textContent = text;
  };
  return { element, draw };
}

function headings(look) {
  // Names are looked for from A, times from the newest; pressing again turns the order.
  const sortBy = (id) => look({ sort: id, descending: view.sort === id ? !view.descending : id === "created" || id === "used" });
  const cells = COLUMNS.map(([id, label, by]) => h("th", { scope: "col", class: id },
    by ? h("button", { type: "button", class: "sort", onclick: () => sortBy(id) }, label, h("span", { "aria-hidden": "true" })) : label));
  const draw = () => COLUMNS.forEach(([id], i) =>
    cells[i].setAttribute("aria-sort", id !== view.sort ? "none" : view.descending ? "descending" : "ascending"));
  return { element: h("thead", {}, h("tr", {}, cells)), draw };
}

// The buttons stay even when there is no further page, so that the focus is not lost.
function pages(look) {
  const place = h("span", { class: "faint figures" });
  const turn = (label, sign, step) => h("button", {
    type: "button", class: "button small",
    onclick: (event) => event.currentTarget.ariaDisabled !== "true" && look({ page: view.page + step }),
  }, icon(sign), label);
  const back = turn("Previous", "back", -1), on = turn("Next", "forward", 1);
  const element = h("div", { class: "pager row between" }, place, h("div", { class: "row" }, back, on));
  const draw = (total) => {
    const from = view.page * PER_PAGE, to = Math.min(from + PER_PAGE, total);
    place.textContent = `${from + 1}–${to} of ${NUMBER.format(total)}`;
    back.setAttribute("aria-disabled", from === 0);
    on.setAttribute("aria-disabled", to === total);
    element.hidden = total <= PER_PAGE;
  };
  return { element, draw };
}

function arranged(keys) {
  const words = view.search.toLowerCase().split(/\s+/).filter(Boolean);
  const text = (key) => [key.name, key.key, key.id, key.projectName, TYPES[key.type]?.[0], ...key.scopes].join(" ").toLowerCase();
  const by = COLUMNS.find(([id]) => id === view.sort)[2];
  return keys
    .filter((key) => (!chosenProject() || key.project_id === chosenProject()) && (!view.state || key.status === view.state) && words.every((word) => text(key).includes(word)))
    .sort((a, b) => (by(a) < by(b) ? -1 : by(a) > by(b) ? 1 : 0) * (view.descending ? -1 : 1));
}

const keyRow = (key) => h("tr", {},
  h("th", { scope: "row", class: "name" }, h("a", { href: `#/keys/${key.id}` }, key.name), h("span", { class: "mono faint" }, key.key)),
  h("td", { "data-label": "State" }, stateBadge(key), quotaView(key.quota), key.previous_valid_until && h("span", { class: "hint" }, "old secret works too")),
  h("td", { "data-label": "Expires" }, moment(key.expires_at, "Never")),
  h("td", { "data-label": "Last used" }, moment(key.last_used_at, "Never")),
  h("td", { "data-label": "Scopes" }, scopeSummary(key.scopes)),
  h("td", { "data-label": "Type" }, TYPES[key.type]?.[0] ?? key.type),
  h("td", { "data-label": "Project" }, key.projectName),
  h("td", { "data-label": "Created" }, moment(key.created_at)));
