"""Builds the functions with `sam build`, unless nothing that goes into them has changed."""

import fcntl
import hashlib
import os
import re
from contextlib import contextmanager

import venvs
from console import run_logged, step
from settings import BUILD, LOCAL, ROOT, TEMPLATE, machine_architecture, plain_environment

# No C library, no paths, no commit: the same sources give the same bytes, so only what changed is deployed again.
GO_SETTINGS = {"CGO_ENABLED": "0", "GOFLAGS": '-buildvcs=false -trimpath -tags=lambda.norpc "-ldflags=-s -w"'}
INPUTS = ("template.yaml", "go.mod", "go.sum", "local/build.py", "local/requirements-sam.txt")
SOURCES = ("functions", "authorizer", "shared", "examples")
STAMP = BUILD / "inputs.sha256"
LOG = LOCAL / "log" / "build.log"


def build() -> str:
    """Returns the digest of the sources that `.local/build/` now holds the binaries of."""
    with _one_at_a_time():
        wanted = inputs_digest()
        if not STAMP.exists() or STAMP.read_text() != wanted:
            STAMP.unlink(missing_ok=True)
            with step(f"building {function_count()} functions"):
                _sam_build()
            STAMP.write_text(wanted)
        return wanted


def inputs_digest() -> str:
    """Over the path and the contents of every file that can change a binary or the deployment."""
    digest = hashlib.sha256(machine_architecture().encode())
    files = [ROOT / name for name in INPUTS]
    for folder in SOURCES:
        files += sorted(path for path in (ROOT / folder).rglob("*") if path.is_file() and not path.name.endswith("_test.go"))
    for path in files:
        if path.exists():
            digest.update(f"{path.relative_to(ROOT)}\0{path.stat().st_size}\0".encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()


def function_count() -> int:
    return len(re.findall(r"^ +Type: AWS::Serverless::Function\b", TEMPLATE.read_text(), re.MULTILINE))


def _sam_build() -> None:
    # One compilation of what the functions share: sam builds them side by side, each compiling it all again.
    mains = [f"./{name}/..." for name in SOURCES if (ROOT / name).exists()]
    run_logged(["go", "build", *mains], LOG, "compiling the functions", cwd=ROOT, env=_environment())
    command = [venvs.tool("sam", "sam"), "build", "--config-env", "local", "--template", TEMPLATE, "--build-dir", BUILD / "sam",
               "--parameter-overrides", f"Architecture={machine_architecture()}"]
    run_logged(command, LOG, "building the functions", cwd=ROOT, env=_environment())


def _environment() -> dict[str, str]:
    path = os.pathsep.join((str(venvs.tool("sam", "sam").parent), os.environ["PATH"]))
    target = {"GOOS": "linux", "GOARCH": "arm64" if machine_architecture() == "arm64" else "amd64"}
    return plain_environment() | GO_SETTINGS | target | {"SAM_CLI_TELEMETRY": "0", "PATH": path}


@contextmanager
def _one_at_a_time():
    """`make start` and `make test` may run together and share this folder."""
    BUILD.mkdir(parents=True, exist_ok=True)
    with (BUILD / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
