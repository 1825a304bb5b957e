"""Answers with what it learns about its caller."""

import json
import os


def handler(event, _):
    caller = event["requestContext"].get("authorizer", {})
    return {"statusCode": 200, "headers": {"Content-Type": "application/json"},
            "body": json.dumps({"caller": caller, "path": event["path"], "table": os.environ["TABLE_NAME"]})}
