// Faults in the middle of a task. Each time the page must stay usable, keep the typed text,
// and show a true message.

import { test } from "node:test";
import assert from "node:assert/strict";
import { api, DASHBOARD, fillSignIn, fillKey, must, newKey, newPage, newUser, settled, signedIn, tokenIn, tokenOf } from "./harness.js";

const endSessions = async (user) => {
  const token = await tokenOf(user);
  const { sessions } = await must("GET", "v1/auth/sessions", { token });
  for (const { id } of sessions.filter((session) => !session.current)) await must("DELETE", `v1/auth/sessions/${id}`, { token });
};

test("a token is renewed before it expires, once for many calls and tabs", async (t) => {
  const page = await newPage(t);
  await page.clock.install();
  await page.goto(DASHBOARD);
  await fillSignIn(page, await newUser());
  await page.getByRole("heading", { name: "API keys" }).waitFor();
  await settled(page);
  let renewals = 0, refusals = 0;
  page.on("response", (response) => {
    if (response.url().endsWith("/api/auth/refresh")) renewals++;
    if (response.status() === 401) refusals++;
  });
  await page.clock.fastForward("59:00");
  await page.evaluate(() => { location.hash = "#/keys/new"; location.hash = "#/keys"; });
  await page.getByRole("heading", { name: "No keys yet" }).waitFor();
  assert.deepEqual({ renewals, refusals }, { renewals: 1, refusals: 0 });
  const tabs = await Promise.all([1, 2, 3].map(() => page.context().newPage()));
  await Promise.all(tabs.map((tab) => tab.goto(DASHBOARD)));
  for (const tab of tabs) await tab.getByRole("heading", { name: "No keys yet" }).waitFor();
});

test("a session that was ended elsewhere asks to sign in over the page, and goes on", async (t) => {
  const user = await newUser();
  const page = await signedIn(t, user, "/keys/new");
  await fillKey(page, "unbroken");
  await endSessions(user);
  await page.getByRole("button", { name: "Create key" }).click();
  const dialog = page.getByRole("dialog", { name: "Sign in again" });
  await dialog.waitFor();
  assert.equal(await page.getByLabel("Name", { exact: true }).inputValue(), "unbroken");
  assert.equal(await dialog.getByLabel("E-mail").inputValue(), user.email);
  await dialog.getByLabel("Password").fill(user.password);
  await dialog.getByRole("button", { name: "Sign in" }).click();
  await page.getByText("Copy it now").waitFor();
});

test("who does not want to sign in again is told so, and can still", async (t) => {
  const user = await newUser();
  const page = await signedIn(t, user, "/keys/new");
  await fillKey(page, "later");
  await endSessions(user);
  await page.getByRole("button", { name: "Create key" }).click();
  await page.getByRole("dialog").waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("alert").getByText("You are signed out").waitFor();
  assert.equal(await page.getByLabel("Name", { exact: true }).inputValue(), "later");
  await page.getByRole("button", { name: "Create key" }).click();
  await page.getByRole("dialog").getByLabel("Password").fill(user.password);
  await page.getByRole("dialog").getByRole("button", { name: "Sign in" }).click();
  await page.getByText("Copy it now").waitFor();
});

test("another user who signs in over the page does not get to see it", async (t) => {
  const [ann, bob] = [await newUser(), await newUser()];
  await newKey(ann, { name: "belongs to ann" });
  const page = await signedIn(t, ann);
  await page.getByText("belongs to ann").waitFor();
  await endSessions(ann);
  await page.getByRole("link", { name: "Projects" }).click();
  const dialog = page.getByRole("dialog", { name: "Sign in again" });
  await dialog.getByLabel("E-mail").fill(bob.email);
  await dialog.getByLabel("Password").fill(bob.password);
  await dialog.getByRole("button", { name: "Sign in" }).click();
  await page.getByText(bob.email).first().waitFor();
  await page.getByRole("link", { name: "API keys" }).click();
  await page.getByRole("heading", { name: "No keys yet" }).waitFor();
});

test("what one user began is not done as another who signed in in the next tab", async (t) => {
  const [ann, bob] = [await newUser(), await newUser()];
  const page = await signedIn(t, ann, "/keys/new");
  await fillKey(page, "meant to be ann's");
  await endSessions(ann);
  const tab = await page.context().newPage();
  await tab.goto(DASHBOARD);
  await fillSignIn(tab, bob);
  await tab.getByRole("heading", { name: "No keys yet" }).waitFor();
  await page.getByRole("button", { name: "Create key" }).click();
  await page.getByText(bob.email).first().waitFor();
  assert.deepEqual((await must("GET", "api/v1/auth/api-keys", { token: await tokenOf(bob) })).api_keys, []);
});

test("a key that was revoked elsewhere cannot be regenerated, and the page says why", async (t) => {
  const user = await newUser();
  const key = await newKey(user, { name: "gone" });
  const page = await signedIn(t, user, `/keys/${key.id}`);
  await page.getByRole("button", { name: "Regenerate" }).click();
  await must("PUT", `api/v1/auth/api-keys/${key.id}/revoke`, { token: await tokenOf(user) });
  await page.getByRole("button", { name: "Regenerate key" }).click();
  await page.getByRole("dialog").getByText("revoked or expired").waitFor();
  await page.getByRole("button", { name: "Cancel" }).click();
  await page.reload();
  await page.locator(".badge", { hasText: "Revoked" }).waitFor();
  assert.equal(await page.getByRole("button", { name: "Regenerate" }).count(), 0);
});

test("429: the wait is counted down truthfully, and the page goes on by itself", async (t) => {
  const page = await signedIn(t, await newUser(), "/projects");
  const token = await tokenIn(page, () => page.getByRole("link", { name: "Account" }).click());
  await settled(page);
  let limited;
  do limited = await api("GET", "v1/projects", { token }); while (limited.status === 200);
  assert.equal(limited.status, 429);
  const began = Date.now();
  await page.getByRole("link", { name: "API keys" }).click();
  const alert = page.getByRole("alert");
  await alert.getByText("Too many requests").waitFor();
  await alert.getByText(/You can go on in \d+ seconds?/).waitFor();
  assert.equal(await alert.getByRole("button", { name: "Try again" }).isDisabled(), true);
  await page.getByRole("heading", { name: "No keys yet" }).waitFor({ timeout: 70e3 });
  assert.ok((Date.now() - began) / 1000 >= Number(limited.headers.get("retry-after")) - 2);
});

test("a network that drops while reading is told, and tried again on demand", async (t) => {
  const page = await signedIn(t, await newUser());
  await settled(page);
  await page.context().setOffline(true);
  await page.getByRole("link", { name: "Projects" }).click();
  await page.getByRole("alert").getByText("There is no connection to the service").waitFor();
  await page.context().setOffline(false);
  await page.getByRole("button", { name: "Try again" }).click();
  await page.getByRole("row", { name: /Default/ }).waitFor();
});

test("a network that drops while changing: the page does not claim to know what happened", async (t) => {
  const user = await newUser();
  const page = await signedIn(t, user, "/keys/new");
  await fillKey(page, "perhaps");
  // The request arrives, its answer does not.
  await page.route("**/api/v1/auth/api-keys", async (route) => {
    if (route.request().method() !== "POST") return route.continue();
    await route.fetch();
    return route.abort("connectionreset");
  });
  await page.getByRole("button", { name: "Create key" }).click();
  await page.getByRole("alert").getByText("The change may have been made, or not").waitFor();
  assert.equal(await page.getByLabel("Name").inputValue(), "perhaps");
  await page.getByRole("link", { name: "API keys" }).first().click();
  await page.getByRole("link", { name: "perhaps" }).waitFor();
});

test("another site cannot spend a browser's cookie", async (t) => {
  const page = await signedIn(t, await newUser());
  const { origin } = new URL(DASHBOARD);
  const elsewhere = origin.replace("127.0.0.1", "localhost"); // another site, to a browser
  assert.notEqual(elsewhere, origin, "API_URL is expected at 127.0.0.1");
  const evil = await page.context().newPage();
  await evil.route(`${elsewhere}/evil`, (route) => route.fulfill({ contentType: "text/html", body: "<!doctype html><title>evil</title>" }));
  await evil.goto(`${elsewhere}/evil`);
  const sent = [];
  evil.on("request", (request) => sent.push(request));
  await evil.evaluate(async (url) => {
    for (const type of ["text/plain", "application/x-www-form-urlencoded"]) {
      await fetch(`${url}/api/auth/refresh`, { method: "POST", mode: "no-cors", credentials: "include", headers: { "Content-Type": type }, body: '{"cookie": true}' }).catch(() => {});
    }
    await fetch(`${url}/api/auth/refresh`, { method: "POST", credentials: "include", headers: { "Content-Type": "application/json" }, body: '{"cookie": true}' }).catch(() => {});
  }, process.env.API_URL);
  const posts = sent.filter((each) => each.method() === "POST");
  assert.ok(posts.length >= 2);
  for (const request of posts) {
    assert.equal((await request.allHeaders()).cookie, undefined, "the cookie went along");
    const response = await request.response();
    if (response) assert.ok(response.status() >= 400, `answered ${response.status()}`);
  }
  await page.reload();
  await page.getByRole("heading", { name: "API keys" }).waitFor();
});
