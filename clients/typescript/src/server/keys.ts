import { type Answer, ask } from "./answer.js";
import { Cache } from "./cache.js";
import { remember } from "./caller.js";
import { type KeysOptions, type Settings, settings } from "./options.js";
import { checkNeed, type Incoming, type Need, question } from "./question.js";
import { allHeaders, type Refusal } from "./refusal.js";

/** A request of node:http, and so of Express. */
interface NodeRequest { method?: string | undefined; url?: string | undefined; originalUrl?: string; rawHeaders: string[]; socket: { remoteAddress?: string | undefined } }
interface NodeResponse { statusCode: number; setHeader(name: string, value: string): unknown; end(text: string): unknown }
interface FastifyRequest { raw: NodeRequest }
interface FastifyReply { code(status: number): FastifyReply; headers(fields: Record<string, string>): FastifyReply; send(text: string): unknown }
interface HonoContext { req: { raw: Request }; env: unknown; header(name: string, value: string): void }

export interface AddressOption<Given extends unknown[]> {
  /** The address from which a request came, where a Request does not tell. Undefined: a key that is bound to addresses is refused. */
  address?: (...given: Given) => string | undefined;
}

/** The API keys of a server's callers, which it lets Latchkey check. Each guard is one check, which counts: a route has one. */
export class Keys {
  readonly #settings: Settings;
  readonly #cache: Cache | undefined;

  constructor(options: KeysOptions = {}) {
    this.#settings = settings(options);
    if (this.#settings.maxStaleMs > 0) this.#cache = new Cache(this.#settings.cacheSize);
  }

  /** Middleware for Express, Connect and node:http. */
  express(need: Need = "by_path"): (request: NodeRequest, response: NodeResponse, next: (error?: unknown) => void) => void {
    checkNeed(need);
    return (request, response, next) => {
      this.#check(ofNode(request), need).then(({ caller, refusal, headers }) => {
        for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
        if (caller) {
          remember(caller, request);
          next();
        } else if (refusal) {
          response.statusCode = refusal.body.status;
          for (const [name, value] of Object.entries(allHeaders(refusal))) response.setHeader(name, value);
          response.end(JSON.stringify(refusal.body));
        }
      }).catch(next);
    };
  }

  /** A hook for Fastify: `onRequest` of an app or of a route. */
  fastify(need: Need = "by_path"): (request: FastifyRequest, reply: FastifyReply) => Promise<unknown> {
    checkNeed(need);
    return async (request, reply) => {
      const { caller, refusal, headers } = await this.#check(ofNode(request.raw), need);
      reply.headers(headers);
      if (refusal) return reply.code(refusal.body.status).headers(allHeaders(refusal)).send(JSON.stringify(refusal.body));
      if (caller) remember(caller, request, request.raw);
      return undefined;
    };
  }

  /** Middleware for Hono. On Node it knows the address of the connection; elsewhere tell it where it is. */
  hono(need: Need = "by_path", { address = nodeAddress }: AddressOption<[context: any]> = {}): (context: HonoContext, next: () => Promise<void>) => Promise<Response | undefined> {
    checkNeed(need);
    return async (context, next) => {
      const { caller, refusal, headers } = await this.#check(ofFetch(context.req.raw, address(context)), need);
      if (refusal) return answered(refusal);
      if (caller) {
        remember(caller, context, context.req.raw);
        await next();
        for (const [name, value] of Object.entries(headers)) context.header(name, value);
      }
      return undefined;
    };
  }

  /** Guards a handler of the Fetch API: Workers, Deno, Bun. What else the handler is given goes to it, and to `address`. */
  fetch<Given extends unknown[]>(
    handler: (request: Request, ...given: Given) => Response | Promise<Response>, need: Need = "by_path",
    { address }: AddressOption<[request: Request, ...given: Given]> = {},
  ): (request: Request, ...given: Given) => Promise<Response> {
    checkNeed(need);
    return async (request, ...given) => {
      const { caller, refusal, headers } = await this.#check(ofFetch(request, address?.(request, ...given)), need);
      if (!caller) return answered(refusal!);
      remember(caller, request);
      const answer = await handler(request, ...given);
      const changed = new Response(answer.body, answer); // the headers of another server's answer cannot be changed
      for (const [name, value] of Object.entries(headers)) changed.headers.set(name, value);
      return changed;
    };
  }

  async #check(request: Incoming, need: Need): Promise<Answer> {
    const asked = question(request, need, this.#settings);
    if ("body" in asked) return { refusal: asked, headers: {}, until: 0 };
    const once = (one: typeof asked) => ask(one, this.#settings);
    return this.#cache ? this.#cache.get(asked, once) : once(asked);
  }
}

function ofNode(request: NodeRequest): Incoming {
  return {
    method: request.method ?? "", path: (request.originalUrl ?? request.url ?? "").split("?", 1)[0]!, peer: request.socket.remoteAddress,
    values: (header) => request.rawHeaders.filter((_, i, all) => i % 2 === 1 && all[i - 1]!.toLowerCase() === header),
  };
}

/** A Request has joined the values of a header that came several times. */
function ofFetch(request: Request, peer: string | undefined): Incoming {
  return {
    method: request.method, path: new URL(request.url).pathname, peer,
    values: (header) => request.headers.get(header)?.split(",") ?? [],
  };
}

/** @hono/node-server passes the request of node:http on. */
function nodeAddress(context: HonoContext): string | undefined {
  return (context.env as { incoming?: NodeRequest } | undefined)?.incoming?.socket.remoteAddress;
}

function answered(refusal: Refusal): Response {
  return new Response(JSON.stringify(refusal.body), { status: refusal.body.status, headers: allHeaders(refusal) });
}
