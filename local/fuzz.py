"""Compares the running API with the document that it serves: openapi_lint.py checks the document, then schemathesis sends
what it allows and what it forbids. No answer may be a 5xx, or have a status, header or body that is not in the document.
Some of the requests of `make requests` (generated.py) follow, which know who may do what, and those of clients that are made from the
document (interface.py).

It starts its own stack, because 429s of a usual deployment would hide the other answers. Every run sends the same
requests. Also alone: `.local/venvs/ministack/bin/python local/fuzz.py`.
"""

import subprocess
import urllib.request

import generated
import gotest
import interface
import prerequisites
import stack as emulator
import start
import venvs
from console import main, say, step
from gotest import Totals
from settings import ROOT, Stack, plain_environment

EXAMPLES = 15  # for each operation in each phase
SECONDS = 600
GENERATED = ("-n=400", "-seed=1")
CHECKS = ("not_a_server_error", "status_code_conformance", "content_type_conformance", "response_headers_conformance",
          "response_schema_conformance", "bad_data_is_refused", "ignored_auth", "use_after_free",
          "strangers_things_do_not_exist", "codes_have_examples", "EveryOperationSucceedsOnce")


def fuzz() -> Totals:
    """One test for the validator, one for schemathesis, one for requests, and those of interface.py."""
    prerequisites.check("linux")
    venvs.ensure("fuzz")
    with emulator.fresh("fuzz") as stack:
        values = start.bring_up(stack, generated.LIMITS)
        document = stack.folder / "openapi.json"
        document.write_bytes(urllib.request.urlopen(f"{values['API_URL']}/openapi.json", timeout=30).read())
        totals = Totals()
        totals.add(_run("openapi_lint", _validator(document), stack, values))
        totals.add(_run("schemathesis", _schemathesis(document, values["API_URL"]), stack, values))
        totals.add(_run("requests", generated.command(*GENERATED), stack, values))
        totals.add(interface.test(document, values))
        return totals


def _validator(document) -> list:
    return [venvs.python("fuzz"), ROOT / "local" / "openapi_lint.py", document]


def _schemathesis(document, url: str) -> list:
    return [venvs.tool("fuzz", "schemathesis"), "run", document, "--url", url, "--generation-deterministic",
            "--generation-with-security-parameters", "false", "--max-examples", str(EXAMPLES),
            "--checks", ",".join(CHECKS), "--continue-on-failure", "--suppress-health-check", "all", "--warnings", "off"]


def _run(name: str, command: list, stack: Stack, values: dict[str, str]) -> Totals:
    log = stack.folder / f"{name}.log"
    environment = plain_environment() | values | {"SCHEMATHESIS_HOOKS": "fuzz_hooks", "PYTHONPATH": str(ROOT / "local"), "NO_COLOR": "1"}
    try:
        with step(name), log.open("w") as out:
            done = subprocess.run([str(part) for part in command], cwd=stack.folder, env=environment, stdin=subprocess.DEVNULL,
                                  stdout=out, stderr=subprocess.STDOUT, timeout=SECONDS)
        if done.returncode == 0:
            return Totals(passed=1)
    except subprocess.TimeoutExpired:
        say(f"{name} took longer than {SECONDS} s")
    say(log.read_text())
    return Totals(failed=1)


if __name__ == "__main__":
    main(lambda: gotest.conclude(fuzz()))
