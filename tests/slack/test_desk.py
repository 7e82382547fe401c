"""Every verb beside `review`, from the signed request to the answer; what is kept is real."""

import json
from typing import Any
from urllib.parse import urlencode

import pytest

from core.errors import TransientError, UserError
from core.following import Talk
from core.models import (
    OriginKind,
    PullRequestRef,
    QuietKind,
    Right,
    Severity,
)
from slack.replies import unsealed
from tests.bot.asking import push
from tests.fakes.core import a_pull_request
from tests.slack.offices import Repository
from tests.slack.wire import CHANNEL, SEAL, TEAM, USER, Answer, Desk

PULL = "octo/shop#7"
REF = PullRequestRef(owner="octo", repo="shop", number=7)
THREAD = "1700000000.000100"


def shared(**traits: bool) -> Answer:
    channel = {"id": CHANNEL, "name": "reviews", "is_member": True, **traits}
    return Answer(body={"ok": True, "channel": channel})


def mention(text: str, **changes: Any) -> dict[str, Any]:
    """Return a mention as Slack sends it."""
    event = {"type": "app_mention", "user": USER, "channel": CHANNEL, "text": text, "ts": "1.2"}
    return {
        "type": "event_callback",
        "team_id": TEAM,
        "event_id": changes.pop("event_id", "Ev01"),
        "event": event | changes,
        "authorizations": [{"user_id": "U0ARGUS", "is_bot": True}],
    }


async def heard(desk: Desk, body: dict[str, Any]) -> None:
    kind = {"content-type": "application/json"}
    response = await desk.send(json.dumps(body).encode(), headers=kind)
    assert response.status_code == 200
    await desk.app.drain()


def whispers(desk: Desk) -> list[str]:
    return [str(call["text"]) for call in desk.slack.made("chat.postEphemeral")]


async def said(desk: Desk, text: str, **changes: str) -> str:
    await desk.slash(text, trigger_id=f"t-{len(desk.answers)}", **changes)
    return desk.answers[-1]


async def test_status_of_a_pull_request_that_nobody_asked_about(desk: Desk) -> None:
    assert "Not reviewed yet" in await said(desk, f"status {PULL}")


async def test_pause_and_resume_are_told_and_remembered(desk: Desk) -> None:
    assert "are paused" in await said(desk, f"pause {PULL}")
    paused = await desk.kept.pauses.of("1:7")
    assert paused is not None
    assert paused.who == f"slack:{USER}"
    assert "were paused already" in await said(desk, f"pause {PULL}", user_id="U0OTHER")
    assert "run again" in await said(desk, f"resume {PULL}")
    assert "were not paused" in await said(desk, f"resume {PULL}")


@pytest.mark.parametrize("text", [f"pause {PULL}", f"resume {PULL}"])
async def test_decisions_take_the_right_to_write(desk: Desk, text: str) -> None:
    desk.permissions.held = Right.TRIAGE
    assert "You may not do that." in await said(desk, text)
    assert await desk.kept.pauses.of("1:7") is None


async def test_question_is_kept_for_a_worker_with_a_way_back(desk: Desk) -> None:
    assert "the answer comes here" in await said(desk, f"ask {PULL} why twice?")
    (order,) = desk.ledger.taken
    assert (order.words, order.ref, order.origin.kind) == ("ask why twice?", REF, OriginKind.SLACK)
    assert unsealed(order.origin.reply, SEAL).channel == CHANNEL


async def test_subscription_is_kept_with_its_filters(desk: Desk) -> None:
    answer = await said(desk, "subscribe octo/shop min:important branch:main")
    assert "follows octo/shop" in answer
    (kept,) = await desk.kept.subscriptions.of_repository(7)
    assert (kept.channel, kept.minimum, kept.branch) == (CHANNEL, Severity.IMPORTANT, "main")
    assert "follows now with these filters" in await said(desk, "subscribe octo/shop")


async def test_private_repository_is_followed_where_nobody_else_reads(desk: Desk) -> None:
    desk.visibility.repositories["octo/shop"] = Repository(private=True)
    desk.slack.will("conversations.info", shared())
    assert "follows" in await said(desk, "subscribe octo/shop")


@pytest.mark.parametrize(
    "seen",
    [
        shared(is_ext_shared=True),
        shared(is_pending_ext_shared=True),
        Answer(body={"ok": False, "error": "channel_not_found"}),
    ],
)
async def test_private_repository_is_not_followed_where_others_read(
    desk: Desk, seen: Answer
) -> None:
    desk.visibility.repositories["octo/shop"] = Repository(private=True)
    desk.slack.will("conversations.info", seen)
    assert "cannot be followed in this channel" in await said(desk, "subscribe octo/shop")
    assert await desk.kept.subscriptions.of_repository(7) == ()


async def test_repository_that_the_asker_may_not_see_is_not_followed(desk: Desk) -> None:
    assert "was not found" in await said(desk, "subscribe octo/secret")


async def test_list_shows_what_the_asker_may_see_and_counts_the_rest(desk: Desk) -> None:
    desk.visibility.repositories["octo/other"] = Repository(id=8, name="octo/other")
    await said(desk, "subscribe octo/shop")
    await said(desk, "subscribe octo/other")
    await said(desk, "mute bots for 2h")
    await said(desk, "mute octo/other")
    del desk.visibility.repositories["octo/other"]
    await said(desk, "list")
    shown = json.dumps(desk.slack.made("hook")[-1], ensure_ascii=False)
    assert "octo/shop" in shown
    assert "octo/other" not in shown
    assert "2 more that you do not see here" in shown
    assert "🔕 bots" in shown


async def test_channel_follows_no_longer(desk: Desk) -> None:
    await said(desk, "subscribe octo/shop")
    assert "not follow octo/shop any more" in await said(desk, "unsubscribe Octo/Shop")
    assert "did not follow" in await said(desk, "unsubscribe octo/shop")
    assert "did not follow anything" in await said(desk, "unsubscribe")


COLLEAGUE = "U0COLLEAGUE"


async def test_whoever_sees_a_repository_may_end_what_another_subscribed(desk: Desk) -> None:
    await said(desk, "subscribe octo/shop")
    assert "any more" in await said(desk, "unsubscribe octo/shop", user_id=COLLEAGUE)


async def test_whoever_may_not_see_a_repository_learns_not_whether_it_is_followed(
    desk: Desk,
) -> None:
    desk.visibility.repositories["octo/secret"] = Repository(8, "octo/secret", private=True)
    desk.slack.will("conversations.info", shared())
    await said(desk, "subscribe octo/secret")
    del desk.visibility.repositories["octo/secret"]

    followed = await said(desk, "unsubscribe octo/secret", user_id=COLLEAGUE)
    nowhere = await said(desk, "unsubscribe octo/nowhere", user_id=COLLEAGUE)

    assert followed == nowhere
    assert "was not found" in followed
    assert "`/argus unsubscribe` alone ends all" in followed
    assert len(await desk.kept.subscriptions.of_channel(CHANNEL)) == 1


async def test_whoever_subscribed_may_end_it_when_they_see_it_no_more(desk: Desk) -> None:
    await said(desk, "subscribe octo/shop")
    desk.visibility.repositories.clear()
    assert "any more" in await said(desk, "unsubscribe octo/shop")


async def test_everybody_may_end_all_that_a_channel_follows_and_is_told_a_count(
    desk: Desk,
) -> None:
    await said(desk, "subscribe octo/shop")
    desk.visibility.repositories.clear()
    told = await said(desk, "unsubscribe", user_id=COLLEAGUE)
    assert "does not follow 1 repository any more" in told
    assert "octo" not in told


async def test_renamed_repository_is_ended_by_the_name_that_it_has_now(desk: Desk) -> None:
    await said(desk, "subscribe octo/shop")
    desk.visibility.repositories = {"octo/store": Repository(7, "octo/store")}
    assert "any more" in await said(desk, "unsubscribe octo/store", user_id=COLLEAGUE)
    assert await desk.kept.subscriptions.of_channel(CHANNEL) == ()


async def test_public_repository_that_the_app_left_is_ended_by_its_name(desk: Desk) -> None:
    await said(desk, "subscribe octo/shop")
    desk.visibility.error = UserError("Argus cannot post on octo/shop.")
    assert "any more" in await said(desk, "unsubscribe octo/shop", user_id=COLLEAGUE)


async def test_muting_a_repository_takes_no_more_than_seeing_it(desk: Desk) -> None:
    desk.permissions.held = None
    assert "for 2 hours" in await said(desk, "mute octo/shop for 2h")
    assert "again" in await said(desk, "mute octo/shop off", user_id=COLLEAGUE)
    told = await said(desk, "mute octo/secret")
    assert "was not found" in told


async def test_list_says_why_github_did_not_tell_of_all(desk: Desk) -> None:
    await said(desk, "subscribe octo/shop")
    desk.visibility.repositories.clear()
    desk.visibility.untold = "Ask again in 20 minutes."
    await said(desk, "list")
    shown = json.dumps(desk.slack.made("hook")[-1], ensure_ascii=False)
    assert "1 more that you do not see here" in shown
    assert "Ask again in 20 minutes." in shown


async def test_queue_looks_at_each_repository_once(desk: Desk) -> None:
    for number in (1, 2, 3):
        ref = PullRequestRef(owner="octo", repo="shop", number=number)
        await desk.kept.admit(push("a" * 40, number=number).model_copy(update={"ref": ref}))
    hidden = PullRequestRef(owner="octo", repo="secret", number=4)
    await desk.kept.admit(push("a" * 40, number=4).model_copy(update={"ref": hidden}))
    await said(desk, "queue")
    shown = json.dumps(desk.slack.made("hook")[-1], ensure_ascii=False)
    assert [f"octo/shop#{number}" in shown for number in (1, 2, 3)] == [True] * 3
    assert "secret" not in shown
    assert "1 of the next 4" in shown
    assert desk.visibility.overviews == [{"octo/secret", "octo/shop"}]


@pytest.mark.parametrize("words", [f"status {PULL}", "mute octo/shop", f"review {PULL}"])
async def test_spent_allowance_is_told_in_its_own_words(desk: Desk, words: str) -> None:
    spent = UserError("GitHub answers no more questions.", next_step="`/argus connect` yours.")
    desk.visibility.error = TransientError("limited", retry_after=900, words=spent)
    told = await said(desk, words)
    assert told == "GitHub answers no more questions. `/argus connect` yours."


@pytest.mark.parametrize(
    ("words", "kind", "what"),
    [
        (PULL, QuietKind.PULL, "1:7"),
        ("octo/shop", QuietKind.REPOSITORY, "7"),
        ("@Mona", QuietKind.AUTHOR, "mona"),
        ("bots", QuietKind.BOTS, ""),
        ("label:WIP", QuietKind.LABEL, "wip"),
    ],
)
async def test_channel_is_spared_something_and_hears_of_it_again(
    desk: Desk, words: str, kind: QuietKind, what: str
) -> None:
    assert "for 2 hours" in await said(desk, f"mute {words} for 2h")
    (mute,) = await desk.kept.mutes.of(CHANNEL)
    assert (mute.kind, mute.what) == (kind, what)
    assert "again" in await said(desk, f"mute {words} off")
    assert await desk.kept.mutes.of(CHANNEL) == ()
    assert "was not muted" in await said(desk, f"mute {words} off")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("stats", "4 reviews were asked for"),
        ("doctor", "1 of 2 parts need a look"),
        ("configuration octo/shop", "The configuration of octo/shop"),
        ("configuration octo/secret", "was not found"),
        ("configuration", "does not say of which repository"),
        ("connect", f"sign in, {USER} of {TEAM}"),
        ("disconnect", f"forgot {USER}"),
    ],
)
async def test_verbs_about_argus_are_answered(desk: Desk, text: str, words: str) -> None:
    assert words in await said(desk, text)


async def test_followed_channel_shows_a_person_its_own_card(desk: Desk) -> None:
    desk.visibility.pull = a_pull_request(repo_id=7)
    await said(desk, "subscribe octo/shop")
    await said(desk, f"review {PULL}")
    assert unsealed(desk.ledger.admitted[0].origin.reply, SEAL).aside


async def test_mention_in_a_channel_is_a_command(desk: Desk) -> None:
    await heard(desk, mention("hey <@U0ARGUS>: review octo/shop#7 full"))
    (request,) = desk.ledger.admitted
    assert request.full
    assert "Queued" in whispers(desk)[0]


async def test_what_follows_the_line_of_a_mention_is_said_to_people(desk: Desk) -> None:
    await heard(desk, mention("<@U0ARGUS> review octo/shop#7\nThanks! It is small."))
    assert "Queued" in whispers(desk)[0]


async def test_mention_in_the_thread_of_a_card_knows_its_pull_request(desk: Desk) -> None:
    await desk.kept.threads.remember(CHANNEL, THREAD, Talk(ref=REF, repo_id=1))
    await heard(desk, mention("<@U0ARGUS> status", thread_ts=THREAD))
    (call,) = desk.slack.made("chat.postEphemeral")
    assert "octo/shop#7" in call["text"]
    assert call["thread_ts"] == THREAD


async def test_finding_of_a_thread_is_explained(desk: Desk) -> None:
    talk = Talk(ref=REF, repo_id=1, finding_id="f1")
    await desk.kept.threads.remember(CHANNEL, THREAD, talk)
    await heard(desk, mention("<@U0ARGUS> explain", thread_ts=THREAD))
    (order,) = desk.ledger.taken
    assert (order.words, order.finding_id) == ("explain", "f1")
    assert unsealed(order.origin.reply, SEAL).thread == THREAD


async def test_thread_of_a_card_without_findings_says_so(desk: Desk) -> None:
    await desk.kept.threads.remember(CHANNEL, THREAD, Talk(ref=REF, repo_id=1))
    await heard(desk, mention("<@U0ARGUS> ignore", thread_ts=THREAD))
    assert "Nothing is open" in whispers(desk)[0]


async def test_repeated_event_is_carried_out_once(desk: Desk) -> None:
    for _ in range(3):
        await heard(desk, mention("<@U0ARGUS> status octo/shop#7"))
    assert len(whispers(desk)) == 1


@pytest.mark.parametrize(
    "changes",
    [{"bot_id": "B1"}, {"subtype": "message_changed"}, {"edited": {"user": "U1", "ts": "1.1"}}],
)
async def test_machines_and_edits_are_not_heard(desk: Desk, changes: dict[str, Any]) -> None:
    await heard(desk, mention("<@U0ARGUS> review octo/shop#7", **changes))
    assert desk.ledger.admitted == []
    assert desk.slack.calls == []


async def test_stranger_of_a_shared_channel_is_refused(desk: Desk) -> None:
    await heard(desk, mention("<@U0ARGUS> review octo/shop#7", user_team="T0OTHER"))
    assert desk.ledger.admitted == []
    assert "own workspace only" in whispers(desk)[0]


async def test_stranger_whose_workspace_the_event_leaves_out_is_refused(desk: Desk) -> None:
    stranger = {"id": USER, "team_id": "T0OTHER", "is_stranger": False}
    desk.slack.will("users.info", Answer(body={"ok": True, "user": stranger}))
    await heard(desk, mention("<@U0ARGUS> review octo/shop#7", team=TEAM, source_team=TEAM))
    assert desk.ledger.admitted == []
    assert "own workspace only" in whispers(desk)[0]


def shortcut(text: str, desk: Desk) -> dict[str, Any]:
    """Return the shortcut on a message as Slack sends it."""
    return {
        "type": "message_action",
        "callback_id": "review_pull_request",
        "trigger_id": "13.1.a",
        "response_url": desk.slack.response_url,
        "team": {"id": TEAM},
        "user": {"id": USER, "team_id": TEAM},
        "channel": {"id": CHANNEL},
        "message": {"type": "message", "text": text, "ts": "1.2"},
    }


async def chosen(desk: Desk, payload: dict[str, Any]) -> None:
    response = await desk.send(urlencode({"payload": json.dumps(payload)}).encode())
    assert response.status_code == 200
    await desk.app.drain()


ONE, OTHER = "https://github.com/octo/shop/pull/7", "https://github.com/octo/shop/pull/8"


async def test_shortcut_reviews_the_one_link_of_a_message(desk: Desk) -> None:
    await chosen(desk, shortcut(f"please look: <{ONE}/files|this>, and {ONE}", desk))
    assert len(desk.ledger.admitted) == 1
    assert "Queued" in desk.answers[0]


async def test_shortcut_reads_what_another_app_attached(desk: Desk) -> None:
    message = shortcut("", desk)
    message["message"] |= {"attachments": [{"title": f"<{ONE}|#7 Fix it>", "fallback": "#7"}]}
    await chosen(desk, message)
    assert [ref.number for ref, _ in desk.visibility.looks] == [7]
    assert "Queued" in desk.answers[0]


async def test_shortcut_in_a_thread_is_answered_there(desk: Desk) -> None:
    one, none = shortcut(ONE, desk), shortcut("no link", desk)
    for payload in (one, none):
        payload["message"] |= {"thread_ts": THREAD}
        await chosen(desk, payload)
    assert [answer["thread_ts"] for answer in desk.slack.made("hook")] == [THREAD, THREAD]
    (request,) = desk.ledger.admitted
    assert unsealed(request.origin.reply, SEAL).thread == THREAD


async def test_shortcut_asks_which_of_several_and_reviews_what_is_picked(desk: Desk) -> None:
    await chosen(desk, shortcut(f"<{ONE}> or <{OTHER}>", desk))
    assert desk.ledger.admitted == []
    (opened,) = desk.slack.made("views.open")
    view = opened["view"]
    assert desk.slack.response_url not in json.dumps(view)
    picked = [{"value": "octo/shop#7"}, {"value": "octo/shop#8"}]
    submission = {
        "type": "view_submission",
        "team": {"id": TEAM},
        "user": {"id": USER, "team_id": TEAM},
        "view": {
            **view,
            "id": "V01",
            "state": {"values": {"pulls": {"pulls": {"selected_options": picked}}}},
        },
    }
    for _ in range(2):
        await chosen(desk, submission)
    assert [ref.number for ref, _ in desk.visibility.looks] == [7, 8, 7, 8]
    assert len({request.delivery for request in desk.ledger.admitted}) == 2


async def test_shortcut_on_a_message_without_a_link_says_what_it_looks_for(desk: Desk) -> None:
    await chosen(desk, shortcut("https://evil.example/octo/shop/pull/7 is no pull request", desk))
    assert "names no pull request" in desk.answers[0]
    assert desk.visibility.looks == []


async def test_modal_that_is_not_ours_starts_nothing(desk: Desk) -> None:
    view = {"id": "V1", "type": "modal", "callback_id": "reviews_picked"}
    state = {"values": {"pulls": {"pulls": {"selected_options": [{"value": "octo/shop#7"}]}}}}
    view |= {"private_metadata": "forged"}
    who = {"team": {"id": TEAM}, "user": {"id": USER}}
    await chosen(desk, {"type": "view_submission", **who, "view": {**view, "state": state}})
    assert desk.visibility.looks == []


async def test_question_that_finds_no_room_is_refused_in_words(desk: Desk) -> None:
    desk.ledger.is_full = True
    assert "Your question was not taken." in await said(desk, f"ask {PULL} why twice?")
    assert "Ask again in a few minutes" in desk.answers[-1]


async def test_configuration_tells_how_to_be_spared_what_people_dismiss(desk: Desk) -> None:
    desk.instance.rules = ("static:python-eval", "model:bug")
    await said(desk, "configuration octo/shop")
    shown = json.dumps(desk.slack.made("hook")[-1], ensure_ascii=False)
    assert "People here dismiss again and again what these find" in shown
    assert "reply `/argus ignore rule`" in shown
    assert "categories: [security, performance, quality, tests]" in shown


async def test_configuration_proposes_nothing_where_nobody_dismisses(desk: Desk) -> None:
    await said(desk, "configuration octo/shop")
    assert "dismiss again" not in json.dumps(desk.slack.made("hook")[-1])
