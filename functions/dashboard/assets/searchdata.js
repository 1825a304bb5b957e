// What the search over everything looks through: each kind of thing with a few calls, and with a note where these do
// not reach all of it.

import { access, call, each } from "./api.js";
import { findAt, findCustomer, isCustomerID, nameOfCustomer } from "./customerdata.js";
import { fetchProjects, isMine } from "./keydata.js";

const SEARCHED_PAGES = 3; // of 100, of a list that the service does not search
const SEARCHED_PROJECTS = 5; // whose customers are searched
const FOUND_USERS = 8; // found at most

// The lists that were read since the search was opened.
const lists = new Map();
export const forgetLists = () => lists.clear();

function keptList(name, fetchIt) {
  if (!lists.has(name)) {
    lists.set(name, fetchIt());
    lists.get(name).catch(() => lists.delete(name));
  }
  return lists.get(name);
}

// The first pages of a list: {items, more}.
async function firstPages(path, field) {
  let pages = 0, more = false;
  const items = await each(path, field, (found, next) => { more = next; return ++pages < SEARCHED_PAGES; });
  return { items, more };
}

const has = (words, ...texts) => words.every((word) => texts.join(" ").toLowerCase().includes(word));

async function keys(words, text) {
  const owners = access.user.role === "admin" ? ["", "?owner=*"] : [""];
  const found = await Promise.all(owners.map((owner) => keptList(`keys${owner}`, () => firstPages(`api/v1/auth/api-keys${owner}`, "api_keys"))));
  const all = new Map(found.toReversed().flatMap(({ items }) => items).map((key) => [key.id, key]));
  const items = [...all.values()].filter((key) => has(words, key.name, key.key, key.id))
    .map((key) => isMine(key) ? [key.name, key.key, `/keys/${key.id}`] : [key.name, `${key.key} ${key.owner.email}`, `/keys/${key.id}?owner=${key.owner.id}`]);
  const partial = found.some(({ more }) => more);
  if (partial && !items.length && /^[0-9A-Za-z]{16}$/.test(text) && await findAt(`api/v1/auth/api-keys/${text}/audit-log?limit=1`)) items.push([text, "by its id", `/keys/${text}`]);
  return { items, note: partial && `Only ${all.size} keys were searched: a whole id finds any other.` };
}

async function customers(_, text) {
  if (isCustomerID(text)) return { items: [await findCustomer(text)].filter(Boolean).map(customerItem) };
  const projects = await keptList("projects", fetchProjects);
  const pages = await Promise.all(projects.slice(0, SEARCHED_PROJECTS).map(({ id }) => call("GET", `v1/customers?${new URLSearchParams({ project_id: id, search: text, limit: 100 })}`)));
  const note = projects.length > SEARCHED_PROJECTS ? `Only the customers of ${SEARCHED_PROJECTS} projects were searched.` : pages.some((page) => page.next_cursor) && "Not all customers were searched: their list finds the others.";
  return { items: pages.flatMap((page) => page.customers).map(customerItem), note };
}
const customerItem = (customer) => [nameOfCustomer(customer), customer.external_id, `/customers/${customer.id}`];

async function projects(words) {
  const all = await keptList("projects", fetchProjects);
  return { items: all.filter(({ name, key_prefix: prefix, id }) => has(words, name, prefix, id)).map(({ name, key_prefix: prefix, id }) => [name, prefix, `/keys?project=${id}`]) };
}

async function users(_, text) {
  if (access.user.role !== "admin") return { items: [] };
  const page = await call("GET", `v1/users?${new URLSearchParams({ search: text.toLowerCase(), limit: FOUND_USERS })}`);
  return { items: page.users.map((user) => [user.email, user.role === "admin" ? "administrator" : "member", `/users/${user.id}`]), note: page.next_cursor && "There are more users: their list has all." };
}

// Each finds {items: [name, hint, route], note} for the words of a text.
export const SEARCHED = [["API keys", keys], ["Customers", customers], ["Projects", projects], ["Users", users]];
