// Customers: the list, newest first in each project, and the search for one by its external id or name.

import { customerBadge, customerMatches, customersOf } from "./customerdata.js";
import { h, icon, pageHead } from "./dom.js";
import { input } from "./form.js";
import { moment, plural } from "./format.js";
import { fetchProjects, projectNames } from "./keydata.js";
import { addRows, listing, moreButton } from "./listing.js";
import { quotaView } from "./quota.js";
import { readdress } from "./main.js";
import { scopeSummary } from "./scopes.js";
import { empty, problemBox, section } from "./status.js";
import { chosenProject, shownProjects } from "./switcher.js";

const CUSTOMER_COLUMNS = ["Customer", "State", "Quota", "Scopes", "Project", "Created"];
const TYPING = 250; // milliseconds without a key, after which the service is asked

const createLink = (label) => h("a", { class: "button primary", href: "#/customers/new" }, icon("plus"), label);

export async function customersPage(place, asked) {
  const list = h("div", {});
  place.append(pageHead("Customers", "Those to whom you give keys. What a customer may do holds for all of its keys together.", createLink("Create customer")), list);
  await section(list, "customers", async () => {
    const projects = await fetchProjects();
    const walk = customersOf(shownProjects(projects)), search = asked.get("search") ?? "";
    await walk.more();
    return { walk, names: projectNames(projects), search, beyond: search ? await walk.find(search) : [] };
  }, customerTable);
}

function customerTable({ walk, names, search: wanted, beyond }) {
  if (!walk.customers.length && walk.done) {
    return empty("No customers yet", "A customer has keys of its own, and limits, a quota and scopes that hold for all of them together.", createLink("Create your first customer"));
  }
  const columns = names.size > 1 ? CUSTOMER_COLUMNS : CUSTOMER_COLUMNS.filter((name) => name !== "Project");
  const table = listing("Customers, newest first", columns, []), body = table.querySelector("tbody");
  const count = h("span", { class: "faint figures", role: "status" }), problem = h("div", {}), foot = h("div", { class: "pager" });
  const search = input({ type: "search", placeholder: "Search external id, name", value: wanted });
  const draw = () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const shown = [...walk.customers, ...words.length ? beyond : []].filter((each) => customerMatches(each, words));
    body.replaceChildren();
    addRows(table, columns, shown.map((each) => customerCells(each, names)));
    if (!shown.length) body.append(h("tr", {}, h("td", { colspan: columns.length, class: "nothing" }, walk.done ? "No customer matches." : "No customer matches among those read so far.")));
    count.textContent = `${plural(shown.length, "customer")}${walk.done ? "" : `; ${plural(walk.customers.length, "customer")} read, there are more`}`;
    foot.hidden = walk.done;
  };
  foot.append(moreButton("Show more", async () => {
    const had = body.children.length;
    await walk.more();
    beyond = [];
    draw();
    return body.children[had];
  }));
  let waits = 0;
  search.addEventListener("input", () => {
    const wait = ++waits;
    readdress("/customers", { search: search.value, project: chosenProject() });
    draw();
    // Names are looked for in what was read; an external id is found wherever it is.
    setTimeout(async () => {
      if (wait !== waits || !search.value.trim() || walk.done || !table.isConnected) return;
      try {
        beyond = await walk.find(search.value.trim());
        problem.replaceChildren();
        draw();
      } catch (error) {
        problem.replaceChildren(problemBox(error));
      }
    }, TYPING);
  });
  draw();
  return [h("div", { class: "tools row" }, h("label", { class: "search" }, icon("search"), h("span", { class: "visually-hidden" }, "Search customers"), search), count), problem, table, foot];
}

const customerCells = (customer, names) => [
  [h("a", { href: `#/customers/${customer.id}` }, customer.external_id), customer.name && h("span", { class: "hint" }, customer.name)],
  customerBadge(customer),
  quotaView(customer.quota) ?? h("span", { class: "faint" }, "None"),
  customer.scopes ? scopeSummary(customer.scopes) : h("span", { class: "faint" }, "As its keys"),
  names.size > 1 && (names.get(customer.project_id) ?? customer.project_id),
  moment(customer.created_at),
].filter((cell) => cell !== false);
