"""`make requests`: sends generated requests to a stack of its own (tests/requests), and writes the table to .local/requests.md.

COUNT=2000 and SEED=7 choose how many and which.
"""

import os
import subprocess

import gobuild
import prerequisites
import stack as emulator
import start
from console import main
from settings import LOCAL, ROOT, plain_environment

PACKAGE = "./tests/requests"
TABLE = LOCAL / "requests.md"
LIMITS = {f"RateLimit{name}": "1000000" for name in ("Auth", "Account", "Management", "Read", "Write")}


def command(*options: str) -> list:
    """The command that sends them to the stack that its environment tells of."""
    gobuild.compile_packages([PACKAGE])
    return [gobuild.BINARIES / "requests", *options]


def _run() -> int:
    prerequisites.check("linux")
    chosen = [f"-{option}={os.environ[name]}" for option, name in (("n", "COUNT"), ("seed", "SEED")) if os.environ.get(name)]
    with emulator.fresh("requests") as stack:
        values = start.bring_up(stack, LIMITS)
        return subprocess.run(command(f"-report={TABLE}", *chosen), cwd=ROOT, env=plain_environment() | values).returncode


if __name__ == "__main__":
    main(_run)
