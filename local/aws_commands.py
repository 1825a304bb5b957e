"""Runs commands for the AWS command line, one a line of standard input, in one process: each start of it takes a second.

Run by tests with the Python of the venv "aws". It ends with 1 if a command failed.
"""

import shlex
import sys

from awscli.clidriver import create_clidriver


def run(line: str) -> bool:
    for command in line.split(" && "):
        name, *arguments = shlex.split(command)
        if name != "aws" or create_clidriver().main(arguments):
            print(f"failed: {command}", file=sys.stderr, flush=True)
            return False
    return True


if __name__ == "__main__":
    sys.exit(0 if all([run(line.strip()) for line in sys.stdin if line.strip()]) else 1)
