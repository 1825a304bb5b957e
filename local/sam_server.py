"""Runs SAM CLI with changes that it has no setting for: `sam local start-api` with Latchkey's authorizer, as on AWS.

Started by guard/docker.py with SAM CLI's own Python. The methods replaced are internal to the version that
sam_strict/internals.py names.
"""

import json
import os
import sys

from samcli.cli.main import cli

from sam_strict import authorizer, containers, internals


def main() -> None:
    internals.check_version()
    settings = json.loads(os.environ.pop("LATCHKEY_GUARD"))
    containers.install(settings["label"])
    authorizer.install(settings)
    sys.argv[0] = "sam"
    cli()


if __name__ == "__main__":
    main()
