// Tests every page: axe's WCAG 2.2 AA rules in light and dark, on a desk and on a phone.

import { test } from "node:test";
import { check } from "./axe.js";
import { api, asAdmin, DASHBOARD, newPage, settled, signedIn } from "./harness.js";
import { demo } from "./demo.js";

const { user, keys, customers } = await demo();

const desk = { width: 1280, height: 860 }, phone = { width: 360, height: 740 };

const PAGES = [
  ["keys", "/keys"], ["create", "/keys/new"], ["key", `/keys/${keys["ci-pipeline"].id}`], ["edit", `/keys/${keys["ci-pipeline"].id}/edit`], ["projects", "/projects"],
  ["usage", "/usage"], ["usage of a customer", `/usage?of=${customers["acme-17"].id}&group=key&time=7d`],
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
