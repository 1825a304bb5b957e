// The keyboard alone, and the accessibility of what no address leads to: errors, and the steps of second factors.

import { test } from "node:test";
import assert from "node:assert/strict";
import { check } from "./axe.js";
import { beginApp, fillSignIn, newUser, signedIn, signOut, totp } from "./harness.js";
import { demo } from "./demo.js";

const { user, keys } = await demo();

const desk = { width: 1280, height: 860 }, phone = { width: 360, height: 740 };

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
