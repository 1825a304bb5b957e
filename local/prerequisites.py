"""Checks that this machine has what the project cannot install for itself. Prints one line for each missing thing, all at once.

The Makefile checks Python's version, because an older Python could not read this file.
"""

import importlib.util
import platform
import re
import shutil
import subprocess

import chromium
from console import Failure
from settings import LANDED, ROOT

JAVA = 17
NODE = 20


def check(*needs: str) -> None:
    """`needs`: names of CHECKS. Raises Failure with everything that is missing."""
    lacks = [lack for need in needs if (lack := CHECKS[need]())]
    if lacks:
        raise Failure("\nlatchkey: ".join(lacks))


def _venv() -> str | None:
    if importlib.util.find_spec("venv") and importlib.util.find_spec("ensurepip"):
        return None
    return "Python cannot make virtual environments (on Debian: apt install python3-venv)"


def _linux() -> str | None:
    if platform.system() != "Linux":
        return f"the local stack runs the functions' Linux binaries and this is {platform.system()}: use `make sam-local`, or Linux"
    return None


def _go() -> str | None:
    wanted = re.search(r"^go (\S+)$", (ROOT / "go.mod").read_text(), re.MULTILINE).group(1)
    if not shutil.which("go"):
        return f"Go {wanted} or newer is needed and there is no `go` on the PATH"
    # Runs inside the module, so that a go command that can download a newer toolchain does it.
    found = subprocess.run(["go", "env", "GOVERSION"], cwd=ROOT, capture_output=True, text=True)
    version = found.stdout.strip().removeprefix("go")
    if found.returncode or _numbers(version) < _numbers(wanted):
        return f"Go {wanted} or newer is needed; found {version or found.stderr.strip().splitlines()[-1]}"
    return None


def _numbers(version: str) -> list[int]:
    return [int(n) for n in re.findall(r"\d+", version.split("-")[0].split("rc")[0])]


def _node() -> str | None:
    found = shutil.which("node") and subprocess.run(["node", "--version"], capture_output=True, text=True).stdout
    if not found or int(re.match(r"v(\d+)", found).group(1)) < NODE:
        return f"the tests need Node {NODE} or newer; found {found.strip() if found else 'no `node` on the PATH'}"
    if not shutil.which("npm"):
        return "the tests need npm, and there is no `npm` on the PATH"
    return None


def java_and_maven() -> bool:
    if not shutil.which("java") or not shutil.which("mvn"):
        return False
    text = subprocess.run(["java", "-version"], capture_output=True, text=True).stderr
    version = re.search(r'version "(\d+)', text)
    return bool(version) and int(version.group(1)) >= JAVA


def docker() -> bool:
    if not shutil.which("docker"):
        return False
    return subprocess.run(["docker", "info"], capture_output=True).returncode == 0


def _docker() -> str | None:
    return None if docker() else "a running Docker is needed"


def _dynamodb() -> str | None:
    return _java("the tests need DynamoDB Local")


def _openapi() -> str | None:
    return _java("the linters need openapi-generator")


def _java(why: str) -> str | None:
    if java_and_maven() or docker():
        return None
    return f"{why}: Java {JAVA} or newer with Maven (`java`, `mvn`), or a running Docker"


def _landed() -> str | None:
    """A shallow clone gets that commit from where it came from."""
    for command in (["cat-file", "-e", f"{LANDED}^{{tree}}"], ["fetch", "--quiet", "--depth=1", "origin", LANDED]):
        done = subprocess.run(["git", *command], cwd=ROOT, capture_output=True, text=True)
        if not done.returncode:
            return None
    return f"the upgrade is tested from commit {LANDED}, which is not in this clone and cannot be fetched: {done.stderr.splitlines()[0]}"


CHECKS = {"venv": _venv, "linux": _linux, "go": _go, "node": _node, "dynamodb": _dynamodb, "docker": _docker,
          "chromium": chromium.lack, "landed": _landed, "site": _node, "openapi": _openapi}
