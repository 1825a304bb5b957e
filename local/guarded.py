"""`make local TEMPLATE=…`: serves somebody's own API, guarded by Latchkey, with a credential of each kind, until Ctrl-C.

    their template ──► a copy ──► sam build ─┬─► sam local start-api in Docker ──┐ asks the authorizer
                                             └─► a stack on the emulator ────────┤
    Latchkey, on an emulator of its own ◄────────────────────────────────────────┘

All that it makes is in `.local/guarded`, which is removed at the end. What `make start` runs is not touched.
"""

import fcntl
import os
import shutil
import signal
import sys
import threading
from contextlib import contextmanager
from pathlib import Path

import deploy
import envfile
import prerequisites
import stack as emulator
import start
from console import Failure, main, say, step
from guard import build, credentials, docker, given, template
from guard import emulator as beside
from settings import BUILD, LOCAL, Stack

LOGS = LOCAL / "log" / "guarded"
# High instead of 0: a limit of 0 would also turn off the limit that a key has itself.
LIMITS = dict.fromkeys(("RateLimitAuth", "RateLimitAccount", "RateLimitManagement", "RateLimitRead", "RateLimitWrite"), "1000000")
ENDINGS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
SHOWN = ("KEY", "SECRET_KEY", "CLIENT_KEY", "READ_ONLY_KEY", "EXPIRED_KEY", "REVOKED_KEY", "USER_TOKEN", "EXPIRED_TOKEN", "ADMIN_TOKEN")


def serve() -> None:
    """Checks all that the user may have mistaken before it starts anything."""
    path = template.find(given.template())
    theirs = template.read(path)
    template.copy(theirs, path, dict.fromkeys(template.EXPORTS, ""))
    simple = {"HttpApiResponse": "simple"} if template.wants_simple(theirs) else {}
    in_docker = given.in_docker()
    with _alone():
        emulator.forget(Stack("guarded", 0))  # of a run that was killed
        ports = given.ports(1 if in_docker else len(template.apis(theirs)))
        stack = Stack("guarded", given.latchkey_port(ports), keeps_data=False)
        with _undone(stack):
            _guard(path, theirs, simple, stack, ports[0], in_docker)


def _guard(path: Path, theirs: dict, parameters: dict[str, str], stack: Stack, port: int, in_docker: bool) -> None:
    values = start.bring_up(stack, LIMITS | parameters | start.chosen_parameters())
    authorizers = {export: deploy.outputs(stack)[export] for export in template.EXPORTS}
    copied = template.copy(theirs, path, authorizers)
    if not in_docker:
        template.for_this_python(copied)
    built = build.built(copied, stack.folder)
    arguments = given.arguments(in_docker)
    if in_docker:
        place = docker.serving(built, copied, stack, authorizers, port, arguments)
    else:
        place = beside.serving(built, stack, port, arguments)
    with place as addresses:
        with step("making the test credentials"):
            made = _variables(addresses, values, credentials.make(values["API_URL"], values["ADMIN_EMAIL"], values["ADMIN_PASSWORD"]))
        envfile.write(_env_file(stack), made | {"LATCHKEY_TEMPLATE": str(path)})  # last: it is there when all is ready
        _show(addresses, made, stack, in_docker)
        while True:
            signal.pause()


def _variables(addresses: dict[str, str], latchkey: dict[str, str], made: dict[str, str]) -> dict[str, str]:
    """All begin with LATCHKEY_: such a name replaces nothing in the shell or the functions of the user."""
    values = {"GUARDED_URL": next(iter(addresses.values()))} | {f"GUARDED_URL_{name}": url for name, url in addresses.items()}
    values |= {"URL": latchkey["API_URL"], "ISSUER": latchkey["ISSUER"], "AUDIENCE": latchkey["AUDIENCE"]} | made
    return {f"LATCHKEY_{name}": value for name, value in values.items()}


def _show(addresses: dict[str, str], made: dict[str, str], stack: Stack, in_docker: bool) -> None:
    lines = [f"  LATCHKEY_{name:13}  {made[f'LATCHKEY_{name}']}" for name in SHOWN]
    log = docker.log_file(stack) if in_docker else stack.function_log
    where = "under sam local, in Docker" if in_docker else "on the emulator, without Docker"
    answers = [f"{name} answers at  {url}" for name, url in (addresses | {"Latchkey": made["LATCHKEY_URL"]}).items()]
    say("\n".join(["", *answers, f"It runs {where}; log: {log}", "", *lines, "",
                   f"In another shell:  set -a; . {_env_file(stack)}; set +a",
                   'Then:              curl -i "$LATCHKEY_GUARDED_URL/…" -H "Authorization: Bearer $LATCHKEY_KEY"',
                   "Ctrl-C ends it, and removes all of it."]))


def _env_file(stack: Stack) -> Path:
    return stack.folder / "credentials.env"


@contextmanager
def _alone():
    BUILD.mkdir(parents=True, exist_ok=True)
    with (BUILD / "guarded.lock").open("w") as lock:
        try:
            waits = 0 if given.variable("UNTIL_EOF") else fcntl.LOCK_NB  # a test waits until the one before has ended
            fcntl.flock(lock, fcntl.LOCK_EX | waits)
        except BlockingIOError:
            raise Failure("another `make local` is running in this folder") from None
        yield


@contextmanager
def _undone(stack: Stack):
    """Whatever happens, nothing is left but logs, which it keeps in another folder."""
    stack.folder.mkdir(parents=True)
    try:
        yield
    except Failure as failure:
        raise Failure(str(failure).replace(str(stack.folder), str(LOGS))) from None
    finally:
        _ignore_signals()
        emulator.stop(stack)
        _keep_logs(stack)
        shutil.rmtree(stack.folder, ignore_errors=True)


def _keep_logs(stack: Stack) -> None:
    shutil.rmtree(LOGS, ignore_errors=True)
    LOGS.mkdir(parents=True)
    for log in stack.folder.glob("*.log"):
        shutil.move(log, LOGS / log.name)


def _end(*_) -> None:
    _ignore_signals()
    sys.exit(0)


def _ignore_signals() -> None:
    """A second Ctrl-C does not interrupt the end."""
    for number in ENDINGS:
        signal.signal(number, signal.SIG_IGN)


def _end_with_input() -> None:
    """With UNTIL_EOF=1, the end of standard input is a signal to end: the process that started this is gone."""
    if given.variable("UNTIL_EOF"):
        threading.Thread(target=lambda: (sys.stdin.read(), os.kill(os.getpid(), signal.SIGTERM)), daemon=True).start()


def _run() -> None:
    for number in ENDINGS:
        signal.signal(number, _end)
    prerequisites.check("linux")
    _end_with_input()
    serve()


if __name__ == "__main__":
    main(_run)
