"""Builds what `sam deploy` needs, if a source has changed since the last build.

The result is that of `sam build`, but one `go build` compiles all functions: the same binaries in a
fraction of the time. `make check` compares a binary of `sam build` with ours, byte by byte.
"""

import json
import os
import shutil
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cfn
import gobuild
from console import Failure, step
from settings import BUILD, ROOT, TEMPLATE, machine_architecture

PACKED = "packed.yaml"
COMPRESSION = 1  # of 9: on this machine a quick build matters more than a small file


def build() -> str:
    """Returns the digest of the sources of the binaries in `.local/build/`."""
    with gobuild.one_at_a_time("build"):
        wanted = gobuild.digest()
        if not gobuild.built(wanted):
            gobuild.check_catalogue()
            gobuild.STAMP.unlink(missing_ok=True)
            with step(f"building {function_count()} functions"):
                build_template(TEMPLATE, BUILD / "sam")
            gobuild.STAMP.write_text(wanted)
        return wanted


def build_template(template: Path, out: Path, sources: Path = ROOT, binaries: Path = gobuild.BINARIES, architecture: str = "",
                   compression: int = COMPRESSION) -> None:
    """Puts each function of a SAM template into `out/<name>/bootstrap` and `out/<name>.zip`.

    `sources` is the folder of the Go module, `binaries` where its programs are compiled to.

    Writes the template twice: template.yaml names the folders, as `sam build` does, and packed.yaml the archives: `sam deploy`
    uploads an archive as it is, where it would take most of its time to pack a folder.
    """
    loaded = cfn.load(template)
    functions = [resource["Properties"] for resource in loaded["Resources"].values() if resource["Type"] == "AWS::Serverless::Function"]
    folders = [(template.parent / function["CodeUri"]).resolve() for function in functions]
    names = {folder.name for folder in folders}
    if len(names) != len(set(folders)):
        raise Failure(f"two functions of {template} are built from folders of the same name")
    gobuild.compile_packages([f"./{folder.relative_to(sources)}" for folder in folders], sources, binaries, architecture)
    out.mkdir(parents=True, exist_ok=True)
    _place_publication(loaded, template.parent, out)
    with ThreadPoolExecutor() as pool:
        list(pool.map(lambda name: _place(binaries / name, out, compression), names))
    for suffix, written in (("/", "template.yaml"), (".zip", PACKED)):
        for function, folder in zip(functions, folders, strict=True):
            function |= {"CodeUri": folder.name + suffix, "Architectures": [architecture or machine_architecture()]}
        (out / written).write_text(json.dumps(loaded, indent=1, default=str))  # JSON is YAML


def _place_publication(loaded: dict, source: Path, out: Path) -> None:
    """The licence and the README, which the template names and `sam deploy` uploads too."""
    published = loaded.get("Metadata", {}).get("AWS::ServerlessRepo::Application", {})
    for name in ("LicenseUrl", "ReadmeUrl"):
        if name in published:
            shutil.copy(source / published[name], out / published[name])


def function_count() -> int:
    return sum(resource["Type"] == "AWS::Serverless::Function" for resource in cfn.load(TEMPLATE)["Resources"].values())


def _place(binary: Path, out: Path, compression: int) -> None:
    folder, archive = out / binary.name, out / f"{binary.name}.zip"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    os.link(binary, folder / "bootstrap")
    if archive.exists() and archive.stat().st_mtime > binary.stat().st_mtime:
        return
    member = zipfile.ZipInfo("bootstrap")  # its default date never changes
    member.external_attr = 0o755 << 16
    member.compress_type = zipfile.ZIP_DEFLATED
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr(member, binary.read_bytes(), compresslevel=compression)
