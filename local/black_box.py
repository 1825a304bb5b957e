"""The black-box suite, against a deployment that is made for it, or under `sam local`."""

import fcntl
import subprocess
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import aws_rows
import deploy
import documents
import example
import gotest
import grants
import logs
import node
import oauth_clients
import parameters
import prerequisites
import python_client
import sam_local
import servers
import stack as emulator
import start
import verify
from console import Failure, say
from gotest import Totals
from settings import LOCAL, ROOT, Stack, aws_environment, free_port

# The suite logs in more often than a person does, always from one address and as one administrator.
LIMITS = {"RateLimitAuth": "600", "RateLimitAccount": "100"}
PARAMETERS = LIMITS | {"AllowedOrigins": "https://app.example.com", "Resources": "https://orders.example.com",
                       "MaxKeys": "10000", "MaxProjects": "10000"}  # so that they are counted
BLACK_BOX = ["-tags", "e2e", "-count=1", "-timeout=20m", "-parallel=8", "-skip=^TestUpgrade", "./tests/e2e/..."]  # that one: upgrade.py
COMMAND_LINE = ["-tags", "e2e", "-count=1", "-skip=^TestDoctor|^TestRequired", "./clients/latchkey/..."]
# They break or change the stack, and mend it.
DOCTOR = ["-tags", "e2e", "-count=1", "-run=^TestDoctor|^TestRequired", "-skip=OfChoices", "./clients/latchkey"]
HAS = ("table", "secret", "log", "lambda", "processes", "bucket", "example", "scanner", "mail")  # tests/e2e/needs_test.go
SAM_LOCAL_HAS = ("table", "secret", "log")  # it serves one stack, and no functions without a route


def black_box() -> Totals:
    """The suite against a deployment made for it, on a port of its own, in `.local/test`."""
    prerequisites.check("linux", "node")
    with _fresh_stack() as (stack, values):
        environment = _environment(stack, values | example.bring_up(stack))
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
        environment = _environment(stack, values, "sam-local")
        return gotest.run([*BLACK_BOX, "-timeout=60m", *some], environment, all_checkable=False)


def some_in_docker() -> Totals:
    """Under `sam local`, only the tests of the dialects, and one of the counting of uses, which is done otherwise there."""
    return black_box_in_docker("-run=Dialect|^TestEachUseOfAKey")


def _environment(stack: Stack, values: dict[str, str], place: str = "ministack") -> dict[str, str]:
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
