"""Gives an API a short address on a running emulator. It stays the same when the API is deployed again: see strict/short_address.py."""

import deploy
from settings import API_DOMAIN, Stack

ROOT = "(none)"  # API Gateway's word for an empty base path


def give(stack: Stack, outputs: dict[str, str], base_path: str = ROOT) -> str:
    """`outputs` name the API and its stage. Returns the address, without a slash at the end."""
    gateway = deploy.client(stack, "apigateway")
    if API_DOMAIN not in [domain["domainName"] for domain in gateway.get_domain_names()["items"]]:
        gateway.create_domain_name(domainName=API_DOMAIN, endpointConfiguration={"types": ["REGIONAL"]})
    mappings = gateway.get_base_path_mappings(domainName=API_DOMAIN).get("items", [])
    wanted = {"basePath": base_path, "restApiId": outputs["ApiId"], "stage": outputs["StageName"]}
    if wanted not in mappings:
        if base_path in [mapping["basePath"] for mapping in mappings]:
            gateway.delete_base_path_mapping(domainName=API_DOMAIN, basePath=base_path)
        gateway.create_base_path_mapping(domainName=API_DOMAIN, **wanted)
    return stack.endpoint + ("" if base_path == ROOT else f"/{base_path}")
