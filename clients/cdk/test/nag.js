const assert = require("node:assert/strict");
const { test } = require("node:test");
const { App, Stack } = require("aws-cdk-lib");
const { CfnInclude } = require("aws-cdk-lib/cloudformation-include");
const { AwsSolutionsChecks } = require("cdk-nag");
const { MockIntegration, RestApi } = require("aws-cdk-lib/aws-apigateway");
const { HttpApi, HttpMethod } = require("aws-cdk-lib/aws-apigatewayv2");
const { HttpUrlIntegration } = require("aws-cdk-lib/aws-apigatewayv2-integrations");
const { addGatewayResponses, AllowApisOf, Latchkey, LatchkeyHttpAuthorizer, LatchkeyRestAuthorizer, LatchkeyStack } = require("..");
const { BUILT, TRANSFORMED } = require("./example.js");

// What the rules find in what SAM makes of the template, and why it stays.
const REASONS = {
  "AwsSolutions-APIG1": "Each function logs its requests, without credentials. An access log of API Gateway would be a second one.",
  "AwsSolutions-APIG2": "Each function checks its request, and says which field is wrong. API Gateway's check says 400 and no more.",
  "AwsSolutions-APIG3": "A web ACL is the deployer's: docs/deploy.md#waf.",
  "AwsSolutions-APIG6": "API Gateway's execution log has headers, and so credentials.",
  "AwsSolutions-IAM4[Policy::arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole]": "SAM gives it to each function: it may write logs.",
  "AwsSolutions-IAM5": "The rule cannot read policies with Fn::If or LeadingKeys. local/grants.py shows for each grant of each function that it is used.",
  "AwsSolutions-IAM5[Action::kms:GenerateDataKey*]": "Two actions, with and without plaintext, of one key of the deployer's.",
  "AwsSolutions-IAM5[Action::kms:ReEncrypt*]": "Two actions, from and to, of one key of the deployer's.",
  "AwsSolutions-SMG4": "FactorSecret would end all authenticator apps; PublicKeysSecret is written when PrivateKeysSecret is rotated.",
};
const NOT_ROTATED = ["FactorSecret", "PublicKeysSecret"];

// What the rules find in an API that is guarded and has no more: its logs and its web ACL are its owner's.
const OF_AN_API = ["AwsSolutions-APIG1", "AwsSolutions-APIG2", "AwsSolutions-APIG3", "AwsSolutions-APIG6"];

test("cdk-nag finds guarded methods and routes authorized, and nothing in what guards them; a REST method has no Cognito pool", () => {
  const stack = new Stack(new App(), "Shop");
  const latchkey = Latchkey.fromStackName(stack, "Latchkey");
  const rest = new RestApi(stack, "Rest", { cloudWatchRole: false, defaultMethodOptions: { authorizer: new LatchkeyRestAuthorizer(stack, "Guard", { latchkey }) } });
  rest.root.addMethod("GET", new MockIntegration());
  addGatewayResponses(rest);
  const http = new HttpApi(stack, "Http", { defaultAuthorizer: new LatchkeyHttpAuthorizer({ latchkey }) });
  http.addRoutes({ path: "/orders", methods: [HttpMethod.GET], integration: new HttpUrlIntegration("To", "https://example.com") });
  new AllowApisOf(stack, "Partner", { latchkey, account: "111122223333" });
  const found = new AwsSolutionsChecks().validateScope(stack).violations.map(({ ruleName }) => ruleName);
  assert.deepEqual([...new Set(found)].sort(), [...OF_AN_API, "AwsSolutions-COG4"]);
});

test("cdk-nag finds nothing in the stack", () => {
  const stack = new LatchkeyStack(new App(), "Latchkey", { template: BUILT });
  assert.deepEqual(new AwsSolutionsChecks().validateScope(stack).violations, []);
});

test("what cdk-nag finds in the template that SAM makes of it has a reason each, and each reason is needed", () => {
  const stack = new Stack(new App(), "Transformed");
  new CfnInclude(stack, "Template", { templateFile: TRANSFORMED });
  const found = new AwsSolutionsChecks().validateScope(stack).violations;
  assert.deepEqual([...new Set(found.map(({ ruleName }) => ruleName))].sort(), Object.keys(REASONS).sort());
  const secrets = found.filter(({ ruleName }) => ruleName === "AwsSolutions-SMG4").flatMap(({ violatingResources }) => violatingResources);
  assert.deepEqual(secrets.map(({ resourceLogicalId, constructPath }) => (constructPath ?? resourceLogicalId).split("/").pop()).sort(), NOT_ROTATED);
});
