// Second factors in a real browser, with its virtual authenticator (WebAuthn's own, over the DevTools protocol).

import assert from "node:assert/strict";
import { test } from "node:test";
import { API, beginApp, fillSignIn, must, newPage, newUser, proveIt, settled, signOut, totp } from "./harness.js";

const HERE = API.replace("127.0.0.1", "localhost"); // an address of numbers can have no passkeys

async function opened(t, user) {
  const page = await newPage(t, { base: HERE });
  await page.goto(`${HERE}/dashboard#/account`);
  await fillSignIn(page, user);
  return page;
}

const shown = async (page) => {
  await page.getByRole("heading", { name: "Second factors" }).waitFor();
  await settled(page);
};

test("an authenticator app is scanned, confirmed and asked for", async (t) => {
  const user = await newUser();
  const page = await opened(t, user);
  await shown(page);
  const secret = await beginApp(page, user);
  const dialog = page.getByRole("dialog");
  assert.ok(await dialog.getByAltText("QR code of the secret").evaluate((image) => image.complete && image.naturalWidth > 0), "the QR code is drawn");
  await dialog.getByLabel("Code").fill(totp(secret, -1));
  await dialog.getByRole("button", { name: "Turn on" }).click();
  const codes = (await page.getByLabel("Recovery codes").last().textContent()).trim().split("\n");
  assert.equal(codes.length, 10);
  await page.getByRole("button", { name: "I have stored them" }).click();
  await signOut(page);
  await fillSignIn(page, user);
  await page.getByLabel("Code").fill("000000");
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await page.getByText("The second factor is wrong").waitFor();
  await page.getByLabel("Code").fill(totp(secret));
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await shown(page);
  await signOut(page);
  await fillSignIn(page, user);
  await page.getByRole("button", { name: "Use a recovery code" }).click();
  await page.getByLabel("Recovery code").fill(codes[0]);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await shown(page);
  await page.getByText("9 recovery codes left").waitFor();
});

test("a passkey is made, is the second step, signs in alone, and its copy does not", async (t) => {
  const user = await newUser();
  const page = await opened(t, user);
  const devtools = await page.context().newCDPSession(page);
  await devtools.send("WebAuthn.enable");
  const { authenticatorId } = await devtools.send("WebAuthn.addVirtualAuthenticator", {
    options: { protocol: "ctap2", transport: "internal", hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true },
  });
  await shown(page);
  await page.getByRole("button", { name: "Add a passkey" }).click();
  await proveIt(page, user.password);
  await page.getByRole("button", { name: "Create it" }).click();
  await page.getByRole("button", { name: "I have stored them" }).click();
  const { credentials: [before] } = await devtools.send("WebAuthn.getCredentials", { authenticatorId });

  await signOut(page);
  await page.getByRole("button", { name: "Use a passkey" }).click();
  await shown(page);
  await signOut(page);
  await fillSignIn(page, user);
  await page.getByText("The password was right").waitFor();
  await page.getByRole("button", { name: "Use a passkey" }).click();
  await shown(page);

  // The authenticator as it was before: a copy, whose counter has not grown.
  await devtools.send("WebAuthn.clearCredentials", { authenticatorId });
  await devtools.send("WebAuthn.addCredential", { authenticatorId, credential: { ...before, signCount: 0 } });
  await signOut(page);
  await page.getByRole("button", { name: "Use a passkey" }).click();
  await page.getByText("The second factor is wrong").waitFor();
  const begun = await must("POST", "v1/auth/login", { body: user });
  assert.deepEqual(begun.methods, ["passkey", "recovery_code"]);
});
