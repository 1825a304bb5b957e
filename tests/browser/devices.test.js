// The names of clients in the logs are those of the API's lists of sessions.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { device } from "../../functions/dashboard/assets/format.js";

test("clients are named as the API names them", () => {
  const names = JSON.parse(readFileSync(new URL("../../shared/session/testdata/devices.json", import.meta.url)));
  for (const [agent, name] of Object.entries(names)) assert.equal(device(agent), name, `the name of ${agent}`);
});
