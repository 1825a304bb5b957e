// Three days of a small shop's keys and customers, for the README's pictures and for the checks of pages with
// something on them. The keys are made through the API. Their past cannot be made
// there: it is written to the table, in the form in which shared/store stores uses (uses.go) and their sums (sums.go).

import { createHash } from "node:crypto";
import { must, newUser, tokenOf } from "./harness.js";

const HOUR = 3600e3;
const OFFICE = "198.51.100.24", CLOUD = "203.0.113.80", STRANGER = "192.0.2.199";

// Name, body, and how many hours ago it was made and last used.
const KEYS = [
  ["Old importer", { type: "read_only", expires_at: new Date(Date.now() + 4 * 24 * HOUR).toISOString() }, 600, 190],
  ["Partner feed", { permissions: ["read:offers", "read:campaigns"] }, 480, 300],
  ["Mobile app", { type: "client" }, 310, 0.1],
  ["Reporting", { permissions: ["read"], quota: { limit: 2500 } }, 120, 6],
  ["Checkout backend", { type: "secret", allowed_ips: ["203.0.113.0/24"] }, 72, 0.02],
  ["ci-pipeline", { permissions: ["read:campaigns", "write:campaigns", "read:stats"], rate_limit: { read: 600 } }, 48, 1],
];

// External id, body, how many hours ago it was made, and what is left of its quota.
const CUSTOMERS = [
  ["initech-2", { name: "Initech", scopes: ["read:offers"] }, 2000, 0],
  ["globex", { name: "Globex Corporation", quota: { limit: 500, period: "day" } }, 900, 0],
  ["umbrella-eu", { name: "Umbrella, Europe", quota: { limit: 40000 }, scopes: ["read:offers", "read:stats", "read:campaigns"] }, 400, 2210],
  ["acme-17", { name: "Acme Ltd.", scopes: ["read:stats", "read:offers"], quota: { limit: 10000, period: "month" }, rate_limit: { read: 600 }, metadata: { plan: "pro" } }, 200, 6120],
];

export async function demo(email) {
  const user = await newUser({ role: "admin", name: "mira", email });
  const token = await tokenOf(user);
  const shop = await must("POST", "v1/projects", { token, body: { name: "Shop", key_prefix: "shop_live_" } });
  const made = {};
  for (const [name, body, createdAgo, usedAgo] of KEYS) {
    const project = name === "ci-pipeline" ? {} : { project_id: shop.id };
    const key = await must("POST", "api/v1/auth/api-keys", { token, body: { name, ...project, ...body } });
    if (name === "Partner feed") await must("PUT", `api/v1/auth/api-keys/${key.id}/revoke`, { token });
    await table("UpdateItem", {
      Key: { pk: S(`KEY#${key.id}`), sk: S("KEY") }, UpdateExpression: "SET created_at = :c, last_used_at = :u",
      ExpressionAttributeValues: { ":c": S(new Date(Date.now() - createdAgo * HOUR).toISOString()), ":u": N(Math.floor((Date.now() - usedAgo * HOUR) / 1000)) },
    });
    made[name] = key;
  }
  await use(made["ci-pipeline"], user);
  const customers = await customersOf(token, shop);
  await Promise.all([...sums.values()].map((Item) => table("PutItem", { Item })));
  return { user, keys: made, customers };
}

async function customersOf(token, shop) {
  const made = {};
  for (const [external_id, body, createdAgo, left] of CUSTOMERS) {
    const customer = await must("POST", "v1/customers", { token, body: { external_id, project_id: shop.id, ...body } });
    for (const name of external_id === "acme-17" ? ["Acme, test", "Acme, production"] : [`${body.name}, production`]) {
      const key = await must("POST", "v1/api-keys", { token, body: { name, customer_id: customer.id, project_id: shop.id, scopes: ["read:offers"], ...(name === "Acme, test" && { quota: { limit: 100, period: "day" } }) } });
      trade(key, customer);
    }
    await table("UpdateItem", {
      Key: { pk: S(`CUSTOMER#${customer.id}`), sk: S("CUSTOMER") },
      UpdateExpression: `SET created_at = :c${body.quota ? ", quota_left = :l" : ""}`,
      ExpressionAttributeValues: { ":c": S(new Date(Date.now() - createdAgo * HOUR).toISOString()), ...(body.quota && { ":l": N(left) }) },
    });
    if (external_id === "initech-2") await must("PATCH", `v1/customers/${customer.id}`, { token, body: { disabled: true } });
    made[external_id] = customer;
  }
  return made;
}

// A month of a customer: more on working days, and now and then a refusal. Each has its own size.
function trade(key, customer) {
  const size = 4 + (customer.name.length * 7) % 31, today = Math.floor(Date.now() / (24 * HOUR));
  for (let ago = 29; ago >= 0; ago--) {
    const day = new Date((today - ago) * 24 * HOUR), working = day.getUTCDay() % 6 !== 0;
    for (const hour of ago ? [8, 11, 14, 17] : [0]) {
      const at = new Date(day.getTime() + hour * HOUR), n = size * (working ? 9 : 2) + ((ago * 5 + hour) % 11);
      sum(key, at, "GET /api/offers", "allowed", n, customer.id);
      if ((ago * hour) % 5 === 4) sum(key, at, "GET /api/offers", "RATE_LIMIT_EXCEEDED", Math.round(n / 9), customer.id);
    }
  }
}

// The items of sums, by their keys.
const sums = new Map();

function sum(key, at, route, outcome, n, customer) {
  const day = at.toISOString().slice(0, 10), hash = createHash("sha256").update(route).digest("hex").slice(0, 16);
  for (const [pk, sk, of] of [
    [`USAGE#${key.project_id}#0`, `${day}#${key.id}#${hash}`, { key_id: S(key.id), route: S(route), ...(customer && { customer_id: S(customer) }) }],
    ["USAGE#ALL#0", `${day}#${key.project_id}`, { project_id: S(key.project_id) }],
  ]) {
    const item = sums.get(pk + sk) ?? { pk: S(pk), sk: S(sk), ...of, expires_at: N(Math.floor(at / 1000) + 400 * 86400) };
    const name = `${at.toISOString().slice(11, 13)}#${outcome}`;
    item[name] = N(Number(item[name]?.N ?? 0) + n);
    sums.set(pk + sk, item);
  }
}

// Working hours from the office, a steady job from the cloud, and last night a stranger.
async function use(key, user) {
  const { sub } = JSON.parse(Buffer.from((await tokenOf(user)).split(".")[1], "base64url"));
  const now = Math.floor(Date.now() / HOUR);
  for (let ago = 47; ago >= 1; ago--) {
    const at = new Date((now - ago) * HOUR);
    const busy = Math.max(0, Math.sin(((at.getUTCHours() - 7) / 12) * Math.PI));
    const write = (address, route, count, refusals) => put({ key, owner: sub, at, address, route, count, refusals });
    await write(CLOUD, "GET /api/campaigns", 40 + ((ago * 7) % 9), 0);
    if (busy > 0.1) await write(OFFICE, "POST /api/campaigns", Math.round(busy * 110) + ((ago * 5) % 13), ago % 11 === 0 ? 3 : 0);
    if (ago === 9 || ago === 10) await write(STRANGER, "GET /api/billing", 60 - ago * 3, 60 - ago * 3);
  }
}

let sequence = 0;
const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

// The time of a ULID in its first ten characters; the rest only has to differ.
function ulid(at) {
  let time = at.getTime(), text = "";
  for (let i = 0; i < 10; i++, time = Math.floor(time / 32)) text = alphabet[time % 32] + text;
  return text + String(++sequence).padStart(16, "0");
}

const S = (text) => ({ S: String(text) }), N = (n) => ({ N: String(n) });

async function put({ key, owner, at, address, route, count, refusals }) {
  const id = ulid(at);
  if (count > refusals) sum(key, at, route, "allowed", count - refusals);
  if (refusals) sum(key, at, route, "INSUFFICIENT_SCOPE", refusals);
  await table("PutItem", { Item: {
    pk: S(`USES#${key.id}`), sk: S(`USE#${id}`), id: S(id), key_id: S(key.id), owner: S(owner), project: S(key.project_id),
    at: S(at.toISOString()), action: S("used"), actor: { M: { type: S("key"), id: S(key.id) } }, address: S(address),
    user_agent: S(address === OFFICE ? "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Firefox/140.0" : address === CLOUD ? "shop-worker/2.4" : "python-requests/2.32"),
    request_id: S("demo"), api: S("a1b2c3d4e5/prod"), route: S(route), use_count: N(count), refusals: N(refusals),
    expires_at: N(Math.floor(Date.now() / 1000) + 400 * 86400),
  } });
}

// A call of DynamoDB, as the local stack's emulator takes it: it does not look at signatures.
async function table(operation, input) {
  const response = await fetch(process.env.AWS_ENDPOINT_URL, {
    method: "POST",
    headers: {
      "Content-Type": "application/x-amz-json-1.0", "X-Amz-Target": `DynamoDB_20120810.${operation}`,
      Authorization: "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0",
    },
    body: JSON.stringify({ TableName: process.env.TABLE_NAME, ...input }),
  });
  if (!response.ok) throw new Error(`${operation}: ${await response.text()}`);
}
