"""Rows 7, 8, 10 and 17: functions reach DynamoDB through a proxy that conflicts, throttles and lags as Amazon's does.

    function ──► tests/strictdynamo (Go) ──► the emulator

The proxy is a process of its own: it must not slow the emulator's one process down. It ends with the emulator.
"""

import json
import os
import subprocess
import threading
import time
import urllib.error
import urllib.request

from ministack.services import dynamodb

from strict import switch
from strict.internals import replace

ROWS = ("7", "8", "10")  # the proxy's own; row 17 is here
DELETION_LAG = 3600  # seconds
REAPER = "dynamodb-ttl-reaper"  # the emulator's thread that deletes what has expired

_proxy: subprocess.Popen
_address: str


def start(binary: str) -> None:
    """Starts the proxy, and has the emulator hand its address to functions, whose SDK prefers it to AWS_ENDPOINT_URL."""
    global _proxy, _address
    _proxy = subprocess.Popen([binary, "-backend", os.environ["AWS_ENDPOINT_URL"]], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    _address = _proxy.stdout.readline().decode().strip()
    if not _address:
        raise RuntimeError("the proxy before DynamoDB did not start")
    os.environ["AWS_ENDPOINT_URL_DYNAMODB"] = _address


def install() -> None:
    replace(dynamodb, "_remove_item", _remove_late)


def _remove_late(original, table, pk, sk):
    """Row 17: DynamoDB deletes what has expired some time later, up to days; ministack within the minute, so that a
    request with an expired key would be answered now one way, now the other. Here it stays until expire() or for long."""
    expired = table["items"].get(pk, {}).get(sk, {}).get("expires_at", {}).get("N", "0")
    reaped = threading.current_thread().name == REAPER and switch.on("17")
    if not reaped or float(expired) < time.time() - DELETION_LAG:
        return original(table, pk, sk)


def address() -> str:
    return _address


def turn(row: str, strict: bool) -> None:
    if row in ROWS:
        ask("PUT", "", json.dumps({"rows": {row: strict}}).encode())


def ask(method: str, path: str, body: bytes) -> tuple[int, bytes]:
    """Calls the proxy's control: status and body of its answer."""
    request = urllib.request.Request(f"{_address}/_strict{path}", data=body or None, method=method)
    try:
        with urllib.request.urlopen(request, timeout=60) as response:
            return response.status, response.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()
