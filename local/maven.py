"""Fetches Java libraries by Maven, one call at a time: two at once damage the repository that they share."""

import threading
from pathlib import Path

from console import run_logged

_lock = threading.Lock()


def copy_dependencies(pom: Path, folder: Path, log: Path, before: tuple | list = ()) -> None:
    """Puts all that the pom depends on into the folder. `before` stands before the command, as `docker run …` does."""
    folder.mkdir(parents=True, exist_ok=True)
    with _lock:
        run_logged([*before, "mvn", "-q", "-B", "-f", pom, "dependency:copy-dependencies", f"-DoutputDirectory={folder}"],
                   log, f"fetching what {pom} names")
