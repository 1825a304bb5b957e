"""Three parts of a template that the emulator reads in another way than CloudFormation.

    Fn::Join in a condition   the emulator compares the function instead of its text, so a list is never found empty and what
                              stands under such a condition is always deployed ("Condition functions", CloudFormation reference)
    Ref of a secret           its ARN on AWS, its name there, which matches no policy ("AWS::SecretsManager::Secret", return values)
    a parameter of the type   SAM sees its value on AWS (localstack#8646). There it sees the name of the entry in Parameter Store, and
    AWS::SSM::Parameter::Value…  writes that into the API's definition
"""

from ministack.services.cloudformation import changesets, engine, handlers, stacks

from strict.internals import replace

SECRET = "AWS::SecretsManager::Secret"
LOOKED_UP = "AWS::SSM::Parameter::Value<"


def install() -> None:
    for owner in (engine, changesets, handlers, stacks):
        replace(owner, "_evaluate_conditions", _evaluate_conditions)
        replace(owner, "_resolve_refs", _resolve_refs)
    for owner in (changesets, handlers):
        replace(owner, "_apply_transforms", _apply_transforms)


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


def _apply_transforms(original, template, provided_params=None, previous_params=None):
    """SAM takes the default of a parameter for its value."""
    declared = template.get("Parameters") or {}
    looked_up = {name: one for name, one in declared.items() if str(one.get("Type")).startswith(LOOKED_UP)}
    if not looked_up:
        return original(template, provided_params, previous_params)
    values = engine._transform_parameters(template, provided_params, previous_params)
    shown = {name: one | {"Default": values[name]} for name, one in looked_up.items() if name in values}
    transformed = original(template | {"Parameters": declared | shown}, provided_params, previous_params)
    transformed["Parameters"] |= looked_up
    return transformed
