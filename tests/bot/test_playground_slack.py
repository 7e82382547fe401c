"""What the local Slack refuses of a caller and a message, in Slack's own words."""

import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.fakes.slack import FakeSlack

HELLO = {"text": "Hello"}


@pytest.fixture
def api(slack_server: FakeSlack) -> Iterator[httpx.Client]:
    with slack_server.api() as client:
        yield client


@pytest.fixture
def channel(slack_server: FakeSlack) -> str:
    return slack_server.channel("reviews", ["mona", "hubot"])


def call(api: httpx.Client, method: str, **arguments: Any) -> dict[str, Any]:
    answer = api.post(method, json=arguments)
    assert answer.status_code == 200
    return dict(answer.json())


def error(api: httpx.Client, method: str, **arguments: Any) -> str:
    return str(call(api, method, **arguments).get("error", ""))


def person(slack: FakeSlack, name: str) -> str:
    return next(str(p["id"]) for p in slack.snapshot()["people"] if p["name"] == name)


def test_a_message_stands_in_its_channel(
    slack_server: FakeSlack, api: httpx.Client, channel: str
) -> None:
    made = call(api, "chat.postMessage", channel=channel, **HELLO)
    (shown,) = slack_server.messages("reviews")
    assert (shown["ts"], shown["text"], shown["author"]) == (made["ts"], "Hello", "Argus")
    assert made["channel"] == channel


@pytest.mark.parametrize("given", ["reviews", "#reviews"])
def test_a_channel_may_be_named(
    slack_server: FakeSlack, api: httpx.Client, channel: str, given: str
) -> None:
    assert call(api, "chat.postMessage", channel=given, **HELLO)["channel"] == channel


def test_a_person_may_be_written_to(
    slack_server: FakeSlack, api: httpx.Client, channel: str
) -> None:
    mona = person(slack_server, "mona")
    made = call(api, "chat.postMessage", channel=mona, **HELLO)
    assert made["channel"].startswith("D")
    assert call(api, "conversations.info", channel=made["channel"])["channel"]["user"] == mona


@pytest.mark.parametrize(("token", "word"), [("", "not_authed"), ("xoxb-wrong", "invalid_auth")])
def test_strangers_are_refused(slack_server: FakeSlack, token: str, word: str) -> None:
    with slack_server.api(token) as api:
        assert error(api, "auth.test") == word


def test_the_token_may_stand_in_a_form_but_not_in_json(slack_server: FakeSlack) -> None:
    with slack_server.api("") as api:
        given = {"token": slack_server.bot_token}
        assert api.post("auth.test", data=given).json()["user_id"] == slack_server.app["user"]
        assert api.post("auth.test", json=given).json()["error"] == "not_authed"
    assert [row["arguments"] for row in slack_server.calls("auth.test")] == [{}, {}]


def test_a_scope_that_was_not_granted_is_named(
    slack_server: FakeSlack, api: httpx.Client, channel: str
) -> None:
    slack_server.set_scopes("commands", "users:read")
    answer = call(api, "chat.postMessage", channel=channel, **HELLO)
    assert (answer["error"], answer["needed"]) == ("missing_scope", "chat:write")
    assert answer["provided"] == "commands,users:read"


def test_unknown_methods_and_bodies_are_refused(api: httpx.Client) -> None:
    assert error(api, "chat.shout") == "unknown_method"
    for content, kind, word in [
        ("{", "application/json", "invalid_json"),
        ("[1]", "application/json", "json_not_object"),
        ("<a/>", "text/xml", "invalid_post_type"),
        (b"\xff=1", "application/x-www-form-urlencoded", "invalid_form_data"),
    ]:
        answer = api.post("auth.test", content=content, headers={"content-type": kind})
        assert answer.json()["error"] == word


def test_a_form_carries_blocks_as_json(
    slack_server: FakeSlack, api: httpx.Client, channel: str
) -> None:
    blocks = json.dumps([{"type": "divider"}])
    made = api.post("chat.postMessage", data={"channel": channel, "text": "a", "blocks": blocks})
    assert made.json()["message"]["blocks"][0]["type"] == "divider"
    broken = api.post("chat.postMessage", data={"channel": channel, "blocks": "[{"})
    assert broken.json()["error"] == "invalid_blocks_format"


def test_the_bot_writes_only_where_it_was_invited(
    slack_server: FakeSlack, api: httpx.Client
) -> None:
    public = slack_server.channel("lobby", bot=False)
    private = slack_server.channel("board", bot=False, private=True)
    assert error(api, "chat.postMessage", channel=public, **HELLO) == "not_in_channel"
    assert error(api, "chat.postMessage", channel=private, **HELLO) == "channel_not_found"
    slack_server.invite("lobby", "argus")
    slack_server.invite("board", "argus")
    assert error(api, "chat.postMessage", channel=public, **HELLO) == ""
    assert error(api, "chat.postMessage", channel=private, **HELLO) == ""
    slack_server.kick("lobby", "argus")
    assert error(api, "chat.postMessage", channel=public, **HELLO) == "not_in_channel"


def test_the_public_scope_opens_public_channels_alone(
    slack_server: FakeSlack, api: httpx.Client
) -> None:
    slack_server.set_scopes("chat:write", "chat:write.public")
    public = slack_server.channel("lobby", bot=False)
    private = slack_server.channel("board", bot=False, private=True)
    assert error(api, "chat.postMessage", channel=public, **HELLO) == ""
    assert error(api, "chat.postMessage", channel=private, **HELLO) == "channel_not_found"


def test_places_that_take_no_message_say_so(
    slack_server: FakeSlack, api: httpx.Client, channel: str
) -> None:
    assert error(api, "chat.postMessage", **HELLO) == "invalid_arguments"
    assert error(api, "chat.postMessage", channel="C404", **HELLO) == "channel_not_found"
    thread = {"channel": channel, "thread_ts": "1.000001"}
    assert error(api, "chat.postMessage", **thread, **HELLO) == "thread_not_found"
    slack_server.change_channel("reviews", archived=True)
    assert error(api, "chat.postMessage", channel=channel, **HELLO) == "is_archived"


def test_a_message_must_say_something(api: httpx.Client, channel: str) -> None:
    for nothing in ({}, {"text": ""}, {"text": " "}, {"blocks": []}):
        assert error(api, "chat.postMessage", channel=channel, **nothing) == "no_text"


def test_blocks_without_text_are_taken_with_a_warning(
    slack_server: FakeSlack, api: httpx.Client, channel: str
) -> None:
    call(api, "chat.postMessage", channel=channel, blocks=[{"type": "divider"}])
    (shown,) = slack_server.messages("reviews")
    assert shown["warnings"] == ["missing_text_in_message"]


def test_long_text_is_cut_when_posted_and_refused_when_updated(
    slack_server: FakeSlack, api: httpx.Client, channel: str
) -> None:
    made = call(api, "chat.postMessage", channel=channel, text="x" * 40_001)
    assert len(slack_server.messages("reviews")[0]["text"]) == 40_000
    place = {"channel": channel, "ts": made["ts"]}
    assert error(api, "chat.update", **place, text="x" * 4_001) == "msg_too_long"
    assert error(api, "chat.update", **place, text="x" * 4_000) == ""


def test_an_update_shows_that_it_was_edited_and_keeps_blocks_not_given(
    slack_server: FakeSlack, api: httpx.Client, channel: str
) -> None:
    made = call(api, "chat.postMessage", channel=channel, text="a", blocks=[{"type": "divider"}])
    place = {"channel": channel, "ts": made["ts"]}
    call(api, "chat.update", **place, text="b")
    (shown,) = slack_server.messages("reviews")
    assert (shown["text"], len(shown["blocks"]), shown["edits"]) == ("b", 1, 1)
    assert shown["edited"]["user"] == slack_server.app["user"]
    call(api, "chat.update", **place, text="c", blocks=[])
    assert slack_server.messages("reviews")[0]["blocks"] == []


def test_only_own_messages_are_changed(
    slack_server: FakeSlack, api: httpx.Client, channel: str
) -> None:
    said = slack_server.say("mona", "reviews", "mine")
    theirs = {"channel": channel, "ts": said["ts"]}
    assert error(api, "chat.update", **theirs, text="x") == "cant_update_message"
    assert error(api, "chat.delete", **theirs) == "cant_delete_message"
    gone = {"channel": channel, "ts": "1.000001"}
    assert error(api, "chat.update", **gone, text="x") == "message_not_found"
    assert error(api, "chat.delete", **gone) == "message_not_found"


def test_a_deleted_message_is_gone(
    slack_server: FakeSlack, api: httpx.Client, channel: str
) -> None:
    made = call(api, "chat.postMessage", channel=channel, **HELLO)
    call(api, "chat.delete", channel=channel, ts=made["ts"])
    assert slack_server.messages("reviews") == []


def test_an_ephemeral_message_is_for_one_member_and_cannot_be_found_again(
    slack_server: FakeSlack, api: httpx.Client, channel: str
) -> None:
    slack_server.add_person("eve")
    whisper = {"channel": channel, "text": "psst"}
    made = call(api, "chat.postEphemeral", **whisper, user=person(slack_server, "mona"))
    assert [told["text"] for told in slack_server.ephemerals("mona")] == ["psst"]
    assert slack_server.ephemerals("hubot") == slack_server.messages("reviews") == []
    eve = person(slack_server, "eve")
    assert error(api, "chat.postEphemeral", **whisper, user=eve) == "user_not_in_channel"
    place = {"channel": channel, "ts": made["message_ts"]}
    assert error(api, "chat.update", **place, text="x") == "message_not_found"


def test_reply_that_the_channel_is_shown_is_told_apart(api: httpx.Client, channel: str) -> None:
    parent = call(api, "chat.postMessage", channel=channel, **HELLO)["ts"]
    loud = {"channel": channel, "text": "news", "reply_broadcast": True}
    below = call(api, "chat.postMessage", thread_ts=parent, **loud)["message"]
    assert (below["subtype"], below["thread_ts"]) == ("thread_broadcast", parent)
    assert "subtype" not in call(api, "chat.postMessage", **loud)["message"]
    quiet = call(api, "chat.postMessage", channel=channel, text="quiet", thread_ts=parent)
    assert "subtype" not in quiet["message"]


def test_replies_stand_in_the_thread_of_the_parent(api: httpx.Client, channel: str) -> None:
    parent = call(api, "chat.postMessage", channel=channel, text="parent")["ts"]
    reply = call(api, "chat.postMessage", channel=channel, text="1", thread_ts=parent)
    below = call(api, "chat.postMessage", channel=channel, text="2", thread_ts=reply["ts"])
    assert below["message"]["thread_ts"] == parent


def test_whom_a_message_would_notify_is_seen(
    slack_server: FakeSlack, api: httpx.Client, channel: str
) -> None:
    section = {"type": "section", "text": {"type": "mrkdwn", "text": "<!channel> and <@U1|x>"}}
    call(api, "chat.postMessage", channel=channel, text="<!here> &lt;!here&gt;", blocks=[section])
    assert slack_server.messages("reviews")[0]["notifies"] == ["!channel", "!here", "@U1"]


def test_a_channel_takes_one_message_a_second_after_a_burst(
    slack_server: FakeSlack, api: httpx.Client, channel: str
) -> None:
    slack_server.set_knobs(burst=2)
    other = slack_server.channel("other")
    post = {"channel": channel, **HELLO}
    answers = [api.post("chat.postMessage", json=post) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[2].json()["error"] == "ratelimited"
    assert answers[2].headers["retry-after"] == "1"
    assert api.post("chat.postMessage", json={"channel": other, **HELLO}).status_code == 200
    slack_server.advance_clock(1)
    assert api.post("chat.postMessage", json=post).status_code == 200
    assert len(slack_server.messages("reviews")) == 3


def test_edits_are_limited_by_the_minute_in_all_channels_together(
    slack_server: FakeSlack, api: httpx.Client, channel: str
) -> None:
    slack_server.set_knobs(edits_per_minute=3)
    other = slack_server.channel("other")
    places = [
        (c, call(api, "chat.postMessage", channel=c, **HELLO)["ts"]) for c in (channel, other)
    ]
    edits = [{"channel": c, "ts": ts, "text": "later"} for c, ts in places]
    answers = [api.post("chat.update", json=edits[n % 2]) for n in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert 55 <= int(answers[3].headers["retry-after"]) <= 60
    slack_server.advance_clock(60)
    assert api.post("chat.update", json=edits[0]).status_code == 200


def test_people_and_channels_are_shown(slack_server: FakeSlack, api: httpx.Client) -> None:
    slack_server.add_person("eve", team_id="T0EXTERNAL", guest=True)
    eve = call(api, "users.info", user=person(slack_server, "eve"))["user"]
    assert (eve["team_id"], eve["is_stranger"], eve["is_restricted"]) == ("T0EXTERNAL", True, True)
    assert error(api, "users.info", user="U404") == "user_not_found"
    shared = slack_server.channel("shared", external=True)
    shown = call(api, "conversations.info", channel=shared)["channel"]
    assert (shown["is_ext_shared"], shown["is_member"]) == (True, True)
    hidden = slack_server.channel("board", bot=False, private=True)
    assert error(api, "conversations.info", channel=hidden) == "channel_not_found"


def test_channels_are_listed_in_pages_and_only_those_the_bot_may_see(
    slack_server: FakeSlack, api: httpx.Client
) -> None:
    for name in ("a", "b", "c"):
        slack_server.channel(name)
    slack_server.channel("seen", private=True)
    slack_server.channel("hidden", private=True, bot=False)
    types = "public_channel,private_channel"
    first = api.get("conversations.list", params={"types": types, "limit": 3}).json()
    cursor = first["response_metadata"]["next_cursor"]
    second = api.get("conversations.list", params={"types": types, "cursor": cursor}).json()
    names = [row["name"] for page in (first, second) for row in page["channels"]]
    assert names == ["a", "b", "c", "seen"]
    assert second["response_metadata"]["next_cursor"] == ""
    assert error(api, "conversations.list", types="secret") == "invalid_types"
    assert error(api, "conversations.list", cursor="x") == "invalid_cursor"


def test_the_control_answers_this_machine_and_json_alone(slack_server: FakeSlack) -> None:
    with httpx.Client(base_url=slack_server.url, trust_env=False) as web:
        foreign = web.get("/_control/snapshot", headers={"host": "evil.example"})
        form = web.post("/_control/clock", data={"advance": "1"})
    assert (foreign.status_code, form.status_code) == (403, 415)


def test_nothing_that_is_shown_or_recorded_holds_a_credential(
    slack_server: FakeSlack, api: httpx.Client, channel: str
) -> None:
    call(api, "chat.postMessage", channel=channel, token=slack_server.bot_token, **HELLO)
    shown = json.dumps([slack_server.snapshot(), slack_server.calls(), slack_server.sent()])
    assert slack_server.bot_token not in shown
    assert slack_server.signing_secret not in shown


def test_it_serves_as_a_process_of_its_own() -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "bot.playground.slack", "--port", "0"], stdout=subprocess.PIPE
    )
    try:
        assert process.stdout is not None
        ready = json.loads(process.stdout.readline())
        answer = httpx.post(f"{ready['url']}/api/auth.test", trust_env=False)
        assert answer.json() == {"ok": False, "error": "not_authed"}
        assert ready["pid"] == process.pid
    finally:
        process.terminate()
        process.communicate(timeout=10)
    assert process.returncode in {0, -15}
