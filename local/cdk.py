"""The constructs of clients/cdk: their tests, cdk-nag, and cfn-lint over what the README's examples synthesise.

A step of `make test`; alone: `.local/venvs/ministack/bin/python local/cdk.py`. The page that deploys them is docs/guides/cdk.md.
"""

import json
import os
import shutil
import subprocess

from samtranslator.translator.transform import transform

import build
import gotest
import node
import venvs
from console import main, say
from gotest import Totals
from settings import BUILD, LOCAL, REGION, plain_environment

FOLDER = LOCAL / "cdk"
TEMPLATE = BUILD / "sam" / build.PACKED
# The CDK writes a DependsOn that a GetAtt implies (W3005). A parameter that has its value in the template is still in the groups
# that the console shows (W4001).
UNIMPORTANT = "W3005,W4001"


def cdk() -> Totals:
    build.build()
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    transformed = FOLDER / "transformed.json"
    transformed.write_text(json.dumps(_transformed()))
    environment = plain_environment() | {
        "LATCHKEY_TEMPLATE": str(TEMPLATE), "LATCHKEY_TRANSFORMED": str(transformed), "LATCHKEY_SYNTHESISED": str(FOLDER)}
    with node.alone(node.CDK):
        totals = node.test(node.CDK, environment)
    totals.add(_lint())
    return totals


def _transformed() -> dict:
    """What CloudFormation makes of the template, by SAM's own code."""
    template = json.loads(TEMPLATE.read_text())
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            resource["Properties"]["CodeUri"] = {"Bucket": "a-bucket", "Key": resource["Properties"]["CodeUri"]}
    os.environ.setdefault("AWS_DEFAULT_REGION", REGION)  # the translator asks for it

    class NoPolicies:
        def load(self):
            return {}

    return transform(template, {}, NoPolicies())


def _lint() -> Totals:
    synthesised = sorted(FOLDER.glob("*.template.json"))
    command = [venvs.tool("sam", "cfn-lint"), "--ignore-checks", UNIMPORTANT, "--", *synthesised]
    done = subprocess.run(command, capture_output=True, text=True)
    good = done.returncode == 0 and len(synthesised) == 2
    say(f"{'ok  ' if good else 'FAIL'}  cfn-lint, {len(synthesised)} synthesised templates")
    if not good:
        say(done.stdout + done.stderr)
    return Totals(passed=int(good), failed=int(not good))


if __name__ == "__main__":
    main(lambda: gotest.conclude(cdk()))
