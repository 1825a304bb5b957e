"""Fetches Java libraries by Maven, one call at a time: two at once damage the repository that they share. And runs Java: this machine's,
or a container's where there is none.
"""

import os
import threading
from pathlib import Path

import prerequisites
from console import run_logged
from settings import LOCAL, ROOT

IMAGE = "maven:3-eclipse-temurin-17"
READ = ("API_URL", "ADMIN_EMAIL", "ADMIN_PASSWORD")  # what a container gets of the environment

# For a program that runs for seconds or a few minutes: it needs less of the processor if only the quick one of Java's compilers works
# on it.
SHORT = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")

_lock = threading.Lock()


def java() -> list:
    """Returns the words before a Java command: none, or those of a container with this folder and this machine's ports."""
    if prerequisites.java_and_maven():
        return []
    variables = [word for name in READ for word in ("-e", name)]
    return ["docker", "run", "--rm", "--init", "--network", "host", "-u", f"{os.getuid()}:{os.getgid()}", "-v", f"{ROOT}:{ROOT}",
            "-e", "MAVEN_OPTS=-Duser.home=/tmp", *variables, IMAGE]


def jobs(name: str, pom: Path, folder: Path) -> list:
    """The job (for console.together) that puts all that a pom depends on into a folder, unless the folder has what this pom names."""
    stamp = folder.with_name(f"{folder.name}.fetched")

    def fetch() -> None:
        copy_dependencies(pom, folder, LOCAL / "log" / f"{name}.log", before=java())
        stamp.write_bytes(pom.read_bytes())

    return [] if stamp.exists() and stamp.read_bytes() == pom.read_bytes() else [(name, fetch)]


def copy_dependencies(pom: Path, folder: Path, log: Path, before: tuple | list = ()) -> None:
    """Puts all that the pom depends on into the folder. `before` stands before the command, as `docker run …` does."""
    folder.mkdir(parents=True, exist_ok=True)
    with _lock:
        run_logged([*before, "mvn", "-q", "-B", "-f", pom, "dependency:copy-dependencies", f"-DoutputDirectory={folder}"],
                   log, f"fetching what {pom} names")
