"""`make aws-rows`: runs the tests of tests/aws, each row against the strict emulator and then with that row switched off.

A test that passes both times does not test its row, and counts as failed.
"""

import json
import re
import subprocess
import urllib.request
from collections import defaultdict

import deploy
import envfile
import gotest
import neighbour
import stack as emulator
from console import Failure, main, run_logged, say, step
from gotest import Totals
from settings import LOCAL, ROOT, Stack, aws_environment, developer_stack, plain_environment

NAME = "probe"
TEMPLATE = ROOT / "tests" / "aws" / "template.yaml"
PACKAGE = ["-tags", "e2e", "./tests/aws/"]
BINARY = LOCAL / "build" / "aws.test"
ROW = re.compile(r"TestRow(\d+|[A-Z]+(?=[A-Z][a-z]))")  # TestRow03…, TestRowIAM…


def prove(stack: Stack, values: dict[str, str]) -> Totals:
    """`values` are those of the running stack's env file."""
    environment = _with_probe(stack, values)
    totals = gotest.run(["-count=1", *PACKAGE], environment)
    totals.add(_blind(stack, environment))
    return totals


def use_all_policies(stack: Stack, values: dict[str, str]) -> Totals:
    """Runs only the test that makes the authorizers use each action that they are granted."""
    return gotest.run(["-count=1", "-run=^TestCredentialsAreChecked", *PACKAGE], _with_probe(stack, values))


def _with_probe(stack: Stack, values: dict[str, str]) -> dict[str, str]:
    with step("building and deploying the probe"):
        outputs = neighbour.bring_up(stack, NAME, TEMPLATE)
    return aws_environment(stack.endpoint) | values | {"PROBE": json.dumps(outputs | {"URL": deploy.api_url(stack, outputs)})}


def _blind(stack: Stack, environment: dict[str, str]) -> Totals:
    """Runs each row's tests with the row switched off; those that pass are the failures."""
    run_logged(["go", "test", "-c", "-o", BINARY, *PACKAGE], LOCAL / "log" / "aws-rows.log", "compiling tests/aws", cwd=ROOT,
               env=plain_environment())
    totals = Totals()
    for row, names in _rows(environment).items():
        switch(stack, row, strict=False)
        try:
            done = _run(environment, "-test.v", "-test.run", f"^({'|'.join(names)})$")
        finally:
            switch(stack, row, strict=True)
        results = _leaves(done)
        for name in (name for name, failed in results.items() if not failed):
            say(f"FAIL  {name} passes although row {row} is switched off")
        silent = set(names) - {name.partition("/")[0] for name in results}
        totals.add(Totals(passed=sum(results.values()), failed=len(silent) + list(results.values()).count(False)))
    verdict = "FAIL" if totals.failed else "ok  "
    say(f"{verdict}  rows switched off, one by one: {totals.passed} tests fail as they must, {totals.failed} do not")
    return totals


def _leaves(output: str) -> dict[str, bool]:
    """The failed tests, without those that only group others."""
    results = {name: verdict == "FAIL" for verdict, name in re.findall(r"^ *--- (PASS|FAIL): (\S+)", output, re.MULTILINE)}
    groups = {name.rpartition("/")[0] for name in results}
    return {name: failed for name, failed in results.items() if name not in groups}


def _rows(environment: dict[str, str]) -> dict[str, list[str]]:
    """The tests of each row, by the row's name in switch.py."""
    rows = defaultdict(list)
    for name in _run(environment, "-test.list", "^TestRow").split():
        if found := ROW.match(name):
            rows[found[1].lstrip("0").lower()].append(name)
    return rows


def _run(environment: dict[str, str], *arguments: str) -> str:
    return subprocess.run([BINARY, *arguments], cwd=ROOT / "tests" / "aws", env=environment, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True).stdout


def switch(stack: Stack, row: str, strict: bool) -> None:
    wanted = json.dumps({"row": row, "strict": strict}).encode()
    with urllib.request.urlopen(f"{stack.endpoint}/_latchkey/strict", data=wanted, timeout=10):
        pass


def _here() -> int:
    stack = developer_stack()
    values = envfile.read(stack.env_file)
    if not emulator.running(stack) or not values:
        raise Failure("nothing is running: make start")
    return gotest.conclude(prove(stack, values))


if __name__ == "__main__":
    main(_here)
