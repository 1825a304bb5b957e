// Keys and projects as the pages use them, and what was made here a moment ago.

import { access, each } from "./api.js";
import { h } from "./dom.js";
import { offerProjects } from "./switcher.js";

export const TYPES = {
  scoped: ["Scoped", "Exactly the scopes that you choose. The right one for most uses."],
  secret: ["Secret", "Everything in its project, and may create keys there. For your own servers only."],
  client: ["Client", "May write events and nothing else. The one to ship in an app."],
  read_only: ["Read-only", "May read, and change nothing. For dashboards and reports."],
};

export const STATES = { active: "Active", disabled: "Disabled", revoked: "Revoked", expired: "Expired" };

// Of the user, or, where an administrator names an owner, of that one.
const of = (path, owner) => (owner ? `${path}?owner=${encodeURIComponent(owner)}` : path);
export async function fetchProjects(owner) {
  const projects = withRecent("projects", await each(of("v1/projects", owner), "projects", () => true));
  return owner ? projects : offerProjects(projects);
}
export const fetchKeys = (onPage, owner) =>
  each(of("api/v1/auth/api-keys", owner), "api_keys", (keys, more) => onPage(owner ? keys : withRecent("keys", keys), more));

export async function fetchKey(id, owner) {
  let found = null;
  await fetchKeys((keys) => !(found = keys.find((key) => key.id === id)), owner);
  return found;
}

// Others' keys are listed with their owner.
export const isMine = (key) => !key.owner || key.owner.id === access.user.id;

// The service lists what was made a moment later. Until it does, the page adds what its user
// made here.
const RECENT = 30e3; // milliseconds
let recent = []; // {list, item, owner, until}

export const remember = (list, item) => recent.unshift({ list, item, owner: access.user.id, until: Date.now() + RECENT });
export const forget = (id) => { recent = recent.filter(({ item }) => item.id !== id); };

export function withRecent(list, listed) {
  const ids = new Set(listed.map(({ id }) => id));
  recent = recent.filter(({ item, owner, until }) => !ids.has(item.id) && owner === access.user.id && until > Date.now());
  return [...recent.filter((one) => one.list === list).map(({ item }) => item), ...listed];
}

// What the lists show of a key.
export const masked = (key) => `${key.slice(0, 8)}••••••••`;

export const projectNames = (projects) => new Map(projects.map((project) => [project.id, project.name]));

export function stateBadge(key) {
  const soon = key.status === "active" && key.expires_at && new Date(key.expires_at) - Date.now() < 7 * 86400e3;
  return h("span", { class: `badge ${soon ? "soon" : key.status}` }, soon ? "Expires soon" : STATES[key.status] ?? key.status);
}
