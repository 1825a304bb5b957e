"""A stack beside Latchkey's in a running emulator: an API of another team, or the probe of tests/aws."""

from pathlib import Path

import build
import deploy
import stack as emulator
import venvs
from console import run_logged
from settings import LOCAL, REGION, ROOT, Stack, aws_environment


def bring_up(stack: Stack, name: str, template: Path) -> dict[str, str]:
    """Builds and deploys the template as the stack `name`. Returns its outputs."""
    built = LOCAL / "build" / name
    build.build_template(template, built)
    command = [venvs.tool("sam", "sam"), "deploy", "--config-file", ROOT / "samconfig.toml", "--config-env", "local",
               "--template-file", built / build.PACKED, "--stack-name", name, "--s3-bucket", deploy.ARTEFACTS, "--region", REGION]
    environment = aws_environment(stack.endpoint) | {"SAM_CLI_TELEMETRY": "0", "SAM_CLI_POLL_DELAY": "0.3"}
    run_logged(command, stack.folder / f"{name}-deploy.log", f"deploying {name}", cwd=ROOT, env=environment)
    emulator.save(stack)
    described = deploy.client(stack, "cloudformation").describe_stacks(StackName=name)["Stacks"][0]
    return {output["OutputKey"]: output["OutputValue"] for output in described["Outputs"]}
