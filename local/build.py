"""Builds the functions, unless nothing that goes into them has changed.

What `sam build` makes, by one `go build` of everything instead of one for each function: the same binaries in a
fraction of the time. A test of `make test` holds a binary of `sam build` against ours, byte by byte.
"""

import fcntl
import hashlib
import json
import os
import shutil
from contextlib import contextmanager
from pathlib import Path

import cfn
import venvs
from console import Failure, run_logged, step
from settings import BUILD, LOCAL, ROOT, TEMPLATE, machine_architecture, plain_environment

# No C library, no paths, no commit: the same sources give the same bytes, so only what changed is deployed again.
GO_SETTINGS = {"CGO_ENABLED": "0", "GOFLAGS": '-buildvcs=false -trimpath -tags=lambda.norpc "-ldflags=-s -w"'}
INPUTS = ("template.yaml", "go.mod", "go.sum", "local/build.py", "local/cfn.py")
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
                build_template(TEMPLATE, BUILD / "sam")
            STAMP.write_text(wanted)
        return wanted


def build_template(template: Path, out: Path) -> None:
    """Compiles the functions of a SAM template into `out/<name>/bootstrap`, and writes `out/template.yaml`, which names them."""
    loaded = cfn.load(template)
    functions = [resource["Properties"] for resource in loaded["Resources"].values() if resource["Type"] == "AWS::Serverless::Function"]
    folders = {(template.parent / function["CodeUri"]).resolve() for function in functions}
    if len({folder.name for folder in folders}) != len(folders):
        raise Failure(f"two functions of {template} are built from folders of the same name")
    binaries = out / "bin"
    binaries.mkdir(parents=True, exist_ok=True)
    packages = [f"./{folder.relative_to(ROOT)}" for folder in sorted(folders)]
    run_logged(["go", "build", "-o", f"{binaries}{os.sep}", *packages], LOG, "building the functions", cwd=ROOT, env=go_environment())
    for folder in folders:
        shutil.rmtree(out / folder.name, ignore_errors=True)
        (out / folder.name).mkdir()
        os.link(binaries / folder.name, out / folder.name / "bootstrap")
    for function in functions:
        function["CodeUri"] = (template.parent / function["CodeUri"]).resolve().name + "/"
        function["Architectures"] = [machine_architecture()]
    (out / "template.yaml").write_text(json.dumps(loaded, indent=1, default=str))  # JSON is YAML


def build_command(package: str, out: Path) -> Path:
    """Compiles a command that serves the local stack, with what functions are compiled with, of which it shares most."""
    run_logged(["go", "build", "-o", out, package], LOG, f"building {package}", cwd=ROOT, env=go_environment())
    return out


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
    return sum(resource["Type"] == "AWS::Serverless::Function" for resource in cfn.load(TEMPLATE)["Resources"].values())


def go_environment() -> dict[str, str]:
    """What a function is compiled with, by us or by `sam build`."""
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
