// What the first visit costs, measured in Chromium against the running deployment.

import { test } from "node:test";
import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { DASHBOARD, fillSignIn, newPage, newUser } from "./harness.js";

test("the first visit is one request of less than 100 KB, and is ready for typing at once", async (t) => {
  const page = await newPage(t);
  const requests = [];
  page.on("request", (request) => { if (!request.url().startsWith("data:")) requests.push(request.url()); });
  const response = await page.goto(DASHBOARD);
  await page.getByLabel("E-mail").waitFor();
  const timing = await page.evaluate(() => {
    const [visit] = performance.getEntriesByType("navigation");
    const paint = performance.getEntriesByName("first-contentful-paint")[0];
    return { answered: visit.responseEnd, paint: paint?.startTime ?? 0, interactive: visit.domInteractive, loaded: visit.loadEventEnd };
  });
  const plain = await response.body();
  const compressed = gzipSync(plain).length;
  const round = Object.fromEntries(Object.entries(timing).map(([name, ms]) => [name, Math.round(ms)]));
  t.diagnostic(`${plain.length} bytes, ${compressed} compressed; ${requests.length} request; milliseconds ${JSON.stringify(round)}`);
  assert.equal(requests.length, 1, requests.join("\n"));
  assert.ok(compressed < 100_000);
  assert.ok(timing.loaded < 3000, `${timing.loaded} ms`);
});

test("signing in shows the list after three calls", async (t) => {
  const page = await newPage(t);
  await page.goto(DASHBOARD);
  const user = await newUser();
  const calls = [];
  page.on("request", (request) => calls.push(new URL(request.url()).pathname));
  const began = Date.now();
  await fillSignIn(page, user);
  await page.getByRole("heading", { name: "No keys yet" }).waitFor();
  t.diagnostic(`${calls.length} calls, ${Date.now() - began} ms from typing to the list, argon2id included`);
  assert.equal(calls.length, 3, calls.join("\n"));
});

test("a second visit costs no page", async (t) => {
  const page = await newPage(t);
  await page.goto(DASHBOARD);
  const tag = (await page.reload()).headers().etag;
  const again = await fetch(DASHBOARD, { headers: { "If-None-Match": tag } });
  assert.equal(again.status, 304);
});
