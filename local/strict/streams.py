"""The stream of a table reaches a function only if the function's own role may read it.

Lambda reads a stream with the function's role, and refuses to make the mapping without these grants (Lambda developer guide,
"Processing DynamoDB records with Lambda"). The emulator reads it with nobody's.
"""

from ministack.core import iam_evaluator
from ministack.services import lambda_svc

from strict import iam, switch
from strict.internals import replace

ACTIONS = ("DescribeStream", "GetRecords", "GetShardIterator", "ListStreams")


def install() -> None:
    replace(lambda_svc, "_init_stream_position", _init_stream_position)


def _init_stream_position(original, mapping: str, source: str, starting: str, *others, **named):
    """Called when CloudFormation has made a mapping. A grant that it needs counts as used."""
    made = lambda_svc._esms.get(mapping)
    if switch.on("iam") and made and source.startswith("arn:aws:dynamodb:"):
        function = lambda_svc._functions[made["FunctionName"]]
        role = function["config"]["Role"].rpartition("/")[2]
        for action in (f"dynamodb:{name}" for name in ACTIONS):
            if not _allowed(role, action, source):
                raise ValueError(f"Cannot access stream {source}. Please ensure the role can perform the {action} action on it.")
            iam.note(role, action, source)
    return original(mapping, source, starting, *others, **named)


def _allowed(role: str, action: str, resource: str) -> bool:
    return any(iam_evaluator.fnmatch_iam(action, given) and iam_evaluator.fnmatch_iam_cs(resource, on)
               for statement in iam.statements(role) for given in statement.actions for on in statement.resources)
