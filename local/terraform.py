"""Checks clients/terraform without Terraform, whose provider is not to be had everywhere: prints a line for each fault.

A module: each variable, local, resource and attribute that it names exists, each of its variables is used, and each argument is one
that the provider has (terraform.json). The README's examples: each argument of a module is one of its variables, those without a
default are given, and each output that is named exists.

Run by check.py with the Python of the venv "sam", which has the parser.
"""

import json
import re
import sys
from pathlib import Path

import hcl2

FOLDER = Path(__file__).resolve().parent.parent / "clients" / "terraform"
SCHEMA = json.loads(Path(__file__).with_suffix(".json").read_text())
META = {"count", "lifecycle", "provider", "depends_on", "for_each", "source", "__is_block__", "__comments__", "__inline_comments__"}
REFERENCE = re.compile(r"(?<![\w.\"-])((?:var|local|module|data\.\w+|aws_\w+)\.\w+)(?:\[\w+\])?(?:\.(\w+))?")


class Document:
    """What one folder, or one example, declares. Each name is in the form of a reference to it."""

    def __init__(self, texts: list[str]):
        self.text = re.sub(r"(?m)(^|\s)#.*$", "", "\n".join(texts))
        blocks: dict[str, list] = {}
        for text in texts:
            for kind, found in hcl2.loads(text).items():
                blocks.setdefault(kind, []).extend(found)
        self.variables = dict(_named(blocks.get("variable", [])))
        self.outputs = dict(_named(blocks.get("output", [])))
        self.modules = dict(_named(blocks.get("module", [])))
        self.locals = {name for block in blocks.get("locals", []) for name in block}
        self.things = {(kind, *path): body for kind in ("resource", "data") for block in blocks.get(kind, [])
                       for path, body in _typed(block)}


def _named(blocks: list):
    return ((name.strip('"'), body) for block in blocks for name, body in block.items() if name not in META)


def _typed(block: dict):
    return (((kind.strip('"'), name.strip('"')), body) for kind, named in block.items() if kind not in META
            for name, body in named.items() if name not in META)


def arguments(document: Document):
    for (kind, of, name), body in document.things.items():
        known = SCHEMA[kind].get(of)
        if known is None:
            yield f"terraform.json does not have the {kind} {of}"
            continue
        yield from (f"{of}.{name} has no argument {one}" for one in body.keys() - META - {*known["required"], *known["optional"]})
        yield from (f"{of}.{name} lacks {one}" for one in {*known["required"]} - body.keys())


def references(document: Document, modules: dict[str, Document], whole: bool):
    """`whole` is whether the document declares all that it names. An example does not: the APIs are the reader's."""
    for named, attribute in REFERENCE.findall(document.text):
        kind, _, name = named.rpartition(".")
        if kind == "var" and name not in document.variables or kind == "local" and name not in document.locals:
            yield f"{named} is not declared"
        elif kind == "module":
            called = document.modules.get(name)
            if called is None or attribute not in modules[_source(called)].outputs:
                yield f"{named}.{attribute} is no output"
        elif kind.startswith(("aws_", "data.")):
            place = ("data", kind.removeprefix("data."), name) if kind.startswith("data.") else ("resource", kind, name)
            known = SCHEMA[place[0]].get(place[1], {})
            if place not in document.things and whole:
                yield f"{named} is not declared"
            elif place in document.things and attribute and attribute not in sum(known.values(), []):
                yield f"{named} has no {attribute}"
    if whole:
        yield from (f"nothing uses var.{name}" for name in document.variables if not re.search(rf"\bvar\.{name}\b", document.text))


def _source(call: dict) -> str:
    return call["source"].strip('"').rpartition("/")[2]


def calls(document: Document, modules: dict[str, Document]):
    for name, call in document.modules.items():
        variables = modules[_source(call)].variables
        yield from (f"module {name}: {one} is no variable" for one in call.keys() - META - variables.keys())
        yield from (f"module {name} lacks {one}" for one, body in variables.items() if "default" not in body and one not in call)


def findings() -> list[str]:
    modules = {folder.name: Document([path.read_text() for path in sorted(folder.glob("*.tf"))])
               for folder in sorted(FOLDER.iterdir()) if folder.is_dir()}
    readme = (FOLDER / "README.md").read_text()
    examples = [Document([text]) for text in re.findall(r"^```hcl\n(.*?)^```", readme, re.MULTILINE | re.DOTALL)]
    found = [f"clients/terraform/{name}: {fault}" for name, module in modules.items()
             for fault in (*arguments(module), *references(module, modules, whole=True))]
    found += [f"clients/terraform/README.md, example {number}: {fault}" for number, example in enumerate(examples, 1)
              for fault in (*arguments(example), *references(example, modules, whole=False), *calls(example, modules))]
    if len(modules) != 3 or len(examples) != 3 or not all(module.things for module in modules.values()):
        found.append(f"clients/terraform: {len(modules)} modules and {len(examples)} examples were read")
    return found


if __name__ == "__main__":
    print("\n".join(findings()), end="")
    sys.exit(bool(findings()))
