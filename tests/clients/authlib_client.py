"""Authlib as a client of a running deployment: it finds the endpoints by RFC 8414 and uses each of them.

Reads API_URL, ADMIN_EMAIL and ADMIN_PASSWORD. Prints a line for each promise; ends with 1 if one is broken.
"""

import os
import sys

import requests
from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from authlib.oauth2.rfc8414 import AuthorizationServerMetadata, get_well_known_url

API = os.environ["API_URL"]
failed = 0


def check(promise: str, kept: bool) -> None:
    global failed
    failed += not kept
    print(f"{'ok  ' if kept else 'FAIL'}  {promise}")


def new_key() -> tuple[str, str]:
    login = {"email": os.environ["ADMIN_EMAIL"], "password": os.environ["ADMIN_PASSWORD"]}
    token = requests.post(f"{API}/v1/auth/login", json=login, timeout=30).json()["token"]
    key = requests.post(f"{API}/v1/api-keys", json={"label": "authlib", "scopes": ["read:stats", "write:events"]},
                        headers={"Authorization": f"Bearer {token}"}, timeout=30).json()
    return key["id"], key["key"]


def discover() -> AuthorizationServerMetadata:
    metadata = AuthorizationServerMetadata(requests.get(get_well_known_url(API, external=True), timeout=30).json())
    metadata.validate()
    check("the metadata is valid, and of the issuer that was asked", metadata["issuer"] == API)
    return metadata


def use(metadata: AuthorizationServerMetadata, key_id: str, key: str, method: str) -> None:
    client = OAuth2Session(key_id, key, token_endpoint_auth_method=method, revocation_endpoint_auth_method=method, scope="write:events")
    token = client.fetch_token(metadata["token_endpoint"], grant_type="client_credentials", resource=metadata["issuer"])
    check(f"{method}: a token with the scope asked for", token["scope"] == "write:events" and token["expires_in"] == 3600)
    check(f"{method}: the token opens the API", client.get(f"{API}/v1/auth/me", timeout=30).status_code == 200)

    def introspect() -> dict:
        return client.introspect_token(metadata["introspection_endpoint"], token["access_token"], token_type_hint="access_token").json()

    seen = introspect()
    check(f"{method}: introspection describes it", seen["active"] and seen["client_id"] == key_id and seen["scope"] == "write:events")
    check(f"{method}: introspection names the issuer that the metadata names", seen["iss"] == metadata["issuer"])
    check(f"{method}: the token asked for the issuer's own API is for it", seen["aud"] == ["latchkey"])
    revoked = client.revoke_token(metadata["revocation_endpoint"], token["access_token"], token_type_hint="access_token")
    check(f"{method}: revocation succeeds", revoked.status_code == 200)
    check(f"{method}: introspection then says no more than no", introspect() == {"active": False})
    check(f"{method}: the API refuses it", client.get(f"{API}/v1/auth/me", timeout=30).status_code == 401)


def main() -> int:
    key_id, key = new_key()
    metadata = discover()
    for method in metadata["token_endpoint_auth_methods_supported"]:
        use(metadata, key_id, key, method)
        try:
            OAuth2Session(key_id, "wrong", token_endpoint_auth_method=method).fetch_token(
                metadata["token_endpoint"], grant_type="client_credentials")
            check(f"{method}: a wrong secret is refused", False)
        except OAuthError as error:
            check(f"{method}: a wrong secret is refused", error.error == "invalid_client")
        try:
            OAuth2Session(key_id, key, token_endpoint_auth_method=method).fetch_token(
                metadata["token_endpoint"], grant_type="client_credentials", resource="https://somebody.example.org")
            check(f"{method}: an unknown resource is refused", False)
        except OAuthError as error:
            check(f"{method}: an unknown resource is refused", error.error == "invalid_target")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
