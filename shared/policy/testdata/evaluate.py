"""Reads [{"policy": {…}, "arn": "…"}, …] and prints, in the same order, whether each policy allows the ARN:
by ministack's own model of API Gateway, and by its model of IAM. Run by matrix_test.go."""

import json
import sys

from ministack.core import iam_evaluator
from ministack.services import apigateway_v1


def as_iam(policy: dict, arn: str) -> bool:
    context = iam_evaluator.EvalContext(
        principal_arn="arn:aws:iam::123456789012:user/caller", principal_type="User", principal_account="123456789012",
        action="execute-api:Invoke", resource_arn=arn, region="us-east-1", source_ip="192.0.2.7", secure_transport=True)
    return iam_evaluator.evaluate(context, [iam_evaluator.parse_policy_document(policy)]).decision == "Allow"


json.dump([{"gateway": apigateway_v1._evaluate_policy(row["policy"], row["arn"]) == "Allow",
            "iam": as_iam(row["policy"], row["arn"])} for row in json.load(sys.stdin)], sys.stdout)
