// What happens to a key that is shown once, to what was typed, and to open dialogs, when the page is left; and where an address leads that
// names nothing.

import { test } from "node:test";
import assert from "node:assert/strict";
import { DASHBOARD, fillKey, newKey, newUser, settled, signedIn } from "./harness.js";

async function madeKey(t) {
  const page = await signedIn(t, await newUser());
  await page.getByRole("link", { name: "Create key" }).click();
  await fillKey(page, "once");
  await page.getByRole("button", { name: "Create key" }).click();
  await page.getByText("Copy it now").waitFor();
  return page;
}

test("a new key is not lost by Back or a link without a question", async (t) => {
  const page = await madeKey(t);
  const key = await page.locator("output").textContent();
  for (const leave of [() => page.goBack(), () => page.getByRole("link", { name: "Projects" }).click()]) {
    await leave();
    const dialog = page.getByRole("dialog", { name: "Leave without the key?" });
    await dialog.waitFor();
    await dialog.getByRole("button", { name: "Cancel" }).click();
    assert.equal(await page.locator("output").textContent(), key, "the key is no longer shown");
    assert.ok(page.url().endsWith("#/keys/new"), page.url());
  }
  await page.getByRole("link", { name: "Projects" }).click();
  await page.getByRole("button", { name: "Leave without it" }).click();
  await page.getByRole("heading", { name: "Projects" }).waitFor();
  assert.equal(await page.locator("output").count(), 0);
});

test("who has copied the key is not asked", async (t) => {
  const page = await madeKey(t);
  await page.getByRole("button", { name: "Copy key" }).click();
  await page.getByText("Copied to the clipboard").waitFor();
  await page.getByRole("link", { name: "Projects" }).click();
  await page.getByRole("heading", { name: "Projects" }).waitFor();
});

test("closing the window with a key that nobody copied asks too", async (t) => {
  const page = await madeKey(t);
  const asked = page.waitForEvent("dialog");
  await page.close({ runBeforeUnload: true });
  const dialog = await asked;
  assert.equal(dialog.type(), "beforeunload");
  await dialog.accept();
});

test("what was typed into a form and not saved is not lost without a question", async (t) => {
  const user = await newUser();
  const key = await newKey(user, { name: "edited" });
  const page = await signedIn(t, user, `/keys/${key.id}/edit`);
  await page.getByRole("button", { name: "Save changes" }).waitFor();
  await page.getByRole("link", { name: "Projects" }).click(); // nothing was typed
  await page.getByRole("heading", { name: "Projects" }).waitFor();
  for (const [route, type] of [
    [`/keys/${key.id}/edit`, () => page.getByLabel(/^read:offers/).check()],
    ["/customers/new", () => page.getByLabel("External id").fill("acme")],
  ]) {
    await page.goto(`${DASHBOARD}#${route}`);
    await page.locator("form .buttons").waitFor();
    await type();
    for (const leave of [() => page.goBack(), () => page.getByRole("link", { name: "Cancel" }).click()]) {
      await leave();
      const dialog = page.getByRole("dialog", { name: "Leave without saving?" });
      await dialog.getByRole("button", { name: "Cancel" }).click();
      assert.ok(page.url().endsWith(`#${route}`), page.url());
    }
    await page.getByRole("link", { name: "Projects" }).click();
    await page.getByRole("button", { name: "Leave without saving" }).click();
    await page.getByRole("heading", { name: "Projects" }).waitFor();
  }
  await page.goto(`${DASHBOARD}#/keys/${key.id}/edit`);
  await page.getByLabel("Name").fill("changed");
  const asked = page.waitForEvent("dialog");
  await page.close({ runBeforeUnload: true });
  assert.equal((await asked).type(), "beforeunload");
  await (await asked).accept();
});

test("a dialog closes with the page that opened it", async (t) => {
  const user = await newUser();
  const key = await newKey(user, { name: "stays" });
  const page = await signedIn(t, user);
  await page.getByRole("link", { name: "stays" }).click();
  await page.getByRole("button", { name: "Revoke", exact: true }).click();
  await page.getByRole("dialog").waitFor();
  await page.goBack();
  await page.getByRole("heading", { name: "API keys" }).waitFor();
  assert.equal(await page.getByRole("dialog").count(), 0);
  await page.goto(`${DASHBOARD}#/keys/${key.id}`);
  await page.locator(".badge", { hasText: "Active" }).waitFor();
});

test("an address that names nothing says so", async (t) => {
  const page = await signedIn(t, await newUser());
  for (const route of ["/keys/0000000000000000", "/nowhere", "/users"]) {
    await page.goto(`${DASHBOARD}#${route}`);
    await page.getByRole("heading", { name: "Not found" }).waitFor();
    assert.equal(await page.getByRole("alert").count(), 0, `${route} shows an error`);
  }
  await page.getByRole("link", { name: "All API keys" }).click();
  await page.getByRole("heading", { name: "No keys yet" }).waitFor();
});

test("the search is in the address", async (t) => {
  const user = await newUser();
  for (const name of ["alpha", "beta"]) await newKey(user, { name });
  const page = await signedIn(t, user);
  await page.getByLabel("Search keys").fill("alph");
  await page.getByText("1 key", { exact: true }).waitFor();
  const address = page.url();
  assert.match(address, /#\/keys\?search=alph$/);
  await page.goto("about:blank");
  await page.goto(address);
  await page.getByText("1 key", { exact: true }).waitFor();
  assert.equal(await page.getByLabel("Search keys").inputValue(), "alph");
});

test("an id is copied, and the API's document is a link away", async (t) => {
  const user = await newUser();
  const key = await newKey(user, { name: "copied" });
  const page = await signedIn(t, user, `/keys/${key.id}`);
  await page.getByRole("button", { name: "Copy id" }).click();
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), key.id);
  await page.goto(`${DASHBOARD}#/projects`);
  await page.getByRole("button", { name: "Copy id" }).click();
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), key.project_id);
  const href = await page.getByRole("link", { name: "API document" }).getAttribute("href");
  assert.equal((await (await fetch(href)).json()).openapi.startsWith("3."), true, href);
});

test("the theme is chosen, and kept", async (t) => {
  const page = await signedIn(t, await newUser(), "/keys", { colorScheme: "light" });
  await settled(page);
  const paper = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
  const light = await paper();
  await page.getByLabel("Theme").selectOption("dark");
  const dark = await paper();
  assert.notEqual(dark, light);
  await page.reload();
  await page.getByRole("heading", { name: "API keys" }).waitFor();
  assert.equal(await paper(), dark, "after a reload");
  await page.getByLabel("Theme").selectOption("");
  assert.equal(await paper(), light);
  await page.setViewportSize({ width: 360, height: 740 });
  await page.getByLabel("Theme").selectOption("dark"); // a phone has it too
  assert.equal(await paper(), dark);
});
