"""A login and a list of keys by the client that openapi-python-client makes, in the folder that is the argument."""

import os
import sys

sys.path.insert(0, sys.argv[1])
from client import AuthenticatedClient, Client
from client.api.api_keys import list_keys
from client.api.logins import login
from client.models import Login, Problem, SessionLogin

url = os.environ["API_URL"]
admin = login.sync(client=Client(base_url=url), body=Login(email=os.environ["ADMIN_EMAIL"], password=os.environ["ADMIN_PASSWORD"]))
assert isinstance(admin, SessionLogin), admin
assert isinstance(list_keys.sync(client=AuthenticatedClient(base_url=url, token=admin.token)), list)
refused = list_keys.sync(client=AuthenticatedClient(base_url=url, token="no key"))
assert isinstance(refused, Problem) and refused.error_code == "API_KEY_INVALID", refused
