"""`make upgrade`: deploys this tree over the landed release, in place and under load.

    the landed release ──► deploy ──► fill ──► load ─┬─────────────► compare
    this tree          ───────────────────► deploy ──┘

No valid request may be refused, and no data may be lost: tests/e2e/upgrade_test.go. The landed release is taken from git
and built from its own sources.
"""

import shutil
import subprocess
import sys

import admin
import build
import deploy
import gotest
import stack as emulator
import start
from aws_rows import switch
from console import main, step
from gotest import Totals
from settings import LANDED, LOCAL, ROOT, Stack, aws_environment

FOLDER = LOCAL / "upgrade-sources"
BUILT = LOCAL / "build" / "upgrade"
# One window for the whole test, so that both releases add to the same count.
PARAMETERS = {"RateLimitWindow": "86400", "RateLimitAuth": "10000", "RateLimitAccount": "10000", "RateLimitManagement": "10000",
              "RateLimitRead": "1000000", "RateLimitWrite": "1000000"}
SUITE = ["-tags", "e2e", "-count=1", "-run", "^TestUpgrade", "./tests/e2e/"]


def upgrade() -> Totals:
    _build_landed()
    build.build()
    with emulator.fresh("upgrade") as stack:
        switch(stack, "7", strict=False)  # the landed release refuses good keys where transactions conflict
        outputs = deploy.deploy(stack, LANDED, PARAMETERS, BUILT)
        values = admin.variables(stack, outputs, deploy.api_url(stack, outputs), admin.seed(stack, outputs, {}))
        environment = aws_environment(stack.endpoint) | values | {
            "LATCHKEY_LOG_FILE": str(stack.function_log), "LATCHKEY_HAS": "log,upgrade",
            "LATCHKEY_UPGRADE": f"{sys.executable} {__file__} {stack.port}",
            "LATCHKEY_PARAMETERS": start.as_text(PARAMETERS)}
        return gotest.run(SUITE, environment)


def _build_landed() -> None:
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    archive = subprocess.run(["git", "archive", LANDED], cwd=ROOT, capture_output=True, check=True).stdout
    subprocess.run(["tar", "-x", "-C", FOLDER], input=archive, check=True)
    with step("building the landed release"):
        build.build_template(FOLDER / "template.yaml", BUILT, FOLDER, BUILT / "bin")


def _deploy_this_tree() -> None:
    """Called by the test, in its middle."""
    deploy.deploy(Stack("upgrade", int(sys.argv[1]), keeps_data=False), build.build(), PARAMETERS)


if __name__ == "__main__":
    main(_deploy_this_tree if len(sys.argv) > 1 else lambda: gotest.conclude(upgrade()))
