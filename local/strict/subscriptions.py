"""Row 22: CloudWatch Logs gives the lines of a log group to a function in batches, and repeats some of them.

    CloudWatch Logs and Lambda                                               the emulator alone
    a batch has the lines that one stream got within a moment                a batch has the lines of one invocation
    a batch is an asynchronous invocation: Lambda repeats it after an        one attempt
    error, and sometimes without an error (developer guide,
    "Asynchronous invocation")
    Lambda repeats a throttled one for up to six hours                       three attempts in three seconds
    a delivery that is not confirmed is tried again for a day, and the       one attempt
    user guide does not promise the same batch ("Subscriptions")
    the function's policy must allow the call, or it does not happen         no policy is needed

Here the second half of every fourth batch is delivered again, before the lines that follow it. On Lambda each process has its
own machine, and here they share one. So the lines of a stream wait until the batch before them is done: else a burst of calls
would be followed by hundreds of processes that count them.
"""

import base64
import gzip
import json
import logging
import threading
import time
from uuid import uuid4

from ministack.core import responses
from ministack.services import cloudwatch_logs, lambda_svc

from strict import function_policy, switch
from strict.internals import replace

MOMENT = 0.25  # seconds
REPEATED = 4  # each fourth batch is partly repeated
ATTEMPTS = 3
FIRST_PAUSE = 1  # seconds; on AWS a minute
CALLER = "logs.amazonaws.com"

logger = logging.getLogger("logs")

_lock = threading.Lock()
_waiting: dict[tuple, list[dict]] = {}  # lines by account, region, group, stream and filter; while a batch of them is under way too
_batches = 0


def install() -> None:
    replace(cloudwatch_logs, "_fanout_to_subscription_filters", _fanout)


def _fanout(original, group, stream, events):
    if not switch.on("22"):
        return original(group, stream, events)
    for name, subscription in (cloudwatch_logs._log_groups[group].get("subscriptionFilters") or {}).items():
        lines = [{"id": uuid4().hex, "timestamp": event["timestamp"], "message": event["message"]} for event in events
                 if cloudwatch_logs._subscription_pattern_matches(subscription["filterPattern"], event["message"])]
        _wait((responses.get_account_id(), responses.get_region(), group, stream, name), lines)


def _wait(source: tuple, lines: list[dict]) -> None:
    """For more lines, or the end of the moment and of the batch before."""
    if not lines:
        return
    with _lock:
        first = source not in _waiting
        _waiting.setdefault(source, []).extend(lines)
    if first:
        threading.Thread(target=_deliver, args=[source], daemon=True).start()


def _deliver(source: tuple) -> None:
    """Until no line waits."""
    while True:
        time.sleep(MOMENT)
        with _lock:
            lines = _waiting[source]
            if not lines:
                del _waiting[source]
                return
            _waiting[source] = []
        _deliver_batch(source, lines)


def _deliver_batch(source: tuple, lines: list[dict]) -> None:
    global _batches
    account, region, group, stream, name = source
    try:
        with responses.request_scope(account, region):
            _invoke(group, stream, name, lines)
    except Exception:
        logger.exception("a subscription's lines are not delivered")
    with _lock:
        _batches += 1
        if _batches % REPEATED == 0:
            _waiting[source] = lines[len(lines) // 2:] + _waiting[source]


def _invoke(group: str, stream: str, name: str, lines: list[dict]) -> None:
    subscription = cloudwatch_logs._log_groups[group]["subscriptionFilters"][name]
    record, config, _ = lambda_svc._get_func_record_for_ref(subscription["destinationArn"])
    if record is None or not function_policy.allows(record, config, CALLER, cloudwatch_logs._log_groups[group]["arn"]):
        logger.error("%s is not handed on: the function is not there, or its policy does not let %s call it", group, CALLER)
        return
    data = {"messageType": "DATA_MESSAGE", "owner": responses.get_account_id(), "logGroup": group, "logStream": stream,
            "subscriptionFilters": [name], "logEvents": lines}
    zipped = gzip.compress(json.dumps(data).encode())
    _call(record, {"awslogs": {"data": base64.b64encode(zipped).decode()}})


def _call(record, event) -> None:
    """Being throttled is no attempt."""
    attempts = 0
    while attempts < ATTEMPTS:
        result = lambda_svc._execute_function(record, event)
        if not result.get("error"):
            return
        attempts += 0 if result.get("throttle") else 1
        time.sleep(FIRST_PAUSE * max(1, attempts))
    logger.error("a batch is given up after %d attempts", ATTEMPTS)
