// Quotas of keys and of customers: what is left, and changing them.

import { test } from "node:test";
import assert from "node:assert/strict";
import { api, must, newKey, newUser, settled, signedIn, tokenOf } from "./harness.js";

test("a key is made with a quota, and its page and the list say what is left", async (t) => {
  const user = await newUser();
  const page = await signedIn(t, user, "/keys/new");
  await page.getByLabel("Name").fill("bounded");
  await page.getByRole("button", { name: "read", exact: true }).click();
  await page.getByText("Project, limits, quota, allowed addresses").click();
  await page.getByLabel("Requests", { exact: true }).fill("20");
  await page.getByRole("combobox", { name: "In", exact: true }).selectOption("month");
  await page.getByRole("button", { name: "Create key" }).click();
  const key = await page.locator("output").textContent();
  await page.getByRole("button", { name: "I have stored it" }).click();
  await page.locator(".facts").getByText("20 of 20 left").waitFor();
  for (let i = 0; i < 19; i++) await api("GET", "v1/auth/me", { token: key });
  await page.getByRole("link", { name: "API keys" }).first().click();
  const row = page.getByRole("row", { name: /bounded/ });
  await row.getByText("1 of 20 left").waitFor();
  await row.getByText(/this month; anew (in|tomorrow|\d)/).waitFor();
  assert.equal(await row.locator(".gauge .left").getAttribute("width"), "5");
  await api("GET", "v1/auth/me", { token: key });
  assert.equal((await api("GET", "v1/auth/me", { token: key })).body.error_code, "QUOTA_EXCEEDED");
  await page.getByRole("link", { name: "bounded" }).click();
  await page.locator(".facts").getByText("All 20 used up").waitFor();
});

test("a quota is changed in the form of a key, and what is spent stays spent while the period stays", async (t) => {
  const user = await newUser();
  const key = await newKey(user, { name: "bounded", quota: { limit: 5, period: "day" } });
  await api("GET", "v1/auth/me", { token: key.key });
  const page = await signedIn(t, user, `/keys/${key.id}/edit`);
  const save = async () => {
    const [request] = await Promise.all([page.waitForRequest((each) => each.method() === "PATCH"), page.getByRole("button", { name: "Save changes" }).click()]);
    return request.postDataJSON();
  };
  await page.getByLabel("Requests", { exact: true }).fill("8");
  assert.deepEqual(await save(), { quota: { limit: 8, period: "day" } });
  await page.locator(".facts").getByText("7 of 8 left").waitFor();
  await page.getByRole("link", { name: "Edit", exact: true }).click();
  await page.getByRole("combobox", { name: "In", exact: true }).selectOption("");
  assert.deepEqual(await save(), { quota: { limit: 8, period: null } });
  await page.locator(".facts").getByText("8 of 8 left").waitFor();
  await page.getByRole("link", { name: "Edit", exact: true }).click();
  await page.getByLabel("Requests", { exact: true }).fill("0.5");
  await save();
  await page.locator("[data-field=quota] .field-error").getByText("a whole number from 1").waitFor();
  await page.getByLabel("Requests", { exact: true }).fill("");
  await page.getByLabel("Requests", { exact: true }).pressSequentially("1e"); // to the page as good as empty
  await page.getByRole("button", { name: "Save changes" }).click();
  await page.locator("[data-field=quota] .field-error").getByText("Enter a whole number").waitFor();
  await page.getByLabel("Requests", { exact: true }).fill("");
  assert.deepEqual(await save(), { quota: null });
  await page.locator(".facts .quota").getByText("None").waitFor();
});

test("credits of a key and of a customer are refilled, and others have no such button", async (t) => {
  const user = await newUser();
  const token = await tokenOf(user);
  const customer = await must("POST", "v1/customers", { token, body: { external_id: "acme", quota: { limit: 2 } } });
  const key = await must("POST", "v1/api-keys", { token, body: { name: "theirs", scopes: ["read:offers"], customer_id: customer.id, quota: { limit: 9 } } });
  for (let i = 0; i < 2; i++) await api("GET", "v1/auth/me", { token: key.key });
  assert.equal((await api("GET", "v1/auth/me", { token: key.key })).body.error_code, "QUOTA_EXCEEDED");
  const page = await signedIn(t, user, `/customers/${customer.id}`);
  await page.locator(".facts").getByText("All 2 used up").waitFor();
  await page.getByRole("button", { name: "Refill" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Credits").fill("");
  await dialog.getByRole("button", { name: "Refill" }).click();
  await dialog.getByText("Enter how many credits").waitFor();
  await dialog.getByLabel("Credits").fill("3");
  await dialog.getByRole("button", { name: "Refill" }).click();
  await page.locator(".facts").getByText("3 of 3 left").waitFor();
  assert.equal((await api("GET", "v1/auth/me", { token: key.key })).status, 200);
  await page.getByRole("link", { name: "theirs" }).click();
  await page.getByText("6 of 9 left").waitFor();
  await page.getByRole("button", { name: "Refill" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Refill" }).click();
  await page.getByText("9 of 9 left").waitFor();
  const daily = await newKey(user, { name: "daily", quota: { limit: 4, period: "day" } });
  const other = await signedIn(t, user, `/keys/${daily.id}`);
  await settled(other);
  await other.getByText("4 of 4 left").waitFor();
  assert.equal(await other.getByRole("button", { name: "Refill" }).count(), 0);
});
