"""Reads the parts of an API's OpenAPI definition that API Gateway reads and the emulator ignores. SAM writes them there.

    x-amazon-apigateway-gateway-responses          how the API words its own answers
    x-amazon-apigateway-any-method                 the method ANY
    x-amazon-apigateway-integration: timeoutInMillis
"""

from ministack.services import apigateway_v1

from strict.internals import replace

ANY = "x-amazon-apigateway-any-method"


def install() -> None:
    replace(apigateway_v1, "_import_rest_api", _import_rest_api)
    replace(apigateway_v1, "_import_path_item", _import_path_item)
    replace(apigateway_v1, "_import_operation", _import_operation)


def _import_rest_api(original, spec, base_data=None):
    api_id = original(spec, base_data)
    for kind, response in (spec.get("x-amazon-apigateway-gateway-responses") or {}).items():
        # CloudFormation leaves out a property with AWS::NoValue. ministack makes it an empty text.
        headers = {name: source for name, source in response.get("responseParameters", {}).items() if source}
        status, _, body = apigateway_v1._put_gateway_response(api_id, kind, response | {"responseParameters": headers})
        if status >= 400:
            raise ValueError(f"gateway response {kind}: {body!r}")
    return api_id


def _import_path_item(original, api_id, path, path_item, *others):
    original(api_id, path, path_item, *others)
    if ANY in path_item:
        resource_id = next(id for id, resource in apigateway_v1._resources[api_id].items() if resource["path"] == path)
        apigateway_v1._import_operation(api_id, resource_id, "ANY", path_item[ANY], *others)


def _import_operation(original, api_id, resource_id, http_method, operation, *others):
    original(api_id, resource_id, http_method, operation, *others)
    timeout = (operation.get("x-amazon-apigateway-integration") or {}).get("timeoutInMillis")
    if timeout:
        method = apigateway_v1._resources[api_id][resource_id]["resourceMethods"][http_method]
        method["methodIntegration"]["timeoutInMillis"] = timeout
