"""Deploys what build.py built to a running emulator, and reads the names that the deployment got."""

import json
import shlex
from pathlib import Path

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

import build
import stack as emulator
import venvs
from console import run_logged, step
from settings import BUILD, REGION, ROOT, STACK_NAME, Stack, aws_environment

ARTEFACTS = "latchkey-artefacts"
UNUSABLE = ("ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED", "DELETE_FAILED", "REVIEW_IN_PROGRESS")


def client(stack: Stack, service: str):
    # The emulator is one process and may answer late. A call that is repeated meanwhile would be executed twice.
    config = Config(retries={"total_max_attempts": 1}, read_timeout=120)
    return boto3.client(service, endpoint_url=stack.endpoint, region_name=REGION, config=config,
                        aws_access_key_id="test", aws_secret_access_key="test")


def deploy(stack: Stack, digest: str, parameters: dict[str, str] | None = None, built: Path = BUILD / "sam") -> dict[str, str]:
    """Deploys the build named by `digest`, in `built`, unless it runs already. Returns the stack's outputs."""
    parameters = parameters or {}
    wanted = f"{digest} {sorted(parameters.items())}"
    stamp = stack.folder / "deployed"
    if stamp.exists() and stamp.read_text() == wanted and (found := outputs(stack)):
        return found
    stamp.unlink(missing_ok=True)
    with step("deploying to the local stack"):
        _ensure_bucket(stack)
        _remove_failed_stack(stack)
        _sam_deploy(stack, parameters, built)
        found = outputs(stack)
    emulator.save(stack)
    stamp.write_text(wanted)
    return found


def outputs(stack: Stack) -> dict[str, str]:
    try:
        described = client(stack, "cloudformation").describe_stacks(StackName=STACK_NAME)["Stacks"][0]
    except ClientError:
        return {}
    return {output["OutputKey"]: output["OutputValue"] for output in described.get("Outputs", [])}


def api_url(stack: Stack, outputs: dict[str, str]) -> str:
    """By path rather than by host name, so that it needs no DNS."""
    return f"{stack.endpoint}/_aws/execute-api/{outputs['ApiId']}/{outputs['StageName']}"


def verify_domain(stack: Stack, address: str) -> None:
    """Has the emulator's SES know the domain of a sender, which it verifies at once."""
    domain = address.rpartition("@")[2]
    ses = client(stack, "ses")
    if domain and domain not in ses.list_identities()["Identities"]:
        ses.verify_domain_identity(Domain=domain)


def empty_stage(stack: Stack) -> str:
    """Creates a REST API with a stage that serves nothing. Returns both in the form of the parameter CachedStages."""
    apigateway = client(stack, "apigateway")
    api = apigateway.create_rest_api(name="empty")["id"]
    apigateway.create_deployment(restApiId=api, stageName="prod")
    return f"{api}/prod"


def empty_bucket(stack: Stack) -> str:
    """Creates a bucket. Returns it with a prefix, in the form of the parameter AuditExportBucket."""
    client(stack, "s3").create_bucket(Bucket="latchkey-evidence")
    return "latchkey-evidence/audit"


def secret_of_traces(stack: Stack, endpoint: str) -> str:
    """Creates the secret that says where traces go. Returns its ARN, for the parameter TracesSecretArn."""
    value = {"endpoint": endpoint, "headers": {"Api-Key": "of-the-test"}}
    return client(stack, "secretsmanager").create_secret(Name="traces", SecretString=json.dumps(value))["ARN"]


def bucket_with_scopes(stack: Stack) -> str:
    """Creates a bucket that announces its changes and has the scopes that are built in. Returns it for the parameter CatalogueBucket."""
    s3, bucket = client(stack, "s3"), "latchkey-scopes"
    s3.create_bucket(Bucket=bucket)
    s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration={"EventBridgeConfiguration": {}})
    s3.put_object(Bucket=bucket, Key="latchkey/catalogue.json", Body=(ROOT / "shared/scope/catalogue.json").read_bytes())
    return bucket


def _sam_deploy(stack: Stack, parameters: dict[str, str], built: Path) -> None:
    # sam looks for its settings beside the template, and this template is in the folder of a build.
    settings = ["--config-file", ROOT / "samconfig.toml", "--config-env", "local"]
    command = [venvs.tool("sam", "sam"), "deploy", *settings, "--template-file", built / build.PACKED,
               "--stack-name", STACK_NAME, "--s3-bucket", ARTEFACTS, "--region", REGION]
    if parameters:
        command += ["--parameter-overrides", *(f"{name}={shlex.quote(value)}" for name, value in parameters.items())]
    environment = aws_environment(stack.endpoint) | {"SAM_CLI_TELEMETRY": "0", "SAM_CLI_POLL_DELAY": "0.3"}
    run_logged(command, stack.folder / "deploy.log", "deploying", cwd=ROOT, env=environment)


def _ensure_bucket(stack: Stack) -> None:
    s3 = client(stack, "s3")
    if ARTEFACTS not in [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]]:
        s3.create_bucket(Bucket=ARTEFACTS)


def _remove_failed_stack(stack: Stack) -> None:
    """A stack whose creation failed cannot be deployed again, here as on AWS."""
    cloudformation = client(stack, "cloudformation")
    try:
        status = cloudformation.describe_stacks(StackName=STACK_NAME)["Stacks"][0]["StackStatus"]
    except ClientError:
        return
    if status in UNUSABLE:
        cloudformation.delete_stack(StackName=STACK_NAME)
        cloudformation.get_waiter("stack_delete_complete").wait(StackName=STACK_NAME, WaiterConfig={"Delay": 1})
