// Customers: those to whom a team gives keys of its API.

import { test } from "node:test";
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { api, DASHBOARD, must, newUser, settled, signedIn, tokenOf } from "./harness.js";

const customersOf = async (user) => (await must("GET", "v1/customers", { token: await tokenOf(user) })).customers;
const newCustomer = async (user, body) => must("POST", "v1/customers", { token: await tokenOf(user), body });
const keyFor = async (user, customer, body) => must("POST", "v1/api-keys", { token: await tokenOf(user), body: { name: "theirs", scopes: ["read:offers"], customer_id: customer.id, ...body } });

async function sent(page, method, button) {
  const [request] = await Promise.all([page.waitForRequest((each) => each.method() === method), page.getByRole("button", { name: button }).click()]);
  return request.postDataJSON();
}

test("a customer is made with all that was chosen for it, and what is wrong stands at its field", async (t) => {
  const user = await newUser();
  const page = await signedIn(t, user, "/customers");
  await page.getByRole("link", { name: "Create your first customer" }).click();
  await page.getByRole("button", { name: "Create customer" }).click();
  await page.locator("[data-field=external_id] .field-error").getByText("must have 1 to 255 characters", { exact: false }).waitFor();
  await page.getByLabel("External id").fill("acme <b>17");
  await page.getByLabel("Name").fill("Acme & Co.");
  await page.getByLabel("Requests", { exact: true }).fill("10000");
  await page.getByRole("combobox", { name: "In", exact: true }).selectOption("day");
  await page.getByLabel("Reads").fill("60");
  await page.getByLabel("Only some").check();
  await page.getByRole("button", { name: "Create customer" }).click();
  await page.getByText("Choose at least one scope, or no ceiling above").waitFor();
  await page.getByLabel(/^read:offers/).check();
  await page.getByLabel("Metadata").fill("plan=pro");
  await page.getByRole("button", { name: "Create customer" }).click();
  await page.getByRole("heading", { name: "Acme & Co." }).waitFor();
  await page.getByText("10,000 of 10,000 left").waitFor();
  const [made] = await customersOf(user);
  assert.deepEqual([made.external_id, made.name, made.scopes, made.rate_limit, made.quota.limit, made.quota.period, made.metadata],
    ["acme <b>17", "Acme & Co.", ["read:offers"], { read: 60 }, 10000, "day", { plan: "pro" }]);
  await page.goBack();
  await page.getByRole("link", { name: "Create customer" }).click();
  await page.getByLabel("External id").fill("acme <b>17");
  await page.getByRole("button", { name: "Create customer" }).click();
  await page.getByRole("alert").getByText("has a customer with this external_id").waitFor();
  assert.equal(await page.getByLabel("External id").inputValue(), "acme <b>17", "what was typed stays");
});

test("only what was changed of a customer is sent", async (t) => {
  const user = await newUser();
  const customer = await newCustomer(user, { external_id: "acme", name: "Acme", scopes: ["read:offers", "read:stats"], quota: { limit: 10, period: "month" }, metadata: { plan: "pro" } });
  const page = await signedIn(t, user, `/customers/${customer.id}`);
  await page.getByRole("link", { name: "Edit", exact: true }).click();
  await page.getByLabel("Name").fill("Acme Ltd.");
  assert.deepEqual(await sent(page, "PATCH", "Save changes"), { name: "Acme Ltd." });
  await page.getByText("Saved “Acme Ltd.”").waitFor();
  await page.getByRole("link", { name: "Edit", exact: true }).click();
  await page.getByLabel("Requests", { exact: true }).fill("");
  await page.getByLabel("Those of each key").check();
  await page.getByLabel("Management").fill("5");
  await page.getByLabel("Metadata").fill("plan=free\nregion=eu");
  assert.deepEqual(await sent(page, "PATCH", "Save changes"), { quota: null, scopes: null, rate_limit: { management: 5 }, metadata: { plan: "free", region: "eu" } });
  await page.getByText("What each of its keys has").waitFor();
  await page.getByRole("link", { name: "Edit", exact: true }).click();
  await page.getByRole("button", { name: "Save changes" }).click();
  await page.getByText("Nothing was changed").waitFor();
});

test("a key that is made on a customer's page is the customer's, and within its scopes", async (t) => {
  const user = await newUser();
  const token = await tokenOf(user);
  const shop = await must("POST", "v1/projects", { token, body: { name: "Shop", key_prefix: "shop_live_" } });
  const customer = await newCustomer(user, { external_id: "acme", name: "Acme", scopes: ["read:offers"], project_id: shop.id });
  const page = await signedIn(t, user, `/customers/${customer.id}`);
  await page.getByText("None yet.").waitFor();
  await page.getByRole("link", { name: "Create key" }).click();
  await page.getByText("For Acme, within what the customer may do.").waitFor();
  await page.getByLabel("Name").fill("production");
  assert.equal(await page.getByLabel(/^read:stats/).isDisabled(), true);
  await page.getByLabel(/^read:offers/).check();
  await page.getByRole("button", { name: "Create key" }).click();
  const key = await page.locator("output").textContent();
  assert.match(key, /^shop_live_/);
  await page.getByRole("button", { name: "I have stored it" }).click();
  await page.locator(".facts").getByRole("link", { name: "Acme" }).click();
  await page.getByRole("link", { name: "production" }).waitFor();
  const listed = await must("GET", `v1/api-keys?customer_id=${customer.id}`, { token });
  assert.deepEqual(listed.map(({ name, scopes }) => [name, scopes]), [["production", ["read:offers"]]]);
});

test("disabling and deleting a customer ask, say how many keys it ends, and hold on the next request", async (t) => {
  const user = await newUser();
  const customer = await newCustomer(user, { external_id: "acme" });
  const [first, second, revoked] = await Promise.all([1, 2, 3].map(() => keyFor(user, customer)));
  await must("PUT", `api/v1/auth/api-keys/${revoked.id}/revoke`, { token: await tokenOf(user) });
  const code = async (key) => (await api("GET", "v1/auth/me", { token: key.key })).body.error_code;
  const page = await signedIn(t, user, `/customers/${customer.id}`);
  await page.getByRole("button", { name: "Disable", exact: true }).click();
  await page.getByText("Its 2 keys in force are refused from the next request on").waitFor();
  assert.equal(await page.evaluate(() => document.activeElement.textContent), "Cancel");
  await page.getByRole("button", { name: "Disable customer" }).click();
  await page.locator(".page-head .badge", { hasText: "Disabled" }).waitFor();
  assert.deepEqual([await code(first), await code(second)], ["API_KEY_DISABLED", "API_KEY_DISABLED"]);
  await page.getByRole("link", { name: "theirs" }).first().click();
  await page.getByText("Disabled: the key is refused").waitFor();
  await page.goBack();
  await page.getByRole("button", { name: "Enable", exact: true }).click();
  await page.getByText("Enabled “acme”").waitFor();
  assert.deepEqual([await code(first), await code(second)], [undefined, undefined]);
  await page.getByRole("button", { name: "Delete", exact: true }).click();
  await page.getByText("Its 2 keys in force are refused as revoked").waitFor();
  await page.getByRole("button", { name: "Delete customer" }).click();
  await page.getByRole("heading", { name: "No customers yet" }).waitFor();
  assert.deepEqual([await code(first), await code(second)], ["API_KEY_REVOKED", "API_KEY_REVOKED"]);
  await page.goto(`${DASHBOARD}#/customers/${customer.id}`);
  await page.getByRole("heading", { name: "Deleted customer" }).waitFor();
  await page.locator(".entries").getByText("Deleted", { exact: true }).waitFor();
});

test("a customer's log tells what was changed, and is saved as a file without a formula", async (t) => {
  const user = await newUser();
  const customer = await newCustomer(user, { external_id: "acme", name: "Acme" });
  await must("PATCH", `v1/customers/${customer.id}`, { token: await tokenOf(user), body: { name: "Acme Ltd.", quota: { limit: 10 } }, headers: { "User-Agent": "=1+1" } });
  const page = await signedIn(t, user, `/customers/${customer.id}`);
  const updated = page.locator(".entries tr", { hasText: "Updated" });
  await updated.getByText("name: Acme → Acme Ltd.").waitFor();
  await updated.getByText("quota: none →").waitFor();
  await updated.getByText("You", { exact: true }).waitFor();
  const save = async (format) => {
    const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: `Export ${format}` }).click()]);
    assert.equal(download.suggestedFilename(), `audit-log-${customer.id}.${format.toLowerCase()}`);
    return readFile(await download.path(), "utf8");
  };
  const { entries } = await must("GET", `v1/customers/${customer.id}/log`, { token: await tokenOf(user) });
  assert.deepEqual(JSON.parse(await save("JSON")), entries);
  const [head, ...lines] = (await save("CSV")).split("\r\n").slice(0, -1);
  assert.equal(head, '"at","action","actor_type","actor_id","address","user_agent","request_id","detail","personal"');
  assert.equal(lines.length, 2);
  assert.ok(lines[0].includes(`"'=1+1"`), lines[0]);
});

test("the list is read a few pages at a time, and the search finds what was not read, by name or external id", async (t) => {
  const user = await newUser();
  for (let i = 1; i <= 7; i++) await newCustomer(user, { external_id: `c-${i}`, name: i === 1 ? "The oldest" : `Customer ${i}` });
  const page = await signedIn(t, user, "/projects");
  const asked = [];
  await page.route("**/v1/customers?*", (route) => {
    asked.push(route.request().url());
    return route.continue({ url: route.request().url().replace("limit=100", "limit=1") });
  });
  await page.getByRole("link", { name: "Customers" }).click();
  await page.getByText("5 customers; there may be more").waitFor();
  assert.equal(asked.length, 5);
  const names = () => page.locator("tbody th a").allTextContents();
  assert.deepEqual(await names(), ["c-7", "c-6", "c-5", "c-4", "c-3"], "newest first");
  await page.getByRole("button", { name: "Show more" }).click();
  await page.getByText("7 customers", { exact: true }).waitFor();
  assert.deepEqual(await names(), ["c-7", "c-6", "c-5", "c-4", "c-3", "c-2", "c-1"]);
  assert.equal(await page.evaluate(() => document.activeElement.textContent), "c-2", "the focus is on the first of those that came");
  await page.getByLabel("Search customers").fill("CUSTOMER 4");
  await page.getByText("1 customer", { exact: true }).waitFor();
  assert.deepEqual(await names(), ["c-4"]);
  assert.match(page.url(), /#\/customers\?search=CUSTOMER\+4$/);
  await page.getByLabel("Search customers").fill("c-1");
  await page.getByRole("link", { name: "c-1" }).waitFor();
  await page.reload();
  await page.getByText("1 customer", { exact: true }).waitFor();
  assert.equal(await page.getByLabel("Search customers").inputValue(), "c-1");
  await page.getByLabel("Search customers").fill("nobody");
  await page.getByRole("heading", { name: "Nobody found" }).waitFor();
});

test("another person's customer is not there, and to an administrator it is, with its keys", async (t) => {
  const user = await newUser();
  const customer = await newCustomer(user, { external_id: "acme" });
  await keyFor(user, customer);
  const other = await signedIn(t, await newUser(), `/customers/${customer.id}`);
  await other.getByRole("heading", { name: "Not found" }).waitFor();
  const page = await signedIn(t, await newUser({ role: "admin" }), `/customers/${customer.id}`);
  await page.getByRole("link", { name: "theirs" }).click();
  await page.getByText(user.email).waitFor();
});

test("a customer's page tells of a limit and of a fault as the other pages do", async (t) => {
  const user = await newUser();
  const customer = await newCustomer(user, { external_id: "acme" });
  const page = await signedIn(t, user, "/projects");
  await settled(page);
  for (const [status, headers, code, said] of [[503, {}, "SERVICE_UNAVAILABLE", "The service has a problem"], [429, { "Retry-After": "1" }, "RATE_LIMIT_EXCEEDED", "You can go on"]]) {
    await page.route("**/v1/customers/*", (route) => route.fulfill({ status, headers, contentType: "application/problem+json", body: JSON.stringify({ status, error_code: code }) }), { times: 1 });
    await page.goto(`${DASHBOARD}#/customers/${customer.id}`);
    await page.getByRole("alert").getByText(said).waitFor();
    if (status === 503) await page.goto(`${DASHBOARD}#/projects`);
  }
  await page.getByRole("heading", { name: "acme" }).waitFor(); // it went on by itself
});
