import { forbidden, invalidKey, invalidToken, missingCredentials, multipleCredentials, type Refusal } from "./refusal.js";
import type { Settings } from "./options.js";

/**
 * What a request needs: a scope or several, all of which the key must hold; "by_path", what the catalogue opens method and path
 * to; or "any_key".
 */
export type Need = "by_path" | "any_key" | (string & {}) | readonly string[];

/** The part of a request that is looked at. A header that came several times has several values. */
export interface Incoming {
  method: string;
  /** Percent-encoded, as it was sent: what can be read in two ways is refused by Latchkey. */
  path: string;
  values(header: string): string[];
  peer: string | undefined;
}

/** The body of POST /v1/keys/verify. */
export interface Question { key: string; method: string; path?: string; scopes?: readonly string[]; address?: string; api?: string }

const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
const LONGEST_KEY = 4096;
const LONGEST_PATH = 2048;

export function checkNeed(need: Need): void {
  const scopes = typeof need === "string" ? [need] : need;
  if (scopes.length === 0 || scopes.some((scope) => !scope)) throw new TypeError('name the scopes that a request needs, or "by_path" or "any_key"');
}

export function question(request: Incoming, need: Need, { trustedProxies, api }: Settings): Question | Refusal {
  const key = credential(request);
  if (typeof key !== "string") return key;
  if (!METHODS.includes(request.method)) return forbidden("This method cannot be checked");
  const asked: Question = { key, method: request.method };
  if (need === "by_path") {
    if (!request.path.startsWith("/") || request.path.length > LONGEST_PATH) return forbidden("This path cannot be checked");
    asked.path = request.path;
  } else if (need !== "any_key") {
    asked.scopes = typeof need === "string" ? [need] : need;
  }
  const from = address(request, trustedProxies);
  return { ...asked, ...(from && { address: from }), ...(api && { api }) };
}

/** Read as Latchkey's authorizer reads it: an Authorization without a token is a wrong credential, not an absent one. */
function credential(request: Incoming): string | Refusal {
  const found = new Set<string>();
  for (const text of trimmed(request.values("authorization"))) {
    const [, scheme, token = ""] = /^(\S+)\s*(.*)$/.exec(text) ?? [];
    if (scheme?.toLowerCase() !== "bearer") return invalidToken("Authorization must be of the Bearer scheme");
    if (!token) return invalidToken("Authorization has no token");
    found.add(token);
  }
  for (const text of trimmed(request.values("x-api-key"))) found.add(text);
  const [key, another] = found;
  if (key === undefined) return missingCredentials();
  if (another !== undefined) return multipleCredentials();
  return key.length <= LONGEST_KEY ? key : invalidKey();
}

const trimmed = (values: string[]): string[] => values.map((text) => text.trim()).filter(Boolean);

/** Undefined if it is not known: then a key that is bound to addresses is refused. */
function address(request: Incoming, proxies: number): string | undefined {
  let text = request.peer;
  if (proxies > 0) text = request.values("x-forwarded-for").join(",").split(",").at(-proxies)?.trim();
  const plain = text?.replace(/^::ffff:(?=[\d.]+$)/i, "");
  return plain && /^(\d{1,3}(\.\d{1,3}){3}|[\da-f:.]*:[\da-f:.]*)$/i.test(plain) && legible(plain) ? plain : undefined;
}

function legible(address: string): boolean {
  return URL.canParse(address.includes(":") ? `http://[${address}]` : `http://${address}`) && !address.split(".").some((part) => /^0\d/.test(part));
}
