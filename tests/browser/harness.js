// What every test needs: Chromium, a page of the dashboard, users of its own, and the API
// called from outside the browser, as another client would.

import { createHmac } from "node:crypto";
import { after } from "node:test";
import { chromium } from "playwright-core";

export const required = (name) => {
  if (!process.env[name]) throw new Error(`${name} is not set: see tests/browser/README.md`);
  return process.env[name];
};

export const API = required("API_URL");
export const DASHBOARD = `${API}/dashboard`;
export const ADMIN = { email: required("ADMIN_EMAIL"), password: required("ADMIN_PASSWORD") };

const executablePath = required("CHROMIUM");

// Only root runs without a sandbox, because root cannot have one.
const browser = await chromium.launch({ executablePath, args: process.getuid() === 0 ? ["--no-sandbox"] : [] });
after(() => browser.close());

// Lists show a change some 100 ms later (docs/aws.md, row 10), so a call that may write waits
// for that time.
export const listed = () => new Promise((done) => setTimeout(done, 120));

// Calls the API as another client would: {status, body, headers}.
export async function api(method, path, { token, body, headers } = {}) {
  const response = await fetch(`${API}/${path}`, {
    method,
    headers: { ...(body && { "Content-Type": "application/json" }), ...(token && { Authorization: `Bearer ${token}` }), ...headers },
    body: body && JSON.stringify(body),
  });
  const text = await response.text();
  if (method !== "GET") await listed();
  return { status: response.status, body: text ? JSON.parse(text) : null, headers: response.headers };
}

export async function must(method, path, options) {
  const answer = await api(method, path, options);
  if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
  return answer.body;
}

export const tokenOf = async (user) => (await must("POST", "v1/auth/login", { body: user })).token;

// The administrator's token of the other client, one for all tests: logins are limited.
let adminToken;
export const asAdmin = async () => (adminToken ??= await tokenOf(ADMIN));

// A user of the test's own, so that no test sees another's keys.
let made = 0;
export async function newUser({ role = "member", name = "user", email = `${name}.${process.pid}${++made}@example.com` } = {}) {
  const user = { email, password: "correct horse battery" };
  await must("POST", "v1/auth/register", { token: await asAdmin(), body: { ...user, role } });
  return user;
}

// A page in a browser profile of its own. The test fails if its page
// has an uncaught error, a blocked resource, or a request to another host.
export async function newPage(t, { base = API, ...options } = {}) {
  const context = await browser.newContext({
    viewport: { width: 1280, height: 860 }, locale: "en-GB", permissions: ["clipboard-read", "clipboard-write"], ...options,
  });
  const page = await context.newPage();
  const wrong = [];
  page.on("pageerror", (error) => wrong.push(`uncaught: ${error.message}`));
  page.on("console", (message) => {
    if (/Content Security Policy|TrustedHTML/.test(message.text())) wrong.push(message.text());
  });
  page.on("request", (request) => {
    if (!request.url().startsWith(base) && !request.url().startsWith("data:")) wrong.push(`a request to ${request.url()}`);
  });
  t.after(async () => {
    await context.close();
    if (wrong.length) throw new Error(wrong.join("\n"));
  });
  return page;
}

export async function fillKey(page, name) {
  await page.getByLabel("Name").fill(name);
  await page.getByRole("button", { name: "read", exact: true }).click();
}

export async function fillSignIn(page, user) {
  await page.getByLabel("E-mail").fill(user.email);
  await page.getByLabel("Password").fill(user.password);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
}

export async function signedIn(t, user, route = "/keys", options) {
  const page = await newPage(t, options);
  await page.goto(`${DASHBOARD}#${route}`);
  await fillSignIn(page, user);
  await page.locator("main.page h1").waitFor();
  return page;
}

export const settled = (page) => page.locator(".loading").first().waitFor({ state: "detached" });

// The access token that the page holds in memory, as its next call shows it.
export async function tokenIn(page, act) {
  const [request] = await Promise.all([
    page.waitForRequest((each) => each.headers().authorization?.startsWith("Bearer ")), act(),
  ]);
  return request.headers().authorization.slice("Bearer ".length);
}

export async function newKey(user, body) {
  const token = await tokenOf(user);
  return must("POST", "api/v1/auth/api-keys", { token, body: { permissions: ["read:stats"], ...body } });
}

// Waits until the key's log has so many uses: they are counted within a minute.
export async function counted(user, key, uses) {
  const token = await tokenOf(user);
  for (const until = Date.now() + 60e3; ;) {
    const { entries } = await must("GET", `api/v1/auth/api-keys/${key.id}/audit-log`, { token });
    const found = entries.reduce((n, entry) => n + (entry.action === "used" ? entry.count : 0), 0);
    if (found === uses) return;
    if (Date.now() > until) throw new Error(`after a minute the log has ${found} uses, not ${uses}`);
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}

export const signOut = async (page) => {
  await page.getByRole("navigation").getByRole("button", { name: "Sign out" }).click();
  const sure = page.getByRole("dialog").getByRole("button", { name: "Sign out" });
  if (await sure.count()) await sure.click();
  await page.getByLabel("E-mail").waitFor();
};

// Answers the dialog that asks who is there, before the first factor.
export async function proveIt(page, password) {
  await page.getByRole("dialog").getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Continue" }).click();
}

// Leads to the QR code of an authenticator app, and returns its secret.
export async function beginApp(page, user) {
  await page.getByRole("button", { name: "Add an authenticator app" }).click();
  await proveIt(page, user.password);
  await page.getByRole("dialog").getByLabel("Name").waitFor();
  await page.getByRole("button", { name: "Continue" }).click();
  return page.getByRole("dialog").locator("code").textContent();
}

// The code that an authenticator app shows, some steps from now.
export function totp(secret, steps = 0) {
  const bits = [...secret].map((c) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(c).toString(2).padStart(5, "0")).join("");
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30e3) + steps));
  const mac = createHmac("sha1", key).update(counter).digest();
  return String((mac.readUInt32BE(mac[19] & 15) & 0x7fffffff) % 1e6).padStart(6, "0");
}
