import type { Api, PageOptions, RequestOptions, Schemas } from "./api.js";

export type AccountEntry = Schemas["AccountEntry"];

export const account = (api: Api) => ({
  /** What happened to the caller's account, newest first: sign-ins, refusals, changes. */
  log: (options?: PageOptions) => api.list<Schemas["AccountLog"], AccountEntry>("/v1/auth/log", (page) => page.entries, options),

  /** Ends the caller's other sessions, and replaces the password. A wrong current one is an `InvalidRequestError`. */
  changePassword: (current: string, password: string, options?: RequestOptions) =>
    api.send<void>({ method: "POST", path: "/v1/auth/password", json: { current_password: current, password }, ...options }),

  /** Sends a link to the address, if somebody has it: nothing tells. It is sent without a credential. */
  forgotPassword: async (email: string, options?: RequestOptions): Promise<void> => {
    await api.sendOpen({ method: "POST", path: "/v1/auth/password/forgot", json: { email }, ...options });
  },

  /** Sets the password by the token of a link, and ends every session. It is sent without a credential. */
  resetPassword: (token: string, password: string, options?: RequestOptions) =>
    api.sendOpen<void>({ method: "POST", path: "/v1/auth/password/reset", json: { token, password }, ...options }),

  /** Sends a link to the caller's address. */
  sendVerification: (options?: RequestOptions) => api.send<void>({ method: "POST", path: "/v1/auth/verify/resend", ...options }),

  /** Shows, by the token of that link, that its receiver has the address. It is sent without a credential. */
  verifyAddress: (token: string, options?: RequestOptions) =>
    api.sendOpen<void>({ method: "POST", path: "/v1/auth/verify", json: { token }, ...options }),
});
