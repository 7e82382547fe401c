"""What a finding's comment says once the finding was addressed, or is back."""

import json
from typing import Any

import httpx
import pytest

from core.errors import TransientError
from core.models import (
    CommentState,
    Delivery,
    FindingState,
    OutboxRow,
    Round,
    RowKind,
    Stage,
)
from github.client import GitHubClient
from github.finding_comments import AT_ONCE, FindingCommentsDeliverer
from github.markers import MarkerKind, finding_id
from github.pace import WritePace
from tests.github.render_samples import HEAD, REF, outcome
from tests.github.reviews_api import BOT, IDENTITY, MARKERS
from tests.github.wire import Clock, Wire, json_answer

PULLS = "/repos/acme/shop/pulls"
PERSON = {"login": "mona", "type": "User", "id": 9}


class Threads:
    """Comments on the lines of the pull request."""

    def __init__(self) -> None:
        self.comments: dict[int, dict[str, Any]] = {}
        self.edits = 0

    def add(self, finding: str, user: dict[str, Any] = BOT, text: str = "**Claim**") -> int:
        number = len(self.comments) + 1
        marker = MARKERS.make(MarkerKind.FINDING, finding_id(finding, f"{finding}print"))
        body = f"{text}\n\n{marker}"
        self.comments[number] = {"id": number, "body": body, "user": user}
        return number

    def handle(self, request: httpx.Request) -> httpx.Response:
        if request.method == "GET":
            return json_answer(list(self.comments.values()))
        if request.url.path == "/graphql":
            return json_answer({"errors": [{"message": "Resource not accessible"}]})
        comment = self.comments.get(int(request.url.path.rpartition("/")[2]))
        if comment is None:
            return json_answer({"message": "Not Found"}, 404)
        self.edits += 1
        comment["body"] = json.loads(request.content)["body"]
        return json_answer(comment)

    def text(self, number: int) -> str:
        return str(self.comments[number]["body"])


async def deliver(
    threads: Threads, *states: tuple[str, FindingState], who: str = "", reason: str = ""
) -> None:
    comments = tuple(
        CommentState(finding_id=i, state=s, head=HEAD, who=who, reason=reason) for i, s in states
    )
    delivery = Delivery(
        row=OutboxRow(kind=RowKind.FINDINGS, job_id="7:7", target="", generation=1),
        ref=REF,
        repo_id=7,
        installation_id=3,
        head=HEAD,
        stage=Stage.IDLE,
        outcome=outcome(round=Round(number=2, comments=comments)),
    )
    clock = Clock()
    pace = WritePace(clock=clock, sleep=clock.sleep)
    client = Wire(threads.handle).client(pace=pace)

    async def connect(_delivery: Delivery) -> GitHubClient:
        return client

    await FindingCommentsDeliverer(connect, MARKERS, IDENTITY).deliver(delivery)


async def test_an_addressed_finding_says_so_once_and_keeps_its_words_and_marker() -> None:
    threads = Threads()
    one, other = threads.add("f1"), threads.add("f2")
    before = threads.text(one)
    for _ in range(2):
        await deliver(threads, ("f1", FindingState.ADDRESSED))
    assert threads.text(one) == f"_Addressed in {HEAD[:7]}._\n\n{before}"
    assert threads.text(other).startswith("**Claim**")
    assert threads.edits == 1


async def test_a_finding_that_is_back_says_so_instead() -> None:
    threads = Threads()
    one = threads.add("f1")
    before = threads.text(one)
    await deliver(threads, ("f1", FindingState.ADDRESSED))
    await deliver(threads, ("f1", FindingState.REGRESSED))
    assert threads.text(one) == f"_Open again in {HEAD[:7]}._\n\n{before}"


async def test_a_dismissed_finding_says_who_said_so_and_why_and_nobody_is_called() -> None:
    threads = Threads()
    one = threads.add("f1")
    before = threads.text(one)
    dismissed = ("f1", FindingState.DISMISSED)
    await deliver(threads, dismissed, who="mona", reason="ask @octocat, closes #3\nor not")
    assert threads.text(one) == (
        f"_Dismissed_ by `mona`: ask `@octocat`, closes `#3` or not\n\n{before}"
    )
    await deliver(threads, ("f1", FindingState.ACCEPTED), who="mona")
    assert threads.text(one) == f"_Accepted_ by `mona`\n\n{before}"
    await deliver(threads, ("f1", FindingState.OPEN))
    assert threads.text(one) == before


async def test_a_finding_dismissed_in_slack_does_not_show_an_id_of_slack() -> None:
    threads = Threads()
    one = threads.add("f1")
    before = threads.text(one)
    await deliver(threads, ("f1", FindingState.DISMISSED), who="slack:U012AB3CD", reason="fine")
    assert threads.text(one) == f"_Dismissed_ by somebody in Slack: fine\n\n{before}"


async def test_a_copied_marker_in_a_persons_comment_is_left_alone() -> None:
    threads = Threads()
    one = threads.add("f1", PERSON)
    await deliver(threads, ("f1", FindingState.ADDRESSED))
    assert threads.text(one).startswith("**Claim**")
    assert threads.edits == 0


async def test_many_edits_are_spread_over_deliveries() -> None:
    threads = Threads()
    names = [f"f{number}" for number in range(AT_ONCE + 5)]
    for name in names:
        threads.add(name)
    states = [(name, FindingState.ADDRESSED) for name in names]
    with pytest.raises(TransientError):
        await deliver(threads, *states)
    assert threads.edits == AT_ONCE
    await deliver(threads, *states)
    assert threads.edits == len(names)


async def test_a_comment_that_was_deleted_meanwhile_needs_nothing() -> None:
    threads = Threads()
    threads.add("f1")
    gone = dict(threads.comments[1])
    listed = [gone | {"id": 99}]
    threads.comments.clear()

    def handle(request: httpx.Request) -> httpx.Response:
        return json_answer(listed) if request.method == "GET" else threads.handle(request)

    threads_with_ghost = Threads()
    threads_with_ghost.handle = handle  # type: ignore[method-assign] # the list is out of date
    await deliver(threads_with_ghost, ("f1", FindingState.ADDRESSED))
