"""Go tools, built from source and pinned, in `.local/bin/`. None is in go.mod."""

from pathlib import Path

from console import run_logged, step
from settings import LOCAL, plain_environment

GOLANGCI_LINT = "github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0"
GOVULNCHECK = "golang.org/x/vuln/cmd/govulncheck@v1.9.0"
CYCLONEDX = "github.com/CycloneDX/cyclonedx-gomod/cmd/cyclonedx-gomod@v1.10.0"
GITLEAKS = "github.com/zricethezav/gitleaks/v8@v8.30.1"


def path(package: str) -> Path:
    """Returns the tool's path. Builds the tool first if it is missing."""
    module, _, version = package.partition("@")
    name = next(part for part in reversed(module.split("/")) if part != "v8")
    folder = LOCAL / "bin" / f"{name}-{version}"
    if not (folder / name).exists():
        with step(f"building {name} {version}"):
            run_logged(["go", "install", package], LOCAL / "log" / f"{name}.log", f"building {name}", cwd=LOCAL,
                       env=plain_environment() | {"GOBIN": str(folder)})
    return folder / name
