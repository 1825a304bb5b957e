import assert from "node:assert/strict";
import { test } from "node:test";
import { startLatchkey } from "@latchkey/client/testing";

// For a running `make local` of tests/guarded/shop: the environment says where.
const latchkey = await startLatchkey("../../tests/guarded/shop/template.yaml");

const status = async (method, credential) => (await latchkey.fetch("/api/campaigns", credential, { method })).status;

test("each credential opens what it should, and nothing else", async () => {
  const { key, secretKey, userToken, adminToken, readOnlyKey, clientKey, expiredKey, revokedKey, expiredToken } = latchkey;
  for (const credential of [key, secretKey, userToken, adminToken]) {
    assert.deepEqual([await status("GET", credential), await status("POST", credential)], [200, 200], credential.slice(0, 3));
  }
  assert.deepEqual([await status("GET", readOnlyKey), await status("POST", readOnlyKey)], [200, 403]);
  assert.equal(await status("GET", clientKey), 403);
  for (const credential of [expiredKey, revokedKey, expiredToken, undefined]) assert.equal(await status("GET", credential), 401);
});

test("the function learns who calls", async () => {
  const answer = await latchkey.fetch("/api/campaigns", latchkey.userToken);
  const { caller } = /** @type {{caller: {email: string}}} */ (await answer.json());
  assert.equal(caller.email, latchkey.userEmail);
});

test("each API has an address", async () => {
  assert.equal((await latchkey.fetch(`${latchkey.urls.Offers}/api/offers`, latchkey.key)).status, 200);
});

test("a start that fails says why, in the command's words", async (t) => {
  const was = process.env.LATCHKEY_GUARDED_URL;
  delete process.env.LATCHKEY_GUARDED_URL;
  t.after(() => { if (was) process.env.LATCHKEY_GUARDED_URL = was; });
  await assert.rejects(startLatchkey("/nowhere/template.yaml"), /latchkey: there is no template \/nowhere\/template\.yaml/);
});
