"""`/argus …` from the signed request to the ephemeral answer, over real HTTP on both sides."""

import asyncio
import json
from time import perf_counter
from typing import Any
from urllib.parse import urlencode

import pytest

from core.errors import AccessDenied, PermanentError, TransientError
from core.models import (
    Accepted,
    Admission,
    Duplicate,
    DuplicateOf,
    OriginKind,
    PullRequest,
    PullRequestRef,
    Refused,
    ReviewRequest,
)
from slack.replies import Reply, unsealed
from tests.fakes.core import a_pull_request
from tests.slack.wire import CHANNEL, SEAL, TEAM, USER, Answer, Desk

REF = PullRequestRef(owner="octo", repo="app", number=12)
URL = "https://github.com/octo/app/pull/12"


async def test_a_review_is_queued_and_the_asker_told(desk: Desk) -> None:
    desk.ledger.says = lambda _: Accepted(job_id="7:12", ahead=3)
    response = await desk.slash(f"review <{URL}|the change>")
    assert (response.status_code, response.text) == (200, "")
    assert desk.visibility.looks == [(REF, USER)]
    assert [r.delivery for r in desk.ledger.admitted] != [""]
    assert desk.ledger.rung == ["7:12"]
    (answer,) = desk.slack.made("hook")
    assert answer["response_type"] == "ephemeral"
    assert "3 reviews before it" in answer["text"]


async def test_the_job_carries_a_sealed_way_back(desk: Desk) -> None:
    await desk.slash(f"review {URL}")
    origin = desk.ledger.admitted[0].origin
    assert origin.kind is OriginKind.SLACK
    assert origin.person == USER
    assert origin.id.startswith(f"slack:{TEAM}:{CHANNEL}:")
    assert desk.slack.response_url not in origin.model_dump_json()
    reply = unsealed(origin.reply, SEAL)
    assert (reply.channel, reply.user) == (CHANNEL, USER)
    assert reply.response_url == desk.slack.response_url
    assert reply.title == desk.visibility.pull.title


async def test_nothing_is_called_before_the_acknowledgement(desk: Desk) -> None:
    gate = asyncio.Event()

    async def slow(ref: PullRequestRef, person: str) -> PullRequest:
        await gate.wait()
        return desk.visibility.pull

    desk.visibility.look = slow  # type: ignore[method-assign]
    started = perf_counter()
    response = await desk.send(urlencode(desk.form(f"review {URL}")).encode())
    assert response.status_code == 200
    assert perf_counter() - started < 1
    assert desk.ledger.admitted == []
    gate.set()
    await desk.app.drain()
    assert len(desk.ledger.admitted) == 1


async def test_shutdown_waits_for_commands_but_not_for_ever(desk: Desk) -> None:
    begun, ended = asyncio.Event(), asyncio.Event()

    async def stuck(ref: PullRequestRef, person: str) -> PullRequest:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()
        raise AssertionError

    desk.visibility.look = stuck  # type: ignore[method-assign]
    await desk.send(urlencode(desk.form(f"review {URL}")).encode())
    await begun.wait()
    await desk.commands.drain(0.05)
    assert ended.is_set()
    assert desk.ledger.admitted == []


async def test_a_repeated_command_has_one_delivery_and_no_second_answer(desk: Desk) -> None:
    seen: set[str] = set()

    def once(request: ReviewRequest) -> Admission:
        if request.delivery in seen:
            return Duplicate(job_id="7:12", of=DuplicateOf.DELIVERY)
        seen.add(request.delivery)
        return Accepted(job_id="7:12")

    desk.ledger.says = once
    body = urlencode(desk.form(f"review {URL}")).encode()
    for retry in range(4):
        await desk.send(body, headers={"x-slack-retry-num": str(retry)})
    await desk.app.drain()
    assert len(seen) == 1
    assert len(desk.answers) == 1


async def test_commands_without_a_trigger_are_carried_out_each(desk: Desk) -> None:
    form = desk.form(f"review {URL}")
    del form["trigger_id"]
    for _ in range(2):
        response = await desk.send(urlencode(form).encode())
        assert response.status_code == 200
    await desk.app.drain()
    first, second = desk.ledger.admitted
    assert first.delivery != second.delivery


async def test_another_command_is_another_delivery(desk: Desk) -> None:
    await desk.slash(f"review {URL}", trigger_id="1.1.a")
    await desk.slash(f"review {URL}", trigger_id="2.2.b")
    first, second = desk.ledger.admitted
    assert first.delivery != second.delivery
    assert first.origin.id != second.origin.id


@pytest.mark.parametrize(
    ("admission", "words"),
    [
        (Duplicate(job_id="7:12", of=DuplicateOf.RUNNING), "under way already; you will be told"),
        (
            Duplicate(
                job_id="7:12", of=DuplicateOf.REVIEWED, review_url=f"{URL}#pullrequestreview-5"
            ),
            "reviewed at this commit already",
        ),
        (Refused(reason="GitHub did not name the commit."), "GitHub did not name the commit."),
    ],
)
async def test_every_other_admission_is_one_sentence(
    desk: Desk, admission: Admission, words: str
) -> None:
    desk.ledger.says = lambda _: admission
    await desk.slash(f"review {URL}")
    (answer,) = desk.slack.made("hook")
    assert words in answer["text"]
    review_url = getattr(admission, "review_url", "")
    assert review_url in json.dumps(answer["blocks"])


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("help", "/argus review owner/repo#12"),
        ("", "/argus review owner/repo#12"),
        ("reviw x", "Did you mean `review`?"),
        ("review", "does not say which pull request"),
        ("review https://evil.example/o/r/pull/1", "github.com only"),
        ("queue", "0 reviews under way, 0 waiting."),
        ("pause", "does not say which pull request"),
        ("explain", "none is meant here"),
        ("ignore", "none is meant here"),
    ],
)
async def test_other_words_are_answered_and_admit_nothing(desk: Desk, text: str, words: str):
    await desk.slash(text)
    (answer,) = desk.answers
    assert words in answer
    assert desk.visibility.looks == []
    assert desk.ledger.admitted == []


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (AccessDenied("Not found or not allowed.", next_step="Check it."), "Not found or not"),
        (TransientError("GitHub is away"), "Nothing was queued or changed."),
        (PermanentError("It was closed."), "give the request id"),
        (RuntimeError("secret detail"), "not your fault"),
    ],
)
async def test_every_error_is_answered_with_a_request_id(
    desk: Desk, error: Exception, words: str
) -> None:
    desk.visibility.error = error
    await desk.slash(f"review {URL}")
    (answer,) = desk.slack.made("hook")
    assert words in answer["text"]
    assert "req-1" in json.dumps(answer["blocks"])
    assert "secret detail" not in json.dumps(answer)
    assert desk.ledger.admitted == []


async def test_a_ledger_that_is_away_is_told(desk: Desk) -> None:
    desk.ledger.error = TransientError("Redis is away")
    await desk.slash(f"review {URL}")
    assert "Nothing was queued or changed." in desk.answers[0]
    assert desk.ledger.rung == []


async def test_focus_and_full_reach_the_job_as_typed(desk: Desk) -> None:
    await desk.slash(f"review {URL} full focus the payload &amp; a &lt;b&gt;")
    (request,) = desk.ledger.admitted
    assert request.full
    assert request.focus == "the payload & a <b>"


async def test_a_private_pull_request_is_answered_aside(desk: Desk) -> None:
    desk.visibility.pull = a_pull_request(private=True)
    await desk.slash(f"review {URL}")
    reply: Reply = unsealed(desk.ledger.admitted[0].origin.reply, SEAL)
    assert reply.aside


@pytest.mark.parametrize(
    "person",
    [
        {"id": USER, "team_id": "T0OTHER"},
        {"id": USER, "team_id": "T0OTHER", "is_stranger": False},
        {"id": USER, "team_id": "T0OTHER", "enterprise_user": {"enterprise_id": "E9"}},
    ],
)
async def test_people_of_other_workspaces_are_refused_in_shared_channels(
    desk: Desk, person: dict[str, Any]
) -> None:
    desk.slack.will("users.info", Answer(body={"ok": True, "user": person}))
    await desk.slash(f"review {URL}")
    assert "own workspace only" in desk.answers[0]
    assert desk.visibility.looks == []


@pytest.mark.parametrize(
    ("told", "admitted"),
    [
        ({"ok": False, "error": "unknown_method"}, 1),
        ({"ok": True}, 1),
        ({"ok": False, "error": "user_not_found"}, 0),
    ],
)
@pytest.mark.parametrize(("team", "home"), [(TEAM, True), ("T0OTHER", False)])
async def test_workspace_of_the_request_counts_where_no_people_are_kept(
    desk: Desk, told: dict[str, Any], admitted: int, team: str, home: bool
) -> None:
    desk.slack.will("users.info", Answer(body=told))
    await desk.slash(f"review {URL}", team_id=team)
    assert len(desk.ledger.admitted) == (admitted if home else 0)


async def test_workspace_that_is_named_as_another_needs_no_question(desk: Desk) -> None:
    await desk.slash(f"review {URL}", user_team_id="T0OTHER")
    assert "own workspace only" in desk.answers[0]
    assert desk.slack.made("users.info") == []
    assert desk.visibility.looks == []


async def test_whom_slack_does_not_tell_of_is_answered_later(desk: Desk) -> None:
    desk.slack.will("users.info", Answer(status=503, body="down"))
    await desk.slash(f"review {URL}")
    assert "cannot be reached" in desk.answers[0]
    assert desk.visibility.looks == []
    await desk.slash(f"review {URL}", trigger_id="2.2.b")
    assert len(desk.ledger.admitted) == 1


async def test_a_bot_that_does_not_know_its_home_answers_nobody_in_full(desk: Desk) -> None:
    desk.slack.will("auth.test", Answer(body={"ok": False, "error": "invalid_auth"}))
    await desk.slash(f"review {URL}")
    assert "Nothing was queued or changed." in desk.answers[0]
    assert desk.visibility.looks == []


async def test_workspaces_of_the_same_organisation_may_ask(desk: Desk) -> None:
    home = {"ok": True, "team_id": TEAM, "enterprise_id": "E1"}
    desk.slack.will("auth.test", Answer(body=home))
    sister = {"id": USER, "team_id": "T0OTHER", "enterprise_user": {"enterprise_id": "E1"}}
    desk.slack.will("users.info", Answer(body={"ok": True, "user": sister}))
    await desk.slash(f"review {URL}", team_id="T0OTHER", user_team_id="T0OTHER")
    await desk.slash(f"review {URL}", team_id="T0OTHER", trigger_id="2.2.b")
    assert len(desk.ledger.admitted) == 2
    assert len(desk.slack.made("auth.test")) == 1
    assert len(desk.slack.made("users.info")) == 1


@pytest.mark.parametrize(
    "url",
    [
        "",
        "https://evil.example/hook",
        "https://hooks.slack.com.evil.example/x",
        "https://hooks.slack.com@evil.example/x",
        "http://hooks.slack.com/x",
        "https://hooks.slack.com:8443/x",
        "https://evil.example\\@hooks.slack.com/x",
    ],
)
async def test_an_answer_never_goes_to_a_foreign_address(desk: Desk, url: str) -> None:
    response = await desk.slash(f"review {URL}", response_url=url)
    assert "Nothing was queued." in response.text
    assert "Request " in response.text
    assert desk.ledger.admitted == []
    assert desk.slack.calls == []


async def test_a_lost_answer_does_not_lose_the_job(desk: Desk) -> None:
    desk.slack.will("hook", Answer(status=500, body="oops"))
    await desk.slash(f"review {URL}")
    assert len(desk.ledger.admitted) == 1
