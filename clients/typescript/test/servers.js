// Serves the same small API in Express, Fastify, Hono and a handler of the Fetch API, for tests/servers/scenarios.py. It prints
// a line "name address" for each, and ends with its standard input.
import { createServer } from "node:http";
import { Readable } from "node:stream";
import { serve } from "@hono/node-server";
import express from "express";
import fastify from "fastify";
import { Hono } from "hono";
import { caller, Keys } from "../dist/server/index.js";

const keys = new Keys({ api: "servers/node", timeoutMs: 10_000, trustedProxies: 1 });
const cached = new Keys({ maxStaleMs: 60_000, timeoutMs: 10_000 });

/** @param {object} request */
function shown(request) {
  const { key_id, project_id, label, scopes, metadata } = caller(request);
  return { key_id, project_id, label, scopes, metadata };
}

const say = (name, port) => console.log(name, `http://127.0.0.1:${port}`);

async function ofExpress() {
  const app = express();
  app.all("/api/stats", keys.express(), (request, response) => void response.json(shown(request)));
  app.get("/scoped", keys.express("write:events"), (request, response) => void response.json(shown(request)));
  app.get("/cached", cached.express("any_key"), (request, response) => void response.json(shown(request)));
  const server = await new Promise((ready) => { const s = app.listen(0, "127.0.0.1", () => ready(s)); });
  say("express", server.address().port);
}

async function ofFastify() {
  const app = fastify();
  app.route({ method: ["GET", "POST"], url: "/api/stats", onRequest: keys.fastify(), handler: async (request) => shown(request) });
  app.get("/scoped", { onRequest: keys.fastify("write:events") }, async (request) => shown(request));
  app.get("/cached", { onRequest: cached.fastify("any_key") }, async (request) => shown(request));
  say("fastify", new URL(await app.listen({ port: 0, host: "127.0.0.1" })).port);
}

async function ofHono() {
  const app = new Hono();
  app.use("/api/*", keys.hono());
  app.all("/api/stats", (c) => c.json(shown(c)));
  app.get("/scoped", keys.hono("write:events"), (c) => c.json(shown(c)));
  app.get("/cached", cached.hono("any_key"), (c) => c.json(shown(c)));
  await new Promise((ready) => serve({ fetch: app.fetch, port: 0, hostname: "127.0.0.1" }, ({ port }) => ready(say("hono", port))));
}

/** Node serves what a Worker would export. */
async function ofFetch() {
  const answer = async (/** @type {Request} */ request) => Response.json(shown(request));
  const address = (_, peer) => peer;
  const routes = {
    "/api/stats": keys.fetch(answer, "by_path", { address }),
    "/scoped": keys.fetch(answer, "write:events", { address }),
    "/cached": cached.fetch(answer, "any_key", { address }),
  };
  const server = createServer(async (request, response) => {
    const headers = new Headers();
    for (let i = 0; i < request.rawHeaders.length; i += 2) headers.append(request.rawHeaders[i], request.rawHeaders[i + 1]);
    const url = new URL(request.url ?? "/", "http://127.0.0.1");
    const handler = routes[url.pathname] ?? (() => new Response(null, { status: 404 }));
    const answered = await handler(new Request(url, { method: request.method ?? "GET", headers }), request.socket.remoteAddress);
    response.writeHead(answered.status, Object.fromEntries(answered.headers));
    if (answered.body && request.method !== "HEAD") Readable.fromWeb(answered.body).pipe(response);
    else response.end();
  });
  await new Promise((ready) => server.listen(0, "127.0.0.1", () => ready(undefined)));
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  say("fetch", port);
}

await Promise.all([ofExpress(), ofFastify(), ofHono(), ofFetch()]);
console.log("ready");
process.stdin.resume().on("end", () => process.exit());
