// The choice of the project whose things the lists show.

import { test } from "node:test";
import assert from "node:assert/strict";
import { DASHBOARD, must, newKey, newPage, newUser, fillSignIn, settled, signedIn, tokenOf } from "./harness.js";

async function twoProjects() {
  const user = await newUser();
  const token = await tokenOf(user);
  const shop = await must("POST", "v1/projects", { token, body: { name: "Shop", key_prefix: "shop_live_" } });
  await newKey(user, { name: "of the first" });
  await newKey(user, { name: "of the shop", project_id: shop.id });
  await must("POST", "v1/customers", { token, body: { external_id: "first-customer" } });
  await must("POST", "v1/customers", { token, body: { external_id: "shop-customer", project_id: shop.id } });
  return { user, shop };
}

const names = (page) => page.locator("tbody th a").allTextContents();
const switcher = (page) => page.getByLabel("Project shown");

test("the lists follow the project that is chosen, and a link and the tab keep it", async (t) => {
  const { user, shop } = await twoProjects();
  const page = await signedIn(t, user);
  await settled(page);
  assert.deepEqual((await names(page)).toSorted(), ["of the first", "of the shop"]);
  await switcher(page).selectOption({ label: "Shop" });
  await page.getByText("1 key", { exact: true }).waitFor();
  assert.deepEqual(await names(page), ["of the shop"]);
  assert.ok(page.url().endsWith(`#/keys?project=${shop.id}`), page.url());
  await page.getByRole("link", { name: "Customers" }).click();
  await page.getByText("1 customer", { exact: true }).waitFor();
  assert.deepEqual(await names(page), ["shop-customer"]);
  const link = page.url();
  assert.ok(link.endsWith(`#/customers?project=${shop.id}`), link);
  await page.reload();
  await page.getByText("1 customer", { exact: true }).waitFor();
  await page.getByRole("link", { name: "API keys" }).click();
  await page.getByRole("link", { name: "Create key" }).click();
  await page.getByText("Project, limits, quota, allowed addresses").click();
  assert.equal(await page.locator("select[name=project_id]").inputValue(), shop.id, "a new key is of the project that is shown");
  await switcher(page).selectOption({ label: "All projects" });
  await page.getByText("The lists show it from now on").waitFor();
  assert.ok(page.url().endsWith("#/keys/new"), "the form stays");
  await page.getByRole("link", { name: "API keys" }).first().click();
  await page.getByText("2 keys").waitFor();

  const other = await newPage(t);
  await other.goto(link);
  await fillSignIn(other, user);
  await other.getByText("1 customer", { exact: true }).waitFor();
  assert.equal(await switcher(other).inputValue(), shop.id);
});

test("a search stays when the project is changed, and where none matches all can be shown", async (t) => {
  const { user } = await twoProjects();
  const page = await signedIn(t, user);
  await page.getByLabel("Search keys").fill("of the first");
  await switcher(page).selectOption({ label: "Shop" });
  await page.getByText("No key matches").waitFor();
  assert.equal(await page.getByLabel("Search keys").inputValue(), "of the first");
  await page.getByRole("button", { name: "Show all keys" }).click();
  await page.getByText("2 keys").waitFor();
  assert.equal(await switcher(page).inputValue(), "");
  assert.ok(page.url().endsWith("#/keys"), page.url());
});

test("a link to another's project shows all of one's own and says so; with one project there is no choice", async (t) => {
  const { user } = await twoProjects(), { shop: others } = await twoProjects();
  const page = await signedIn(t, user, `/keys?project=${others.id}`);
  await page.getByText("That project is none of yours: all are shown").waitFor();
  await page.getByText("2 keys").waitFor();
  await page.goto(`${DASHBOARD}#/customers`);
  await page.getByText("2 customers", { exact: true }).waitFor();
  const single = await signedIn(t, await newUser());
  await settled(single);
  assert.equal(await switcher(single).isVisible(), false);
});
