import type { Api, PageOptions, RequestOptions, Schemas } from "./api.js";
import { segment } from "./transport.js";

export type Session = Schemas["Session"];

export const sessions = (api: Api) => ({
  list: ({ owner, ...options }: PageOptions & { owner?: string } = {}) =>
    api.list<Schemas["SessionPage"], Session>("/v1/auth/sessions", (page) => page.sessions, options, { query: { owner } }),

  end: (id: string, options?: RequestOptions) => api.send<void>({ method: "DELETE", path: `/v1/auth/sessions/${segment(id)}`, ...options }),

  /** Ends all of the caller's but this one. It may be repeated. */
  endOthers: (options?: RequestOptions) => api.send<void>({ method: "DELETE", path: "/v1/auth/sessions", ...options }),
});
