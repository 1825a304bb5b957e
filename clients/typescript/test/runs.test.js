import assert from "node:assert/strict";
import { test } from "node:test";
import { GhostlyClient } from "../dist/index.js";
import { admin, API_URL, listed, newKey, newMember, tokenOf } from "./stack.js";

// The constructor, the methods and the answers of the runs dialect's own client.
test("everything in one object makes a client, of a key or of a token", async (t) => {
  const { key } = await newKey(t);
  const ofKey = new GhostlyClient({ baseUrl: `${API_URL}/`, apiKey: key });
  assert.equal((await ofKey.me()).credential.type, "key");
  const ofToken = new GhostlyClient({ baseUrl: API_URL, token: await newMember(), attempts: 2 });
  assert.equal((await ofToken.me()).credential.type, "user");
  assert.throws(() => new GhostlyClient({ baseUrl: API_URL }), TypeError);
  assert.throws(() => new GhostlyClient({ baseUrl: API_URL, apiKey: key, token: "a.b.c" }), TypeError);
});

test("a key lists its own project and makes others for its owner; a user lists all", async () => {
  const member = new GhostlyClient({ baseUrl: API_URL, token: await newMember() });
  const { key, project_id } = await member.keys.create({ label: "a label alone" });
  const client = new GhostlyClient({ baseUrl: API_URL, apiKey: key });
  const made = await client.createProject("Shop", "#0ea5e9");
  assert.deepEqual([made.label, made.color], ["Shop", "#0ea5e9"]);
  assert.equal((await client.createProject("Plain")).label, "Plain");
  await listed();
  assert.deepEqual((await client.listProjects()).map((project) => project.id), [project_id]);
  assert.deepEqual((await client.projects.list()).projects.map((project) => project.id), [project_id]);
  const labels = (await member.listProjects()).map((project) => project.label);
  assert.deepEqual(labels, ["Plain", "Shop", "Default"]);
});

test("runs are listed newest first, in pages, and of one project", async () => {
  const member = new GhostlyClient({ baseUrl: API_URL, token: await newMember() });
  const project = await member.createProject("Shop");
  const made = [];
  for (const body of [{}, { project_id: project.id }, {}]) made.unshift((await member.runs.start(body)).id);
  await listed();
  assert.deepEqual((await member.listRuns()).map((run) => run.id), made);
  assert.deepEqual((await member.listRuns(project.id)).map((run) => run.id), [made[1]]);
  const page = await member.runs.list({ limit: 2 });
  assert.deepEqual([page.runs.length, typeof page.next_cursor], [2, "string"]);
  const all = [];
  for await (const run of member.runs.list({ limit: 1 })) all.push(run.id);
  assert.deepEqual(all, made);
  const ofProject = [];
  for await (const run of member.runs.list({ limit: 1, project: project.id })) ofProject.push(run.id);
  assert.deepEqual(ofProject, [made[1]]);
  await assert.rejects(admin.listRuns(project.id), { name: "NotFoundError" });
});

test("waiting for a run ends with the run, or with the time that was given", async (t) => {
  const client = new GhostlyClient({ baseUrl: API_URL, apiKey: (await newKey(t)).key });
  const { id } = await client.runs.start();
  const begun = Date.now();
  assert.equal((await client.waitForRun(id, { pollIntervalMs: 1, timeoutMs: 600 })).status, "running");
  assert.ok(Date.now() - begun < 5_000, "it waited for longer");
  setTimeout(() => void client.runs.append(id, { status: "pass" }), 400);
  const run = await client.waitForRun(id, { pollIntervalMs: 250 });
  assert.deepEqual([run.id, run.status, run.last_seq, run.project_id === run.project], [id, "pass", 1, true]);
  assert.ok(run.durationMs > 0 && run.ended_at !== null);
  assert.deepEqual(await client.getRun(id), run);
  await assert.rejects(client.waitForRun(id, { signal: AbortSignal.abort(new Error("enough")) }), /enough/);
});

test("a ticket stands in the address of its run's events and opens no other", async (t) => {
  const { id: keyId, key } = await newKey(t);
  const client = new GhostlyClient({ baseUrl: API_URL, apiKey: key });
  const [run, other] = [await client.runs.start(), await client.runs.start()];
  await client.runs.append(run.id, { events: [{ kind: "status" }, { kind: "status" }] });
  const { token, expires_in } = await client.runs.ticket(run.id);
  assert.ok(expires_in > 0 && expires_in <= 60, `${expires_in} s`);
  const page = /** @type {any} */ (await (await fetch(client.runEventsUrl(run.id, token))).json());
  assert.deepEqual(page.events.map((event) => event.seq), [1, 2]);
  const rest = /** @type {any} */ (await (await fetch(client.runEventsUrl(run.id, token, { cursor: page.cursor }))).json());
  assert.deepEqual(rest.events, []);
  assert.equal((await fetch(client.runEventsUrl(other.id, token))).status, 403);
  await admin.keys.revoke(keyId);
  assert.equal((await fetch(client.runEventsUrl(run.id, token))).status, 401);
});

test("the address takes the token that it is given, and no key", async (t) => {
  const { key } = await newKey(t);
  const client = new GhostlyClient({ baseUrl: API_URL, apiKey: key });
  const { id } = await admin.runs.start();
  assert.equal((await fetch(client.runEventsUrl(id, tokenOf(admin)))).status, 200);
  assert.throws(() => client.runEventsUrl(id, key), (error) => error instanceof TypeError && !error.message.includes(key));
});

test("usage is what was sent, in pages too", async () => {
  const member = new GhostlyClient({ baseUrl: API_URL, token: await newMember() });
  const { key, id } = await member.keys.create({ label: "counted", scopes: ["read:stats"] });
  const client = new GhostlyClient({ baseUrl: API_URL, apiKey: key });
  for (let i = 0; i < 3; i++) await client.me();
  await assert.rejects(client.listRuns(), { name: "PermissionError" });
  let usage;
  for (let tries = 0; tries < 120 && usage?.total.requests !== 4; tries++) {
    usage = await member.usage({ by: "hour", group: "route", key_id: id });
    await new Promise((done) => setTimeout(done, 500));
  }
  assert.deepEqual(usage?.total, { requests: 4, refusals: 1 });
  const routes = new Map();
  for await (const { group, requests } of member.usage({ by: "hour", group: "route", key_id: id, limit: 1 })) routes.set(group, (routes.get(group) ?? 0) + requests);
  assert.deepEqual([...routes].sort(), [["GET /v1/auth/me", 3], ["GET /v1/runs", 1]]);
  await assert.rejects(client.usage().then(), { name: "PermissionError" });
});
