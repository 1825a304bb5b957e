const assert = require("node:assert/strict");
const { mkdtempSync, readFileSync } = require("node:fs");
const { tmpdir } = require("node:os");
const { join } = require("node:path");
const { test } = require("node:test");
const { App } = require("aws-cdk-lib");
const { LatchkeyStack } = require("..");
const { BUILT, built, TRANSFORMED } = require("./example.js");

function synthesised(parameters) {
  const app = new App({ outdir: mkdtempSync(join(tmpdir(), "latchkey-cdk-")) });
  new LatchkeyStack(app, "Latchkey", { template: BUILT, parameters });
  return app.synth().getStackByName("latchkey");
}

const plain = synthesised({});

// CDK writes keys and DependsOn in an order of its own, the latter always as a list.
function normal(value, key) {
  if (key === "DependsOn") return [value].flat().sort();
  if (Array.isArray(value)) return value.map((one) => normal(one));
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.keys(value).sort().map((name) => [name, normal(value[name], name)]));
}

test("the stack is the template with the functions' code elsewhere, so that it takes over what sam deploy made", () => {
  const source = built();
  assert.deepEqual(Object.keys(plain.template.Resources).sort(), Object.keys(source.Resources).sort());
  for (const [id, resource] of Object.entries(source.Resources)) {
    const { CodeUri: _, ...wanted } = resource.Properties ?? {};
    const { CodeUri, ...found } = plain.template.Resources[id].Properties ?? {};
    assert.deepEqual(normal({ ...plain.template.Resources[id], Properties: found }), normal({ ...resource, Properties: wanted }), id);
    if (resource.Type === "AWS::Serverless::Function") assert.ok(CodeUri.Bucket && /\.zip$/.test(CodeUri.Key), `${id}: ${JSON.stringify(CodeUri)}`);
  }
  const { BootstrapVersion: _, ...parameters } = plain.template.Parameters;
  const { CheckBootstrapVersion: __, ...rules } = plain.template.Rules;
  const found = { ...plain.template, Parameters: parameters, Rules: rules };
  for (const section of ["Transform", "Globals", "Parameters", "Conditions", "Rules", "Outputs"]) {
    assert.deepEqual(normal(found[section]), normal(source[section]), section);
  }
  assert.deepEqual(plain.messages.filter(({ level }) => level !== "info"), []);
});

test("CloudFormation takes what SAM makes of the template: at most 500 resources and 1 MB", () => {
  const text = readFileSync(TRANSFORMED, "utf8");
  assert.ok(text.length < 1_000_000, `${text.length} bytes`);
  assert.ok(Object.keys(JSON.parse(text).Resources).length < 500);
});

test("a parameter that is given stands in the template, also in conditions and lists", () => {
  const { template } = synthesised({ StageName: "staging", AllowedOrigins: "https://a.example.com,https://b.example.com", SessionLifetime: 3600 });
  for (const name of ["StageName", "AllowedOrigins", "SessionLifetime"]) assert.equal(name in template.Parameters, false, name);
  assert.equal(template.Outputs.StageName.Value, "staging");
  assert.deepEqual(template.Conditions.HasOrigins, { "Fn::Not": [{ "Fn::Equals": [{ "Fn::Join": ["", ["https://a.example.com", "https://b.example.com"]] }, ""] }] });
});

test("a parameter that CloudFormation would refuse is refused at once", () => {
  for (const [name, value] of [["Nonsense", "1"], ["StageName", "a b"], ["DeletionProtection", "yes"], ["SessionLifetime", 1], ["SessionLifetime", "soon"], ["PasswordMemory", 1000], ["Audience", ""]]) {
    assert.throws(() => synthesised({ [name]: value }), new RegExp(name), `${name}=${value}`);
  }
});
