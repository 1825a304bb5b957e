"""Counts the uses of keys under `sam local`, which has neither log groups nor subscriptions.

    the functions' log ──► here ──► sam local start-lambda ──► UsesCount

Stands for the subscription UsesSubscription of template.yaml: the same lines, in the same envelope.
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
TERM = '"key_use"'  # as the subscription filters
MOMENT = 0.5  # seconds for which lines are gathered


@contextmanager
def running(log: Path, endpoint: str):
    """Hands on what the functions print into `log`, to the Lambda API at `endpoint`, for as long as the block lasts."""
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
    begun = ""  # a line that is not wholly there
    with log.open(errors="replace") as printed:
        while not ended.wait(MOMENT):
            *lines, begun = (begun + printed.read()).split("\n")
            waiting += [line[line.find("{"):].strip() for line in lines if TERM in line]
            if waiting and _deliver(client, waiting):
                waiting = []


def _deliver(client, lines: list[str]) -> bool:
    """Reports whether they are counted. If not, all of them may come again: each is counted once."""
    now = int(time.time() * 1000)
    data = {"messageType": "DATA_MESSAGE", "owner": "", "logGroup": "", "logStream": "", "subscriptionFilters": [],
            "logEvents": [{"id": str(i), "timestamp": now, "message": line} for i, line in enumerate(lines)]}
    payload = {"awslogs": {"data": base64.b64encode(gzip.compress(json.dumps(data).encode())).decode()}}
    try:
        return "FunctionError" not in client.invoke(FunctionName=FUNCTION, Payload=json.dumps(payload))
    except (BotoCoreError, ClientError):
        return False
