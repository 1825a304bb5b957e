import { ConnectionError, LatchkeyError, errorOf } from "./errors.js";
import { sleep } from "./time.js";

export interface TransportOptions {
  /** The largest number of times that a request is sent, the first included. Default 6. */
  attempts?: number;
  /** The longest time of one attempt, in milliseconds. Default 30,000. */
  timeoutMs?: number;
  /** Instead of the global `fetch`. */
  fetch?: typeof fetch;
}

export interface Call {
  method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** The path below the base URL, percent-encoded. */
  path: string;
  query?: Record<string, string | number | undefined>;
  headers?: Record<string, string> | undefined;
  json?: unknown;
  form?: Record<string, string>;
  /** Makes the result of `send` from the answer and its body. Default: the body. */
  read?: (body: any, answer: Response) => unknown;
  /** true if the request may be carried out twice. Default: true for every method except POST. */
  repeatable?: boolean;
  /** The time (of `Date.now`) after which it is sent again only if the service did nothing. */
  repeatUntil?: number;
  /** Used instead of the client's. */
  timeoutMs?: number;
  signal?: AbortSignal | undefined;
}

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 60_000;
const JITTER = 0.25;

/** Sends requests, and repeats those that are safe to repeat. */
export class Transport {
  readonly #base: string;
  readonly #attempts: number;
  readonly #timeoutMs: number;
  readonly #fetch: typeof fetch;

  constructor(baseUrl: string, options: TransportOptions) {
    this.#base = checkedBase(baseUrl);
    this.#attempts = options.attempts ?? 6;
    this.#timeoutMs = options.timeoutMs ?? 30_000;
    this.#fetch = options.fetch ?? ((...given) => fetch(...given)); // looked up late, and never called as a method
  }

  url(path: string, query: Call["query"] = {}): string {
    const given = Object.entries(query).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]]));
    return this.#base + path + (given.length ? `?${new URLSearchParams(given)}` : "");
  }

  /** The answer's body (undefined if there is none), or the result of `call.read`. */
  async send<T>(call: Call): Promise<T> {
    let wait = 0;
    let unknown = false; // an attempt may have been carried out although its answer was lost
    for (let attempt = 1; ; attempt++) {
      const failure = await this.#once<T>(call);
      if ("value" in failure) return failure.value;
      const { error } = failure;
      if (unknown && call.method === "DELETE" && error instanceof LatchkeyError && error.status === 404) {
        return undefined as T; // the attempt whose answer was lost had deleted it
      }
      if (attempt >= this.#attempts || !mayRepeat(call, error)) throw error;
      unknown ||= !(error instanceof LatchkeyError) || error.status >= 500;
      wait = nextWait(wait, error);
      const pause = wait * (1 + Math.random() * JITTER);
      if (tooLate(call, error, pause)) throw error;
      await sleep(pause, call.signal);
    }
  }

  async #once<T>(call: Call): Promise<{ value: T } | { error: unknown }> {
    const timeout = AbortSignal.timeout(call.timeoutMs ?? this.#timeoutMs);
    const body = call.form ? new URLSearchParams(call.form).toString() : call.json === undefined ? null : JSON.stringify(call.json);
    try {
      const answer = await this.#fetch(this.url(call.path, call.query), {
        method: call.method,
        headers: { Accept: "application/json, application/problem+json", ...call.headers, ...contentType(call) },
        body,
        signal: call.signal ? AbortSignal.any([call.signal, timeout]) : timeout,
        redirect: "error", // the service sends none, and another server's redirect would get the key
        credentials: "omit",
        cache: "no-store",
        referrerPolicy: "no-referrer",
      });
      if (!answer.ok) return { error: await errorOf(answer) };
      const text = await answer.text();
      const value = text === "" ? undefined : JSON.parse(text);
      return { value: (call.read ? call.read(value, answer) : value) as T };
    } catch (cause) {
      call.signal?.throwIfAborted();
      return { error: new ConnectionError(`${call.method} ${call.path}: no answer`, { cause }) };
    }
  }
}

/**
 * After a 429 every request is repeated, because the service did nothing, but for a quota, which may last a month. After a lost answer or a 5xx only a request that may be
 * done twice: API Gateway sends a 500 when a function crashed or was throttled, and the next attempt may succeed.
 */
function mayRepeat(call: Call, error: unknown): boolean {
  if (error instanceof LatchkeyError && error.status === 429) return error.code !== "QUOTA_EXCEEDED";
  const lost = error instanceof ConnectionError || (error instanceof LatchkeyError && error.status >= 500);
  return lost && (call.repeatable ?? call.method !== "POST");
}

function tooLate(call: Call, error: unknown, pause: number): boolean {
  const undone = error instanceof LatchkeyError && error.status === 429;
  return !undone && call.repeatUntil !== undefined && Date.now() + pause > call.repeatUntil;
}

/** The first wait is Retry-After. It doubles each time up to a minute, and is never less than the latest Retry-After. */
function nextWait(before: number, error: unknown): number {
  const asked = error instanceof LatchkeyError && error.retryAfter !== undefined ? error.retryAfter * 1000 : 0;
  const backoff = before ? Math.min(2 * before, LONGEST_WAIT_MS) : asked ? 0 : FIRST_WAIT_MS;
  return Math.max(asked, backoff);
}

function contentType(call: Call): Record<string, string> {
  if (call.form) return { "Content-Type": "application/x-www-form-urlencoded" };
  return call.json === undefined ? {} : { "Content-Type": "application/json" };
}

/** Returns the address without a slash at its end. Credentials go over TLS, or stay on this machine. */
export function checkedBase(baseUrl: string): string {
  const url = new URL(baseUrl);
  const here = ["localhost", "127.0.0.1", "[::1]"].includes(url.hostname);
  if (url.protocol !== "https:" && !(url.protocol === "http:" && here)) {
    throw new TypeError("baseUrl must be an https: address (http: is for this machine only)");
  }
  if (url.username || url.password || url.search || url.hash) {
    throw new TypeError("baseUrl must have no user, query or fragment");
  }
  return url.origin + url.pathname.replace(/\/+$/, "");
}

/** Returns an id as a path segment. An id of only dots would name another path. */
export function segment(id: string): string {
  if (typeof id !== "string" || /^\.{0,2}$/.test(id)) throw new TypeError(`not an id: ${JSON.stringify(id)}`);
  return encodeURIComponent(id);
}
