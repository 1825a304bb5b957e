import type { Api, PageOptions, RequestOptions, Schemas } from "./api.js";
import { segment } from "./transport.js";

export type Customer = Schemas["Customer"];
export type NewCustomer = Schemas["CreateCustomer"];
export type CustomerChange = Schemas["CustomerChange"];
export type CustomerEntry = Schemas["CustomerEntry"];

export const customers = (api: Api) => ({
  /** Keys are made for it with `keys.create({ customer_id })`. */
  create: (customer: NewCustomer, options?: RequestOptions) =>
    api.send<Customer>({ method: "POST", path: "/v1/customers", json: customer, ...options }),

  /**
   * Those of a project, newest first; with `search` those who have it in their name or external id, in either case; with
   * `externalId` the one who has that. A page of a search may be short, or empty, and yet have a next one.
   */
  list: ({ project, search, externalId, ...options }: PageOptions & { project?: string; search?: string; externalId?: string } = {}) =>
    api.list<Schemas["CustomerPage"], Customer>("/v1/customers", (page) => page.customers, options,
      { query: { project_id: project, search, external_id: externalId } }),

  /** With what is left of its quota. */
  get: (id: string, options?: RequestOptions) => api.send<Customer>({ method: "GET", path: customerPath(id), ...options }),

  /** Changes what `change` names, and nothing else; `null` removes what may be absent. It may be repeated. */
  update: (id: string, change: CustomerChange, options?: RequestOptions) =>
    api.send<Customer>({ method: "PATCH", path: customerPath(id), json: change, ...options }),

  /** Ends all its keys, for ever. The log stays, and does not name it. */
  delete: (id: string, options?: RequestOptions) => api.send<void>({ method: "DELETE", path: customerPath(id), ...options }),

  /** Its changes, newest first, also after it was deleted. */
  log: (id: string, options?: PageOptions) =>
    api.list<Schemas["CustomerLog"], CustomerEntry>(`${customerPath(id)}/log`, (page) => page.entries, options),
});

const customerPath = (id: string) => `/v1/customers/${segment(id)}`;
