"""The routes, a page for each tag of the OpenAPI document."""

import json
import re
from collections import defaultdict

from settings import ROOT

DOCUMENT = ROOT / "functions" / "openapi" / "openapi.json"
WHO = {"token": "a user's token", "key": "an API key", "keyHeader": "an API key", "oauth": "an access token of OAuth",
       "clientBasic": "a client's id and secret", "queryToken": "a ticket or token in the query"}


def pages() -> dict[str, str]:
    document = json.loads(DOCUMENT.read_text())
    by_tag = defaultdict(list)
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            by_tag[operation["tags"][0]].append(_Route(document, method.upper(), path, operation).text())
    return {f"reference/{_slug(tag['name'])}.md": "\n".join([f"# Routes: {tag['name']}", "", tag["description"], "", *by_tag[tag["name"]]])
            for tag in document["tags"]}


def _slug(name: str) -> str:
    return "routes-" + re.sub(r"\W+", "-", name.lower())


class _Route:
    def __init__(self, document: dict, method: str, path: str, operation: dict):
        self.document, self.method, self.path, self.operation = document, method, path, operation

    def text(self) -> str:
        operation = self.operation
        lines = [f"## {self.method} {self.path}", "", f"**{operation['summary']}.** {operation['description']}", "",
                 f"**Who may**: {self._who()}", ""]
        if parameters := [self._resolved(parameter) for parameter in operation.get("parameters", [])]:
            lines += ["| Parameter | In | What it is |", "|---|---|---|"]
            lines += [f"| `{each['name']}` | {each['in']} | {cell(each.get('description', ''))} |" for each in parameters] + [""]
        if body := operation.get("requestBody"):
            lines += self._body(self._resolved(body))
        lines += ["| Answer | When | `error_code` |", "|---|---|---|"]
        answers = {status: self._resolved(answer) for status, answer in operation["responses"].items()}
        lines += [f"| {status} | {cell(answer['description'])} | {self._codes(answer)} |" for status, answer in answers.items()] + [""]
        for status, answer in answers.items():
            if status.startswith("2"):
                lines += self._examples(f"Answer {status}", answer)
        return "\n".join(lines)

    def _who(self) -> str:
        named = list(dict.fromkeys(WHO[scheme] for way in self.operation["security"] for scheme in way))
        if not self.operation["security"]:
            return "everybody"
        needs = {kind: " or ".join(f"`{scope}`" for scope in scopes) for kind, scopes in self.operation.get("x-scopes", {}).items()}
        said = "; ".join(f"a {'user' if kind == 'token' else kind} needs {scopes}" for kind, scopes in needs.items())
        return ", ".join(named) + (f" ({said})" if said else "")

    def _body(self, body: dict) -> list[str]:
        media = next(iter(body["content"].values()))
        schema = self._resolved(media["schema"])
        required = schema.get("required", [])
        lines = []
        if schema.get("properties"):
            lines += ["| Field | Type | What it is |", "|---|---|---|"]
            lines += [f"| `{name}`{' (required)' if name in required else ''} | {self._type(field)} "
                      f"| {cell(self._resolved(field).get('description', ''))} |" for name, field in schema["properties"].items()] + [""]
        return lines + self._examples("Body", body)

    def _type(self, field: dict) -> str:
        field = self._resolved(field)
        if "enum" in field:
            return ", ".join(f"`{json.dumps(value)}`" for value in field["enum"])
        if several := field.get("anyOf") or field.get("oneOf"):
            return " or ".join(dict.fromkeys(self._type(one) for one in several))
        kind = field.get("type", "")
        kinds = [f"array of {self._type(field['items'])}" if one == "array" and "items" in field else one
                 for one in (kind if isinstance(kind, list) else [kind])]
        return " or ".join(kinds)

    def _examples(self, title: str, of: dict) -> list[str]:
        lines = []
        for media in of.get("content", {}).values():
            for name, example in media.get("examples", {}).items():
                value = self._resolved(example).get("value")
                shown = value if isinstance(value, str) else json.dumps(value, indent=2, ensure_ascii=False)
                lines += [f"{title}, {name}:", "", "```text" if isinstance(value, str) else "```json", shown, "```", ""]
        return lines

    def _codes(self, answer: dict) -> str:
        examples = answer.get("content", {}).get("application/problem+json", {}).get("examples", {}).values()
        codes = dict.fromkeys(self._resolved(example)["value"]["error_code"] for example in examples)
        return " ".join(f"[`{code}`](../errors.md#{code.lower()})" for code in codes)

    def _resolved(self, part: dict) -> dict:
        while "$ref" in part:
            found = self.document
            for step in part["$ref"].removeprefix("#/").split("/"):
                found = found[step]
            part = found
        return part


def cell(text: object) -> str:
    """Text for a cell of a table, in which what stands in <> is no tag."""
    return str(text).replace("|", "\\|").replace("<", "&lt;").replace("\n", " ")
