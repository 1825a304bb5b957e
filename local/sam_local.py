"""`make sam-local`: the functions in Docker under `sam local start-api`, with DynamoDB Local.

    sam local ──► a container a function ──► DynamoDB Local   the table, as template.yaml defines it
                                        └──► ministack        the secrets, likewise

sam local knows only functions and the API. So the table and the secrets are made from their definitions in the
built template, and a copy of that template names them where it had references; uses_feed.py has the uses of keys counted.
docs/sam-local.md lists what sam local cannot show.
"""

import ipaddress
import json
import os
import platform
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import contextmanager

import boto3
import yaml

import build
import deploy
import dynamodb_local
import envfile
import prerequisites
import stack as emulator
import uses_feed
import venvs
from console import Failure, main, say, show_tail_in_ci, step
from settings import ADMIN_EMAIL, BUILD, ENV_FILE, HOST, REGION, Stack, aws_environment, aws_variables, free_port, machine_architecture

PORT = int(os.environ.get("LATCHKEY_SAM_PORT") or 3000)
HOST_IN_CONTAINER = "host.docker.internal"
IMAGE = f"public.ecr.aws/lambda/provided:al2023-{machine_architecture()}"
TABLE_KEYS = ("AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes", "LocalSecondaryIndexes", "BillingMode")
START_SECONDS = 600  # the first time sam adds its runtime emulator to the image


@contextmanager
def running(port: int, parameters: dict[str, str] | None = None):
    """Yields the stack that has the secrets and the log, and the variables, while sam local answers."""
    prerequisites.check("docker")
    build.build()
    _remove_containers()  # of a run that was killed
    secrets = Stack("sam-local", free_port(), _host_for_containers(), keeps_data=False)
    emulator.forget(secrets)
    try:
        emulator.start(secrets)
        with dynamodb_local.running(bind=secrets.host) as database:
            template = yaml.safe_load((BUILD / "sam" / "template.yaml").read_text())
            table = _create_table(template, database)
            names = _create_secrets(template, secrets) | table
            path = _write_template(template, secrets, names, database, parameters or {})
            with (_start_api(path, secrets, port), _start_lambda(path, secrets) as endpoint,
                  uses_feed.running(secrets.function_log, endpoint)):
                password = _seed(path, secrets)
                values = {"API_URL": f"http://{HOST}:{port}", "ADMIN_EMAIL": ADMIN_EMAIL, "ADMIN_PASSWORD": password,
                          "TABLE_NAME": next(iter(table.values())), "AWS_ENDPOINT_URL_DYNAMODB": database} | aws_variables(secrets.endpoint)
                yield secrets, values
    finally:
        emulator.stop(secrets)


def _host_for_containers() -> str:
    """The address of this machine that containers reach and the network does not."""
    if platform.system() != "Linux":
        return HOST  # in Docker Desktop host.docker.internal leads to the loopback address
    network = json.loads(_docker("network", "inspect", "bridge"))[0]["IPAM"]["Config"][0]
    return network.get("Gateway") or str(next(ipaddress.ip_network(network["Subnet"]).hosts()))


def _create_table(template: dict, endpoint: str) -> dict[str, str]:
    logical, table = _only(template, "AWS::DynamoDB::Table")
    client = boto3.client("dynamodb", endpoint_url=endpoint, region_name=REGION, aws_access_key_id="test", aws_secret_access_key="test")
    properties = table["Properties"]
    client.create_table(TableName=logical, **{key: properties[key] for key in TABLE_KEYS if key in properties})
    # Without the time to live: DynamoDB Local deletes expired items within seconds, and DynamoDB may keep them for days.
    return {logical: logical}


def _create_secrets(template: dict, stack: Stack) -> dict[str, str]:
    """Creates the secrets by CloudFormation, so that it generates them as on AWS. Returns logical id → ARN."""
    wanted = {name: {"Type": resource["Type"], "Properties": {"GenerateSecretString": resource["Properties"]["GenerateSecretString"]}}
              for name, resource in template["Resources"].items() if resource["Type"] == "AWS::SecretsManager::Secret"}
    cloudformation = deploy.client(stack, "cloudformation")
    cloudformation.create_stack(StackName="secrets", TemplateBody=json.dumps({"Resources": wanted}))
    cloudformation.get_waiter("stack_create_complete").wait(StackName="secrets", WaiterConfig={"Delay": 1})
    made = cloudformation.describe_stack_resources(StackName="secrets")["StackResources"]
    return {resource["LogicalResourceId"]: resource["PhysicalResourceId"] for resource in made}


def _write_template(template: dict, stack: Stack, names: dict[str, str], database: str, parameters: dict[str, str]):
    """Writes the built template with names instead of references, and with the endpoints in each function's environment."""
    there = f"http://{HOST_IN_CONTAINER}"
    added = aws_variables(f"{there}:{stack.port}") | {"AWS_ENDPOINT_URL_DYNAMODB": f"{there}:{database.rpartition(':')[2]}"}
    template = _with_names(template, names)
    for name, value in parameters.items():
        template["Parameters"][name]["Default"] = value
    template["Globals"]["Function"].setdefault("Environment", {}).setdefault("Variables", {}).update(added)
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            code = resource["Properties"]["CodeUri"]
            resource["Properties"]["CodeUri"] = str(BUILD / "sam" / code)
    path = stack.folder / "template.json"
    path.write_text(json.dumps(template, default=str))
    return path


def _with_names(value, names: dict[str, str]):
    if isinstance(value, list):
        return [_with_names(item, names) for item in value]
    if not isinstance(value, dict):
        return value
    if value.get("Ref") in names:
        return names[value["Ref"]]
    return {key: _with_names(item, names) for key, item in value.items()}


def _only(template: dict, kind: str) -> tuple[str, dict]:
    found = [(name, resource) for name, resource in template["Resources"].items() if resource["Type"] == kind]
    if len(found) != 1:
        raise Failure(f"template.yaml has {len(found)} resources of type {kind}, not one")
    return found[0]


def _sam(path, arguments: list[str]) -> list[str]:
    shared = ["--template", str(path), "--region", REGION, "--add-host", f"{HOST_IN_CONTAINER}:host-gateway"]
    if subprocess.run(["docker", "image", "inspect", IMAGE], capture_output=True).returncode == 0:
        shared.append("--skip-pull-image")
    return [str(venvs.tool("sam", "sam")), "local", *arguments, *shared]


@contextmanager
def _start_api(path, stack: Stack, port: int):
    with _process(path, stack, stack.function_log, ["start-api", "--port", str(port), "--warm-containers", "EAGER"]) as process:
        with step(f"starting a container for each of {build.function_count()} functions"):
            _wait(process, stack, f"http://{HOST}:{port}/health")
        yield


@contextmanager
def _start_lambda(path, stack: Stack):
    """Yields the address of Lambda's API, for the function that no route leads to. Its container starts with the first call."""
    port = free_port()
    with _process(path, stack, stack.folder / "lambda.log", ["start-lambda", "--port", str(port), "--warm-containers", "LAZY"]):
        yield f"http://{HOST}:{port}"


@contextmanager
def _process(path, stack: Stack, log_file, arguments: list[str]):
    with log_file.open("w") as log:
        process = subprocess.Popen(_sam(path, [*arguments, "--host", HOST]), cwd=stack.folder, stdin=subprocess.DEVNULL, stdout=log,
                                   env=aws_environment(stack.endpoint) | {"SAM_CLI_TELEMETRY": "0"}, stderr=subprocess.STDOUT,
                                   start_new_session=True)
    try:
        yield process
    finally:
        process.send_signal(signal.SIGINT)  # after this signal sam removes most of its containers
        try:
            process.wait(timeout=120)
        except subprocess.TimeoutExpired:
            process.kill()
        _remove_containers()


def _remove_containers() -> None:
    """Removes the containers that run this build's functions."""
    listed = _docker("ps", "-aq", "--filter", "label=sam.cli.container.type=lambda").split()
    for container in listed:
        mounts = json.loads(_docker("inspect", "--format", "{{json .Mounts}}", container) or "[]")
        if any(mount.get("Source", "").startswith(str(BUILD)) for mount in mounts):
            _docker("rm", "-f", container)


def _docker(*arguments: str) -> str:
    return subprocess.run(["docker", *arguments], capture_output=True, text=True).stdout


def _wait(process: subprocess.Popen, stack: Stack, url: str) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            with urllib.request.urlopen(url, timeout=30):
                return
        except (urllib.error.URLError, OSError):
            if process.poll() is not None or time.monotonic() > deadline:
                show_tail_in_ci(stack.function_log)
                raise Failure(f"sam local did not start; the details are in {stack.function_log}") from None
            time.sleep(0.5)


def _seed(path, stack: Stack) -> str:
    template = json.loads(path.read_text())
    function = template["Outputs"]["AdminBootstrapFunctionName"]["Value"]["Ref"]
    event = stack.folder / "event.json"
    event.write_text(json.dumps({"email": ADMIN_EMAIL}))
    with step("creating the administrator"):
        done = subprocess.run(_sam(path, ["invoke", function, "--event", str(event)]), capture_output=True, text=True, cwd=stack.folder,
                              env=aws_environment(stack.endpoint) | {"SAM_CLI_TELEMETRY": "0"}, stdin=subprocess.DEVNULL)
    try:
        return json.loads(done.stdout.strip().splitlines()[-1])["password"]
    except (ValueError, IndexError, KeyError, TypeError):
        raise Failure(f"creating the administrator failed: {(done.stderr or done.stdout).strip().splitlines()[-1]}") from None


def _start() -> None:
    for ending in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(ending, lambda *_: sys.exit(0))
    try:
        with running(PORT) as (stack, values):
            envfile.write(ENV_FILE, values)
            say(f"""
Latchkey answers at  {values["API_URL"]}
Administrator        {values["ADMIN_EMAIL"]}
Password             {values["ADMIN_PASSWORD"]}
Functions' log       {stack.function_log}

In another shell:    set -a; . .local/env; set +a
Ctrl-C ends it, and forgets its data.""")
            signal.pause()
    except KeyboardInterrupt:
        say("")
    finally:
        ENV_FILE.unlink(missing_ok=True)  # `make start` writes a new one


if __name__ == "__main__":
    main(_start)
