"""The tests of `make local`, and of the helpers for tests in Go, TypeScript and Python: a step of `make test`.

One run of the command serves all of them. It is started, used and stopped as a user would; then nothing may be left.
"""

import filecmp
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

import envfile
import gotest
import node
import venvs
from console import Failure, say, step
from gotest import Totals
from settings import LOCAL, ROOT, free_port, plain_environment

SHOP = ROOT / "tests" / "guarded" / "shop"
FOLDER = LOCAL / "guarded"
PYTHON = ROOT / "clients" / "python"
E2E = ["-tags", "e2e", "-count=1"]
START_SECONDS = 600
STOP_SECONDS = 30


def on_the_emulator() -> Totals:
    totals = gotest.run([*E2E, "./tests/guarded/mistakes/"], plain_environment())
    with _served("template.yaml", "0", totals) as environment:
        totals.add(gotest.run([*E2E, "./tests/guarded/served/", "./clients/latchkeytest/"], environment))
        with node.alone(node.TYPESCRIPT):
            totals.add(node.test(node.TYPESCRIPT, environment, "test:testing"))
        totals.add(_pytest(environment))
    return totals


def in_docker() -> Totals:
    """With functions in Go only, so that it needs one image."""
    totals = Totals()
    with _served("go.yaml", "1", totals) as environment:
        totals.add(gotest.run([*E2E, "./tests/guarded/served/"], environment))
    return totals


@contextmanager
def _served(template: str, docker: str, totals: Totals):
    """Yields the environment of a shell that has sourced the env file. Adds to `totals` whether all was undone."""
    with tempfile.TemporaryDirectory() as folder:
        theirs = Path(folder) / "shop"
        shutil.copytree(SHOP, theirs)
        settings = {"TEMPLATE": str(theirs / template), "PORT": str(free_port(following=2)), "DOCKER": docker}
        # As a shell that has sourced the env file of `make start` would.
        sourced = {"API_URL": "http://127.0.0.1:1", "ADMIN_EMAIL": "x@example.com", "TABLE_NAME": "another", "ISSUER": "another",
                   "AWS_ENDPOINT_URL": "http://127.0.0.1:1", "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
        with (LOCAL / "log" / "guard-tests.log").open("w+") as log:
            process = subprocess.Popen(["make", "local"], cwd=ROOT, env=plain_environment() | sourced | settings, stdin=subprocess.DEVNULL,
                                       stdout=log, stderr=log)
            try:
                with step("make local"):
                    env_file = _wait(process, Path(log.name))
                yield plain_environment() | envfile.read(env_file) | {"LATCHKEY_ENV_FILE": str(env_file)}
            finally:
                left = _stop(process)
        if _differs(SHOP, theirs):
            left.append(f"a change in the user's folder: {_differs(SHOP, theirs)}")
    say(f"{'FAIL' if left else 'ok  '}  make local is undone" + "".join(f"\n      left: {what}" for what in left))
    totals.add(Totals(passed=int(not left), failed=int(bool(left))))


def _wait(process: subprocess.Popen, log: Path) -> Path:
    env_file = FOLDER / "credentials.env"
    deadline = time.monotonic() + START_SECONDS
    while not env_file.exists():
        if process.poll() is not None or time.monotonic() > deadline:
            raise Failure(f"make local did not start: {log.read_text().strip().splitlines()[-1]}")
        time.sleep(0.2)
    return env_file


def _stop(process: subprocess.Popen) -> list[str]:
    """Sends SIGTERM. Returns what is left."""
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(timeout=STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        return [f"the command, {STOP_SECONDS} s after SIGTERM"]
    left = [str(FOLDER)] if FOLDER.exists() else []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if (entry / "cwd").readlink().is_relative_to(FOLDER):
                left.append(f"process {(entry / 'cmdline').read_text()}")
        except OSError:
            continue  # it has ended
    if shutil.which("docker"):
        listed = subprocess.run(["docker", "ps", "-aq", "--filter", f"label=latchkey.guarded={FOLDER}"], capture_output=True, text=True)
        left += [f"container {name}" for name in listed.stdout.split()]
    return left


def _differs(one: Path, other: Path) -> list[str]:
    found = filecmp.dircmp(one, other)
    inside = [difference for name in found.common_dirs for difference in _differs(one / name, other / name)]
    return found.left_only + found.right_only + found.diff_files + inside


def _pytest(environment: dict[str, str]) -> Totals:
    """Shows what pytest prints if a test fails."""
    venvs.ensure("fuzz")
    command = [venvs.python("fuzz"), "-m", "pytest", "-q", "-p", "latchkey.pytest_plugin", "-p", "no:cacheprovider", PYTHON / "tests"]
    report = subprocess.run(command, cwd=PYTHON, text=True, capture_output=True,
                            env=environment | {"PYTHONPATH": str(PYTHON / "src"), "PYTHONDONTWRITEBYTECODE": "1",
                                               "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"})
    passed = _counted(report.stdout, "passed")
    failed = _counted(report.stdout, "failed") + _counted(report.stdout, "error") or int(report.returncode != 0)
    if failed:
        say(report.stdout + report.stderr)
    say(f"{'FAIL' if failed else 'ok  '}  clients/python  {passed} passed")
    return Totals(passed, failed)


def _counted(text: str, word: str) -> int:
    numbers = re.findall(rf"(\d+) {word}", text)
    return int(numbers[-1]) if numbers else 0


if __name__ == "__main__":
    os.chdir(ROOT)
    result = in_docker() if sys.argv[1:] == ["docker"] else on_the_emulator()
    sys.exit(gotest.conclude(result))
