// The audit log of a key as a file.

import { test } from "node:test";
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { api, counted, must, newKey, newUser, settled, signedIn, tokenOf } from "./harness.js";

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
