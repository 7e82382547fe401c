"""What our comments show: people's thumbs and what they resolved, by finding."""

from dataclasses import dataclass, field
from typing import Any

import pytest

from core.models import (
    Delivery,
    OutboxRow,
    PullMemory,
    Received,
    Reception,
    RememberedFinding,
    RowKind,
    Stage,
)
from github.client import GitHubClient
from github.feedback import FeedbackDeliverer
from github.markers import MarkerKind, finding_id
from tests.github.render_samples import REF, recorded
from tests.github.reviews_api import BOT, IDENTITY, MARKERS
from tests.github.wire import Wire, json_answer, routes

FOUND = Reception.FOUND
PULLS = "/repos/acme/shop/pulls"
ADA = {"login": "ada", "type": "User"}
HELPER = {"login": "helper[bot]", "type": "Bot"}


@dataclass
class FakeMemories:
    """One pull request with one finding on a line."""

    url: str = "https://github.test/r/1"

    async def of(self, job_id: str) -> PullMemory:
        assert job_id == "7:7"
        finding = recorded(url=self.url)
        return PullMemory(findings=(RememberedFinding(finding=finding, lineage=finding.path),))


@dataclass
class Heard:
    """What the ledger was told."""

    found: list[Received] = field(default_factory=list)

    async def receive(self, job_id: str, found: Any) -> None:
        assert job_id == "7:7"
        self.found += found


def a_comment(user: Any = BOT, up: int = 1, down: int = 0) -> dict[str, Any]:
    marker = MARKERS.make(MarkerKind.FINDING, finding_id("f1", "print1"))
    body = f"**Claim 1**\n\n{marker}"
    return {"id": 3, "body": body, "user": user, "reactions": {"+1": up, "-1": down}}


def thumb(user: Any, content: str = "+1") -> dict[str, Any]:
    return {"id": 1, "user": user, "content": content}


def a_wire(comment: dict[str, Any], *thumbs: dict[str, Any], **thread: Any) -> Wire:
    nodes = [{"first": {"nodes": [{"databaseId": 3}]}} | thread] if thread else []
    data = {"repository": {"pullRequest": {"reviewThreads": {"nodes": nodes}}}}
    return Wire(
        routes(
            {
                f"GET {PULLS}/7/comments": json_answer([comment]),
                f"GET {PULLS}/comments/3/reactions": json_answer(list(thumbs)),
                "POST /graphql": json_answer({"data": data}),
            }
        )
    )


async def heard(wire: Wire, *, ended: str = "", url: str = "https://x.test/1") -> list[Received]:
    client, ledger = wire.client(), Heard()

    async def connect(_delivery: Delivery) -> GitHubClient:
        return client

    deliverer = FeedbackDeliverer(connect, FakeMemories(url), ledger.receive, MARKERS, IDENTITY)
    row = OutboxRow(kind=RowKind.FEEDBACK, job_id="7:7", target="", generation=1)
    delivery = Delivery(
        row=row, ref=REF, repo_id=7, installation_id=3, head="a" * 40, stage=Stage.IDLE, ended=ended
    )
    assert await deliverer.deliver(delivery) == ""
    return ledger.found


async def test_peoples_thumbs_are_heard() -> None:
    [found] = await heard(a_wire(a_comment(), thumb(ADA)))
    assert (found.finding_id, found.rule) == ("f1", "model:bug")
    assert found.words == (FOUND, Reception.LIKED)
    [found] = await heard(a_wire(a_comment(down=1), thumb(ADA, "-1")))
    assert found.words == (FOUND, Reception.DISLIKED)


async def test_thumbs_of_machines_and_our_own_and_other_reactions_are_not() -> None:
    others = (thumb(HELPER), thumb(BOT), thumb(None), thumb(ADA, "heart"))
    [found] = await heard(a_wire(a_comment(), *others))
    assert found.words == (FOUND,)


async def test_comment_that_only_looks_like_ours_is_not_asked_about() -> None:
    wire = a_wire(a_comment(user=ADA), thumb(ADA))
    [found] = await heard(wire)
    assert found.words == (FOUND,)
    assert len(wire.sent) == 1


async def test_comment_without_thumbs_is_not_asked_for_them() -> None:
    wire = a_wire(a_comment(up=0))
    await heard(wire)
    assert [each.partition("?")[0] for each in wire.sent] == [
        f"GET {PULLS}/7/comments",
        "POST /graphql",
    ]


async def test_open_finding_of_an_ended_pull_request_was_ignored() -> None:
    [found] = await heard(a_wire(a_comment(up=0)), ended="merged")
    assert found.words == (FOUND, Reception.IGNORED)


async def test_comments_out_of_reach_for_now_do_not_take_back_what_was_heard() -> None:
    assert await heard(Wire(routes({}))) == []


@pytest.mark.parametrize(
    ("outdated", "became"), [(True, Reception.ADDRESSED), (False, Reception.IGNORED)]
)
async def test_thread_that_a_person_resolved_is_held_against_the_code(
    outdated: bool, became: Reception
) -> None:
    wire = a_wire(
        a_comment(up=0), isResolved=True, isOutdated=outdated, resolvedBy={"login": "ada"}
    )
    [found] = await heard(wire, ended="merged")
    assert found.words == (FOUND, became, Reception.RESOLVED)


@pytest.mark.parametrize(
    "who", [None, {"login": "helper[bot]"}, {"login": "argus[bot]"}, {"login": "Argus"}, {}, "ada"]
)
async def test_thread_that_no_person_resolved_is_nobodys_word(who: object) -> None:
    wire = a_wire(a_comment(up=0), isResolved=True, isOutdated=True, resolvedBy=who)
    [found] = await heard(wire, ended="merged")
    assert found.words == (FOUND, Reception.IGNORED)


async def test_thread_that_is_open_again_is_not_resolved() -> None:
    wire = a_wire(a_comment(up=0), isResolved=False, resolvedBy={"login": "ada"})
    [found] = await heard(wire)
    assert found.words == (FOUND,)


async def test_thumbs_are_heard_where_threads_are_not_told() -> None:
    wire = a_wire(a_comment(), thumb(ADA), isResolved=True, first=None)
    [found] = await heard(wire)
    assert found.words == (FOUND, Reception.LIKED)
    refusing = Wire(
        routes(
            {
                f"GET {PULLS}/7/comments": json_answer([a_comment()]),
                f"GET {PULLS}/comments/3/reactions": json_answer([thumb(ADA)]),
                "POST /graphql": json_answer({"errors": [{"message": "not accessible"}]}),
            }
        )
    )
    [found] = await heard(refusing)
    assert found.words == (FOUND, Reception.LIKED)


async def test_pull_request_without_comments_of_ours_is_not_looked_at() -> None:
    wire = a_wire(a_comment())
    assert await heard(wire, url="") == []
    assert wire.sent == []


async def test_comments_out_of_reach_leave_what_is_known() -> None:
    [found] = await heard(Wire(routes({})), ended="closed")
    assert found.words == (FOUND, Reception.IGNORED)
