"""The first administrator of a local stack, and `.local/env`, which says how to reach the stack."""

import json
import os
import re
from pathlib import Path

import deploy
from console import Failure
from settings import ADMIN_EMAIL, Stack, aws_variables

# `source` and `docker --env-file` read such a value alike; quotes would be part of it for the latter.
PLAIN_VALUE = re.compile(r"[A-Za-z0-9_./:@%+=,-]*")


def seed(stack: Stack, outputs: dict[str, str], known: dict[str, str]) -> str:
    """Creates the administrator once. Returns the password: the one in `known` as long as it is theirs."""
    answer = _invoke(stack, outputs, {"email": ADMIN_EMAIL})
    password = answer.get("password") or known.get("ADMIN_PASSWORD")
    if not password:  # the data outlived the file that had the password
        password = _invoke(stack, outputs, {"email": ADMIN_EMAIL, "reset_password": True})["password"]
    return password


def variables(stack: Stack, outputs: dict[str, str], api_url: str, password: str) -> dict[str, str]:
    return {
        "API_URL": api_url,
        "ADMIN_EMAIL": ADMIN_EMAIL,
        "ADMIN_PASSWORD": password,
        "TABLE_NAME": outputs["TableName"],
    } | aws_variables(stack.endpoint)


def write_env(path: Path, values: dict[str, str]) -> None:
    odd = [name for name, value in values.items() if not PLAIN_VALUE.fullmatch(value)]
    if odd:
        raise Failure(f"{', '.join(odd)}: a value with characters that a shell would read as its own")
    text = "".join(f"{name}={value}\n" for name, value in values.items())
    fresh = path.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as out:
        out.write(text)
    fresh.replace(path)


def read_env(path: Path) -> dict[str, str]:
    if not path.exists():
        return {}
    return dict(line.split("=", 1) for line in path.read_text().splitlines() if "=" in line)


def _invoke(stack: Stack, outputs: dict[str, str], payload: dict) -> dict:
    answer = deploy.client(stack, "lambda").invoke(
        FunctionName=outputs["AdminBootstrapFunctionName"], Payload=json.dumps(payload))
    body = answer["Payload"].read().decode()
    if answer.get("FunctionError"):
        raise Failure(f"creating the administrator failed: {body} (the functions' log is {stack.function_log})")
    return json.loads(body)
