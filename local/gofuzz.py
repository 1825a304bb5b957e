"""`make fuzz`: runs each of Go's fuzz tests for a while (SECONDS=60).

A fuzz test makes up inputs from those that it has, those that it found before (in Go's cache) and those in testdata/fuzz
beside it. An input that fails is written there: keep it, and every later run of the unit tests tries it.
"""

import os
import re
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import gotest
from console import main, say
from gotest import Totals
from settings import ROOT, plain_environment

# How Go's fuzzing ends now and then where it found nothing: golang/go#75804, until Go 1.27.
ENDED_BADLY = re.compile(r"^--- FAIL: .*\n +context deadline exceeded\nFAIL$", re.MULTILINE)
TRIES = 3
FUZZ_TEST = re.compile(r"^func (Fuzz\w+)\(f \*testing\.F\)", re.MULTILINE)


def fuzz(seconds: int) -> Totals:
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        passed = list(pool.map(lambda target: _run(*target, seconds), _targets()))
    return Totals(passed=sum(passed), failed=len(passed) - sum(passed) or int(not passed))


def _targets() -> list[tuple[str, str]]:
    """Each fuzz test as its folder and its name."""
    return [(str(path.parent.relative_to(ROOT)), name)
            for folder in ("authorizer", "functions", "shared") for path in sorted((ROOT / folder).rglob("*_test.go"))
            for name in FUZZ_TEST.findall(path.read_text())]


def _run(folder: str, name: str, seconds: int) -> bool:
    command = ["go", "test", "-run=^$", f"-fuzz=^{name}$", f"-fuzztime={seconds}s", "-parallel=1", f"./{folder}"]
    for _ in range(TRIES):
        began = time.monotonic()
        done = subprocess.run(command, cwd=ROOT, env=plain_environment(), text=True, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        if not _ended_badly(done.stdout):
            break
    if done.returncode:
        say(done.stdout.rstrip())
    verdict, inputs = "FAIL" if done.returncode else "ok  ", re.findall(r"execs: (\d+)", done.stdout)
    say(f"{verdict}  {folder}  {name}  {time.monotonic() - began:.0f} s  {inputs[-1] if inputs else 0} inputs")
    return done.returncode == 0


def _ended_badly(output: str) -> bool:
    return bool(ENDED_BADLY.search(output)) and "Failing input written" not in output


if __name__ == "__main__":
    main(lambda: gotest.conclude(fuzz(int(sys.argv[1]))))
