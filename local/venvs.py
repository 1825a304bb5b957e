"""The Python tools, pinned in `requirements-*.txt`, each set in a virtual environment under `.local/venvs/`.

Run by make before everything else; does nothing when the environments are as the files say.
"""

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

import console
import prerequisites
from settings import LOCAL, ROOT

NAMES = ("ministack", "sam")


def python(name: str) -> Path:
    return LOCAL / "venvs" / name / "bin" / "python"


def tool(name: str, command: str) -> Path:
    return LOCAL / "venvs" / name / "bin" / command


def ensure(*names: str) -> None:
    missing = [name for name in names if not _up_to_date(name)]
    if not missing:
        return
    with console.step(f"installing {' and '.join(missing)} into .local/venvs"):
        # Side by side: most of the time goes to waiting for downloads.
        running = {name: _start_install(name) for name in missing}
        statuses = {name: process.wait() for name, process in running.items()}
    for name, status in statuses.items():
        if status:
            console.show_tail_in_ci(_log(name))
            raise console.Failure(f"installing {name} failed; the details are in {_log(name)}")
        _stamp(name).write_text(_wanted(name))


def _requirements(name: str) -> Path:
    return ROOT / "local" / f"requirements-{name}.txt"


def _log(name: str) -> Path:
    return LOCAL / "venvs" / f"{name}.log"


def _stamp(name: str) -> Path:
    return LOCAL / "venvs" / name / "installed"


def _wanted(name: str) -> str:
    """Changes with the pins, with this Python, and with the folder: an environment that was moved does not work."""
    made_of = f"{sys.version}\0{LOCAL}\0{_requirements(name).read_text()}"
    return hashlib.sha256(made_of.encode()).hexdigest()


def _up_to_date(name: str) -> bool:
    return python(name).exists() and _stamp(name).exists() and _stamp(name).read_text() == _wanted(name)


def _start_install(name: str) -> subprocess.Popen:
    folder = LOCAL / "venvs" / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.parent.mkdir(parents=True, exist_ok=True)
    made = subprocess.run([sys.executable, "-m", "venv", folder], capture_output=True, text=True)
    if made.returncode:
        raise console.Failure("Python cannot make a virtual environment (on Debian: apt install python3-venv): "
                              + (made.stdout + made.stderr).strip().splitlines()[-1])
    install = [python(name), "-m", "pip", "install", "--disable-pip-version-check", "--no-compile", "-r", _requirements(name)]
    return subprocess.Popen(install, stdout=_log(name).open("w"), stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)


def _main() -> None:
    prerequisites.check(*sys.argv[1:])
    ensure(*NAMES)


if __name__ == "__main__":
    console.main(_main)
