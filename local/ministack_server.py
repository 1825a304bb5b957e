"""Runs ministack with what we need and what it has no setting for: here for its use, in strict/ to be as strict as AWS.

Started by stack.py with ministack's own Python and environment; the settings that ministack does have are there.
The functions replaced are internal to the version that strict/internals.py names.
"""

import logging
import os
import signal
import socketserver
import threading
import time

from ministack import app
from ministack.core import lambda_runtime, persistence
from ministack.services import dynamodb

from strict import (
    authorizer_failures,
    control,
    control_plane,
    deployments,
    event,
    iam,
    integration_failures,
    internals,
    limits,
    method_override,
    openapi_import,
    request,
    response_headers,
    templates,
    unknown_paths,
)

# What is as strict as AWS, in the order of the rows of docs/aws.md. A later one stands before an earlier one's.
STRICT = (templates, iam, openapi_import, request, event, response_headers, authorizer_failures, integration_failures, unknown_paths,
          deployments, control_plane, limits, method_override)

SAVE_EVERY = 10  # seconds, or
SAVE_SHARE = 100  # times as long as saving takes, which holds up requests
DELETION_LAG = 3600  # seconds
DATA = ("dynamodb", "secretsmanager")  # what changes between deployments


def answer_at_once() -> None:
    """Each call to a function crosses a socket twice; Nagle's algorithm would hold each crossing for 40 ms."""
    socketserver.StreamRequestHandler.disable_nagle_algorithm = True


def keep_every_log_line(path: str) -> None:
    """Writes what functions print to one file as they print it, the function's name before each line.

    CloudWatch Logs has them too, but only with the invocation that happens to be answered next, and a line
    printed while no invocation runs may be lost. For the same reason an invocation need not wait for more lines.
    """
    worker = lambda_runtime.ProvidedWorker
    pump, drain = worker._pump_output, worker._drain_stderr_bounded
    out = open(path, "a", buffering=1)

    class Tee:
        def __init__(self, stream, name):
            self.stream, self.name = stream, name

        def readline(self):
            line = self.stream.readline()
            if line:
                out.write(f"{self.name} {line.decode(errors='replace').rstrip()}\n")
            return line

        def close(self):
            self.stream.close()

    worker._pump_output = lambda self, stream, lines: pump(self, Tee(stream, self.func_name), lines)
    worker._drain_stderr_bounded = lambda self, first_line_wait=0.002: drain(
        self, first_line_wait=first_line_wait, idle_confirm=0.001)


def expire_late() -> None:
    """DynamoDB deletes what has expired some time later, up to days; ministack within the minute, so that a request
    with an expired key would be answered now one way, now the other."""
    remove, reaper = dynamodb._remove_item, "dynamodb-ttl-reaper"

    def remove_late(table, pk, sk):
        expired = table["items"].get(pk, {}).get(sk, {}).get("expires_at", {}).get("N", "0")
        if threading.current_thread().name != reaper or float(expired) < time.time() - DELETION_LAG:
            return remove(table, pk, sk)

    dynamodb._remove_item = remove_late


def save_without_shutdown() -> None:
    """ministack saves its state when it stops. We also save it all on SIGUSR1 (sent after a deployment) and the
    data every few seconds, so that after a kill -9 or a power cut at most the last seconds are gone."""
    if not persistence.PERSIST_STATE:
        return
    logging.getLogger("persistence").setLevel(logging.WARNING)  # a line a file, each time
    one_at_a_time = threading.Lock()

    def save(*keys: str) -> None:
        with one_at_a_time:
            everything = app._build_persistence_save_dict()
            persistence.save_all({key: get for key, get in everything.items() if not keys or key in keys})

    def forever() -> None:
        took = 0.0
        while True:
            time.sleep(max(SAVE_EVERY, SAVE_SHARE * took))
            began = time.monotonic()
            save(*DATA)
            took = time.monotonic() - began

    signal.signal(signal.SIGUSR1, lambda *_: threading.Thread(target=save).start())
    threading.Thread(target=forever, daemon=True).start()


def main() -> None:
    internals.check_version()
    answer_at_once()
    keep_every_log_line(os.environ.pop("LATCHKEY_FUNCTION_LOG"))
    expire_late()
    save_without_shutdown()
    for concern in STRICT:
        concern.install()
    app.app = control.wrap(request.wrap(app.app))
    app.main()


if __name__ == "__main__":
    main()
