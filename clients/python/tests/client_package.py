"""What the wheel and the sdist hold. unittest; it needs hatchling, in the Python that the argument BUILDER names."""

import os
import re
import subprocess
import tarfile
import tempfile
import unittest
import zipfile
from pathlib import Path

from latchkey import __version__

FOLDER = Path(__file__).parents[1]
MODULES = {str(path.relative_to(FOLDER / "src")) for path in (FOLDER / "src").rglob("*.py")} | {"latchkey/py.typed"}


class Package(unittest.TestCase):
    def test_the_wheel_and_the_sdist_hold_what_is_needed_and_nothing_else(self) -> None:
        with tempfile.TemporaryDirectory() as made:
            subprocess.run([os.environ["BUILDER"], "-m", "hatchling", "build", "-d", made], cwd=FOLDER, check=True, capture_output=True)
            (wheel,), (sdist,) = Path(made).glob("*.whl"), Path(made).glob("*.tar.gz")
            with zipfile.ZipFile(wheel) as archive:
                packed = set(archive.namelist())
            with tarfile.open(sdist) as archive_of_sources:
                sources = {name.split("/", 1)[1] for name in archive_of_sources.getnames()}
        about = {name for name in packed if name.startswith(f"latchkey-{__version__}.dist-info/")}
        self.assertEqual(packed - about, MODULES)
        self.assertEqual({re.sub(r"^[^/]*/", "", name) for name in about},
                         {"METADATA", "WHEEL", "entry_points.txt", "licenses/LICENSE", "RECORD"})
        self.assertEqual(sources, {f"src/{name}" for name in MODULES} | {"LICENSE", "README.md", "PKG-INFO", "pyproject.toml", ".gitignore"})


if __name__ == "__main__":
    unittest.main()
