"""Runs a command that prints a line for each promise. The line begins with ok or FAIL."""

import subprocess

from console import say
from gotest import Totals
from settings import ROOT


def run(name: str, command: list, environment: dict[str, str]) -> Totals:
    """Shows what it printed if one begins with FAIL, or none with ok."""
    done = subprocess.run([str(part) for part in command], cwd=ROOT, env=environment, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, text=True)
    kept = [line.startswith("ok") for line in done.stdout.splitlines() if line.startswith(("ok", "FAIL"))]
    if done.returncode or not all(kept):
        say(done.stdout.rstrip())
    totals = Totals(passed=kept.count(True), failed=kept.count(False) or int(done.returncode != 0 or not kept))
    say(f"{'FAIL' if totals.failed else 'ok'}    {name}  {totals.passed} passed, {totals.failed} failed")
    return totals
