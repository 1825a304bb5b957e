"""Files like `.local/env`, which tell how to reach a stack: one variable a line."""

import os
import re
from pathlib import Path

from console import Failure

# `source` and `docker --env-file` read such a value alike. With quotes they would not: Docker keeps them in the value.
PLAIN_VALUE = re.compile(r"[A-Za-z0-9_./:@%+=,-]*")


def write(path: Path, values: dict[str, str]) -> None:
    odd = [name for name, value in values.items() if not PLAIN_VALUE.fullmatch(value)]
    if odd:
        raise Failure(f"{', '.join(odd)}: a value with characters that a shell would read as its own")
    text = "".join(f"{name}={value}\n" for name, value in values.items())
    fresh = path.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as out:
        out.write(text)
    fresh.replace(path)


def read(path: Path) -> dict[str, str]:
    if not path.exists():
        return {}
    return dict(line.split("=", 1) for line in path.read_text().splitlines() if "=" in line)
