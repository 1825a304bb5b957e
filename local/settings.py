"""Where things are: the folders under `.local/`, the ports, and the environment that AWS clients get.

This module only defines values. Everything that these scripts create is under `.local/`, which git ignores.
If you delete that folder, all their work is undone.
"""

import os
import platform
import random
import socket
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCAL = ROOT / ".local"
TEMPLATE = ROOT / "template.yaml"
BUILD = LOCAL / "build"
ENV_FILE = LOCAL / "env"  # the addresses and names of the stack that was started last

HOST = "127.0.0.1"
DEFAULT_PORT = 4566
REGION = "us-east-1"
STACK_NAME = "latchkey"
ENV_FILE_NAMES = ("API_URL", "API_URL_LONG", "EXAMPLE_API_URL", "ADMIN_EMAIL", "ADMIN_PASSWORD", "TABLE_NAME", "ISSUER", "AUDIENCE",
                  "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_DYNAMODB",
                  "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
API_DOMAIN = "latchkey.test"  # the emulator's custom domain that the short address leads to
ADMIN_EMAIL = "admin@example.com"
MAIL_FROM = "no-reply@example.com"  # the emulator keeps what is sent
LANDED = "d17421ddc1375bdcf694f382a0f5655daae3851d"  # the release whose tables and tokens must go on working


@dataclass(frozen=True)
class Stack:
    """One deployment in one emulator: its folder holds its state, its logs and its process id."""

    name: str
    port: int
    host: str = HOST
    keeps_data: bool = True

    @property
    def folder(self) -> Path:
        return LOCAL / self.name

    @property
    def endpoint(self) -> str:
        return f"http://{self.host}:{self.port}"

    @property
    def env_file(self) -> Path:
        """The file that tells how to reach this stack. Only it has the administrator's password."""
        return self.folder / "env"

    @property
    def emulator_log(self) -> Path:
        return self.folder / "ministack.log"

    @property
    def function_log(self) -> Path:
        return self.folder / "functions.log"


def developer_stack() -> Stack:
    """The stack that `make start` runs."""
    return Stack("start", int(os.environ.get("LATCHKEY_PORT") or DEFAULT_PORT))


def free_port(following: int = 0) -> int:
    """A free port, and so are as many that follow it. It is below those that the system gives to connections and to whoever asks for
    any: one of these may be taken again before it is used."""
    while True:
        first = random.randrange(20000, 30000)
        try:
            for port in range(first, first + 1 + following):
                socket.create_server((HOST, port)).close()
        except OSError:
            continue
        return first


def machine_architecture() -> str:
    """This machine's architecture, by Lambda's name. Functions run natively here."""
    return "arm64" if platform.machine() in ("arm64", "aarch64") else "x86_64"


def plain_environment() -> dict[str, str]:
    """The caller's environment without the variables that would change what an AWS client or a function does."""
    dropped = ("AWS_", "SAM_", "LATCHKEY_", "JWT_")
    return {name: value for name, value in unsourced(os.environ).items() if not name.startswith(dropped)}


def unsourced(environment) -> dict[str, str]:
    """The environment as if nobody had sourced `.local/env` in this shell: under sam local its names would replace a function's own."""
    sourced = environment.keys() >= {"API_URL", "ADMIN_EMAIL", "TABLE_NAME"}
    names = ENV_FILE_NAMES if sourced else ()
    return {name: value for name, value in environment.items() if name not in names}


def aws_variables(endpoint: str, service: str = "") -> dict[str, str]:
    """For an AWS client. `service` is "_DYNAMODB" if the endpoint serves DynamoDB only."""
    return {
        f"AWS_ENDPOINT_URL{service}": endpoint,
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
    }


def aws_environment(endpoint: str) -> dict[str, str]:
    """The environment of a child process whose AWS calls must all stay on this machine."""
    nowhere = {"AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull}
    return plain_environment() | aws_variables(endpoint) | nowhere
