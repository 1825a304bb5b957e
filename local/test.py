"""`make test`, `make unit` and `make bench`.

A step is a function without arguments that returns Totals. To add a step, write it and add it to COMMANDS. The last line of the
output has the totals of all steps.
"""

import fcntl
import os
import re
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import aws_rows
import bench
import browser
import cdk
import deploy
import documents
import dynamodb_local
import example
import fuzz
import gotest
import grants
import guard_tests
import key_pairs
import logs
import node
import oauth_clients
import own_choices
import parameters
import prerequisites
import python_client
import sam_build
import sam_local
import scanning
import servers
import stack as emulator
import start
import upgrade
import verify
from console import Failure, main, say, step
from gotest import Totals
from settings import LOCAL, ROOT, Stack, aws_environment, free_port, plain_environment

# The suite logs in more often than a person does, always from one address and as one administrator.
LIMITS = {"RateLimitAuth": "600", "RateLimitAccount": "100"}
PARAMETERS = LIMITS | {"AllowedOrigins": "https://app.example.com", "Resources": "https://orders.example.com",
                       "MaxKeys": "10000", "MaxProjects": "10000"}  # so that they are counted
BLACK_BOX = ["-tags", "e2e", "-count=1", "-timeout=20m", "-skip=^TestUpgrade", "./tests/e2e/..."]  # that one: upgrade.py
COMMAND_LINE = ["-tags", "e2e", "-count=1", "-skip=^TestDoctor|^TestRequired", "./clients/latchkey/..."]
# They break or change the stack, and mend it.
DOCTOR = ["-tags", "e2e", "-count=1", "-run=^TestDoctor|^TestRequired", "-skip=OfChoices", "./clients/latchkey"]

PARALLEL = "-parallel=8"  # most of the store's tests only wait: until the SDK tries again, or an index follows
SLOWEST = "/shared/store"  # begins first, and the others are built and run beside it
BURST = "/tests/burst"  # runs alone, because its 200 processes would leave no CPU for other tests
HAS = ("table", "secret", "log", "lambda", "processes", "bucket", "example", "scanner", "mail")  # tests/e2e/needs_test.go
SAM_LOCAL_HAS = ("table", "secret", "log")  # it serves one stack, and no functions without a route


def vet() -> Totals:
    return Totals(failed=int(subprocess.run(["go", "vet", "-tags=e2e", "./..."], cwd=ROOT).returncode != 0))


def unit() -> Totals:
    """Every Go test but the black-box suite, with the race detector; those that need a database get DynamoDB Local."""
    flags = ["-vet=off", f"-p={2 * (os.cpu_count() or 1)}", "-race", PARALLEL]  # vet() is a step of its own; many packages wait a lot
    if subprocess.run(["go", "env", "CGO_ENABLED"], cwd=ROOT, capture_output=True, text=True).stdout.strip() != "1":
        say("Go's race detector needs a C compiler (gcc or clang) and there is none: the unit tests run without it")
        flags.remove("-race")
    listed = subprocess.run(["go", "list", "./..."], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    listed.sort(key=lambda package: not package.endswith(SLOWEST))
    with dynamodb_local.running() as endpoint:
        environment = plain_environment() | dynamodb_local.variables(endpoint)
        totals = gotest.run([*flags, *(package for package in listed if not package.endswith(BURST))], environment)
        totals.add(gotest.run([f".{BURST}"], environment))
        return totals


def black_box() -> Totals:
    """The suite against a deployment made for it, on a port of its own, in `.local/test`."""
    prerequisites.check("linux", "node")
    with _fresh_stack() as (stack, values):
        environment = _black_box_environment(stack, values | example.bring_up(stack))
        journal = stack.folder / "journal"
        totals = gotest.run(BLACK_BOX, environment | {"LATCHKEY_JOURNAL": str(journal)})
        totals.add(_removed(environment, journal))
        totals.add(_clients(environment, stack))
        totals.add(gotest.run(DOCTOR, environment))
        totals.add(aws_rows.prove(stack, values))
        totals.add(_logs_are_whole(environment))
        totals.add(_logs_are_readable(stack))
        totals.add(grants.check(stack))
        totals.add(parameters.check(stack))
        totals.add(key_pairs.prove(stack, values, environment["EXAMPLE_API_URL"]))
        return totals


def _removed(environment: dict[str, str], journal) -> Totals:
    """Removes what the suite made, as `make verify` does."""
    verify.compile_suite()
    said = verify.clean_up(verify.Target(environment["API_URL"], environment, ours=True), journal)
    done = any(line.startswith("removed: ") for line in said) and not journal.exists()
    if not done:
        say("\n".join(["FAIL  what the suite made is not removed", *said]))
    return Totals(passed=int(done), failed=int(not done))


def _clients(environment: dict[str, str], stack: Stack) -> Totals:
    """At the same time, as each waits a lot: the clients of others, the command line, ours for Python, ours for TypeScript and the
    middleware, and what the documents print."""
    return _together(lambda: oauth_clients.test(environment), lambda: gotest.run(COMMAND_LINE, environment),
                     lambda: python_client.test(environment), lambda: _ours(environment, stack), lambda: documents.documents(stack))


def _ours(environment: dict[str, str], stack: Stack) -> Totals:
    """One after the other, because all build clients/typescript."""
    with node.alone(node.TYPESCRIPT):
        totals = node.test(node.TYPESCRIPT, environment)
        totals.add(servers.test(environment))
        totals.add(documents.servers(stack))
        return totals


def _together(*tests) -> Totals:
    totals = Totals()
    with ThreadPoolExecutor(len(tests)) as pool:
        for each in pool.map(lambda test: test(), tests):
            totals.add(each)
    return totals


def _logs_are_readable(stack: Stack) -> Totals:
    """`make logs` shows each line of JSON that a function wrote as text, and nothing of it can move a terminal's cursor."""
    lines = [line for line in stack.function_log.read_text(errors="replace").splitlines() if '{"time"' in line]
    shown = [logs.readable(line) for line in lines]
    wrong = [text for text in shown if not text or '{"time"' in text or not text.isprintable()]
    say(f"{'FAIL' if wrong else 'ok  '}  make logs, {len(lines)} lines" + "".join(f"\n      {text}" for text in wrong[:5]))
    return Totals(passed=int(bool(lines) and not wrong), failed=int(not lines or bool(wrong)))


def _logs_are_whole(environment: dict[str, str]) -> Totals:
    """After all that the tests did, at the same time too, the log of each key is one whole chain."""
    command = ["go", "run", "./clients/latchkey-audit", "verify", "--table", environment["TABLE_NAME"]]
    failed = subprocess.run(command, cwd=ROOT, env=environment).returncode != 0
    say(f"{'FAIL' if failed else 'ok  '}  clients/latchkey-audit, on the table of the suite")
    return Totals(passed=int(not failed), failed=int(failed))


def black_box_in_docker(*some: str) -> Totals:
    """The suite against `sam local` and DynamoDB Local. It takes over half a second a request: half an hour in all."""
    with sam_local.running(free_port(), LIMITS) as (stack, values):
        environment = _black_box_environment(stack, values, "sam-local")
        return gotest.run([*BLACK_BOX, "-timeout=60m", *some], environment, all_checkable=False)


def some_in_docker() -> Totals:
    """Under `sam local`, only the tests of the dialects, and one of the counting of uses, which is done otherwise there."""
    return black_box_in_docker("-run=Dialect|^TestEachUseOfAKey")


def black_box_beside_others() -> Totals:
    """The black-box suite waits a lot: for windows of limits, and for one answer before the next request. Meanwhile the steps run that
    have stacks of their own (COMMANDS["others"])."""
    log = LOCAL / "log" / "others.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("w") as out:
        others = subprocess.Popen([sys.executable, __file__, "others"], cwd=ROOT, stdin=subprocess.DEVNULL, stdout=out, stderr=out)
    try:
        totals = black_box()
        with step("waiting for the steps that have stacks of their own"):
            others.wait()
    finally:
        others.terminate()
        others.wait()
    said = log.read_text(errors="replace").rstrip()
    say(said)
    counted = re.search(r"^(\d+) passed, (\d+) failed\Z", said, re.MULTILINE)
    totals.add(Totals(*map(int, counted.groups())) if counted else Totals(failed=1))
    return totals


COMMANDS = {
    "all": (vet, unit, scanning.rules, sam_build.sam_build, black_box_beside_others),
    "others": (guard_tests.on_the_emulator, cdk.cdk, own_choices.own_choices, fuzz.fuzz, browser.browser, upgrade.upgrade),
    "unit": (vet, unit),
    "sam-local": (guard_tests.in_docker, black_box_in_docker),
    "everywhere": (vet, unit, scanning.rules, sam_build.sam_build, black_box_beside_others, guard_tests.in_docker, some_in_docker),
    "bench": (bench.benchmarks,),
}


def _black_box_environment(stack: Stack, values: dict[str, str], place: str = "ministack") -> dict[str, str]:
    """The suite's environment. A few scenarios read the name of the place, because places are known to differ there."""
    reached = SAM_LOCAL_HAS if place == "sam-local" else HAS
    return aws_environment(stack.endpoint) | values | {
        "LATCHKEY_LOG_FILE": str(stack.function_log), "LATCHKEY_PLACE": place, "LATCHKEY_HAS": ",".join(reached)}


@contextmanager
def _fresh_stack():
    """The stack is always stopped. Its folder stays, for its logs, until the next run."""
    LOCAL.mkdir(exist_ok=True)
    with (LOCAL / "test.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Failure("another `make test` is running in this clone") from None
        stack = Stack("test", free_port(), keeps_data=False)
        emulator.forget(stack)
        try:
            emulator.start(stack)
            parameters = PARAMETERS | {
                "CachedStages": deploy.empty_stage(stack),  # so that each revocation flushes a cache
                "CatalogueBucket": deploy.bucket_with_scopes(stack),  # so that each function reads its scopes from the table
                "AuditExportBucket": deploy.empty_bucket(stack),  # so that each entry of an audit log is exported
                "LeakKeysUrl": f"http://127.0.0.1:{free_port()}/keys",  # the suite publishes a scanner's keys there
            }
            yield stack, start.bring_up(stack, parameters) | {"LATCHKEY_PARAMETERS": " ".join(f"{n}={v}" for n, v in parameters.items())}
        finally:
            emulator.stop(stack)


def _run() -> int:
    for ending in (signal.SIGTERM, signal.SIGHUP):  # becomes an exception, so that everything that was started is stopped
        signal.signal(ending, lambda number, _: sys.exit(128 + number))
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
