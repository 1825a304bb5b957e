"""Row 9: a process of a function lives as long as an execution environment on Lambda, and ends like one.

    Lambda (developer guide, "Execution environment lifecycle")            the emulator alone
    freezes a process that asks for its next invocation, until there       lets it run
    is one
    kills a process; if it has registered an extension (an internal one    sends SIGTERM to each, and waits 2 s
    is enough), it gets SIGTERM 500 ms before
    has the Extensions API, with which aws-lambda-go asks for SIGTERM      answers 404
    ends a process whose function changes after the invocation that        ends it at once, in the middle
    it serves                                                              of the invocation

N requests at the same time need N processes, and each process starts cold, as on Lambda. On Lambda each process has its own
machine, and here they share one. So only some of them start at the same time, and the time limit of an invocation begins when
its process has started.

kill() ends processes between requests.
"""

import os
import queue
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

from ministack.core import lambda_runtime

from strict import switch
from strict.function_log import FunctionLog
from strict.internals import replace

GRACE = 0.5  # seconds
REST = 1  # seconds within which a process that has answered asks for its next invocation
STARTING_AT_ONCE = 2 * (os.cpu_count() or 1)
LOOK_AROUND = 5  # seconds after which the thread of a frozen process sees that the process is gone

_starting = threading.BoundedSemaphore(STARTING_AT_ONCE)


def install(log_file: str) -> None:
    FunctionLog.install(log_file)
    lambda_runtime.ProvidedWorker = Sandbox
    replace(lambda_runtime, "kill_workers", _kill_workers)


def kill(function: str = "", sigterm: bool = True, count: int | None = None) -> int:
    """Ends idle processes of a function (its name, or its logical id in the template), or of all functions.

    Without `sigterm` none is warned, as when a host dies. `count` is the most that end. Returns how many did.
    """
    doomed = []
    with lambda_runtime._lock:
        for sandboxes in lambda_runtime._workers.values():
            idle = [sandbox for sandbox in sandboxes if isinstance(sandbox, Sandbox)  # not one of Python or Node
                    and not sandbox.in_use and sandbox.alive() and sandbox.is_of(function)]
            for sandbox in idle[:None if count is None else count - len(doomed)]:
                sandboxes.remove(sandbox)
                doomed.append(sandbox)
    for sandbox in doomed:
        sandbox.resting.wait(REST)
    _end(doomed, sigterm)
    with ThreadPoolExecutor(len(doomed) or 1) as helpers:  # each waits until one Runtime API has ended
        list(helpers.map(lambda sandbox: lambda_runtime.kill_workers([sandbox]), doomed))
    return len(doomed)


class Sandbox(lambda_runtime.ProvidedWorker):
    """One process of a function, which serves one invocation at a time."""

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self._prepare()

    def _prepare(self) -> None:
        """For the next process."""
        self.log = FunctionLog(self.config)
        self.wants_sigterm = False
        self.resting, self.gone = threading.Event(), threading.Event()

    def is_of(self, function: str) -> bool:
        return not function or self.func_name == function or f"-{function}-" in self.func_name

    def alive(self) -> bool:
        return self._proc is not None and self._proc.poll() is None

    def send(self, number: int) -> None:
        if process := self._proc:
            process.send_signal(number)  # does nothing to a process that has ended

    # ------------------------------------------------ these replace the emulator's methods

    def _spawn(self, init_timeout=None):
        self._teardown()  # ends the previous process
        self._prepare()
        with _starting:
            began = time.monotonic()
            super()._spawn(init_timeout)
            self.log.init_seconds = time.monotonic() - began

    def _teardown(self):
        if self._proc is not None:
            _end([self])
            self.gone.set()
        super()._teardown()

    def _discard_tmpdir(self):
        self.gone.set()
        super()._discard_tmpdir()

    def _build_handler_class(self, generation, pending):
        class RuntimeAPI(_Extensions, super()._build_handler_class(generation, _Turns(self, generation, pending))):
            sandbox = self

        return RuntimeAPI

    def _pump_output(self, stream, _lines):
        self.log.follow(stream, self._proc)

    def _drain_stderr_bounded(self, **_):
        return ""  # FunctionLog delivers the lines, so no answer waits for them

    def _drain_stderr(self):
        return ""

    def _init_log_suffix(self):
        return ": " + "\n".join(self.log.recent)


class _Turns:
    """The invocations of a process, as its runtime asks for them: that ends one, and begins the next."""

    def __init__(self, sandbox: Sandbox, generation: int, pending: queue.Queue):
        self.sandbox, self.generation, self.pending, self.log = sandbox, generation, pending, sandbox.log

    def get(self, timeout):
        if self.sandbox._generation != self.generation:
            raise queue.Empty  # this thread's process has been replaced
        self.log.end_invocation(self.sandbox._proc)
        try:
            invocation = self.pending.get_nowait()
        except queue.Empty:
            invocation = self._frozen(max(timeout, LOOK_AROUND))
        self.log.begin_invocation(request_id=invocation[0])
        return invocation

    def _frozen(self, timeout):
        if switch.on("9"):
            self.sandbox.send(signal.SIGSTOP)
        self.sandbox.resting.set()
        invocation = self.pending.get(timeout=timeout)
        self.sandbox.resting.clear()
        self.sandbox.send(signal.SIGCONT)
        return invocation


class _Extensions:
    """The part of the Extensions API that an internal extension without events uses."""

    def do_GET(self):
        if not self.path.endswith("/extension/event/next"):
            return super().do_GET()
        self.sandbox.gone.wait()  # there is never an event

    def do_POST(self):
        if not self.path.endswith("/extension/register"):
            return super().do_POST()
        self._read_body()
        self.sandbox.wants_sigterm = True
        self.send_response(200)
        self.send_header("Lambda-Extension-Identifier", str(uuid4()))
        self.send_header("Content-Length", "0")
        self.end_headers()


def _end(sandboxes: list[Sandbox], sigterm: bool = True) -> None:
    living = [sandbox for sandbox in sandboxes if sandbox.alive()]
    for sandbox in living:
        warned = sigterm and (sandbox.wants_sigterm or not switch.on("9"))
        sandbox.send(signal.SIGTERM if warned else signal.SIGKILL)
        sandbox.send(signal.SIGCONT)
    deadline = time.monotonic() + GRACE
    for sandbox in living:
        lambda_runtime._collect(sandbox._proc, deadline)


def _kill_workers(original, workers):
    workers = list(workers)
    busy = [worker for worker in workers if isinstance(worker, Sandbox) and worker.in_use and switch.on("9")]
    for sandbox in busy:
        threading.Thread(target=_end_after_invocation, args=(original, sandbox), daemon=True).start()
    idle = [worker for worker in workers if worker not in busy]
    _end([worker for worker in idle if isinstance(worker, Sandbox)])
    original(idle)


def _end_after_invocation(original, sandbox: Sandbox) -> None:
    latest = time.monotonic() + lambda_runtime._PROVIDED_INIT_TIMEOUT + sandbox.config.get("Timeout", 3)
    while sandbox.in_use and time.monotonic() < latest:
        time.sleep(0.05)
    sandbox.resting.wait(REST)
    _end([sandbox])
    original([sandbox])
