"""The output for the person at the terminal: one line for each piece of work, one line if it fails."""

import os
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

TAIL_IN_CI = 60  # lines of a failed step's log, because nobody can open the file in CI


class Failure(Exception):
    """Ends the command. The text is the one line that the person gets."""


_lock = threading.Lock()
_open = None  # the step that has begun the line at hand


def say(text: str) -> None:
    with _lock:
        _end_line()
        print(text, flush=True)


def warn(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


@contextmanager
def step(what: str):
    """Prints what is being done, then how long it took: on the same line, unless another one came between."""
    global _open
    this = object()
    with _lock:
        _end_line()
        print(f"{what} … ", end="", flush=True)
        _open = this
    began = time.monotonic()
    try:
        yield
    except BaseException:
        _finish(this, what, "failed" if sys.exc_info()[0] is not KeyboardInterrupt else "interrupted")
        raise
    _finish(this, what, f"{time.monotonic() - began:.0f} s")


def _finish(this: object, what: str, how: str) -> None:
    global _open
    with _lock:
        if _open is not this:
            _end_line()
            print(f"{what} … ", end="")
        _open = None
        print(how, flush=True)


def _end_line() -> None:
    global _open
    if _open:
        print(flush=True)
    _open = None


def together(jobs: list) -> None:
    """Runs jobs, each (its name, a function), at once under one line. Raises the first failure when all have ended."""
    if not jobs:
        return
    with step("setting up " + ", ".join(name for name, _ in jobs)):
        with ThreadPoolExecutor(len(jobs)) as pool:
            running = [pool.submit(job) for _, job in jobs]
        for each in running:
            each.result()


def run_logged(command: list, log: Path, what: str, **options) -> None:
    """Runs a command with all that it prints in `log`. Raises Failure, naming that file, if it fails."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("w") as out:
        done = subprocess.run([str(part) for part in command], stdout=out, stderr=subprocess.STDOUT,
                              stdin=subprocess.DEVNULL, **options)
    if done.returncode:
        show_tail_in_ci(log)
        raise Failure(f"{what} failed (exit {done.returncode}); the details are in {log}")


def show_tail_in_ci(log: Path) -> None:
    if os.environ.get("CI") and log.exists():
        lines = log.read_text(errors="replace").splitlines()
        warn("\n" + "\n".join(lines[-TAIL_IN_CI:]))


def main(command) -> None:
    """Runs a command's function; a Failure becomes one line and exit status 1."""
    try:
        sys.exit(command() or 0)
    except Failure as failure:
        warn(f"latchkey: {failure}")
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
