// Users, by an administrator in the dashboard.

import { test } from "node:test";
import assert from "node:assert/strict";
import { ADMIN, api, asAdmin, DASHBOARD, listed, must, newKey, newUser, settled, signedIn, tokenOf } from "./harness.js";

const stateOf = async (user) => (await must("GET", `v1/users?search=${user.email}`, { token: await asAdmin() })).users[0]?.status;
const works = async (key) => (await api("GET", "v1/auth/me", { headers: { "X-Api-Key": key.key } })).status === 200;

async function open(t, user) {
  const page = await signedIn(t, ADMIN, "/users");
  await page.getByLabel("Search users").fill(user.email.slice(0, -4));
  await page.waitForURL(/search=/); // the list may show the user before the search has begun
  await page.getByRole("link", { name: user.email }).click();
  await page.getByRole("heading", { name: user.email }).waitFor();
  await settled(page);
  return page;
}

const confirm = (page, name) => page.getByRole("dialog").getByRole("button", { name }).click();

test("an administrator finds a user, hands over what they have, disables, enables and deletes them", async (t) => {
  const leaver = await newUser({ name: "leaver" }), heir = await newUser({ name: "heir" });
  const key = await newKey(leaver, { name: "in production" });
  const page = await open(t, leaver);
  assert.match(page.url(), /#\/users\/usr_/);
  await page.goBack();
  await page.getByRole("link", { name: leaver.email }).waitFor();
  assert.match(page.url(), /#\/users\?search=leaver/, "the search is in the address");
  await page.getByRole("link", { name: leaver.email }).click();
  await page.getByRole("row", { name: /in production/ }).waitFor();

  await page.getByRole("button", { name: "Hand over" }).click();
  await page.getByRole("dialog").getByLabel("E-mail address of the new owner").fill("nobody@example.com");
  await confirm(page, "Hand over");
  await page.getByRole("alert").getByText("Nobody has the address nobody@example.com").waitFor();
  await page.getByRole("dialog").getByLabel("E-mail address of the new owner").fill(heir.email);
  await confirm(page, "Hand over");
  await page.getByText("Handed over", { exact: true }).waitFor();

  await page.getByRole("button", { name: "Disable" }).click();
  await confirm(page, "Disable user");
  await page.getByText(`Disabled ${leaver.email}`).waitFor();
  assert.equal(await stateOf(leaver), "disabled");
  assert.equal((await api("POST", "v1/auth/login", { body: leaver })).body.error_code, "ACCOUNT_DISABLED");
  assert.equal(await works(key), true, "a key that was handed over goes on");
  await page.getByRole("button", { name: "Enable" }).click();
  await confirm(page, "Enable user");
  await page.getByText(`Enabled ${leaver.email}`).waitFor();
  assert.equal(await stateOf(leaver), "active");

  await page.getByRole("button", { name: "Delete" }).click();
  await confirm(page, "Delete user");
  await page.getByRole("alert").getByText(`Type ${leaver.email} first`).waitFor();
  await page.getByRole("dialog").getByLabel(`Type ${leaver.email} to confirm`).fill(leaver.email);
  await confirm(page, "Delete user");
  await page.getByText(`Deleted ${leaver.email}`).waitFor();
  assert.equal(await stateOf(leaver), undefined);
  await page.goto(`${DASHBOARD}#/users?search=${leaver.email}`);
  await page.getByRole("heading", { name: "Nobody found" }).waitFor();
  assert.equal(await works(key), true);
});

test("an administrator changes a role, ends a session and stops a key of somebody else", async (t) => {
  const user = await newUser({ name: "seen" });
  const key = await newKey(user, { name: "seen too" }), token = await tokenOf(user);
  await listed();
  const page = await open(t, user);
  await page.getByRole("button", { name: /^End the session/ }).first().click();
  await confirm(page, "End session");
  await page.locator("#toasts").getByText("Session ended").waitFor();
  await page.getByRole("button", { name: "Change role" }).click();
  await page.getByRole("dialog").getByLabel("Role").selectOption("admin");
  await confirm(page, "Change role");
  await page.getByText(`${user.email} is admin now`).waitFor();
  assert.equal((await api("GET", "v1/auth/me", { token })).status, 401);

  await page.getByRole("link", { name: "seen too" }).click();
  await page.getByRole("heading", { name: "seen too" }).waitFor();
  await page.getByRole("link", { name: user.email }).waitFor();
  assert.equal(await page.getByRole("button", { name: "Regenerate" }).count(), 0, "nobody but the owner gets its secret");
  await page.getByRole("button", { name: "Revoke" }).click();
  await confirm(page, "Revoke key");
  await page.getByText("Revoked “seen too”").waitFor();
  assert.equal(await page.getByRole("button", { name: "Regenerate" }).count(), 0);
  assert.equal(await works(key), false);
});

test("an administrator invites somebody, who chooses a password by the link, and makes another link later", async (t) => {
  const page = await signedIn(t, ADMIN, "/users"), email = `invited-${Date.now()}@example.com`;
  await page.getByLabel("E-mail").fill(email);
  await page.getByRole("button", { name: "Register" }).click();
  await page.getByText(`${email} is invited`).waitFor();
  await page.getByText(new RegExp(`A link was sent to ${email}|Give ${email} this link`)).waitFor(); // with a sender, or without
  await listed();
  const token = await asAdmin(), { users: [{ id }] } = await must("GET", `v1/users?search=${email}`, { token });
  const { url } = await must("POST", `v1/users/${id}/link`, { token, body: { purpose: "invitation", show: true } });
  await must("POST", "v1/auth/password/reset", { body: { token: url.split("token=")[1], password: "correct horse battery" } });
  await tokenOf({ email, password: "correct horse battery" });
  await page.getByLabel("Search users").fill(email);
  await page.getByRole("link", { name: email }).click();
  await page.getByRole("button", { name: "Reset password" }).click();
  await confirm(page, "Make link");
  await page.getByRole("dialog").getByRole("heading", { name: "The link" }).waitFor();
});

test("a key is handed over from its page; an unknown user and a member's visit are not found", async (t) => {
  const heir = await newUser({ name: "heir" }), key = await newKey(ADMIN, { name: "for somebody else" });
  await listed();
  const page = await signedIn(t, ADMIN, `/keys/${key.id}`);
  await page.getByRole("button", { name: "Hand over" }).click();
  await page.getByRole("dialog").getByLabel("E-mail address of the new owner").fill(heir.email);
  await confirm(page, "Hand over");
  await page.getByText("Handed over “for somebody else”").waitFor();
  await page.getByRole("link", { name: heir.email }).waitFor();
  await page.reload();
  await page.getByRole("heading", { name: "for somebody else" }).waitFor(); // and not "Deleted key"
  await page.getByRole("link", { name: heir.email }).waitFor();
  await page.goto(`${DASHBOARD}#/users/usr_${"A".repeat(26)}`);
  await page.getByRole("heading", { name: "Not found" }).waitFor();

  const member = await signedIn(t, heir, "/users");
  await member.getByRole("heading", { name: "Not found" }).waitFor();
  assert.equal(await member.getByRole("link", { name: "Users" }).count(), 0);
});

test("a dialog says what is wrong with what was typed in it", async (t) => {
  const member = await newUser({ name: "nobody" }), key = await newKey(ADMIN, { name: "powerful", permissions: ["admin"] });
  const page = await signedIn(t, ADMIN, `/keys/${key.id}`);
  await page.getByRole("button", { name: "Hand over" }).click();
  await page.getByRole("dialog").getByLabel("E-mail address of the new owner").fill(member.email);
  await confirm(page, "Hand over");
  await page.getByRole("alert").getByText("Must be an administrator").waitFor();
});

test("a deletion that takes several requests goes on, and says how far it is", async (t) => {
  const user = await newUser({ name: "much" });
  const page = await open(t, user);
  let answers = 0; // the service needs thousands of keys for this
  await page.route("**/v1/users/usr_*", (route) => route.request().method() === "DELETE" && ++answers <= 2
    ? route.fulfill({ status: 503, headers: { "Retry-After": "1" }, contentType: "application/problem+json",
      body: JSON.stringify({ type: "about:blank", title: "Service Unavailable", status: 503, error_code: "SERVICE_UNAVAILABLE", request_id: "x", progress: { sessions: 1, api_keys: 4000 } }) })
    : route.continue());
  await page.getByRole("button", { name: "Delete" }).click();
  await page.getByRole("dialog").getByLabel(/^Type/).fill(user.email);
  await confirm(page, "Delete user");
  await page.getByRole("status").getByText("8002 done so far").waitFor();
  await page.getByText(`Deleted ${user.email}`).waitFor();
  assert.equal(await stateOf(user), undefined);
});
