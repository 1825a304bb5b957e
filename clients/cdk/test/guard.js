const assert = require("node:assert/strict");
const { test } = require("node:test");
const { Duration } = require("aws-cdk-lib");
const { AuthorizationType, IdentitySource, MockIntegration, RestApi } = require("aws-cdk-lib/aws-apigateway");
const { HttpApi, HttpMethod } = require("aws-cdk-lib/aws-apigatewayv2");
const { HttpUrlIntegration } = require("aws-cdk-lib/aws-apigatewayv2-integrations");
const { addGatewayResponses, AllowApisOf, Latchkey, LatchkeyHttpAuthorizer, LatchkeyRestAuthorizer } = require("..");
const { built, ofType, synthesised } = require("./example.js");

const ARN = "arn:aws:lambda:eu-west-1:123456789012:function:latchkey-EdgeAuthorizerFunction-1";
const given = (stack) => Latchkey.fromAuthorizerArn(stack, "Latchkey", ARN);

function rest(stack, props = {}) {
  const authorizer = new LatchkeyRestAuthorizer(stack, "Guard", { latchkey: given(stack), ...props });
  const api = new RestApi(stack, "Rest", { defaultMethodOptions: { authorizer }, defaultCorsPreflightOptions: { allowOrigins: ["https://app.example.com"] } });
  api.root.addMethod("GET", new MockIntegration());
  api.root.addResource("alive").addMethod("GET", new MockIntegration(), { authorizationType: AuthorizationType.NONE });
  return api;
}

function http(stack, props = {}) {
  const api = new HttpApi(stack, "Http", { defaultAuthorizer: new LatchkeyHttpAuthorizer({ latchkey: given(stack), ...props }) });
  for (const path of ["/a", "/b"]) {
    api.addRoutes({ path, methods: [HttpMethod.GET], integration: new HttpUrlIntegration(path.slice(1), "https://example.com") });
  }
  return api;
}

test("a REST API asks about every request, without an identity source and without a cache", () => {
  const [authorizer] = ofType(synthesised(rest), "AWS::ApiGateway::Authorizer");
  assert.equal(authorizer.Type, "REQUEST");
  assert.equal(authorizer.AuthorizerResultTtlInSeconds, 0);
  assert.equal("IdentitySource" in authorizer, false);
  assert.match(JSON.stringify(authorizer.AuthorizerUri), new RegExp(`:lambda:path/2015-03-31/functions/${ARN}/invocations`));
});

test("each method is closed but those that say otherwise, and preflights", () => {
  const methods = ofType(synthesised(rest), "AWS::ApiGateway::Method").map(({ HttpMethod, AuthorizationType, AuthorizerId }) => `${HttpMethod} ${AuthorizationType} ${Boolean(AuthorizerId)}`);
  assert.deepEqual(methods.sort(), ["GET CUSTOM true", "GET NONE false", "OPTIONS NONE false", "OPTIONS NONE false"]);
});

test("an HTTP API asks about every request with payload 2.0, without an identity source and without a cache", () => {
  const template = synthesised(http);
  const [{ AuthorizerUri, ApiId, ...authorizer }, second] = ofType(template, "AWS::ApiGatewayV2::Authorizer");
  assert.equal(second, undefined);
  assert.match(JSON.stringify(AuthorizerUri), new RegExp(`:lambda:path/2015-03-31/functions/${ARN}/invocations`));
  assert.deepEqual(authorizer, {
    AuthorizerType: "REQUEST", AuthorizerPayloadFormatVersion: "2.0", AuthorizerResultTtlInSeconds: 0, EnableSimpleResponses: false, IdentitySource: [], Name: "Latchkey",
  });
  assert.deepEqual(ofType(template, "AWS::ApiGatewayV2::Route").map((route) => route.AuthorizationType), ["CUSTOM", "CUSTOM"]);
});

test("a cache has a lifetime and what it is kept for", () => {
  const [ofRest] = ofType(synthesised((stack) => rest(stack, { cache: { lifetime: Duration.minutes(1), identitySources: [IdentitySource.header("Authorization")] } })), "AWS::ApiGateway::Authorizer");
  assert.deepEqual([ofRest.AuthorizerResultTtlInSeconds, ofRest.IdentitySource], [60, "method.request.header.Authorization"]);
  const kept = { lifetime: Duration.minutes(1), identitySources: ["$request.header.Authorization"] };
  const [ofHttp] = ofType(synthesised((stack) => http(stack, { cache: kept })), "AWS::ApiGatewayV2::Authorizer");
  assert.deepEqual([ofHttp.AuthorizerResultTtlInSeconds, ofHttp.IdentitySource], [60, kept.identitySources]);
  for (const wrong of [{ cache: { ...kept, identitySources: [] } }, { cache: kept, simpleResponses: true }]) {
    assert.throws(() => synthesised((stack) => http(stack, wrong)));
  }
  assert.throws(() => synthesised((stack) => rest(stack, { cache: { lifetime: Duration.minutes(1), identitySources: [] } })));
});

test("an authorizer of one HTTP API is refused at another", () => {
  assert.throws(() => synthesised((stack) => {
    const defaultAuthorizer = new LatchkeyHttpAuthorizer({ latchkey: given(stack) });
    for (const id of ["One", "Other"]) {
      new HttpApi(stack, id, { defaultAuthorizer }).addRoutes({ path: "/", methods: [HttpMethod.GET], integration: new HttpUrlIntegration(id, "https://example.com") });
    }
  }), /of one API/);
});

test("Latchkey is found by parameter, by export or by ARN, in either mode", () => {
  const uri = (latchkey) => synthesised((stack) => {
    const api = new HttpApi(stack, "Http", { defaultAuthorizer: new LatchkeyHttpAuthorizer({ latchkey: latchkey(stack) }) });
    api.addRoutes({ path: "/", methods: [HttpMethod.GET], integration: new HttpUrlIntegration("To", "https://example.com") });
  });
  const parameters = uri((stack) => Latchkey.fromStackName(stack, "Latchkey", "auth", "function")).Parameters;
  assert.ok(Object.values(parameters).some(({ Type, Default }) => Type === "AWS::SSM::Parameter::Value<String>" && Default === "/latchkey/auth/AuthorizerFunctionModeArn"));
  assert.ok(Object.values(uri((stack) => Latchkey.fromStackName(stack, "Latchkey")).Parameters).some(({ Default }) => Default === "/latchkey/latchkey/AuthorizerArn"));
  const [imported] = ofType(uri((stack) => Latchkey.fromExport(stack, "Latchkey")), "AWS::ApiGatewayV2::Authorizer");
  assert.match(JSON.stringify(imported.AuthorizerUri), /"Fn::ImportValue":"latchkey-AuthorizerArn"/);
});

test("what is looked up is what Latchkey's template has", () => {
  const { Resources, Outputs } = built();
  for (const output of ["AuthorizerArn", "AuthorizerFunctionModeArn"]) {
    assert.deepEqual(Resources[`${output}Parameter`].Properties.Name, { "Fn::Sub": `/latchkey/\${AWS::StackName}/${output}` });
    assert.deepEqual(Outputs[output].Export.Name, { "Fn::Sub": `\${AWS::StackName}-${output}` });
  }
});

test("the guarded stack adds no permission to Latchkey's function, and AllowApisOf one for an account", () => {
  const permissions = (make) => ofType(synthesised(make), "AWS::Lambda::Permission");
  assert.deepEqual(permissions(rest), []);
  assert.deepEqual(permissions(http), []);
  const [permission] = permissions((stack) => new AllowApisOf(stack, "Partner", { latchkey: given(stack), account: "111122223333" }));
  assert.equal(permission.FunctionName, ARN);
  assert.equal(permission.Principal, "apigateway.amazonaws.com");
  assert.match(JSON.stringify(permission.SourceArn), /:111122223333:\*"/);
  assert.throws(() => synthesised((stack) => new AllowApisOf(stack, "Partner", { latchkey: given(stack), account: "*" })), /12 digits/);
});

test("API Gateway's own answers are worded as Latchkey's are", () => {
  const template = synthesised((stack) => addGatewayResponses(rest(stack), { allowedOrigin: "https://app.example.com" }));
  const wordings = Object.fromEntries(ofType(template, "AWS::ApiGateway::GatewayResponse").map((response) => [response.ResponseType, response]));
  const ours = built().Resources.Api.Properties.GatewayResponses;
  assert.deepEqual(Object.keys(wordings).sort(), Object.keys(ours).filter((type) => type !== "REQUEST_TOO_LARGE").sort());
  for (const [type, { StatusCode, ResponseTemplates, ResponseParameters }] of Object.entries(wordings)) {
    assert.equal(StatusCode, String(ours[type].StatusCode), type);
    assert.deepEqual(ResponseTemplates, ours[type].ResponseTemplates, type);
    assert.equal(ResponseParameters["gatewayresponse.header.Access-Control-Allow-Origin"], "'https://app.example.com'", type);
    assert.equal(ResponseParameters["gatewayresponse.header.Retry-After"], ours[type].ResponseParameters.Headers["Retry-After"], type);
  }
});
