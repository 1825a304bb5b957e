"""Compares what a deployment has in Parameter Store with its outputs: a stack in another tool finds the same there."""

import deploy
from console import main, say
from gotest import Totals
from settings import STACK_NAME, Stack, developer_stack

WANTED = {"AuthorizerArn", "AuthorizerFunctionModeArn", "ApiUrl", "ApiId", "StageName", "Issuer", "Audience", "TableName"}


def check(stack: Stack) -> Totals:
    outputs, prefix = deploy.outputs(stack), f"/latchkey/{STACK_NAME}/"
    found = deploy.client(stack, "ssm").get_paginator("get_parameters_by_path").paginate(Path=prefix)
    parameters = {one["Name"].removeprefix(prefix): one["Value"] for page in found for one in page["Parameters"]}
    wrong = [f"{name} is {parameters.get(name)!r}, the output {outputs.get(name)!r}" for name in sorted(WANTED | parameters.keys())
             if parameters.get(name) is None or parameters[name] != outputs.get(name)]
    say(f"{'FAIL' if wrong else 'ok  '}  parameters of other stacks, {len(parameters)}" + "".join(f"\n      {text}" for text in wrong))
    return Totals(passed=int(not wrong), failed=int(bool(wrong)))


if __name__ == "__main__":
    main(lambda: check(developer_stack()).failed)
