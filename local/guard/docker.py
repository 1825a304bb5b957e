"""Serves the user's API by `sam local start-api`, which local/sam_server.py makes ask Latchkey's authorizer."""

import ctypes
import json
import os
import signal
import subprocess
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import venvs
from console import Failure, step
from guard import template
from settings import HOST, ROOT, Stack, machine_architecture, unsourced

LABEL = "latchkey.guarded"
START_SECONDS = 600  # the first time sam pulls an image, and adds its runtime emulator to it
STOP_SECONDS = 5
PR_SET_PDEATHSIG = 1
SERVER = ROOT / "local" / "sam_server.py"


@contextmanager
def serving(path: Path, copied: dict, stack: Stack, authorizers: dict[str, str], port: int, arguments: list[str]):
    """Yields the address of each API, by its logical id. `authorizers` are the ARNs of Latchkey's in `stack`."""
    label = f"{LABEL}={stack.folder}"
    guard = {"endpoint": stack.endpoint, "label": label, "responses": template.gateway_responses(copied),
             "names": [arn.rpartition(":")[2] for arn in authorizers.values()]}
    command = [venvs.python("sam"), SERVER, "local", "start-api", "--template", path, "--host", HOST, "--port", port,
               "--warm-containers", "EAGER", *_pull(copied), *arguments]
    remove_containers(stack)  # of a run that was killed
    with log_file(stack).open("w") as log:
        process = subprocess.Popen([str(part) for part in command], cwd=stack.folder, env=_environment(guard), stdin=subprocess.DEVNULL,
                                   stdout=log, stderr=subprocess.STDOUT, start_new_session=True, preexec_fn=_end_with_us)
    try:
        with step(f"starting sam local, with a container for each of {len(template.functions(copied))} functions"):
            _wait(process, stack, f"http://{HOST}:{port}/")
        yield dict.fromkeys(template.apis(copied), f"http://{HOST}:{port}")
    finally:
        _stop(process, stack)


def _end_with_us() -> None:
    """In the child: Linux sends it SIGTERM when this command is killed and cannot."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def log_file(stack: Stack) -> Path:
    return stack.folder / "sam-local.log"


def remove_containers(stack: Stack) -> None:
    """All at once: sam local would stop one after the other."""
    listed = subprocess.run(["docker", "ps", "-aq", "--filter", f"label={LABEL}={stack.folder}"], capture_output=True, text=True)
    if found := listed.stdout.split():
        subprocess.run(["docker", "rm", "-f", *found], capture_output=True)


def _environment(guard: dict) -> dict[str, str]:
    """The user's own, as for `sam local`: it has what their functions need, but nothing of Latchkey's env files."""
    mine = {name: value for name, value in unsourced(os.environ).items() if not name.startswith("LATCHKEY_")}
    return mine | {"SAM_CLI_TELEMETRY": "0", "LATCHKEY_GUARD": json.dumps(guard, default=str)}


def _pull(copied: dict) -> list[str]:
    """Images that are all there are not asked for again, so that the command needs no network."""
    images = {_image(properties) for properties in template.functions(copied).values()}
    there = all(image and subprocess.run(["docker", "image", "inspect", image], capture_output=True).returncode == 0 for image in images)
    return ["--skip-pull-image"] if there else []


def _image(properties: dict) -> str | None:
    """The image that sam local runs a function in, or None for one that the user builds."""
    runtime = str(properties.get("Runtime"))
    name = next((name for name in ("provided", "python", "nodejs", "java", "ruby", "dotnet") if runtime.startswith(name)), None)
    version = runtime.removeprefix(name or "").removeprefix(".").removesuffix(".x")
    return name and f"public.ecr.aws/lambda/{name}:{version}-{machine_architecture()}"


def _wait(process: subprocess.Popen, stack: Stack, url: str) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            urllib.request.urlopen(url, timeout=5)
            return
        except urllib.error.HTTPError:
            return  # it answers; that it has no such route says nothing
        except OSError:
            if process.poll() is not None or time.monotonic() > deadline:
                raise Failure(f"sam local did not start: {_reason(log_file(stack))}; all that it said is in {log_file(stack)}") from None
            time.sleep(0.2)


def _reason(log: Path) -> str:
    lines = [line.strip() for line in log.read_text(errors="replace").splitlines() if line.strip()] or ["it said nothing"]
    return next((line for line in reversed(lines) if line.startswith(("Error", "Image not found"))), lines[-1])


def _stop(process: subprocess.Popen, stack: Stack) -> None:
    remove_containers(stack)
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(timeout=STOP_SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    remove_containers(stack)  # one may have begun meanwhile
