"""`make stop` and `make reset`, for the stack that `make start` runs."""

import sys

import console
import stack as emulator
from settings import ENV_FILE, developer_stack


def stop() -> None:
    stopped = emulator.stop(developer_stack())
    console.say("stopped; the data is kept" if stopped else "nothing was running")


def reset() -> None:
    """Deletes the data and the deployment. Downloads and builds stay."""
    emulator.forget(developer_stack())
    ENV_FILE.unlink(missing_ok=True)
    console.say("stopped, and its data forgotten")


if __name__ == "__main__":
    console.main({"stop": stop, "reset": reset}[sys.argv[1]])
