import { test } from "node:test";
import assert from "node:assert/strict";
import http from "node:http";
import { ADMIN, api, DASHBOARD, fillSignIn, listed, must, newPage, newUser, settled, signedIn, tokenIn, tokenOf } from "./harness.js";

const part = (page, name) => page.getByRole("region", { name, exact: true });
const logged = (page, what) => part(page, "Log").locator(".entries tbody tr", { has: page.getByText(what, { exact: true }) });

test("a wrong password is told as one, and nothing else is given away", async (t) => {
  const page = await newPage(t);
  await page.goto(DASHBOARD);
  for (const user of [{ email: ADMIN.email, password: "wrong horse" }, { email: "nobody@example.com", password: "wrong horse" }]) {
    await fillSignIn(page, user);
    await page.getByRole("alert").getByText("E-mail or password is wrong").waitFor();
  }
});

test("signing in gives no script a refresh token, and the session outlives a reload", async (t) => {
  const page = await signedIn(t, await newUser(), "/projects");
  const readable = await page.evaluate(() => JSON.stringify([document.cookie, { ...localStorage }, { ...sessionStorage }]));
  assert.equal(/eyJ/.test(readable), false, readable);
  const [cookie] = await page.context().cookies(`${process.env.API_URL}/api/auth/refresh`);
  assert.ok(cookie.httpOnly && cookie.secure && cookie.sameSite === "Strict");
  assert.ok(cookie.path.endsWith("/api/auth"), cookie.path);
  assert.deepEqual(await page.context().cookies(`${process.env.API_URL}/v1/api-keys`), [], "another route gets the cookie");
  await page.reload();
  await page.getByRole("heading", { name: "Projects" }).waitFor();
});

test("the page works at a root as it does under a stage's path", async (t) => {
  // A custom domain, played by a proxy: the same deployment, without the path before it.
  const proxy = http.createServer((request, response) => {
    const onward = http.request(process.env.API_URL + request.url, { method: request.method, headers: request.headers }, (answer) => {
      response.writeHead(answer.statusCode, answer.headers);
      answer.pipe(response);
    });
    onward.on("error", () => response.destroy());
    request.pipe(onward);
  });
  await new Promise((ready) => proxy.listen(0, "127.0.0.1", ready));
  t.after(() => { proxy.closeAllConnections(); proxy.close(); });
  const base = `http://127.0.0.1:${proxy.address().port}`;
  const page = await newPage(t, { base });
  await page.goto(`${base}/dashboard`);
  await fillSignIn(page, await newUser());
  await page.getByRole("heading", { name: "No keys yet" }).waitFor();
  const [cookie] = await page.context().cookies(`${base}/api/auth/refresh`);
  assert.equal(cookie.path, "/api/auth");
  await page.reload();
  await page.getByRole("heading", { name: "No keys yet" }).waitFor();
});

test("signing out ends the session on the server, here and in the other tab", async (t) => {
  const page = await signedIn(t, await newUser());
  const token = await tokenIn(page, () => page.goto(`${DASHBOARD}#/projects`));
  const other = await page.context().newPage();
  await other.goto(`${DASHBOARD}#/account`);
  await other.getByRole("heading", { name: "Account" }).waitFor();
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Sign out" }).click();
  await page.getByRole("heading", { name: "Sign in" }).waitFor();
  await other.getByRole("heading", { name: "Sign in" }).waitFor();
  assert.equal((await api("GET", "v1/auth/me", { token })).status, 401);
  assert.deepEqual(await page.context().cookies(`${process.env.API_URL}/api/auth/refresh`), []);
});

test("sessions: one is ended, then all others, and this one stays", async (t) => {
  const user = await newUser();
  const others = [];
  for (let i = 0; i < 3; i++) others.push(await tokenOf(user));
  const alive = async () => (await Promise.all(others.map((token) => api("GET", "v1/auth/me", { token })))).filter(({ status }) => status === 200).length;
  const page = await signedIn(t, user);
  await listed();
  await page.goto(`${DASHBOARD}#/sessions`); // as links had it before there was a page for the account
  await settled(page);
  assert.equal(await page.locator("nav [aria-current=page]").textContent(), "Account");
  assert.equal(await page.locator(".sessions tbody tr").count(), 4);
  await page.getByRole("button", { name: /^End the session/ }).first().click();
  await page.getByRole("button", { name: "End session" }).click();
  await page.locator("#toasts").getByText("Session ended").waitFor();
  assert.equal(await alive(), 2);
  await part(page, "Sessions").getByRole("button", { name: "End all others" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "End all others" }).click();
  await page.getByText("2 sessions ended").waitFor();
  await settled(page);
  assert.equal(await alive(), 0);
  assert.equal(await page.locator(".sessions tbody tr").count(), 1);
  await page.getByText("this one").waitFor();
  await logged(page, "All other sessions ended").waitFor();
});

test("a session has a name also where the list comes from a release that gave none", async (t) => {
  const page = await newPage(t);
  await page.route("**/v1/auth/sessions?*", async (route) => {
    const answer = await (await route.fetch()).json();
    await route.fulfill({ json: { ...answer, sessions: answer.sessions.map(({ name, ...older }) => older) } });
  });
  await page.goto(`${DASHBOARD}#/account`);
  await fillSignIn(page, await newUser());
  await page.locator(".sessions").getByRole("rowheader", { name: /^Chrome on Linux/ }).waitFor();
});

test("the password is changed: not with a wrong one, not to a weak one; others are signed out, and the log tells all of it", async (t) => {
  const left = 3600e3 - Date.now() % 3600e3; // wrong passwords are counted by the hour
  if (left < 30e3) await new Promise((done) => setTimeout(done, left));
  const user = await newUser(), next = { ...user, password: "a better horse, a new staple" };
  const other = await tokenOf(user);
  const page = await signedIn(t, user, "/account");
  await settled(page);
  const form = part(page, "Password");
  const change = async (current, chosen) => {
    await form.getByLabel("Current password").fill(current);
    await form.getByLabel("New password").fill(chosen);
    await form.getByRole("button", { name: "Change password" }).click();
  };
  const told = (field) => form.locator(`[data-field=${field}] .field-error:not(:empty)`);
  for (const wrong of ["not the horse", "nor this horse"]) {
    await change(wrong, next.password);
    await told("current_password").getByText("Is wrong").waitFor();
    assert.equal(await page.evaluate(() => document.activeElement.name), "current_password", "the focus is on what is wrong");
  }
  await change(user.password, "password1234");
  await told("password").waitFor();
  assert.equal(await told("current_password").count(), 0);
  assert.equal((await api("GET", "v1/auth/me", { token: other })).status, 200, "a refused change ends no session");
  await form.getByLabel("Show it").check();
  await change(user.password, next.password);
  await page.getByText("Password changed; you are signed out everywhere else").waitFor();
  assert.equal((await api("GET", "v1/auth/me", { token: other })).status, 401);
  assert.equal(await form.getByLabel("New password").inputValue(), "");
  assert.equal(await form.getByLabel("New password").getAttribute("type"), "password", "what is typed next is not shown");
  const row = logged(page, "Password changed");
  assert.equal(await row.locator("[data-label=Who]").textContent(), "You");
  assert.match(await row.locator("[data-label=Address]").textContent(), /\d/);
  assert.equal(await row.locator("[data-label=Client]").textContent(), "Chrome on Linux");
  await settled(page);
  assert.equal(await page.locator(".sessions tbody tr").count(), 1);
  await logged(page, "Wrong password, 2 times").waitFor();
  assert.equal(await logged(page, "Signed in").count(), 2);
  assert.equal(await logged(page, "Registered").locator("[data-label=Who]").textContent(), "An administrator");
  assert.equal((await api("POST", "v1/auth/login", { body: user })).status, 401);
  await tokenOf(next);
});

test("a part of the account that cannot be read says so alone, and is tried again", async (t) => {
  const page = await newPage(t);
  const log = "**/v1/auth/log*";
  await page.route(log, (route) => route.abort());
  await page.goto(`${DASHBOARD}#/account`);
  await fillSignIn(page, await newUser());
  await part(page, "Log").getByRole("alert").getByText("No connection", { exact: true }).waitFor();
  await part(page, "Sessions").getByText("this one").waitFor();
  await page.unroute(log);
  await part(page, "Log").getByRole("button", { name: "Try again" }).click();
  await logged(page, "Signed in").waitFor();
});

test("a project is created with its prefix, and a wrong prefix is explained", async (t) => {
  const user = await newUser();
  const page = await signedIn(t, user, "/projects");
  await page.getByRole("button", { name: "Create project" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Name").fill("Shop");
  await dialog.getByLabel("Key prefix").fill("Shop");
  await dialog.getByRole("button", { name: "Create project" }).click();
  await dialog.locator(".field-error", { hasText: "lower-case letters" }).waitFor();
  await dialog.getByLabel("Key prefix").fill("shop_");
  await dialog.getByRole("button", { name: "Create project" }).click();
  await page.getByRole("row", { name: /Shop/ }).getByText("shop_").waitFor();
  const { projects } = await must("GET", "v1/projects", { token: await tokenOf(user) });
  assert.equal(projects.some((project) => project.key_prefix === "shop_"), true);
});

test("an administrator registers a user, who can sign in; a member is not offered it", async (t) => {
  const admin = await signedIn(t, ADMIN, "/users");
  const user = { email: `made-${Date.now()}@example.com`, password: "" };
  await admin.getByLabel("E-mail").fill(user.email);
  await admin.getByRole("button", { name: "Make one up" }).click();
  user.password = await admin.getByLabel("Password").inputValue();
  await admin.getByRole("button", { name: "Register" }).click();
  await admin.getByText(`${user.email} can sign in now`).waitFor();
  assert.equal((await admin.content()).includes(user.password), false);
  await admin.getByLabel("E-mail").fill(user.email);
  await admin.getByLabel("Password").fill("another password");
  await admin.getByRole("button", { name: "Register" }).click();
  await admin.getByText("already registered").waitFor();

  const member = await signedIn(t, user);
  assert.equal(await member.getByRole("link", { name: "Users" }).count(), 0);
});
