// The parameter RequireFactor, on a deployment whose other tests are over: it is for everybody who signs in.

import assert from "node:assert/strict";
import { test } from "node:test";
import { check } from "../axe.js";
import { API, fillSignIn, newPage, newUser, required, settled, totp } from "../harness.js";

const HERE = API.replace("127.0.0.1", "localhost"); // an address of numbers can have no passkeys
const LAMBDA = `${required("AWS_ENDPOINT_URL")}/2015-03-31/functions`;

const lambda = async (path, method = "GET", body) => {
  // The emulator checks no signature, and finds the service by its name.
  const headers = { Authorization: "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/lambda/aws4_request, SignedHeaders=host, Signature=none" };
  const response = await fetch(`${LAMBDA}${path}`, { method, headers, body: body && JSON.stringify(body) });
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
  return response.json();
};

// Gives the dashboard's login the parameter until the test ends.
async function requireFactor(t, whose) {
  const { Functions: all } = await lambda("/?MaxItems=1000");
  const { FunctionName: name } = all.find((each) => each.FunctionName.includes("-TokensLoginFunction-"));
  const { Environment: { Variables: was } } = await lambda(`/${name}/configuration`);
  const set = (variables) => lambda(`/${name}/configuration`, "PUT", { Environment: { Variables: variables } });
  t.after(() => set(was));
  await set({ ...was, REQUIRE_FACTOR: whose });
}

test("who must have a second factor adds an app or a passkey, is told why, and signs in with it", async (t) => {
  const [first, second] = [await newUser(), await newUser()];
  await requireFactor(t, "all");
  const page = await newPage(t, { base: HERE });
  await page.goto(`${HERE}/dashboard#/account`);
  await fillSignIn(page, first);
  await page.getByText("Your account must have a second factor").waitFor();
  assert.equal(await page.getByRole("navigation").count(), 0, "nothing else of the dashboard is there");
  await check(page, "the choice of a factor");
  await page.getByRole("button", { name: "Add an authenticator app" }).click();
  const secret = await page.locator("code").textContent();
  await check(page, "the QR code");
  await page.getByLabel("Code").fill("000000");
  await page.getByRole("button", { name: "Turn on" }).click();
  await page.getByText("must be the code that the app shows now").waitFor();
  await page.getByLabel("Code").fill(totp(secret, -1));
  await page.getByRole("button", { name: "Turn on" }).click();
  const codes = (await page.getByLabel("Recovery codes").last().textContent()).trim().split("\n");
  assert.equal(codes.length, 10);
  await page.getByRole("button", { name: "I have stored them" }).click();
  await page.getByText("Now sign in with your new second factor.").waitFor();
  assert.equal(await page.getByLabel("E-mail").inputValue(), first.email);
  await fillSignIn(page, first);
  await page.getByLabel("Code").fill(totp(secret));
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await page.getByRole("heading", { name: "Second factors" }).waitFor();
  await settled(page);

  await page.getByText("to add a second factor").waitFor(); // in the log of the account

  const other = await newPage(t, { base: HERE, colorScheme: "dark", viewport: { width: 360, height: 740 }, reducedMotion: "reduce" });
  const devtools = await other.context().newCDPSession(other);
  await devtools.send("WebAuthn.enable");
  await devtools.send("WebAuthn.addVirtualAuthenticator", {
    options: { protocol: "ctap2", transport: "internal", hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true },
  });
  await other.goto(`${HERE}/dashboard#/account`);
  await fillSignIn(other, second);
  await other.getByText("Your account must have a second factor").waitFor();
  await check(other, "the choice of a factor, dark, on a phone");
  await other.getByRole("button", { name: "Start again" }).click();
  await fillSignIn(other, second);
  await other.getByRole("button", { name: "Add a passkey" }).click();
  await other.getByRole("button", { name: "I have stored them" }).click();
  await other.getByText("Now sign in with your new second factor.").waitFor();
  await other.getByRole("button", { name: "Use a passkey" }).click();
  await other.getByRole("heading", { name: "Second factors" }).waitFor();
});
