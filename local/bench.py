"""`make bench`: the Go benchmarks, and whole functions beside the smallest possible function. Writes docs/benchmarks.md.

No Docker: the real binaries run under the Runtime Interface Emulator of the SAM CLI, with DynamoDB Local.
LATCHKEY_BENCH=<regexp> runs only some of them, and writes nothing.
"""

import os
import stat
import subprocess
from pathlib import Path

import build
import dynamodb_local
import envfile
import gobuild
import node
import venvs
from console import Failure, run_logged, step, together
from gotest import Totals
from settings import BUILD, LOCAL, ROOT, developer_stack, machine_architecture, plain_environment

PROGRAMS = LOCAL / "bench"
SOURCES = ROOT / "tests" / "bench"
REPORT = ROOT / "docs" / "benchmarks.md"


def benchmarks() -> Totals:
    build.build()
    _programs()
    some = os.environ.get("LATCHKEY_BENCH")
    command = ["go", "test", "-run=^$", f"-bench={some or '.'}", "-benchmem", "-timeout=60m", "./tests/bench" if some else "./..."]
    with dynamodb_local.running() as endpoint:
        environment = plain_environment() | envfile.read(developer_stack().env_file) | dynamodb_local.variables(endpoint) | {
            "LAMBDA_RIE": str(_emulator()), "BENCH_PROGRAMS": str(PROGRAMS), "BENCH_REPORT": "" if some else str(REPORT),
            "BENCH_STARTS": os.environ.get("BENCH_STARTS", ""), "BENCH_CALLS": os.environ.get("BENCH_CALLS", "")}
        done = subprocess.run(command, cwd=ROOT, env=environment)
    return Totals(passed=1) if done.returncode == 0 else Totals(failed=1)


def _programs() -> None:
    """Latchkey's own functions, the floor and the bare minimum, and the same in Node and Python: <name>/bootstrap."""
    PROGRAMS.mkdir(parents=True, exist_ok=True)
    for name in ("floor", "bare"):
        with step(f"building {name}"):
            run_logged(["go", "build", "-o", PROGRAMS / name / "bootstrap", f"./tests/bench/{name}"], LOCAL / "log" / "bench.log",
                       f"building {name}", cwd=ROOT, env=gobuild.environment())
    for folder in (BUILD / "sam").iterdir():
        link = PROGRAMS / folder.name
        if (folder / "bootstrap").exists() and not link.exists():
            link.symlink_to(folder)
    together(node.jobs(SOURCES / "node"))
    _script("node", f'exec node "{SOURCES}/node/authorizer.mjs"')
    _script("python", f'exec "{venvs.python("ministack")}" "{SOURCES}/python/authorizer.py"')


def _script(name: str, command: str) -> None:
    path = PROGRAMS / name / "bootstrap"
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"#!/bin/sh\n{command}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)


def _emulator() -> Path:
    name = f"aws-lambda-rie-{machine_architecture()}"
    found = list((LOCAL / "venvs" / "sam").glob(f"lib/python*/site-packages/samcli/local/rapid/{name}"))
    if not found:
        raise Failure(f"the SAM CLI in .local/venvs/sam has no {name}")
    return found[0]
