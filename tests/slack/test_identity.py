"""`connect` and `disconnect`: what people are told, and that failures stay theirs alone."""

import json
from dataclasses import dataclass, field

import pytest

from core.errors import TransientError, UserError
from slack.blocks import Message
from slack.errors import SlackRefused
from slack.identity import Account, Forgotten, Identities, tell_connected
from slack.replies import Reply

URL = "https://argus.test/auth/github/start?ticket=abc"
REPLY = Reply(channel="C1", user="U1", response_url="https://hooks.slack.com/commands/T1/1/x")


@dataclass
class Accounts:
    account: Account | None = None
    forgotten: Forgotten | None = None

    async def account_of(self, _person: str) -> Account | None:
        return self.account

    async def forget(self, _person: str) -> Forgotten | None:
        return self.forgotten


@dataclass
class SignIn:
    invited: list[tuple[str, Reply]] = field(default_factory=list)

    async def invite(self, team: str, reply: Reply) -> str:
        self.invited.append((team, reply))
        return URL


@dataclass
class Speaker:
    """Answers and posts, or fails as it was told to."""

    respond_error: Exception | None = None
    post_error: Exception | None = None
    said: list[tuple[str, Message]] = field(default_factory=list)

    async def respond(self, url: str, message: Message, *, thread: str = "") -> None:
        if self.respond_error is not None:
            raise self.respond_error
        self.said.append((url, message))

    async def post(self, channel: str, message: Message) -> str:
        if self.post_error is not None:
            raise self.post_error
        self.said.append((channel, message))
        return "D1:1.0"


def words(message: Message) -> str:
    return message.text + json.dumps(message.blocks, ensure_ascii=False)


async def test_an_invitation_leads_to_the_browser_and_names_nobody_else() -> None:
    sign_in = SignIn()
    message = await Identities(Accounts(), sign_in).connect("T1", REPLY)
    buttons = [e for b in message.blocks for e in b.get("elements", []) if e["type"] == "button"]
    assert [button["url"] for button in buttons] == [URL]
    assert sign_in.invited == [("T1", REPLY)]
    assert URL in message.plain.text
    assert "10 minutes" in message.text


@pytest.mark.parametrize(
    ("account", "title", "rest"),
    [
        (None, "Link your GitHub account.", "the private repositories that GitHub shows you"),
        (
            Account("mona"),
            "Your GitHub account is linked: you are `@mona`.",
            "Sign in again to link another account",
        ),
        (
            Account("mona", entered=True),
            "Argus knows you as `@mona`.",
            "Whoever runs Argus entered that",
        ),
    ],
)
async def test_whoever_is_known_already_is_told_as_whom_and_how(
    account: Account | None, title: str, rest: str
) -> None:
    message = await Identities(Accounts(account=account), SignIn()).connect("T1", REPLY)
    assert f"*{title}*\n" in message.blocks[0]["text"]["text"]
    assert message.text.startswith(f"{title} ")
    assert rest in message.text


async def test_without_a_client_id_an_operator_is_asked_for() -> None:
    with pytest.raises(UserError, match="GITHUB_CLIENT_ID") as told:
        await Identities(Accounts(), None).connect("T1", REPLY)
    assert told.value.next_step


@pytest.mark.parametrize(
    ("accounts", "expected"),
    [
        (Accounts(forgotten=Forgotten("mona", revoked=True)), "worth nothing any more"),
        (Accounts(forgotten=Forgotten("mona", revoked=False)), "revoke Argus in your settings"),
        (Accounts(account=Account("mona", entered=True)), "Whoever runs Argus entered"),
        (Accounts(), "/argus connect"),
    ],
)
async def test_disconnecting_says_what_is_left_to_do(accounts: Accounts, expected: str) -> None:
    assert expected in words(await Identities(accounts, SignIn()).disconnect("U1"))


async def test_a_hostile_login_formats_nothing() -> None:
    accounts = Accounts(account=Account("<!channel>`*x*"))
    said = words(await Identities(accounts, SignIn()).connect("T1", REPLY))
    assert "<!channel>" not in said


async def test_a_person_is_told_where_they_asked() -> None:
    speaker = Speaker()
    await tell_connected(speaker, REPLY, "mona")
    assert [place for place, _ in speaker.said] == [REPLY.response_url]
    assert "@mona" in speaker.said[0][1].text


@pytest.mark.parametrize(
    ("reply", "error"),
    [(REPLY, SlackRefused("used_url")), (REPLY.model_copy(update={"response_url": ""}), None)],
)
async def test_where_that_is_spent_they_get_a_direct_message(
    reply: Reply, error: Exception | None
) -> None:
    speaker = Speaker(respond_error=error)
    await tell_connected(speaker, reply, "mona")
    assert [place for place, _ in speaker.said] == ["U1"]


@pytest.mark.parametrize("error", [TransientError("away"), SlackRefused("user_disabled")])
async def test_a_slack_that_is_away_undoes_no_link(error: Exception) -> None:
    speaker = Speaker(respond_error=error, post_error=error)
    await tell_connected(speaker, REPLY, "mona")
    assert speaker.said == []
