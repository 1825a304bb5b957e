"""`make check`: runs every linter, each with one line; the output of a failing one is printed in full.

To add one, add a line to LINTERS; gotools.py builds those in Go.
"""

import os
import re
import subprocess
from pathlib import Path

import documents
import gobuild
import gotools
import interface
import licences
import pins
import release
import sam_build
import sbom
import scanning
import venvs
import verify_report
import website
from console import Failure, main, say, step
from settings import LOCAL, REGION, ROOT, plain_environment

VULNERABILITIES_FOUND = 3  # govulncheck's exit status
VULNERABILITY_DATABASE_SECONDS = 180


def gofmt() -> str:
    """gofmt always ends with success; the files that it lists are the findings."""
    folders = [name for name in gobuild.SOURCES + ("tests", "clients") if (ROOT / name).exists()]
    listed = _output(["gofmt", "-l", *folders])
    return f"not formatted:\n{listed}" if listed else ""


def go_vet() -> str:
    return _output(["go", "vet", "-tags=e2e", "./..."])


def tidy() -> str:
    return _output(["go", "mod", "tidy", "-diff"])


def golangci_lint() -> str:
    """Runs staticcheck too; .golangci.yml lists the others."""
    return _output([gotools.path(gotools.GOLANGCI_LINT), "run", "--build-tags=e2e"])


def govulncheck() -> str:
    try:
        done = _run([gotools.path(gotools.GOVULNCHECK), "./..."], timeout=VULNERABILITY_DATABASE_SECONDS)
    except subprocess.TimeoutExpired:
        raise Unreachable from None
    if done.returncode not in (0, VULNERABILITIES_FOUND) and "vulnerabilit" in done.stdout and "fetching" in done.stdout:
        raise Unreachable
    return done.stdout if done.returncode else ""


def scope_catalogue() -> str:
    """Names the line of a mistake in shared/scope/catalogue.json, before it is deployed."""
    return _output(["go", "test", "-count=1", "-run=^TestTheCatalogueOfThisBuildIsValid$", "./shared/scope"])


def sam_validate() -> str:
    return "".join(_output([venvs.tool("sam", "sam"), "validate", "--lint", "--region", REGION, "--template", template])
                   for template in _templates())


def cfn_lint() -> str:
    return _output([venvs.tool("sam", "cfn-lint"), *_templates(), *_shown_templates()])


def terraform() -> str:
    return _output([venvs.python("sam"), ROOT / "local" / "terraform.py"])


def marked_lines() -> str:
    """Each line of the documents that is marked † must name what `make verify` can show about it."""
    return "\n".join(verify_report.unsettled())


def ruff() -> str:
    return _output([venvs.tool("sam", "ruff"), "check", "--no-cache", "--quiet", "local"])


def pinned() -> str:
    """`make pins` must follow each edit of a requirements-*.in."""
    return "\n".join(pins.missing())


LINTERS = {
    "gofmt": gofmt,
    "go vet": go_vet,
    "go mod tidy": tidy,
    "golangci-lint": golangci_lint,
    "govulncheck": govulncheck,
    "gitleaks": scanning.repository,
    "rules of scanners": scanning.rules,
    "licences": licences.findings,
    "SBOM": sbom.findings,
    "two builds are the same": release.findings,
    "sam build is the same": sam_build.makes_the_same_binary,
    "sam build checks the catalogue": sam_build.stops_at_a_mistake_in_the_catalogue,
    "scope catalogue": scope_catalogue,
    "sam validate --lint": sam_validate,
    "cfn-lint": cfn_lint,
    "Terraform modules": terraform,
    "lines marked †": marked_lines,
    "ruff": ruff,
    "pins": pinned,
    "commands of the documents": documents.unexplained,
    "site": website.findings,
}


class Unreachable(Exception):
    """The vulnerability database cannot be reached from here."""


def _templates() -> list[Path]:
    return [ROOT / "template.yaml", *sorted((ROOT / "examples").glob("**/template.yaml"))]


def _shown_templates() -> list[Path]:
    """Writes each template that a document shows whole to a file. Returns the files."""
    folder = LOCAL / "check"
    folder.mkdir(parents=True, exist_ok=True)
    found = []
    for document in sorted((ROOT / "docs").glob("*.md")):
        for number, block in enumerate(re.findall(r"^```yaml\n(.*?)^```", document.read_text(), re.MULTILINE | re.DOTALL), 1):
            if "\nResources:" in block:
                found.append(folder / f"{document.stem}-{number}.yaml")
                found[-1].write_text(block)
    return found


def _output(command: list) -> str:
    """Returns the output, if the command failed or prints something only when it finds a fault."""
    done = _run(command)
    if done.returncode:
        return done.stdout or f"exit {done.returncode}"
    return done.stdout if command[0] == "gofmt" else ""


def _run(command: list, **options) -> subprocess.CompletedProcess:
    tools = str(venvs.tool("sam", "sam").parent)
    environment = plain_environment() | {"SAM_CLI_TELEMETRY": "0", "PATH": os.pathsep.join((tools, os.environ["PATH"]))}
    return subprocess.run([str(part) for part in command], cwd=ROOT, env=environment, text=True, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **options)


def _check() -> int:
    for package in (gotools.GOLANGCI_LINT, gotools.GOVULNCHECK, gotools.GITLEAKS):
        gotools.path(package)
    failed = []
    for name, linter in (LINTERS | interface.linters()).items():
        try:
            with step(name):
                try:
                    said = linter()
                except Unreachable:
                    said = ""
                    print("its vulnerability database cannot be reached from here, so nothing was checked … ", end="")
                if said:
                    raise Failure(said)
        except Failure as failure:
            say(str(failure).rstrip())
            failed.append(name)
    if failed:
        say(f"\nfound something: {', '.join(failed)}")
    return 1 if failed else 0


if __name__ == "__main__":
    main(_check)
