"""What the client repeats when answers are lost or refused, and how it renews its tokens, against a real deployment. unittest."""

import time
import unittest
from concurrent.futures import ThreadPoolExecutor

import anyio
from latchkey import ApiError, AsyncClient, AuthenticationError, Client, NoAnswerError, NotFoundError, Refresh, ServerError
from latchkey.types import Me, TokenPair
from stack import LOGIN, URL, Fate, Refused, Request, TestCase

LOGIN_PATH, REFRESH_PATH = "/api/auth/login", "/api/auth/refresh"


def limited(seconds: int) -> Refused:
    return Refused(429, "RATE_LIMIT_EXCEEDED", {"Retry-After": str(seconds)})


def aged(pair: TokenPair) -> TokenPair:
    return {**pair, "expires_in": 1}


def in_turn(*fates: Fate) -> "Fates":
    return Fates(fates)


class Fates:
    def __init__(self, fates: tuple[Fate, ...]) -> None:
        self._fates = fates

    def __call__(self, request: Request) -> Fate:
        return self._fates[request.before] if request.before < len(self._fates) else None


class Repeated(TestCase):
    def test_after_a_429_it_waits_retry_after_then_twice_as_long(self) -> None:
        proxy = self.proxy(in_turn(limited(1), limited(1)))
        self.assertTrue(self.client(self.key(), proxy.url).me()["ok"])
        first, second = proxy.pauses()
        self.assertGreaterEqual(first, 1)
        self.assertGreaterEqual(second, 2)

    def test_a_post_that_was_refused_with_429_is_sent_again_because_nothing_was_done(self) -> None:
        proxy = self.proxy(in_turn(limited(1)))
        key = Client(proxy.url, self.token()).keys.create(label="once")
        self.admin.keys.delete(key["id"])
        self.assertEqual(len(proxy.seen), 2)

    def test_what_may_be_done_twice_is_sent_again_when_its_answer_is_lost_or_the_service_cannot_answer(self) -> None:
        proxy = self.proxy(in_turn("lose request", "lose answer", Refused(503, "SERVICE_UNAVAILABLE", {"Retry-After": "1"}), Refused(500)))
        self.assertTrue(self.client(self.key(), proxy.url).me()["ok"])
        self.assertEqual(len(proxy.seen), 5)

    def test_what_may_not_be_done_twice_is_sent_once(self) -> None:
        kinds: list[tuple[Fate, type[Exception]]] = [
            ("lose answer", NoAnswerError), (Refused(503, "SERVICE_UNAVAILABLE"), ServerError), (Refused(500), ServerError)]
        for fate, kind in kinds:
            proxy = self.proxy(in_turn(fate))
            with self.assertRaises(kind):
                Client(proxy.url, self.token()).projects.create(name="once")
            self.assertEqual(len(proxy.seen), 1)

    def test_a_delete_whose_answer_was_lost_has_succeeded(self) -> None:
        key = self.key()
        client = Client(self.proxy(in_turn("lose answer")).url, self.token())
        client.keys.delete(key["id"])
        with self.assertRaises(NotFoundError):
            client.keys.delete(key["id"])

    def test_events_whose_answer_was_lost_are_in_the_run_once(self) -> None:
        proxy = self.proxy(lambda request: "lose answer" if request.path.endswith("/events") and request.before < 2 else None)
        client = self.client(self.key("write:events", "read:events"), proxy.url)
        run = client.runs.start()["id"]
        receipt = client.runs.append(run, events=[{"kind": "status", "text": "once"}])
        self.assertEqual((receipt["first_seq"], receipt["last_seq"]), (1, 1))
        self.assertEqual(len(client.runs.events(run)["events"]), 1)

    def test_it_gives_up_after_the_attempts_and_the_time_that_were_asked_for(self) -> None:
        proxy = self.proxy(lambda _: "lose request")
        with self.assertRaisesRegex(NoAnswerError, "^GET /v1/auth/me: no answer$"):
            self.client(self.key(), proxy.url, attempts=2).me()
        self.assertEqual(len(proxy.seen), 2)

        def slow(_: Request) -> None:
            time.sleep(1)

        with self.assertRaises(NoAnswerError):
            self.client(self.key(), self.proxy(slow).url, attempts=1, timeout=0.2).me()

    def test_a_challenge_is_read_under_both_names(self) -> None:
        for name in ("WWW-Authenticate", "x-amzn-Remapped-WWW-Authenticate"):
            proxy = self.proxy(in_turn(Refused(401, "TOKEN_EXPIRED", {name: 'Bearer error="invalid_token"'})))
            with self.assertRaises(AuthenticationError) as refused:
                self.client(self.key(), proxy.url).me()
            self.assertEqual(refused.exception.challenge, 'Bearer error="invalid_token"')

    def test_a_redirect_is_not_followed_because_it_would_carry_the_key_away(self) -> None:
        thief = self.proxy(in_turn())
        proxy = self.proxy(in_turn(Refused(307, "", {"Location": f"{thief.url}/v1/auth/me"})))
        with self.assertRaises(NoAnswerError):
            self.client(self.key(), proxy.url, attempts=1).me()
        self.assertEqual(thief.seen, [])

    def test_an_answer_that_is_no_json_is_an_error_of_the_same_kind(self) -> None:
        proxy = self.proxy(in_turn(Refused(418)))
        with self.assertRaises(ApiError) as refused:
            self.client(self.key(), proxy.url).me()
        self.assertEqual((refused.exception.status, refused.exception.code), (418, "UNKNOWN"))


class Tokens(TestCase):
    def ageing(self, **fates: Fate) -> Client:
        """A client whose first token lives for a second."""
        self.through = self.proxy(lambda request: aged if request.path == LOGIN_PATH else fates.get(f"refresh_{request.before}")
                                  if request.path == REFRESH_PATH else None)
        client = Client(self.through.url, LOGIN)
        self.addCleanup(client.close)
        return client

    def test_threads_at_once_cost_one_login_and_one_refresh_when_the_token_is_about_to_expire(self) -> None:
        client = self.ageing()
        with ThreadPoolExecutor(20) as pool:
            self.assertEqual({answer["ok"] for answer in pool.map(lambda _: client.me(), range(20))}, {True})
            time.sleep(1)
            list(pool.map(lambda _: client.me(), range(20)))
        self.assertEqual((self.through.count(LOGIN_PATH), self.through.count(REFRESH_PATH)), (1, 1))

    def test_tasks_at_once_cost_one_login_also_when_the_first_of_them_goes_away(self) -> None:
        proxy = self.proxy(in_turn())

        async def all_of_them() -> list[Me]:
            found: list[Me] = []
            async with AsyncClient(proxy.url, Refresh(self.refresh_token())) as client, anyio.create_task_group() as tasks:

                async def one() -> None:
                    found.append(await client.me())

                with anyio.move_on_after(0.001):
                    await client.me()
                for _ in range(20):
                    tasks.start_soon(one)
            return found

        self.assertEqual(len(anyio.run(all_of_them)), 20)
        self.assertEqual(proxy.count(REFRESH_PATH), 1)

    def refresh_token(self) -> str:
        pairs: list[TokenPair] = []
        Client(URL, LOGIN, on_tokens=pairs.append).sign_in()
        return pairs[0]["refresh_token"]

    def test_a_refresh_token_goes_on_with_its_session_and_each_new_pair_is_handed_over(self) -> None:
        pairs: list[TokenPair] = []
        first = Client(URL, LOGIN, on_tokens=pairs.append)
        session = first.me()["credential"]["id"]
        second = Client(URL, Refresh(pairs[0]["refresh_token"]), on_tokens=pairs.append)
        self.assertEqual(second.me()["credential"]["id"], session)
        self.assertNotEqual(pairs[1]["refresh_token"], pairs[0]["refresh_token"])

    def test_a_refresh_whose_answer_is_lost_is_repeated_and_the_session_lives(self) -> None:
        client = self.ageing(refresh_0="lose answer")
        session = client.me()["credential"]["id"]
        time.sleep(1)
        self.assertEqual(client.me()["credential"]["id"], session)
        self.assertEqual((self.through.count(LOGIN_PATH), self.through.count(REFRESH_PATH)), (1, 2))

    def test_a_refresh_is_not_repeated_once_the_service_could_take_that_for_theft_and_a_login_takes_its_place(self) -> None:
        client = self.ageing(**{f"refresh_{n}": "lose request" for n in range(9)})
        client.me()
        time.sleep(1)
        client.me()
        times = [request.at for request in self.through.seen if request.path == REFRESH_PATH]
        self.assertGreater(len(times), 1)
        self.assertLess(times[-1] - times[0], 8)
        self.assertEqual(self.through.count(LOGIN_PATH), 2)

    def test_a_session_that_is_ended_elsewhere_is_followed_by_a_new_login(self) -> None:
        login = self.member()
        client, elsewhere = Client(URL, login), Client(URL, login)
        session = client.me()["credential"]["id"]
        elsewhere.sessions.end(session)
        self.assertNotEqual(client.me()["credential"]["id"], session)


if __name__ == "__main__":
    unittest.main()
