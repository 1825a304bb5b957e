"""Shows that build.py, which compiles everything at once, makes what `sam build` makes: one function, compared byte by byte.
And that a mistake in the catalogue of scopes stops a plain `sam build`, which knows nothing of build.py, with the mistake's line.

Two linters of `make check`.
"""

import shutil
import subprocess
from pathlib import Path

import build
import gobuild
import venvs
from console import run_logged
from settings import BUILD, LOCAL, ROOT, TEMPLATE, machine_architecture

FUNCTION, FOLDER = "AuthorizerFunction", "authorizer"
OUT = LOCAL / "build" / "sam-build"
CATALOGUE = Path("shared/scope/catalogue.json")
CHECKS_IT = "CatalogueApplyFunction"  # its build checks the catalogue
NEEDED = ("go.mod", "go.sum", "samconfig.toml", "shared", "functions/catalogue-apply", "local/catalogue")  # to build it


def makes_the_same_binary() -> str:
    build.build()
    _template(OUT.parent / "sam-build.yaml")
    run_logged(_command(FUNCTION, ROOT, OUT.parent / "sam-build.yaml", OUT), LOCAL / "log" / "sam-build.log", "sam build", cwd=ROOT,
               env=gobuild.environment())
    if (OUT / FUNCTION / "bootstrap").read_bytes() != (BUILD / "sam" / FOLDER / "bootstrap").read_bytes():
        return f"sam build of {FUNCTION} is not what local/build.py makes"
    return ""


def stops_at_a_mistake_in_the_catalogue() -> str:
    copy = OUT.parent / "sam-build-mistake"
    shutil.rmtree(copy, ignore_errors=True)
    for name in NEEDED:
        (copy / name).parent.mkdir(parents=True, exist_ok=True)
        (shutil.copytree if (ROOT / name).is_dir() else shutil.copy)(ROOT / name, copy / name)
    _template(copy / "template.yaml")
    good = (copy / CATALOGUE).read_text()
    line = 1 + good[: good.index('"read:stats"')].count("\n")
    (copy / CATALOGUE).write_text(good.replace('"read:stats"', '"read:*"'))
    done = subprocess.run(_command(CHECKS_IT, copy, copy / "template.yaml", copy / "built"), cwd=copy, env=gobuild.environment(),
                          capture_output=True, text=True, stdin=subprocess.DEVNULL)
    if done.returncode == 0 or f"{CATALOGUE}, line {line}: " not in done.stderr:
        return f"sam build ends with {done.returncode}, and should name line {line} of {CATALOGUE}:\n{done.stdout}{done.stderr}"
    return ""


def _template(path: Path) -> None:
    """Writes the template with this machine's architecture."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(TEMPLATE.read_text().replace("Architectures: [arm64]", f"Architectures: [{machine_architecture()}]"))


def _command(function: str, base: Path, template: Path, out: Path) -> list:
    return [str(part) for part in (venvs.tool("sam", "sam"), "build", function, "--config-file", base / "samconfig.toml",
                                   "--template", template, "--base-dir", base, "--build-dir", out)]
