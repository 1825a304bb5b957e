"""DynamoDB Local, Amazon's own emulation of the database, for as long as a `with` block lasts.

It runs with Java and Maven if the machine has them, else in Docker. It keeps its data in memory, so each run begins empty.
"""

import re
import shutil
import subprocess
import time
import urllib.error
import urllib.request
from contextlib import contextmanager

import maven
import prerequisites
from console import Failure, show_tail_in_ci, together
from settings import HOST, LOCAL, ROOT, aws_variables, free_port

FOLDER = LOCAL / "dynamodb-local"
POM = ROOT / "local" / "dynamodb-local" / "pom.xml"
LOG = FOLDER / "dynamodb-local.log"
STAMP = FOLDER / "fetched"
START_SECONDS = 60
MEMORY = "512m"


@contextmanager
def running(bind: str = HOST, port: int | None = None, memory: str = MEMORY, options: tuple = ()):
    """Yields the endpoint. `bind` widens it to containers; Java listens on every address in any case. `options` are Java's own."""
    prerequisites.check("dynamodb")
    port = port or free_port()
    FOLDER.mkdir(parents=True, exist_ok=True)
    if prerequisites.java_and_maven():
        process = _with_java(port, memory, options)
    else:
        process = _with_docker(bind, port)
    try:
        endpoint = f"http://{HOST}:{port}"
        _wait(process, endpoint)
        yield endpoint
    finally:
        process.terminate()
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()


def jobs() -> list:
    """The jobs (for console.together) that running() still needs. Docker downloads its image itself."""
    fetched = STAMP.exists() and STAMP.read_bytes() == POM.read_bytes()
    return [] if fetched or not prerequisites.java_and_maven() else [("DynamoDB Local", _fetch)]


def variables(endpoint: str) -> dict[str, str]:
    """The environment of a test that uses the AWS SDK."""
    return aws_variables(endpoint, "_DYNAMODB")


def version() -> str:
    return re.search(r"<artifactId>DynamoDBLocal</artifactId>\s*<version>(.+?)<", POM.read_text()).group(1)


def _with_java(port: int, memory: str, options: tuple) -> subprocess.Popen:
    together(jobs())
    return subprocess.Popen(
        ["java", *options, f"-Xmx{memory}", "-Djava.library.path=lib", "-cp", "lib/*",
         "com.amazonaws.services.dynamodbv2.local.main.ServerRunner", "-inMemory", "-disableTelemetry", "-port", str(port)],
        cwd=FOLDER, stdin=subprocess.DEVNULL, stdout=LOG.open("w"), stderr=subprocess.STDOUT)


def _with_docker(bind: str, port: int) -> subprocess.Popen:
    return subprocess.Popen(
        ["docker", "run", "--rm", "--init", "-p", f"{bind}:{port}:8000", f"amazon/dynamodb-local:{version()}",
         "-jar", "DynamoDBLocal.jar", "-inMemory", "-disableTelemetry"],
        stdin=subprocess.DEVNULL, stdout=LOG.open("w"), stderr=subprocess.STDOUT)


def _fetch() -> None:
    shutil.rmtree(FOLDER / "lib", ignore_errors=True)
    maven.copy_dependencies(POM, FOLDER / "lib", FOLDER / "maven.log")
    STAMP.write_bytes(POM.read_bytes())


def _wait(process: subprocess.Popen, endpoint: str) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            urllib.request.urlopen(endpoint, timeout=2)
            return
        except urllib.error.HTTPError:
            return  # it runs: it has refused a request that is not DynamoDB's
        except OSError:
            if process.poll() is not None or time.monotonic() > deadline:
                show_tail_in_ci(LOG)
                raise Failure(f"DynamoDB Local did not start; the details are in {LOG}") from None
            time.sleep(0.1)
