"""`make bench`: whole functions beside the smallest possible function, then the Go benchmarks. Writes docs/benchmarks.md.

No Docker: the real binaries run under the Runtime Interface Emulator of the SAM CLI, with DynamoDB Local.
LATCHKEY_BENCH=<regexp> runs only some of them, and does not write the document. The output of the Go benchmarks is kept
in .local/bench/go.txt, and that of the run before in go.before.txt, for benchstat.
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


BENCHSTAT = "golang.org/x/perf/cmd/benchstat@v0.0.0-20260908200009-22c9c6c9d4da"
GO_TEST = ["go", "test", "-run=^$", "-benchmem", "-timeout=60m"]
PACKAGES = ["./authorizer", "./shared/apikey", "./shared/token", "./tests/bench"]
UNITS = ".unit:(sec/op OR cpu-µs/op OR allocs/op)"
OUTPUT, BEFORE = PROGRAMS / "go.txt", PROGRAMS / "go.before.txt"


def benchmarks() -> Totals:
    build.build()
    _programs()
    some = os.environ.get("LATCHKEY_BENCH")
    with dynamodb_local.running() as endpoint:
        environment = plain_environment() | envfile.read(developer_stack().env_file) | dynamodb_local.variables(endpoint) | {
            "LAMBDA_RIE": str(_emulator()), "BENCH_PROGRAMS": str(PROGRAMS), "BENCH_REPORT": "" if some else str(REPORT),
            "BENCH_VERSIONS": _versions(),
            "BENCH_STARTS": os.environ.get("BENCH_STARTS", ""), "BENCH_CALLS": os.environ.get("BENCH_CALLS", "")}
        if some:
            failed = subprocess.run([*GO_TEST, f"-bench={some}", *PACKAGES], cwd=ROOT, env=environment).returncode
        else:
            processes = subprocess.run([*GO_TEST, "-bench=Processes", "./tests/bench"], cwd=ROOT, env=environment)
            failed = processes.returncode or _parts(environment)
    return Totals(failed=1) if failed else Totals(passed=1)


def _parts(environment: dict[str, str]) -> int:
    """The Go benchmarks, six times, and their medians at the end of the document. Returns an exit status."""
    if OUTPUT.exists():
        OUTPUT.replace(BEFORE)
    with OUTPUT.open("w") as out:
        done = subprocess.run([*GO_TEST, "-bench=.", "-skip=Processes", "-count=6", *PACKAGES], cwd=ROOT, env=environment, stdout=out)
    if done.returncode:
        print(OUTPUT.read_text())
        return done.returncode
    medians = _benchstat(OUTPUT)
    with REPORT.open("a") as report:
        report.write(f"\n## Parts of a check\n\nThe Go benchmarks, six times each, by benchstat.\n\n```\n{medians}```\n")
    print(_benchstat(BEFORE, OUTPUT) if BEFORE.exists() else medians)
    return 0


def _benchstat(*files: Path) -> str:
    command = ["go", "run", BENCHSTAT, "-filter", UNITS, *(file.name for file in files)]
    done = subprocess.run(command, cwd=PROGRAMS, capture_output=True, text=True)
    if done.returncode:
        raise Failure(f"benchstat failed:\n{done.stderr}")
    return done.stdout


def _versions() -> str:
    def version(command: list[str]) -> str:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    return (f", DynamoDB Local {dynamodb_local.version()}, Node {version(['node', '--version'])}, "
            f"{version([str(venvs.python('ministack')), '--version'])}")


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
