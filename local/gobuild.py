"""Compiles all functions by one `go build`, and reports whether a source of the deployment has changed.

A module of its own, so that setup.py can start the compilation while the tools are still being installed.
"""

import fcntl
import hashlib
import os
import subprocess
from contextlib import contextmanager
from pathlib import Path

import venvs
from console import Failure, run_logged
from settings import BUILD, LOCAL, ROOT, machine_architecture, plain_environment

# Without a C library, paths and a commit, the same sources give the same bytes. So only changed functions are deployed again.
# What a debugger needs is not compiled, since -s -w drops it, and the compiler, which lives for seconds, seldom collects its garbage:
# together a fifth of its time.
FLAGS = {"CGO_ENABLED": "0", "GOFLAGS": '-buildvcs=false -trimpath -tags=lambda.norpc -gcflags=all=-dwarf=false "-ldflags=-s -w"'}
SETTINGS = FLAGS | {"GOGC": "400"}
INPUTS = ("template.yaml", "go.mod", "go.sum", "local/gobuild.py", "local/build.py", "local/cfn.py")
SOURCES = ("functions", "authorizer", "shared", "examples")
BINARIES = BUILD / "bin"  # each binary has the name of its folder
STAMP = BUILD / "inputs.sha256"  # the digest of the files from which `.local/build/` was made
LOG = LOCAL / "log" / "build.log"


def jobs() -> list:
    """The compilation as a job for console.together, if a source has changed."""
    return [] if built(digest()) else [("the functions", compile_functions)]


def built(wanted: str) -> bool:
    return STAMP.exists() and STAMP.read_text() == wanted


def compile_functions() -> None:
    check_catalogue()
    compile_packages([f"./{folder}/..." for folder in SOURCES])


def check_catalogue() -> None:
    """A mistake in the catalogue of scopes compiles, and then no function can start. So it stops the build, with its line."""
    found = subprocess.run(["go", "run", "./local/catalogue"], cwd=ROOT, env=plain_environment() | SETTINGS, capture_output=True, text=True)
    if found.returncode:
        raise Failure(found.stderr.replace("exit status 1\n", "").strip())


def compile_packages(packages: list[str], sources: Path = ROOT, binaries: Path = BINARIES, architecture: str = "") -> None:
    """A repeated call is cheap: Go compiles and links only what has changed."""
    with one_at_a_time("compile"):
        binaries.mkdir(parents=True, exist_ok=True)
        run_logged(["go", "build", "-o", f"{binaries}{os.sep}", *packages], LOG, "compiling the functions", cwd=sources,
                   env=environment(architecture))


def digest() -> str:
    """Returns the digest of the paths and contents of all files that can change a binary or the deployment."""
    total = hashlib.sha256(machine_architecture().encode())
    files = [ROOT / name for name in INPUTS]
    for folder in SOURCES:
        files += sorted(path for path in (ROOT / folder).rglob("*") if path.is_file() and not path.name.endswith("_test.go"))
    for path in files:
        if path.exists():
            total.update(f"{path.relative_to(ROOT)}\0{path.stat().st_size}\0".encode())
            total.update(path.read_bytes())
    return total.hexdigest()


def environment(architecture: str = "") -> dict[str, str]:
    """The environment in which a function is compiled, by us or by `sam build`: for this machine's architecture, or another of Lambda's."""
    path = os.pathsep.join((str(venvs.tool("sam", "sam").parent), os.environ["PATH"]))
    target = {"GOOS": "linux", "GOARCH": "arm64" if (architecture or machine_architecture()) == "arm64" else "amd64"}
    return plain_environment() | SETTINGS | target | {"SAM_CLI_TELEMETRY": "0", "PATH": path}


@contextmanager
def one_at_a_time(what: str):
    """`make start` and `make test` may run together and share `.local/build/`."""
    BUILD.mkdir(parents=True, exist_ok=True)
    with (BUILD / f"{what}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
