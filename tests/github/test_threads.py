"""Threads of settled findings: resolved where GitHub allows it, and where we wrote last."""

import json
from typing import Any

import httpx
import pytest

from core.models import Delivery, OutboxRow, RowKind, Stage
from github.pace import WritePace
from github.threads import AT_ONCE, Threads
from tests.github.render_samples import HEAD, REF
from tests.github.wire import Clock, Wire, json_answer

DELIVERY = Delivery(
    row=OutboxRow(kind=RowKind.FINDINGS, job_id="7:7", target="", generation=1),
    ref=REF,
    repo_id=7,
    installation_id=3,
    head=HEAD,
    stage=Stage.IDLE,
)


def thread(
    comment: int, *, ours_last: bool = True, may: bool = True, resolved: bool = False
) -> dict[str, Any]:
    return {
        "id": f"T{comment}",
        "isResolved": resolved,
        "viewerCanResolve": may,
        "first": {"nodes": [{"databaseId": comment}]},
        "last": {"nodes": [{"viewerDidAuthor": ours_last}]},
    }


class GraphQL:
    """Answers for the threads of one pull request."""

    def __init__(self, *threads: dict[str, Any], refuses: str = "", status: int = 200) -> None:
        self.threads = list(threads)
        self.refuses = refuses
        self.status = status
        self.resolved: list[str] = []
        self.asked = 0

    def handle(self, request: httpx.Request) -> httpx.Response:
        self.asked += 1
        assert request.url.path == "/graphql"
        if self.status != httpx.codes.OK:
            return json_answer({}, self.status)
        asked = json.loads(request.content)
        if asked["query"].startswith("query"):
            assert asked["variables"] == {"owner": "acme", "repo": "shop", "number": REF.number}
            threads = {"reviewThreads": {"nodes": self.threads}}
            return json_answer({"data": {"repository": {"pullRequest": threads}}})
        if self.refuses:
            return json_answer({"data": None, "errors": [{"message": self.refuses}]})
        self.resolved.append(asked["variables"]["id"])
        return json_answer({"data": {"resolveReviewThread": {"thread": {"isResolved": True}}}})

    async def asked_by(self, threads: Threads, *comments: int) -> None:
        clock = Clock()
        client = Wire(self.handle).client(pace=WritePace(clock=clock, sleep=clock.sleep))
        await threads.resolve(client, DELIVERY, comments)


async def test_a_thread_of_a_settled_finding_is_resolved() -> None:
    github = GraphQL(thread(1), thread(2))
    await github.asked_by(Threads(), 1)
    assert github.resolved == ["T1"]


@pytest.mark.parametrize(
    "other", [thread(1, ours_last=False), thread(1, may=False), thread(1, resolved=True)]
)
async def test_a_persons_last_word_and_what_is_not_allowed_are_left(other: dict[str, Any]) -> None:
    github = GraphQL(other, thread(2))
    await github.asked_by(Threads(), 1, 2)
    assert github.resolved == ["T2"]


async def test_nothing_settled_asks_nothing() -> None:
    github = GraphQL(thread(1))
    await github.asked_by(Threads())
    assert github.asked == 0


@pytest.mark.parametrize(
    "github",
    [
        GraphQL(thread(1, may=False)),
        GraphQL(thread(1), refuses="Resource not accessible by integration"),
        GraphQL({"id": "T1", "isResolved": False}),
    ],
)
async def test_an_installation_that_does_not_allow_it_is_asked_once(github: GraphQL) -> None:
    threads = Threads()
    await github.asked_by(threads, 1)
    asked = github.asked
    await github.asked_by(threads, 1)
    assert github.asked == asked
    assert github.resolved == []


async def test_no_thread_at_all_says_nothing_about_what_is_allowed() -> None:
    threads = Threads()
    await GraphQL().asked_by(threads, 1)
    github = GraphQL(thread(1))
    await github.asked_by(threads, 1)
    assert github.resolved == ["T1"]


async def test_a_github_in_trouble_is_asked_another_time() -> None:
    threads = Threads()
    await GraphQL(status=502).asked_by(threads, 1)
    github = GraphQL(thread(1))
    await github.asked_by(threads, 1)
    assert github.resolved == ["T1"]


async def test_many_threads_are_resolved_a_few_at_a_time() -> None:
    github = GraphQL(*(thread(number) for number in range(AT_ONCE + 5)))
    await github.asked_by(Threads(), *range(AT_ONCE + 5))
    assert len(github.resolved) == AT_ONCE
