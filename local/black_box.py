"""The black-box suite, against a deployment that is made for it, or under `sam local`."""

import subprocess

import aws_rows
import deployed
import gotest
import grants
import logs
import parameters
import prerequisites
import sam_local
import verify
from console import say
from gotest import Totals
from settings import ROOT, Stack, free_port

BLACK_BOX = ["-tags", "e2e", "-count=1", "-timeout=20m", "-parallel=8", "-skip=^TestUpgrade", "./tests/e2e/..."]  # that one: upgrade.py


def black_box() -> Totals:
    """The suite against a deployment made for it, on a port of its own, in `.local/test`."""
    prerequisites.check("linux")
    with deployed.running("test") as (stack, environment):
        journal = stack.folder / "journal"
        totals = gotest.run(BLACK_BOX, environment | {"LATCHKEY_JOURNAL": str(journal)})
        totals.add(_removed(environment, journal))
        totals.add(aws_rows.use_all_policies(stack, environment))
        totals.add(logs_are_whole(environment))
        totals.add(_logs_are_readable(stack))
        totals.add(grants.check(stack, but=aws_rows.NAME))
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


def _logs_are_readable(stack: Stack) -> Totals:
    """`make logs` shows each line of JSON that a function wrote as text, and nothing of it can move a terminal's cursor."""
    lines = [line for line in stack.function_log.read_text(errors="replace").splitlines() if '{"time"' in line]
    shown = [logs.readable(line) for line in lines]
    wrong = [text for text in shown if not text or '{"time"' in text or not text.isprintable()]
    say(f"{'FAIL' if wrong else 'ok  '}  make logs, {len(lines)} lines" + "".join(f"\n      {text}" for text in wrong[:5]))
    return Totals(passed=int(bool(lines) and not wrong), failed=int(not lines or bool(wrong)))


def logs_are_whole(environment: dict[str, str]) -> Totals:
    """After all that the tests did, at the same time too, the log of each key is one whole chain."""
    command = ["go", "run", "./clients/latchkey-audit", "verify", "--table", environment["TABLE_NAME"]]
    failed = subprocess.run(command, cwd=ROOT, env=environment).returncode != 0
    say(f"{'FAIL' if failed else 'ok  '}  clients/latchkey-audit, on the table of these tests")
    return Totals(passed=int(not failed), failed=int(failed))


def black_box_in_docker(*some: str) -> Totals:
    """The suite against `sam local` and DynamoDB Local. It takes over half a second a request: half an hour in all."""
    with sam_local.running(free_port(), deployed.LIMITS) as (stack, values):
        environment = deployed.environment(stack, values, "sam-local")
        return gotest.run([*BLACK_BOX, "-timeout=60m", *some], environment, all_checkable=False)


def some_in_docker() -> Totals:
    """Under `sam local`, only the tests of the dialects, and one of the counting of uses, which is done otherwise there."""
    return black_box_in_docker("-run=Dialect|^TestEachUseOfAKey")
