// Writes src/responses.json, how Latchkey words what API Gateway answers itself, from template.yaml.
const { readFileSync, writeFileSync } = require("node:fs");
const { join } = require("node:path");
const { parse } = require("yaml");

const template = parse(readFileSync(join(__dirname, "../../template.yaml"), "utf8"), { logLevel: "silent", maxAliasCount: -1 });
const ours = "REQUEST_TOO_LARGE"; // names the limit of Latchkey's own API
const worded = Object.entries(template.Resources.Api.Properties.GatewayResponses).filter(([type]) => type !== ours);
const responses = worded.map(([type, { StatusCode, ResponseParameters, ResponseTemplates }]) => ({
  type,
  statusCode: String(StatusCode),
  // A header that has no fixed text depends on a parameter of Latchkey's own stack: its origins.
  headers: Object.fromEntries(Object.entries(ResponseParameters.Headers).filter(([, text]) => typeof text === "string")),
  body: ResponseTemplates["application/json"],
}));
writeFileSync(join(__dirname, "src/responses.json"), JSON.stringify(responses, null, 1) + "\n");
