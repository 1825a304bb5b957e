// Tests every page: axe's WCAG 2.2 AA rules in light and dark, on a
// desk and on a phone, and by keyboard.

import { test } from "node:test";
import assert from "node:assert/strict";
import { check } from "./axe.js";
import { api, asAdmin, beginApp, DASHBOARD, fillSignIn, newPage, newUser, settled, signedIn, signOut, totp } from "./harness.js";
import { demo } from "./demo.js";

const { user, keys, customers } = await demo();

const desk = { width: 1280, height: 860 }, phone = { width: 360, height: 740 };

const PAGES = [
  ["keys", "/keys"], ["create", "/keys/new"], ["key", `/keys/${keys["ci-pipeline"].id}`], ["edit", `/keys/${keys["ci-pipeline"].id}/edit`], ["projects", "/projects"],
  ["customers", "/customers"], ["new customer", "/customers/new"], ["customer", `/customers/${customers["acme-17"].id}`], ["edit a customer", `/customers/${customers["acme-17"].id}/edit`],
  ["a customer's new key", `/keys/new?customer=${customers["acme-17"].id}`],
  ["account", "/account"], ["users", "/users"],
];

const OUTSIDE = { "Forgot your password?": "forgot", "Choose a new password": "reset", "Is this your address?": "verify" };

for (const colorScheme of ["light", "dark"]) {
  for (const [size, viewport] of [["desk", desk], ["phone", phone]]) {
    test(`every page is accessible: ${colorScheme}, ${size}`, async (t) => {
      const page = await newPage(t, { colorScheme, viewport, reducedMotion: "reduce" });
      await page.goto(DASHBOARD);
      await page.getByRole("heading", { name: "Sign in" }).waitFor();
      await check(page, "sign in");
      for (const name of ["Forgot your password?", "Choose a new password", "Is this your address?"]) {
        await page.goto(`${DASHBOARD}#/${OUTSIDE[name]}?token=lnk_A`);
        await page.getByRole("heading", { name }).waitFor();
        await check(page, name);
      }
      await page.goto(`${DASHBOARD}#/keys`);
      await page.getByRole("heading", { name: "Sign in" }).waitFor();
      await page.getByLabel("E-mail").fill(user.email);
      await page.getByLabel("Password").fill(user.password);
      await page.getByRole("button", { name: "Sign in" }).click();
      for (const [name, route] of PAGES) {
        await page.goto(`${DASHBOARD}#${route}`);
        await page.locator(`main h1`).waitFor();
        await settled(page);
        if (name === "create") {
          await page.getByLabel("Name").fill("ci-pipeline");
          await page.getByRole("button", { name: "read", exact: true }).click();
        }
        await check(page, name);
      }
      const { users: [me] } = (await api("GET", `v1/users?search=${user.email}`, { token: await asAdmin() })).body;
      await page.goto(`${DASHBOARD}#/users/${me.id}`);
      await page.getByRole("button", { name: "Delete", exact: true }).click();
      await check(page, "a user, and the dialog before they are deleted");
      await page.keyboard.press("Escape");
      await page.goto(`${DASHBOARD}#/keys/${keys["ci-pipeline"].id}`);
      await page.getByRole("button", { name: "Regenerate" }).click();
      await check(page, "regenerate dialog");
      await page.keyboard.press("Escape");
      await page.getByRole("button", { name: "Delete", exact: true }).click();
      await check(page, "delete dialog");
      await page.keyboard.press("Escape");
      await page.goto(`${DASHBOARD}#/customers/${customers.globex.id}`);
      await page.getByRole("button", { name: "Delete", exact: true }).click();
      await page.getByText("Its 1 key in force").waitFor();
      await check(page, "the dialog before a customer is deleted");
    });
  }
}

test("the new key's page is accessible", async (t) => {
  for (const colorScheme of ["light", "dark"]) {
    const page = await signedIn(t, user, "/keys/new", { colorScheme, viewport: desk, reducedMotion: "reduce" });
    await page.getByLabel("Name").fill(`Nightly export ${colorScheme}`);
    await page.getByRole("button", { name: "read", exact: true }).click();
    await page.getByRole("button", { name: "Create key" }).click();
    await page.getByText("Copy it now").waitFor();
    await check(page, `new key, ${colorScheme}`);
    await page.getByRole("button", { name: "I have stored it" }).click();
    await page.getByRole("button", { name: "Delete", exact: true }).click();
    await page.getByRole("button", { name: "Delete key" }).click();
    await page.getByRole("heading", { name: "Deleted key" }).waitFor();
    await check(page, `deleted key, ${colorScheme}`);
  }
});

test("errors and refusals are accessible too", async (t) => {
  for (const colorScheme of ["light", "dark"]) {
    const page = await signedIn(t, user, "/keys/new", { colorScheme });
    await page.getByRole("button", { name: "Create key" }).click();
    await page.getByText("Give it a name").waitFor();
    await check(page, "field errors");
    await page.context().setOffline(true);
    await page.getByRole("link", { name: "Projects" }).click();
    await page.getByRole("alert").waitFor();
    await check(page, "offline");
  }
});

test("an address that is not like the others stands out", async (t) => {
  const page = await signedIn(t, user, `/keys/${keys["ci-pipeline"].id}`);
  const notice = page.locator(".notice.warn");
  await notice.getByText("192.0.2.199: every request was refused").waitFor();
  assert.equal(await notice.getByText("203.0.113.80").count(), 0);
  await page.locator(".entries tr.strange").first().waitFor();
  const rows = page.locator(".entries tbody tr");
  assert.equal(await rows.count(), 25);
  await page.getByRole("button", { name: "Show older entries" }).click();
  assert.equal(await rows.count(), 50);
});

test("a key is made with the keyboard alone", async (t) => {
  const page = await signedIn(t, user, "/keys");
  const press = async (key, times = 1) => { for (let i = 0; i < times; i++) await page.keyboard.press(key); };
  const focused = () => page.evaluate(() => document.activeElement.innerText || document.activeElement.name);
  const tabTo = async (name) => {
    for (let i = 0; i < 60; i++) {
      if (await focused() === name) return;
      await press("Tab");
    }
    assert.fail(`Tab does not lead to ${name}`);
  };
  await tabTo("Create key");
  await press("Enter");
  await page.getByRole("heading", { name: "Create a key" }).waitFor();
  await page.locator("input[name=name]").waitFor();
  await tabTo("name");
  await page.keyboard.type("typed");
  await tabTo("read");
  await press("Space");
  await tabTo("Create key");
  await press("Enter");
  await page.getByText("Copy it now").waitFor();
  assert.equal(await page.evaluate(() => document.activeElement.tagName), "OUTPUT", "the focus is on the new key");
});

test("a key is changed with the keyboard alone", async (t) => {
  const page = await signedIn(t, user, `/keys/${keys["Mobile app"].id}/edit`);
  await page.locator("input[name=name]").waitFor();
  const tabTo = async (locator) => {
    for (let i = 0; i < 60; i++) {
      if (await locator.evaluate((each) => each === document.activeElement)) return;
      await page.keyboard.press("Tab");
    }
    assert.fail(`Tab does not lead to ${locator}`);
  };
  await page.keyboard.press("Control+a");
  await page.keyboard.type("Mobile app 2");
  await tabTo(page.getByLabel("Active"));
  await page.keyboard.press("ArrowDown");
  await tabTo(page.getByRole("button", { name: "Save changes" }));
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "Mobile app 2" }).waitFor();
  await page.locator(".badge", { hasText: "Disabled" }).waitFor();
});

test("second factors are accessible: the QR code, the recovery codes, the list, the second step", async (t) => {
  const person = await newUser();
  const page = await signedIn(t, person, "/account", { reducedMotion: "reduce" });
  const everyWay = async (where) => {
    for (const colorScheme of ["light", "dark"]) {
      await page.emulateMedia({ colorScheme });
      for (const viewport of [desk, phone]) {
        await page.setViewportSize(viewport);
        await check(page, `${where}, ${colorScheme}, ${viewport.width}`);
      }
    }
  };
  const secret = await beginApp(page, person);
  await everyWay("the QR code");
  await page.getByLabel("Code").fill(totp(secret));
  await page.getByRole("button", { name: "Turn on" }).click();
  await page.getByRole("heading", { name: "Recovery codes" }).waitFor();
  await everyWay("the recovery codes");
  await page.getByRole("button", { name: "I have stored them" }).click();
  await page.getByRole("button", { name: "Remove Authenticator app" }).waitFor();
  await everyWay("the list");
  await signOut(page);
  await fillSignIn(page, person);
  await page.getByLabel("Code").waitFor();
  await everyWay("the second step");
});
