"""Redeploys a running stack that signs with HS256 so that it signs with a key pair, and runs tests/keypair against it."""

import json
import urllib.request

import gotest
import start
from gotest import Totals
from settings import Stack, aws_environment

SWITCH = {"SigningAlgorithm": "ES256", "AcceptedAlgorithm": "HS256"}
PACKAGE = ["-tags", "e2e", "-count=1", "./tests/keypair/"]


def prove(stack: Stack, values: dict[str, str]) -> Totals:
    """`values` are those of the running stack, with the parameters that it was deployed with in LATCHKEY_PARAMETERS."""
    before = _log_in(values)
    parameters = dict(pair.split("=", 1) for pair in values["LATCHKEY_PARAMETERS"].split())
    values = start.bring_up(stack, parameters | SWITCH)
    return gotest.run(PACKAGE, aws_environment(stack.endpoint) | values | {"OLD_TOKEN": before})


def _log_in(values: dict[str, str]) -> str:
    who = json.dumps({"email": values["ADMIN_EMAIL"], "password": values["ADMIN_PASSWORD"]}).encode()
    request = urllib.request.Request(f"{values['API_URL']}/v1/auth/login", data=who, headers={"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=30) as response:
        return json.load(response)["token"]
