"""The browser of the dashboard's tests: one that the machine has, else the one inside an npm package, else the system's package.

The npm package is made for Lambda: a headless Chromium for Linux x86_64 with the few libraries and the fonts that a bare
machine lacks. It is unpacked into `.local/chromium/`; none of its JavaScript runs.
"""

import base64
import hashlib
import os
import platform
import shutil
import subprocess
from pathlib import Path

from console import Failure, main, run_logged, say, together
from settings import LOCAL

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PACKAGE = "@sparticuz/chromium@153.0.0"
INTEGRITY = "jiGWqSvPMdu4+P9TilYqAR7yEGPEHINx+lCvE/NqNO/EHYzF/x1hUiI5T6ioVIt7dEy7n88byyT0vk+dnsgQwA=="  # SHA-512, as npm shows it
FOLDER = LOCAL / "chromium"
OURS = FOLDER / "chromium"  # a script that starts the browser with its own libraries and fonts
WANTED = f"{PACKAGE} in {FOLDER}"
LOG = LOCAL / "log" / "chromium.log"
UNBROTLI = 'process.stdin.pipe(require("node:zlib").createBrotliDecompress()).pipe(process.stdout)'


def lack() -> str | None:
    """The message for a machine that has no Chromium and cannot get one."""
    if _installed() or _npm_has_one() or _may_use_apt():
        return None
    return "the dashboard's tests need Chromium: install it, or name one in the environment variable CHROMIUM"


def path() -> Path:
    """The browser's command. Raises Failure if there is none."""
    found = _installed() or (OURS if _up_to_date() else None)
    if not found:
        raise Failure(lack() or "the dashboard's tests need Chromium: run them by `make test`")
    return found


def jobs() -> list:
    """The jobs (for console.together) that path() still needs."""
    return [] if _installed() or _up_to_date() else [("Chromium", _fetch)]


def _installed() -> Path | None:
    named = os.environ.get("CHROMIUM")
    found = (shutil.which(name) for name in ([named] if named else NAMES))
    return next((Path(each) for each in found if each and _runs(each)), None)


def _runs(command) -> bool:
    """False for Ubuntu's /usr/bin/chromium-browser too, which only tells the user to install a snap."""
    return subprocess.run([command, "--version"], capture_output=True, stdin=subprocess.DEVNULL).returncode == 0


def _npm_has_one() -> bool:
    return platform.system() == "Linux" and platform.machine() == "x86_64"  # prerequisites.py asks for npm


def _may_use_apt() -> bool:
    return platform.system() == "Linux" and os.geteuid() == 0 and shutil.which("apt-get") is not None


def _up_to_date() -> bool:
    stamp = FOLDER / "fetched"
    return stamp.exists() and stamp.read_text() == WANTED


def _fetch() -> None:
    reasons = []
    for permitted, fetch in ((_npm_has_one(), _from_npm), (_may_use_apt(), _from_apt)):
        try:
            if permitted:
                return fetch()
        except Failure as failure:
            reasons.append(str(failure))
    raise Failure("; ".join(["no Chromium is installed, and none could be fetched", *reasons]))


def _from_npm() -> None:
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    run_logged(["npm", "pack", PACKAGE], LOG, f"npm pack {PACKAGE}", cwd=FOLDER)
    archive = next(FOLDER.glob("*.tgz"))
    if base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode() != INTEGRITY:
        raise Failure(f"npm has another {PACKAGE} than local/chromium.py expects")
    run_logged(["tar", "-xzf", archive, "--no-same-owner"], LOG, f"unpacking {PACKAGE}", cwd=FOLDER)
    packed = FOLDER / "package" / "bin"
    _unbrotli(packed / "chromium.br", FOLDER / "browser")
    for name in ("al2023", "fonts", "swiftshader"):
        _unbrotli(packed / f"{name}.tar.br", FOLDER / f"{name}.tar")
        run_logged(["tar", "-xf", FOLDER / f"{name}.tar", "--no-same-owner"], LOG, f"unpacking {name}", cwd=FOLDER)
    (FOLDER / "browser").chmod(0o755)
    (FOLDER / "fonts.conf").write_text(f'<fontconfig><include ignore_missing="yes">/etc/fonts/fonts.conf</include>'
                                       f'<dir>{FOLDER / "fonts"}</dir></fontconfig>')
    OURS.write_text(f'#!/bin/sh\nLD_LIBRARY_PATH="{FOLDER}/lib" FONTCONFIG_FILE="{FOLDER}/fonts.conf" exec "{FOLDER}/browser" "$@"\n')
    OURS.chmod(0o755)
    if not _runs(OURS):
        raise Failure(f"the Chromium of {PACKAGE} does not run on this machine")
    shutil.rmtree(FOLDER / "package")
    archive.unlink()
    (FOLDER / "fetched").write_text(WANTED)


def _unbrotli(source: Path, target: Path) -> None:
    """By Node, since Python has no brotli."""
    with source.open("rb") as packed, target.open("wb") as out:
        if subprocess.run(["node", "-e", UNBROTLI], stdin=packed, stdout=out).returncode:
            raise Failure(f"{source.name} does not unpack")


def _from_apt() -> None:
    run_logged(["apt-get", "update"], LOG, "apt-get update")
    run_logged(["apt-get", "install", "-y", "--no-install-recommends", "chromium"], LOG, "apt-get install chromium",
               env=os.environ | {"DEBIAN_FRONTEND": "noninteractive"})
    if not _installed():
        raise Failure("apt-get installed a Chromium that does not run")


def _main() -> None:
    together(jobs())
    say(str(path()))


if __name__ == "__main__":
    main(_main)
