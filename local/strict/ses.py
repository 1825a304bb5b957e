"""SES asks IAM for the right to send on the identity of the sender, and tells it the sender's address.

The emulator asks on "*", and without ses:FromAddress ("Actions, resources, and condition keys for Amazon SES v2", Service
Authorization Reference). So a policy that names identities, or the address, would allow nothing here.
"""

import json
from contextvars import ContextVar
from email.utils import parseaddr

from ministack.core import iam_actions, iam_evaluator, responses

from strict.internals import replace

SEND = "/v2/email/outbound-emails"

_sender: ContextVar[str] = ContextVar("the address that the message at hand comes from", default="")


def install() -> None:
    replace(iam_actions, "_ses_v2_resource_arn", _resource)
    replace(iam_evaluator, "enforce", _enforce)


def _resource(original, method, path, body, region, account):
    _sender.set("")
    if (method, path.rstrip("/")) != ("POST", SEND):
        return original(method, path, body, region, account)
    address = parseaddr(json.loads(body).get("FromEmailAddress", ""))[1]
    _sender.set(address)
    return f"arn:aws:ses:{region}:{account}:identity/{address.rpartition('@')[2]}"


def _enforce(original, access_key, action, service, region, resource_arn="*", service_context=None):
    if action == "ses:SendEmail" and _sender.get():
        # The emulator does not note who calls SES, as it does for other services: iam.py counts a role's calls by that.
        caller = iam_evaluator.resolve_principal(access_key or "", responses.get_account_id())
        iam_evaluator._request_caller_arn.set(getattr(caller, "arn", ""))
        service_context = (service_context or {}) | {"ses:FromAddress": _sender.get()}
    return original(access_key, action, service, region, resource_arn=resource_arn, service_context=service_context)
