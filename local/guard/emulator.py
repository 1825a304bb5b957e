"""Serves the user's API on the emulator, as a stack of its own beside Latchkey's: the refusals are those of API Gateway."""

import json
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import deploy
import venvs
from console import Failure, run_logged, step
from settings import HOST, REGION, ROOT, Stack, aws_environment

NAME = "guarded"
CAPABILITIES = ("CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND")


@contextmanager
def serving(path: Path, stack: Stack, port: int, arguments: list[str]):
    """Yields the address of each API, by its logical id: ports from `port` on. All of it ends with the emulator."""
    with step("deploying your API beside it"):
        _deploy(path, stack, arguments)
        found = _stages(stack)
        for number, (api, stage) in enumerate(found.values()):
            _listen(stack, port + number, api, stage)
    yield {name: f"http://{HOST}:{port + number}" for number, name in enumerate(found)}


def _deploy(path: Path, stack: Stack, arguments: list[str]) -> None:
    settings = ["--config-file", ROOT / "samconfig.toml", "--config-env", "local"]
    command = [venvs.tool("sam", "sam"), "deploy", *settings, "--template-file", path, "--stack-name", NAME,
               "--s3-bucket", deploy.ARTEFACTS, "--region", REGION, "--capabilities", *CAPABILITIES, *arguments]
    environment = aws_environment(stack.endpoint) | {"SAM_CLI_TELEMETRY": "0", "SAM_CLI_POLL_DELAY": "0.3"}
    run_logged(command, stack.folder / "deploy-yours.log", "deploying your template", cwd=stack.folder, env=environment)


def _stages(stack: Stack) -> dict[str, tuple[str, str]]:
    """The id and stage of each API, by its logical id."""
    resources = deploy.client(stack, "cloudformation").describe_stack_resources(StackName=NAME)["StackResources"]
    found = {}
    for kind, gateway in (("AWS::ApiGateway::RestApi", _rest_stage), ("AWS::ApiGatewayV2::Api", _http_stage)):
        for resource in resources:
            if resource["ResourceType"] == kind:
                api = resource["PhysicalResourceId"]
                found[resource["LogicalResourceId"]] = (api, gateway(stack, api))
    return found


def _rest_stage(stack: Stack, api: str) -> str:
    stages = [stage["stageName"] for stage in deploy.client(stack, "apigateway").get_stages(restApiId=api)["item"]]
    return next((name for name in stages if name != "Stage"), stages[0])  # SAM makes that second one


def _http_stage(stack: Stack, api: str) -> str:
    return deploy.client(stack, "apigatewayv2").get_stages(ApiId=api)["Items"][0]["StageName"]


def _listen(stack: Stack, port: int, api: str, stage: str) -> None:
    wanted = json.dumps({"port": port, "api": api, "stage": stage}).encode()
    with urllib.request.urlopen(urllib.request.Request(f"{stack.endpoint}/_latchkey/listen", wanted, method="POST"), timeout=30) as answer:
        if port not in json.load(answer)["ports"]:
            raise Failure(f"port {port} is taken by something else that began meanwhile")
