// Takes as long as a limit's window, so it has a file of its own: the test runner runs the other files meanwhile.
import { test } from "node:test";
import assert from "node:assert/strict";
import { GhostlyClient, RateLimitError } from "../dist/index.js";
import { API_URL, newKey } from "./stack.js";

test("the real limit of a real key is waited out", async (t) => {
  const { key } = await newKey(t, { rate_limit: 1 });
  const client = new GhostlyClient(API_URL, key, { attempts: 1 });
  await assert.rejects(async () => { for (;;) await client.me(); }, (error) =>
    error instanceof RateLimitError && error.code === "RATE_LIMIT_EXCEEDED" && (error.retryAfter ?? 0) >= 1);
  assert.equal((await new GhostlyClient(API_URL, key).me()).ok, true);
});

test("a quota that is used up is not waited out", async (t) => {
  const { key } = await newKey(t, { quota: { limit: 2, period: "month" } });
  const client = new GhostlyClient(API_URL, key);
  await client.me();
  await client.me();
  await assert.rejects(client.me(), (error) =>
    error instanceof RateLimitError && error.code === "QUOTA_EXCEEDED" && (error.retryAfter ?? 0) >= 1);
});
