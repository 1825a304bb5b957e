"""HTTP APIs out of a template, row "http": the emulator takes neither routes nor authorizers from their OpenAPI definition.

SAM puts both into the definition of an AWS::ApiGatewayV2::Api (developer guide, "OpenAPI extensions for API Gateway"). A
Lambda authorizer without identity sources has none, and is asked for every request (the same, "Control access to HTTP APIs with
AWS Lambda authorizers"); the emulator gives it the header Authorization. The source address is the peer's.
"""

import json

from ministack.services import apigateway
from ministack.services.cloudformation import provisioners

from strict import request, switch
from strict.internals import replace, replace_item

METHODS = {"delete", "get", "head", "options", "patch", "post", "put"}
ANY = "x-amazon-apigateway-any-method"


def install() -> None:
    api = provisioners._RESOURCE_HANDLERS["AWS::ApiGatewayV2::Api"]
    replace_item(api, "create", _create)
    replace_item(api, "update", _update)
    authorizer = provisioners._RESOURCE_HANDLERS["AWS::ApiGatewayV2::Authorizer"]
    replace_item(authorizer, "create", lambda original, id, props, *others: original(id, _with_sources(props), *others))
    replace_item(authorizer, "update",
                 lambda original, id, old, new, *others: original(id, _with_sources(old), _with_sources(new), *others))
    replace(apigateway, "_match_route", lambda original, *arguments: original(*arguments) if switch.on("http") else None)
    replace(apigateway, "_invoke_request_authorizer_lambda", _authorize)


def _create(original, logical_id, props, stack_name):
    api_id, attributes = original(logical_id, props, stack_name)
    _import(api_id, props.get("Body") or {})
    return api_id, attributes


def _update(original, physical_id, old_props, new_props, *others):
    api_id, attributes = original(physical_id, old_props, new_props, *others)
    if new_props.get("Body") != old_props.get("Body"):
        for store in (apigateway._routes, apigateway._integrations, apigateway._authorizers):
            store[api_id] = {}
        _import(api_id, new_props.get("Body") or {})
    return api_id, attributes


def _with_sources(props: dict) -> dict:
    return {"IdentitySource": []} | props if props.get("AuthorizerType") == "REQUEST" else props


def _import(api_id: str, spec: dict) -> None:
    authorizers = _import_authorizers(api_id, (spec.get("components") or {}).get("securitySchemes") or {})
    for path, item in (spec.get("paths") or {}).items():
        for method, operation in item.items():
            if method in METHODS or method == ANY:
                key = "$default" if path.strip("/") == "$default" else f"{'ANY' if method == ANY else method.upper()} {path}"
                names = [name for requirement in operation.get("security") or [] for name in requirement]
                guard = next((authorizers[name] for name in names if name in authorizers), {})
                _made(apigateway._create_route(api_id, {"routeKey": key, "target": _import_integration(api_id, operation)} | guard))


def _import_integration(api_id: str, operation: dict) -> str:
    integration = operation["x-amazon-apigateway-integration"]
    made = _made(apigateway._create_integration(api_id, {
        "integrationType": integration["type"].upper(), "integrationUri": integration["uri"],
        "payloadFormatVersion": integration.get("payloadFormatVersion", "1.0")}))
    return f"integrations/{made['integrationId']}"


def _import_authorizers(api_id: str, schemes: dict) -> dict[str, dict]:
    """The authorizer of each security scheme that a route can name."""
    guards = {}
    for name, scheme in schemes.items():
        said = scheme.get("x-amazon-apigateway-authorizer") or {}
        if said.get("type") not in ("request", "jwt"):
            continue
        sources = said.get("identitySource") or []
        made = _made(apigateway._create_authorizer(api_id, {
            "name": name, "authorizerType": said["type"].upper(), "authorizerUri": said.get("authorizerUri", ""),
            "identitySource": sources if isinstance(sources, list) else [source.strip() for source in sources.split(",")],
            "authorizerPayloadFormatVersion": said.get("authorizerPayloadFormatVersion", "1.0"),
            "authorizerResultTtlInSeconds": said.get("authorizerResultTtlInSeconds", 300 if sources else 0),
            "enableSimpleResponses": said.get("enableSimpleResponses", False),
            "jwtConfiguration": said.get("jwtConfiguration") or {}}))
        guards[name] = {"authorizationType": "JWT" if said["type"] == "jwt" else "CUSTOM", "authorizerId": made["authorizerId"]}
    return guards


def _made(answer) -> dict:
    status, _, body = answer
    if status >= 400:
        raise ValueError(f"an HTTP API's definition: {body!r}")
    return json.loads(body)


async def _authorize(original, authorizer, event, *others):
    if "http" in event["requestContext"]:
        event["requestContext"]["http"]["sourceIp"] = request.current.get().address
    return await original(authorizer, event, *others)
