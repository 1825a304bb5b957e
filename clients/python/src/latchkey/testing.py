"""Gives a test of your own API a Latchkey that guards it on this machine, with a credential of each kind.

    with latchkey.testing.start("template.yaml") as stack:
        assert stack.request("GET", "/api/campaigns", stack.key).status == 200

It runs `make local` of Latchkey's folder, or attaches to the one that you have started. With pytest, use the fixture `latchkey`.
"""

import os
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Iterator

PREFIX = "LATCHKEY_"
PATIENCE = 600  # seconds: the first start of a clone builds all functions
ENDING = 60


class NotStarted(Exception):
    """What `make local` says that is wrong."""


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True)
class Stack:
    """Your API, guarded, and who may call it."""

    url: str  # of the first API of the template
    urls: dict[str, str]  # of each API, by its logical id
    latchkey_url: str
    issuer: str
    audience: str
    key: str = field(repr=False)  # every scope but admin
    secret_key: str = field(repr=False)  # of a project
    client_key: str = field(repr=False)  # write:events only
    read_only_key: str = field(repr=False)  # read:* only
    expired_key: str = field(repr=False)
    revoked_key: str = field(repr=False)
    user_token: str = field(repr=False)  # of a user who is no administrator
    expired_token: str = field(repr=False)
    admin_token: str = field(repr=False)
    user_email: str
    user_password: str = field(repr=False)
    admin_email: str
    admin_password: str = field(repr=False)

    def request(self, method: str, path: str, credential: str = "", body: bytes | None = None,
                headers: dict[str, str] | None = None) -> Answer:
        """Sends one request. `path` may be a whole URL, of another API."""
        sent = ({"Authorization": f"Bearer {credential}"} if credential else {}) | (headers or {})
        url = path if "://" in path else self.url + path
        try:
            with _OPENER.open(urllib.request.Request(url, body, sent, method=method), timeout=60) as answer:
                return Answer(answer.status, dict(answer.headers), answer.read())
        except urllib.error.HTTPError as refusal:
            return Answer(refusal.code, dict(refusal.headers), refusal.read())


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: object) -> None:
        return None


_OPENER = urllib.request.build_opener(_Stay)


@contextmanager
def start(template: str | os.PathLike[str] = "template.yaml") -> Iterator[Stack]:
    """If the shell has sourced the env file of a `make local`, or one runs for this template, it uses that and leaves it running.

    LATCHKEY_DIR says where Latchkey is; otherwise it is the folder `latchkey` beside this one or one above it.
    """
    path = str(Path(template).resolve())
    if stack := _stack(dict(os.environ)):
        yield stack
        return
    folder = _folder()
    if stack := _running(folder, path):
        yield stack
        return
    command = ["make", "--no-print-directory", "-C", str(folder), "local", f"TEMPLATE={path}", "UNTIL_EOF=1"]
    with tempfile.TemporaryFile("w+") as said:
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=said, stderr=said, text=True) as process:
            try:
                yield _ready(process, said, folder, path)
            finally:
                if process.stdin:
                    process.stdin.close()  # then the command ends
                process.wait(timeout=ENDING)


def _ready(process: subprocess.Popen[str], said: IO[str], folder: Path, template: str) -> Stack:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if stack := _running(folder, template):
            return stack
        if process.poll() is not None:
            said.seek(0)
            lines = [line for line in said.read().splitlines() if line and not line.startswith("make")]
            raise NotStarted(lines[-1] if lines else "make local said nothing")
        time.sleep(0.2)
    raise NotStarted(f"make local was not ready within {PATIENCE} seconds")


def _folder() -> Path:
    candidates = [Path(os.environ["LATCHKEY_DIR"])] if os.environ.get("LATCHKEY_DIR") else []
    for parent in (Path.cwd(), *Path.cwd().parents):
        candidates += [parent, parent / "latchkey"]
    for folder in candidates:
        if (folder / "local" / "guarded.py").exists():
            return folder
    raise NotStarted("set LATCHKEY_DIR to the folder of Latchkey")


def _running(folder: Path, template: str) -> Stack | None:
    try:
        lines = (folder / ".local" / "guarded" / "credentials.env").read_text().splitlines()
    except OSError:
        return None
    values = dict(line.split("=", 1) for line in lines if "=" in line)
    return _stack(values) if values.get("LATCHKEY_TEMPLATE") == template else None


def _stack(variables: dict[str, str]) -> Stack | None:
    values = {name.removeprefix(PREFIX): value for name, value in variables.items() if name.startswith(PREFIX)}
    if not values.get("GUARDED_URL"):
        return None
    urls = {name.removeprefix("GUARDED_URL_"): value for name, value in values.items() if name.startswith("GUARDED_URL_")}
    others = {name: values[name.upper()] for name in Stack.__dataclass_fields__ if name not in ("url", "urls", "latchkey_url")}
    return Stack(url=values["GUARDED_URL"], urls=urls, latchkey_url=values["URL"], **others)
