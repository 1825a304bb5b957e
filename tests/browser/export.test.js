// The audit logs of a key and of an account as files.

import { test } from "node:test";
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { api, asAdmin, counted, must, newKey, newUser, settled, signedIn, tokenOf } from "./harness.js";

test("a key's whole log is saved, and no cell of it is a formula", async (t) => {
  const user = await newUser();
  const key = await newKey(user, { name: "busy" });
  for (let i = 0; i < 2; i++) await api("GET", "v1/auth/me", { token: key.key, headers: { "User-Agent": `=HYPERLINK("http://evil.example","a")` } });
  await must("PATCH", `v1/api-keys/${key.id}`, { token: await tokenOf(user), body: { label: 'said "so", once' } });
  await counted(user, key, 2);
  const page = await signedIn(t, user, `/keys/${key.id}`);
  await settled(page);
  let pages = 0;
  await page.route("**/audit-log*", (route) => { pages++; return route.continue({ url: route.request().url().replace("limit=100", "limit=1") }); });
  const save = async (format) => {
    const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: `Export ${format}` }).click()]);
    assert.equal(download.suggestedFilename(), `audit-log-${key.id}.${format.toLowerCase()}`);
    return readFile(await download.path(), "utf8");
  };
  const { entries } = await must("GET", `api/v1/auth/api-keys/${key.id}/audit-log`, { token: await tokenOf(user) });
  assert.deepEqual(JSON.parse(await save("JSON")), entries);
  assert.ok(pages >= 3, `${pages} pages`);

  const [head, ...lines] = (await save("CSV")).split("\r\n").slice(0, -1);
  assert.equal(head, '"at","span","action","actor_type","actor_id","route","count","refusals","address","user_agent","api","request_id","detail"');
  assert.equal(lines.length, entries.length);
  const used = lines.find((line) => line.includes('"used"'));
  assert.ok(used.includes(`"'=HYPERLINK(""http://evil.example"",""a"")"`), used);
  assert.match(used, /:00:00Z","1 hour","used","key"/);
  assert.ok(lines.some((line) => line.includes(String.raw`said \""so\"", once`)), lines.join("\n"));

  await page.unroute("**/audit-log*");
  await page.route("**/audit-log*", (route) => route.abort());
  await page.getByRole("button", { name: "Export CSV" }).click();
  await page.getByRole("alert").getByText("No connection", { exact: true }).waitFor();
});

test("the log of an account is saved by its user and by an administrator, and no cell of it is a formula", async (t) => {
  const user = await newUser(), agent = `\t@SUM(1+1)*cmd|' /C calc'!A0`;
  await api("POST", "v1/auth/login", { body: user, headers: { "User-Agent": agent.trim() } });
  await api("POST", "v1/auth/login", { body: { ...user, password: "a wrong one" } });
  const { users: [{ id }] } = await must("GET", `v1/users?search=${user.email}`, { token: await asAdmin() });
  const save = async (page, format) => {
    const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: `Export ${format}` }).click()]);
    assert.equal(download.suggestedFilename(), `audit-log-${id}.${format.toLowerCase()}`);
    return readFile(await download.path(), "utf8");
  };
  const page = await signedIn(t, user, "/account");
  await settled(page);
  let pages = 0;
  await page.route("**/v1/auth/log*", (route) => { pages++; return route.continue({ url: route.request().url().replace("limit=100", "limit=1") }); });
  const [head, ...lines] = (await save(page, "CSV")).split("\r\n").slice(0, -1);
  assert.equal(head, '"at","span","action","actor_type","actor_id","count","address","user_agent","request_id","label","detail"');
  assert.ok(pages >= 3 && lines.length >= 3, `${pages} pages, ${lines.length} lines`);
  assert.ok(lines.some((line) => line.includes(`"'@SUM(1+1)*cmd|' /C calc'!A0"`)), lines.join("\n"));
  assert.ok(lines.some((line) => line.includes('"sign_in_refused"')));
  const admin = await signedIn(t, await newUser({ role: "admin" }), `/users/${id}`);
  await settled(admin);
  const { entries } = await must("GET", `v1/users/${id}/log`, { token: await asAdmin() });
  assert.deepEqual(JSON.parse(await save(admin, "JSON")), entries);
});
