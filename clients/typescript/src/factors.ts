import type { Api, RequestOptions, Schemas } from "./api.js";
import { segment } from "./transport.js";

export type Factor = Schemas["Factor"];
export type FactorList = Schemas["FactorList"];
/** An authenticator app that was begun: `qr` is an SVG image of `uri`. */
export type BegunApp = Extract<Schemas["BegunFactor"], { secret: string }>;
/** A passkey that was begun: `public_key` is for `navigator.credentials.create()`. */
export type BegunPasskey = Extract<Schemas["BegunFactor"], { public_key: unknown }>;
export type ConfirmedFactor = Schemas["ConfirmedFactor"];

export const factors = (api: Api) => ({
  /** With what `prove` takes. */
  list: (options?: RequestOptions) => api.send<FactorList>({ method: "GET", path, ...options }),

  /** Proves who the caller is, so that this session may change factors for ten minutes: the password, or for who has a factor one of theirs. */
  prove: (proof: Schemas["Proof"], options?: RequestOptions) => api.send<void>({ method: "POST", path: `${path}/proof`, json: proof, ...options }),

  /** Begins an authenticator app, which counts from `confirm` on. */
  beginApp: ({ name, ...options }: { name?: string } & RequestOptions = {}) =>
    api.send<BegunApp>({ method: "POST", path, json: { type: "totp", name }, ...options }),

  /** Begins a passkey, which counts from `confirm` on. */
  beginPasskey: ({ name, ...options }: { name?: string } & RequestOptions = {}) =>
    api.send<BegunPasskey>({ method: "POST", path, json: { type: "passkey", name }, ...options }),

  /** The first one comes with `recovery_codes`, which are shown this once. */
  confirm: (id: string, answer: Schemas["FactorConfirmation"], options?: RequestOptions) =>
    api.send<ConfirmedFactor>({ method: "POST", path: `${path}/${segment(id)}/confirm`, json: answer, ...options }),

  /** New ones, in place of those before. */
  recoveryCodes: async (options?: RequestOptions): Promise<string[]> =>
    (await api.send<{ recovery_codes: string[] }>({ method: "POST", path, json: { type: "recovery_codes" }, ...options })).recovery_codes,

  remove: (id: string, options?: RequestOptions) => api.send<void>({ method: "DELETE", path: `${path}/${segment(id)}`, ...options }),
});

const path = "/v1/auth/factors";
