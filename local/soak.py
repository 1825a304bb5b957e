"""`make soak MINUTES=30`: a stack of its own under load, with a fault each minute, then an audit of its table (tests/soak).

Writes docs/soak.md: what the program found, and at the end the table of the last `make requests`, if there is one. A run of less
than the usual time writes .local/soak.md only.
"""

import subprocess
import sys

import generated
import gobuild
import prerequisites
import stack as emulator
import start
from console import main
from settings import LOCAL, ROOT, aws_environment

PACKAGE = "./tests/soak"
MINUTES = 30
REPORT = ROOT / "docs" / "soak.md"
FOUND = LOCAL / "soak.md"
PARAMETERS = generated.LIMITS | {"RateLimitWindow": "60"}
HEAD = """# Load with faults, and generated requests

`make soak` puts a deployment on this machine under a mixed load, lets something go wrong each minute, and compares the table with
what was answered: [tests/soak](../tests/soak). `make requests` sends requests that it makes up, over all routes, with good and bad
credentials, paths, parameters, headers and bodies: [tests/requests](../tests/requests). Below is what their last runs found.

`go run ./tests/soak audit`, with `TABLE_NAME` and credentials for DynamoDB in the environment, checks the structure of any
deployment's table, by reading it whole. Nothing may change the table meanwhile.

"""


def _run(minutes: int) -> int:
    prerequisites.check("linux")
    gobuild.compile_packages([PACKAGE])
    with emulator.fresh("soak") as stack:
        values = start.bring_up(stack, PARAMETERS)
        environment = aws_environment(stack.endpoint) | values | {"LATCHKEY_LOG_FILE": str(stack.function_log)}
        command = [gobuild.BINARIES / "soak", f"-minutes={minutes}", f"-report={FOUND}", *sys.argv[2:]]
        status = subprocess.run(command, cwd=ROOT, env=environment).returncode
    if minutes >= MINUTES and FOUND.exists():
        requests = generated.TABLE.read_text() if generated.TABLE.exists() else "There was no run.\n"
        REPORT.write_text(f"{HEAD}{FOUND.read_text()}## Generated requests\n\n{requests}")
    return status


if __name__ == "__main__":
    main(lambda: _run(int(sys.argv[1]) if len(sys.argv) > 1 else MINUTES))
