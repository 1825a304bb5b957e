import assert from "node:assert/strict";
import { test } from "node:test";
import {
  AuthenticationError, ConflictError, GhostlyClient, InvalidRequestError, LatchkeyError, NotFoundError, PermissionError,
} from "../dist/index.js";
import { admin, API_URL, listed, LOGIN, newKey, newMember } from "./stack.js";

test("a key's whole life: made, used, regenerated, revoked, deleted, and its log", async (t) => {
  const key = await newKey(t, { scopes: ["read:stats"], metadata: { team: "typescript" } });
  const old = new GhostlyClient(API_URL, key.key);
  assert.deepEqual((await old.me()).credential.scopes, ["read:stats"]);
  assert.equal((await old.me()).credential.id, key.id);

  const next = await admin.keys.regenerate(key.id);
  await assert.rejects(old.me(), { name: "AuthenticationError", code: "API_KEY_INVALID", status: 401 });
  const renewed = new GhostlyClient(API_URL, next.key);
  assert.equal((await renewed.me()).ok, true);

  const asked = { key: next.key, scopes: ["read:stats"], address: "203.0.113.9", api: "shop" };
  const verified = await admin.keys.verify(asked);
  assert.deepEqual([verified.valid, verified.code, verified.key_id, verified.metadata], [true, "VALID", key.id, { team: "typescript" }]);
  const [dry, wrong] = await admin.keys.verifyAll([asked, { key: "not one of ours" }], { dryRun: true });
  assert.deepEqual([dry.valid, dry.limit, wrong.valid, wrong.code, wrong.key_id, wrong.problem?.status], [true, undefined, false, "API_KEY_INVALID", undefined, 401]);
  assert.equal((await admin.keys.disable(key.id)).status, "disabled");
  assert.equal((await admin.keys.verify(asked)).code, "API_KEY_DISABLED");
  await assert.rejects(renewed.me(), { name: "AuthenticationError", code: "API_KEY_DISABLED" });
  assert.equal((await admin.keys.enable(key.id)).disabled, false);
  const changed = await admin.keys.update(key.id, { label: "changed", scopes: ["stats:read"], metadata: { team: null, a: "b" }, rate_limit: { read: 60 } });
  assert.deepEqual([changed.label, changed.scopes, changed.metadata, changed.rate_limit], ["changed", ["read:stats"], { a: "b" }, { read: 60 }]);
  assert.equal((await renewed.me()).ok, true);

  assert.equal((await admin.keys.revoke(key.id)).status, "revoked");
  assert.equal((await admin.keys.revoke(key.id)).status, "revoked");
  await assert.rejects(admin.keys.update(key.id, { label: "x" }), { name: "ConflictError", code: "KEY_REVOKED" });
  await assert.rejects(renewed.me(), { code: "API_KEY_REVOKED" });
  await assert.rejects(admin.keys.regenerate(key.id), (error) => error instanceof ConflictError && error.code === "KEY_REVOKED");

  assert.equal(await admin.keys.delete(key.id), undefined);
  const { entries } = await admin.keys.auditLog(key.id);
  const counted = ["used", "refused"]; // uses, and the old secret after it was replaced: counted from the log, a little later
  const done = entries.map((entry) => entry.action).filter((action) => !counted.includes(action));
  assert.deepEqual(done, ["deleted", "revoked", "updated", "updated", "updated", "regenerated", "created"]);
});

test("an old secret stays good for the grace that was asked for", async (t) => {
  const key = await newKey(t);
  await admin.keys.regenerate(key.id, { graceSeconds: 60 });
  assert.equal((await new GhostlyClient(API_URL, key.key).me()).credential.id, key.id);
});

test("a list is a page when awaited, and every item of every page when iterated", async () => {
  const member = new GhostlyClient(API_URL, null, { token: await newMember() });
  const made = [];
  for (const label of ["one", "two", "three"]) made.push((await member.keys.create({ label })).id);
  await listed();
  const page = await member.keys.list({ limit: 2 });
  assert.equal(page.api_keys.length, 2);
  assert.equal(typeof page.next_cursor, "string");
  const all = [];
  for await (const key of member.keys.list({ limit: 2 })) all.push(key.id);
  assert.deepEqual(all, made.reverse());
});

test("an administrator lists and revokes the keys of others, and nobody else does", async (t) => {
  const overseer = new GhostlyClient(API_URL, null, { token: LOGIN });
  const member = new GhostlyClient(API_URL, null, { token: await newMember() });
  const key = await member.keys.create({ label: "left behind" });
  const owner = (await member.me()).user;
  await listed();
  const [found] = (await overseer.keys.list({ owner: owner.id })).api_keys;
  assert.equal(found.id, key.id);
  assert.deepEqual(found.owner, { id: owner.id, email: owner.email });
  const all = [];
  for await (const each of overseer.keys.list({ owner: "*", limit: 100 })) all.push(each.id);
  assert.ok(all.includes(key.id));
  assert.equal((await overseer.sessions.list({ owner: owner.id })).sessions.length, 1);
  assert.equal((await overseer.projects.list({ owner: owner.id })).projects.length, 1);
  await overseer.keys.revoke(key.id);
  await assert.rejects(new GhostlyClient(API_URL, key.key).me(), { code: "API_KEY_REVOKED" });
  await assert.rejects(async () => await member.keys.list({ owner: "*" }), NotFoundError);
  const manager = new GhostlyClient(API_URL, (await newKey(t, { scopes: ["admin"] })).key);
  await assert.rejects(async () => await manager.keys.list({ owner: owner.id }), NotFoundError);
});

test("an administrator finds, disables, enables and deletes a user", async () => {
  const overseer = new GhostlyClient(API_URL, null, { token: LOGIN });
  const login = await newMember();
  const member = new GhostlyClient(API_URL, null, { token: login });
  const key = await member.keys.create({ label: "of a leaver" });
  await listed();
  const [found] = (await overseer.users.list({ search: login.email })).users;
  assert.equal(found.status, "active");
  assert.deepEqual((await overseer.users.get(found.id)).api_keys.map((each) => each.id), [key.id]);
  assert.equal((await overseer.users.update(found.id, { disabled: true })).status, "disabled");
  await assert.rejects(new GhostlyClient(API_URL, key.key).me(), { code: "API_KEY_REVOKED" });
  await assert.rejects(new GhostlyClient(API_URL, null, { token: login }).me(), { code: "ACCOUNT_DISABLED" });
  assert.equal((await overseer.users.update(found.id, { disabled: false })).status, "active");
  assert.equal((await new GhostlyClient(API_URL, null, { token: login }).me()).user.id, found.id);
  assert.equal(await overseer.users.delete(found.id), undefined);
  await assert.rejects(overseer.users.get(found.id), NotFoundError);
  await assert.rejects(new GhostlyClient(API_URL, null, { token: login }).me(), { code: "INVALID_CREDENTIALS" });
});

test("a secret key makes keys, and an administrator's key manages them", async (t) => {
  const secret = new GhostlyClient(API_URL, (await newKey(t, { type: "secret" })).key);
  const made = await secret.keys.create({ label: "made by a key", scopes: ["read:stats"] });
  await assert.rejects(secret.keys.delete(made.id), PermissionError);
  const manager = new GhostlyClient(API_URL, (await newKey(t, { scopes: ["admin"] })).key);
  await manager.keys.delete(made.id);
  await assert.rejects(manager.keys.delete(made.id), NotFoundError);
});

test("sessions are listed and ended", async () => {
  const login = await newMember();
  const [here, elsewhere] = [1, 2].map(() => new GhostlyClient(API_URL, null, { token: login }));
  await here.signIn();
  let refreshToken = "";
  const kept = new GhostlyClient(API_URL, null, { token: login, onTokens: (pair) => { refreshToken = pair.refresh_token ?? ""; } });
  await kept.signIn();
  await listed();
  const { sessions } = await here.sessions.list();
  assert.equal(sessions.length, 2);
  for (const session of sessions) if (!session.current) await here.sessions.end(session.id);
  const over = new GhostlyClient(API_URL, null, { token: { refreshToken } });
  await assert.rejects(over.me(), { code: "TOKEN_INVALID" });

  await elsewhere.signIn();
  await elsewhere.signOut();
  assert.equal((await here.sessions.list()).sessions.length, 1);
});

test("projects are made and listed, and give keys their prefix", async () => {
  const project = await admin.projects.create({ name: "TypeScript", key_prefix: "ts_live_" });
  await listed();
  const found = [];
  for await (const { id } of admin.projects.list()) found.push(id);
  assert.ok(found.includes(project.id));
  const key = await admin.keys.create({ label: "of a project", project_id: project.id });
  assert.ok(key.key.startsWith("ts_live_"));
  await admin.keys.delete(key.id);
});

test("a key introspects the credentials of its project, and is a client by itself", async (t) => {
  const [asker, other] = [await newKey(t), await newKey(t, { scopes: ["read:stats"] })];
  const client = new GhostlyClient(API_URL, asker.key);
  const seen = await client.introspect(other.key);
  assert.deepEqual([seen.active, seen.scope, seen.client_id], [true, "read:stats", other.id]);
  await admin.keys.revoke(other.id);
  assert.deepEqual(await client.introspect(other.key), { active: false });
  assert.deepEqual(await admin.introspect(other.key, { client: { id: asker.id, secret: asker.key } }), { active: false });
  await assert.rejects(admin.introspect(other.key, { client: { id: asker.id, secret: "wrong" } }),
    (error) => error instanceof AuthenticationError && error.code === "invalid_client");
  assert.throws(() => admin.introspect(other.key), TypeError);
});

test("an error says which code, which field, and never the credential", async (t) => {
  const key = await newKey(t, { scopes: ["read:stats"] });
  const client = new GhostlyClient(API_URL, key.key);
  await assert.rejects(client.runs.start(), (error) =>
    error instanceof PermissionError && error.code === "INSUFFICIENT_SCOPE" && !JSON.stringify(error).includes(key.key));
  await assert.rejects(admin.keys.create({ label: "" }), (error) => {
    assert.ok(error instanceof InvalidRequestError && error instanceof LatchkeyError);
    assert.equal(error.fields[0]?.field, "label");
    assert.match(error.message, /^VALIDATION_ERROR \(422\): .*label must/);
    return true;
  });
  await assert.rejects(admin.keys.revoke("0000000000000000"), { name: "NotFoundError", code: "RESOURCE_NOT_FOUND" });
  await assert.rejects(new GhostlyClient(API_URL, null, { token: { ...LOGIN, password: "wrong" } }).me(), { code: "INVALID_CREDENTIALS" });
});

test("what would leak a credential is refused before anything is sent", () => {
  assert.throws(() => new GhostlyClient("http://api.example.com", "gf_x"), /https/);
  assert.throws(() => new GhostlyClient("https://user:pass@api.example.com", "gf_x"), TypeError);
  for (const bad of ["gf_x\nX-Other: 1", "gf_é"]) {
    assert.throws(() => new GhostlyClient(API_URL, bad), (error) => error instanceof TypeError && !error.message.includes("gf_"));
  }
  assert.throws(() => new GhostlyClient(API_URL), TypeError);
  assert.throws(() => new GhostlyClient(API_URL, "gf_x", { token: "a.b.c" }), TypeError);
  for (const id of ["", ".", ".."]) assert.throws(() => admin.keys.delete(id), TypeError);
});
