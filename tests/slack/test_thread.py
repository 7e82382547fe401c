"""Findings as replies under their card: said once, edited when they are settled."""

import json
from collections.abc import AsyncIterator

import pytest

from core.following import Talk
from core.models import FindingState, QuietFinding, RecordedFinding, Round, Severity
from slack.client import SlackClient
from slack.notifications import SlackDeliverer
from slack.thread import MOST_OPEN, MOST_REPLIES
from tests.slack.delivering import ThreadNotes, delivered
from tests.slack.samples import REF, a_done_delivery, a_finding, a_reply
from tests.slack.wire import CHANNEL, SEAL, WEB, Answer, RecordingSlack

CARD = "17.000001"


@pytest.fixture
def notes() -> ThreadNotes:
    return ThreadNotes()


@pytest.fixture
async def deliverer(slack_api: RecordingSlack, notes: ThreadNotes) -> AsyncIterator[SlackDeliverer]:
    client = SlackClient("xoxb-of-this-test", slack_api.api_url)
    yield SlackDeliverer(client, SEAL, notes, web_url=WEB)
    await client.close()


def found(name: str, severity: Severity = Severity.IMPORTANT) -> RecordedFinding:
    return a_finding(id=name, title=f"Claim {name}", severity=severity)


def replies(slack_api: RecordingSlack) -> list[str]:
    """Return the words of what was posted in threads."""
    return [
        body["text"] for body in slack_api.made("chat.postMessage") if body.get("thread_ts") == CARD
    ]


def edited(slack_api: RecordingSlack) -> list[str]:
    return [body["text"] for body in slack_api.made("chat.update")]


async def test_each_finding_has_a_reply_important_first(
    slack_api: RecordingSlack, deliverer: SlackDeliverer
) -> None:
    findings = (found("nit", Severity.NIT), found("a"), found("old", Severity.PRE_EXISTING))
    await delivered(deliverer, a_done_delivery(findings=findings))
    card, *below = slack_api.made("chat.postMessage")
    assert "thread_ts" not in card
    assert replies(slack_api) == [
        "🔴 Important: Claim a",
        "🟣 Pre-existing: Claim old",
        "⚪ Nit: Claim nit",
    ]
    assert "3 findings in the thread" in json.dumps(card["blocks"])
    assert "Dismiss" in json.dumps(below[0]["blocks"])


async def test_findings_are_said_once(slack_api: RecordingSlack, deliverer: SlackDeliverer) -> None:
    findings = (found("a"), found("b"))
    receipt = await delivered(deliverer, a_done_delivery(findings=findings))
    again = await delivered(deliverer, a_done_delivery(findings=findings, receipt=receipt))
    assert again == receipt
    assert len(replies(slack_api)) == 2
    assert edited(slack_api) == []


async def test_five_are_said_and_the_rest_is_linked(
    slack_api: RecordingSlack, deliverer: SlackDeliverer
) -> None:
    findings = tuple(found(f"f{n}") for n in range(8))
    await delivered(deliverer, a_done_delivery(findings=findings))
    assert len(replies(slack_api)) == MOST_OPEN
    card = slack_api.made("chat.postMessage")[0]
    assert "3 more in the review" in json.dumps(card["blocks"])


async def test_a_dismissed_finding_says_who_and_why_and_offers_nothing_more(
    slack_api: RecordingSlack, deliverer: SlackDeliverer
) -> None:
    receipt = await delivered(deliverer, a_done_delivery(findings=(found("a"),)))
    quiet = QuietFinding(
        finding=found("a"), state=FindingState.DISMISSED, who="slack:U0ASKER", reason="it is wrong"
    )
    await delivered(deliverer, a_done_delivery(findings=(), quiet=(quiet,), receipt=receipt))
    _, reply = slack_api.made("chat.update")
    said = json.dumps(reply["blocks"], ensure_ascii=False)
    assert reply["text"] == "🔕 Dismissed: Claim a"
    assert "<@U0ASKER>" in said
    assert "it is wrong" in said
    assert "actions" not in said


async def test_a_fixed_finding_says_so_and_one_that_is_back_is_open_again(
    slack_api: RecordingSlack, deliverer: SlackDeliverer
) -> None:
    receipt = await delivered(deliverer, a_done_delivery(findings=(found("a"),)))
    fixed = Round(number=2, fixed=(found("a"),))
    receipt = await delivered(deliverer, a_done_delivery(findings=(), round=fixed, receipt=receipt))
    assert edited(slack_api)[-1] == "✅ Fixed: Claim a"
    back = Round(number=3, regressed=1)
    await delivered(deliverer, a_done_delivery(findings=(found("a"),), round=back, receipt=receipt))
    assert edited(slack_api)[-1] == "🔴 Important: Claim a"
    assert len(replies(slack_api)) == 1


async def test_a_finding_of_which_nothing_more_is_known_is_not_left_open(
    slack_api: RecordingSlack, deliverer: SlackDeliverer
) -> None:
    receipt = await delivered(deliverer, a_done_delivery(findings=(found("a"),)))
    await delivered(deliverer, a_done_delivery(findings=(), round=Round(number=4), receipt=receipt))
    assert edited(slack_api)[-1] == "✅ Not open any more."


async def test_settled_findings_make_room_for_others(
    slack_api: RecordingSlack, deliverer: SlackDeliverer
) -> None:
    first = tuple(found(f"f{n}") for n in range(6))
    receipt = await delivered(deliverer, a_done_delivery(findings=first))
    fixed = Round(number=2, fixed=first[:1])
    await delivered(deliverer, a_done_delivery(findings=first[1:], round=fixed, receipt=receipt))
    assert [text[-2:] for text in replies(slack_api)] == ["f0", "f1", "f2", "f3", "f4", "f5"]


async def test_a_thread_does_not_grow_for_ever(
    slack_api: RecordingSlack, deliverer: SlackDeliverer
) -> None:
    receipt = ""
    for number in range(10):
        findings = tuple(found(f"r{number}f{n}") for n in range(5))
        round_ = Round(number=number + 1)
        delivery = a_done_delivery(findings=findings, round=round_, receipt=receipt)
        receipt = await delivered(deliverer, delivery)
    assert len(replies(slack_api)) == MOST_REPLIES


async def test_what_a_reply_is_about_is_remembered(
    slack_api: RecordingSlack, deliverer: SlackDeliverer, notes: ThreadNotes
) -> None:
    await delivered(deliverer, a_done_delivery(findings=(found("a"),)))
    assert await notes.of(CHANNEL, CARD) == Talk(ref=REF, repo_id=7)
    assert await notes.of(CHANNEL, "17.000002") == Talk(ref=REF, repo_id=7, finding_id="a")


async def test_a_deleted_reply_is_said_anew(
    slack_api: RecordingSlack, deliverer: SlackDeliverer
) -> None:
    receipt = await delivered(deliverer, a_done_delivery(findings=(found("a"),)))
    slack_api.will(
        "chat.update", Answer(), Answer(body={"ok": False, "error": "message_not_found"})
    )
    fixed = Round(number=2, fixed=(found("a"),))
    await delivered(deliverer, a_done_delivery(findings=(), round=fixed, receipt=receipt))
    assert replies(slack_api) == ["🔴 Important: Claim a", "✅ Fixed: Claim a"]


async def test_a_deleted_card_comes_back_with_its_thread(
    slack_api: RecordingSlack, deliverer: SlackDeliverer
) -> None:
    receipt = await delivered(deliverer, a_done_delivery(findings=(found("a"),)))
    slack_api.will("chat.postMessage", Answer(body={"ok": False, "error": "thread_not_found"}))
    slack_api.will(
        "chat.update", Answer(), Answer(body={"ok": False, "error": "message_not_found"})
    )
    more = (found("a"), found("b"))
    receipt = await delivered(deliverer, a_done_delivery(findings=more, receipt=receipt))
    posted = slack_api.made("chat.postMessage")
    roots = [body for body in posted if "thread_ts" not in body]
    assert len(roots) == 2
    assert [body["text"][-1] for body in posted if body.get("thread_ts") == "17.000004"] == [
        "a",
        "b",
    ]


async def test_where_it_was_asked_in_a_thread_all_of_it_stands_there(
    slack_api: RecordingSlack, deliverer: SlackDeliverer
) -> None:
    reply = a_reply(thread="16.5")
    await delivered(deliverer, a_done_delivery(findings=(found("a"),), reply=reply))
    assert {body["thread_ts"] for body in slack_api.made("chat.postMessage")} == {"16.5"}


async def test_an_outcome_without_a_look_leaves_the_thread_as_it_is(
    slack_api: RecordingSlack, deliverer: SlackDeliverer
) -> None:
    receipt = await delivered(deliverer, a_done_delivery(findings=(found("a"),)))
    superseded = a_done_delivery(receipt=receipt)
    outcome = superseded.outcome
    assert outcome is not None
    bare = outcome.model_copy(update={"record": None})
    await delivered(deliverer, superseded.model_copy(update={"outcome": bare}))
    assert len(edited(slack_api)) == 1
    assert len(replies(slack_api)) == 1
