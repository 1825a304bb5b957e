"""`make sbom`: lists all modules of the programs in this repository, as CycloneDX JSON in `.local/sbom.json`.

The licences are those of docs/licences.md. `make check` checks that each module that ships is in the list.
"""

import json
import re

import gotools
from console import main, run_logged, say
from licences import DOCUMENT, TARGET
from settings import LOCAL, ROOT, plain_environment

SBOM = LOCAL / "sbom.json"
SHIPPED = re.compile(r"^\| (\S+/\S+) \| (\S+) \| (\S+) \|$", re.MULTILINE)


def findings() -> str:
    """Writes the list. It has no time and no random number, so that a commit has one list."""
    run_logged([gotools.path(gotools.CYCLONEDX), "mod", "-json", "-std", "-noserial", "-output-version", "1.6", "-output", SBOM],
               LOCAL / "log" / "sbom.log", "listing the modules", cwd=ROOT, env=plain_environment() | TARGET | {"GOOS": "linux"})
    document = json.loads(SBOM.read_text())
    document["metadata"].pop("timestamp", None)
    components = {(one["name"], one["version"]): one for one in document["components"]}
    missing = []
    for module, version, licence in SHIPPED.findall(DOCUMENT.read_text()):
        if one := components.get((module, version)):
            one["licenses"] = [{"license": {"id": licence}}]
        else:
            missing.append(f"{module} {version} ships, and is not in {SBOM.relative_to(ROOT)}")
    SBOM.write_text(json.dumps(document, indent=1) + "\n")
    return "\n".join(missing)


def _main() -> int:
    if found := findings():
        say(found)
        return 1
    say(f"wrote {SBOM.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    main(_main)
