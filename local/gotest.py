"""Runs `go test`: prints a line for each finished package and the whole output of a failed test, and counts the results.

A skipped test counts as failed, because everything that a test needs is started for it.
"""

import json
import subprocess
from collections import defaultdict
from dataclasses import dataclass, field

from console import say
from settings import ROOT


@dataclass
class Totals:
    passed: int = 0
    failed: int = 0

    def add(self, other: "Totals") -> None:
        self.passed += other.passed
        self.failed += other.failed


def conclude(totals: Totals) -> int:
    """Says the totals. Returns the exit status of a command that ran these tests."""
    say(f"{totals.passed} passed, {totals.failed} failed")
    return 1 if totals.failed or not totals.passed else 0


@dataclass
class _Package:
    results: dict[str, str] = field(default_factory=dict)  # test → pass, fail or skip
    output: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))  # "" → the package's own

    def leaves(self) -> dict[str, str]:
        """Without the tests that only group others, so that nothing counts twice."""
        groups = {name.rpartition("/")[0] for name in self.results}
        return {name: result for name, result in self.results.items() if name not in groups}


def run(arguments: list[str], environment: dict[str, str], all_checkable: bool = True) -> Totals:
    """`arguments` follow `go test -json`. Where not everything is checkable, skipped tests are printed and not counted."""
    totals, packages = Totals(), defaultdict(_Package)
    # Without vet: `make check` has it, with all its analyses.
    process = subprocess.Popen(["go", "test", "-json", "-vet=off", *arguments], cwd=ROOT, env=environment, text=True,
                               stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    try:
        for line in process.stdout:
            try:
                event = json.loads(line)
            except ValueError:
                say(line.rstrip())  # a message of the go command itself
                continue
            _take(event, packages, totals, all_checkable)
        if process.wait() and not totals.failed:
            totals.failed += 1  # the go command failed before any test ran
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait()
    return totals


def _take(event: dict, packages: dict[str, _Package], totals: Totals, all_checkable: bool) -> None:
    action, test = event["Action"], event.get("Test", "")
    if action == "build-output":
        say(event["Output"].rstrip())
        return
    if "Package" not in event:
        return
    package = packages[event["Package"]]
    if action == "output":
        package.output[test].append(event["Output"])
    elif action in ("pass", "fail", "skip"):
        if test:
            package.results[test] = action
            if action == "pass":
                package.output.pop(test, None)
        else:
            totals.add(_finish(event, package, all_checkable))


def _finish(event: dict, package: _Package, all_checkable: bool) -> Totals:
    leaves = package.leaves()
    passed = sum(result == "pass" for result in leaves.values())
    skipped = [name for name, result in leaves.items() if result == "skip"]
    failed = len(leaves) - passed - (0 if all_checkable else len(skipped))
    if event["Action"] == "fail":
        failed = max(failed, 1)  # the build failed, or something outside of the tests
    if not passed and not failed:
        return Totals()  # no test files
    for name, lines in package.output.items():
        if failed and (package.results.get(name) != "pass" or not name):
            say("".join(lines).rstrip())
    if skipped:
        say(f"{'skipped, and so failed' if all_checkable else 'not checkable here'}: {', '.join(skipped)}")
    verdict = "FAIL" if failed else "ok  "
    say(f"{verdict}  {event['Package']}  {event.get('Elapsed', 0):.1f} s  {passed} passed" + (f", {failed} failed" if failed else ""))
    return Totals(passed, failed)
