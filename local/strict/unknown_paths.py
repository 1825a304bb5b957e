"""Row 4: a path or method that the API does not have, with an Authorization header.

API Gateway reads the header as an AWS signature before it reports that the path does not exist, and a bearer token is an
incomplete signature (chalice#828; data-store#328). The answer is of type DEFAULT_4XX, 403 unless the API says otherwise, and not of type
MISSING_AUTHENTICATION_TOKEN (measured by ministack for methods that want a signature; INVALID_SIGNATURE is for one that is
complete and wrong).
"""

from ministack.core import sigv4
from ministack.services import apigateway_v1

from strict import switch
from strict.internals import replace


def install() -> None:
    replace(apigateway_v1, "_execute_in_scope", _execute)


async def _execute(original, request, *arguments):
    answer = await original(request, *arguments)
    authorization = request["headers"].get("authorization")
    if (switch.on("4") and authorization is not None and not authorization.startswith("AWS4-HMAC-SHA256")
            and isinstance(answer, apigateway_v1._GatewayError) and answer.response_type == "MISSING_AUTHENTICATION_TOKEN"):
        _, message = sigv4.foreign_authorization_failure(request["headers"])
        return apigateway_v1._GatewayError("DEFAULT_4XX", message, "IncompleteSignatureException")
    return answer
