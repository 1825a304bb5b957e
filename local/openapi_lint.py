"""Checks an OpenAPI document against its specification, and each example in it against the schema beside it.

Run by fuzz.py with the Python that has the validators; the argument is the document. Silent if all is well.
"""

import json
import sys

from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator


def examples(part, place: str = "#"):
    """Yields (place, schema, value) of every example; a media type or a response without one is (place, None, None)."""
    if isinstance(part, dict):
        if "schema" in part:
            named = {name: example["value"] for name, example in part.get("examples", {}).items()}
            named |= {"example": part["example"]} if "example" in part else {}
            for name, value in named.items():
                yield f"{place} {name}", part["schema"], value
            if not named and "/content/" in place:
                yield place, None, None
        for name, child in part.items():
            yield from examples(child, f"{place}/{name}")
    elif isinstance(part, list):
        for index, child in enumerate(part):
            yield from examples(child, f"{place}/{index}")


def findings(document: dict):
    for error in OpenAPIV31SpecValidator(document).iter_errors():
        yield error.message
    for place, schema, value in examples(document):
        if schema is None:
            yield f"{place}: there is no example"
            continue
        # References in the schema point into the document.
        whole = Draft202012Validator({"components": document["components"], **schema})
        for error in whole.iter_errors(value):
            yield f"{place}: {error.message}"


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8") as source:
        found = list(findings(json.load(source)))
    print("\n".join(found))
    sys.exit(bool(found))
