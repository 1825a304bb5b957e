import { account } from "./account.js";
import type { Api, PageOptions, RequestOptions, Schemas } from "./api.js";
import type { operations } from "./openapi.js";
import { customers } from "./customers.js";
import { type Credential, inAddress, KeyCredential, type Login, type Refresh, TokenCredential, type TokenPair } from "./credential.js";
import { type EventPage, type PollOptions, RunEvents } from "./events.js";
import { factors } from "./factors.js";
import { collect, List, nextCursor } from "./list.js";
import { sessions } from "./sessions.js";
import { sleep } from "./time.js";
import { type Call, segment, Transport, type TransportOptions } from "./transport.js";
import { users } from "./users.js";

type Answer<O extends keyof operations, S extends number> =
  operations[O] extends { responses: Record<S, { content: { "application/json": infer T } }> } ? T : never;
type Body<O extends keyof operations> =
  NonNullable<operations[O]["requestBody"]> extends { content: { "application/json": infer T } } ? T : never;

export type Key = Schemas["Key"];
export type NewKey = Schemas["CreateKey"];
export type PresentedKey = Schemas["PresentedKey"];
export type Verified = Schemas["Verified"];
export type KeyChange = Schemas["KeyChange"];
export type RevokedKey = Answer<"revokeApiKey", 200>;
export type AuditEntry = Schemas["AuditEntry"];
export type Project = Schemas["Project"];
export type NewProject = Body<"createProject">;
export type Usage = Schemas["Usage"];
export type UsageRow = Schemas["UsageRow"];
export type UsageQuery = Omit<NonNullable<operations["getUsage"]["parameters"]["query"]>, "cursor" | "limit" | "format">;
export type Run = Schemas["Run"];
export type Ticket = Answer<"createTicket", 201>;
export type NewEvents = Body<"appendEvents">;
export type Me = Answer<"me", 200>;
export type Introspection = Answer<"introspect", 200>;

export interface WaitOptions extends RequestOptions {
  /** Milliseconds between two requests: at least 250, default 1,000. */
  pollIntervalMs?: number;
  /** Milliseconds after which the run is returned as it is then. Default: ten minutes. */
  timeoutMs?: number;
}

export interface ClientOptions extends TransportOptions {
  /** Instead of an API key: a JWT, or the login or refresh token to get one with. */
  token?: string | Login | Refresh;
  /** Called with each new pair of tokens, so that you can keep the refresh token after this process ends. */
  onTokens?: (pair: TokenPair) => void | Promise<void>;
}

/** All options of a client, in one object. */
export interface ClientSettings extends ClientOptions { baseUrl: string; apiKey?: string | null }

/**
 * A client of one deployment, with one credential: an API key, or `options.token`.
 * It has the name of the runs dialect's published client; docs/dialects.md gives the reason.
 */
export class GhostlyClient {
  #transport: Transport;
  #credential: Credential;
  readonly #api: Api = {
    send: (call) => this.#send(call),
    sendOpen: (call) => this.#transport.send(call),
    list: (path, items, options, call) => this.#list(path, items, options, call),
  };

  constructor(settings: ClientSettings);
  constructor(baseUrl: string, apiKey?: string | null, options?: ClientOptions);
  constructor(first: string | ClientSettings, key?: string | null, others: ClientOptions = {}) {
    const { baseUrl, apiKey, ...options } = typeof first === "string" ? { ...others, baseUrl: first, apiKey: key } : first;
    if (Boolean(apiKey) === Boolean(options.token)) throw new TypeError("give an API key or options.token, and not both");
    this.#transport = new Transport(baseUrl, options);
    this.#credential = apiKey
      ? new KeyCredential(apiKey)
      : new TokenCredential(this.#transport, options.token!, options.onTokens);
  }

  /** `create` needs a user's token or a secret key, the other methods a user's token or a key with scope `admin`. */
  readonly keys = {
    /** Only this answer has the full `key`. */
    create: (key: NewKey, options?: RequestOptions) => this.#send<Key>({ method: "POST", path: "/v1/api-keys", json: key, ...options }),

    /**
     * Yours, newest first, or those of the customer with the id `customer`. An administrator who is logged in may name another
     * user's id as `owner`, or `"*"` for everybody.
     */
    list: ({ owner, customer, ...options }: PageOptions & { owner?: string; customer?: string } = {}) =>
      this.#list<Answer<"listApiKeys", 200>, Key>("/api/v1/auth/api-keys", (page) => page.api_keys, options, { query: { owner, customer_id: customer } }),

    /**
     * Checks a key that somebody presented to your server, counts it against its limit and writes it into its log. Look at
     * `valid`. It is not repeated after a lost answer, as it may have been counted: let nobody in who could not be checked.
     * Needs the scope `verify:keys`.
     */
    verify: ({ signal, ...question }: PresentedKey & { dry_run?: boolean } & RequestOptions) =>
      this.#send<Verified>({ method: "POST", path: "/v1/keys/verify", json: question, repeatable: question.dry_run === true, ...(signal && { signal }) }),

    /** As `verify`, for up to a hundred keys. The answers are in the order of the questions. */
    verifyAll: async (keys: PresentedKey[], { dryRun = false, ...options }: RequestOptions & { dryRun?: boolean } = {}): Promise<Verified[]> =>
      (await this.#send<{ results: Verified[] }>(
        { method: "POST", path: "/v1/keys/verify", json: { keys, dry_run: dryRun }, repeatable: dryRun, ...options })).results,

    /** Changes what `change` names, and nothing else; `null` removes what may be absent. It may be repeated. */
    update: (id: string, change: KeyChange, options?: RequestOptions) =>
      this.#send<Key>({ method: "PATCH", path: `/v1/api-keys/${segment(id)}`, json: change, ...options }),

    /** Refuses the key, and every token made from it, from the next request on, until it is enabled again. */
    disable: (id: string, options?: RequestOptions) => this.keys.update(id, { disabled: true }, options),
    enable: (id: string, options?: RequestOptions) => this.keys.update(id, { disabled: false }, options),

    /** Revokes the key at once and for ever, and with `cascade` every key that came from it. It may be repeated. */
    revoke: (id: string, { cascade = false, ...options }: RequestOptions & { cascade?: boolean } = {}) =>
      this.#send<RevokedKey>({ method: "PUT", path: `${keyPath(id)}/revoke`, json: { cascade }, ...options }),

    /** Makes a new secret for the same id. The old one stays good for `graceSeconds`, by default 0. */
    regenerate: (id: string, { graceSeconds = 0, ...options }: RequestOptions & { graceSeconds?: number } = {}) =>
      this.#send<Key>({ method: "POST", path: `${keyPath(id)}/regenerate`, json: { grace_seconds: graceSeconds }, ...options }),

    /** With `cascade` it revokes every key that came from this one, and then deletes this one. */
    delete: (id: string, { cascade, ...options }: RequestOptions & { cascade?: boolean } = {}) =>
      this.#send<void>({ method: "DELETE", path: keyPath(id), ...(cascade && { json: { cascade } }), ...options }),

    /** Newest first. It works for a deleted key too. */
    auditLog: (id: string, options?: PageOptions) =>
      this.#list<Answer<"keyAuditLog", 200>, AuditEntry>(`${keyPath(id)}/audit-log`, (page) => page.entries, options),
  };

  /** Those for whom keys are made. The methods need a user's token or a key with scope `admin`. */
  readonly customers = customers(this.#api);

  /** The caller's own sessions, or to an administrator anybody's. The methods need a user's token. */
  readonly sessions = sessions(this.#api);

  /** For administrators who are logged in: the methods need a user's token. */
  readonly users = users(this.#api);

  /** The caller's own account: its log and its password. Those that say so need no credential, the others a user's token. */
  readonly account = account(this.#api);

  /** The caller's own second factors. The methods need a user's token. */
  readonly factors = factors(this.#api);

  readonly projects = {
    /** Needs a user's token, or a key that holds every scope but `admin`. */
    create: (project: NewProject, options?: RequestOptions) => this.#send<Project>({ method: "POST", path: "/v1/projects", json: project, ...options }),

    /** A user's projects, newest first, or the key's own project. An administrator who is logged in may name another user as `owner`. */
    list: ({ owner, ...options }: PageOptions & { owner?: string } = {}) =>
      this.#list<{ projects: Project[]; next_cursor: string | null }, Project>("/v1/projects", (page) => page.projects, options,
        { query: { owner }, read: (body) => (Array.isArray(body) ? { projects: body, next_cursor: null } : body) }),
  };

  /**
   * How often keys were used, by the hour or day: of the caller's project, or of what `project_id`, `customer_id` or `key_id`
   * names. `await` it for a page, which is all unless there are very many rows, or `for await` over it for every row. Needs a
   * user's token or the scope `read:usage`.
   */
  usage({ from, to, by, group, project_id, customer_id, key_id, route, outcome, ...options }: UsageQuery & PageOptions = {}): List<Usage, UsageRow> {
    return this.#list<Usage, UsageRow>("/v1/usage", (page) => page.usage, options,
      { query: { from, to, by, group, project_id, customer_id, key_id, route, outcome } });
  }

  readonly runs = {
    start: (run: Body<"startRun"> = {}, options?: RequestOptions) =>
      this.#send<Answer<"startRun", 201>>({ method: "POST", path: "/v1/runs", json: run, ...options }),

    /** Newest first: the runs of the key's project, of all the user's projects, or of `project`. */
    list: ({ project, ...options }: PageOptions & { project?: string } = {}) =>
      this.#list<{ runs: Run[]; next_cursor: string | null }, Run>("/v1/runs", (page) => page.runs, options,
        { query: { project }, read: (runs, answer) => ({ runs, next_cursor: nextCursor(answer) }) }),

    get: (id: string, options?: RequestOptions) => this.#send<Run>({ method: "GET", path: runPath(id), ...options }),

    /** A token for an address (see `runEventsUrl`). It opens only the events of this run, for a minute. */
    ticket: (id: string, options?: RequestOptions) =>
      // A second ticket does no harm: it expires in a minute.
      this.#send<Ticket>({ method: "POST", path: `${runPath(id)}/ticket`, repeatable: true, ...options }),

    /** Appends once, even if an answer is lost: each call has an Idempotency-Key, its own or yours. */
    append: (id: string, events: NewEvents, { idempotencyKey = crypto.randomUUID(), ...options }: RequestOptions & { idempotencyKey?: string } = {}) =>
      this.#send<Answer<"appendEvents", 202>>({
        method: "POST", path: `${runPath(id)}/events`, json: events,
        headers: { "Idempotency-Key": idempotencyKey }, repeatable: idempotencyKey !== "", ...options,
      }),

    /** One page; see `pollRunEvents` for all of them. */
    events: (id: string, { cursor, limit, ...options }: PageOptions = {}) =>
      this.#send<EventPage>({ method: "GET", path: eventsPath(id), query: { cursor, limit }, ...options }),
  };

  /** The user and the credential of this client. */
  me(options?: RequestOptions): Promise<Me> {
    return this.#send({ method: "GET", path: "/v1/auth/me", ...options });
  }

  /**
   * Reports whether a key or a token of the same project is good, and for what (RFC 7662). The request is made as an OAuth
   * client: with this client's API key, or with the one given.
   */
  introspect(token: string, { hint, client, ...options }: RequestOptions & { hint?: "refresh_token"; client?: { id: string; secret: string } } = {}): Promise<Introspection> {
    const asker = client ?? this.#keyAsClient();
    return this.#transport.send({
      method: "POST", path: "/oauth/introspect", repeatable: true, ...options,
      form: { token, client_id: asker.id, client_secret: asker.secret, ...(hint && { token_type_hint: hint }) },
    });
  }

  /** The events of a run from its start, or from `cursor`, until it ends. */
  pollRunEvents(id: string, options: PollOptions = {}): RunEvents {
    segment(id); // a wrong id fails here rather than in the iteration
    return new RunEvents((cursor, signal) => this.runs.events(id, { ...(cursor !== undefined && { cursor }), ...(signal && { signal }) }), options);
  }

  /** The key's own project, or all projects of the user. */
  async listProjects(): Promise<Project[]> { return collect(this.projects.list({ limit: 100 })); }

  createProject(label: string, color?: string): Promise<Project> {
    return this.projects.create({ label, ...(color !== undefined && { color }) });
  }

  /** The newest hundred runs; `runs.list` gives all. */
  async listRuns(project?: string): Promise<Run[]> {
    return (await this.runs.list({ limit: 100, ...(project && { project }) })).runs;
  }

  getRun(id: string, options?: RequestOptions): Promise<Run> { return this.runs.get(id, options); }

  /** The run when it has ended, or as it is after `timeoutMs`. `pollRunEvents` is as fast, and gives the events too. */
  async waitForRun(id: string, { pollIntervalMs = 1_000, timeoutMs = 600_000, signal }: WaitOptions = {}): Promise<Run> {
    const until = Date.now() + timeoutMs;
    for (;;) {
      const run = await this.runs.get(id, signal && { signal });
      const wait = Math.max(250, pollIntervalMs);
      if (run.status !== "running" || Date.now() + wait > until) return run;
      await sleep(wait, signal);
    }
  }

  /**
   * The address of a run's events with a token in it, for clients that cannot send a header. Best give a ticket, which is
   * good for a minute and only for this run (`(await runs.ticket(id)).token`), else a JWT; without one the client's own
   * token is used. Everybody who has the address has the token until it expires: do not log it, and prefer
   * `pollRunEvents`, which sends a header.
   */
  runEventsUrl(id: string, token: string, options?: { cursor?: string }): string;
  runEventsUrl(id: string, options?: { cursor?: string }): string;
  runEventsUrl(id: string, given?: string | { cursor?: string }, options?: { cursor?: string }): string {
    const { cursor } = (typeof given === "string" ? options : given) ?? {};
    return this.#transport.url(eventsPath(id), { token: typeof given === "string" ? inAddress(given) : this.#token(), cursor });
  }

  #token(): string {
    if (!(this.#credential instanceof TokenCredential)) {
      throw new TypeError("runEventsUrl needs a ticket, or a client with options.token: an API key is never part of an address. pollRunEvents works with an API key");
    }
    const { token } = this.#credential;
    if (token === undefined) throw new TypeError("there is no token yet: await signIn() first");
    return token;
  }

  /** Gets a token now, or a new one if it is about to expire. Every request does that by itself. */
  async signIn(options: RequestOptions = {}): Promise<void> {
    await this.#credential.headers(options.signal);
  }

  /** Ends the session of the token on the server, and all tokens with it. */
  signOut(options?: RequestOptions): Promise<void> {
    return this.#send({ method: "POST", path: "/api/auth/logout", ...options });
  }

  #keyAsClient(): { id: string; secret: string } {
    if (!(this.#credential instanceof KeyCredential)) throw new TypeError("introspect needs a client with an API key, or options.client");
    return { id: this.#credential.id, secret: this.#credential.key };
  }

  #list<Page extends { next_cursor: string | null }, Item>(
    path: string, items: (page: Page) => Item[], { cursor: from, limit, ...options }: PageOptions = {}, call: Pick<Call, "query" | "read"> = {},
  ): List<Page, Item> {
    const page = (cursor: string | undefined) =>
      this.#send<Page>({ method: "GET", path, ...call, query: { ...call.query, cursor, limit }, ...options });
    return new List(page, items, from);
  }

  async #send<T>(call: Call): Promise<T> {
    const send = (headers: Record<string, string>) => this.#transport.send<T>({ ...call, headers: { ...call.headers, ...headers } });
    const sent = await this.#credential.headers(call.signal);
    try {
      return await send(sent);
    } catch (error) {
      if (!this.#credential.renew(sent, error)) throw error;
      return send(await this.#credential.headers(call.signal)); // the authorizer refused the request: nothing was done
    }
  }
}

const keyPath = (id: string) => `/api/v1/auth/api-keys/${segment(id)}`;
const runPath = (id: string) => `/v1/runs/${segment(id)}`;
const eventsPath = (id: string) => `${runPath(id)}/events/stream`;
