"""Writes what of this package is generated: the types of all that is sent and answered, from the OpenAPI document, and the client for
threads, from the one for event loops. With --check it writes nothing, and names each file that would change.

It needs datamodel-code-generator.
"""

import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

PACKAGE = Path(__file__).parent / "src" / "latchkey"
DOCUMENT = Path(__file__).parents[2] / "functions" / "openapi" / "openapi.json"
MADE = "# Made by generate.py. Do not edit it."
OPTIONS = (
    "--input-file-type", "openapi", "--openapi-scopes", "schemas", "--output-model-type", "typing.TypedDict",
    "--target-python-version", "3.10", "--no-use-closed-typed-dict", "--enum-field-as-literal", "all", "--use-standard-collections",
    "--use-union-operator", "--use-schema-description", "--use-field-description", "--formatters", "builtin",
    "--custom-file-header", MADE)
BY_HAND = "flow.py"  # where the two differ
SYNC = {
    r"\basync (def|with|for)\b": r"\1",
    r"\bawait ": "",
    r"\bAwaitable, ": "",
    r"\bAwaitable\[([^\[\]]*(?:\[[^\[\]]*\])?)\]": r"\1",
    r"\bAsync(Client|Iterator|Generator)\b": r"\1",
    r"\b__a(enter|exit|iter)__\b": r"__\1__",
    r"\baclose\b": "close",
    r"\ban event loop\b": "threads",
}


def types() -> str:
    document = json.loads(DOCUMENT.read_text())
    schemas = document["components"]["schemas"]
    schemas["Scope"] = {"type": "string", "description": schemas["Scope"]["description"]}  # a deployment may have its own
    for name, schema in schemas.items():
        if schema.get("additionalProperties") is True:  # a TypedDict has no members but those that are named
            schemas[name] = {"type": "object", "additionalProperties": {}, "description": schema.get("description", "")}
    with tempfile.TemporaryDirectory() as folder:
        source, made = Path(folder) / "openapi.json", Path(folder) / "types.py"
        source.write_text(json.dumps(document))
        command = [sys.executable, "-m", "datamodel_code_generator", "--input", str(source), "--output", str(made), *OPTIONS]
        subprocess.run(command, check=True)
        return re.sub(r"[ \t]+$", "", made.read_text(), flags=re.MULTILINE).rstrip() + "\n"


def for_threads(text: str) -> str:
    for pattern, replacement in SYNC.items():
        text = re.sub(pattern, replacement, text)
    return f"{MADE}\n\n{text}"


def generated() -> dict[Path, str]:
    files = {PACKAGE / "types.py": types()}
    for source in sorted((PACKAGE / "_async").glob("*.py")):
        if source.name != BY_HAND:
            files[PACKAGE / "_sync" / source.name] = for_threads(source.read_text())
    return files


def main() -> None:
    wanted = generated()
    there = {path for path in (PACKAGE / "_sync").glob("*.py") if path.name != BY_HAND} | {PACKAGE / "types.py"}
    changed = [path for path, text in wanted.items() if not path.exists() or path.read_text() != text]
    left_over = sorted(there - wanted.keys())
    if "--check" in sys.argv:
        for path in [*changed, *left_over]:
            print(f"{path.relative_to(PACKAGE)} is not what generate.py makes: run it")
        sys.exit(bool(changed or left_over))
    for path in changed:
        path.write_text(wanted[path])
    for path in left_over:
        path.unlink()


if __name__ == "__main__":
    main()
