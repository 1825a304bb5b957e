import assert from "node:assert/strict";
import { test } from "node:test";
import { GhostlyClient } from "../dist/index.js";
import { admin, API_URL, newKey, proxied, refusal, tokenOf } from "./stack.js";

const numbers = (from, to) => Array.from({ length: to - from + 1 }, (_, i) => from + i);

async function newRun(t, events = 0) {
  const { key } = await newKey(t, { scopes: ["write:events", "read:events"] });
  const client = new GhostlyClient(API_URL, key);
  const { id } = await client.runs.start();
  const append = (n, status) => client.runs.append(id, { events: Array.from({ length: n }, () => ({ kind: "status", text: "…" })), ...(status && { status }) });
  for (let left = events; left > 0; left -= 100) await append(Math.min(left, 100), undefined);
  return { id, key, client, append };
}

test("a poller sees each event once, in order, while they are written, and ends with the run", async (t) => {
  const { id, client, append } = await newRun(t, 3);
  const seen = [];
  for await (const event of client.pollRunEvents(id)) {
    seen.push(event.seq);
    if (event.seq === 3) void append(4);
    if (event.seq === 7) void append(1, "pass");
  }
  assert.deepEqual(seen, numbers(1, 9));
});

test("awaited, it tells onEvent all, one after the other, and gives the run's end", async (t) => {
  const { id, client, append } = await newRun(t, 250);
  await append(1, "fail");
  const seen = [];
  let busy = false;
  const status = await client.pollRunEvents(id, { onEvent: async (event) => {
    assert.equal(busy, false);
    busy = true;
    await Promise.resolve();
    busy = false;
    seen.push(event);
  } });
  assert.equal(status, "fail");
  assert.deepEqual(seen.map((event) => event.seq), numbers(1, 252));
  assert.deepEqual([seen[0].text, seen.at(-1).kind, seen.at(-1).status], ["…", "end", "fail"]);
});

test("dropped connections, lost answers and a 429 lose and repeat no event", async (t) => {
  const { id, key, append } = await newRun(t, 250);
  await append(0, "pass");
  /** @type {import("./stack.js").Fate[]} */
  const fates = ["lose request", undefined, "lose answer", undefined, refusal(429, "RATE_LIMIT_EXCEEDED", { "Retry-After": "1" })];
  const proxy = await proxied(t, ({ before }) => fates[before]);
  const seen = [];
  for await (const event of new GhostlyClient(proxy.url, key).pollRunEvents(id)) seen.push(event.seq);
  assert.deepEqual(seen, numbers(1, 251));
});

test("iterated again after an error or a break, it goes on where it was left", async (t) => {
  const { id, key, append } = await newRun(t, 150);
  await append(0, "pass");
  const proxy = await proxied(t, ({ before }) => (before === 1 ? "lose answer" : undefined));
  const events = new GhostlyClient(proxy.url, key, { attempts: 1 }).pollRunEvents(id);
  const seen = [];
  for await (const event of events) {
    seen.push(event.seq);
    if (event.seq === 40) break;
  }
  await assert.rejects(async () => { for await (const event of events) seen.push(event.seq); }, { name: "ConnectionError" });
  for await (const event of events) seen.push(event.seq);
  assert.deepEqual(seen, numbers(1, 151));
});

test("another process resumes with cursor and seq, even in the middle of a page", async (t) => {
  const { id, client, append } = await newRun(t, 150);
  await append(0, "pass");
  const first = client.pollRunEvents(id);
  for await (const event of first) if (event.seq === 120) break;
  const seen = [];
  for await (const event of client.pollRunEvents(id, { ...(first.cursor && { cursor: first.cursor }), after: first.seq })) seen.push(event.seq);
  assert.deepEqual(seen, numbers(121, 151));
});

test("it comes again after poll_after_ms, and not before", async (t) => {
  const { id, key, append } = await newRun(t, 1);
  const proxy = await proxied(t, () => (page) => ({ ...page, poll_after_ms: page.finished ? 0 : 800 }));
  const events = new GhostlyClient(proxy.url, key).pollRunEvents(id);
  setTimeout(() => void append(0, "pass"), 1000);
  assert.equal(await events, "pass");
  const times = proxy.seen.map(({ at }) => at);
  for (let i = 1; i < times.length; i++) assert.ok(times[i] - times[i - 1] >= 795, `${times[i] - times[i - 1]} ms`);
});

test("a signal ends the polling with its reason", async (t) => {
  const { id, client } = await newRun(t, 1);
  const stop = new AbortController();
  const seen = [];
  await assert.rejects(async () => {
    for await (const event of client.pollRunEvents(id, { signal: stop.signal })) {
      seen.push(event.seq);
      setTimeout(() => stop.abort(new Error("enough")), 100);
    }
  }, /enough/);
  assert.deepEqual(seen, [1]);
});

test("the address of a run's events carries a token, goes on from a cursor, and never carries a key", async (t) => {
  const { id } = await admin.runs.start();
  await admin.runs.append(id, { events: [{ kind: "status" }, { kind: "status" }] });
  const page = /** @type {any} */ (await (await fetch(admin.runEventsUrl(id))).json());
  assert.deepEqual(page.events.map((event) => event.seq), [1, 2]);
  await admin.runs.append(id, { status: "pass" });
  const rest = /** @type {any} */ (await (await fetch(admin.runEventsUrl(id, { cursor: page.cursor }))).json());
  assert.deepEqual(rest.events.map((event) => event.seq), [3]);

  const { client } = await newRun(t);
  assert.throws(() => client.runEventsUrl(id), /pollRunEvents works with an API key/);
  const fresh = new GhostlyClient(API_URL, null, { token: { refreshToken: tokenOf(admin) } });
  assert.throws(() => fresh.runEventsUrl(id), /signIn/);
});
