// Settings → API keys: the list. The service pages by cursor and does not search, so the
// page fetches all of a user's keys, shows the first hundred at once and the rest as they
// come, and searches and sorts what it has.

const PER_PAGE = 25;

const COLUMNS = [
  ["name", "Name", (key) => key.name.toLowerCase()],
  ["type", "Type", (key) => key.type],
  ["project", "Project", (key) => key.projectName.toLowerCase()],
  ["scopes", "Scopes", null],
  ["created", "Created", (key) => key.created_at],
  ["used", "Last used", (key) => key.last_used_at ?? ""],
  ["expires", "Expires", (key) => key.expires_at ?? "9999"],
  ["state", "State", (key) => key.status],
];

// How the list was last looked at; kept while the user visits a key and comes back.
const view = { search: "", state: "", sort: "created", descending: true, page: 0 };

async function keysPage(place) {
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
  const body = h("tbody", {}), foot = h("div", { class: "pager row between" }), count = h("span", { class: "faint figures", role: "status" });
  const heads = COLUMNS.map(([id, label, by]) => h("th", { scope: "col", class: id },
    by ? h("button", { type: "button", class: "sort", onclick: () => sortBy(id) }, label, h("span", { "aria-hidden": "true" })) : label));
  const sortChoice = select(COLUMNS.filter(([, , by]) => by).flatMap(([id, label]) => [[`${id} up`, `${label}, ascending`], [`${id} down`, `${label}, descending`]]),
    { "aria-label": "Sort by", class: "phone-only", onchange: () => { const [id, way] = sortChoice.value.split(" "); Object.assign(view, { sort: id, descending: way === "down" }); draw(); } });
  const table = h("table", { class: "keys" }, h("caption", { class: "visually-hidden" }, "API keys"), h("thead", {}, h("tr", {}, heads)), body);
  const sortBy = (id) => {
    Object.assign(view, { descending: view.sort === id ? !view.descending : id === "created" || id === "used", sort: id, page: 0 });
    draw();
  };
  const narrow = (change) => { Object.assign(view, change, { page: 0 }); draw(); };
  const tools = h("div", { class: "tools row" },
    h("label", { class: "search" }, icon("search"), h("span", { class: "visually-hidden" }, "Search keys"),
      input({ type: "search", placeholder: "Search name, key, scope, project", value: view.search, oninput: (event) => narrow({ search: event.target.value }) })),
    select([["", "Every state"], ...Object.entries(STATES)], { "aria-label": "State", value: view.state, onchange: (event) => narrow({ state: event.target.value }) }),
    sortChoice, count);
  const failure = h("div", {});

  const draw = () => {
    const shown = arranged(found.keys.map((key) => ({ ...key, projectName: found.names.get(key.project_id) ?? key.project_id })));
    const pages = Math.max(1, Math.ceil(shown.length / PER_PAGE));
    view.page = Math.min(view.page, pages - 1);
    const from = view.page * PER_PAGE;
    body.replaceChildren(...shown.slice(from, from + PER_PAGE).map(keyRow));
    if (!shown.length) body.append(h("tr", {}, h("td", { colspan: COLUMNS.length, class: "nothing" }, "No key matches. ", button("Show all keys", () => { tools.querySelector("input").value = ""; tools.querySelector("select").value = ""; narrow({ search: "", state: "" }); }, { class: "button small" }))));
    heads.forEach((head, i) => head.setAttribute("aria-sort", COLUMNS[i][0] !== view.sort ? "none" : view.descending ? "descending" : "ascending"));
    sortChoice.value = `${view.sort} ${view.descending ? "down" : "up"}`;
    count.textContent = `${plural(shown.length, "key")}${found.more ? ", more are loading…" : ""}`;
    failure.replaceChildren(found.failure ? problemBox(found.failure, route) : "");
    foot.replaceChildren(h("span", { class: "faint figures" }, shown.length ? `${from + 1}–${Math.min(from + PER_PAGE, shown.length)} of ${NUMBER.format(shown.length)}` : ""),
      h("div", { class: "row" }, turn("Previous", "back", -1, view.page === 0), turn("Next", "forward", 1, view.page === pages - 1)));
    foot.hidden = pages === 1;
  };
  const turn = (label, sign, step, disabled) => h("button", { type: "button", class: "button small", disabled, onclick: () => { view.page += step; draw(); table.scrollIntoView({ block: "nearest" }); } }, icon(sign), label);
  found.redraw = draw;
  if (!found.keys.length) {
    return empty("No keys yet", "A key lets a program call the API in your name, within the scopes that you give it.",
      h("a", { class: "button primary", href: "#/keys/new" }, icon("plus"), "Create your first key"));
  }
  draw();
  return [tools, failure, h("div", { class: "card flush" }, table), foot];
}

function arranged(keys) {
  const words = view.search.toLowerCase().split(/\s+/).filter(Boolean);
  const text = (key) => [key.name, key.key, key.id, key.projectName, TYPES[key.type]?.[0], ...key.scopes].join(" ").toLowerCase();
  const by = COLUMNS.find(([id]) => id === view.sort)[2];
  return keys
    .filter((key) => (!view.state || key.status === view.state) && words.every((word) => text(key).includes(word)))
    .sort((a, b) => (by(a) < by(b) ? -1 : by(a) > by(b) ? 1 : 0) * (view.descending ? -1 : 1));
}

const keyRow = (key) => h("tr", {},
  h("th", { scope: "row", class: "name" }, h("a", { href: `#/keys/${key.id}` }, key.name), h("span", { class: "mono faint" }, key.key)),
  h("td", { "data-label": "Type" }, TYPES[key.type]?.[0] ?? key.type),
  h("td", { "data-label": "Project" }, key.projectName),
  h("td", { "data-label": "Scopes" }, scopeSummary(key.scopes)),
  h("td", { "data-label": "Created" }, moment(key.created_at)),
  h("td", { "data-label": "Last used" }, moment(key.last_used_at, "Never")),
  h("td", { "data-label": "Expires" }, moment(key.expires_at, "Never")),
  h("td", { "data-label": "State" }, stateBadge(key)));
