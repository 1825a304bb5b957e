import assert from "node:assert/strict";
import { test } from "node:test";
import { caller, Keys } from "../dist/server/index.js";

const OWN = "gf_ofThisServer";
const valid = {
  valid: true, code: "VALID", key_id: "K", label: "customer 17", type: "scoped", owner_id: "usr_A", project_id: "prj_A", scopes: ["read:stats"], metadata: {},
  expires_at: null, headers: { "X-RateLimit-Remaining": "9" },
};
const refusing = (code, status, seconds) => ({
  valid: false, code, headers: { "Retry-After": String(seconds) }, limit: { retry_after: seconds },
  problem: { type: "about:blank", title: "T", status, error_code: code, request_id: "R" },
});

/** A handler whose Latchkey answers as a test says. */
function served(answer, options = {}) {
  /** @type {{ asked: any[], log: string[] }} */
  const seen = { asked: [], log: [] };
  const keys = new Keys({
    url: "https://latchkey.example.com/prod", key: OWN, log: (line) => seen.log.push(line),
    fetch: async (_, init) => { seen.asked.push(JSON.parse(String(init?.body))); return answer(init); }, ...options,
  });
  const handler = keys.fetch((request) => new Response(caller(request).key_id));
  const get = (path = "/x", key = "a") => handler(new Request(`http://127.0.0.1${path}`, { headers: { "X-Api-Key": key } }));
  return { ...seen, get, handler };
}
const always = (body, status = 200) => async () => new Response(typeof body === "string" ? body : JSON.stringify(body), { status });

test("within its time the cache answers the same question, and no other", async (t) => {
  t.mock.timers.enable({ apis: ["Date"] });
  const { get, asked } = served(always(valid), { maxStaleMs: 60_000 });
  await get();
  t.mock.timers.tick(59_999);
  assert.equal(await (await get()).text(), "K");
  assert.equal(asked.length, 1);
  t.mock.timers.tick(1);
  await get();
  await get("/y");
  await get("/x", "b");
  assert.equal(asked.length, 4);
});

test("a refusal of a limit is kept as long as it holds, and no other refusal", async (t) => {
  t.mock.timers.enable({ apis: ["Date"] });
  let body = refusing("RATE_LIMIT_EXCEEDED", 429, 5);
  const { get, asked } = served(() => always(body)(), { maxStaleMs: 60_000 });
  await get();
  t.mock.timers.tick(4_999);
  assert.equal((await get()).status, 429);
  assert.equal(asked.length, 1);
  t.mock.timers.tick(1);
  body = refusing("API_KEY_DISABLED", 401, 0);
  assert.equal((await get()).status, 401);
  assert.equal((await get()).status, 401);
  assert.equal(asked.length, 3);
  body = refusing("QUOTA_EXCEEDED", 429, 0);
  assert.equal((await get()).status, 429);
  assert.equal((await get()).status, 429);
  assert.equal(asked.length, 5);
});

test("requests at the same time share one question if the cache is on, and it keeps no more than its size", async () => {
  const { get, asked } = served(always(valid), { maxStaleMs: 60_000, cacheSize: 2 });
  await Promise.all(Array.from({ length: 50 }, () => get()));
  assert.equal(asked.length, 1);
  for (const path of ["/1", "/2", "/3"]) await get(path);
  await get("/3");
  assert.equal(asked.length, 4);
  await get("/x"); // made room
  assert.equal(asked.length, 5);
});

test("whatever is not said to be a good key is none, and no key is in the log", async () => {
  const wrong = {
    "no JSON": always("<html>"), "valid, with a reason": always({ ...valid, code: "API_KEY_REVOKED" }), "of nobody": always({ ...valid, key_id: "" }),
    "an older deployment": always({ valid: false, code: "API_KEY_REVOKED" }), "a refusal that allows": always(refusing("API_KEY_REVOKED", 200, 0)),
    "a scope that does not exist": always({ error_code: "VALIDATION_ERROR", fields: [{ field: "scopes", message: "must name scopes that exist" }] }, 422),
    "no connection": async () => { throw new TypeError("fetch failed gf_ofTheCaller"); },
    "never": (init) => new Promise((_, failed) => {
      const waiting = setTimeout(failed, 60_000); // as a connection would, it keeps the process
      init.signal.addEventListener("abort", () => { clearTimeout(waiting); failed(init.signal.reason); });
    }),
  };
  for (const [name, answer] of Object.entries(wrong)) {
    const { get, log, asked } = served(answer, { timeoutMs: 20 });
    const refused = await get("/x", "gf_ofTheCaller");
    const body = /** @type {any} */ (await refused.json());
    assert.deepEqual([refused.status, body.error_code, refused.headers.get("Retry-After"), asked.length], [503, "SERVICE_UNAVAILABLE", "1", 1], name);
    assert.match(log.join(), new RegExp(body.request_id));
    assert.doesNotMatch(log.join(), /ofTheCaller|ofThisServer/);
  }
});

test("a caller's address is never what anybody can send", async () => {
  for (const [proxies, sent, want] of [[0, "203.0.113.9", undefined], [1, "1.1.1.1, 203.0.113.9", "203.0.113.9"], [2, "203.0.113.9, 10.0.0.1", "203.0.113.9"],
    [2, "203.0.113.9", undefined], [1, "999.1.1.1", undefined], [1, "::ffff:203.0.113.9", "203.0.113.9"], [1, "2001:db8::1", "2001:db8::1"], [1, "a:b", undefined]]) {
    const { handler, asked } = served(always(valid), { trustedProxies: proxies });
    await handler(new Request("http://127.0.0.1/x", { headers: { "X-Api-Key": "a", "X-Forwarded-For": String(sent) } }));
    assert.equal(asked[0].address, want, `${proxies} ${sent}`);
  }
});

test("a configuration that could send the key elsewhere is refused, and the error has no key", () => {
  for (const options of [{ url: "http://latchkey.example.com", key: OWN }, { url: "https://u:p@example.com", key: OWN }, { url: "https://example.com", key: "a b" }, { url: "https://example.com", key: OWN, timeoutMs: 0 }]) {
    assert.throws(() => new Keys(options), (error) => !String(error).includes(OWN));
  }
  assert.throws(() => new Keys({ url: "https://example.com", key: OWN }).express([]), TypeError);
  assert.throws(() => caller({}), /no guard/);
});
