"""`make stop`, `make logs` and `make reset`, for the stack that `make start` runs."""

import contextlib
import subprocess
import sys

import console
import stack as emulator
from settings import ENV_FILE, developer_stack

LINES_BEFORE = "30"


def stop() -> None:
    stopped = emulator.stop(developer_stack())
    console.say("stopped; the data is kept" if stopped else "nothing was running")


def reset() -> None:
    """Deletes the data and the deployment. Downloads and builds stay."""
    emulator.forget(developer_stack())
    ENV_FILE.unlink(missing_ok=True)
    console.say("stopped, and its data forgotten")


def logs() -> None:
    """Follows the output of the functions and of the emulator."""
    stack = developer_stack()
    files = [path for path in (stack.function_log, stack.emulator_log) if path.exists()]
    if not files:
        raise console.Failure("there is no log yet: make start")
    with contextlib.suppress(KeyboardInterrupt):  # Ctrl-C ends the command
        subprocess.run(["tail", "-n", LINES_BEFORE, "-F", *files])


if __name__ == "__main__":
    console.main({"stop": stop, "logs": logs, "reset": reset}[sys.argv[1]])
