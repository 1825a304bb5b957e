// Changing a key: only what was changed is sent, and what the service refuses stands at its field.

import { test } from "node:test";
import assert from "node:assert/strict";
import { api, DASHBOARD, must, newKey, newUser, signedIn, tokenOf } from "./harness.js";

const read = async (user, key) => (await must("GET", "api/v1/auth/api-keys", { token: await tokenOf(user) })).api_keys.find(({ id }) => id === key.id);

async function edit(t, user, key) {
  const page = await signedIn(t, user, `/keys/${key.id}`);
  await page.getByRole("link", { name: "Edit", exact: true }).click();
  await page.getByRole("button", { name: "Save changes" }).waitFor();
  return page;
}

// What the page's next PATCH sends.
async function sent(page) {
  const [request] = await Promise.all([
    page.waitForRequest((each) => each.method() === "PATCH"), page.getByRole("button", { name: "Save changes" }).click(),
  ]);
  return request.postDataJSON();
}

test("all of a key is changed, and its log says from what to what", async (t) => {
  const user = await newUser();
  const key = await newKey(user, {
    name: "before", permissions: ["read:stats", "write:offers"], allowed_ips: ["127.0.0.1"], rate_limit: { read: 9, write: 8 }, metadata: { team: "billing", stage: "test" },
  });
  const page = await edit(t, user, key);
  assert.equal(await page.evaluate(() => document.activeElement.name), "name");
  assert.equal(await page.getByLabel("Expires", { exact: true }).locator("option:checked").textContent(), "As it is: never");
  await page.getByLabel("Name").fill("after");
  assert.equal(await page.getByLabel(/^write:offers/).isChecked(), true);
  await page.getByLabel(/^write:offers/).uncheck();
  await page.getByLabel(/^read:offers/).check();
  await page.getByLabel("Expires", { exact: true }).selectOption("30");
  await page.getByLabel("Reads").fill("7");
  await page.getByLabel("Writes", { exact: true }).fill("");
  await page.getByLabel("Allowed addresses").fill("127.0.0.1/32\n198.51.100.0/24");
  await page.getByLabel("Metadata").fill("team=support\nowner = ada = eve\n");
  const { expires_at: at, ...others } = await sent(page);
  assert.deepEqual(others, {
    name: "after", scopes: ["read:offers", "read:stats"], rate_limit: { read: 7, write: null }, allowed_ips: ["127.0.0.1/32", "198.51.100.0/24"],
    metadata: { team: "support", stage: null, owner: "ada = eve" },
  });
  assert.ok(Math.abs(new Date(at) - Date.now() - 30 * 86400e3) < 120e3);
  await page.getByRole("heading", { name: "after" }).waitFor();
  const now = await read(user, key);
  assert.deepEqual([now.name, now.scopes, now.rate_limit, now.allowed_ips, now.metadata],
    ["after", ["read:offers", "read:stats"], { read: 7 }, ["127.0.0.1/32", "198.51.100.0/24"], { team: "support", owner: "ada = eve" }]);
  const entry = page.locator(".entries tr", { hasText: "Updated" });
  for (const change of ["label: before → after", "scopes: read:stats write:offers → read:offers read:stats", "allowed ips: 127.0.0.1/32 → 127.0.0.1/32 198.51.100.0/24"]) {
    assert.match(await entry.innerText(), new RegExp(change.replace(/[/.]/g, "\\$&")));
  }
  await page.locator(".facts").getByText("owner=ada = eve").waitFor();
  await page.goBack();
  assert.equal(await page.getByRole("button", { name: "Save changes" }).count(), 0, "Back leads to the form again");
});

test("only what was changed is sent, so what somebody else changes meanwhile stays", async (t) => {
  const user = await newUser();
  const key = await newKey(user, { name: "shared", expires_at: "2099-01-02T00:00:00Z", metadata: { note: "two\nlines" } });
  const page = await edit(t, user, key);
  assert.match(await page.getByLabel("Expires", { exact: true }).locator("option:checked").textContent(), /^As it is: .*2099/);
  assert.equal(await page.getByLabel("Metadata").count(), 0, "a line cannot have it");
  await must("PATCH", `v1/api-keys/${key.id}`, { token: await tokenOf(user), body: { scopes: ["read:offers"] } });
  await page.getByLabel("Name").fill("renamed");
  assert.deepEqual(await sent(page), { name: "renamed" });
  await page.getByRole("heading", { name: "renamed" }).waitFor();
  assert.deepEqual((await read(user, key)).scopes, ["read:offers"]);
  await page.getByRole("link", { name: "Edit", exact: true }).click();
  let patches = 0;
  page.on("request", (each) => { patches += each.method() === "PATCH"; });
  await page.getByRole("button", { name: "Save changes" }).click();
  await page.getByText("Nothing was changed").waitFor();
  assert.equal(patches, 0);
});

test("a key is disabled and enabled in the form, which says how that is not revoking", async (t) => {
  const user = await newUser();
  const key = await newKey(user, { name: "resting" });
  const page = await edit(t, user, key);
  await page.getByText("until you enable it again. To end a key for good, revoke it").waitFor();
  await page.getByLabel("Disabled").check();
  assert.deepEqual(await sent(page), { disabled: true });
  await page.locator(".badge", { hasText: "Disabled" }).waitFor();
  assert.equal((await api("GET", "v1/auth/me", { token: key.key })).body.error_code, "API_KEY_DISABLED");
  await page.getByRole("link", { name: "Edit", exact: true }).click();
  await page.getByLabel("Active").check();
  assert.deepEqual(await sent(page), { disabled: false });
  await page.locator(".badge", { hasText: "Active" }).waitFor();
  assert.equal((await api("GET", "v1/auth/me", { token: key.key })).status, 200);
});

test("what the service refuses stands at its field or above the buttons, and what was typed stays", async (t) => {
  const user = await newUser();
  const key = await newKey(user, { name: "refused" });
  const page = await edit(t, user, key);
  const save = () => page.getByRole("button", { name: "Save changes" }).click();
  await page.getByLabel("Name").fill("turned \u202e around");
  await page.getByLabel("Allowed addresses").fill("not-an-address");
  await save();
  await page.locator("[data-field=name] .field-error").getByText("turns the direction of writing").waitFor();
  await page.locator("[data-field=allowed_ips] .field-error").getByText("neither an IP address nor a CIDR block").waitFor();
  assert.equal(await page.evaluate(() => document.activeElement.name), "name");
  await page.getByLabel("Allowed addresses").fill("");
  await page.getByLabel("Name").fill("typed");
  for (const [status, headers, code, said] of [[429, { "Retry-After": "1" }, "RATE_LIMIT_EXCEEDED", "You can go on"], [503, {}, "SERVICE_UNAVAILABLE", "The service has a problem"]]) {
    await page.route("**/v1/api-keys/*", (route) => route.fulfill({ status, headers, contentType: "application/problem+json", body: JSON.stringify({ status, error_code: code }) }), { times: 1 });
    await save();
    await page.getByRole("alert").getByText(said).waitFor();
  }
  const token = await tokenOf(user);
  await must("PUT", `api/v1/auth/api-keys/${key.id}/revoke`, { token });
  await save();
  await page.getByRole("alert").getByText("is revoked or expired, and cannot be changed").waitFor();
  await must("DELETE", `v1/api-keys/${key.id}`, { token });
  await save();
  await page.getByRole("alert").getByText("Somebody deleted it").waitFor();
  assert.equal(await page.getByLabel("Name").inputValue(), "typed");
  await page.reload();
  await page.getByRole("heading", { name: "Not found" }).waitFor();
});

test("a key that has ended, and one of somebody else, offers no form", async (t) => {
  const user = await newUser(), admin = await newUser({ role: "admin" });
  const key = await newKey(user, { name: "ended" });
  const overseer = await signedIn(t, admin, `/keys/${key.id}/edit`);
  await overseer.getByRole("heading", { name: "Not found" }).waitFor();
  const token = await tokenOf(user);
  await must("PUT", `api/v1/auth/api-keys/${key.id}/revoke`, { token });
  const page = await signedIn(t, user, `/keys/${key.id}`);
  await page.locator(".badge", { hasText: "Revoked" }).waitFor();
  assert.equal(await page.getByRole("link", { name: "Edit", exact: true }).count(), 0);
  await page.goto(`${DASHBOARD}#/keys/${key.id}/edit`);
  await page.getByText("It is revoked, and such a key cannot be changed").waitFor();
});
