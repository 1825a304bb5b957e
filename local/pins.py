"""`make pins`: writes each `requirements-*.txt` anew from its `requirements-*.in`: every package with its version and hashes.

A version that still fits stays. The lists hold for each system and for each Python from PYTHON on.
"""

import os
import re

import console
import venvs
from settings import LOCAL, ROOT

PYTHON = "3.11"
WANTED = sorted((ROOT / "local").glob("requirements-*.in"))
NAMED = re.compile(r"^([^\s#]+==[^\s;]+)", re.MULTILINE)


def missing() -> list[str]:
    """A line for each package that an `.in` names and its `.txt` has not, or not in that version."""
    found = []
    for wanted in WANTED:
        pinned = set(NAMED.findall(wanted.with_suffix(".txt").read_text().lower()))
        found += [f"local/{wanted.name} names {package}, local/{wanted.stem}.txt does not: run `make pins`"
                  for package in NAMED.findall(wanted.read_text()) if package.lower() not in pinned]
    return found


def _pin() -> None:
    venvs.ensure_installer()
    for wanted in WANTED:
        console.run_logged([venvs.tool(venvs.INSTALLER, "uv"), "pip", "compile", "--universal", "--python-version", PYTHON,
                            "--generate-hashes", "--no-header", "--no-annotate", "--output-file", wanted.with_suffix(".txt"), wanted],
                           LOCAL / "log" / "pins.log", f"pinning {wanted.name}", env=venvs.as_pip_does() | os.environ)
        console.say(f"pinned what {wanted.name} names")


if __name__ == "__main__":
    console.main(_pin)
