"""Asks Latchkey's authorizer, which runs elsewhere, before sam local runs a function.

sam local runs an authorizer only if it is a function of the template. It answers 502 where the authorizer refuses, ignores
statements that deny, and runs the function unguarded if there is no authorizer of that name. So it does not get to see these
authorizers at all: they are taken off the routes, and their context is added to the event.
"""

import copy
import json

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from flask import g, request
from samcli.local.apigw.authorizers.lambda_authorizer import LambdaAuthorizer
from samcli.local.apigw.local_apigw_service import LocalApigwService
from samcli.local.apigw.route import Route

from sam_strict import policy, refusals
from sam_strict.internals import replace

REASONS = {"none": "User is not authorized to access this resource",
           "deny": "User is not authorized to access this resource with an explicit deny in an identity-based policy"}


def install(settings: dict) -> None:
    """`settings`: "endpoint" of the Lambda API that has the authorizers, their "names", and the template's gateway "responses"."""
    guarded: dict[int, Route] = {}  # by the id of a route: the same with its authorizer
    config = Config(retries={"total_max_attempts": 1}, read_timeout=60, max_pool_connections=50)
    functions = boto3.client("lambda", endpoint_url=settings["endpoint"], region_name="us-east-1", config=config,
                             aws_access_key_id="test", aws_secret_access_key="test")

    def create(original, service):
        original(service)
        for route in service._dict_of_routes.values():
            if isinstance(route.authorizer_object, LambdaAuthorizer) and route.authorizer_object.lambda_name in settings["names"]:
                guarded[id(route)] = copy.copy(route)
                route.authorizer_object = None

    def handle(original, service, **named):
        route = guarded.get(id(service._get_current_route(request)))
        if route and not (request.method == "OPTIONS" and (route.cors if route.cors is not None else service.api.cors)):
            kind, message = _judge(service, route, functions)
            if kind:
                return refusals.answer(route, kind, message, settings["responses"])
        return original(service, **named)

    replace(LocalApigwService, "create", create)
    replace(LocalApigwService, "_request_handler", handle)
    replace(LocalApigwService, "_create_method_arn", _arn)
    replace(LocalApigwService, "_generate_lambda_event", _with_context)


def _judge(service, route: Route, functions) -> tuple[str | None, str | None]:
    """Returns the type of the refusal with its message, or None twice; then the context is in g."""
    guard = route.authorizer_object
    if not service._valid_identity_sources(request, route):
        return "UNAUTHORIZED", "Unauthorized"
    event = service._generate_lambda_authorizer_event(request, route, guard)
    try:
        answered = functions.invoke(FunctionName=guard.lambda_name, Payload=json.dumps(event))
        said = json.loads(answered["Payload"].read())
    except (BotoCoreError, ClientError, ValueError):
        return "AUTHORIZER_CONFIGURATION_ERROR", "Internal server error"
    if "FunctionError" in answered:
        refused = isinstance(said, dict) and said.get("errorMessage") == "Unauthorized" and route.event_type == Route.API
        return ("UNAUTHORIZED", "Unauthorized") if refused else ("AUTHORIZER_FAILURE", None)
    try:
        verdict, g.latchkey = policy.decide(said, _arn(None, service, request, route.event_type), guard.use_simple_response)
    except policy.Malformed:
        return "AUTHORIZER_CONFIGURATION_ERROR", "Internal server error"
    return (None, None) if verdict == "allow" else ("ACCESS_DENIED", REASONS[verdict])


def _arn(_, service, flask_request, event_type: str) -> str:
    """With the path as it was sent. sam local decodes it, so that `%2F` would be a slash to the policy."""
    path = flask_request.environ["RAW_URI"].partition("?")[0]
    return f"arn:aws:execute-api:us-east-1:123456789012:1234567890/{service.api.stage_name}/{flask_request.method}{path}"


def _with_context(original, service, flask_request, route: Route, method: str, endpoint: str) -> dict:
    event = original(service, flask_request, route, method, endpoint)
    context = g.get("latchkey")
    if context is not None:
        newer = route.event_type == Route.HTTP and route.payload_format_version in (None, "2.0")
        event["requestContext"]["authorizer"] = {"lambda": context} if newer else {name: _text(value) for name, value in context.items()}
    return event


def _text(value) -> str:
    return value if isinstance(value, str) else json.dumps(value)
