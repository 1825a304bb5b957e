import { checkedBase } from "../transport.js";

export interface KeysOptions {
  /** Of the deployment; else LATCHKEY_URL of the environment. */
  url?: string | undefined;
  /** A key with the scope `verify:keys`, or a token that was made from one; else LATCHKEY_VERIFYING_KEY of the environment. */
  key?: string | undefined;
  /** Names this server in the key's log: at most 64 of A-Z a-z 0-9 . _ / - */
  api?: string;
  /** The longest time of one check, 3,000 if absent. Whoever could not be checked by then is not let in. */
  timeoutMs?: number;
  /**
   * How long an answer may be used again for the same key, need and address; 0 if absent. Within this time a revoked key is
   * let in, and a request that is answered from the cache neither counts nor is in the key's log.
   */
  maxStaleMs?: number;
  /** Answers that are kept at most, 10,000 if absent. */
  cacheSize?: number;
  /**
   * How many proxies in front of this server add to X-Forwarded-For. The caller's address is what the first of them added.
   * 0, or absent: the header is not read, because anybody can send it.
   */
  trustedProxies?: number;
  /** Is told why a key could not be checked, without any key; else console.error. */
  log?: (message: string) => void;
  /** Instead of the global `fetch`. */
  fetch?: typeof fetch;
}

export interface Settings {
  url: string;
  headers: Record<string, string>;
  api: string | undefined;
  timeoutMs: number;
  maxStaleMs: number;
  cacheSize: number;
  trustedProxies: number;
  log: (message: string) => void;
  fetch: typeof fetch;
}

export function settings(options: KeysOptions): Settings {
  const environment = (globalThis as { process?: { env?: Record<string, string | undefined> } }).process?.env ?? {};
  const key = options.key ?? environment.LATCHKEY_VERIFYING_KEY ?? "";
  const url = options.url ?? environment.LATCHKEY_URL ?? "";
  if (!/^[!-~]+$/.test(key)) throw new TypeError("key or LATCHKEY_VERIFYING_KEY must be a key with the scope verify:keys");
  const { timeoutMs = 3_000, maxStaleMs = 0, cacheSize = 10_000, trustedProxies = 0, api } = options;
  if (!(timeoutMs > 0) || !(Math.min(maxStaleMs, cacheSize, trustedProxies) >= 0)) {
    throw new TypeError("timeoutMs must be more than 0, and nothing else less than 0");
  }
  return {
    url: `${checkedBase(url)}/v1/keys/verify`,
    headers: { "Content-Type": "application/json", ...(isToken(key) ? { Authorization: `Bearer ${key}` } : { "X-Api-Key": key }) },
    api, timeoutMs, maxStaleMs, cacheSize, trustedProxies,
    log: options.log ?? ((message) => { console.error(message); }),
    fetch: options.fetch ?? ((...given) => fetch(...given)),
  };
}

/** A token has two dots, and a key none. */
const isToken = (credential: string): boolean => credential.split(".").length === 3;
