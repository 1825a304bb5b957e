"""The dashboard's tests: Chromium against a deployment of their own, in `.local/browser`.

A step of `make test`; alone: `.local/venvs/ministack/bin/python local/browser.py`. npm fetches what the tests
need into tests/browser/node_modules, as package-lock.json has it.
"""

import re
import shutil
import subprocess

import prerequisites
import stack as emulator
import start
from console import Failure, main, run_logged, say, step
from gotest import Totals
from settings import LOCAL, ROOT, Stack, aws_environment, free_port

TESTS = ROOT / "tests" / "browser"
NODE = 20
# Short enough that a test can wait for a token's end, and for a limit's.
PARAMETERS = {"AccessTokenLifetime": "60", "RateLimitWindow": "15", "RateLimitManagement": "100"}


def browser() -> Totals:
    prerequisites.check("linux")
    _check_node()
    _install()
    stack = Stack("browser", free_port())
    emulator.forget(stack)
    try:
        return _run(aws_environment(stack.endpoint) | start.bring_up(stack, PARAMETERS))
    finally:
        emulator.stop(stack)


def _check_node() -> None:
    found = shutil.which("node") and subprocess.run(["node", "--version"], capture_output=True, text=True).stdout
    if not found or not shutil.which("npm") or int(re.match(r"v(\d+)", found).group(1)) < NODE:
        raise Failure(f"the dashboard's tests need Node {NODE} or newer with npm, and Chromium: apt-get install nodejs npm chromium")


def _install() -> None:
    lock, stamp = TESTS / "package-lock.json", TESTS / "node_modules" / ".latchkey-lock"
    if stamp.exists() and stamp.read_bytes() == lock.read_bytes():
        return
    with step("installing the browser tests' packages"):
        run_logged(["npm", "ci", "--ignore-scripts"], LOCAL / "log" / "npm.log", "npm ci", cwd=TESTS)
    stamp.write_bytes(lock.read_bytes())


def _run(environment: dict[str, str]) -> Totals:
    """Shows what the runner prints, and reads its totals. A skipped or cancelled test counts as failed."""
    counts = {}
    with subprocess.Popen(["npm", "test", "--silent"], cwd=TESTS, env=environment, text=True, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:
        for line in process.stdout:
            say(line.rstrip())
            if total := re.match(r"ℹ (pass|fail|cancelled|skipped|todo) (\d+)", line):
                counts[total.group(1)] = int(total.group(2))
    passed = counts.pop("pass", 0)
    failed = sum(counts.values())
    return Totals(passed, failed or int(process.returncode != 0))


def _main() -> int:
    totals = browser()
    say(f"{totals.passed} passed, {totals.failed} failed")
    return 1 if totals.failed or not totals.passed else 0


if __name__ == "__main__":
    main(_main)
