"""Runs independent OAuth clients against a running deployment: each discovers the endpoints, and uses them.

Authlib (Python), openid-client, oauth4webapi and @badgateway (Node), Spring Security (Java, or Docker where there is none).
"""

import os
import subprocess

import maven
import node
import prerequisites
import venvs
from console import say, together
from gotest import Totals
from settings import LOCAL, ROOT

NODE = ROOT / "tests" / "clients" / "node"
SPRING = ROOT / "tests" / "clients" / "spring"
LIBRARIES = LOCAL / "spring" / "lib"
STAMP = LOCAL / "spring" / "fetched"
MAVEN_IMAGE = "maven:3-eclipse-temurin-17"
READ = ("API_URL", "ADMIN_EMAIL", "ADMIN_PASSWORD")


def test(environment: dict[str, str]) -> Totals:
    totals = _authlib(environment)
    totals.add(node.test(NODE, environment))
    totals.add(_spring(environment))
    return totals


def jobs() -> list:
    """The jobs (for console.together) that download what is missing."""
    fetched = STAMP.exists() and STAMP.read_bytes() == (SPRING / "pom.xml").read_bytes()
    return venvs.jobs("authlib") + node.jobs(NODE) + ([] if fetched else [("Spring Security", _fetch_spring)])


def _authlib(environment: dict[str, str]) -> Totals:
    venvs.ensure("authlib")
    # Authlib accepts an issuer with http: only if this is set. A stack on this machine has no https:.
    insecure = {"AUTHLIB_INSECURE_TRANSPORT": "1"} if environment["API_URL"].startswith("http:") else {}
    return lines("Authlib", [venvs.python("authlib"), "tests/clients/authlib_client.py"], environment | insecure)


def _spring(environment: dict[str, str]) -> Totals:
    together(jobs())
    return lines("Spring Security", [*java(), "java", "-cp", f"{LIBRARIES}/*", SPRING / "Discovery.java"], environment)


def _fetch_spring() -> None:
    maven.copy_dependencies(SPRING / "pom.xml", LIBRARIES, LOCAL / "log" / "spring.log", before=java())
    STAMP.write_bytes((SPRING / "pom.xml").read_bytes())


def java() -> list:
    """Returns the words before a Java command: none, or those of a container with this folder and this machine's ports."""
    if prerequisites.java_and_maven():
        return []
    variables = [word for name in READ for word in ("-e", name)]
    return ["docker", "run", "--rm", "--init", "--network", "host", "-u", f"{os.getuid()}:{os.getgid()}", "-v", f"{ROOT}:{ROOT}",
            "-e", "MAVEN_OPTS=-Duser.home=/tmp", *variables, MAVEN_IMAGE]


def lines(name: str, command: list, environment: dict[str, str]) -> Totals:
    """Runs a command that prints a line for each promise. The line begins with ok or FAIL."""
    done = subprocess.run([str(part) for part in command], cwd=ROOT, env=environment, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, text=True)
    kept = [line.startswith("ok") for line in done.stdout.splitlines() if line.startswith(("ok", "FAIL"))]
    if done.returncode or not all(kept):
        say(done.stdout.rstrip())
    totals = Totals(passed=kept.count(True), failed=kept.count(False) or int(done.returncode != 0 or not kept))
    say(f"{'FAIL' if totals.failed else 'ok'}    {name}  {totals.passed} passed, {totals.failed} failed")
    return totals
