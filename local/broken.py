"""Tests that break or change the deployment that they run on: the doctor's, which finds each fault, and the rows of docs/aws.md, each
switched off once. They have a stack of their own in `.local/broken`, so that they can run beside others. A step of `make test`.

Alone: `.local/venvs/ministack/bin/python local/broken.py`.
"""

import aws_rows
import deployed
import gotest
import prerequisites
from console import main
from gotest import Totals

DOCTOR = ["-tags", "e2e", "-count=1", "-run=^TestDoctor|^TestRequired", "-skip=OfChoices", "./clients/latchkey"]


def broken() -> Totals:
    prerequisites.check("linux")
    with deployed.running("broken") as (stack, environment):
        totals = gotest.run(DOCTOR, environment)
        totals.add(aws_rows.prove(stack, environment))  # after it, because it would find what is wrong with the probe
        return totals


if __name__ == "__main__":
    main(lambda: gotest.conclude(broken()))
