"""Reads the user's template, and makes the copy of it that can run here.

In the copy each import of Latchkey's authorizer is the name of the authorizer that runs here, each path is absolute, and each
function is for this machine. Everything else stays as the user wrote it.
"""

import re
import sys
from pathlib import Path

import yaml

import cfn
import envfile
from console import Failure
from guard import architecture
from settings import machine_architecture

EXPORTS = ("AuthorizerArn", "AuthorizerFunctionModeArn")  # of Latchkey's stack
OWN_NAME = re.compile(r"function:[\w-]*(EdgeAuthorizer|FunctionModeAuthorizer)Function")  # in an ARN that was copied
NAMES = ("template.yaml", "template.yml", "template.json")
PATHS = ("CodeUri", "ContentUri", "DefinitionUri", "Location")
FUNCTION = "AWS::Serverless::Function"
APIS = ("AWS::Serverless::Api", "AWS::Serverless::HttpApi")


def find(given: str) -> Path:
    """`given` is the template, or the folder that it is in."""
    path = Path(given).resolve()
    if path.is_dir():
        path = next((path / name for name in NAMES if (path / name).exists()), path / NAMES[0])
    if not path.is_file():
        raise Failure(f"there is no template {path}")
    if not envfile.PLAIN_VALUE.fullmatch(str(path)):
        raise Failure(f"{path}: a path with characters that a shell would read as its own")
    return path


def read(path: Path) -> dict:
    try:
        template = cfn.load(path)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise Failure(f"{path} is no YAML: {' '.join(str(error).split())}") from None
    if not isinstance(template, dict) or not isinstance(template.get("Resources"), dict):
        raise Failure(f"{path} is no template: it has no Resources")
    return template


def wants_simple(template: dict) -> bool:
    """Reports whether the HTTP APIs expect simple responses: Latchkey has one parameter for all of them."""
    ours = [how for how in _authorizers(template, ("AWS::Serverless::HttpApi",)) if _kind(template, how)]
    wanted = {bool(how.get("EnableSimpleResponses")) for how in ours}
    if len(wanted) > 1:
        raise Failure("two authorizers differ in EnableSimpleResponses, and Latchkey answers all HTTP APIs alike")
    return wanted == {True}


def copy(template: dict, path: Path, authorizers: dict[str, str]) -> dict:
    """Returns the copy. `path` is where the template is, `authorizers` maps each of EXPORTS to the ARN that it has here."""
    copied, found = _with_authorizers(template, authorizers)
    for how in _authorizers(copied):
        if kind := _kind(template, how):
            _give_parameter(copied, how["FunctionArn"], authorizers[kind])
            how["FunctionArn"], found = authorizers[kind], True
    if not found:
        raise Failure("no API of the template has an authorizer of Latchkey; this adds one: "
                      f"go run ./clients/latchkey guard {path}")
    return _for_this_machine(_absolute(copied, path.parent))


def _give_parameter(copied: dict, arn, value: str) -> None:
    """A parameter that was to have the ARN needs no value of the user's any more."""
    if isinstance(arn, dict) and "Ref" in arn:
        copied["Parameters"][arn["Ref"]]["Default"] = value


def for_this_python(copied: dict) -> None:
    """The emulator runs Python functions in the Python that it runs in itself, so what they need is installed for that one."""
    here = f"python{sys.version_info.major}.{sys.version_info.minor}"
    for name, properties in functions(copied).items():
        if str(properties.get("Runtime")).startswith("python"):
            copied["Resources"][name]["Properties"]["Runtime"] = here


def functions(template: dict) -> dict[str, dict]:
    """The properties of each function, with those of Globals."""
    shared = (template.get("Globals") or {}).get("Function") or {}
    return {name: shared | (resource.get("Properties") or {}) for name, resource in template["Resources"].items()
            if resource.get("Type") == FUNCTION}


def apis(template: dict) -> list[str]:
    """The logical ids of the APIs. SAM makes one for routes that name none."""
    kinds = {"Api": "ServerlessRestApi", "HttpApi": "ServerlessHttpApi"}
    named = [name for name, resource in template["Resources"].items() if resource.get("Type") in APIS]
    events = [event for function in functions(template).values() for event in (function.get("Events") or {}).values()]
    implicit = {kinds[event["Type"]] for event in events if event.get("Type") in kinds
                and not {"RestApiId", "ApiId"} & (event.get("Properties") or {}).keys()}
    return named + sorted(implicit)


def gateway_responses(template: dict) -> dict[str, dict]:
    """How the REST APIs word their refusals, by type."""
    said = {}
    for resource in template["Resources"].values():
        if resource.get("Type") == "AWS::Serverless::Api":
            said |= (resource.get("Properties") or {}).get("GatewayResponses") or {}
    return said


def _authorizers(template: dict, kinds=APIS) -> list[dict]:
    """What SAM's `Authorizers` say, of all APIs and of Globals."""
    shared = template.get("Globals") or {}
    apis = [resource.get("Properties") or {} for resource in template["Resources"].values() if resource.get("Type") in kinds]
    apis += [shared.get(kind.rpartition("::")[2]) or {} for kind in kinds]
    return [how for api in apis for how in ((api.get("Auth") or {}).get("Authorizers") or {}).values() if isinstance(how, dict)]


def _kind(template: dict, how: dict) -> str | None:
    """Which of EXPORTS an authorizer is, or None. Its ARN may be an import, a parameter or a copied text."""
    arn = how.get("FunctionArn")
    if isinstance(arn, dict) and arn.get("Ref") in (template.get("Parameters") or {}):
        return EXPORTS[0]
    if isinstance(arn, dict):
        return _import(arn)
    named = OWN_NAME.search(arn) if isinstance(arn, str) else None
    return named and (EXPORTS[0] if named.group(1) == "EdgeAuthorizer" else EXPORTS[1])


def _import(value: dict) -> str | None:
    name = value.get("Fn::ImportValue")
    while isinstance(name, dict) and "Fn::Sub" in name:
        name = name["Fn::Sub"]
        name = name[0] if isinstance(name, list) else name
    return next((export for export in EXPORTS if isinstance(name, str) and name.endswith(f"-{export}")), None)


def _with_authorizers(value, authorizers: dict[str, str]):
    """Returns a copy without imports of Latchkey's authorizer, and whether there was one."""
    if isinstance(value, list):
        parts = [_with_authorizers(part, authorizers) for part in value]
        return [part for part, _ in parts], any(found for _, found in parts)
    if not isinstance(value, dict):
        return value, False
    if len(value) == 1 and (kind := _import(value)):
        return authorizers[kind], True
    parts = {name: _with_authorizers(part, authorizers) for name, part in value.items()}
    return {name: part for name, (part, _) in parts.items()}, any(found for _, found in parts.values())


def _absolute(template: dict, folder: Path) -> dict:
    places = [resource.get("Properties") for resource in template["Resources"].values()] + list((template.get("Globals") or {}).values())
    for properties in places:
        for name in PATHS:
            path = isinstance(properties, dict) and properties.get(name)
            if isinstance(path, str) and "://" not in path:
                properties[name] = str(folder / path)
    return template


def _for_this_machine(template: dict) -> dict:
    for name, properties in functions(template).items():
        architecture.check(name, properties)
        template["Resources"][name].setdefault("Properties", {})["Architectures"] = [machine_architecture()]
    return template
