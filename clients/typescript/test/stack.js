// The real stack, what the tests need from it, and a proxy in front of it that loses answers.
import { createServer } from "node:http";
import { randomUUID } from "node:crypto";
import { GhostlyClient } from "../dist/index.js";

function setting(name) {
  const value = process.env[name];
  if (!value) throw new Error(`no ${name}: run \`make start\`, then \`set -a; . .local/env; set +a\``);
  return value;
}

export const API_URL = setting("API_URL");
export const LOGIN = { email: setting("ADMIN_EMAIL"), password: setting("ADMIN_PASSWORD") };

/** The administrator, logged in once for a test file: logins are limited. */
export const admin = new GhostlyClient(API_URL, null, { token: LOGIN });

/**
 * What happens to a request at the proxy: it is passed on (undefined), the connection breaks before or after the service
 * has seen it, the proxy answers, or the service's answer is changed.
 * @typedef {undefined | "lose request" | "lose answer" | {status: number, headers?: Record<string, string>, body?: string}
 *   | ((body: any) => any)} Fate
 */

/** A key for one test, deleted when it ends. */
export async function newKey(t, fields = {}) {
  const key = await admin.keys.create({ label: "typescript test", ...fields });
  t.after(() => admin.keys.delete(key.id).catch((error) => { if (error.status !== 404) throw error; }));
  return key;
}

/** A member who was just registered. */
export async function newMember() {
  const login = { email: `ts-${randomUUID()}@example.com`, password: randomUUID() };
  await admin.me(); // so that there is a token
  const made = await fetch(`${API_URL}/v1/auth/register`, {
    method: "POST",
    headers: { Authorization: `Bearer ${tokenOf(admin)}`, "Content-Type": "application/json" },
    body: JSON.stringify(login),
  });
  if (made.status !== 201) throw new Error(`registering: ${made.status}`);
  return login;
}

/** Lists follow what was written some 100 ms later (docs/aws.md, row 10). */
export const listed = () => new Promise((done) => setTimeout(done, 120));

/** @param {GhostlyClient} client */
export function tokenOf(client) {
  return new URL(client.runEventsUrl("any")).searchParams.get("token") ?? "";
}

/**
 * A proxy for one test. `meddle` is told of each request, with how many of its kind came before, and says its fate.
 * @param {import("node:test").TestContext} t
 * @param {(request: {method: string, path: string, before: number}) => Fate} meddle
 */
export async function proxied(t, meddle) {
  /** @type {{method: string, path: string, at: number}[]} */
  const seen = [];
  const server = createServer(async (request, response) => {
    const method = request.method ?? "GET";
    const [path] = (request.url ?? "/").split("?");
    const before = seen.filter((other) => other.method === method && other.path === path).length;
    const entry = { method, path, at: Date.now() };
    seen.push(entry);
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const fate = meddle({ method, path, before });
    if (fate === "lose request") return void request.socket.destroy();
    if (fate && typeof fate === "object") return void response.writeHead(fate.status, fate.headers).end(fate.body);
    const { host, connection, "content-length": _, ...headers } = request.headers;
    const answer = await fetch(API_URL + request.url, {
      method, headers: /** @type {Record<string, string>} */ (headers), body: chunks.length ? Buffer.concat(chunks) : null,
    });
    let body = await answer.text();
    if (answer.status === 429) seen.splice(seen.indexOf(entry), 1); // other tests used up a limit: it will be sent again
    if (fate === "lose answer") return void request.socket.destroy();
    if (typeof fate === "function" && answer.ok) body = JSON.stringify(fate(JSON.parse(body)));
    const { "content-encoding": __, "content-length": ___, "transfer-encoding": ____, ...answered } = Object.fromEntries(answer.headers);
    response.writeHead(answer.status, answered).end(body);
  });
  await new Promise((ready) => server.listen(0, "127.0.0.1", () => ready(undefined)));
  t.after(() => { server.closeAllConnections(); server.close(); });
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  return { url: `http://127.0.0.1:${port}`, seen };
}

/** An answer of the service's own kind. */
export function refusal(status, code, headers = {}) {
  const body = JSON.stringify({ type: "about:blank", title: code, status, error_code: code, request_id: "of the proxy" });
  return { status, headers: { "Content-Type": "application/problem+json", ...headers }, body };
}
