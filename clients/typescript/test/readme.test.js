import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { newKey } from "./stack.js";

const folder = fileURLToPath(new URL("..", import.meta.url));
const readme = ["../README.md", "../../../README.md"].map((path) => readFileSync(new URL(path, import.meta.url), "utf8")).join("\n");
const examples = [...readme.matchAll(/^## (.*)\n(?:(?!^## )[^])*?^```js\n([^]*?)^```$/gm)].map(([, title, code]) => ({ title, code }));

test("every example of the two READMEs is found", () => {
  assert.equal(examples.length, readme.split("```js").length - 1);
});

for (const { title, code } of examples) {
  test(`the README's example runs: ${title}`, async (t) => {
    const [key, other, verifying] = [await newKey(t, { scopes: ["read:events", "write:events"] }), await newKey(t), await newKey(t, { scopes: ["verify:keys"] })];
    const env = {
      ...process.env, API_KEY: key.key, OTHER_KEY: other.key, VERIFYING_KEY: verifying.key, LATCHKEY_URL: process.env.API_URL, LATCHKEY_VERIFYING_KEY: verifying.key,
    };
    const printed = execFileSync(process.execPath, ["--input-type=module", "--eval", code ?? ""], { cwd: folder, env, encoding: "utf8" });
    assert.notEqual(printed, "");
  });
}

test("the package holds what is needed to use it, and nothing else", () => {
  const npm = process.platform === "win32" ? "npm.cmd" : "npm";
  const [packed] = JSON.parse(execFileSync(npm, ["pack", "--dry-run", "--json", "--ignore-scripts"], { cwd: folder, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }));
  const files = packed.files.map((file) => file.path);
  for (const needed of ["LICENSE", "README.md", "package.json", "dist/index.js", "dist/index.d.ts", "dist/openapi.d.ts", "dist/testing/index.js", "dist/testing/index.d.ts", "dist/server/index.js", "dist/server/index.d.ts"]) assert.ok(files.includes(needed), needed);
  assert.deepEqual(files.filter((path) => !/^(dist\/((testing|server)\/)?\w+\.(js|d\.ts)|README\.md|LICENSE|package\.json)$/.test(path)), []);
  const { dependencies } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
  assert.equal(dependencies, undefined);
});
