// Makes a Postman collection of an OpenAPI document (Bruno reads it too), and lets newman send each of its requests to the
// deployment that serves the document: node collection.js DOCUMENT COLLECTION
//
// The examples name a key, a run and so on that exist nowhere, so newman gets the ids of real ones.
import { readFile, writeFile } from "node:fs/promises";
import { promisify } from "node:util";
import newman from "newman";
import converter from "openapi-to-postmanv2";

const { API_URL, ADMIN_EMAIL, ADMIN_PASSWORD } = process.env;
const [source, target] = process.argv.slice(2);

const collection = await convert(await readFile(source, "utf8"));
await writeFile(target, JSON.stringify(collection, null, 2));
const made = await makeThings();
const wrong = await send(prepared(collection, made), made);
wrong.forEach((line) => console.log(line));
process.exit(wrong.length === 0 ? 0 : 1);

async function convert(data) {
  const options = { folderStrategy: "Tags", requestParametersResolution: "Example" };
  const made = await promisify(converter.convert)({ type: "string", data }, options);
  if (!made.result) throw new Error(made.reason);
  const collection = made.output[0].data;
  for (const { request } of requests(collection)) {
    for (const parameter of request.url.query ?? []) {
      parameter.disabled = !String(parameter.description?.content ?? parameter.description).startsWith("(Required)");
    }
    for (const field of request.body?.urlencoded ?? []) {
      field.disabled = field.key.startsWith("client_"); // the client authenticates by HTTP Basic
    }
  }
  return collection;
}

/** What the paths and bodies of the examples name, for real. */
async function makeThings() {
  const login = async () => (await post("/v1/auth/login", { email: ADMIN_EMAIL, password: ADMIN_PASSWORD })).token;
  const [token, ending] = [await login(), await login()];
  const email = `collection-${Date.now()}@example.com`;
  const { user } = await post("/v1/auth/register", { email, password: "correct horse battery staple" }, token);
  const key = await post("/v1/api-keys", { name: "collection", scopes: ["read", "write"] }, token);
  const run = await post("/v1/runs", {}, token);
  const customer = await post("/v1/customers", { external_id: `collection ${Date.now()}` }, token);
  const session = JSON.parse(Buffer.from(ending.split(".")[1], "base64url")).sid;
  return { token, ending, key, ids: { usr: user.id, run: run.id, prj: key.project_id, ses: session, cus: customer.id } };
}

async function post(path, body, token) {
  const headers = { "Content-Type": "application/json", ...(token && { Authorization: `Bearer ${token}` }) };
  const answer = await fetch(API_URL + path, { method: "POST", headers, body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  return answer.json();
}

/** The collection with real ids, and with a test for each request: the answer's status is one that the document has. */
function prepared(collection, { ids, key, ending }) {
  const text = JSON.stringify(collection)
    .replace(/\b(usr|run|prj|ses|cus)_[A-Z2-7]{26}\b/g, (_, kind) => ids[kind])
    .replaceAll("4Hk0pQzXw2LmN8sT\"", `${key.id}"`);
  const copy = JSON.parse(text);
  for (const item of requests(copy)) {
    const statuses = item.response.map((answer) => answer.code).filter((code) => code < 500);
    const exec = [`pm.test("${item.name}", () => pm.expect(${JSON.stringify(statuses)}).to.include(pm.response.code));`];
    item.event = [{ listen: "test", script: { exec } }];
    if (item.request.url.path.at(-1) === "logout") {
      item.request.auth = { type: "bearer", bearer: [{ key: "token", value: ending, type: "string" }] };
    }
  }
  return copy;
}

function requests(folder) {
  return folder.item.flatMap((item) => (item.item ? requests(item) : [item]));
}

/** Sends all of them. Returns what is wrong. */
async function send(collection, { token, key }) {
  const values = { baseUrl: API_URL, bearerToken: token, apiKey: key.key, basicAuthUsername: key.id, basicAuthPassword: key.key };
  const envVar = Object.entries(values).map(([name, value]) => ({ key: name, value }));
  const { run } = await promisify(newman.run)({ collection, envVar, reporters: [], timeoutRequest: 30_000 });
  const codes = run.executions.map(({ response }) => response?.code ?? 0);
  const good = codes.filter((code) => code >= 200 && code < 300).length;
  const wrong = run.failures.map(({ source, error }) => `${source?.name}: ${error.message}`);
  if (good < codes.length / 2) wrong.push(`only ${good} of ${codes.length} requests succeeded`);
  console.log(`${codes.length} requests, ${good} with success`);
  return wrong;
}
