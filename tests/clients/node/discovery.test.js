// Each client finds the endpoints by itself (RFC 8414), gets a token, and uses it up.
// Reads API_URL, at whose root the API must be, ADMIN_EMAIL and ADMIN_PASSWORD.

import assert from "node:assert/strict";
import { before, test } from "node:test";
import { OAuth2Client } from "@badgateway/oauth2-client";
import * as oauth from "oauth4webapi";
import * as openid from "openid-client";

const API = process.env.API_URL;
const issuer = new URL(API);
const insecure = issuer.protocol === "http:"; // a stack on this machine
const SCOPE = "write:events";
/** @type {{id: string, key: string}} */
let key;

async function post(path, body, token) {
  const answer = await fetch(API + path, {
    method: "POST",
    headers: { "Content-Type": "application/json", ...(token && { Authorization: `Bearer ${token}` }) },
    body: JSON.stringify(body),
  });
  assert.ok(answer.ok, `${path}: ${answer.status}`);
  return answer.json();
}

async function opens(token) {
  return (await fetch(`${API}/v1/auth/me`, { headers: { Authorization: `Bearer ${token}` } })).status;
}

before(async () => {
  const { token } = await post("/v1/auth/login", { email: process.env.ADMIN_EMAIL, password: process.env.ADMIN_PASSWORD });
  key = await post("/v1/api-keys", { label: "OAuth clients", scopes: ["read:stats", SCOPE] }, token);
});

test("openid-client discovers, gets a token, introspects and revokes it", async () => {
  for (const authentication of [openid.ClientSecretBasic, openid.ClientSecretPost]) {
    const config = await openid.discovery(issuer, key.id, undefined, authentication(key.key), {
      algorithm: "oauth2", execute: insecure ? [openid.allowInsecureRequests] : [],
    });
    const { access_token, scope } = await openid.clientCredentialsGrant(config, { scope: SCOPE, resource: config.serverMetadata().issuer });
    assert.equal(scope, SCOPE);
    assert.equal(await opens(access_token), 200);
    const seen = await openid.tokenIntrospection(config, access_token);
    assert.equal(seen.active, true);
    assert.equal(seen.iss, config.serverMetadata().issuer, "introspection and metadata name two issuers");
    await openid.tokenRevocation(config, access_token);
    assert.equal((await openid.tokenIntrospection(config, access_token)).active, false);
    assert.equal(await opens(access_token), 401);
  }
});

test("oauth4webapi discovers, gets a token, introspects and revokes it", async () => {
  const options = { [oauth.allowInsecureRequests]: insecure };
  const server = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, { algorithm: "oauth2", ...options }));
  const client = { client_id: key.id };
  const secret = oauth.ClientSecretBasic(key.key);
  const granted = await oauth.clientCredentialsGrantRequest(server, client, secret, { scope: SCOPE }, options);
  const { access_token } = await oauth.processClientCredentialsResponse(server, client, granted);
  assert.equal(await opens(access_token), 200);
  const introspect = async () =>
    oauth.processIntrospectionResponse(server, client, await oauth.introspectionRequest(server, client, secret, access_token, options));
  assert.equal((await introspect()).active, true);
  await oauth.processRevocationResponse(await oauth.revocationRequest(server, client, secret, access_token, options));
  assert.equal((await introspect()).active, false);
});

test("@badgateway/oauth2-client discovers, gets a token, introspects and revokes it", async () => {
  const client = new OAuth2Client({
    server: API, clientId: key.id, clientSecret: key.key, discoveryEndpoint: "/.well-known/oauth-authorization-server",
  });
  const token = await client.clientCredentials({ scope: [SCOPE] });
  assert.equal(await opens(token.accessToken), 200);
  assert.equal((await client.introspect(token)).active, true);
  await client.revoke(token);
  assert.equal((await client.introspect(token)).active, false);
});
