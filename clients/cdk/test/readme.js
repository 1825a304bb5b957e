const assert = require("node:assert/strict");
const { execFileSync } = require("node:child_process");
const { mkdtempSync, readFileSync, writeFileSync } = require("node:fs");
const { tmpdir } = require("node:os");
const { join } = require("node:path");
const { test } = require("node:test");
const { App } = require("aws-cdk-lib");
const ts = require("typescript");
const { BUILT, SYNTHESISED } = require("./example.js");

const folder = join(__dirname, "..");
const readme = readFileSync(join(folder, "README.md"), "utf8");
const examples = [...readme.matchAll(/^## (.*)\n(?:(?!^## )[^])*?^```ts\n([^]*?)^```$/gm)].map(([, title, code]) => ({ title, code }));

test("every example of the README is found", () => assert.equal(examples.length, readme.split("```ts").length - 1));

for (const { title, code } of examples) {
  test(`the README's example is synthesised: ${title}`, () => {
    process.env.LATCHKEY_TEMPLATE = BUILT;
    const { outputText } = ts.transpileModule(code, { compilerOptions: { module: ts.ModuleKind.CommonJS } });
    const app = new App({ outdir: mkdtempSync(join(tmpdir(), "latchkey-cdk-")) });
    const run = new Function("require", "exports", "app", outputText.replace(/new \w+\.App\(\)/, "app"));
    run((name) => require(name === "@latchkey/cdk" ? ".." : name), {}, app);
    const { stacks } = app.synth();
    assert.equal(stacks.length, 1);
    assert.ok(Object.keys(stacks[0].template.Resources).length > 10);
    if (SYNTHESISED) writeFileSync(join(SYNTHESISED, `${stacks[0].stackName}.template.json`), JSON.stringify(stacks[0].template)); // for cfn-lint
  });
}

test("the package holds what is needed to use it, and nothing else", () => {
  const [packed] = JSON.parse(execFileSync("npm", ["pack", "--dry-run", "--json", "--ignore-scripts"], { cwd: folder, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }));
  const files = packed.files.map((file) => file.path);
  for (const needed of ["LICENSE", "README.md", "package.json", "dist/index.js", "dist/index.d.ts", "dist/responses.json"]) assert.ok(files.includes(needed), needed);
  assert.deepEqual(files.filter((path) => !/^(dist\/\w+\.(js|d\.ts)|dist\/responses\.json|README\.md|LICENSE|package\.json)$/.test(path)), []);
  assert.equal(require("../package.json").dependencies, undefined);
});
