"""Prepares what a command needs: it checks everything that it cannot install, then installs the rest, all at once.

Run by make, with the machine's own Python and nothing beside it; the argument is the command.
"""

import sys

import chromium
import dynamodb_local
import gobuild
import interface
import node
import oauth_clients
import prerequisites
import scanning
import venvs
from console import main, together

LOCAL_STACK = ("linux",)
TESTS = ("linux", "node", "dynamodb", "chromium", "landed", "site")
NEEDS = {
    "setup": TESTS,
    "start": LOCAL_STACK,
    "example": LOCAL_STACK,
    "local": LOCAL_STACK,
    "aws-rows": LOCAL_STACK,
    "upgrade": (*LOCAL_STACK, "landed"),
    "requests": LOCAL_STACK,
    "soak": LOCAL_STACK,
    "sam-local": ("docker",),
    "test": TESTS,
    "test-sam-local": ("docker",),
    "test-everywhere": (*TESTS, "docker"),
    "unit": ("dynamodb",),
    "fuzz": LOCAL_STACK,
    "bench": ("dynamodb",),
    "scaling": ("dynamodb",),
    "check": ("site", "openapi"),
    "release": (),
}


def _setup() -> None:
    needs = NEEDS[sys.argv[1]]
    prerequisites.check("venv", "go", *needs)
    jobs = venvs.jobs(*venvs.TOOLS)
    if "linux" in needs or "docker" in needs:
        jobs += gobuild.jobs()
    if "dynamodb" in needs:
        jobs += dynamodb_local.jobs()
    if "node" in needs:
        jobs += venvs.jobs("aws", "servers", "release") + oauth_clients.jobs()
        jobs += node.jobs(node.BROWSER, node.TYPESCRIPT, node.CDK)
    if "site" in needs:
        jobs += venvs.jobs("site") + node.jobs(node.SITE)
    if "node" in needs or "openapi" in needs:
        jobs += interface.jobs()
    if "openapi" in needs:
        jobs += node.jobs(scanning.FOLDER)
    if "chromium" in needs:
        jobs += chromium.jobs()
    together(jobs)


if __name__ == "__main__":
    main(_setup)
