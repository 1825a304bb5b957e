"""Runs the dashboard's tests: Chromium against a deployment of their own, in `.local/browser`.

A step of `make test`; alone: `.local/venvs/ministack/bin/python local/browser.py`.
"""

import chromium
import gotest
import node
import prerequisites
import stack as emulator
import start
from console import main, together
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


if __name__ == "__main__":
    main(lambda: gotest.conclude(browser()))
