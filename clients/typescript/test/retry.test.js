import assert from "node:assert/strict";
import { test } from "node:test";
import { ConnectionError, GhostlyClient, ServerError } from "../dist/index.js";
import { admin, newKey, proxied, refusal, tokenOf } from "./stack.js";

const limited = (seconds) => refusal(429, "RATE_LIMIT_EXCEEDED", { "Retry-After": String(seconds) });

async function adminThrough(url, options = {}) {
  await admin.signIn();
  return new GhostlyClient(url, null, { token: tokenOf(admin), ...options });
}

test("after a 429 it waits Retry-After, then twice as long, and never less", async (t) => {
  const { key } = await newKey(t);
  const proxy = await proxied(t, ({ before }) => (before < 2 ? limited(1) : undefined));
  assert.equal((await new GhostlyClient(proxy.url, key).me()).ok, true);
  const [first, second, third] = proxy.seen.map(({ at }) => at);
  assert.ok(second - first >= 1000, `first wait: ${second - first} ms`);
  assert.ok(third - second >= 2000, `second wait: ${third - second} ms`);
});

test("a POST that was refused with 429 is sent again: nothing was done", async (t) => {
  const proxy = await proxied(t, ({ method, before }) => (method === "POST" && before === 0 ? limited(1) : undefined));
  const key = await (await adminThrough(proxy.url)).keys.create({ label: "once" });
  await admin.keys.delete(key.id);
  assert.equal(proxy.seen.length, 2);
});

test("what may be done twice is sent again when its answer is lost, or the service cannot answer", async (t) => {
  const { key } = await newKey(t);
  /** @type {import("./stack.js").Fate[]} */
  const fates = ["lose request", "lose answer", refusal(503, "SERVICE_UNAVAILABLE", { "Retry-After": "1" }),
    { status: 500, body: `{"message":"Internal server error"}` }];
  const proxy = await proxied(t, ({ before }) => fates[before]);
  assert.equal((await new GhostlyClient(proxy.url, key).me()).ok, true);
  assert.equal(proxy.seen.length, 5);
});

test("what may not be done twice is sent once when its answer is lost, or the service cannot answer", async (t) => {
  for (const { fate, kind } of [
    { fate: /** @type {const} */ ("lose answer"), kind: ConnectionError },
    { fate: refusal(503, "SERVICE_UNAVAILABLE"), kind: ServerError },
    { fate: { status: 500, body: `{"message":"Internal server error"}` }, kind: ServerError }, // API Gateway's own
  ]) {
    const proxy = await proxied(t, () => fate);
    await assert.rejects((await adminThrough(proxy.url)).projects.create({ name: "once" }), kind);
    assert.equal(proxy.seen.length, 1);
  }
});

test("a delete whose answer was lost has succeeded", async (t) => {
  const key = await newKey(t);
  const proxy = await proxied(t, ({ before }) => (before === 0 ? "lose answer" : undefined));
  const client = await adminThrough(proxy.url);
  await client.keys.delete(key.id);
  assert.equal(proxy.seen.length, 2);
  await assert.rejects(client.keys.delete(key.id), { code: "RESOURCE_NOT_FOUND" });
});

test("events whose answer was lost are in the run once", async (t) => {
  const { key } = await newKey(t, { scopes: ["write:events", "read:events"] });
  const proxy = await proxied(t, ({ path, before }) => (path.endsWith("/events") && before < 2 ? "lose answer" : undefined));
  const client = new GhostlyClient(proxy.url, key);
  const { id } = await client.runs.start();
  const receipt = await client.runs.append(id, { events: [{ kind: "status", text: "once" }] });
  assert.deepEqual([receipt.first_seq, receipt.last_seq], [1, 1]);
  assert.equal((await client.runs.events(id)).events.length, 1);
});

test("it gives up after the attempts that were asked for, and says that there was no answer", async (t) => {
  const { key } = await newKey(t);
  const proxy = await proxied(t, () => "lose request");
  await assert.rejects(new GhostlyClient(proxy.url, key, { attempts: 2 }).me(), (error) =>
    error instanceof ConnectionError && error.message === "GET /v1/auth/me: no answer");
  assert.equal(proxy.seen.length, 2);
});

test("a signal ends a wait at once, with its reason", async (t) => {
  const { key } = await newKey(t);
  const proxy = await proxied(t, () => limited(60));
  const begun = Date.now();
  await assert.rejects(new GhostlyClient(proxy.url, key).me({ signal: AbortSignal.timeout(300) }), { name: "TimeoutError" });
  assert.ok(Date.now() - begun < 30_000);
});

test("a challenge is read under both names, API Gateway's and the RFC's", async (t) => {
  const { key } = await newKey(t);
  for (const name of ["WWW-Authenticate", "x-amzn-Remapped-WWW-Authenticate"]) {
    const proxy = await proxied(t, () => refusal(401, "TOKEN_EXPIRED", { [name]: 'Bearer error="invalid_token"' }));
    await assert.rejects(new GhostlyClient(proxy.url, key).me(), { code: "TOKEN_EXPIRED", challenge: 'Bearer error="invalid_token"' });
  }
});

test("a redirect is not followed: it would carry the key away", async (t) => {
  const { key } = await newKey(t);
  const thief = await proxied(t, () => undefined);
  const proxy = await proxied(t, () => ({ status: 307, headers: { Location: `${thief.url}/v1/auth/me` } }));
  await assert.rejects(new GhostlyClient(proxy.url, key, { attempts: 1 }).me(), ConnectionError);
  assert.equal(thief.seen.length, 0);
});
