"""Tests the client of clients/python against a running deployment: what is generated is up to date, the types are strict, its README's
examples run, and what it packs is what it needs.

Also alone, against what `make start` runs: `.local/venvs/ministack/bin/python local/python_client.py`. Then it generates first.
"""

import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import envfile
import venvs
from console import main, run_logged, say
from gotest import Totals
from settings import LOCAL, ROOT, developer_stack, plain_environment

FOLDER = ROOT / "clients" / "python"
TESTS = sorted((FOLDER / "tests").glob("client_*.py"))
RAN = re.compile(r"^Ran ([1-9]\d*) tests?", re.MULTILINE)


def test(environment: dict[str, str]) -> Totals:
    venvs.ensure("servers", "release")
    environment = environment | {"PYTHONPATH": str(FOLDER / "src"), "BUILDER": str(venvs.python("release")),
                                 "MYPYPATH": f"{FOLDER / 'src'}:{FOLDER / 'tests'}"}
    generated = [venvs.python("servers"), FOLDER / "generate.py", "--check"]
    typed = [venvs.tool("servers", "mypy"), "--strict", "--python-version", "3.10", "--cache-dir", LOCAL / "mypy-client", "--exclude",
             "pytest_plugin", Path("src") / "latchkey", *TESTS]
    steps = {"what is generated is up to date": generated, "types": typed} | {
        path.stem: [venvs.python("servers"), "-W", "ignore", path] for path in TESTS}
    totals = Totals()
    with ThreadPoolExecutor(len(steps)) as pool:  # most of them wait
        for counted in pool.map(lambda step: _run(*step, environment), steps.items()):
            totals.add(counted)
    return totals


def _run(name: str, command: list, environment: dict[str, str]) -> Totals:
    done = subprocess.run(command, cwd=FOLDER, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True)
    ran = RAN.search(done.stdout)
    failed = done.returncode != 0 or name.startswith("client_") and not ran
    say(f"{'FAIL' if failed else 'ok  '}  clients/python, {name}" + (f"\n{done.stdout}" if failed else ""))
    return Totals(passed=0 if failed else int(ran.group(1)) if ran else 1, failed=int(failed))


def _start() -> int:
    venvs.ensure("servers")
    run_logged([venvs.python("servers"), FOLDER / "generate.py"], LOCAL / "log" / "generate-python.log", "generating")
    return int(test(plain_environment() | envfile.read(developer_stack().env_file)).failed > 0)


if __name__ == "__main__":
    sys.exit(main(_start))
