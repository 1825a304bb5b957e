"""The first administrator of a local stack, and how to reach the stack."""

import json

import deploy
from console import Failure
from settings import ADMIN_EMAIL, Stack, aws_variables


def seed(stack: Stack, outputs: dict[str, str], known: dict[str, str]) -> str:
    """Creates the administrator once. Returns the password: the one in `known` if it is still right."""
    answer = _invoke(stack, outputs, {"email": ADMIN_EMAIL})
    password = answer.get("password") or known.get("ADMIN_PASSWORD")
    if not password:  # the file with the password is gone, but the data is still there
        password = _invoke(stack, outputs, {"email": ADMIN_EMAIL, "reset_password": True})["password"]
    return password


def variables(stack: Stack, outputs: dict[str, str], api_url: str, password: str) -> dict[str, str]:
    return {
        "API_URL": api_url,
        "LATCHKEY_URL": api_url,  # read by the command line
        "ADMIN_EMAIL": ADMIN_EMAIL,
        "ADMIN_PASSWORD": password,
        "TABLE_NAME": outputs["TableName"],
    } | {name.upper(): outputs[name] for name in ("Issuer", "Audience") if name in outputs} | aws_variables(stack.endpoint)


def _invoke(stack: Stack, outputs: dict[str, str], payload: dict) -> dict:
    answer = deploy.client(stack, "lambda").invoke(
        FunctionName=outputs["AdminBootstrapFunctionName"], Payload=json.dumps(payload))
    body = answer["Payload"].read().decode()
    if answer.get("FunctionError"):
        raise Failure(f"creating the administrator failed: {body} (the functions' log is {stack.function_log})")
    return json.loads(body)
