"""What others use to reach a deployment, against one of their own in `.local/clients`: OAuth clients, the command line, ours for Python
and TypeScript, the middleware inside frameworks, and what the documents print. A step of `make test`.

Alone: `.local/venvs/ministack/bin/python local/clients.py`.
"""

from concurrent.futures import ThreadPoolExecutor

import black_box
import deployed
import documents
import gotest
import node
import oauth_clients
import prerequisites
import python_client
import servers
from console import main
from gotest import Totals
from settings import Stack

COMMAND_LINE = ["-tags", "e2e", "-count=1", "-skip=^TestDoctor|^TestRequired", "./clients/latchkey/..."]  # those: broken.py


def clients() -> Totals:
    prerequisites.check("linux", "node")
    with deployed.running("clients") as (stack, environment):
        totals = _together(
            lambda: oauth_clients.test(environment), lambda: gotest.run(COMMAND_LINE, environment), lambda: python_client.test(environment),
            lambda: _typescript(environment, stack), lambda: documents.documents(stack))
        totals.add(black_box.logs_are_whole(environment))
        return totals


def _typescript(environment: dict[str, str], stack: Stack) -> Totals:
    """One after the other, because all build clients/typescript."""
    with node.alone(node.TYPESCRIPT):
        totals = node.test(node.TYPESCRIPT, environment)
        totals.add(servers.test(environment))
        totals.add(documents.each(stack, documents.SERVERS))
        return totals


def _together(*tests) -> Totals:
    """At the same time, because each waits a lot."""
    totals = Totals()
    with ThreadPoolExecutor(len(tests)) as pool:
        for each in pool.map(lambda test: test(), tests):
            totals.add(each)
    return totals


if __name__ == "__main__":
    main(lambda: gotest.conclude(clients()))
