// Customers as the pages use them. The service lists and searches those of one project, newest first.

import { call } from "./api.js";
import { h } from "./dom.js";
import { withRecent } from "./keydata.js";

const CALLS = 5; // at most, at each asking for more

export const nameOfCustomer = (customer) => customer.name || customer.external_id;

export const customerBadge = ({ disabled }) => h("span", { class: `badge ${disabled ? "disabled" : "active"}` }, disabled ? "Disabled" : "Active");

export const customerPath = (customer) => `v1/customers/${customer.id}`;

export const isCustomerID = (text) => /^cus_[A-Z2-7]{26}$/.test(text);

// The customer with that id, which may come from an address, or null.
export const findCustomer = async (id) => isCustomerID(id) ? findAt(`v1/customers/${id}`) : null;

// What is at a path of the API, or null.
export const findAt = (path) => call("GET", path).catch((error) => {
  if (error.status === 404) return null;
  throw error;
});

// The customers of the projects, one project after the other, or those that have a text in their external id or name.
// customers has those so far, and done reports whether they are all.
export function customersOf(projects, search = "") {
  const walk = { customers: [], done: !projects.length };
  let at = 0, cursor = "";
  // Fetches some more: at least that many if there are, in a few calls.
  walk.more = async (least = 50) => {
    const want = walk.customers.length + least;
    for (let calls = 0; !walk.done && calls < CALLS && walk.customers.length < want; calls++) {
      const page = await call("GET", `v1/customers?${new URLSearchParams({ project_id: projects[at].id, limit: 100, ...(search && { search }), ...(cursor && { cursor }) })}`);
      const found = search ? page.customers : withRecent("customers", page.customers).filter((each) => each.project_id === projects[at].id);
      const had = new Set(walk.customers.map(({ id }) => id));
      walk.customers.push(...found.filter(({ id }) => !had.has(id)));
      cursor = page.next_cursor ?? "";
      if (!cursor) walk.done = ++at === projects.length;
    }
    return walk;
  };
  return walk;
}
