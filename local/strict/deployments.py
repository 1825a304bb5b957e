"""Rows 5 and 6: a stage serves its own deployment, and SAM makes a new deployment when it sees a change.

On AWS:

- CloudFormation changes an API in place, and the API keeps its id (PutRestApi in the mode "overwrite"). Each stage goes on
  serving its old deployment until it gets a new one.
- SAM makes a new deployment when the text of the API's definition in the template changes. A parameter that gets another value
  changes nothing in that text. With AlwaysDeploy, SAM makes a deployment each time (serverless-application-model#914).
- A deployment that names a stage creates that stage. SAM's deployment names a second one, "Stage", unless OpenApiVersion is
  set (serverless-application-model#191). The emulator runs SAM's own transform, so it has that stage too. It answers there
  only while row 6 is on.

The emulator alone makes a new API when the definition changes, and a stage serves the definition instead of its deployment.

Here a deployment is a copy of the API's resources. It is kept among them under the name "<api>@<deployment>". Authorizers are
added and never removed, because an old deployment may still name one.
"""

import copy
import json
from contextvars import ContextVar

from ministack.services import apigateway_v1
from ministack.services.cloudformation import provisioners

from strict import switch
from strict.internals import replace, replace_item

SAMS_OTHER_STAGE = "Stage"

_deployment = ContextVar("the deployment that the request at hand is served from", default=None)


def install() -> None:
    replace_item(provisioners._RESOURCE_HANDLERS["AWS::ApiGateway::RestApi"], "update", _update)
    replace(apigateway_v1, "_create_deployment", _create_deployment)
    replace(apigateway_v1, "_delete_deployment", _delete_deployment)
    replace(apigateway_v1, "_update_authorizer", _update_authorizer)
    replace(apigateway_v1, "_handle_execute_in_scope", _execute)
    replace(apigateway_v1, "_match_resource_tree", _of_the_deployment)
    replace(apigateway_v1, "_match_greedy_fallback", _of_the_deployment)


def _update(original, physical_id, old_props, new_props, stack_name, logical_id=None):
    if not switch.on("5") or new_props.get("Body") == old_props.get("Body"):
        return original(physical_id, old_props, new_props, stack_name, logical_id)
    made, _ = provisioners._apigw_rest_api_create(logical_id or physical_id, new_props, stack_name)
    for store in (apigateway_v1._resources, apigateway_v1._gateway_responses, apigateway_v1._models):
        store[physical_id] = store.get(made)
    apigateway_v1._authorizers_v1[physical_id].update(apigateway_v1._authorizers_v1.get(made))
    kept = {name: apigateway_v1._rest_apis[physical_id][name] for name in ("id", "createdDate")}
    apigateway_v1._rest_apis[physical_id] = apigateway_v1._rest_apis[made] | kept
    apigateway_v1._delete_rest_api(made)
    return physical_id, provisioners._apigw_rest_api_attrs(physical_id)


def _create_deployment(original, api_id, data):
    status, headers, body = original(api_id, data)
    if status < 400:
        apigateway_v1._resources[_copy_of(api_id, json.loads(body)["id"])] = copy.deepcopy(apigateway_v1._resources.get(api_id))
    return status, headers, body


def _delete_deployment(original, api_id, deployment_id):
    apigateway_v1._resources.pop(_copy_of(api_id, deployment_id), None)
    return original(api_id, deployment_id)


async def _execute(original, api_id, stage_name, *others):
    if stage_name == SAMS_OTHER_STAGE and not switch.on("6"):
        return 403, {"Content-Type": "application/json"}, b'{"message":"Forbidden"}'
    stage = apigateway_v1._stages_v1.get(api_id, {}).get(stage_name) or {}
    _deployment.set(stage.get("deploymentId"))
    return await original(api_id, stage_name, *others)


def _of_the_deployment(original, api_id, *others):
    deployed = _copy_of(api_id, _deployment.get())
    return original(deployed if switch.on("5") and deployed in apigateway_v1._resources else api_id, *others)


def _copy_of(api_id: str, deployment_id: str | None) -> str:
    return f"{api_id}@{deployment_id}"


def _update_authorizer(original, api_id, auth_id, data):
    """A patch has its values as text, and the emulator would keep that."""
    for operation in data.get("patchOperations", []):
        if operation.get("path") == "/authorizerResultTtlInSeconds":
            operation["value"] = int(operation["value"])
    return original(api_id, auth_id, data)
