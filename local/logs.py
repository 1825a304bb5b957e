"""`make logs`: follows the functions' output, a line of text for each of their lines of JSON; all of it with RAW=1.

    15:20:06  ApiKeysDelete  204  DELETE /v1/api-keys/{id}  22 ms  user:usr_EOYF…  target=4Hk0pQzXw2LmN8sT

The emulator's own lines, which begin with a date, are only shown if they are more than information.
"""

import contextlib
import json
import os
import re
import subprocess

import console
from settings import STACK_NAME, developer_stack

LINES_BEFORE = "30"
FUNCTION = re.compile(rf"^(?:{STACK_NAME}-)?(\w+?)(?:Function)?-[0-9A-F]+ (\{{.*\}})$")
QUIET = re.compile(r"^\d{4}-\d\d-\d\d \S+ (?:DEBUG|INFO) ")
# What has its own place in a line, or says nothing here.
PLACED = {"time", "level", "msg", "status", "route", "outcome", "Latency", "VerificationLatency", "principal", "request_id", "stack",
          "_aws", "key_use", "Requests", "Verifications"}
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")  # a caller chose some of the text


def follow() -> None:
    stack = developer_stack()
    files = [path for path in (stack.function_log, stack.emulator_log) if path.exists()]
    if not files:
        raise console.Failure("there is no log yet: make start")
    command = ["tail", "-q", "-n", LINES_BEFORE, "-F", *files]
    with contextlib.suppress(KeyboardInterrupt):  # Ctrl-C ends the command
        if os.environ.get("RAW"):
            subprocess.run(command)
            return
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, errors="replace") as tail:
            for line in tail.stdout:
                if shown := readable(line.rstrip("\n")):
                    print(shown, flush=True)


def readable(line: str) -> str:
    """The line as a person reads it. "" if it says nothing to one."""
    found = FUNCTION.match(line)
    if not found:
        return "" if QUIET.match(line) else line
    try:
        values = json.loads(found[2])
    except ValueError:
        return line
    took = values.get("Latency", values.get("VerificationLatency"))
    parts = [values.get("time", "")[11:19], found[1], str(values.get("status") or values.get("outcome") or values.get("level", "")),
             values.get("route") or values.get("msg", ""), f"{took:.0f} ms" if took is not None else "", values.get("principal", "")]
    parts += [f"{name}={value}" for name, value in values.items() if name not in PLACED and value != ""]
    if values.get("level") in ("ERROR", "WARN"):
        parts.append(f"request_id={values.get('request_id', '')}")
    return CONTROL.sub("\N{REPLACEMENT CHARACTER}", "  ".join(part for part in parts if part))


if __name__ == "__main__":
    console.main(follow)
