"""Runs the tests of the dashboard and of the documents' site: Chromium against a deployment of their own, in `.local/browser`.

A step of `make test`; alone: `.local/venvs/ministack/bin/python local/browser.py`.
"""

import chromium
import gotest
import node
import prerequisites
import stack as emulator
import start
import website
from console import Failure, main, together
from gotest import Totals
from settings import aws_environment

# Short, so that a test can wait until a token expires or a limit's window ends.
PARAMETERS = {"AccessTokenLifetime": "60", "RateLimitWindow": "15", "RateLimitManagement": "100"}


def browser() -> Totals:
    prerequisites.check("linux", "node", "chromium")
    together(chromium.jobs())
    if wrong := website.findings():
        raise Failure(wrong)
    with emulator.fresh("browser") as stack:
        environment = aws_environment(stack.endpoint) | {"CHROMIUM": str(chromium.path()), "SITE": str(website.SITE)}
        return node.test(node.BROWSER, environment | start.bring_up(stack, PARAMETERS))


if __name__ == "__main__":
    main(lambda: gotest.conclude(browser()))
