"""Runs what the documents print, as printed: the blocks ```sh of a page in their order, in one shell, from an empty folder.

A block ```text after a block is what that must print; … stands for any text. A block ```json NAME is a file of that name. The folder
has Latchkey's clone as `latchkey`, with the `.local/env` of the stack that is tested, and the home folder is another. blocks.py knows
which blocks are left out, and why.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import blocks
import venvs
from blocks import Block
from console import main, say
from gotest import Totals
from settings import LOCAL, ROOT, Stack, developer_stack, plain_environment

# These begin in an empty folder.
GUIDES = (*sorted((ROOT / "docs" / "guides").glob("*.md")), *(ROOT / "clients" / name / "README.md" for name in ("guard", "python")))
FILE = re.compile(r"^```json (\S+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SERVERS = ROOT / "docs" / "guides" / "servers.md"  # builds clients/typescript, so nothing else may at the same time: clients.py
SCOPES = ROOT / "docs" / "guides" / "scopes.md"  # changes the scopes of the deployment: own_choices.py
TOOLS = tuple(ROOT / "docs" / "guides" / name for name in ("cdk.md", "sam.md"))  # deploy Latchkey once more: own_choices.py
DOCS = ROOT / "docs"
# These begin in Latchkey's folder. Pages that stand together go on in the shell of the first one's commands.
OTHERS = ((ROOT / "README.md", DOCS / "verify.md", DOCS / "moving-in.md", DOCS / "audit.md", DOCS / "customers.md", DOCS / "usage.md",
           DOCS / "openapi.md", DOCS / "operations.md", DOCS / "restore.md", DOCS / "authorizer.md"), (DOCS / "runs.md",))
CATALOGUE = Path("shared") / "scope"  # a page edits it
SECONDS = 600
END = "<<end of a block>>"


def documents(stack: Stack) -> Totals:
    """Each page against a running stack. Some pages run at the same time, because they wait for deployments.

    The first that deploys does so alone: SAM then makes its bucket, and two at once would be in each other's way.
    """
    with ThreadPoolExecutor(2) as pool:
        results = []
        first, *rest = (page for page in GUIDES if page not in (SERVERS, SCOPES, *TOOLS))
        for shells in (((first,), *OTHERS), [(page,) for page in rest]):
            results += pool.map(lambda pages: run(stack, *pages), shells)
    return Totals(passed=sum(results), failed=len(results) - sum(results))


def unexplained() -> str:
    return "\n".join(blocks.unexplained({*GUIDES, *(page for pages in OTHERS for page in pages)}))


def each(stack: Stack, *pages: Path) -> Totals:
    """One after the other."""
    results = [run(stack, page) for page in pages]
    return Totals(passed=sum(results), failed=len(results) - sum(results))


def run(stack: Stack, *pages: Path) -> bool:
    began, name = time.monotonic(), ", ".join(str(page.relative_to(ROOT)) for page in pages)
    guide = pages[0] in GUIDES
    printing = [block for page in pages for block in blocks.of(page) if not block.why_not]
    with tempfile.TemporaryDirectory(prefix="latchkey-page-") as folder:
        _place_latchkey(Path(folder), stack)
        for page in pages:
            for file, text in FILE.findall(page.read_text()):
                (Path(folder) / ("" if guide else "latchkey") / file).write_text(text)
        done = subprocess.run(["bash", "-euo", "pipefail"], input=_script(guide, printing), cwd=folder, env=_environment(Path(folder)),
                              capture_output=True, text=True, timeout=SECONDS)
    printed = done.stdout.split(END + "\n")
    wrong = [] if done.returncode == 0 else [f"it ends with {done.returncode}", *done.stderr.splitlines()[-20:]]
    wrong += _differences(printing, printed)
    say(f"{'FAIL' if wrong else 'ok  '}  {name}  {time.monotonic() - began:.0f} s")
    for line in wrong:
        say(f"      {line}")
    return not wrong


def _script(guide: bool, printing: list[Block]) -> str:
    parts = [block.text for block in printing if block.kind == "sh"]
    return ("" if guide else "cd latchkey\n") + "".join(f"{text}\necho '{END}'\n" for text in parts)


def _differences(printing: list[Block], printed: list[str]) -> list[str]:
    """A line for each block that printed something else than the page says."""
    wrong, number = [], -1
    for block in printing:
        if block.kind == "sh":
            number += 1
            continue
        pattern = ".*".join(re.escape(part) for part in block.text.split("…"))
        found = printed[number] if number < len(printed) else ""
        if not re.fullmatch(pattern, found):
            wrong.append(f"block {number + 1} printed {found!r}, the page says {block.text!r}")
    return wrong


def _place_latchkey(folder: Path, stack: Stack) -> None:
    """A folder `latchkey` with all that the clone has, but the files that tell which stack runs."""
    clone = folder / "latchkey"
    local = clone / ".local"
    local.mkdir(parents=True)
    (clone / CATALOGUE.parent).mkdir()
    for entry in (*ROOT.iterdir(), *(ROOT / CATALOGUE.parent).iterdir()):
        if entry not in (LOCAL, ROOT / CATALOGUE.parent, ROOT / CATALOGUE):
            (clone / entry.relative_to(ROOT)).symlink_to(entry)
    shutil.copytree(ROOT / CATALOGUE, clone / CATALOGUE)
    shutil.copy(stack.env_file, local / "env")
    for name in ("venvs", "build"):
        (local / name).symlink_to(LOCAL / name)


def _environment(folder: Path) -> dict[str, str]:
    home = folder / "home"
    home.mkdir()
    names = ("GOPATH", "GOCACHE", "GOMODCACHE", "GOPROXY", "GOSUMDB")  # so that little is downloaded again, and from the same place
    found = subprocess.run(["go", "env", *names], capture_output=True, text=True, check=True).stdout.splitlines()
    npm = {"npm_config_cache": os.environ.get("npm_config_cache") or str(Path.home() / ".npm"),
           "npm_config_userconfig": os.environ.get("npm_config_userconfig") or str(Path.home() / ".npmrc")}
    settings = next((path for path in (Path.home() / ".config/pip/pip.conf", Path.home() / ".pip/pip.conf") if path.exists()), None)
    pip = {"PIP_CONFIG_FILE": str(settings)} if settings and "PIP_CONFIG_FILE" not in os.environ else {}
    own = {"HOME": str(home), "XDG_CONFIG_HOME": str(home), "SAM_CLI_TELEMETRY": "0"}
    path = {"PATH": f"{os.environ['PATH']}{os.pathsep}{venvs.tool('aws', 'aws').parent}"}  # a page needs the AWS command line
    return plain_environment() | dict(zip(names, found, strict=True)) | npm | pip | own | path


def _start() -> int:
    """All pages but that of the scopes, or those that are named, against what `make start` runs."""
    stack = developer_stack()
    venvs.ensure("sam")
    venvs.ensure("aws")
    named = {page.resolve() for page in map(Path, sys.argv[1:])}
    shells = [pages for pages in (*OTHERS, *((page,) for page in GUIDES)) if (named & set(pages) if named else SCOPES not in pages)]
    return 0 if all([run(stack, *pages) for pages in shells]) else 1


if __name__ == "__main__":
    main(_start)
