"""Runs the dashboard's tests: Chromium against a deployment of their own, in `.local/browser`.

A step of `make test`; alone: `.local/venvs/ministack/bin/python local/browser.py`.
"""

import chromium
import node
import prerequisites
import stack as emulator
import start
from console import main, say, together
from gotest import Totals
from settings import Stack, aws_environment, free_port

# Short, so that a test can wait until a token expires or a limit's window ends.
PARAMETERS = {"AccessTokenLifetime": "60", "RateLimitWindow": "15", "RateLimitManagement": "100"}


def browser() -> Totals:
    prerequisites.check("linux", "node", "chromium")
    together(chromium.jobs())
    stack = Stack("browser", free_port(), keeps_data=False)
    environment = aws_environment(stack.endpoint) | {"CHROMIUM": str(chromium.path())}
    emulator.forget(stack)
    try:
        return node.test(node.BROWSER, environment | start.bring_up(stack, PARAMETERS))
    finally:
        emulator.stop(stack)


def _main() -> int:
    totals = browser()
    say(f"{totals.passed} passed, {totals.failed} failed")
    return 1 if totals.failed or not totals.passed else 0


if __name__ == "__main__":
    main(_main)
