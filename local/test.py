"""`make test`, `make unit` and `make bench`.

A step is a function without arguments that returns Totals. To add a step, write it and add it to COMMANDS. The last line of the
output has the totals of all steps.
"""

import os
import signal
import subprocess
import sys
import time

import bench
import black_box
import browser
import cdk
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
    flags = [f"-p={2 * (os.cpu_count() or 1)}", "-race", PARALLEL]  # twice as many as there are processors, because many wait a lot
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
    """The black-box suite waits a lot: for windows of limits, and for one answer before the next request. So do the other steps that
    have stacks of their own. Together they keep the machine busy."""
    with lanes.beside("others") as others:
        totals = black_box.black_box()
        totals.add(others())
        return totals


# The unit tests run beside nothing: they need the whole machine.
COMMANDS = {
    "all": (unit, at_once),
    "unit": (unit,),
    "sam-local": (guard_tests.in_docker, black_box.black_box_in_docker),
    "everywhere": (unit, at_once, guard_tests.in_docker, black_box.some_in_docker),
    "others": (guard_tests.on_the_emulator, own_choices.own_choices, cdk.cdk, upgrade.upgrade, browser.browser),
    "bench": (bench.benchmarks,),
}


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
