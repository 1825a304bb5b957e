"""Redeploys a running stack that signs with HS256 so that it signs with a key pair, and runs tests/keypair against it."""

import json
import urllib.request

import deploy
import gotest
import start
from gotest import Totals
from settings import STACK_NAME, Stack, aws_environment

ALGORITHMS = ("RS256", "ES256")  # in this order: a JWT authorizer keeps the keys for two hours, here as on AWS
ACCEPTED = {"AcceptedAlgorithm": "HS256"}  # a deployment keeps a parameter that is not given
RESOURCE = "https://campaigns.example.com"
PACKAGE = ["-tags", "e2e", "-count=1", "./tests/keypair/"]


def prove(stack: Stack, values: dict[str, str], example: str) -> Totals:
    """`values` are those of the running stack, with the parameters that it was deployed with in LATCHKEY_PARAMETERS.
    `example` is the address of the example, which becomes a resource that clients can ask a token for."""
    parameters = dict(pair.split("=", 1) for pair in values["LATCHKEY_PARAMETERS"].split())
    parameters["Resources"] += f",{_example_stage(stack)}={RESOURCE}"
    totals = Totals()
    for number, algorithm in enumerate(ALGORITHMS):
        if number:
            values = start.bring_up(stack, parameters | ACCEPTED | {"SigningAlgorithm": "HS256"})  # the pair before goes
        before = _log_in(values)
        values = start.bring_up(stack, parameters | ACCEPTED | {"SigningAlgorithm": algorithm})
        totals.add(gotest.run(PACKAGE, aws_environment(stack.endpoint) | values | {
            "OLD_TOKEN": before, "ALGORITHM": algorithm, "HTTP_API_URL": _http_api(stack, values["API_URL"]),
            "EXAMPLE_API_URL": example, "EXAMPLE_RESOURCE": RESOURCE}))
    return totals


def _example_stage(stack: Stack) -> str:
    described = deploy.client(stack, "cloudformation").describe_stack_resources(StackName="campaigns")["StackResources"]
    return next(one["PhysicalResourceId"] for one in described if one["ResourceType"] == "AWS::ApiGateway::RestApi") + "/prod"


def _log_in(values: dict[str, str]) -> str:
    who = json.dumps({"email": values["ADMIN_EMAIL"], "password": values["ADMIN_PASSWORD"]}).encode()
    request = urllib.request.Request(f"{values['API_URL']}/v1/auth/login", data=who, headers={"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=30) as response:
        return json.load(response)["token"]


def _http_api(stack: Stack, issuer: str) -> str:
    """Makes an HTTP API whose own JWT authorizer stands before a function. Returns the address of its one route."""
    pages = deploy.client(stack, "lambda").get_paginator("list_functions").paginate()
    found = [one for page in pages for one in page["Functions"]]
    function = next(one["FunctionArn"] for one in found if one["FunctionName"].startswith(f"{STACK_NAME}-HealthFunction-"))
    gateway = deploy.client(stack, "apigatewayv2")
    api = gateway.create_api(Name="verifies-tokens", ProtocolType="HTTP")["ApiId"]
    integration = gateway.create_integration(
        ApiId=api, IntegrationType="AWS_PROXY", IntegrationUri=function, PayloadFormatVersion="2.0")["IntegrationId"]
    authorizer = gateway.create_authorizer(
        ApiId=api, AuthorizerType="JWT", Name="tokens", IdentitySource=["$request.header.Authorization"],
        JwtConfiguration={"Issuer": issuer, "Audience": ["latchkey"]})["AuthorizerId"]
    gateway.create_route(ApiId=api, RouteKey="GET /", Target=f"integrations/{integration}",
                         AuthorizationType="JWT", AuthorizerId=authorizer)
    gateway.create_stage(ApiId=api, StageName="$default", AutoDeploy=True)
    return f"{stack.endpoint}/_aws/execute-api/{api}/$default/"
