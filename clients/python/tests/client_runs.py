"""How the client follows the events of a run of a real deployment, in threads and in an event loop. unittest."""

import threading
import unittest
from collections.abc import Sequence

import anyio
import httpx
from latchkey import AsyncClient, Client, NoAnswerError
from stack import URL, Refused, TestCase, listed


class Runs(TestCase):
    def run_with(self, events: int) -> tuple[Client, str, str]:
        key = self.key("write:events", "read:events")
        client = self.client(key)
        run = client.runs.start()["id"]
        for first in range(0, events, 100):
            client.runs.append(run, events=[{"kind": "status", "text": "…"}] * min(events - first, 100))
        return client, run, key["key"]

    def test_a_follower_sees_each_event_once_in_order_while_they_are_written_and_ends_with_the_run(self) -> None:
        client, run, _ = self.run_with(3)
        seen: list[int] = []
        followed = client.runs.follow(run)
        for event in followed:
            seen.append(event["seq"])
            if event["seq"] == 3:
                threading.Thread(target=client.runs.append, args=(run,), kwargs={"events": [{"kind": "status"}], "status": "pass"}).start()
        self.assertEqual((seen, followed.status), ([1, 2, 3, 4, 5], "pass"))

    def test_dropped_connections_lost_answers_and_a_429_lose_and_repeat_no_event(self) -> None:
        client, run, key = self.run_with(150)
        client.runs.append(run, status="fail")
        fates = ["lose request", None, "lose answer", Refused(429, "RATE_LIMIT_EXCEEDED", {"Retry-After": "1"})]
        proxy = self.proxy(lambda request: fates[request.before] if request.before < len(fates) else None)

        async def followed() -> Sequence[int]:
            async with AsyncClient(proxy.url, key) as through:
                return [event["seq"] async for event in through.runs.follow(run)]

        self.assertEqual(anyio.run(followed), list(range(1, 152)))

    def test_it_goes_on_where_it_stopped_after_an_error_or_a_break_and_in_another_process(self) -> None:
        client, run, key = self.run_with(150)
        client.runs.append(run, status="pass")
        proxy = self.proxy(lambda request: "lose answer" if request.before == 1 else None)
        followed = Client(proxy.url, key, attempts=1).runs.follow(run)
        seen = []
        for event in followed:
            seen.append(event["seq"])
            if event["seq"] == 40:
                break
        with self.assertRaises(NoAnswerError):
            seen += [event["seq"] for event in followed]
        seen += [event["seq"] for event in client.runs.follow(run, cursor=followed.cursor, after=followed.seq)]
        self.assertEqual(seen, list(range(1, 152)))

    def test_a_ticket_opens_the_events_in_an_address(self) -> None:
        client, run, _ = self.run_with(2)
        ticket = client.runs.ticket(run)["token"]
        page = httpx.get(client.run_events_url(run, ticket)).json()
        self.assertEqual([event["seq"] for event in page["events"]], [1, 2])
        client.runs.append(run, status="pass")
        rest = httpx.get(client.run_events_url(run, ticket, cursor=page["cursor"])).json()
        self.assertEqual([event["seq"] for event in rest["events"]], [3])
        self.assertEqual((client.runs.wait(run)["status"], client.runs.get(run)["id"]), ("pass", run))

    def test_runs_are_listed_over_all_their_pages(self) -> None:
        project = self.admin.projects.create(name="runs of python")["id"]
        made = [self.admin.runs.start(project_id=project)["id"] for _ in range(3)]
        listed()
        self.assertEqual([run["id"] for run in self.admin.runs.list(project=project, limit=2)], made[::-1])

        async def first() -> Sequence[str]:
            async with AsyncClient(URL, self.token()) as client:
                return [run["id"] for run in (await client.runs.list(project=project, limit=2).page())["runs"]]

        self.assertEqual(anyio.run(first), made[:0:-1])


if __name__ == "__main__":
    unittest.main()
