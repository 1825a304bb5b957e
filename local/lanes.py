"""Runs a command of test.py beside the caller, in a process of its own. Each line that it prints is shown at once, after its name."""

import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from console import say
from gotest import Totals
from settings import LOCAL, ROOT

TEST = Path(__file__).parent / "test.py"


@contextmanager
def beside(name: str):
    """Yields a function that waits for the command and returns its totals. If it still runs at the end, it is stopped."""
    with ThreadPoolExecutor(1) as pool:
        process = _start(name)
        following = pool.submit(_follow, name, process)

        def finish() -> Totals:
            if process.poll() is None:
                say(f"waiting for {name}")
            return following.result()

        try:
            yield finish
        finally:
            process.terminate()


def _start(name: str) -> subprocess.Popen:
    return subprocess.Popen([sys.executable, TEST, name], cwd=ROOT, stdin=subprocess.DEVNULL,
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace")


def _follow(name: str, process: subprocess.Popen) -> Totals:
    """Keeps what the command prints in a file too, where no other lines are between them."""
    line, kept = "", LOCAL / "log" / f"test-{name}.log"
    kept.parent.mkdir(parents=True, exist_ok=True)
    with kept.open("w") as log:
        for line in process.stdout:
            log.write(line)
            log.flush()
            say(f"{name}  {line.rstrip()}")
    counted = re.fullmatch(r"(\d+) passed, (\d+) failed", line.strip())
    process.wait()
    return Totals(*map(int, counted.groups())) if counted else Totals(failed=1)
