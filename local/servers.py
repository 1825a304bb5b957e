"""Runs the middleware of clients/ inside the frameworks that it is for, against a running deployment: see tests/servers."""

import re
import subprocess
import sys

import envfile
import lines
import node
import venvs
from console import main, run_logged, say, together
from gotest import Totals
from settings import LOCAL, ROOT, developer_stack, plain_environment

FOLDER = ROOT / "tests" / "servers"
PYTHON = ROOT / "clients" / "python"
GO = LOCAL / "servers" / "go"


def test(environment: dict[str, str]) -> Totals:
    """clients/typescript is built, as its own tests leave it."""
    together(jobs() + [("the servers in Go", _build)])
    programs = [GO, f"{venvs.python('servers')} {PYTHON / 'tests' / 'servers.py'}", f"node {node.TYPESCRIPT / 'test' / 'servers.js'}"]
    command = [venvs.python("ministack"), FOLDER / "scenarios.py", *programs]
    totals = lines.run("middleware", command, environment | {"PYTHONPATH": str(PYTHON / "src")})
    totals.add(_python(environment | {"PYTHONPATH": str(PYTHON / "src")}))
    return totals


def jobs() -> list:
    """The jobs (for console.together) that install what is missing."""
    return venvs.jobs("servers") + node.jobs(node.TYPESCRIPT)


def _build() -> None:
    GO.parent.mkdir(parents=True, exist_ok=True)
    run_logged(["go", "build", "-o", GO, "."], LOCAL / "log" / "servers-go.log", "building the servers in Go", cwd=FOLDER / "go",
               env=plain_environment())


def _python(environment: dict[str, str]) -> Totals:
    command = [venvs.python("servers"), "-W", "ignore", PYTHON / "tests" / "middleware.py"]
    done = subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    ran = re.search(r"^Ran ([1-9]\d*) tests", done.stdout, re.MULTILINE)
    failed = done.returncode != 0 or not ran
    say(f"{'FAIL' if failed else 'ok  '}  clients/python, middleware" + (f"\n{done.stdout}" if failed else ""))
    return Totals(passed=0 if failed else int(ran.group(1)), failed=int(failed))


def _start() -> int:
    """Against what `make start` runs."""
    stack = developer_stack()
    together(jobs())
    run_logged(["npm", "run", "build", "--silent"], LOCAL / "log" / "servers-node.log", "building clients/typescript", cwd=node.TYPESCRIPT)
    return int(test(plain_environment() | envfile.read(stack.env_file)).failed > 0)


if __name__ == "__main__":
    sys.exit(main(_start))
