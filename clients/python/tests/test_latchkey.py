"""The fixture, as a test of somebody's own API uses it."""

import json


def test_who_may_read_and_write(latchkey):
    statuses = {
        latchkey.key: (200, 200), latchkey.secret_key: (200, 200), latchkey.user_token: (200, 200), latchkey.admin_token: (200, 200),
        latchkey.read_only_key: (200, 403), latchkey.client_key: (403, 403),
        latchkey.expired_key: (401, 401), latchkey.revoked_key: (401, 401), latchkey.expired_token: (401, 401), "": (401, 401),
    }
    for credential, expected in statuses.items():
        found = tuple(latchkey.request(method, "/api/campaigns", credential).status for method in ("GET", "POST"))
        assert found == expected, credential[:3]


def test_the_function_learns_who_calls(latchkey):
    answer = latchkey.request("GET", "/api/campaigns", latchkey.user_token)
    assert json.loads(answer.body)["caller"]["email"] == latchkey.user_email


def test_each_api_has_an_address(latchkey):
    assert latchkey.request("GET", f"{latchkey.urls['Offers']}/api/offers", latchkey.key).status == 200
