"""`make start`: builds, deploys to an emulator on this machine, and prints its address.

    prerequisites → venvs → build ─┬→ deploy → administrator → .local/env
                       emulator ───┘

Each part does nothing when its result is already there, so starting again takes seconds.
"""

import os
import shlex
import time
import urllib.error
import urllib.request

import address
import admin
import build
import deploy
import envfile
import prerequisites
import stack as emulator
from console import Failure, main, say, step
from settings import ENV_FILE, HOST, MAIL_FROM, Stack, developer_stack

FIRST_ANSWER_SECONDS = 30


def bring_up(stack: Stack, parameters: dict[str, str] | None = None) -> dict[str, str]:
    """Starts the stack, deploys to it and creates its administrator. Returns the variables of the stack's env file."""
    parameters = {"Issuer": stack.endpoint, "MailFrom": MAIL_FROM} | passkeys(stack) | chosen_parameters() | (parameters or {})
    emulator.need_port(stack)  # before minutes of building
    digest = build.build()
    if not emulator.up_to_date(stack):
        with step(f"starting the emulator on port {stack.port}"):
            emulator.start(stack)
    deploy.verify_domain(stack, parameters["MailFrom"])
    outputs = deploy.deploy(stack, digest, parameters)
    url = address.give(stack, outputs)
    _wait_for_answer(stack, url)
    password = admin.seed(stack, outputs, envfile.read(stack.env_file))
    values = admin.variables(stack, outputs, url, password) | {"API_URL_LONG": deploy.api_url(stack, outputs)}
    envfile.write(stack.env_file, values)
    emulator.save(stack)
    return values


def passkeys(stack: Stack) -> dict[str, str]:
    """An address of numbers can have no passkeys, so those of this machine are for pages at http://localhost."""
    return {"PasskeyDomain": "localhost", "PasskeyOrigins": f"http://localhost:{stack.port}"}


def chosen_parameters() -> dict[str, str]:
    """Reads the template's parameters, as in LATCHKEY_PARAMETERS="RateLimitAuth=5 SessionLifetime=60" make start."""
    return dict(pair.split("=", 1) for pair in shlex.split(os.environ.get("LATCHKEY_PARAMETERS", "")))


def as_text(parameters: dict[str, str]) -> str:
    """As chosen_parameters and the tests read them: no value has a space."""
    return " ".join(f"{name}={value}" for name, value in parameters.items())


def _wait_for_answer(stack: Stack, url: str) -> None:
    deadline = time.monotonic() + FIRST_ANSWER_SECONDS
    while True:
        try:
            with urllib.request.urlopen(f"{url}/health", timeout=10):
                return
        except (urllib.error.URLError, OSError) as error:
            if time.monotonic() > deadline:
                raise Failure(f"{url}/health does not answer ({error}); the functions' log is {stack.function_log}") from None
            time.sleep(0.2)


def start() -> None:
    prerequisites.check("linux")
    values = bring_up(developer_stack())
    envfile.write(ENV_FILE, values)
    say(f"""
Latchkey answers at  {values["API_URL"]}
Dashboard            {values["API_URL"].replace(HOST, "localhost")}/dashboard
Administrator        {values["ADMIN_EMAIL"]}
Password             {values["ADMIN_PASSWORD"]}
Issuer of tokens     {values["ISSUER"]}
Mail that was sent   {developer_stack().endpoint}/_ministack/ses/messages

In a shell:          set -a; . .local/env; set +a
Then:                make logs · make stop · make reset (forgets the data)""")


if __name__ == "__main__":
    main(start)
