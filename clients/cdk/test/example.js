// What several tests need.
const { mkdtempSync, readFileSync } = require("node:fs");
const { tmpdir } = require("node:os");
const { join } = require("node:path");
const { App, Stack } = require("aws-cdk-lib");

// local/cdk.py sets these: the template that is deployed, what SAM makes of it, and the folder for what is synthesised.
const { LATCHKEY_TEMPLATE: BUILT, LATCHKEY_TRANSFORMED: TRANSFORMED, LATCHKEY_SYNTHESISED: SYNTHESISED } = process.env;

Object.assign(exports, { BUILT, TRANSFORMED, SYNTHESISED });

exports.built = () => JSON.parse(readFileSync(BUILT, "utf8"));

/** A synthesised template. `make` puts something into the stack. */
exports.synthesised = (make) => {
  const app = new App({ outdir: mkdtempSync(join(tmpdir(), "latchkey-cdk-")) });
  const stack = new Stack(app, "Shop");
  make(stack);
  return app.synth().getStackByName("Shop").template;
};

exports.ofType = (template, type) => Object.values(template.Resources).filter((resource) => resource.Type === type).map(({ Properties }) => Properties);
