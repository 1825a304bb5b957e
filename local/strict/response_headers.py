"""Row 1: API Gateway renames some headers of a Lambda proxy function's answer, and drops others.

The table "Amazon API Gateway important notes for REST APIs" (developer guide), third column for `lambda`. Two entries are
measured rather than documented, by the AWS-validated tests of LocalStack: Content-Length and x-amzn-RequestId are renamed.
Answers that API Gateway words itself (gateway responses) keep their headers.
"""

from ministack.services import apigateway_v1

from strict import switch
from strict.internals import replace

RENAMED = {"authorization", "connection", "content-length", "content-md5", "date", "max-forwards", "server", "user-agent",
           "www-authenticate", "x-amzn-requestid"}
DROPPED = {"expect", "host", "proxy-authenticate", "te", "transfer-encoding", "trailer", "upgrade", "via"}


def install() -> None:
    replace(apigateway_v1, "_invoke_lambda_proxy_v1", _invoke)


async def _invoke(original, *arguments, **named):
    answer = await original(*arguments, **named)
    if not switch.on("1") or isinstance(answer, apigateway_v1._GatewayError):
        return answer
    status, headers, body = answer
    return status, {_renamed(name): value for name, value in headers.items() if name.lower() not in DROPPED}, body


def _renamed(name: str) -> str:
    return f"x-amzn-Remapped-{name}" if name.lower() in RENAMED else name
