"""Runs ministack with changes that it has no setting for: here to make it usable, in strict/ to make it as strict as AWS.

Started by stack.py with ministack's own Python and environment; the settings that ministack does have are there.
The functions replaced are internal to the version that strict/internals.py names.
"""

import gc
import logging
import os
import signal
import socket
import socketserver
import threading
import time
from contextlib import suppress

import yaml
from ministack import app
from ministack.core import persistence
from ministack.services.cloudformation import engine
from samtranslator.swagger import swagger

from strict import (
    authorizer_failures,
    concurrency,
    control,
    control_plane,
    deployments,
    dynamodb,
    event,
    function_policy,
    http_api,
    iam,
    integration_failures,
    internals,
    limits,
    listeners,
    method_override,
    openapi_import,
    request,
    response_headers,
    sandbox,
    secrets,
    ses,
    short_address,
    streams,
    subscriptions,
    table,
    templates,
    unknown_paths,
)

# The modules that are as strict as AWS, in the order of the rows of docs/aws.md. A later one wraps an earlier one.
STRICT = (templates, iam, ses, openapi_import, request, event, response_headers, authorizer_failures, integration_failures, unknown_paths,
          deployments, dynamodb, function_policy, concurrency, control_plane, limits, method_override, http_api, subscriptions, streams)

SAVE_EVERY = 10  # seconds, or longer:
SAVE_SHARE = 100  # times the duration of a save, because requests wait during a save
DATA = ("dynamodb", "secretsmanager")  # the services whose data changes between deployments


def answer_at_once() -> None:
    """Each call to a function crosses a socket twice; Nagle's algorithm would hold each crossing for 40 ms."""
    socketserver.StreamRequestHandler.disable_nagle_algorithm = True


def sleep_until_called() -> None:
    """Each process of a function has a server in the emulator, which looks ten times a second whether it must end, and waits for Python's
    lock each time. 200 of them took a fortieth of a core. Here the end wakes it."""
    serve, end = socketserver.BaseServer.serve_forever, socketserver.BaseServer.shutdown

    def shutdown(server) -> None:
        server._BaseServer__shutdown_request = True
        with suppress(OSError):
            socket.create_connection(server.server_address, timeout=1).close()
        end(server)

    socketserver.BaseServer.serve_forever = lambda server, poll_interval=None: serve(server, poll_interval=None)
    socketserver.BaseServer.shutdown = shutdown


def read_templates_quickly() -> None:
    """The emulator answers nothing while it reads a template, and two parts of that take over a second for ours: a YAML parser in Python,
    and SAM, which copies an API's document twice for each route. It changes only its copy, so here it changes the document itself."""

    class Loader(yaml.CSafeLoader):
        yaml_constructors = engine.CfnLoader.yaml_constructors

    engine.CfnLoader = Loader
    swagger._deepcopy = lambda document: document


def save_without_shutdown() -> None:
    """ministack saves its state when it stops. We also save it all on SIGUSR1 (sent after a deployment) and the
    data every few seconds, so that after a kill -9 or a power cut at most the last seconds are gone."""
    if not persistence.PERSIST_STATE:
        return
    logging.getLogger("persistence").setLevel(logging.WARNING)  # it would log a line for each file and save
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


def collect_garbage_seldom() -> None:
    """Python looks for garbage in all that it has, which here is every template and function, after each few thousand new objects.
    That was an eighth of the emulator's time."""
    gc.set_threshold(50_000, 50, 100)


def main() -> None:
    internals.check_version()
    collect_garbage_seldom()
    answer_at_once()
    sleep_until_called()
    read_templates_quickly()
    save_without_shutdown()
    for concern in STRICT:
        concern.install()
    secrets.install()
    table.install()
    sandbox.install(log_file=os.environ.pop("LATCHKEY_FUNCTION_LOG"))
    listeners.install(app.app)
    app.app = control.wrap(request.wrap(short_address.wrap(app.app)))
    app.main()


if __name__ == "__main__":
    main()
