"""Archives of which the same files make the same bytes: in order, with one time, and nobody's."""

import gzip
import tarfile
import time
import zipfile
from pathlib import Path


def tar_gz(archive: Path, files: dict[str, Path], at: int) -> None:
    """`files` are by their names in the archive, `at` is in seconds since 1970."""
    with gzip.GzipFile(archive, "wb", compresslevel=9, mtime=at) as compressed, tarfile.open(fileobj=compressed, mode="w") as packed:
        for name, file in sorted(files.items()):
            member = tarfile.TarInfo(name)
            member.size, member.mtime, member.mode = file.stat().st_size, at, _mode(file)
            with file.open("rb") as content:
                packed.addfile(member, content)


def zipped(archive: Path, files: dict[str, Path], at: int) -> None:
    with zipfile.ZipFile(archive, "w") as packed:
        for name, file in sorted(files.items()):
            member = zipfile.ZipInfo(name, time.gmtime(at)[:6])
            member.external_attr = _mode(file) << 16
            member.compress_type = zipfile.ZIP_STORED if file.suffix == ".zip" else zipfile.ZIP_DEFLATED
            packed.writestr(member, file.read_bytes(), compresslevel=9)


def _mode(file: Path) -> int:
    return 0o755 if file.stat().st_mode & 0o100 else 0o644
