import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import { GhostlyClient } from "../dist/index.js";
import { admin as client, API_URL, listed } from "./stack.js";

test("a customer's keys do what it may, until it is disabled or deleted, and its log says what was done", async () => {
  const external_id = `acme ${randomUUID()}`;
  const made = await client.customers.create({ external_id, name: "Acme", scopes: ["read:stats"], quota: { limit: 10, period: "month" } });
  await assert.rejects(client.customers.create({ external_id }), { name: "ConflictError" });
  const key = await client.keys.create({ label: "for it", customer_id: made.id });
  assert.equal(key.customer_id, made.id);
  const holder = new GhostlyClient(API_URL, key.key);
  assert.deepEqual((await holder.me()).credential.scopes, ["read:stats"]);
  assert.equal((await client.customers.get(made.id)).quota?.remaining, 9);

  const changed = await client.customers.update(made.id, { name: null, quota: { limit: 20 }, disabled: true });
  assert.deepEqual([changed.name, changed.quota?.remaining, changed.disabled], ["", 19, true]);
  await assert.rejects(holder.me(), { code: "API_KEY_DISABLED" });
  await client.customers.update(made.id, { disabled: false });
  await holder.me();
  await client.customers.delete(made.id);
  await assert.rejects(holder.me(), { code: "API_KEY_REVOKED" });
  await assert.rejects(client.customers.get(made.id), { name: "NotFoundError" });

  const log = [];
  for await (const entry of client.customers.log(made.id, { limit: 2 })) log.push(entry); // more than one page
  assert.deepEqual(log.map(({ action }) => action), ["deleted", "enabled", "disabled", "created"]);
  assert.equal(log.every(({ personal }) => personal === undefined), true);
});

test("customers are listed in pages, found by a text, and by their external id; keys by their customer", async () => {
  const mark = randomUUID();
  const [first, second] = [await client.customers.create({ external_id: `a ${mark}` }), await client.customers.create({ external_id: `b ${mark}` })];
  const key = await client.keys.create({ label: "listed", customer_id: first.id });
  await listed();
  const found = [];
  for await (const { id } of client.customers.list({ search: mark.toUpperCase(), limit: 1 })) found.push(id); // more than one page
  assert.deepEqual(found, [second.id, first.id]);
  assert.deepEqual((await client.keys.list({ customer: first.id })).api_keys.map(({ id }) => id), [key.id]);
  assert.deepEqual((await client.customers.list({ externalId: `a ${mark}` })).customers.map(({ id }) => id), [first.id]);
  assert.deepEqual((await client.customers.list({ externalId: mark })).customers, []);
  assert.equal((await client.customers.list({ project: first.project_id, limit: 2 })).customers.length, 2);
});
