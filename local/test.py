"""`make test`, `make unit` and `make bench`.

A step is a function without arguments that returns Totals. To add a step, write it and add it to LANES. The last line of the output
has the totals of all steps.
"""

import os
import signal
import subprocess
import sys
import time
from contextlib import ExitStack

import bench
import black_box
import broken
import browser
import cdk
import clients
import dynamodb_local
import gobuild
import gotest
import guard_tests
import lanes
import maven
import own_choices
import upgrade
from console import Failure, main, say
from gotest import Totals
from settings import ROOT, plain_environment

PARALLEL = "-parallel=8"  # most of the store's tests only wait: until the SDK tries again, or an index follows
SLOWEST = "/shared/store"  # begins first, and the others are built and run beside it
BURST = "/tests/burst"  # runs alone, because its 200 processes would leave no CPU for other tests


def unit() -> Totals:
    """Every Go test but the black-box suite, with the race detector; those that need a database get DynamoDB Local."""
    flags = [f"-p={3 * (os.cpu_count() or 1)}", "-race", PARALLEL]  # more than there are processors, because many wait a lot
    environment = plain_environment() | {"CGO_ENABLED": ""}  # which the race detector needs: whatever is usual here
    if subprocess.run(["go", "env", "CGO_ENABLED"], cwd=ROOT, env=environment, capture_output=True, text=True).stdout.strip() != "1":
        say("Go's race detector needs a C compiler (gcc or clang) and there is none: the unit tests run without it")
        flags.remove("-race")
    listed = subprocess.run(["go", "list", "./..."], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    listed.sort(key=lambda package: not package.endswith(SLOWEST))
    with dynamodb_local.running(options=maven.SHORT) as endpoint:
        environment |= dynamodb_local.variables(endpoint)
        totals = gotest.run([*flags, *(package for package in listed if not package.endswith(BURST))], environment)
        totals.add(gotest.run([f".{BURST}"], environment))
        return totals


def at_once() -> Totals:
    """The tests of deployments wait a lot: for windows of limits, and for one answer before the next request. Three at a time, they
    keep the machine busy. Each has a stack of its own."""
    totals = Totals()
    with ExitStack() as started:
        for finish in [started.enter_context(lanes.beside(name)) for name in LANES]:
            totals.add(finish())
    return totals


# They take about the same time.
LANES = {
    "first": (black_box.black_box, upgrade.upgrade, cdk.cdk),
    "second": (own_choices.own_choices, clients.clients),
    "third": (browser.browser, broken.broken, guard_tests.on_the_emulator),
}
# The unit tests run beside nothing: they need the whole machine.
COMMANDS = {
    "all": (unit, at_once),
    "unit": (unit,),
    "sam-local": (guard_tests.in_docker, black_box.black_box_in_docker),
    "everywhere": (unit, at_once, guard_tests.in_docker, black_box.some_in_docker),
    "bench": (bench.benchmarks,),
} | LANES


def _run() -> int:
    for ending in (signal.SIGTERM, signal.SIGHUP):  # becomes an exception, so that everything that was started is stopped
        signal.signal(ending, lambda number, _: sys.exit(128 + number))
    os.environ |= gobuild.FLAGS  # so that what was compiled for the functions is not compiled again for the tests
    totals = Totals()
    for each in COMMANDS[sys.argv[1]]:
        began = time.monotonic()
        try:
            totals.add(each())
        except Failure as failure:
            say(f"latchkey: {failure}")
            totals.failed += 1
        say(f"      {each.__name__} took {time.monotonic() - began:.0f} s")
    if totals.passed == 0 and totals.failed == 0:
        say("no test ran")
        return 1
    return gotest.conclude(totals)


if __name__ == "__main__":
    main(_run)
