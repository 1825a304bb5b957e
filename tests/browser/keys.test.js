import { test } from "node:test";
import assert from "node:assert/strict";
import { api, counted, DASHBOARD, fillSignIn, listed, must, newKey, newPage, newUser, required, settled, signedIn, tokenOf } from "./harness.js";

test("from signing in to a working key takes at most six clicks", async (t) => {
  const page = await signedIn(t, await newUser());
  let clicks = 0;
  const click = async (role, name) => {
    clicks++;
    await page.getByRole(role, { name, exact: true }).click();
  };
  await click("link", "Create key");
  await page.getByLabel("Name").fill("first");
  await click("button", "read");
  await click("button", "Create key");
  await click("button", "Copy key");
  const key = await page.evaluate(() => navigator.clipboard.readText());
  const answer = await api("GET", "v1/auth/me", { token: key });
  assert.equal(answer.status, 200);
  assert.equal(answer.body.credential.scopes.every((scope) => scope.startsWith("read:")), true);
  t.diagnostic(`${clicks} clicks from signed in to a working key on the clipboard`);
  assert.ok(clicks <= 6);
});

test("a key is made with all that was chosen for it", async (t) => {
  const user = await newUser();
  const token = await tokenOf(user);
  const project = await must("POST", "v1/projects", { token, body: { name: "Shop", key_prefix: "shop_live_" } });
  const page = await signedIn(t, user, "/keys/new");
  await page.getByLabel("Name").fill("checkout <b>&amp;");
  await page.getByLabel(/^read:campaigns/).check();
  await page.getByLabel(/^write:offers/).check();
  await page.getByText("Project, limits, quota, allowed addresses").click();
  await page.getByLabel("Project", { exact: true }).selectOption(project.id);
  await page.getByLabel("Expires", { exact: true }).selectOption("30");
  await page.getByLabel("Reads").fill("7");
  await page.getByLabel("Allowed addresses").fill("198.51.100.0/24\n127.0.0.1");
  await page.getByRole("button", { name: "Create key" }).click();
  await page.getByText("Copy it now").waitFor();
  assert.match(await page.locator("output").textContent(), /^shop_live_/);
  await page.getByRole("heading", { name: "checkout <b>&amp;" }).waitFor();
  await listed();
  const [key] = (await must("GET", "api/v1/auth/api-keys", { token })).api_keys;
  assert.deepEqual(key.scopes, ["read:campaigns", "write:offers"]);
  assert.equal(key.project_id, project.id);
  assert.deepEqual(key.rate_limit, { read: 7 });
  assert.deepEqual(key.allowed_ips, ["198.51.100.0/24", "127.0.0.1/32"]);
  assert.ok(Math.abs(new Date(key.expires_at) - Date.now() - 30 * 86400e3) < 120e3);
});

test("what the service refuses stands at its field, and what was typed stays", async (t) => {
  const page = await signedIn(t, await newUser(), "/keys/new");
  await page.getByRole("button", { name: "Create key" }).click();
  await page.getByText("Give it a name").waitFor();
  await page.getByText("Choose at least one scope").waitFor();
  await page.getByLabel("Name").fill("typo");
  await page.getByRole("button", { name: "write", exact: true }).click();
  await page.getByText("Project, limits, quota, allowed addresses").click();
  await page.getByLabel("Allowed addresses").fill("not-an-address");
  await page.getByText("Project, limits, quota, allowed addresses").click();
  await page.getByRole("button", { name: "Create key" }).click();
  await page.getByText("neither an IP address nor a CIDR block").waitFor();
  assert.equal(await page.getByLabel("Name").inputValue(), "typo");
  assert.equal(await page.evaluate(() => document.activeElement.name), "allowed_ips");
});

test("scopes are searched, an expiry is proposed, and the limits say what they are", async (t) => {
  const page = await signedIn(t, await newUser(), "/keys/new");
  assert.equal(await page.getByLabel("Expires", { exact: true }).locator("option:checked").textContent(), "In 90 days");
  const shown = () => page.locator(".grid tbody th:visible .mono").allTextContents();
  assert.ok((await shown()).length > 5);
  await page.getByLabel("Search scopes").fill("affiliate");
  assert.deepEqual(await shown(), ["networks"], "a description is searched too");
  await page.getByText("List and view affiliate networks · Create, update and delete affiliate networks").waitFor();
  await page.getByLabel("Search scopes").fill("");
  await page.getByText("Project, limits, quota, allowed addresses").click();
  await page.getByText("Limits: requests per 15 s").waitFor();
  assert.equal(await page.getByLabel("Management").getAttribute("placeholder"), "default 100");
});

test("among sixty scopes one is found, and what was chosen stays chosen", async (t) => {
  const page = await newPage(t);
  await page.route(`${DASHBOARD}*`, async (route) => {
    const response = await route.fetch();
    const body = (await response.text()).replace(/(id="settings"[^>]*>)([^<]+)/, (_, start, text) => {
      const settings = JSON.parse(text);
      for (let i = settings.scopes.length; i < 60; i++) settings.scopes.push({ name: `read:thing${i}`, description: `See thing ${i}` });
      return start + JSON.stringify(settings);
    });
    return route.fulfill({ response, body });
  });
  await page.goto(`${DASHBOARD}#/keys/new`);
  await fillSignIn(page, await newUser());
  const search = page.getByLabel("Search scopes"), rows = page.locator(".grid tbody tr:visible");
  await search.waitFor();
  assert.ok(await rows.count() > 45, `${await rows.count()} rows`);
  await search.fill("thing 59");
  assert.equal(await rows.count(), 1);
  await search.fill("stats");
  await page.getByLabel(/^read:stats/).check();
  await search.fill("thing");
  await page.getByText("1 scope chosen").waitFor();
  await search.fill("");
  assert.equal(await page.getByLabel(/^read:stats/).isChecked(), true);
});

test("a scope that neither reads nor writes can be chosen, and no shortcut but admin chooses it", async (t) => {
  const page = await signedIn(t, await newUser({ role: "admin" }), "/keys/new");
  await page.getByRole("button", { name: "write", exact: true }).click();
  assert.equal(await page.getByLabel(/^verify:keys/).isChecked(), false);
  await page.getByLabel(/^verify:keys/).check();
  await page.getByLabel("Name").fill("server");
  const [request] = await Promise.all([
    page.waitForRequest((each) => each.method() === "POST" && each.url().endsWith("api-keys")), page.getByRole("button", { name: "Create key" }).click(),
  ]);
  assert.ok(request.postDataJSON().scopes.includes("verify:keys"));
  await page.getByText("Copy it now").waitFor();
});

test("a type offers no more scopes than its keys can have", async (t) => {
  const page = await signedIn(t, await newUser(), "/keys/new");
  await page.getByLabel("Client", { exact: false }).check();
  assert.equal(await page.getByLabel(/^write:events/).isChecked(), true);
  assert.equal(await page.getByLabel(/^read:stats/).isDisabled(), true);
  assert.equal(await page.getByRole("button", { name: "admin", exact: true }).isVisible(), false);
  assert.equal(await page.getByLabel(/^admin/).isDisabled(), true, "a member does not hold admin");
});

test("what was just made is listed, although the service lists it later", async (t) => {
  const user = await newUser();
  const lag = (milliseconds) => fetch(`${required("AWS_ENDPOINT_URL")}/_latchkey/dynamodb`, { method: "POST", body: JSON.stringify({ lag_ms: milliseconds }) });
  await lag(20e3);
  t.after(() => lag(100));
  const page = await signedIn(t, user, "/projects");
  await page.getByRole("button", { name: "Create project" }).click();
  await page.getByRole("dialog").getByLabel("Name").fill("Just made");
  await page.getByRole("dialog").getByRole("button", { name: "Create project" }).click();
  await page.getByRole("rowheader", { name: "Just made" }).waitFor();
  const { projects } = await must("GET", "v1/projects", { token: await tokenOf(user) });
  assert.equal(projects.some(({ name }) => name === "Just made"), false, "the service lists it already: this test sees nothing");

  await page.goto(`${DASHBOARD}#/keys/new`);
  await page.getByLabel("Name").fill("fresh");
  await page.getByRole("button", { name: "read", exact: true }).click();
  await page.getByRole("button", { name: "Create key" }).click();
  await page.getByRole("button", { name: "I have stored it" }).click();
  await page.getByRole("heading", { name: "fresh" }).waitFor();
  await page.getByRole("link", { name: "API keys" }).first().click();
  const row = page.getByRole("row", { name: /fresh/ });
  assert.match(await row.innerText(), /••••••••/);
  await row.getByRole("link", { name: "fresh" }).click();
  await page.getByRole("button", { name: "Delete" }).click();
  await page.getByRole("button", { name: "Delete key" }).click();
  await page.getByRole("heading", { name: "Deleted key" }).waitFor();
  await page.getByRole("link", { name: "API keys" }).first().click();
  await page.getByText("No keys yet").waitFor();
});

test("the full key is shown once, and is then gone from the page and its memory", async (t) => {
  const page = await signedIn(t, await newUser(), "/keys/new");
  await page.getByLabel("Name").fill("once");
  await page.getByRole("button", { name: "read", exact: true }).click();
  await page.getByRole("button", { name: "Create key" }).click();
  const key = await page.locator("output").textContent();
  const secret = key.slice(19);
  const quick = await page.locator(".quick").innerText();
  assert.ok(quick.includes(`export LATCHKEY_API_KEY='${key}'`), "the quick start's line for the shell works as it is");
  await page.getByRole("tab", { name: "Python" }).click();
  assert.equal((await page.locator(".quick").innerText()).includes(secret), false, "a source file has no key");
  await page.getByRole("tab", { name: "curl" }).click();
  assert.equal((await heap(page)).includes(secret), true, "what looks for it would find it");
  await page.getByRole("button", { name: "I have stored it" }).click();
  await page.getByRole("heading", { name: "Audit log" }).waitFor();
  assert.equal((await page.content()).includes(secret), false);
  const held = await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie, history.state, location.href]));
  assert.equal(held.includes(secret), false);
  assert.equal((await heap(page)).includes(secret), false, "the secret is still in the page's memory");
});

// All strings that the page's JavaScript still holds.
async function heap(page) {
  const session = await page.context().newCDPSession(page);
  let text = "";
  session.on("HeapProfiler.addHeapSnapshotChunk", ({ chunk }) => { text += chunk; });
  await session.send("HeapProfiler.enable");
  await session.send("HeapProfiler.collectGarbage");
  await session.send("HeapProfiler.takeHeapSnapshot", { reportProgress: false });
  assert.ok(text.includes("I have stored it"), "the snapshot holds the page's strings");
  return text;
}

test("the quick start names this deployment in four languages", async (t) => {
  const page = await signedIn(t, await newUser(), "/keys/new");
  await page.getByLabel("Name").fill("quick");
  await page.getByRole("button", { name: "read", exact: true }).click();
  await page.getByRole("button", { name: "Create key" }).click();
  const panel = page.getByRole("tabpanel");
  await page.getByRole("tab", { name: "curl" }).focus();
  for (const [language, word] of [["curl", "curl "], ["TypeScript", "await fetch"], ["Python", "urllib"], ["Go", "http.NewRequest"]]) {
    assert.equal(await page.getByRole("tab", { name: language }).getAttribute("aria-selected"), "true");
    const text = await panel.innerText();
    assert.ok(text.includes(word) && text.includes(`${process.env.API_URL}/v1/auth/me`), text);
    await page.keyboard.press("ArrowRight");
  }
});

test("the list is searched, filtered, sorted and paged", async (t) => {
  const user = await newUser();
  const token = await tokenOf(user);
  let newest;
  for (let i = 1; i <= 27; i++) {
    newest = await must("POST", "api/v1/auth/api-keys", { token, body: { name: `worker ${String(i).padStart(2, "0")}`, permissions: [i === 5 ? "write:offers" : "read:stats"] } });
  }
  await must("PUT", `api/v1/auth/api-keys/${newest.id}/revoke`, { token });
  const page = await signedIn(t, user);
  const names = () => page.locator("table.keys tbody th a").allTextContents();
  await page.getByText("27 keys").waitFor();
  assert.equal((await names()).length, 25);
  assert.equal((await names())[0], "worker 27", "newest first");
  await page.getByRole("button", { name: "Next" }).click();
  assert.deepEqual(await names(), ["worker 02", "worker 01"]);
  await page.getByRole("button", { name: "Name", exact: true }).click();
  assert.equal((await names())[0], "worker 01");
  assert.equal(await page.locator("th.name[aria-sort]").first().getAttribute("aria-sort"), "ascending");
  await page.getByLabel("Search keys").fill("write:offers");
  assert.deepEqual(await names(), ["worker 05"]);
  await page.getByLabel("Search keys").fill("nothing like it");
  await page.getByRole("button", { name: "Show all keys" }).click();
  await page.getByLabel("State", { exact: true }).selectOption("revoked");
  assert.deepEqual(await names(), ["worker 27"]);
});

test("revoking asks, says what will happen, and holds on the next request", async (t) => {
  const user = await newUser();
  const key = await newKey(user, { name: "doomed" });
  const page = await signedIn(t, user, `/keys/${key.id}`);
  await page.getByRole("button", { name: "Revoke", exact: true }).click();
  await page.getByText("This cannot be undone").waitFor();
  assert.equal(await page.evaluate(() => document.activeElement.textContent), "Cancel", "the first focus is on what changes nothing");
  await page.keyboard.press("Escape");
  assert.equal((await api("GET", "v1/auth/me", { token: key.key })).status, 200, "Escape revoked it");
  await page.getByRole("button", { name: "Revoke", exact: true }).click();
  await page.getByRole("button", { name: "Revoke key" }).click();
  await page.locator(".badge", { hasText: "Revoked" }).waitFor();
  assert.equal((await api("GET", "v1/auth/me", { token: key.key })).body.error_code, "API_KEY_REVOKED");
});

test("disabling holds on the next request, and enabling gives the key back", async (t) => {
  const user = await newUser();
  const key = await newKey(user, { name: "resting" });
  const page = await signedIn(t, user, `/keys/${key.id}`);
  await page.getByRole("button", { name: "Disable", exact: true }).click();
  await page.getByText("until you enable it again").waitFor();
  await page.getByRole("button", { name: "Disable key" }).click();
  await page.locator(".badge", { hasText: "Disabled" }).waitFor();
  assert.equal((await api("GET", "v1/auth/me", { token: key.key })).body.error_code, "API_KEY_DISABLED");
  await page.getByText("disabled: false → true").waitFor();
  await page.getByRole("button", { name: "Enable", exact: true }).click();
  await page.locator(".badge", { hasText: "Active" }).waitFor();
  assert.equal((await api("GET", "v1/auth/me", { token: key.key })).status, 200);
  await page.getByText("disabled: true → false").waitFor();
});

test("regenerating shows the new key once, and the old one works for the grace that was given", async (t) => {
  const user = await newUser();
  const key = await newKey(user, { name: "rolling" });
  const page = await signedIn(t, user, `/keys/${key.id}`);
  await page.getByRole("button", { name: "Regenerate" }).click();
  await page.getByLabel("Does the old secret still work?").selectOption({ label: "For 1 hour more" });
  await page.getByRole("button", { name: "Regenerate key" }).click();
  await page.getByText("works for 1 hour more").waitFor();
  const next = await page.locator("output").textContent();
  assert.notEqual(next, key.key);
  assert.equal(await page.evaluate(() => document.activeElement.tagName), "OUTPUT", "the focus is on the new key");
  for (const token of [next, key.key]) assert.equal((await api("GET", "v1/auth/me", { token })).status, 200);
  await page.getByRole("button", { name: "I have stored it" }).click();
  assert.equal((await heap(page)).includes(next.slice(19)), false, "the secret is still in the page's memory");
  await page.getByRole("link", { name: "API keys" }).first().click();
  await page.getByRole("row", { name: /rolling/ }).getByText("old secret works too").waitFor();
  await page.getByRole("link", { name: "rolling" }).click();
  await page.locator("button", { hasText: "End it now" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "End it now" }).click();
  await page.getByText("The old secret is refused from now on").waitFor();
  assert.deepEqual([(await api("GET", "v1/auth/me", { token: next })).status, (await api("GET", "v1/auth/me", { token: key.key })).status], [200, 401]);
  assert.equal(await page.getByText("Old secret", { exact: true }).count(), 0);
  await page.getByRole("button", { name: "Regenerate" }).click();
  await page.getByRole("button", { name: "Regenerate key" }).click();
  await page.getByText("refused from now on").first().waitFor();
  assert.equal((await api("GET", "v1/auth/me", { token: key.key })).status, 401);
});

test("a deleted key leaves the list, and its log can still be read", async (t) => {
  const user = await newUser();
  const key = await newKey(user, { name: "leaving" });
  const page = await signedIn(t, user, `/keys/${key.id}`);
  await page.getByRole("button", { name: "Delete", exact: true }).click();
  await page.getByRole("button", { name: "Delete key" }).click();
  await page.getByRole("heading", { name: "Deleted key" }).waitFor();
  await page.locator(".entries").getByText("Deleted", { exact: true }).waitFor();
  await page.getByRole("link", { name: "API keys" }).first().click();
  await page.getByRole("heading", { name: "No keys yet" }).waitFor();
  assert.equal((await api("GET", "v1/auth/me", { token: key.key })).status, 401);
});

test("the log tells who used a key, from where, how often, and what was refused", async (t) => {
  const user = await newUser();
  const key = await newKey(user, { name: "busy" });
  for (let i = 0; i < 3; i++) await api("GET", "v1/auth/me", { token: key.key });
  await api("POST", "v1/runs", { token: key.key, body: {} });
  await counted(user, key, 4);
  const page = await signedIn(t, user, `/keys/${key.id}`);
  await settled(page);
  await page.locator(".entries").getByText("GET /v1/auth/me").waitFor();
  const refused = page.locator(".entries tr", { hasText: "POST /v1/runs" });
  await refused.getByText("1 refused").waitFor();
  assert.match(await refused.locator("[data-label=When]").innerText(), /:00\s–\s.*:00$/, "a count of an hour names the hour");
  await page.getByText("3 of 3 entries").waitFor();
  const label = await page.getByRole("img").getAttribute("aria-label");
  assert.match(label, /in the last 48 hours, 1 of them refused/);
});
