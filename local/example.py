"""`make example`: deploys examples/campaigns next to Latchkey, as a stack of its own, and adds its address to `.local/env`."""

import admin
import build
import deploy
import gobuild
import stack as emulator
import venvs
from console import Failure, main, run_logged, say, step
from settings import ENV_FILE, LOCAL, REGION, ROOT, Stack, aws_environment, developer_stack, machine_architecture

NAME = "campaigns"
TEMPLATE = ROOT / "examples" / NAME / "template.yaml"
BUILT = LOCAL / "build" / NAME


def bring_up(stack: Stack) -> dict[str, str]:
    """Builds and deploys it to a running stack that Latchkey is deployed to. Returns the variable that says where it is."""
    with step(f"building and deploying the example {NAME}"):
        gobuild.compile_functions()
        build.build_template(TEMPLATE, BUILT)
        _sam_deploy(stack)
    emulator.save(stack)
    described = deploy.client(stack, "cloudformation").describe_stacks(StackName=NAME)["Stacks"][0]
    outputs = {output["OutputKey"]: output["OutputValue"] for output in described["Outputs"]}
    return {"EXAMPLE_API_URL": deploy.api_url(stack, outputs | {"StageName": "prod"})}


def _sam_deploy(stack: Stack) -> None:
    command = [venvs.tool("sam", "sam"), "deploy", "--config-file", ROOT / "samconfig.toml", "--config-env", "local",
               "--template-file", BUILT / build.PACKED, "--stack-name", NAME, "--s3-bucket", deploy.ARTEFACTS, "--region", REGION,
               "--parameter-overrides", f"Architecture={machine_architecture()}"]
    environment = aws_environment(stack.endpoint) | {"SAM_CLI_TELEMETRY": "0", "SAM_CLI_POLL_DELAY": "0.3"}
    run_logged(command, stack.folder / "example-deploy.log", "deploying the example", cwd=ROOT, env=environment)


def _start() -> None:
    stack = developer_stack()
    if not emulator.running(stack):
        raise Failure("Latchkey is not running: make start")
    found = bring_up(stack)
    for path in (ENV_FILE, stack.env_file):  # the shell's, and the suite's
        admin.write_env(path, admin.read_env(path) | found)
    say(f"\nThe example answers at  {found['EXAMPLE_API_URL']}/api/campaigns")


if __name__ == "__main__":
    main(_start)
