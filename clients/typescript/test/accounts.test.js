import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import { GhostlyClient } from "../dist/index.js";
import { API_URL, listed, LOGIN, newMember } from "./stack.js";

const overseer = new GhostlyClient(API_URL, null, { token: LOGIN });

/** A member who is logged in, with what they log in with. */
async function member() {
  const login = await newMember();
  const client = new GhostlyClient(API_URL, null, { token: login });
  return { login, client, id: (await client.me()).user.id };
}

/**
 * The changes and sign-ins of a log, oldest first. What counts refusals stands at the beginning of its hour.
 * @param {AsyncIterable<{action: string}>} log
 */
async function actions(log) {
  const all = [];
  for await (const { action } of log) if (!action.endsWith("_refused")) all.unshift(action);
  return all;
}

test("a person changes the password, and resets it by a link: the sessions before have ended, and the log says so", async () => {
  const { login, client, id } = await member();
  const elsewhere = new GhostlyClient(API_URL, null, { token: login });
  await elsewhere.signIn();
  await assert.rejects(client.account.changePassword("a wrong guess", randomUUID()), { name: "InvalidRequestError", code: "VALIDATION_ERROR" });
  const next = { email: login.email, password: randomUUID() };
  await client.account.changePassword(login.password, next.password);
  await assert.rejects(elsewhere.sessions.list().then(), { name: "AuthenticationError" });
  assert.deepEqual(await actions(client.account.log()), ["registered", "signed_in", "signed_in", "password_changed"]);

  const { url, sent } = await overseer.users.link(id, { purpose: "reset", show: true });
  assert.equal(sent, false);
  const token = new URLSearchParams(new URL(url ?? "").hash.split("?")[1]).get("token") ?? "";
  const last = { email: login.email, password: randomUUID() };
  await client.account.resetPassword(token, last.password);
  await assert.rejects(client.account.resetPassword(token, randomUUID()), { code: "VALIDATION_ERROR" });
  await assert.rejects(new GhostlyClient(API_URL, null, { token: next }).me(), { code: "INVALID_CREDENTIALS" });
  assert.equal((await new GhostlyClient(API_URL, null, { token: last }).me()).user.id, id);
  const seen = await actions(overseer.users.log(id, { limit: 3 })); // more than one page
  assert.deepEqual(seen.slice(3), ["password_changed", "link_made", "password_reset", "signed_in"]);
});

test("forgetting a password is answered alike for everybody, and a wrong token verifies nothing", async () => {
  assert.equal(await overseer.account.forgotPassword(`nobody-${randomUUID()}@example.com`), undefined);
  await assert.rejects(overseer.account.verifyAddress("lnk_"), { code: "VALIDATION_ERROR" });
});

test("all sessions but this one end with one call, and each has a name", async () => {
  const { login, client } = await member();
  await new GhostlyClient(API_URL, null, { token: login }).signIn();
  await listed();
  const { sessions } = await client.sessions.list();
  assert.deepEqual([sessions.length, sessions[0]?.name], [2, "node"]);
  await client.sessions.endOthers();
  await listed();
  assert.deepEqual((await client.sessions.list()).sessions.map(({ current }) => current), [true]);
});

test("a second factor needs a proof, and a member removes nobody else's", async () => {
  const { login, client } = await member();
  assert.deepEqual((await client.factors.list()).factors, []);
  await assert.rejects(client.factors.beginApp(), { name: "PermissionError", code: "PROOF_REQUIRED" });
  await assert.rejects(client.factors.prove({ password: "a wrong guess" }), { code: "VALIDATION_ERROR" });
  await client.factors.prove({ password: login.password });
  const begun = await client.factors.beginApp({ name: "Telephone" });
  assert.match(begun.secret, /^[A-Z2-7]+$/);
  await assert.rejects(client.factors.confirm(begun.id, { code: "000000" }), { code: "VALIDATION_ERROR" });
  await assert.rejects(client.factors.recoveryCodes(), { code: "VALIDATION_ERROR" }); // without a factor there are none
  assert.deepEqual((await client.factors.list()).factors.map(({ id, confirmed }) => [id, confirmed]), [[begun.id, false]]);
  await client.factors.remove(begun.id);
  assert.deepEqual((await client.factors.list()).factors, []);
  await assert.rejects(client.users.removeFactors((await overseer.me()).user.id), { name: "PermissionError" });
});

test("an administrator invites somebody, hands over what they have, and deletes them", async () => {
  const email = `ts-${randomUUID()}@example.com`;
  const { user } = await overseer.users.register({ email });
  assert.equal((await overseer.users.get(user.id)).status, "invited");
  assert.equal((await overseer.users.link(user.id, { purpose: "invitation", show: true })).sent, false);
  const { client, id } = await member();
  const key = await client.keys.create({ label: "to be handed over" });
  await listed();
  assert.equal((await overseer.users.handOver(id, user.id)).api_keys, 1);
  assert.equal((await new GhostlyClient(API_URL, key.key).me()).user.id, user.id);
  await overseer.users.delete(id);
  assert.ok((await actions(overseer.users.log(id))).includes("deleted"));
  await overseer.users.delete(user.id);
});
