"""Two parts of a template that the emulator reads in another way than CloudFormation.

    Fn::Join in a condition   the emulator compares the function instead of its text, so a list is never found empty and what
                              stands under such a condition is always deployed ("Condition functions", CloudFormation reference)
    Ref of a secret           its ARN on AWS, its name there, which matches no policy ("AWS::SecretsManager::Secret", return values)
"""

from ministack.services.cloudformation import changesets, engine, handlers, stacks

from strict.internals import replace

SECRET = "AWS::SecretsManager::Secret"


def install() -> None:
    for owner in (engine, changesets, handlers, stacks):
        replace(owner, "_evaluate_conditions", _evaluate_conditions)
        replace(owner, "_resolve_refs", _resolve_refs)


def _evaluate_conditions(original, template, parameters):
    return original(template | {"Conditions": _joined(template.get("Conditions", {}), parameters)}, parameters)


def _joined(value, parameters):
    if isinstance(value, list):
        return [_joined(part, parameters) for part in value]
    if not isinstance(value, dict):
        return value
    if "Fn::Join" not in value:
        return {name: _joined(part, parameters) for name, part in value.items()}
    delimiter, parts = value["Fn::Join"]
    if isinstance(parts, dict):  # {"Ref": a list parameter}; the emulator keeps such a list as one text
        parts = parameters[parts["Ref"]]["Value"].split(",")
    return delimiter.join(part.strip() if isinstance(part, str) else parameters[part["Ref"]]["Value"] for part in parts)


class _AsRefShows(dict):
    """A stack's resources, each with the physical id that Ref shows."""


def _resolve_refs(original, value, resources, *others):
    if not isinstance(resources, _AsRefShows):
        resources = _AsRefShows({name: _with_arn(resource) for name, resource in resources.items()})
    return original(value, resources, *others)


def _with_arn(resource: dict) -> dict:
    if resource.get("ResourceType") != SECRET or "Attributes" not in resource:
        return resource
    return resource | {"PhysicalResourceId": resource["Attributes"]["Arn"]}
