"""What the local Slack sends to the app, and what it makes of the answers."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest

from slack.signature import Signature
from tests.fakes.slack import NO_TLS, FakeSlack

Json = dict[str, Any]
BUTTON = {"type": "button", "text": {"type": "plain_text", "text": "Go"}, "action_id": "go"}
ASKED = [{"type": "actions", "elements": [{**BUTTON, "value": "7"}]}]


@dataclass
class Heard:
    """One request that the app received."""

    headers: dict[str, str]
    body: bytes

    @property
    def form(self) -> dict[str, str]:
        return {name: values[0] for name, values in parse_qs(self.body.decode()).items()}

    @property
    def proof(self) -> list[tuple[bytes, bytes]]:
        return [(name.encode(), value.encode()) for name, value in self.headers.items()]


@dataclass
class Bot:
    """An app that answers as it is told, 200 and nothing unless told otherwise."""

    answers: list[tuple[int, str, str]] = field(default_factory=list)
    """Status, media type and body, in order."""
    headers: dict[str, str] = field(default_factory=dict)
    delay: float = 0.0
    takes_challenges: bool = False
    heard: list[Heard] = field(default_factory=list)
    url: str = ""


@pytest.fixture
def bot(slack_server: FakeSlack) -> Iterator[Bot]:
    told = Bot()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            told.heard.append(Heard(headers, body))
            time.sleep(told.delay)
            status, media, text = told.answers.pop(0) if told.answers else (200, "", "")
            if told.takes_challenges:
                text = str(json.loads(body)["challenge"])
            try:
                self.send_response(status)
                for name, value in {**told.headers, "content-type": media}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(text.encode())
            except BrokenPipeError:
                pass  # Slack did not wait

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    told.url = f"http://127.0.0.1:{server.server_port}/slack/events"
    slack_server.set_request_url(told.url)
    slack_server.channel("reviews", ["mona"])
    yield told
    server.shutdown()
    server.server_close()
    thread.join()


def respond(bot: Bot, *, request: int = -1, **message: Any) -> httpx.Response:
    form = bot.heard[request].form
    url = form.get("response_url") or json.loads(form["payload"])["response_url"]
    return httpx.post(url, json=message, trust_env=False, verify=NO_TLS)


def eventually(look: Callable[[], Any]) -> Any:
    deadline = time.monotonic() + 5
    while not (seen := look()):
        if time.monotonic() > deadline:
            raise TimeoutError("it did not happen within five seconds")
        time.sleep(0.01)
    return seen


def test_a_command_arrives_as_slack_sends_it(slack_server: FakeSlack, bot: Bot) -> None:
    sent = slack_server.slash("mona", "reviews", "review octo/shop#7 & <more>")
    (heard,) = bot.heard
    assert heard.headers["content-type"] == "application/x-www-form-urlencoded"
    form = heard.form
    assert form["text"] == "review octo/shop#7 & <more>"
    assert (form["command"], form["user_name"], form["channel_name"]) == (
        "/argus", "mona", "reviews"
    )  # fmt: skip
    assert form["trigger_id"] == sent["id"]
    assert form["response_url"].startswith(f"{slack_server.url}/commands/T0000000001/")
    assert {"token", "team_id", "team_domain", "channel_id", "user_id", "api_app_id"} <= set(form)
    assert (sent["status"], sent["error"]) == (200, "")


def test_commands_are_signed_and_can_be_signed_wrongly(slack_server: FakeSlack, bot: Bot) -> None:
    signature = Signature(slack_server.signing_secret)
    slack_server.slash("mona", "reviews", "help")
    slack_server.slash("mona", "reviews", "help", skew=-400)
    slack_server.slash("mona", "reviews", "help", skew=400)
    slack_server.slash("mona", "reviews", "help", secret="another")
    assert [signature.proves(heard.proof, heard.body) for heard in bot.heard] == [
        True, False, False, False
    ]  # fmt: skip


def test_a_command_sent_again_is_the_same_command(slack_server: FakeSlack, bot: Bot) -> None:
    sent = slack_server.slash("mona", "reviews", "help")
    slack_server.resend(sent["id"])
    first, second = bot.heard
    assert first.body == second.body
    assert "x-slack-retry-num" not in second.headers


def test_a_command_can_come_from_elsewhere(slack_server: FakeSlack, bot: Bot) -> None:
    slack_server.add_person("eve", team_id="T0EXTERNAL")
    slack_server.channel("shared", ["eve"], external=True, private=True)
    slack_server.slash("eve", "shared", "help")
    slack_server.slash("mona", "reviews", "help", changes={"team_id": "T0WRONG"})
    teams = [heard.form["team_id"] for heard in bot.heard]
    assert teams == ["T0EXTERNAL", "T0WRONG"]
    assert bot.heard[0].form["channel_name"] == "privategroup"


def test_people_type_only_in_their_channels(slack_server: FakeSlack, bot: Bot) -> None:
    slack_server.add_person("eve")
    with pytest.raises(httpx.HTTPStatusError, match="members"):
        slack_server.slash("eve", "reviews", "help")


def test_whoever_asks_is_told_that_the_app_did_not_answer(
    slack_server: FakeSlack, bot: Bot
) -> None:
    slack_server.set_knobs(deadline=0.05)
    bot.delay = 0.2
    late = slack_server.slash("mona", "reviews", "help")
    assert (late["status"], late["error"]) == (0, "operation_timeout")
    assert late["seconds"] >= 0.05
    bot.delay, bot.answers = 0.0, [(500, "text/html", "oops")]
    assert slack_server.slash("mona", "reviews", "help")["error"] == "dispatch_failed"
    told = [message["text"] for message in slack_server.ephemerals("mona")]
    assert ["operation_timeout" in told[0], "dispatch_failed" in told[1]] == [True, True]
    assert slack_server.messages("reviews") == []


def test_the_time_to_acknowledge_is_recorded(slack_server: FakeSlack, bot: Bot) -> None:
    bot.delay = 0.1
    assert 0.1 <= slack_server.slash("mona", "reviews", "help")["seconds"] < 3


def test_one_need_not_wait_for_the_acknowledgement(slack_server: FakeSlack, bot: Bot) -> None:
    bot.delay = 0.2
    assert slack_server.slash("mona", "reviews", "help", wait=False)["done"] is False
    assert eventually(lambda: slack_server.sent("command")[0]["done"])


def test_an_acknowledgement_may_carry_a_message(slack_server: FakeSlack, bot: Bot) -> None:
    public = json.dumps({"response_type": "in_channel", "text": "for all"})
    bot.answers = [(200, "text/plain", "for you"), (200, "application/json", public)]
    slack_server.slash("mona", "reviews", "a")
    slack_server.slash("mona", "reviews", "b")
    assert [told["text"] for told in slack_server.ephemerals("mona")] == ["for you"]
    assert [said["text"] for said in slack_server.messages("reviews")] == ["for all"]


@pytest.mark.parametrize(
    ("text", "word"),
    [("{", "invalid_json"), ("[]", "json_not_object"), ('{"blocks": [{}]}', "invalid_blocks")],
)
def test_an_acknowledgement_that_is_no_message_is_a_failure(
    slack_server: FakeSlack, bot: Bot, text: str, word: str
) -> None:
    bot.answers = [(200, "application/json", text)]
    assert slack_server.slash("mona", "reviews", "help")["error"] == word
    (told,) = slack_server.ephemerals("mona")
    assert told["text"] == f"/argus failed with the error “{word}”"


def test_a_workspace_may_belong_to_an_organization(slack_server: FakeSlack, bot: Bot) -> None:
    slack_server.slash("mona", "reviews", "help")
    slack_server.register_app(
        slack_server.bot_token, slack_server.signing_secret, enterprise_id="E0000000001"
    )
    slack_server.slash("mona", "reviews", "help")
    assert [heard.form.get("enterprise_id") for heard in bot.heard] == [None, "E0000000001"]
    with slack_server.api() as api:
        assert api.post("auth.test").json()["enterprise_id"] == "E0000000001"


def test_a_response_url_takes_five_messages(slack_server: FakeSlack, bot: Bot) -> None:
    slack_server.slash("mona", "reviews", "help")
    answers = [respond(bot, text=f"{number}") for number in range(6)]
    assert [answer.status_code for answer in answers] == [200] * 5 + [404]
    assert (answers[0].text, answers[5].json()["error"]) == ("ok", "used_url")
    assert len(slack_server.ephemerals("mona")) == 5
    assert [row["error"] for row in slack_server.calls("response_url")][-1] == "used_url"


def test_a_response_url_lives_thirty_minutes(slack_server: FakeSlack, bot: Bot) -> None:
    slack_server.slash("mona", "reviews", "help")
    slack_server.advance_clock(1790)
    assert respond(bot, text="in time").status_code == 200
    slack_server.advance_clock(11)
    late = respond(bot, text="late")
    assert (late.status_code, late.json()["error"]) == (404, "expired_url")


def test_a_response_url_works_where_the_bot_is_no_member(slack_server: FakeSlack, bot: Bot) -> None:
    slack_server.kick("reviews", "argus")
    slack_server.slash("mona", "reviews", "help")
    assert respond(bot, text="all", response_type="in_channel").status_code == 200
    assert [said["text"] for said in slack_server.messages("reviews")] == ["all"]


def test_a_response_is_as_strictly_read_as_a_message(slack_server: FakeSlack, bot: Bot) -> None:
    slack_server.slash("mona", "reviews", "help")
    words = [
        respond(bot, **message).json()["error"]
        for message in ({}, {"text": "x", "blocks": [{"type": "x"}]}, {"response_type": "loud"})
    ]
    assert words == ["no_text", "invalid_blocks", "invalid_response_type"]


def test_a_response_url_cannot_be_guessed(slack_server: FakeSlack) -> None:
    guess = f"{slack_server.url}/commands/T0000000001/1/guess"
    assert httpx.post(guess, json={}, trust_env=False, verify=NO_TLS).status_code == 404


def test_a_button_is_pressed_and_its_message_replaced_then_deleted(
    slack_server: FakeSlack, bot: Bot
) -> None:
    with slack_server.api() as api:
        message = {"channel": "reviews", "text": "Go?", "blocks": ASKED}
        made = api.post("chat.postMessage", json=message).json()
    sent = slack_server.press("mona", "reviews", made["ts"], "go")
    payload = json.loads(bot.heard[0].form["payload"])
    action = payload["actions"][0]
    assert (payload["type"], action["action_id"], action["value"]) == ("block_actions", "go", "7")
    assert payload["message"]["ts"] == payload["container"]["message_ts"] == made["ts"]
    assert (payload["trigger_id"], payload["user"]["username"]) == (sent["id"], "mona")
    respond(bot, text="Gone", blocks=[], replace_original=True)
    (shown,) = slack_server.messages("reviews")
    assert (shown["text"], shown["ts"], shown["edits"]) == ("Gone", made["ts"], 1)
    respond(bot, delete_original=True)
    assert slack_server.messages("reviews") == []


def test_a_button_under_an_ephemeral_message_tells_no_message(
    slack_server: FakeSlack, bot: Bot
) -> None:
    slack_server.slash("mona", "reviews", "help")
    respond(bot, text="Go?", blocks=ASKED)
    (told,) = slack_server.ephemerals("mona")
    slack_server.press("mona", "reviews", told["ts"], "go")
    payload = json.loads(bot.heard[1].form["payload"])
    assert payload["container"]["is_ephemeral"] is True
    assert "message" not in payload
    respond(bot, text="Done", blocks=[], replace_original=True)
    assert [told["text"] for told in slack_server.ephemerals("mona")] == ["Done"]


def test_there_is_no_button_to_press_where_none_is(slack_server: FakeSlack, bot: Bot) -> None:
    said = slack_server.say("mona", "reviews", "no buttons")
    with pytest.raises(httpx.HTTPStatusError, match="no button"):
        slack_server.press("mona", "reviews", said["ts"], "go")


VIEW = {
    "type": "modal",
    "callback_id": "picked",
    "title": {"type": "plain_text", "text": "Review"},
    "private_metadata": "sealed",
    "blocks": [{"type": "section", "text": {"type": "plain_text", "text": "Which?"}}],
}


def opened(slack: FakeSlack) -> str:
    """Open a modal as the app does, and return its id."""
    trigger = slack.slash("mona", "reviews", "help")["id"]
    with slack.api() as api:
        answer = api.post("views.open", json={"trigger_id": trigger, "view": VIEW}).json()
    return str(answer["view"]["id"])


def test_a_modal_closes_once_the_app_takes_what_was_picked(
    slack_server: FakeSlack, bot: Bot
) -> None:
    view = opened(slack_server)
    (shown,) = slack_server.views()
    assert (shown["id"], "private_metadata" in shown) == (view, False)
    bot.answers = [(200, "application/json", '{"response_action": "errors", "errors": {}}')]
    slack_server.submit(view, {"pulls": {}})
    assert [each["id"] for each in slack_server.views()] == [view]
    slack_server.submit(view, {"pulls": {}})
    sent = json.loads(bot.heard[-1].form["payload"])
    assert (sent["type"], sent["view"]["private_metadata"]) == ("view_submission", "sealed")
    assert slack_server.views() == []


def test_a_modal_that_is_closed_tells_the_app_nothing(slack_server: FakeSlack, bot: Bot) -> None:
    view = opened(slack_server)
    heard = len(bot.heard)
    slack_server.close_view(view)
    assert (slack_server.views(), len(bot.heard)) == ([], heard)
    with pytest.raises(httpx.HTTPStatusError):
        slack_server.submit(view, {})


def test_a_mention_is_an_event_repeated_until_it_is_acknowledged(
    slack_server: FakeSlack, bot: Bot
) -> None:
    slack_server.set_knobs(event_retries=[0, 0.01, 0.02])
    bot.answers = [(500, "", ""), (503, "", "")]
    slack_server.say("mona", "reviews", f"<@{slack_server.app['user']}> help")
    eventually(lambda: [row for row in slack_server.sent("event") if row["status"] == 200])
    events = [json.loads(heard.body) for heard in bot.heard]
    assert {event["event_id"] for event in events} == {events[0]["event_id"]}
    assert events[0]["event"]["type"] == "app_mention"
    retries = [heard.headers.get("x-slack-retry-num") for heard in bot.heard]
    assert retries == [None, "1", "2"]
    assert bot.heard[1].headers["x-slack-retry-reason"] == "http_error"


def test_a_late_event_is_repeated_three_times_and_no_more(
    slack_server: FakeSlack, bot: Bot
) -> None:
    slack_server.set_knobs(event_retries=[0, 0, 0], deadline=0.03)
    bot.delay = 0.1
    slack_server.send_event({"type": "app_mention", "user": "U1", "text": "x"})
    eventually(lambda: [row for row in slack_server.sent() if row["attempt"] == 3 and row["done"]])
    assert [row["reason"] for row in slack_server.sent()] == ["", *["http_timeout"] * 3]


def test_an_app_can_ask_for_no_repetition(slack_server: FakeSlack, bot: Bot) -> None:
    slack_server.set_knobs(event_retries=[0])
    bot.headers, bot.answers = {"x-slack-no-retry": "1"}, [(500, "", "")]
    slack_server.send_event({"type": "app_mention", "user": "U1"})
    eventually(lambda: slack_server.sent("event")[0]["done"])
    time.sleep(0.1)
    assert len(bot.heard) == 1


def test_a_message_that_mentions_nobody_is_no_event(slack_server: FakeSlack, bot: Bot) -> None:
    slack_server.say("mona", "reviews", "hello")
    assert slack_server.sent("event") == []


def test_the_request_url_is_verified_by_its_challenge(slack_server: FakeSlack, bot: Bot) -> None:
    assert slack_server.verify_request_url() is False
    bot.takes_challenges = True
    assert slack_server.verify_request_url() is True
    asked = json.loads(bot.heard[0].body)
    assert (asked["type"], bool(asked["challenge"])) == ("url_verification", True)


def test_faults_strike_before_or_after_the_commit(slack_server: FakeSlack, bot: Bot) -> None:
    message = {"channel": "reviews", "text": "Hello"}
    method = "chat.postMessage"
    with slack_server.api() as api:
        slack_server.fault(method, "internal_error")
        assert api.post(method, json=message).json()["error"] == "internal_error"
        slack_server.fault(method, status=503, body="<html>", commit=True)
        assert api.post(method, json=message).status_code == 503
        slack_server.refuse_as_too_fast(method, retry_after=7)
        assert api.post(method, json=message).headers["retry-after"] == "7"
        for commit in (False, True):
            slack_server.fault(method, drop=True, commit=commit)
            with pytest.raises(httpx.RemoteProtocolError):
                api.post(method, json=message)
        slack_server.fault(method, delay=0.1)
        started = time.monotonic()
        assert api.post(method, json=message).json()["ok"] is True
    assert time.monotonic() - started >= 0.1
    assert len(slack_server.messages("reviews")) == 3
    assert [row["status"] for row in slack_server.calls(method)] == [200, 503, 429, 0, 0, 200]


def test_response_urls_have_faults_too(slack_server: FakeSlack, bot: Bot) -> None:
    slack_server.slash("mona", "reviews", "help")
    slack_server.fault("response_url", status=500)
    assert respond(bot, text="a").status_code == 500
    assert respond(bot, text="b").status_code == 200
    assert [told["text"] for told in slack_server.ephemerals("mona")] == ["b"]
