// Usage: how often keys were used.

import { test } from "node:test";
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { api, counted, DASHBOARD, must, newKey, newUser, settled, signedIn, tokenOf } from "./harness.js";

// Two keys that were used: one of no customer, with four requests of which one was refused, and one of a customer
// whose name a spreadsheet would take for a formula, with two.
async function used() {
  const user = await newUser();
  const token = await tokenOf(user);
  const customer = await must("POST", "v1/customers", { token, body: { external_id: "acme-17", name: "=1+1" } });
  const own = await newKey(user, { name: "own" });
  const theirs = await must("POST", "v1/api-keys", { token, body: { name: "theirs", scopes: ["read:stats"], customer_id: customer.id } });
  for (let i = 0; i < 3; i++) await api("GET", "v1/auth/me", { token: own.key });
  await api("POST", "v1/runs", { token: own.key, body: {} });
  for (let i = 0; i < 2; i++) await api("GET", "v1/auth/me", { token: theirs.key });
  await counted(user, own, 4);
  await counted(user, theirs, 2);
  return { user, token, customer, own, theirs };
}

const found = await used();

// The rows of the table of groups: name, requests, refusals.
const rows = async (page) => (await page.locator("section .listing tbody tr").evaluateAll((all) => all.map((row) => [...row.cells].slice(0, 3).map((cell) => cell.innerText.trim()))));
const shows = async (page, text) => page.locator(".chart .legend").getByText(text, { exact: true }).waitFor();

test("the sums are those of what was sent, by customer, key, route and outcome, and the address keeps the choice", async (t) => {
  const page = await signedIn(t, found.user, "/usage");
  await page.getByRole("heading", { name: "By customer" }).waitFor();
  await shows(page, "5 let through");
  await shows(page, "1 refused");
  assert.deepEqual(await rows(page), [["Of no customer", "4", "1"], ["=1+1\nacme-17", "2", "0"]]);
  await page.getByLabel("Group by").selectOption("key");
  await page.getByRole("heading", { name: "By API key" }).waitFor();
  assert.deepEqual(await rows(page), [["own", "4", "1"], ["theirs", "2", "0"]]);
  await page.getByLabel("Group by").selectOption("route");
  await page.getByRole("heading", { name: "By route" }).waitFor();
  assert.deepEqual(await rows(page), [["GET /v1/auth/me", "5", "0"], ["POST /v1/runs", "1", "1"]]);
  await page.getByLabel("Group by").selectOption("outcome");
  await page.getByRole("heading", { name: "By outcome" }).waitFor();
  assert.deepEqual(await rows(page), [["Let through", "5", "0"], ["INSUFFICIENT_SCOPE", "1", "1"]]);
  await page.getByLabel("Time").selectOption("24h");
  await page.getByText("Requests by the hour").waitFor();
  await shows(page, "5 let through");
  await page.reload();
  await page.getByRole("heading", { name: "By outcome" }).waitFor();
  assert.equal(await page.locator(".chart svg > g").count(), 24);
});

test("the figures of each bar are there without a mouse: by the arrow keys and in a table", async (t) => {
  const page = await signedIn(t, found.user, "/usage?time=7d");
  const plot = page.locator(".chart svg");
  await plot.focus();
  assert.match(await plot.getAttribute("aria-label"), /^6 requests in the last 7 days, 1 of them refused$/);
  const readout = page.locator(".chart [role=status]");
  await page.keyboard.press("End");
  assert.match(await readout.innerText(), /: 5 let through, 1 refused$/);
  await page.keyboard.press("ArrowLeft");
  assert.match(await readout.innerText(), /: 0 let through, 0 refused$/);
  await page.keyboard.press("Home");
  await page.keyboard.press("ArrowLeft");
  assert.match(await readout.innerText(), /: 0 let through, 0 refused$/);
  await page.getByText("The figures of the chart").click();
  const figures = page.locator("details tbody tr");
  assert.equal(await figures.count(), 1, "a day without a request has no row");
  assert.deepEqual((await figures.locator("td").allTextContents()), ["5", "1"]);
});

test("a key's and a customer's page lead to their own usage", async (t) => {
  const page = await signedIn(t, found.user, `/customers/${found.customer.id}`);
  await page.getByRole("link", { name: "Usage", exact: true }).last().click();
  await page.getByText("Of =1+1").waitFor();
  await shows(page, "2 let through");
  assert.deepEqual(await rows(page), [["theirs", "2", "0"]]);
  await page.getByRole("link", { name: "theirs" }).click();
  await page.getByRole("heading", { name: "theirs" }).waitFor();
  await page.goto(`${DASHBOARD}#/keys/${found.own.id}`);
  await page.locator(".page-head").getByRole("link", { name: "Usage" }).click();
  await page.getByText("Of the key").waitFor();
  await shows(page, "3 let through");
  assert.deepEqual(await rows(page), [["GET /v1/auth/me", "3", "0"], ["POST /v1/runs", "1", "1"]]);
});

test("the usage is of the project that is chosen, or of all of one's projects together", async (t) => {
  const shop = await must("POST", "v1/projects", { token: found.token, body: { name: "Shop", key_prefix: "shop_live_" } });
  const page = await signedIn(t, found.user, "/usage");
  await page.getByText("Of your 2 projects together").waitFor();
  await shows(page, "5 let through");
  await page.getByLabel("Project shown").selectOption(shop.id);
  await page.getByText("Of the project Shop").waitFor();
  await page.getByText("No request in this time. Requests are counted within a minute.").waitFor();
  assert.ok(page.url().endsWith(`#/usage?project=${shop.id}`), page.url());
});

test("an administrator sees the whole deployment by project, and a member what is theirs", async (t) => {
  const page = await signedIn(t, await newUser({ role: "admin" }), "/usage?group=project");
  await page.getByText("Of the whole deployment").waitFor();
  await page.getByRole("heading", { name: "By project" }).waitFor();
  await page.locator(`a[href="#/usage?of=${found.own.project_id}"]`).click();
  await page.getByText("Of the project").waitFor();
  await shows(page, "5 let through");
  const member = await signedIn(t, found.user, "/usage?group=project");
  await member.getByRole("heading", { name: "By customer" }).waitFor();
  assert.equal(await member.getByLabel("Group by").locator("option[value=project]").count(), 0);
  const stranger = await signedIn(t, await newUser(), `/usage?of=${found.own.id}`);
  await stranger.getByRole("alert").getByText("Not there any more").waitFor();
});

test("the CSV has all rows, page by page, and no cell of it is a formula", async (t) => {
  const page = await signedIn(t, found.user, "/usage?time=24h");
  await page.getByRole("heading", { name: "By customer" }).waitFor();
  let pages = 0;
  await page.route("**/v1/usage?*", (route) => { pages++; return route.continue({ url: `${route.request().url()}&limit=1` }); });
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "Save CSV" }).click()]);
  assert.match(download.suggestedFilename(), /^usage-latchkey-\d{4}-\d\d-\d\d-by-hour\.csv$/);
  const [head, ...lines] = (await readFile(await download.path(), "utf8")).split("\r\n").slice(0, -1);
  assert.ok(pages >= 2, `${pages} pages`);
  assert.equal(head, '"start","customer","name","external_id","requests","refusals"');
  const sum = (part) => lines.filter((line) => line.includes(part)).map((line) => line.match(/"(\d+)","(\d+)"$/).slice(1).map(Number)).reduce(([a, b], [c, d]) => [a + c, b + d], [0, 0]);
  assert.deepEqual(sum(`"${found.customer.id}","'=1+1","acme-17"`), [2, 0]);
  assert.deepEqual(sum('"","","",'), [4, 1]);
});

test("what is more than one view reads is said, and so is what the service refuses", async (t) => {
  const page = await signedIn(t, found.user, "/projects");
  await settled(page);
  let cursors = 0;
  await page.route("**/v1/usage?*", async (route) => { // as if more pages followed, without an end
    const answer = await (await route.fetch()).json();
    return route.fulfill({ json: { ...answer, next_cursor: `more${++cursors}` } });
  });
  await page.route("**/v1/usage?*cursor=more*", async (route) => {
    const answer = await (await route.fetch({ url: route.request().url().replace(/&cursor=more\d+/, "") })).json();
    return route.fulfill({ json: { ...answer, usage: [], groups: [], next_cursor: `more${++cursors}` } });
  });
  await page.goto(`${DASHBOARD}#/usage?time=24h`);
  await page.getByText("This is not all: choose a shorter time").waitFor();
  assert.equal(cursors, 16, "8 pages for the chart, 8 for the groups");
  await page.unrouteAll();
  for (const [status, headers, said] of [[503, {}, "The service has a problem"], [429, { "Retry-After": "1" }, "You can go on"], [403, {}, "Not allowed"]]) {
    await page.route("**/v1/usage?*", (route) => route.fulfill({ status, headers, contentType: "application/problem+json", body: JSON.stringify({ status, detail: "No." }) }), { times: 2 });
    await page.getByLabel("Time").selectOption(status === 429 ? "30d" : "7d");
    await page.getByRole("alert").getByText(said).waitFor();
    await page.unrouteAll();
  }
});
