"""The Python tools, each set in a virtual environment under `.local/venvs/`.

`requirements-*.in` names what we use. `make pins` writes all that it brings, with hashes, into `requirements-*.txt`, and only
what has one of these hashes is installed.

uv installs them in seconds; pip would need most of a minute. pip installs uv, from the registry that this machine's pip uses.
"""

import hashlib
import os
import re
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import console
from settings import LOCAL, ROOT

TOOLS = ("ministack", "sam")  # every command needs these
FOLDER = LOCAL / "venvs"
INSTALLER = "uv"
# uv does not read pip's files, so these settings of pip are passed to it.
PIP_SETTINGS = {"index-url": "UV_DEFAULT_INDEX", "extra-index-url": "UV_INDEX", "find-links": "UV_FIND_LINKS", "cert": "SSL_CERT_FILE"}

_installer = threading.Lock()


def python(name: str) -> Path:
    return tool(name, "python")


def tool(name: str, command: str) -> Path:
    return FOLDER / name / "bin" / command


def ensure(*names: str) -> None:
    console.together(jobs(*names))


def jobs(*names: str) -> list:
    """The jobs (for console.together) that bring each environment to the state of its file."""
    return [(name, lambda name=name: _install(name)) for name in names if not _up_to_date(name)]


def requirements(name: str) -> Path:
    return ROOT / "local" / f"requirements-{name}.txt"


def _stamp(name: str) -> Path:
    return FOLDER / name / "installed"


def _wanted(name: str) -> str:
    """Changes with the pins, with this Python, and with the folder: an environment that was moved does not work."""
    made_of = f"{sys.version}\0{LOCAL}\0{requirements(name).read_text()}"
    return hashlib.sha256(made_of.encode()).hexdigest()


def _up_to_date(name: str) -> bool:
    return python(name).exists() and _stamp(name).exists() and _stamp(name).read_text() == _wanted(name)


def _install(name: str) -> None:
    ensure_installer()
    uv, log = tool(INSTALLER, "uv"), FOLDER / f"{name}.log"
    environment = as_pip_does() | os.environ
    shutil.rmtree(FOLDER / name, ignore_errors=True)
    console.run_logged([uv, "venv", "--python", sys.executable, FOLDER / name], log, f"making {FOLDER / name}", env=environment)
    console.run_logged([uv, "pip", "install", "--require-hashes", "--python", python(name), "-r", requirements(name)], log,
                       f"installing {name}", env=environment)
    _stamp(name).write_text(_wanted(name))


def ensure_installer() -> None:
    with _installer:
        if not _up_to_date(INSTALLER):
            _install_installer()


def _install_installer() -> None:
    folder, log = FOLDER / INSTALLER, FOLDER / f"{INSTALLER}.log"
    shutil.rmtree(folder, ignore_errors=True)
    console.run_logged([sys.executable, "-m", "venv", folder], log, "making a virtual environment")
    console.run_logged([python(INSTALLER), "-m", "pip", "install", "--disable-pip-version-check", "--require-hashes",
                        "-r", requirements(INSTALLER)], log, "installing uv")
    _stamp(INSTALLER).write_text(_wanted(INSTALLER))


def as_pip_does() -> dict[str, str]:
    listed = subprocess.run([python(INSTALLER), "-m", "pip", "config", "list"], capture_output=True, text=True).stdout
    settings = dict(re.findall(r"^(?:global|install|:env:)\.([a-z-]+)='(.*)'$", listed, re.MULTILINE))
    return {variable: settings[name] for name, variable in PIP_SETTINGS.items() if settings.get(name)}
