"""Row 13: a function's resource policy has at most 20 KB, and API Gateway needs a statement of it to call the function.

    AddPermission beyond 20,480 bytes    400 PolicyLengthExceededException (helix-deploy#24, terraform-aws-datadog#61); the
                                         emulator goes on
    an API calls a function that does    500, as API_CONFIGURATION_ERROR or AUTHORIZER_CONFIGURATION_ERROR ("Invalid permissions
    not let it                           on Lambda function"); the emulator calls it. In force with the rest of IAM.
"""

import json

from ministack.core import iam_evaluator, responses
from ministack.services import apigateway, apigateway_v1, lambda_svc

from strict import switch
from strict.internals import replace

LIMIT = 20480  # bytes
CALLER = "apigateway.amazonaws.com"


def install() -> None:
    replace(lambda_svc, "_add_permission", _add_permission)
    replace(apigateway_v1, "_call_lambda_raw", _call_function)
    replace(apigateway_v1, "_invoke_authorizer_lambda", _call_authorizer)
    replace(apigateway, "_invoke_request_authorizer_lambda", _call_authorizer)


def _add_permission(original, function, *arguments, **named):
    answer = original(function, *arguments, **named)
    if answer[0] >= 400 or not switch.on("13"):
        return answer
    policy = lambda_svc._functions[function]["policy"]
    size = len(json.dumps(policy, separators=(",", ":")))
    if size <= LIMIT:
        return answer
    policy["Statement"].pop()
    return responses.error_response_json(
        "PolicyLengthExceededException", f"The final policy size ({size}) is bigger than the limit ({LIMIT}).", 400)


async def _call_function(original, function, event, **scope):
    request = event["requestContext"]
    source = f"{request['apiId']}/{request['stage']}/{request['httpMethod']}{request['resourcePath']}"
    if not _allows(function, source, **scope):
        return None, "Invalid permissions on Lambda function"
    return await original(function, event, **scope)


async def _call_authorizer(original, authorizer, event, account_id, region):
    """The emulator returns None for a function that does not exist. API Gateway gives the same answer to both."""
    function = apigateway_v1._extract_lambda_ref_from_integration_uri(authorizer.get("authorizerUri", ""))
    method = event.get("methodArn") or event["routeArn"]
    source = f"{method.split(':', 5)[5].partition('/')[0]}/authorizers/{authorizer.get('id') or authorizer['authorizerId']}"
    if not _allows(function, source, account_id, region):
        return None
    return await original(authorizer, event, account_id, region)


def _allows(function: str, source: str, account_id: str, region: str) -> bool:
    """`source` is the part after the account in the ARN of the caller's method or authorizer."""
    record, config, _ = lambda_svc._get_func_record_for_ref_in_scope(function, account_id=account_id, region=region)
    return record is None or allows(record, config, CALLER, f"arn:aws:execute-api:{region}:{account_id}:{source}")


def allows(record: dict, config: dict, caller: str, source_arn: str) -> bool:
    """Reports whether the function's own policy lets a service of AWS call it on behalf of `source_arn`."""
    if not switch.on("iam"):
        return True
    account_id, region = lambda_svc._account_region_from_function_config(config)
    context = iam_evaluator.EvalContext(
        principal_arn=caller, principal_type="Service", principal_account="", action="lambda:InvokeFunction",
        resource_arn=config["FunctionArn"], region=region, service_context={
            "aws:sourcearn": source_arn, "aws:sourceaccount": account_id})
    return iam_evaluator.evaluate_resource_policy(record["policy"], context, service=caller).decision == "Allow"
