"""Runs the tests of a folder with a package.json: npm fetches what package-lock.json has, into the folder's node_modules."""

import re
import shutil
import subprocess
from pathlib import Path

from console import Failure, run_logged, say, step
from gotest import Totals
from settings import LOCAL, ROOT

OLDEST = 20


def check() -> None:
    found = shutil.which("node") and subprocess.run(["node", "--version"], capture_output=True, text=True).stdout
    if not found or not shutil.which("npm") or int(re.match(r"v(\d+)", found).group(1)) < OLDEST:
        raise Failure(f"Node {OLDEST} or newer with npm is needed, and Chromium for the dashboard: apt-get install nodejs npm chromium")


def test(folder: Path, environment: dict[str, str]) -> Totals:
    """Shows what the runner prints, and reads its totals. A skipped or cancelled test counts as failed."""
    install(folder)
    counts = {}
    with subprocess.Popen(["npm", "test", "--silent"], cwd=folder, env=environment, text=True, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:
        for line in process.stdout:
            say(line.rstrip())
            if total := re.match(r"(?:ℹ|#) (pass|fail|cancelled|skipped|todo) (\d+)", line):
                counts[total.group(1)] = int(total.group(2))
    passed = counts.pop("pass", 0)
    failed = sum(counts.values())
    return Totals(passed, failed or int(process.returncode != 0))


def install(folder: Path) -> None:
    lock, stamp = folder / "package-lock.json", folder / "node_modules" / ".latchkey-lock"
    if stamp.exists() and stamp.read_bytes() == lock.read_bytes():
        return
    with step(f"installing the packages of {folder.relative_to(ROOT)}"):
        run_logged(["npm", "ci", "--ignore-scripts"], LOCAL / "log" / "npm.log", "npm ci", cwd=folder)
    stamp.write_bytes(lock.read_bytes())
