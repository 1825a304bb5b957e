import type { Api, PageOptions, RequestOptions, Schemas } from "./api.js";
import type { AccountEntry } from "./account.js";
import { segment } from "./transport.js";

export type Account = Schemas["Account"];
export type AccountDetails = Schemas["AccountDetails"];
export type NewUser = Schemas["CreateUser"];
export type RegisteredUser = Schemas["RegisteredUser"];
export type Delivery = Schemas["Delivery"];

export const users = (api: Api) => ({
  /** With `search`, those who have it in their e-mail address. A page is in order of the addresses, the pages are in none. */
  list: ({ search, ...options }: PageOptions & { search?: string } = {}) =>
    api.list<Schemas["UserPage"], Account>("/v1/users", (page) => page.users, options, { query: { search } }),

  /** With the first 50 sessions and keys; `sessions.list` and `keys.list` have all, with `owner`. */
  get: (id: string, options?: RequestOptions) => api.send<AccountDetails>({ method: "GET", path: userPath(id), ...options }),

  /** Without a `password` the user is invited, and chooses one: by e-mail, or by the `invitation.url` that you give them. */
  register: (user: NewUser, options?: RequestOptions) =>
    api.send<RegisteredUser>({ method: "POST", path: "/v1/auth/register", json: user, ...options }),

  /** Ends every session of the user, and of one who is disabled revokes every key, before it answers. It may be repeated. */
  update: (id: string, change: Schemas["UserChange"], options?: RequestOptions) =>
    api.send<Account>({ method: "PATCH", path: userPath(id), json: change, repeatable: true, ...options }),

  /** An invitation, or a link to choose another password. With `show` it is in the answer also where the deployment sends mail. */
  link: (id: string, link: Schemas["CreateLink"], options?: RequestOptions) =>
    api.send<Delivery>({ method: "POST", path: `${userPath(id)}/link`, json: link, ...options }),

  /** What happened to the account, newest first; by id also after it was deleted. */
  log: (id: string, options?: PageOptions) =>
    api.list<Schemas["AccountLog"], AccountEntry>(`${userPath(id)}/log`, (page) => page.entries, options),

  /** Gives all projects and keys of the user to another. The keys go on working, all the while. It may be repeated. */
  handOver: (id: string, to: string, options?: RequestOptions) =>
    api.send<Schemas["HandedOver"]>({ method: "POST", path: `${userPath(id)}/handover`, json: { to }, repeatable: true, ...options }),

  /** For somebody who lost them all. Needs a fresh `factors.prove` of the administrator. */
  removeFactors: (id: string, options?: RequestOptions) => api.send<void>({ method: "DELETE", path: `${userPath(id)}/factors`, ...options }),

  /** Deletes the user with their sessions, keys and projects; the logs stay, and name nobody. */
  delete: (id: string, options?: RequestOptions) => api.send<void>({ method: "DELETE", path: userPath(id), ...options }),
});

const userPath = (id: string) => `/v1/users/${segment(id)}`;
