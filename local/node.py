"""Runs the tests of a folder with a package.json: npm fetches what package-lock.json has, into the folder's node_modules."""

import fcntl
import re
import subprocess
from contextlib import contextmanager
from pathlib import Path

from console import run_logged, say, together
from gotest import Totals
from settings import LOCAL, ROOT

BROWSER = ROOT / "tests" / "browser"
SITE = ROOT / "local" / "website"
TYPESCRIPT = ROOT / "clients" / "typescript"
CDK = ROOT / "clients" / "cdk"


def test(folder: Path, environment: dict[str, str], script: str = "test") -> Totals:
    """Runs a script of package.json. Shows what the runner prints, and reads its totals. A skipped or cancelled test counts as failed."""
    together(jobs(folder))
    counts = {}
    with subprocess.Popen(["npm", "run", script, "--silent"], cwd=folder, env=environment, text=True, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:
        try:
            for line in process.stdout:
                say(line.rstrip())
                if total := re.match(r"(?:ℹ|#) (pass|fail|cancelled|skipped|todo) (\d+)", line):
                    counts[total.group(1)] = counts.get(total.group(1), 0) + int(total.group(2))  # of each run
        except BaseException:  # this program is stopped
            process.terminate()
            raise
    passed = counts.pop("pass", 0)
    failed = sum(counts.values())
    return Totals(passed, failed or int(process.returncode != 0))


@contextmanager
def alone(folder: Path):
    """For what builds a folder or uses the result: another step of `make test` may do the same at that moment."""
    with (LOCAL / "log" / f"npm-{folder.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def jobs(*folders: Path) -> list:
    """The jobs (for console.together) that install the packages that a folder still lacks."""
    return [(f"npm packages of {folder.relative_to(ROOT)}", lambda folder=folder: _install(folder))
            for folder in folders if not _up_to_date(folder)]


def _up_to_date(folder: Path) -> bool:
    return _stamp(folder).exists() and _stamp(folder).read_bytes() == _lock(folder).read_bytes()


def _install(folder: Path) -> None:
    run_logged(["npm", "ci", "--ignore-scripts"], LOCAL / "log" / f"npm-{folder.name}.log", "npm ci", cwd=folder)
    _stamp(folder).write_bytes(_lock(folder).read_bytes())


def _lock(folder: Path) -> Path:
    return folder / "package-lock.json"


def _stamp(folder: Path) -> Path:
    return folder / "node_modules" / ".latchkey-lock"
