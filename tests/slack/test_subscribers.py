"""A subscription to a private repository goes with the sight of whoever subscribed it."""

from collections.abc import AsyncIterator

import pytest

from core.errors import TransientError, UserError
from core.models import Stage, Subscription
from slack.replies import Reply
from slack.subscribers import BELIEVED
from tests.slack.samples import a_finding, a_reply
from tests.slack.test_subscriptions import Channel, done
from tests.slack.wire import CHANNEL, USER, Answer, RecordingSlack

LESS = "This channel follows one repository less."
OURS = Answer(body={"ok": True, "channel": {"id": CHANNEL}})


def subscribed(who: str = USER, at: float = 1.0) -> tuple[Subscription, ...]:
    made = Subscription(channel=CHANNEL, repository="octo/shop", repo_id=7, who=who, at=at)
    return (made,)


def private(**changes: object) -> Reply:
    return a_reply(user="", response_url="", private=True, subscriber=USER, **changes)


@pytest.fixture
async def channel(slack_api: RecordingSlack) -> AsyncIterator[Channel]:
    """A channel of the own workspace that follows a private repository."""
    slack_api.will("conversations.info", *[OURS] * 9)
    made = Channel(slack_api)
    made.follows.kept = subscribed()
    yield made
    await made.client.close()


def posted(channel: Channel) -> list[str]:
    return [str(each["text"]) for each in channel.slack.made("chat.postMessage")]


async def test_subscriber_who_sees_it_is_asked_about_once_in_a_while(channel: Channel) -> None:
    await channel.show(private(), **done(a_finding()))
    await channel.show(private(), stage=Stage.RUNNING)
    assert channel.eyes.looks == [("octo/shop", USER)]
    channel.now = BELIEVED
    await channel.show(private(), **done(a_finding()))
    assert len(channel.eyes.looks) == 2
    assert len(channel.cards) == 1


async def test_public_repository_needs_nobody_to_see_it(channel: Channel) -> None:
    channel.eyes.unseen = {USER}
    await channel.show(a_reply(subscriber=USER), **done(a_finding()))
    assert channel.eyes.looks == []
    assert len(channel.cards) == 1


async def test_subscription_ends_with_its_subscribers_sight_and_the_channel_is_told_once(
    channel: Channel,
) -> None:
    channel.eyes.unseen = {USER}
    await channel.show(private(), **done(a_finding()))
    await channel.show(private(), stage=Stage.RUNNING)
    await channel.show(private(), **done(a_finding()))

    (told,) = posted(channel)
    assert LESS in told
    assert "`/argus subscribe` it again" in told
    assert "octo" not in str(channel.slack.made("chat.postMessage"))
    assert channel.follows.kept == ()


async def test_card_that_stands_says_nothing_new_after_that(channel: Channel) -> None:
    await channel.show(private(), stage=Stage.RUNNING)
    card = channel.receipt
    channel.eyes.unseen, channel.now = {USER}, BELIEVED
    await channel.show(private(), **done(a_finding()))

    assert channel.edits == []
    assert [LESS in each for each in posted(channel)] == [False, True]
    assert channel.receipt == card


async def test_another_row_of_the_channel_does_not_tell_it_again(channel: Channel) -> None:
    channel.eyes.unseen = {USER}
    await channel.show(private(), **done(a_finding()))
    channel.receipt = ""
    await channel.show(private(), **done(a_finding()))
    assert len(posted(channel)) == 1


async def test_whoever_subscribes_it_again_is_the_one_that_counts(channel: Channel) -> None:
    channel.eyes.unseen = {USER}
    await channel.show(private(), **done(a_finding()))
    channel.follows.kept = subscribed("U0COLLEAGUE", at=2.0)
    await channel.show(private(), **done(a_finding()))
    assert len(channel.cards) == 2
    assert channel.eyes.looks[-1] == ("octo/shop", "U0COLLEAGUE")


async def test_subscriber_who_sees_it_again_and_subscribes_again_is_asked_anew(
    channel: Channel,
) -> None:
    channel.eyes.unseen = {USER}
    await channel.show(private(), **done(a_finding()))
    channel.eyes.unseen = set()
    channel.follows.kept = subscribed(at=2.0)
    await channel.show(private(), **done(a_finding()))
    assert len(channel.cards) == 2


async def test_channel_that_the_repository_names_has_nobody_to_ask_about(
    channel: Channel,
) -> None:
    channel.follows.kept = ()
    await channel.show(private().model_copy(update={"subscriber": ""}), **done(a_finding()))
    assert channel.eyes.looks == []
    assert len(channel.cards) == 1


async def test_app_that_was_removed_ends_no_subscription(channel: Channel) -> None:
    channel.eyes.error = UserError("Argus cannot post on octo/shop.")
    await channel.show(private(), **done(a_finding()))
    assert len(channel.follows.kept) == len(channel.cards) == 1


async def test_nothing_is_said_while_nobody_can_tell(channel: Channel) -> None:
    channel.eyes.error = TransientError("GitHub is away")
    with pytest.raises(TransientError):
        await channel.show(private(), **done(a_finding()))
    assert posted(channel) == []
    assert len(channel.follows.kept) == 1

    channel.eyes.error = None
    await channel.show(private(), **done(a_finding()))
    assert len(channel.cards) == 1


async def test_end_that_slack_did_not_take_is_told_later(channel: Channel) -> None:
    channel.eyes.unseen = {USER}
    slow = Answer(429, {"ok": False, "error": "ratelimited"}, {"retry-after": "2"})
    channel.slack.will("chat.postMessage", slow)
    with pytest.raises(TransientError):
        await channel.show(private(), **done(a_finding()))
    assert channel.follows.kept == ()
    await channel.show(private(), **done(a_finding()))
    assert [LESS in each for each in posted(channel)] == [True, True]


async def test_end_is_not_told_where_the_bot_was_removed(channel: Channel) -> None:
    channel.eyes.unseen = {USER}
    refused = Answer(body={"ok": False, "error": "not_in_channel"})
    channel.slack.will("chat.postMessage", refused)
    await channel.show(private(), **done(a_finding()))
    await channel.show(private(), **done(a_finding()))
    assert len(posted(channel)) == 1
    assert channel.follows.kept == ()
