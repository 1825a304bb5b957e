// The search over everything.

import { test } from "node:test";
import assert from "node:assert/strict";
import { check } from "./axe.js";
import { must, newKey, newUser, settled, signedIn, tokenOf } from "./harness.js";

const found = (page) => page.getByRole("dialog").getByRole("option");
const texts = async (page) => (await found(page).locator("strong").allTextContents());

// Types into the search, and waits until it has an answer.
async function search(page, text) {
  await page.getByRole("combobox", { name: /^Search keys/ }).fill(text);
  await page.locator("[role=listbox][aria-busy=false]").waitFor({ state: "attached" });
}

test("keys, customers and projects are found from any page, by the keyboard alone, and screen readers are told", async (t) => {
  const user = await newUser();
  const token = await tokenOf(user);
  const shop = await must("POST", "v1/projects", { token, body: { name: "Zebra shop", key_prefix: "shop_live_" } });
  const key = await newKey(user, { name: "zebra importer" });
  const customer = await must("POST", "v1/customers", { token, body: { external_id: "zebra-17", name: "Acme", project_id: shop.id } });
  const page = await signedIn(t, user, "/account");
  await page.locator("h1").focus();
  await page.keyboard.press("/");
  const field = page.getByRole("combobox", { name: /^Search keys/ });
  assert.equal(await field.evaluate((each) => each === document.activeElement), true, "the focus is in the field");
  await search(page, "ZEBRA");
  assert.deepEqual(await texts(page), ["zebra importer", "Acme", "Zebra shop"]);
  await page.getByRole("status").getByText("Found: API keys 1, Customers 1, Projects 1").waitFor();
  assert.deepEqual(await page.getByRole("dialog").getByRole("group").evaluateAll((groups) => groups.map((each) => document.getElementById(each.getAttribute("aria-labelledby")).textContent)), ["API keys", "Customers", "Projects"]);
  const active = async () => page.evaluate(() => document.getElementById(document.activeElement.getAttribute("aria-activedescendant")).querySelector("strong").textContent);
  assert.equal(await active(), "zebra importer");
  for (const colorScheme of ["light", "dark"]) {
    await page.emulateMedia({ colorScheme });
    await check(page, `search, ${colorScheme}`);
  }
  await page.keyboard.press("ArrowDown");
  assert.equal(await active(), "Acme");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "Acme" }).waitFor();
  assert.match(page.url(), new RegExp(customer.id));
  await page.keyboard.press("Control+k");
  await search(page, shop.id);
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "API keys" }).waitFor();
  assert.match(page.url(), new RegExp(`project=${shop.id}`));
  await page.getByRole("button", { name: "Search", exact: true }).click();
  await search(page, key.id);
  await found(page).click();
  await page.getByRole("heading", { name: "zebra importer" }).waitFor();
  assert.equal(await page.getByRole("dialog").count(), 0);
});

test("an administrator finds users and the keys of others, and a member none", async (t) => {
  const other = await newUser({ name: "quagga" });
  const name = `quagga ${other.email}`; // none of an earlier run
  const key = await newKey(other, { name });
  const admin = await signedIn(t, await newUser({ role: "admin" }), "/account");
  await admin.keyboard.press("Control+k");
  await search(admin, key.id); // by the name too, while the deployment has few keys
  await found(admin).click();
  await admin.getByRole("heading", { name }).waitFor();
  await admin.keyboard.press("Control+k");
  await search(admin, other.email);
  await found(admin).last().click(); // users come last
  await admin.getByRole("heading", { name: other.email, exact: true }).waitFor();
  const member = await signedIn(t, await newUser(), "/account");
  await member.keyboard.press("Control+k");
  await search(member, "quagga");
  await member.getByText("Nothing found").waitFor();
});

test("what was not searched is said, and a whole id is found beyond it", async (t) => {
  const user = await newUser();
  const oldest = await newKey(user, { name: "the oldest" });
  for (let i = 0; i < 3; i++) await newKey(user, { name: `worker ${i}` });
  const page = await signedIn(t, user, "/account");
  await settled(page);
  let pages = 0;
  await page.route("**/api-keys?*", (route) => { pages++; return route.continue({ url: route.request().url().replace("limit=100", "limit=1") }); });
  await page.keyboard.press("Control+k");
  await search(page, "oldest");
  await page.getByText("Nothing found").waitFor();
  await page.getByText("Only 3 keys were searched: a whole id finds any other.").waitFor();
  assert.equal(pages, 3);
  await search(page, oldest.id);
  await found(page).click();
  await page.getByRole("heading", { name: "the oldest" }).waitFor();
});

test("a whole key finds itself, and its secret is not sent", async (t) => {
  const user = await newUser({ role: "admin" });
  const key = await newKey(user, { name: "leaked" });
  const page = await signedIn(t, user, "/account");
  await settled(page);
  const secret = key.key.slice(-30), asked = [];
  page.on("request", (request) => asked.push(decodeURIComponent(request.url())));
  await page.keyboard.press("Control+k");
  await search(page, key.key);
  assert.deepEqual(await texts(page), ["leaked"]);
  assert.ok(asked.length > 2);
  assert.deepEqual(asked.filter((url) => url.includes(secret)), []);
});

test("the shortcut / is not for whoever types, and can be turned off", async (t) => {
  const page = await signedIn(t, await newUser(), "/keys/new");
  await page.getByLabel("Name").fill("");
  await page.getByLabel("Name").press("/");
  assert.equal(await page.getByLabel("Name").inputValue(), "/");
  assert.equal(await page.getByRole("dialog").count(), 0);
  await page.locator("h1").focus();
  await page.keyboard.press("/");
  await page.getByLabel(/opens the search/).uncheck();
  await page.keyboard.press("Escape");
  await page.locator("h1").focus();
  await page.keyboard.press("/");
  assert.equal(await page.getByRole("dialog").count(), 0);
  await page.keyboard.press("Control+k");
  await page.getByRole("dialog").waitFor();
});

test("what the service refuses is said, and the other groups are shown", async (t) => {
  const user = await newUser();
  await newKey(user, { name: "zebra" });
  const page = await signedIn(t, user, "/account");
  await settled(page);
  await page.route("**/v1/customers?*", (route) => route.fulfill({ status: 503, contentType: "application/problem+json", body: JSON.stringify({ status: 503, error_code: "SERVICE_UNAVAILABLE" }) }), { times: 1 });
  await page.keyboard.press("Control+k");
  await search(page, "zebra");
  await page.getByRole("dialog").getByRole("alert").getByText("The service has a problem").waitFor();
  await page.getByText("Found: API keys 1; Customers were not searched").waitFor();
  await page.getByRole("button", { name: "Try again" }).click();
  await page.getByText("Found: API keys 1", { exact: true }).waitFor();
});
