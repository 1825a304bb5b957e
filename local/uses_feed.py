"""Counts the uses of keys under `sam local`, which has neither log groups nor subscriptions.

    the functions' log ──► here ──► sam local start-lambda ──► UsesCount

It replaces UsesSubscription of template.yaml: it delivers the same lines in the same form.
"""

import base64
import gzip
import json
import threading
import time
from contextlib import contextmanager
from pathlib import Path

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from settings import REGION

FUNCTION = "UsesCountFunction"
TERM = '"key_use"'  # the subscription has the same filter
MOMENT = 0.5  # seconds during which lines are collected


@contextmanager
def running(log: Path, endpoint: str):
    """Sends the functions' lines in `log` to the Lambda API at `endpoint`, until the block ends."""
    ended = threading.Event()
    thread = threading.Thread(target=_feed, args=(log, endpoint, ended), daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def _feed(log: Path, endpoint: str, ended: threading.Event) -> None:
    config = Config(retries={"total_max_attempts": 1}, read_timeout=120)  # the first call starts a container
    client = boto3.client("lambda", endpoint_url=endpoint, region_name=REGION, config=config,
                          aws_access_key_id="test", aws_secret_access_key="test")
    waiting: list[str] = []
    begun = ""  # the beginning of a line whose end is not there yet
    with log.open(errors="replace") as printed:
        while not ended.wait(MOMENT):
            *lines, begun = (begun + printed.read()).split("\n")
            waiting += [line[line.find("{"):].strip() for line in lines if TERM in line]
            if waiting and _deliver(client, waiting):
                waiting = []


def _deliver(client, lines: list[str]) -> bool:
    """Reports whether the lines were counted. If not, send all of them again: each is counted only once."""
    now = int(time.time() * 1000)
    data = {"messageType": "DATA_MESSAGE", "owner": "", "logGroup": "", "logStream": "", "subscriptionFilters": [],
            "logEvents": [{"id": str(i), "timestamp": now, "message": line} for i, line in enumerate(lines)]}
    payload = {"awslogs": {"data": base64.b64encode(gzip.compress(json.dumps(data).encode())).decode()}}
    try:
        return "FunctionError" not in client.invoke(FunctionName=FUNCTION, Payload=json.dumps(payload))
    except (BotoCoreError, ClientError):
        return False
