// Takes as long as an access token lives, so it has a file of its own: the test runner runs other files meanwhile.

import { test } from "node:test";
import assert from "node:assert/strict";
import { DASHBOARD, fillKey, fillSignIn, must, newPage, newUser, tokenOf } from "./harness.js";

test("an access token that expires mid-way is renewed without a word, and nothing is done twice", async (t) => {
  const user = await newUser();
  const page = await newPage(t);
  // The page's clock stands still: it does not foresee the expiry, so the server refuses first.
  await page.clock.setFixedTime(new Date());
  await page.goto(`${DASHBOARD}#/keys/new`);
  const login = page.waitForResponse((response) => response.url().endsWith("/api/auth/login"));
  await fillSignIn(page, user);
  const life = (await (await login).json()).expires_in;
  assert.ok(life <= 60, `this test needs a deployment with AccessTokenLifetime=60, not ${life}`);
  await page.getByRole("heading", { name: "Create a key" }).waitFor();
  await fillKey(page, "late");
  await new Promise((resolve) => setTimeout(resolve, (life + 1) * 1000));
  const refused = page.waitForResponse((response) => response.status() === 401);
  await page.getByRole("button", { name: "Create key" }).click();
  assert.equal((await (await refused).json()).error_code, "TOKEN_EXPIRED");
  await page.getByText("Copy it now").waitFor();
  const { api_keys: keys } = await must("GET", "api/v1/auth/api-keys", { token: await tokenOf(user) });
  assert.equal(keys.length, 1);
});
