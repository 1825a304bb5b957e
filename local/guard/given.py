"""What the user gave on the command line of `make local`: variables of the environment, and what they default to."""

import os
import shlex
import socket

import prerequisites
from console import Failure, say
from settings import HOST, free_port

PORT = 3001  # sam local's own is 3000, and so is that of many web projects
LATCHKEY_PORT = 4567


def variable(name: str) -> str:
    return os.environ.get(name, "").strip()


def template() -> str:
    if not variable("TEMPLATE"):
        raise Failure("say which template: make local TEMPLATE=../your/template.yaml")
    return variable("TEMPLATE")


def in_docker() -> bool:
    """DOCKER=0 or 1, else whatever is there."""
    wanted = variable("DOCKER")
    if wanted == "0":
        return False
    if prerequisites.docker():
        return True
    if wanted:
        raise Failure("Docker does not answer: start it, or use DOCKER=0, which needs none")
    say("Docker does not answer, so your API runs on the emulator")
    return False


def ports(count: int) -> range:
    """That many for the user's APIs, all free."""
    port = variable("PORT") or str(PORT)
    if not port.isdecimal() or not 0 < int(port) <= 65535 - count:
        raise Failure(f"PORT={port} is no port")
    wanted = range(int(port), int(port) + count)
    for number in wanted:
        if _taken(number):
            raise Failure(f"port {number} is taken by something else; stop that, or choose another: make local PORT=3101 …")
    return wanted


def latchkey_port(theirs: range) -> int:
    return free_port() if LATCHKEY_PORT in theirs or _taken(LATCHKEY_PORT) else LATCHKEY_PORT


def _taken(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((HOST, port)) == 0


def arguments(in_docker: bool) -> list[str]:
    """PARAMETERS="Name=value …" are the template's, SAM_ARGS are options of `sam local start-api`."""
    parameters = shlex.split(variable("PARAMETERS"))
    more = shlex.split(variable("SAM_ARGS")) if in_docker else []
    return (["--parameter-overrides", *parameters] if parameters else []) + more
