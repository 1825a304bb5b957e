"""`make verify URL=https://…`: checks the promises against any deployment, by the black-box suite, and reports which of them it keeps.
`make e2e`: the same for what `make start` runs.

    announce → (leftovers of a run that was killed: clean up) → suite → clean up → report
                                                                  └ also after Ctrl-C, a crash, a time-out

The suite records each user before it makes it (tests/e2e/journal_test.go), so that cleaning up is a process of
its own, and can be done again.
"""

import getpass
import json
import os
import re
import secrets
import shutil
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import envfile
import prerequisites
import verify_report
from console import Failure, main, run_logged, say, step
from settings import LOCAL, ROOT, aws_environment, developer_stack, plain_environment
from verify_report import Run, Verdict

REQUESTS = 5000  # about, with the cleaning up; a run that sends a quarter more complains
DOLLARS_A_MILLION = 6  # docs/scaling.md, with the REST API, plus an allowance for logins
FOLDER = LOCAL / "verify"
BINARY = FOLDER / "e2e.test"
SUITE = ROOT / "tests" / "e2e"


@dataclass
class Target:
    url: str
    variables: dict[str, str] = field(repr=False)  # the suite's environment, with the administrator's login
    ours: bool  # on this machine: it costs nothing, so the user is not asked

    @property
    def folder(self):
        return FOLDER / re.sub(r"[^A-Za-z0-9.-]+", "-", self.url.partition("://")[2]).strip("-")


def here() -> Target:
    """What `make start` runs: the suite may look behind the API."""
    stack = developer_stack()
    values = envfile.read(stack.env_file)
    if not values:
        raise Failure("nothing is running: make start")
    has = ["table", "secret", "log", "lambda", "processes", "mail"] + (["example"] if "EXAMPLE_API_URL" in values else [])
    variables = aws_environment(stack.endpoint) | values | {
        "LATCHKEY_LOG_FILE": str(stack.function_log), "LATCHKEY_HAS": ",".join(has), "LATCHKEY_PLACE": "ministack"}
    return Target(values["API_URL"], variables, ours=True)


def there() -> Target:
    """The deployment at URL, known by its address and an administrator's login alone."""
    url = os.environ.get("URL", "").rstrip("/")
    parts = urlsplit(url)
    on_this_machine = parts.hostname in ("127.0.0.1", "localhost", "::1")
    if parts.scheme != "https" and not (parts.scheme == "http" and on_this_machine):
        raise Failure("say which deployment: make verify URL=https://… (a password does not travel over plain http)")
    login = {name: os.environ.get(name) or ask(prompt) for name, ask, prompt in (
        ("ADMIN_EMAIL", input, "Administrator's e-mail: "), ("ADMIN_PASSWORD", getpass.getpass, "Password: "))}
    return Target(url, plain_environment() | login | {"API_URL": url}, on_this_machine)


def reach(target: Target) -> str:
    """Returns the place, as the suite calls it. Fails in one line if nothing is there."""
    try:
        with urllib.request.urlopen(f"{target.url}/health", timeout=40) as answer:
            return "sam-local" if answer.headers.get("Server", "").startswith("Werkzeug") else ""
    except (urllib.error.URLError, OSError, ValueError) as error:
        raise Failure(f"{target.url}/health does not answer as Latchkey does: {error}") from None


def admit(target: Target) -> None:
    """Fails in one line if the login is not an administrator's. It ends the session that it needs for this."""
    login = {"email": target.variables["ADMIN_EMAIL"], "password": target.variables["ADMIN_PASSWORD"]}
    try:
        token, user = (call(target, "POST", "/v1/auth/login", login)[name] for name in ("token", "user"))
        call(target, "POST", "/api/auth/logout", token=token)
    except urllib.error.HTTPError as refusal:
        said = refusal.read().decode(errors="replace")
        raise Failure(f"{target.variables['ADMIN_EMAIL']} cannot log in there: {refusal.code} {said}") from None
    except KeyError:
        raise Failure(f"{target.url} answers a login as Latchkey does not") from None
    if user["role"] != "admin":
        raise Failure(f"{target.variables['ADMIN_EMAIL']} is no administrator there, but a {user['role']}")


def call(target: Target, method: str, path: str, body: dict | None = None, token: str = "") -> dict:
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
    request = urllib.request.Request(target.url + path, json.dumps(body or {}).encode(), headers, method=method)
    with urllib.request.build_opener(_Stay).open(request, timeout=40) as answer:
        return json.loads(answer.read() or "{}")


class _Stay(urllib.request.HTTPRedirectHandler):
    """A password is sent only to the given address: a redirect is an HTTPError."""

    def redirect_request(self, *_):
        return None


def announce(target: Target, name: str) -> None:
    say(f"""
This sends about {REQUESTS:,} requests to {target.url}, most of them as
an administrator that it makes for itself. It waits where the deployment's limits ask it to, and takes some ten minutes.
On AWS the requests cost about ${REQUESTS * DOLLARS_A_MILLION / 1e6:.2f} (API Gateway, Lambda, DynamoDB, logs; docs/scaling.md).

It makes users verify-{name}-…@example.com, with keys, projects and runs. Afterwards it deletes the keys, ends the sessions and
deletes the users; it names what the deployment has no route to remove. Your own keys and projects are left alone.
""")
    if target.ours or os.environ.get("YES") == "1":
        return
    if not sys.stdin.isatty():
        raise Failure("nobody is here to ask: YES=1 goes on")
    if input("Go on? [y/N] ").strip().lower() not in ("y", "yes"):
        raise Failure("nothing was sent")


def compile_suite() -> None:
    with step("compiling the suite"):
        run_logged(["go", "test", "-c", "-tags", "e2e", "-o", BINARY, "./tests/e2e"], LOCAL / "log" / "verify.log", "compiling the suite",
                   cwd=ROOT, env=plain_environment())


def run_suite(target: Target, name: str, journal) -> Run:
    """Prints each promise as it is tested. If the suite ends early, it sets `run.ended` and does not raise."""
    run = Run(target.url, name)
    environment = target.variables | {"LATCHKEY_RUN": name, "LATCHKEY_JOURNAL": str(journal),
                                      "LATCHKEY_PARAMETERS": os.environ.get("LATCHKEY_PARAMETERS", "")}
    # In a separate session, so that Ctrl-C reaches only this process. This process then ends the suite.
    process = subprocess.Popen(["go", "tool", "test2json", "-t", BINARY, "-test.v=test2json", "-test.timeout=3h"], cwd=SUITE,
                               env=environment, text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, start_new_session=True)
    try:
        for line in process.stdout:
            if tried := run.take(json.loads(line)):
                say(verify_report.line(tried))
        if process.wait() and not run.of(Verdict.BROKEN):
            run.ended = "the suite ended by itself: " + (run.last_words() or "it said nothing")
    except KeyboardInterrupt:
        run.ended = "interrupted"
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    return run


def clean_up(target: Target, journal) -> list[str]:
    """Removes what the run of that journal made. Returns its output; the journal is deleted when all is done."""
    environment = target.variables | {"LATCHKEY_CLEAN_UP": "1", "LATCHKEY_JOURNAL": str(journal)}
    with step("removing what the run made"):
        done = subprocess.Popen([BINARY], cwd=SUITE, env=environment, text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                stderr=subprocess.STDOUT, start_new_session=True)
        try:
            said = done.communicate()[0].splitlines()
        except KeyboardInterrupt:
            os.killpg(done.pid, signal.SIGKILL)
            return ["failed: it was interrupted; the next run against this address goes on with it"]
    if done.returncode == 0:
        journal.unlink(missing_ok=True)
    return said


def verify(target: Target) -> int:
    place = reach(target)
    target.variables.setdefault("LATCHKEY_PLACE", place)
    name = secrets.token_hex(4)
    announce(target, name)
    admit(target)
    target.folder.mkdir(parents=True, exist_ok=True)
    target.folder.chmod(0o700)  # the journal holds passwords until the users that it names are removed
    compile_suite()
    for leftover in target.folder.glob("*.journal"):
        say(f"an earlier run was cut short: {', '.join(clean_up(target, leftover))}")
    journal = target.folder / f"{name}.journal"
    run = run_suite(target, name, journal)
    run.cleaned = clean_up(target, journal)
    if run.sent:  # else the suite was interrupted
        run.sent += sum(int(count) for said in run.cleaned for count in re.findall(r"^sent (\d+) requests$", said))
    if run.sent > 1.25 * REQUESTS:
        run.complaints.append(f"it sent {run.sent:,} requests and had announced {REQUESTS:,}: correct REQUESTS in local/verify.py")
    report = target.folder / f"{name}.md"
    report.write_text(verify_report.markdown(run))
    say(verify_report.summary(run))
    say(f"\nThe whole report: {report}\n{len(run.of(Verdict.KEPT))} passed, {run.failures} failed")
    return 1 if run.failures or not run.of(Verdict.KEPT) else 0


def _main() -> int:
    for ending in (signal.SIGTERM, signal.SIGHUP):  # becomes Ctrl-C, so that everything that was made is removed
        signal.signal(ending, signal.default_int_handler)
    prerequisites.check("go")
    if not shutil.which("curl") or not shutil.which("bash"):
        raise Failure("the suite pastes commands into bash, for curl: install both")
    return verify(here() if sys.argv[1:] == ["here"] else there())


if __name__ == "__main__":
    main(_main)
