// Customers as the pages use them. The service lists those of one project, newest first, and finds one by its
// external id.

import { call } from "./api.js";
import { h } from "./dom.js";
import { withRecent } from "./keydata.js";

const CALLS = 5; // at most, at each asking for more

export const nameOfCustomer = (customer) => customer.name || customer.external_id;

export const customerBadge = ({ disabled }) => h("span", { class: `badge ${disabled ? "disabled" : "active"}` }, disabled ? "Disabled" : "Active");

export const customerPath = (customer) => `v1/customers/${customer.id}`;

// The customer with that id, or null.
export const findCustomer = (id) => call("GET", `v1/customers/${id}`).catch((error) => {
  if (error.status === 404) return null;
  throw error;
});

// The customers of the projects, one project after the other. customers has those so far, and done reports whether
// they are all.
export function customersOf(projects) {
  const walk = { customers: [], done: !projects.length };
  let at = 0, cursor = "";
  const unread = (found) => found.filter(({ id }) => !walk.customers.some((each) => each.id === id));
  // Fetches some more: at least that many if there are, in a few calls.
  walk.more = async (least = 50) => {
    const want = walk.customers.length + least;
    for (let calls = 0; !walk.done && calls < CALLS && walk.customers.length < want; calls++) {
      const page = await call("GET", `v1/customers?${new URLSearchParams({ project_id: projects[at].id, limit: 100, ...(cursor && { cursor }) })}`);
      walk.customers.push(...unread(withRecent("customers", page.customers).filter((each) => each.project_id === projects[at].id)));
      cursor = page.next_cursor ?? "";
      if (!cursor) walk.done = ++at === projects.length;
    }
    return walk;
  };
  // Returns those with exactly that external id, in the first few projects, or the one with that id, unless they were read.
  walk.find = async (text) => {
    if (/^cus_[A-Z2-7]{26}$/.test(text)) return unread([await findCustomer(text)].filter((found) => projects.some(({ id }) => id === found?.project_id)));
    const pages = await Promise.all(projects.slice(0, CALLS).map(({ id }) => call("GET", `v1/customers?${new URLSearchParams({ project_id: id, external_id: text })}`)));
    return unread(pages.flatMap((page) => page.customers));
  };
  return walk;
}

export const customerMatches = (customer, words) => words.every((word) => `${customer.external_id} ${customer.name}`.toLowerCase().includes(word) || customer.id.toLowerCase() === word);
