"""Row 18: a function's log group has the function's output, and Lambda's own lines around it.

    INIT_START Runtime Version: …                          once a sandbox
    START RequestId: … Version: $LATEST
    the function's output
    RequestId: … Error: Runtime exited with error: …       if it crashed
    END RequestId: …
    REPORT RequestId: …  Duration: … ms  Billed Duration: … ms  Memory Size: … MB  Max Memory Used: … MB  Init Duration: … ms
    … Task timed out after … seconds                       if it did

When the runtime asks for its next invocation, all earlier output is delivered. For this a mark is written into the same
pipe: who has read the mark has read everything before it. The output of all functions also goes to one file.
"""

import logging
import math
import signal
import time
from collections import deque
from datetime import datetime, timezone
from uuid import uuid4

from ministack.core import lambda_runtime, responses
from ministack.services import cloudwatch_logs, lambda_svc

from strict import switch
from strict.internals import replace

MARK = b"\0end of invocation\n"
RUNTIME = "provided:al2023.v1\tRuntime Version ARN: arn:aws:lambda:{region}::runtime:" + "0" * 64
EARLY = 0.1  # seconds that the emulator's own clock of a time-out may have begun before ours
REMEMBERED = 20  # lines, for the error message of a sandbox that did not start

logger = logging.getLogger("lambda")


class FunctionLog:
    """The output of one process of a function."""

    file = None  # one for all processes of all functions

    @classmethod
    def install(cls, path: str) -> None:
        cls.file = open(path, "a", buffering=1)
        replace(lambda_svc, "_emit_lambda_logs", _emit_lambda_logs)

    def __init__(self, config: dict):
        self.config = config
        self.stream = f"{datetime.now(timezone.utc):%Y/%m/%d}/[{config.get('Version', '$LATEST')}]{uuid4().hex}"
        self.lines: list[str] = []  # printed, not yet delivered
        self.recent: deque[str] = deque(maxlen=REMEMBERED)
        self.running: _Invocation | None = None
        self.ended: deque[_Invocation] = deque()  # follow() has not yet read their marks
        self.init_seconds: float | None = None  # None once it is reported

    def begin_invocation(self, request_id: str) -> None:
        self.running = _Invocation(request_id, self.config, self.init_seconds)
        self.init_seconds = None

    def end_invocation(self, process) -> None:
        """Does nothing if no invocation runs, or if the process is gone: follow() notices that."""
        if self.running is None or process is None:
            return
        self.running.end(_peak_memory(process.pid))
        self.ended.append(self.running)
        self.running = None
        try:
            with open(f"/proc/{process.pid}/fd/1", "wb", buffering=0) as pipe:
                pipe.write(MARK)
        except OSError:
            pass  # the process is gone

    def follow(self, output, process) -> None:
        """Reads until the process has ended."""
        for line in output:
            if line.endswith(MARK):
                self._keep(line.removesuffix(MARK))
                self._deliver(self.ended.popleft())
            else:
                self._keep(line)
        output.close()
        while self.ended:
            self._deliver(self.ended.popleft())
        if self.running:
            self.running.fail(process.wait())
        self._deliver(self.running)

    def _keep(self, line: bytes) -> None:
        if text := line.decode(errors="replace").rstrip("\r\n"):
            self.lines.append(text)
            self.recent.append(text)
            self.file.write(f"{self.config['FunctionName']} {text}\n")

    def _deliver(self, invocation: "_Invocation | None") -> None:
        lines, self.lines = self.lines, []
        if invocation and switch.on("18"):
            lines = invocation.around(lines)
        if lines:
            try:
                self._put(lines)
            except Exception:
                logger.exception("a function's log is not delivered")

    def _put(self, lines: list[str]) -> None:
        group = (self.config.get("LoggingConfig") or {}).get("LogGroup") or f"/aws/lambda/{self.config['FunctionName']}"
        now = int(time.time() * 1000)
        events = [{"timestamp": now, "message": line, "ingestionTime": now} for line in lines]
        with responses.request_scope(*lambda_runtime._account_region_from_function_config(self.config)):
            cloudwatch_logs._create_log_group({"logGroupName": group})  # these two fail if it exists
            cloudwatch_logs._create_log_stream({"logGroupName": group, "logStreamName": self.stream})
            cloudwatch_logs._append_log_events(cloudwatch_logs._log_groups[group]["streams"][self.stream], events)
            cloudwatch_logs._fanout_to_subscription_filters(group, self.stream, events)


class _Invocation:
    """Lambda's lines about one invocation."""

    def __init__(self, request_id: str, config: dict, init_seconds: float | None):
        self.id, self.config, self.init_seconds = request_id, config, init_seconds
        self.began = time.monotonic()
        self.memory = self.seconds = 0
        self.status = ""
        self.crash, self.time_out = [], []  # lines

    def end(self, memory: int) -> None:
        self.seconds, self.memory = time.monotonic() - self.began, memory

    def fail(self, status: int) -> None:
        """The process ended before it answered."""
        self.end(memory=0)
        if self.seconds >= self.config["Timeout"] - EARLY:
            self.seconds, self.status = max(self.seconds, self.config["Timeout"]), "Status: timeout"
            self.time_out = [f"{datetime.now(timezone.utc).isoformat(timespec='milliseconds').replace('+00:00', 'Z')} {self.id} "
                             f"Task timed out after {self.config['Timeout']:.2f} seconds"]
        else:
            self.status = "Status: error\tError Type: Runtime.ExitError"
            reason = f"exit status {status}" if status >= 0 else f"signal: {signal.strsignal(-status).lower()}"
            self.crash = [f"RequestId: {self.id} Error: Runtime exited with error: {reason}\nRuntime.ExitError"]

    def around(self, lines: list[str]) -> list[str]:
        _, region = lambda_runtime._account_region_from_function_config(self.config)
        cold = self.init_seconds is not None
        billed = math.ceil(1000 * (self.seconds + (self.init_seconds or 0)))
        report = [f"REPORT RequestId: {self.id}", f"Duration: {1000 * self.seconds:.2f} ms", f"Billed Duration: {billed} ms",
                  f"Memory Size: {self.config['MemorySize']} MB", f"Max Memory Used: {self.memory} MB",
                  *([f"Init Duration: {1000 * self.init_seconds:.2f} ms"] if cold else []), self.status]
        return [*([f"INIT_START Runtime Version: {RUNTIME.format(region=region)}"] if cold else []),
                f"START RequestId: {self.id} Version: {self.config.get('Version', '$LATEST')}",
                *lines, *self.crash, f"END RequestId: {self.id}", "\t".join(report), *self.time_out]


def _peak_memory(process_id: int) -> int:
    """In MB."""
    try:
        with open(f"/proc/{process_id}/status") as status:
            return next(int(line.split()[1]) // 1024 for line in status if line.startswith("VmHWM:"))
    except (OSError, StopIteration):
        return 0


def _emit_lambda_logs(original, func, *arguments, **named):
    """Calls the emulator's function only for functions that do not run in a Sandbox."""
    if not str((func.get("config") or func).get("Runtime", "")).startswith("provided"):
        original(func, *arguments, **named)
