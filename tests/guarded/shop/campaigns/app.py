"""Answers with what it learns about its caller."""

import json
import os

import six  # something that has to be installed


def handler(event, _):
    caller = event["requestContext"].get("authorizer", {})
    return {"statusCode": 200, "headers": {"Content-Type": "application/json"},
            "body": six.ensure_str(json.dumps({"caller": caller, "path": event["path"], "table": os.environ["TABLE_NAME"]}))}
