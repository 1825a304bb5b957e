"""What the client does with keys, customers, projects, users and sessions of a real deployment. unittest."""

import json
import time
import unittest
from contextlib import closing

from latchkey import (
    AuthenticationError, Client, ConflictError, InvalidRequestError, Login, NotFoundError, PermissionDeniedError, RateLimitError, Refresh, __version__)
from stack import LOGIN, URL, TestCase, listed


class Nouns(TestCase):
    def test_a_keys_whole_life_made_used_changed_regenerated_revoked_and_deleted(self) -> None:
        key = self.key("read:stats", metadata={"team": "python"})
        old = self.client(key)
        self.assertEqual(old.me()["credential"]["id"], key["id"])
        renewed = self.client(self.admin.keys.regenerate(key["id"]))
        with self.assertRaises(AuthenticationError) as refused:
            old.me()
        self.assertEqual((refused.exception.status, refused.exception.code), (401, "API_KEY_INVALID"))
        self.assertTrue(renewed.me()["ok"])
        changed = self.admin.keys.update(key["id"], label="changed", metadata={"team": None, "a": "b"}, rate_limit={"read": 60})
        self.assertEqual((changed["label"], changed["metadata"], changed["rate_limit"]), ("changed", {"a": "b"}, {"read": 60}))
        self.assertEqual(self.admin.keys.disable(key["id"])["status"], "disabled")
        with self.assertRaisesRegex(AuthenticationError, "API_KEY_DISABLED"):
            renewed.me()
        self.assertEqual(self.admin.keys.enable(key["id"])["status"], "active")
        self.assertEqual(self.admin.keys.revoke(key["id"])["also_revoked"], 0)
        with self.assertRaisesRegex(AuthenticationError, "API_KEY_REVOKED"):
            renewed.me()
        with self.assertRaises(ConflictError) as refused_change:
            self.admin.keys.update(key["id"], label="x")
        self.assertEqual(refused_change.exception.code, "KEY_REVOKED")
        self.admin.keys.delete(key["id"])
        done = [entry["action"] for entry in self.admin.keys.audit_log(key["id"]) if entry["action"] not in ("used", "refused")]
        self.assertEqual(done, ["deleted", "revoked", "updated", "updated", "updated", "regenerated", "created"])

    def test_usage_is_what_was_sent(self) -> None:
        key = self.key("read:stats")
        client = self.client(key)
        for _ in range(3):
            client.me()
        with self.assertRaises(PermissionDeniedError):
            client.usage().page()
        usage = self.admin.usage(key_id=key["id"])
        deadline = time.monotonic() + 60
        while usage.page()["total"] != {"requests": 4, "refusals": 1} and time.monotonic() < deadline:
            time.sleep(0.5)
        self.assertEqual(usage.page()["total"], {"requests": 4, "refusals": 1})
        rows = {row["group"]: row["requests"] for row in self.admin.usage(key_id=key["id"], by="hour", group="route", limit=1)}
        self.assertEqual(rows.keys(), {"GET /v1/auth/me", "GET /v1/usage"})

    def test_a_presented_key_is_verified_alone_and_among_others(self) -> None:
        key = self.key("read:stats", metadata={"team": "python"})
        verified = self.admin.keys.verify(key=key["key"], scopes=["read:stats"], address="203.0.113.9")
        self.assertEqual((verified["valid"], verified["code"], verified["key_id"]), (True, "VALID", key["id"]))
        good, wrong = self.admin.keys.verify_all([{"key": key["key"], "scopes": ["read:stats"]}, {"key": "not one of ours"}], dry_run=True)
        self.assertEqual((good["valid"], wrong["valid"], wrong["code"], wrong["problem"]["status"]), (True, False, "API_KEY_INVALID", 401))

    def test_a_list_is_iterated_over_all_its_pages_or_read_a_page_at_a_time(self) -> None:
        with closing(Client(URL, self.member())) as member:
            made = [member.keys.create(label=label)["id"] for label in ("one", "two", "three")]
            listed()
            self.assertEqual([key["id"] for key in member.keys.list(limit=2)], made[::-1])
            page = member.keys.list(limit=2).page()
            self.assertEqual(len(page["api_keys"]), 2)
            rest = member.keys.list(limit=2, cursor=page["next_cursor"]).page()
            self.assertEqual(([key["id"] for key in rest["api_keys"]], rest["next_cursor"]), (made[:1], None))
            with self.assertRaises(NotFoundError):
                member.keys.list(owner="*").page()

    def test_a_customers_keys_open_nothing_while_it_is_disabled(self) -> None:
        customer = self.admin.customers.create(external_id=f"py-{self.id()}-{id(self)}", name="Acme", quota={"limit": 5})
        self.addCleanup(self.admin.customers.delete, customer["id"])
        key = self.key("read:stats", customer_id=customer["id"])
        listed()
        self.assertEqual([found["id"] for found in self.admin.customers.list(external_id=customer["external_id"])], [customer["id"]])
        self.assertEqual([found["id"] for found in self.admin.keys.list(customer_id=customer["id"])], [key["id"]])
        self.assertEqual(self.admin.customers.get(customer["id"])["name"], "Acme")
        self.assertTrue(self.client(key).me()["ok"])
        self.assertTrue(self.admin.customers.update(customer["id"], disabled=True)["disabled"])
        with self.assertRaises(AuthenticationError):
            self.client(key).me()
        self.assertEqual([found["id"] for found in self.admin.customers.list(search=customer["external_id"].upper())], [customer["id"]])
        self.assertEqual([entry["action"] for entry in self.admin.customers.log(customer["id"], limit=1)], ["disabled", "created"])

    def test_projects_are_made_and_listed_and_give_keys_their_prefix(self) -> None:
        project = self.admin.projects.create(name="Python", key_prefix="py_live_")
        listed()
        self.assertIn(project["id"], [found["id"] for found in self.admin.projects.list()])
        key = self.key("read:stats", project_id=project["id"])
        self.assertTrue(key["key"].startswith("py_live_"))
        self.assertEqual([found["id"] for found in self.client(key).projects.list()], [project["id"]])

    def test_an_administrator_finds_disables_and_deletes_a_user_whose_keys_are_handed_over(self) -> None:
        login, other = self.member(), self.member()
        member = Client(URL, login)
        key = member.keys.create(label="of a leaver")
        listed()
        with closing(Client(URL, LOGIN)) as overseer:
            (found,), (heir,) = (overseer.users.list(search=who.email).page()["users"] for who in (login, other))
            self.assertEqual([made["id"] for made in overseer.users.get(found["id"])["api_keys"]], [key["id"]])
            self.assertEqual(overseer.users.hand_over(found["id"], heir["id"])["api_keys"], 1)
            self.assertEqual(overseer.users.update(found["id"], disabled=True)["status"], "disabled")
            with self.assertRaises(PermissionDeniedError) as refused:
                Client(URL, login).me()
            self.assertEqual(refused.exception.code, "ACCOUNT_DISABLED")
            overseer.users.delete(found["id"])
            self.assertIn("deleted", [entry["action"] for entry in overseer.users.log(found["id"])])
            with self.assertRaises(NotFoundError):
                overseer.users.get(found["id"])
            overseer.users.delete(heir["id"])

    def test_an_invited_user_chooses_a_password_changes_it_and_ends_other_sessions(self) -> None:
        email = f"py-{id(self)}@example.com"
        invited = self.admin.users.register(email=email)["user"]
        self.addCleanup(self.admin.users.delete, invited["id"])
        url = self.admin.users.link(invited["id"], purpose="invitation", show=True)["url"]
        self.admin.account.reset_password(url.split("token=")[1], "her own horse and staple")
        here, elsewhere = (Client(URL, Login(email, "her own horse and staple")) for _ in range(2))
        elsewhere.sign_in()
        here.sign_in()
        listed()
        self.assertEqual([session["current"] for session in here.sessions.list()].count(True), 1)
        self.assertEqual(here.sessions.list().page()["sessions"][0]["device"], f"latchkey-python/{__version__}")
        here.account.change_password("her own horse and staple", "another horse and staple")
        with self.assertRaises(AuthenticationError):
            elsewhere.me()
        self.assertIn("password_changed", [entry["action"] for entry in here.account.log()])
        self.assertEqual(here.factors.list()["factors"], [])
        here.sessions.end_others()
        here.sign_out()

    def test_a_key_introspects_the_credentials_of_its_project(self) -> None:
        asker, other = self.key(), self.key("read:stats")
        client = self.client(asker)
        seen = client.introspect(other["key"])
        self.assertEqual((seen["active"], seen["scope"], seen["client_id"]), (True, "read:stats", other["id"]))
        self.admin.keys.revoke(other["id"])
        self.assertEqual(client.introspect(other["key"]), {"active": False})
        with self.assertRaises(AuthenticationError) as refused:
            self.admin.introspect(other["key"], client=(asker["id"], "wrong"))
        self.assertEqual(refused.exception.code, "invalid_client")

    def test_an_error_says_which_code_and_field_and_never_the_credential(self) -> None:
        key = self.key("read:stats")
        with self.assertRaises(PermissionDeniedError) as scope:
            self.client(key).runs.start()
        self.assertEqual(scope.exception.code, "INSUFFICIENT_SCOPE")
        self.assertNotIn(key["key"], repr(scope.exception) + json.dumps(scope.exception.__dict__))
        with self.assertRaisesRegex(InvalidRequestError, r"^VALIDATION_ERROR \(422\): .*label must") as field:
            self.admin.keys.create(label="")
        self.assertEqual(field.exception.fields[0]["field"], "label")
        self.assertTrue(field.exception.request_id)

    def test_a_quota_that_is_used_up_is_not_waited_out(self) -> None:
        client = self.client(self.key("read:stats", quota={"limit": 1, "period": "month"}))
        client.me()
        with self.assertRaises(RateLimitError) as refused:
            client.me()
        self.assertEqual(refused.exception.code, "QUOTA_EXCEEDED")
        self.assertGreaterEqual(refused.exception.retry_after or 0, 1)

    def test_what_would_leak_a_credential_is_refused_before_anything_is_sent(self) -> None:
        for url in ("http://api.example.com", "https://user:pass@api.example.com", "https://api.example.com/?a=b"):
            with self.assertRaises(ValueError):
                Client(url, "gf_x")
        for bad in ("", "gf_x\nX-Other: 1", "gf_é"):
            with self.assertRaises(ValueError) as wrong:
                Client(URL, bad)
            self.assertNotIn("gf_", str(wrong.exception))
        for secret in (Login("a@example.com", "hunter2"), Refresh("hunter2")):
            self.assertNotIn("hunter2", repr(secret))
        for no_id in ("", ".", ".."):
            with self.assertRaises(ValueError):
                self.admin.keys.delete(no_id)
        with self.assertRaises(ValueError):
            self.client(self.key()).run_events_url("any")
        with self.assertRaises(ValueError):
            self.admin.run_events_url("any", "gf_a_key")


if __name__ == "__main__":
    unittest.main()
