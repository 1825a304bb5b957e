import type { components } from "../openapi.js";

type Verified = components["schemas"]["Verified"];

/** Whose key came with a request. It does not have the key. */
export class Caller {
  readonly key_id!: string;
  readonly label!: string;
  readonly type!: NonNullable<Verified["type"]>;
  /** The user whose key it is. */
  readonly owner_id!: string;
  readonly project_id!: string;
  /** Absent: the key was made for no customer. */
  readonly customer_id?: string | null;
  readonly scopes!: readonly string[];
  readonly metadata!: Readonly<Record<string, string>>;
  /** null: never. */
  readonly expires_at!: string | null;

  constructor(found: Omit<Caller, "has">) {
    Object.freeze(Object.assign(this, found));
  }

  /** Reports whether the key holds the scope, spelled as action:resource, or is an administrator's. */
  has(scope: string): boolean { return this.scopes.includes(scope) || this.scopes.includes("admin"); }
}

const callers = new WeakMap<object, Caller>();

export function remember(caller: Caller, ...requests: object[]): void {
  for (const request of requests) callers.set(request, caller);
}

/**
 * Whose key came with a request: of Express, Fastify or node:http, a Request of the Fetch API, or Hono's context. It throws for
 * one that no guard let through, so that a route that was left unguarded does not take everybody for the same caller.
 */
export function caller(request: object): Caller {
  const found = callers.get(request);
  if (!found) throw new Error("no guard let this request through");
  return found;
}
