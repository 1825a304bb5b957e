"""`make test`, `make unit`, `make e2e` and `make bench`.

A step takes nothing and returns Totals; to add one, write it and name it in COMMANDS. The last line counts them all.
"""

import fcntl
import signal
import subprocess
import sys
from contextlib import contextmanager

import admin
import dynamodb_local
import gotest
import prerequisites
import stack as emulator
import start
from console import Failure, main, say
from gotest import Totals
from settings import ENV_FILE, LOCAL, ROOT, Stack, aws_environment, developer_stack, free_port, plain_environment

BLACK_BOX = ["-tags", "e2e", "-count=1", "-timeout=20m", "./tests/e2e/..."]


def vet() -> Totals:
    for tags in ("", "e2e"):
        if subprocess.run(["go", "vet", f"-tags={tags}", "./..."], cwd=ROOT).returncode:
            return Totals(failed=1)
    return Totals()


def unit() -> Totals:
    """Every Go test but the black-box suite; those that need a database get DynamoDB Local."""
    with dynamodb_local.running() as endpoint:
        return gotest.run(["./..."], plain_environment() | dynamodb_local.variables(endpoint))


def black_box() -> Totals:
    """The suite against a deployment made for it, on a port of its own, in `.local/test`."""
    prerequisites.check("linux")
    with _fresh_stack() as (stack, values):
        return gotest.run(BLACK_BOX, _black_box_environment(stack, values))


def black_box_here() -> Totals:
    """The suite against what `make start` left running."""
    stack = developer_stack()
    values = admin.read_env(ENV_FILE)
    if not values:
        raise Failure("nothing is deployed: make start")
    return gotest.run(BLACK_BOX, _black_box_environment(stack, values))


def benchmarks() -> Totals:
    with dynamodb_local.running() as endpoint:
        environment = plain_environment() | admin.read_env(ENV_FILE) | dynamodb_local.variables(endpoint)
        done = subprocess.run(["go", "test", "-run=^$", "-bench=.", "-benchmem", "-timeout=60m", "./..."], cwd=ROOT, env=environment)
    return Totals(passed=1) if done.returncode == 0 else Totals(failed=1)


COMMANDS = {
    "all": (vet, unit, black_box),
    "unit": (vet, unit),
    "e2e": (black_box_here,),
    "bench": (benchmarks,),
}


def _black_box_environment(stack: Stack, values: dict[str, str]) -> dict[str, str]:
    return aws_environment(stack.endpoint) | values | {"LATCHKEY_LOG_FILE": str(stack.function_log)}


@contextmanager
def _fresh_stack():
    """Ends whatever happens. Its folder stays, for its logs, until the next run."""
    LOCAL.mkdir(exist_ok=True)
    with (LOCAL / "test.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Failure("another `make test` is running in this clone") from None
        stack = Stack("test", free_port())
        emulator.forget(stack)
        try:
            yield stack, start.bring_up(stack, stack.folder / "env")
        finally:
            emulator.stop(stack)


def _run() -> int:
    for ending in (signal.SIGTERM, signal.SIGHUP):  # as an exception, so that what was started is stopped
        signal.signal(ending, lambda number, _: sys.exit(128 + number))
    prerequisites.check("dynamodb")
    totals = Totals()
    for step in COMMANDS[sys.argv[1]]:
        try:
            totals.add(step())
        except Failure as failure:
            say(f"latchkey: {failure}")
            totals.failed += 1
    if totals.passed == 0 and totals.failed == 0:
        say("no test ran")
        return 1
    say(f"{totals.passed} passed, {totals.failed} failed")
    return 1 if totals.failed else 0


if __name__ == "__main__":
    main(_run)
