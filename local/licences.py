"""Lists the licences of all that ships, in docs/licences.md: `make licences` writes it, `make check` compares.

What ships are the Lambda functions and the command line. The dashboard and the TypeScript client use no library at run time.
"""

import re
import subprocess
import sys
from pathlib import Path

from console import Failure, main, say
from settings import ROOT, plain_environment

DOCUMENT = ROOT / "docs" / "licences.md"
COMMAND_LINE = "./clients/latchkey"
SHIPPED = {"linux": ["./authorizer", "./functions/...", COMMAND_LINE], "darwin": [COMMAND_LINE], "windows": [COMMAND_LINE]}
TARGET = {"GOARCH": "arm64", "CGO_ENABLED": "0", "GOFLAGS": "-tags=lambda.norpc"}
FILES = ("LICENSE", "LICENSE.txt", "LICENSE.md", "LICENCE", "COPYING")

# By what their texts have in common. The first that matches names it. Whatever matches none stops the check, until somebody
# has read it: Apache-2.0 may be combined with each of these.
KNOWN = {
    "Apache-2.0": r"Apache License\s+Version 2\.0",
    "BSD-3-Clause": r"Redistribution and use in source and binary forms[\s\S]*(Neither the name|names? of its contributors)",
    "BSD-2-Clause": r"Redistribution and use in source and binary forms",
    "MIT": r"Permission is hereby granted, free of charge",
    "ISC": r"Permission to use, copy, modify, and(/or)? distribute this software for any purpose",
}

HEADING = """# Licences of what ships

Latchkey is under the [Apache License 2.0](../LICENSE). Its Lambda functions and its command line contain these Go modules, \
and Go's own standard library (BSD-3-Clause). The dashboard and the TypeScript client contain no library. \
`make licences` writes this list, and `make check` compares it with the code. `make sbom` writes all modules of the programs \
as CycloneDX.

| Module | Version | Licence |
|---|---|---|
"""


def document() -> str:
    modules = sorted({module for system in SHIPPED for module in _modules(system)})
    return HEADING + "".join(f"| {path} | {version} | {_licence(path, Path(folder))} |\n" for path, version, folder in modules)


def _modules(system: str) -> list:
    listed = subprocess.run(["go", "list", "-deps", "-f", "{{with .Module}}{{if not .Main}}{{.Path}} {{.Version}} {{.Dir}}{{end}}{{end}}",
                             *SHIPPED[system]], cwd=ROOT, env=plain_environment() | TARGET | {"GOOS": system},
                            check=True, text=True, stdout=subprocess.PIPE)
    return [tuple(line.split(" ", 2)) for line in listed.stdout.splitlines() if line]


def findings() -> str:
    if DOCUMENT.exists() and DOCUMENT.read_text() == document():
        return ""
    return "docs/licences.md is not what `make licences` writes"


def _licence(path: str, folder: Path) -> str:
    for name in FILES:
        if (folder / name).exists():
            text = (folder / name).read_text(errors="replace")
            for licence, words in KNOWN.items():
                if re.search(words, text):
                    return licence
            raise Failure(f"{path} has a licence that local/licences.py does not know: {folder / name}")
    raise Failure(f"{path} has no licence: {folder}")


def _write() -> int:
    DOCUMENT.write_text(document())
    say(f"wrote {DOCUMENT.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main(_write))
