"""Runs commands of test.py at once, each in a process of its own. Each line that one prints is shown at once, after its name."""

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
def beside(names):
    """Yields a function that waits for the commands and returns their totals. A command that still runs at the end is stopped."""
    with ThreadPoolExecutor(len(names)) as pool:
        running = {name: _start(name) for name in names}
        following = [pool.submit(_follow, name, process) for name, process in running.items()]

        def finish() -> Totals:
            if left := [name for name, process in running.items() if process.poll() is None]:
                say(f"waiting for {', '.join(left)}")
            totals = Totals()
            for each in following:
                totals.add(each.result())
            return totals

        try:
            yield finish
        finally:
            for process in running.values():
                process.terminate()


def _start(name: str) -> subprocess.Popen:
    return subprocess.Popen([sys.executable, TEST, name], cwd=ROOT, stdin=subprocess.DEVNULL,
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace")


def _follow(name: str, process: subprocess.Popen) -> Totals:
    """Keeps what the command prints in a file too, where the lines of others are not between its own."""
    line = ""
    with (LOCAL / "log" / f"test-{name}.log").open("w") as log:
        for line in process.stdout:
            log.write(line)
            log.flush()
            say(f"{name}  {line.rstrip()}")
    counted = re.fullmatch(r"(\d+) passed, (\d+) failed", line.strip())
    process.wait()
    return Totals(*map(int, counted.groups())) if counted else Totals(failed=1)
