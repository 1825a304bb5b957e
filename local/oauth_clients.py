"""Runs independent OAuth clients against a running deployment: each discovers the endpoints, and uses them.

Authlib (Python), openid-client, oauth4webapi and @badgateway (Node), Spring Security (Java, or Docker where there is none).
"""

import lines
import maven
import node
import venvs
from console import together
from gotest import Totals
from settings import LOCAL, ROOT

NODE = ROOT / "tests" / "clients" / "node"
SPRING = ROOT / "tests" / "clients" / "spring"
LIBRARIES = LOCAL / "spring" / "lib"


def test(environment: dict[str, str]) -> Totals:
    totals = _authlib(environment)
    totals.add(node.test(NODE, environment))
    totals.add(_spring(environment))
    return totals


def jobs() -> list:
    """The jobs (for console.together) that download what is missing."""
    return venvs.jobs("authlib") + node.jobs(NODE) + maven.jobs("Spring Security", SPRING / "pom.xml", LIBRARIES)


def _authlib(environment: dict[str, str]) -> Totals:
    venvs.ensure("authlib")
    # Authlib accepts an issuer with http: only if this is set. A stack on this machine has no https:.
    insecure = {"AUTHLIB_INSECURE_TRANSPORT": "1"} if environment["API_URL"].startswith("http:") else {}
    return lines.run("Authlib", [venvs.python("authlib"), "tests/clients/authlib_client.py"], environment | insecure)


def _spring(environment: dict[str, str]) -> Totals:
    together(jobs())
    command = [*maven.java(), "java", *maven.SHORT, "-cp", f"{LIBRARIES}/*", SPRING / "Discovery.java"]
    return lines.run("Spring Security", command, environment)
