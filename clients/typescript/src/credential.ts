import type { components } from "./openapi.js";
import { AuthenticationError, ConnectionError } from "./errors.js";
import { abortable } from "./time.js";
import type { Transport } from "./transport.js";

export type TokenPair = components["schemas"]["TokenPair"];
/** The answer of a login whose account has a second factor; POST /v1/auth/login/mfa completes it. */
export type UnfinishedLogin = components["schemas"]["UnfinishedLogin"];
export type FactorSetup = components["schemas"]["FactorSetup"];

/** Logs in on the first request, and again when the session has ended. */
export interface Login { email: string; password: string }
/** Continues an existing session. */
export interface Refresh { refreshToken: string }

/** The credential that a request sends. */
export interface Credential {
  headers(signal: AbortSignal | undefined): Promise<Record<string, string>>;
  /** Reports whether to try again after the service refused what `headers` gave. */
  renew(refused: Record<string, string>, error: unknown): boolean;
}

export class KeyCredential implements Credential {
  readonly key: string;

  constructor(key: string) {
    this.key = sendable("the API key", key);
  }

  async headers(): Promise<Record<string, string>> { return { "X-Api-Key": this.key }; }
  renew(): boolean { return false; }

  /** The key's id, which stands between its prefix and its 30 characters of secret and 6 of checksum. */
  get id(): string { return this.key.slice(-52, -36); }
}

// The service answers a repeated refresh with the same pair for 10 s; later it treats the repetition as theft and ends
// the session. So a refresh has a short time limit, and is not repeated near those 10 s.
const REPLAY_WINDOW_MS = 8_000;
const EARLY_MS = 60_000; // a token is renewed this long before it expires, but no more than a fifth of its life

/** A JWT. It is renewed before it expires, if there is a refresh token or a login. */
export class TokenCredential implements Credential {
  #transport: Transport;
  #access: string | undefined;
  #renewAt = Infinity; // of Date.now
  #refreshToken: string | undefined;
  #login: Login | undefined;
  #onTokens: ((pair: TokenPair) => void | Promise<void>) | undefined;
  #renewing: Promise<void> | undefined;

  constructor(transport: Transport, token: string | Login | Refresh, onTokens?: (pair: TokenPair) => void | Promise<void>) {
    this.#transport = transport;
    this.#onTokens = onTokens;
    if (typeof token === "string") this.#access = sendable("the token", token);
    else if ("refreshToken" in token) this.#refreshToken = token.refreshToken;
    else this.#login = { email: token.email, password: token.password };
  }

  /** The present token, if there is one. */
  get token(): string | undefined { return this.#access; }

  async headers(signal: AbortSignal | undefined): Promise<Record<string, string>> {
    if (this.#access === undefined || Date.now() >= this.#renewAt) {
      // All callers wait for one renewal; none of them can end it for the others.
      this.#renewing ??= this.#renew().finally(() => { this.#renewing = undefined; });
      await abortable(signal, this.#renewing);
    }
    return { Authorization: `Bearer ${this.#access}` };
  }

  renew(refused: Record<string, string>, error: unknown): boolean {
    const over = error instanceof AuthenticationError && (error.code === "TOKEN_EXPIRED" || error.code === "TOKEN_INVALID");
    if (!over || !(this.#login || this.#refreshToken)) return false;
    if (refused.Authorization === `Bearer ${this.#access}`) this.#access = undefined; // else another request has renewed it
    return true;
  }

  async #renew(): Promise<void> {
    const pair = await this.#newPair();
    this.#refreshToken = pair.refresh_token;
    await this.#onTokens?.(pair);
  }

  async #newPair(): Promise<TokenPair> {
    const begun = Date.now();
    try {
      if (this.#refreshToken !== undefined) return this.#take(begun, await this.#refresh(this.#refreshToken, begun));
    } catch (error) {
      // A session that has ended and a refresh token that may be used up are useless. A login still works.
      const spent = error instanceof AuthenticationError || error instanceof ConnectionError;
      if (!spent || !this.#login) throw error;
      this.#refreshToken = undefined;
    }
    if (!this.#login) throw new Error("there is neither a token nor anything to get one with");
    // A login is repeated when its answer is lost: at worst that leaves an unused session.
    const answer: TokenPair | UnfinishedLogin | FactorSetup = await this.#transport.send({ method: "POST", path: "/api/auth/login", json: this.#login, repeatable: true });
    // A program has nobody to ask for a code.
    if ("mfa_required" in answer) throw new Error("the account has a second factor: use an API key, or log in yourself and give the token");
    if ("mfa_setup_required" in answer) throw new Error("the account must have a second factor first: use an API key, or sign in to the dashboard and add one");
    return this.#take(begun, answer);
  }

  #refresh(token: string, begun: number): Promise<TokenPair> {
    return this.#transport.send({
      method: "POST", path: "/api/auth/refresh", json: { refresh_token: token },
      repeatable: true, repeatUntil: begun + REPLAY_WINDOW_MS, timeoutMs: REPLAY_WINDOW_MS / 2,
    });
  }

  #take(begun: number, pair: TokenPair): TokenPair {
    const life = pair.expires_in * 1000;
    this.#access = pair.access_token;
    this.#renewAt = begun + life - Math.min(EARLY_MS, life / 5);
    return pair;
  }
}

/** Checks that a header can carry the text. `fetch` checks it too, but quotes the secret in its error. */
function sendable(what: string, text: string): string {
  if (typeof text !== "string" || !/^[!-~]+$/.test(text)) throw new TypeError(`${what} must be a text of visible ASCII characters`);
  return text;
}

/** Checks that the token is a JWT or a ticket: three parts with dots between them. */
export function inAddress(token: string): string {
  if (token.split(".").length !== 3) throw new TypeError("the token of an address is a ticket or a JWT; an API key is never part of one");
  return token;
}
