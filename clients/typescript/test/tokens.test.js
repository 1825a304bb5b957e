import assert from "node:assert/strict";
import { test } from "node:test";
import { GhostlyClient } from "../dist/index.js";
import { admin, API_URL, LOGIN, newMember, proxied, tokenOf } from "./stack.js";

const count = (seen, path) => seen.filter((request) => request.path === path).length;
const LOGIN_PATH = "/api/auth/login", REFRESH_PATH = "/api/auth/refresh";
const aged = (pair) => ({ ...pair, expires_in: 1 });

test("fifty callers at once cost one login, and one refresh when the token is about to expire", async (t) => {
  const proxy = await proxied(t, ({ path }) => (path === LOGIN_PATH ? aged : undefined));
  const client = new GhostlyClient(proxy.url, null, { token: LOGIN });
  const all = () => Promise.all(Array.from({ length: 50 }, () => client.me()));
  await all();
  assert.equal(count(proxy.seen, LOGIN_PATH), 1);
  assert.equal(count(proxy.seen, REFRESH_PATH), 0);
  await new Promise((resolve) => setTimeout(resolve, 1000));
  await all();
  assert.equal(count(proxy.seen, LOGIN_PATH), 1);
  assert.equal(count(proxy.seen, REFRESH_PATH), 1);
});

test("a refresh token goes on with its session, and each new pair is handed over", async () => {
  const pairs = [];
  const first = new GhostlyClient(API_URL, null, { token: LOGIN, onTokens: (pair) => { pairs.push(pair); } });
  const { credential: { id } } = await first.me();
  const second = new GhostlyClient(API_URL, null, { token: { refreshToken: pairs[0].refresh_token }, onTokens: (pair) => { pairs.push(pair); } });
  assert.equal((await second.me()).credential.id, id);
  assert.equal(pairs.length, 2);
  assert.notEqual(pairs[1].refresh_token, pairs[0].refresh_token);
});

test("a refresh whose answer is lost is repeated, and the session lives", async (t) => {
  const proxy = await proxied(t, ({ path, before }) =>
    path === LOGIN_PATH ? aged : path === REFRESH_PATH && before === 0 ? "lose answer" : undefined);
  const client = new GhostlyClient(proxy.url, null, { token: LOGIN });
  const { credential: { id } } = await client.me();
  await new Promise((resolve) => setTimeout(resolve, 1000));
  assert.equal((await client.me()).credential.id, id);
  assert.equal(count(proxy.seen, REFRESH_PATH), 2);
  assert.equal(count(proxy.seen, LOGIN_PATH), 1);
});

test("a refresh is not repeated once the service could take that for theft; a login takes its place", async (t) => {
  const proxy = await proxied(t, ({ path }) => (path === LOGIN_PATH ? aged : path === REFRESH_PATH ? "lose request" : undefined));
  const client = new GhostlyClient(proxy.url, null, { token: LOGIN });
  await client.me();
  await new Promise((resolve) => setTimeout(resolve, 1000));
  await client.me();
  const times = proxy.seen.filter(({ path }) => path === REFRESH_PATH).map(({ at }) => at);
  assert.ok(times.length > 1 && times[times.length - 1] - times[0] < 8000, `refreshed over ${times[times.length - 1] - times[0]} ms`);
  assert.equal(count(proxy.seen, LOGIN_PATH), 2);
});

test("one who stops waiting for a refresh does not end it for the others", async (t) => {
  const proxy = await proxied(t, () => undefined);
  const client = new GhostlyClient(proxy.url, null, { token: LOGIN });
  const gone = client.me({ signal: AbortSignal.abort(new Error("gone")) });
  const stays = client.me();
  await assert.rejects(gone, /gone/);
  assert.throws(() => client.runEventsUrl("any"), /no token yet/); // it did not wait to the end
  assert.equal((await stays).ok, true);
  assert.equal(count(proxy.seen, LOGIN_PATH), 1);
});

test("a session that is ended elsewhere is followed by a new login, if there is something to log in with", async () => {
  const login = await newMember();
  const [client, elsewhere] = [1, 2].map(() => new GhostlyClient(API_URL, null, { token: login }));
  const { credential: { id } } = await client.me();
  await elsewhere.sessions.end(id);
  assert.notEqual((await client.me()).credential.id, id);
});

test("a token alone is sent as it is, and its end is told", async () => {
  await admin.signIn();
  const client = new GhostlyClient(API_URL, null, { token: tokenOf(admin) });
  assert.equal((await client.me()).credential.type, "user");
  await assert.rejects(new GhostlyClient(API_URL, null, { token: "a.b.c" }).me(), { code: "TOKEN_INVALID" });
});
