"""A deployment that has all that the black-box suite can use, and the environment of its tests."""

from contextlib import contextmanager

import deploy
import example
import stack as emulator
import start
from settings import Stack, aws_environment, free_port

# The suite logs in more often than a person does, always from one address and as one administrator.
LIMITS = {"RateLimitAuth": "600", "RateLimitAccount": "100"}
PARAMETERS = LIMITS | {"AllowedOrigins": "https://app.example.com", "Resources": "https://orders.example.com",
                       "MaxKeys": "10000", "MaxProjects": "10000"}  # so that they are counted
HAS = ("table", "secret", "log", "lambda", "processes", "bucket", "example", "scanner", "mail")  # tests/e2e/needs_test.go
SAM_LOCAL_HAS = ("table", "secret", "log")  # it serves one stack, and no functions without a route


@contextmanager
def running(name: str):
    """Yields the stack of this name, and the environment."""
    with emulator.fresh(name) as stack:
        chosen = PARAMETERS | {
            "CachedStages": deploy.empty_stage(stack),  # so that each revocation flushes a cache
            "CatalogueBucket": deploy.bucket_with_scopes(stack),  # so that each function reads its scopes from the table
            "AuditExportBucket": deploy.empty_bucket(stack),  # so that each entry of an audit log is exported
            "LeakKeysUrl": f"http://127.0.0.1:{free_port()}/keys",  # the suite publishes a scanner's keys there
        }
        values = start.bring_up(stack, chosen) | example.bring_up(stack)
        yield stack, environment(stack, values | {"LATCHKEY_PARAMETERS": start.as_text(chosen)})


def environment(stack: Stack, values: dict[str, str], place: str = "ministack") -> dict[str, str]:
    """The suite's environment. A few scenarios read the name of the place, because places are known to differ there."""
    reached = SAM_LOCAL_HAS if place == "sam-local" else HAS
    return aws_environment(stack.endpoint) | values | {
        "LATCHKEY_LOG_FILE": str(stack.function_log), "LATCHKEY_PLACE": place, "LATCHKEY_HAS": ",".join(reached)}
