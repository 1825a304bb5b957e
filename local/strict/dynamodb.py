"""Rows 7, 8, 10 and 17: functions reach DynamoDB through a proxy. It causes conflicts, throttles and lags, as on AWS.

    function ──► tests/strictdynamo (Go) ──► the emulator

The proxy is a separate process, so that it does not slow the emulator down, which is one process. It ends with the emulator.
"""

import asyncio
import json
import os
import subprocess
import threading
import time
import urllib.parse
import urllib.request

from ministack.services import dynamodb

from strict import switch
from strict.internals import replace

ROWS = ("7", "8", "10")  # the proxy switches these itself; row 17 is in this file
DELETION_LAG = 3600  # seconds
REAPER = "dynamodb-ttl-reaper"  # the emulator's thread that deletes expired items

_proxy: subprocess.Popen
_address: str


def install() -> None:
    """Starts the proxy, and gives its address to functions in a variable that their SDK prefers to AWS_ENDPOINT_URL."""
    global _proxy, _address
    command = [os.environ.pop("LATCHKEY_STRICT_DYNAMODB"), "-backend", os.environ["AWS_ENDPOINT_URL"]]
    _proxy = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    _address = _proxy.stdout.readline().decode().strip()
    if not _address:
        raise RuntimeError("the proxy before DynamoDB did not start")
    os.environ["AWS_ENDPOINT_URL_DYNAMODB"] = _address
    replace(dynamodb, "_remove_item", _remove_late)


def _remove_late(original, table, pk, sk):
    """Row 17: DynamoDB deletes expired items up to days later. ministack deletes them within a minute, so the answer to
    a request with an expired key would depend on luck. Here they stay until expire(), or for an hour."""
    expired = table["items"].get(pk, {}).get(sk, {}).get("expires_at", {}).get("N", "0")
    reaped = threading.current_thread().name == REAPER and switch.on("17")
    if not reaped or float(expired) < time.time() - DELETION_LAG:
        return original(table, pk, sk)


def address() -> str:
    return _address


async def turn(row: str, strict: bool) -> None:
    if row in ROWS:
        await settings({"rows": {row: strict}})


async def settings(wanted: dict) -> dict:
    """Changes the settings that `wanted` names. Returns all settings."""
    return await _ask("PUT", "", wanted) if wanted else await _ask("GET", "")


async def expire(wanted: dict) -> dict:
    """Row 17: deletes the expired items of a table. If the row is off, only the emulator deletes them."""
    if not switch.on("17"):
        return {"deleted": 0}
    return await _ask("POST", "/expire?" + urllib.parse.urlencode(wanted))


async def _ask(method: str, path: str, body: dict | None = None) -> dict:
    """Calls the proxy's control, which may in turn call the emulator."""
    request = urllib.request.Request(f"{_address}/_strict{path}", data=json.dumps(body).encode() if body else None, method=method)

    def call() -> dict:
        with urllib.request.urlopen(request, timeout=60) as response:
            return json.load(response)

    return await asyncio.to_thread(call)
