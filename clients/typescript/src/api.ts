import type { components } from "./openapi.js";
import type { List } from "./list.js";
import type { Call } from "./transport.js";

export type Schemas = components["schemas"];

/** The last parameter of every method. */
export interface RequestOptions { signal?: AbortSignal }
export interface PageOptions extends RequestOptions {
  cursor?: string;
  /** The number of items in a page: 1 to 100, default 50. */
  limit?: number;
}

/** How the methods of a noun reach the service. */
export interface Api {
  /** Sends a request with the client's credential. */
  send<T>(call: Call): Promise<T>;
  /** Sends one without, to a route that is open to everybody. */
  sendOpen<T>(call: Call): Promise<T>;
  list<Page extends { next_cursor: string | null }, Item>(
    path: string, items: (page: Page) => Item[], options?: PageOptions, call?: Pick<Call, "query" | "read">,
  ): List<Page, Item>;
}
