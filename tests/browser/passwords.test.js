// Forgotten passwords, by the mail that the emulator's SES was given to send.

import { test } from "node:test";
import assert from "node:assert/strict";
import { api, asAdmin, DASHBOARD, fillSignIn, must, newPage, newUser, required } from "./harness.js";

const MESSAGES = `${required("AWS_ENDPOINT_URL")}/_ministack/ses/messages`;

// Waits for the letter to an address, and returns the address behind its link.
async function linkIn(email) {
  for (const until = Date.now() + 30e3; ; await new Promise((resolve) => setTimeout(resolve, 100))) {
    const { messages } = await (await fetch(MESSAGES)).json();
    const letter = Object.values(messages).flat().find(({ To }) => To.includes(email));
    if (letter) return letter.BodyText.match(/https?:\S+token=lnk_\w+/)[0];
    if (Date.now() > until) throw new Error(`no letter to ${email} after half a minute`);
  }
}

async function choose(page, password) {
  await page.getByLabel("New password").fill(password);
  await page.getByRole("button", { name: "Set the password" }).click();
}

test("a forgotten password is set anew by the link of a letter", async (t) => {
  const user = await newUser();
  const page = await newPage(t);
  await page.goto(DASHBOARD);
  await page.getByRole("link", { name: "Forgot your password?" }).click();
  await page.getByRole("heading", { name: "Forgot your password?" }).waitFor();
  await page.getByLabel("E-mail").fill(user.email);
  await page.keyboard.press("Enter");
  await page.getByText("a link is on its way").waitFor();

  const link = await linkIn(user.email);
  await page.goto(link);
  await page.getByRole("heading", { name: "Choose a new password" }).waitFor();
  assert.equal((await page.evaluate(() => location.href)).includes("lnk_"), false, "the token stays in the address");
  await choose(page, "password1");
  await page.getByText("Is too easy to guess").waitFor();
  await choose(page, "a better horse, a new staple");
  await page.getByRole("heading", { name: "Your password is set" }).waitFor();
  await page.getByRole("link", { name: "Sign in" }).click();
  await fillSignIn(page, { ...user, password: "a better horse, a new staple" });
  await page.locator("main.page h1").waitFor();

  const again = await newPage(t);
  await again.goto(link);
  await choose(again, "yet another horse");
  await again.getByRole("heading", { name: "This link is not good any more" }).waitFor();
  assert.equal((await api("POST", "v1/auth/login", { body: user })).status, 401, "the old password is good");
});

test("somebody who is invited chooses a password and signs in", async (t) => {
  const email = `invited.${process.pid}@example.com`;
  await must("POST", "v1/auth/register", { token: await asAdmin(), body: { email } });
  const page = await newPage(t);
  await page.goto(await linkIn(email));
  await choose(page, "a better horse, a new staple");
  await page.getByRole("link", { name: "Sign in" }).click();
  await fillSignIn(page, { email, password: "a better horse, a new staple" });
  await page.locator("main.page h1").waitFor();
});
