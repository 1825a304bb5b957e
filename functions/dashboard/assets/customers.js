// Customers: the list, newest first in each project, and the search for one by its external id or name.

import { customerBadge, customersOf } from "./customerdata.js";
import { h, icon, pageHead } from "./dom.js";
import { input } from "./form.js";
import { moment, plural } from "./format.js";
import { fetchProjects, projectNames } from "./keydata.js";
import { addRows, listing, moreButton } from "./listing.js";
import { readdress } from "./main.js";
import { quotaView } from "./quota.js";
import { scopeSummary } from "./scopes.js";
import { empty, section } from "./status.js";
import { chosenProject, shownProjects } from "./switcher.js";

const CUSTOMER_COLUMNS = ["Customer", "State", "Quota", "Scopes", "Project", "Created"];
const TYPING = 250; // milliseconds without a key, after which the service is asked

const createLink = (label) => h("a", { class: "button primary", href: "#/customers/new" }, icon("plus"), label);

export function customersPage(place, asked) {
  const list = h("div", {});
  const search = input({ type: "search", placeholder: "Search external id, name", maxlength: 255, value: asked.get("search") ?? "" });
  const find = () => {
    const part = h("div", {}); // an earlier search that ends later draws into one that is gone
    list.replaceChildren(part);
    return section(part, "customers", async () => {
      const projects = await fetchProjects();
      return { walk: await customersOf(shownProjects(projects), search.value.trim()).more(), names: projectNames(projects), searched: search.value.trim() };
    }, customerTable);
  };
  let waits = 0;
  search.addEventListener("input", () => {
    const wait = ++waits;
    setTimeout(() => {
      if (wait !== waits || !place.isConnected) return;
      readdress("/customers", { search: search.value, project: chosenProject() });
      find();
    }, TYPING);
  });
  place.append(pageHead("Customers", "Those to whom you give keys. What a customer may do holds for all of its keys together.", createLink("Create customer")),
    h("div", { class: "tools row" }, h("label", { class: "search" }, icon("search"), h("span", { class: "visually-hidden" }, "Search customers"), search)), list);
  return find();
}

function customerTable({ walk, names, searched }) {
  if (!walk.customers.length && walk.done) {
    return searched ? empty("Nobody found", "No customer has that in its external id or name.")
      : empty("No customers yet", "A customer has keys of its own, and limits, a quota and scopes that hold for all of them together.", createLink("Create your first customer"));
  }
  const columns = names.size > 1 ? CUSTOMER_COLUMNS : CUSTOMER_COLUMNS.filter((name) => name !== "Project");
  const table = listing("Customers, newest first", columns, []);
  const count = h("span", { class: "faint figures", role: "status" });
  let drawn = 0;
  const draw = () => {
    const added = walk.customers.slice(drawn);
    drawn = walk.customers.length;
    count.textContent = `${plural(drawn, "customer")}${walk.done ? "" : "; there may be more"}`;
    if (walk.done) more.remove();
    return addRows(table, columns, added.map((each) => customerCells(each, names)));
  };
  const more = moreButton("Show more", async () => {
    await walk.more();
    return draw();
  });
  draw();
  return [table, h("div", { class: "pager row between" }, count, !walk.done && more)];
}

const customerCells = (customer, names) => [
  [h("a", { href: `#/customers/${customer.id}` }, customer.external_id), customer.name && h("span", { class: "hint" }, customer.name)],
  customerBadge(customer),
  quotaView(customer.quota) ?? h("span", { class: "faint" }, "None"),
  customer.scopes ? scopeSummary(customer.scopes) : h("span", { class: "faint" }, "As its keys"),
  names.size > 1 && (names.get(customer.project_id) ?? customer.project_id),
  moment(customer.created_at),
].filter((cell) => cell !== false);
