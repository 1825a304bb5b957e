"""Builds the user's functions, by `sam build`, outside of their folder. Code that runs as it is written is not built."""

import json
import os
import subprocess
import sys
from pathlib import Path

import venvs
from console import Failure, step
from guard import template
from settings import plain_environment

MANIFESTS = {"python": ("requirements.txt",), "nodejs": ("package.json",), "ruby": ("Gemfile",)}


def built(copied: dict, folder: Path) -> Path:
    """Returns the path of a template whose functions can run. `copied` is what template.copy made, `folder` is ours."""
    wanted = [name for name, properties in template.functions(copied).items() if _needs_build(copied["Resources"][name], properties)]
    for name in template.functions(copied).keys() - set(wanted):
        copied["Resources"][name].setdefault("Metadata", {})["SkipBuild"] = True
    path = folder / "template.json"
    path.write_text(json.dumps(copied, indent=1, default=str))
    if not wanted:
        return path
    with step(f"sam build of {', '.join(wanted)}"):
        _sam_build(path, folder)
    return folder / "build" / "template.yaml"


def _needs_build(resource: dict, properties: dict) -> bool:
    metadata, runtime, code = resource.get("Metadata") or {}, str(properties.get("Runtime")), properties.get("CodeUri")
    if metadata.get("SkipBuild") or "InlineCode" in properties or not isinstance(code, str) or not Path(code).is_dir():
        return False
    if "BuildMethod" in metadata or properties.get("PackageType") == "Image":
        return True
    if runtime.startswith("provided"):
        return not (Path(code) / "bootstrap").exists()
    interpreted = next((names for language, names in MANIFESTS.items() if runtime.startswith(language)), None)
    return interpreted is None or any((Path(code) / name).exists() for name in interpreted)


def _sam_build(path: Path, folder: Path) -> None:
    log = folder / "build.log"
    command = [venvs.tool("sam", "sam"), "build", "--template", path, "--build-dir", folder / "build", "--cache-dir", folder / "cache"]
    with log.open("w") as out:
        done = subprocess.run([str(part) for part in command], cwd=folder, env=environment(), stdin=subprocess.DEVNULL, stdout=out,
                              stderr=subprocess.STDOUT)
    if done.returncode:
        said = [line.strip() for line in log.read_text(errors="replace").splitlines() if line.startswith(("Error:", "Build Failed"))]
        raise Failure(f"sam build of your template failed: {(said or ['no reason given'])[-1]} "
                      f"(or build it yourself, perhaps with sam build --use-container, and give TEMPLATE=.aws-sam/build/template.yaml)")


def environment() -> dict[str, str]:
    """A program without a C library runs in every image. The Python that this runs in is found first, as far as it has pip."""
    python = Path(sys.base_prefix) / "bin"
    path = os.pathsep.join((str(python), os.environ["PATH"]))
    return {"CGO_ENABLED": "0"} | plain_environment() | {"SAM_CLI_TELEMETRY": "0", "PATH": path} | {
        name: value for name, value in os.environ.items() if name.startswith("AWS_") and "ENDPOINT" not in name}
