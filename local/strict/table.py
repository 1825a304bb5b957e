"""No row: a table gets from CloudFormation what the template says of its time to live, point-in-time recovery and deletion protection.

The emulator leaves the first two off, and keeps the third as the text of a parameter.
"""

from ministack.services import dynamodb
from ministack.services.cloudformation import provisioners

from strict.internals import replace_item


def install() -> None:
    handlers = provisioners._RESOURCE_HANDLERS["AWS::DynamoDB::Table"]
    replace_item(handlers, "create", lambda create, logical_id, properties, *others: _made(
        create(logical_id, _typed(properties), *others), properties))
    replace_item(handlers, "update", lambda update, physical_id, old, new, *others, **named: _made(
        update(physical_id, _typed(old), _typed(new), *others, **named), new))


def _typed(properties: dict) -> dict:
    return properties | {"DeletionProtectionEnabled": str(properties.get("DeletionProtectionEnabled", False)).lower() == "true"}


def _made(result, properties: dict):
    table = result[0]
    dynamodb._pitr_settings[table] = (properties.get("PointInTimeRecoverySpecification") or {}).get("PointInTimeRecoveryEnabled", False)
    time_to_live = properties.get("TimeToLiveSpecification") or {}
    if time_to_live.get("AttributeName"):
        dynamodb._ttl_settings[table] = {"AttributeName": time_to_live["AttributeName"],
                                         "TimeToLiveStatus": "ENABLED" if time_to_live.get("Enabled") else "DISABLED"}
    return result
