"""`make sbom`: lists all modules of the programs in this repository, as CycloneDX JSON in `.local/sbom.json`.

The licences are those of docs/licences.md. `make check` checks that each module that ships is in the list.
"""

import json
import re
from pathlib import Path

import gotools
from console import main, run_logged, say
from licences import DOCUMENT, TARGET
from settings import LOCAL, ROOT, plain_environment

SBOM = LOCAL / "sbom.json"
SHIPPED = re.compile(r"^\| (\S+/\S+) \| (\S+) \| (\S+) \|$", re.MULTILINE)


def findings(sources: Path = ROOT, out: Path = SBOM) -> str:
    """Writes the list of a clone's modules. It has no time and no random number, so that a commit has one list.

    The tool takes a module for one of the tests' if the shortest way to it goes through a test, whoever else needs it. So it
    lists those of the tests too, and here all but those that ship go out again.
    """
    run_logged([gotools.path(gotools.CYCLONEDX), "mod", "-json", "-test", "-std", "-noserial", "-output-version", "1.6", "-output", out],
               LOCAL / "log" / "sbom.log", "listing the modules", cwd=sources, env=plain_environment() | TARGET | {"GOOS": "linux"})
    document = json.loads(out.read_text())
    document["metadata"].pop("timestamp", None)
    components = {(one["name"], one["version"]): one for one in document["components"]}
    missing, ships = [], {document["metadata"]["component"]["bom-ref"]}
    ships |= {one["bom-ref"] for one in document["components"] if one["name"] == "std"}
    for module, version, licence in SHIPPED.findall((sources / DOCUMENT.relative_to(ROOT)).read_text()):
        if one := components.get((module, version)):
            one["licenses"] = [{"license": {"id": licence}}]
            one["scope"] = "required"
            ships.add(one["bom-ref"])
        else:
            missing.append(f"{module} {version} ships, and is not in {out.name}")
    document["components"] = [one for one in document["components"] if one["bom-ref"] in ships]
    document["dependencies"] = [one | {"dependsOn": [needed for needed in one.get("dependsOn", []) if needed in ships]}
                                for one in document["dependencies"] if one["ref"] in ships]
    out.write_text(json.dumps(document, indent=1) + "\n")
    return "\n".join(missing)


def _main() -> int:
    if found := findings():
        say(found)
        return 1
    say(f"wrote {SBOM.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    main(_main)
