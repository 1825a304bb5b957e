"""`make example`: deploys examples/campaigns next to Latchkey, as a stack of its own, and adds its address to `.local/env`."""

import address
import envfile
import neighbour
import stack as emulator
from console import Failure, main, say, step
from settings import ENV_FILE, ROOT, Stack, developer_stack

NAME = "campaigns"
TEMPLATE = ROOT / "examples" / NAME / "template.yaml"


def bring_up(stack: Stack) -> dict[str, str]:
    """Builds and deploys it to a running stack that Latchkey is deployed to. Returns the variable with its address."""
    with step(f"building and deploying the example {NAME}"):
        outputs = neighbour.bring_up(stack, NAME, TEMPLATE)
    return {"EXAMPLE_API_URL": address.give(stack, outputs | {"StageName": "prod"}, "example")}


def _start() -> None:
    stack = developer_stack()
    if not emulator.running(stack):
        raise Failure("Latchkey is not running: make start")
    found = bring_up(stack)
    for path in (ENV_FILE, stack.env_file):  # one for the user's shell, one for the tests
        envfile.write(path, envfile.read(path) | found)
    say(f"\nThe example answers at  {found['EXAMPLE_API_URL']}/api/campaigns")


if __name__ == "__main__":
    main(_start)
