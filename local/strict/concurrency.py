"""Row 14: concurrency belongs to the account, and a function's reservation is taken away from all other functions.

Lambda throttles a function at its reservation, and the others together at what is left, with 429 TooManyRequestsException
("Understanding Lambda function scaling", developer guide). At least 100 must be left, or all where an account has fewer, as
new ones do. The emulator counts reserved and other calls together, accepts any reservation, and ignores the template's.
"""

from ministack.core import responses
from ministack.services import lambda_svc
from ministack.services.cloudformation import provisioners

from strict import switch
from strict.internals import replace, replace_item

LEFT = 100  # for the functions without a reservation


def install() -> None:
    replace(lambda_svc, "_acquire_execution_slot", _acquire)
    replace(lambda_svc, "_throttle_response", _throttle)
    replace(lambda_svc, "handle_request", _handle)
    replace(lambda_svc, "_put_function_concurrency", _reserve)
    handlers = provisioners._RESOURCE_HANDLERS["AWS::Lambda::Function"]
    replace_item(handlers, "create", lambda create, logical_id, properties, *others: _made(
        create(logical_id, properties, *others), properties))
    replace_item(handlers, "update", lambda update, physical_id, old, new, *others, **named: _made(
        update(physical_id, old, new, *others, **named), new))


def limit(executions: int | None = None) -> int:
    """Returns the account's limit. If one is given, sets it first."""
    if executions is not None:
        lambda_svc._ACCOUNT_CONCURRENCY_CAP = executions
    return lambda_svc._ACCOUNT_CONCURRENCY_CAP


def _reservations() -> dict[str, int]:
    return {name: record["concurrency"] for name, record in lambda_svc._functions.items() if record.get("concurrency") is not None}


def _acquire(_original, function, config):
    reserved, name = _reservations(), config["FunctionName"]
    key = lambda_svc._inflight_key(config)
    with lambda_svc._inflight_lock:
        if switch.on("14"):
            running = {key.rpartition(":")[2]: count for key, count in lambda_svc._inflight.items()}
            others = sum(count for other, count in running.items() if other not in reserved)
            if name in reserved and running.get(name, 0) >= reserved[name]:
                return None, "function"
            if name not in reserved and others >= limit() - sum(reserved.values()):
                return None, "account"
        lambda_svc._inflight[key] = lambda_svc._inflight.get(key, 0) + 1
        lambda_svc._inflight_total += 1
    return key, None


def _throttle(original, reason_code, msg, retry_after=1):
    return original(reason_code, "Rate Exceeded.", retry_after)


async def _handle(original, *request):
    answer = await original(*request)
    if answer[0] == 429:
        answer[1]["x-amzn-ErrorType"] = "TooManyRequestsException"
    return answer


def _reserve(original, function, data):
    left = limit() - data["ReservedConcurrentExecutions"] - sum(
        reserved for name, reserved in _reservations().items() if name != function)
    least = min(LEFT, limit())
    if switch.on("14") and data["ReservedConcurrentExecutions"] and left < least:
        return responses.error_response_json(
            "InvalidParameterValueException", "Specified ReservedConcurrentExecutions for function decreases account's "
            f"UnreservedConcurrentExecution below its minimum value of [{least}].", 400)
    return original(function, data)


def _made(function, properties):
    """Reserves the template's concurrency for a function that CloudFormation has created or changed."""
    name, wanted = function[0], properties.get("ReservedConcurrentExecutions")
    if wanted is None:
        lambda_svc._delete_function_concurrency(name)
        return function
    status, _, body = lambda_svc._put_function_concurrency(name, {"ReservedConcurrentExecutions": int(wanted)})
    if status >= 400:
        raise ValueError(body.decode())
    return function
