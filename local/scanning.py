"""Runs the scanners gitleaks and secretlint: over this repository, and over credentials of each kind."""

import subprocess

import gotools
import node
from console import together
from settings import ROOT, plain_environment

FOLDER = ROOT / "tests" / "scanning"


def repository() -> str:
    """Looks for secrets in all that is committed, and in what came before it. Returns what was found, without the secrets."""
    done = subprocess.run([gotools.path(gotools.GITLEAKS), "git", ".", "--log-opts=HEAD", "--config=local/gitleaks.toml", "--redact",
                           "--verbose", "--no-banner", "--no-color"], cwd=ROOT, env=plain_environment(), text=True,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return done.stdout if done.returncode else ""


def rules() -> str:
    """Shows that both scanners find each credential with the rules in docs/scanning. Returns what the test says if they do not."""
    together(node.jobs(FOLDER))
    tools = {"GITLEAKS": str(gotools.path(gotools.GITLEAKS)), "SECRETLINT": str(FOLDER / "node_modules" / ".bin" / "secretlint")}
    done = subprocess.run(["go", "test", "-tags=e2e", "-count=1", "./tests/scanning/"], cwd=ROOT, env=plain_environment() | tools,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    return done.stdout if done.returncode else ""
