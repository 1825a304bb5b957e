"""`make release`: makes all that is published of the commit that is checked out, in `.local/release/<version>/`, and publishes nothing.

VERIFY=1 makes it twice, in two folders and with two caches, and compares. docs/releases.md says what each file is.
"""

import hashlib
import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

import archives
import build
import gobuild
import prerequisites
import sbom
import venvs
from console import Failure, main, run_logged, say, step
from settings import LOCAL, ROOT

SOURCES = LOCAL / "release-sources"
COMMANDS = ("latchkey", "latchkey-audit", "latchkey-export")
PLATFORMS = tuple((system, processor) for system in ("linux", "darwin", "windows") for processor in ("amd64", "arm64"))
ARCHITECTURES = ("arm64", "x86_64")
SUMS = "SHA256SUMS"
LOG = LOCAL / "log" / "release.log"


def version(sources: Path) -> str:
    return re.search(r'^const Version = "(.+)"$', (sources / "shared" / "release" / "release.go").read_text(), re.MULTILINE).group(1)


def make(sources: Path, out: Path) -> None:
    """Makes the release of the commit whose clone `sources` is."""
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    at = int(_git(sources, "log", "-1", "--format=%ct"))
    for architecture in ARCHITECTURES:
        with step(f"the functions for {architecture}"):
            functions(sources, out, architecture, at)
    for system, processor in PLATFORMS:
        with step(f"the commands for {system}/{processor}"):
            commands(sources, out, system, processor, at)
    with step("the packages and the list of modules"):
        python_package(sources, out, at)
        npm_packages(sources, out)
        if missing := sbom.findings(sources, out / f"latchkey-{version(sources)}.cdx.json"):
            raise Failure(missing)
    (out / SUMS).write_text("".join(f"{digest}  {name}\n" for name, digest in digests(out).items()))


def functions(sources: Path, out: Path, architecture: str, at: int) -> None:
    """A folder for `sam deploy`: the template, and the archive of each function, which it names."""
    with tempfile.TemporaryDirectory(dir=LOCAL) as folder:
        made = Path(folder) / "made"
        build.build_template(sources / "template.yaml", made, sources, Path(folder) / "bin", architecture, compression=9)
        name = f"latchkey-{version(sources)}-functions-{architecture}"
        files = {f"{name}/{file.name}": file for file in made.glob("*.zip")} | {f"{name}/template.yaml": made / build.PACKED}
        files |= {f"{name}/{named}": made / named for named in ("LICENSE", "README.md")}  # the template names both
        archives.zipped(out / f"{name}.zip", files, at)


def commands(sources: Path, out: Path, system: str, processor: str, at: int) -> None:
    name = f"latchkey-{version(sources)}-{system}-{processor}"
    suffix = ".exe" if system == "windows" else ""
    with tempfile.TemporaryDirectory(dir=LOCAL) as folder:
        target = gobuild.environment() | {"GOOS": system, "GOARCH": processor}
        run_logged(["go", "build", "-o", f"{folder}{os.sep}", *(f"./clients/{command}" for command in COMMANDS)], LOG,
                   f"compiling the commands for {system}", cwd=sources, env=target)
        files = {f"{name}/{command}{suffix}": Path(folder) / f"{command}{suffix}" for command in COMMANDS}
        files |= {f"{name}/LICENSE": sources / "LICENSE", f"{name}/LICENCES.md": sources / "docs" / "licences.md"}
        if system == "windows":
            archives.zipped(out / f"{name}.zip", files, at)
        else:
            archives.tar_gz(out / f"{name}.tar.gz", files, at)


def python_package(sources: Path, out: Path, at: int) -> None:
    """The wheel and the archive of the sources."""
    run_logged([venvs.python("release"), "-m", "hatchling", "build", "-d", out], LOG, "packing clients/python",
               cwd=sources / "clients" / "python", env=os.environ | {"SOURCE_DATE_EPOCH": str(at)})


def npm_packages(sources: Path, out: Path) -> None:
    """npm packs without times and owners of files."""
    for package in sorted((sources / "clients").glob("*/package.json")):
        run_logged(["npm", "ci", "--ignore-scripts"], LOG, f"npm ci in {package.parent}", cwd=package.parent)
        run_logged(["npm", "pack", "--pack-destination", out], LOG, f"packing {package.parent}", cwd=package.parent)


def digests(folder: Path) -> dict[str, str]:
    return {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in sorted(folder.iterdir()) if file.name != SUMS}


def compare(one: Path, other: Path) -> str:
    """A line for each file that differs."""
    first, second = digests(one), digests(other)
    names = sorted(first.keys() | second.keys())
    return "\n".join(f"{name} differs between two builds" for name in names if first.get(name) != second.get(name))


def findings() -> str:
    """For `make check`: some of it from this folder and from a copy of it, which takes seconds and finds what depends on the place."""
    venvs.ensure("release")
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "elsewhere" / "copy"
        copy.mkdir(parents=True)
        listed = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--deduplicate"], cwd=ROOT,
                                capture_output=True, check=True).stdout.split(b"\0")
        there = b"\0".join(name for name in listed if name and (ROOT / os.fsdecode(name)).exists())
        packed = subprocess.run(["tar", "-c", "--null", "-T", "-"], cwd=ROOT, input=there, capture_output=True, check=True).stdout
        subprocess.run(["tar", "-x", "-C", copy], input=packed, check=True)
        outs = []
        for sources in (ROOT, copy):
            out = Path(folder) / f"made-{len(outs)}"
            out.mkdir()
            _some(sources, out)
            outs.append(out)
        return compare(*outs)


def _some(sources: Path, out: Path) -> None:
    binaries = out.parent / f"{out.name}-bin"
    gobuild.compile_packages(["./authorizer", "./functions/health"], sources, binaries)
    archives.zipped(out / "functions.zip", {file.name: file for file in binaries.iterdir()}, 10**9)
    host = subprocess.run(["go", "env", "GOHOSTOS", "GOHOSTARCH"], capture_output=True, text=True, check=True).stdout.split()
    commands(sources, out, *host, 10**9)
    python_package(sources, out, 10**9)


def _release() -> None:
    if changed := _git(ROOT, "status", "--porcelain"):
        raise Failure(f"a release is made of a commit, and this is not in one:\n{changed}")
    prerequisites.check("node")
    venvs.ensure("release")
    clone = _clone(SOURCES)
    out = LOCAL / "release" / version(clone)
    make(clone, out)
    if os.environ.get("VERIFY"):
        _verify(out)
    commit = _git(clone, "rev-parse", "HEAD")  # of this folder it may be another by now
    say(f"{out.relative_to(ROOT)} has {len(digests(out))} files and their {SUMS}, of {commit}. To publish them, in that folder:")
    say(_publish(out, commit))


def _verify(out: Path) -> None:
    """Makes the release again, in another folder, with nothing that the first one left behind."""
    with tempfile.TemporaryDirectory() as folder:
        environment = dict(os.environ)
        os.environ["GOCACHE"] = str(Path(folder) / "cache")
        try:
            make(_clone(Path(folder) / "another" / "place"), Path(folder) / "out")
        finally:
            os.environ.clear()
            os.environ.update(environment)
        if differs := compare(out, Path(folder) / "out"):
            raise Failure(differs)
    say("made twice: each file has the same bytes")


def _clone(folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    folder.parent.mkdir(parents=True, exist_ok=True)
    subprocess.run(["git", "clone", "--quiet", "--no-hardlinks", ROOT, folder], check=True)
    return folder


def _publish(out: Path, commit: str) -> str:
    tag = f"v{out.name}"
    packages = [f"npm publish --access public {file.name}" for file in sorted(out.glob("*.tgz"))]
    return "\n".join(f"  {line}" for line in (
        f"git tag -s {tag} {commit} && git push origin {tag}", f"gh release create {tag} --verify-tag *", *packages,
        f"twine upload latchkey-{out.name}.tar.gz latchkey-{out.name}-py3-none-any.whl"))


def _git(folder: Path, *command: str) -> str:
    return subprocess.run(["git", *command], cwd=folder, capture_output=True, text=True, check=True).stdout.strip()


if __name__ == "__main__":
    main(_release)
