"""The emulator's process: started in the background, found again by the next command, stopped with its functions."""

import fcntl
import hashlib
import os
import shutil
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import gobuild
import venvs
from console import Failure, show_tail_in_ci
from settings import LOCAL, REGION, ROOT, Stack, free_port, plain_environment

STRICT_DYNAMODB = Path("tests/strictdynamo/strict-dynamodb")  # our command; strict/dynamodb.py starts it
EMULATOR = ("local/ministack_server.py", "local/strict/*.py", "local/requirements-ministack.txt", f"{STRICT_DYNAMODB.parent}/**/*.go")
START_SECONDS = 60
STOP_SECONDS = 30


def start(stack: Stack) -> None:
    """Starts the emulator unless it runs already, and again if its code has changed since. Returns when it answers."""
    if up_to_date(stack):
        return
    stop(stack)
    need_port(stack)
    for folder in ("state", "tmp"):
        (stack.folder / folder).mkdir(parents=True, exist_ok=True)
    stack.folder.chmod(0o700)  # the state holds secrets
    gobuild.compile_packages([f"./{STRICT_DYNAMODB}"])
    with stack.emulator_log.open("w") as log:
        process = subprocess.Popen([venvs.python("ministack"), ROOT / "local" / "ministack_server.py"],
                                   env=_environment(stack), cwd=stack.folder, stdin=subprocess.DEVNULL,
                                   stdout=log, stderr=subprocess.STDOUT, start_new_session=True)
    _pid_file(stack).write_text(str(process.pid))
    _code_file(stack).write_text(_code())
    deadline = time.monotonic() + START_SECONDS
    while not _answers(stack):
        if process.poll() is not None or time.monotonic() > deadline:
            show_tail_in_ci(stack.emulator_log)
            stop(stack)
            raise Failure(f"the emulator did not start; the details are in {stack.emulator_log}")
        time.sleep(0.1)


@contextmanager
def fresh(name: str):
    """Yields a stack for tests, whose emulator runs and has nothing. It is always stopped. Its folder stays, for its logs, until the
    next of this name."""
    LOCAL.mkdir(exist_ok=True)
    with (LOCAL / f"{name}.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Failure(f"another run of these tests has .local/{name} in this clone") from None
        stack = Stack(name, free_port(), keeps_data=False)
        forget(stack)
        try:
            start(stack)
            yield stack
        finally:
            stop(stack)


def need_port(stack: Stack) -> None:
    """Ends the program if the port is taken, unless by this stack's emulator."""
    if _pid(stack) is None and _port_taken(stack):
        raise Failure(f"port {stack.port} is taken by something else; stop that, or choose another: LATCHKEY_PORT=4600 make start")


def stop(stack: Stack) -> bool:
    """Ends the emulator, which saves its state first, and the functions that it started. False if it did not run."""
    pid = _pid(stack)
    if pid:
        os.kill(pid, signal.SIGTERM)
        deadline = time.monotonic() + STOP_SECONDS
        while _is_ours(stack, pid) and time.monotonic() < deadline:
            time.sleep(0.05)
        _kill_group(pid)
    _pid_file(stack).unlink(missing_ok=True)
    return bool(pid)


def running(stack: Stack) -> bool:
    return _pid(stack) is not None and _answers(stack)


def up_to_date(stack: Stack) -> bool:
    """Reports whether it runs, with the present code."""
    return running(stack) and _code_file(stack).exists() and _code_file(stack).read_text() == _code()


def save(stack: Stack) -> None:
    """Makes the emulator save its state now."""
    if stack.keeps_data:
        os.kill(_pid(stack), signal.SIGUSR1)


def forget(stack: Stack) -> None:
    stop(stack)
    shutil.rmtree(stack.folder, ignore_errors=True)


def _environment(stack: Stack) -> dict[str, str]:
    """ministack passes its whole environment to every function, so it contains only what each function may see."""
    inherited = {name: plain_environment().get(name, "") for name in ("PATH", "HOME", "LANG")}
    return inherited | {
        "GATEWAY_PORT": str(stack.port),
        "BIND_HOST": stack.host,
        "AWS_ENDPOINT_URL": stack.endpoint,  # the address that functions call
        "MINISTACK_REGION": REGION,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AUTH": "true",  # each function gets a session of its role, and policies are in force: strict/iam.py
        "LAMBDA_ACCOUNT_CONCURRENCY": "1000",  # as in an older account; a new account has 10
        "PERSIST_STATE": "1" if stack.keeps_data else "0",
        "STATE_DIR": str(stack.folder / "state"),
        "TMPDIR": str(stack.folder / "tmp"),  # the emulator unpacks functions there
        "LATCHKEY_FUNCTION_LOG": str(stack.function_log),
        "LATCHKEY_STRICT_DYNAMODB": str(gobuild.BINARIES / STRICT_DYNAMODB.name),
        "LOG_LEVEL": "INFO",
        "SFTP_ENABLED": "0",  # each of these would need a fixed port
        "IOT_MTLS_ENABLED": "0",
        "DOCKER_HOST": "unix:///nonexistent",  # so that it does not look for containers to remove
    }


def _code() -> str:
    """A digest of all code that the emulator's process runs."""
    files = [path for pattern in EMULATOR for path in sorted(ROOT.glob(pattern))]
    return hashlib.sha256(b"\0".join(path.read_bytes() for path in files)).hexdigest()


def _code_file(stack: Stack):
    return stack.folder / "ministack.code"


def _pid_file(stack: Stack):
    return stack.folder / "ministack.pid"


def _pid(stack: Stack) -> int | None:
    """The id of the emulator's process, or None. After a crash the file may name no process, or another emulator."""
    try:
        pid = int(_pid_file(stack).read_text())
    except (FileNotFoundError, ValueError):
        return None
    return pid if _is_ours(stack, pid) else None


def _is_ours(stack: Stack, pid: int) -> bool:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
        command = Path(f"/proc/{pid}/cmdline").read_text()
        folder = Path(f"/proc/{pid}/cwd").readlink()
    except OSError:
        return False
    return "ministack_server.py" in command and folder == stack.folder.resolve() and stat.rpartition(")")[2].split()[0] != "Z"


def _kill_group(pid: int) -> None:
    try:
        os.killpg(pid, signal.SIGKILL)
    except ProcessLookupError:
        pass


def _port_taken(stack: Stack) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((stack.host, stack.port)) == 0


def _answers(stack: Stack) -> bool:
    try:
        with urllib.request.urlopen(f"{stack.endpoint}/_ministack/health", timeout=5) as response:
            return response.status == 200
    except (urllib.error.URLError, OSError):
        return False
