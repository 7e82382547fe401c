"""A team that works with Argus in Slack, for stories: its channels, its people, what they type.

What a story is about, and what it expects, stands in the story.
"""

import asyncio
import json
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

import pytest

from tests.fakes.argus import Argus
from tests.fakes.github import FakeGitHub
from tests.fakes.slack import FakeSlack

Json = dict[str, Any]
T = TypeVar("T")

SECONDS = 90.0
"""For what takes a few when nothing else runs: a story waits for what it tells, not for time."""
POLL = 0.05
OK = 200


@dataclass(frozen=True)
class Team:
    """A workspace whose bot is a running Argus."""

    hub: FakeGitHub
    slack: FakeSlack
    argus: Argus

    async def types(
        self, text: str, *, user: str = "mona", channel: str = "reviews", **how: Any
    ) -> Json:
        """Type a command, and return how it was acknowledged."""
        sent = await asyncio.to_thread(self.slack.slash, user, channel, text, **how)
        assert (sent["status"], sent["error"]) == (OK, "")
        return sent

    async def told(
        self, text: str, answer: str, *, user: str = "mona", channel: str = "reviews"
    ) -> Json:
        """Type a command, and return the first answer after it that holds these words."""
        before = self.heard(user, channel)
        await self.types(text, user=user, channel=channel)
        return await self.hears(answer, user=user, channel=channel, before=before)

    def heard(self, user: str, channel: str) -> set[str]:
        """Return which answers somebody has in a channel."""
        return {str(message["ts"]) for message in self.slack.ephemerals(user, channel)}

    async def hears(
        self,
        words: str,
        *,
        user: str = "mona",
        channel: str = "reviews",
        before: Collection[str] = (),
    ) -> Json:
        """Return the first answer to somebody that holds these words; not one of `before`."""

        def fresh() -> list[Json]:
            shown = self.slack.ephemerals(user, channel)
            return [message for message in shown if message["ts"] not in before]

        answers = await until(fresh, lambda all_: any(words in said(each) for each in all_))
        return next(each for each in answers if words in said(each))

    async def shown(self, channel: str, holds: Callable[[list[Json]], object]) -> list[Json]:
        """Return the messages of a channel once something holds of them."""
        return await until(lambda: self.slack.messages(channel), holds)

    def mention(self, text: str, channel: str, thread: str = "", user: str = "mona") -> None:
        """Write to Argus by its name."""
        self.slack.say(user, channel, f"<@{self.slack.app['user']}> {text}", thread)


def cards(messages: list[Json], about: str) -> list[Json]:
    """Return what Argus shows of something in a channel, and in no thread of it."""
    own = [each for each in messages if each["via"] != "person" and not each.get("thread_ts")]
    return [each for each in own if about in said(each)]


def below(messages: list[Json], card: Mapping[str, Any]) -> list[Json]:
    """Return what was said in the thread of a card."""
    return [
        each
        for each in messages
        if each.get("thread_ts") == card["ts"] and each["ts"] != card["ts"]
    ]


def said(message: Mapping[str, Any]) -> str:
    """Return all of a message, with its addresses and everything that can be pressed."""
    return json.dumps(message, ensure_ascii=False)


async def until(look: Callable[[], T], holds: Callable[[T], object]) -> T:
    """Return the first look of which something holds. Raises TimeoutError with the last one."""
    end = time.monotonic() + SECONDS
    while True:
        shown = await asyncio.to_thread(look)
        if holds(shown):
            return shown
        if time.monotonic() > end:
            raise TimeoutError(f"not within {SECONDS} s; there is {shown}")
        await asyncio.sleep(POLL)


@contextmanager
def at_work(
    hub: FakeGitHub,
    redis_url: str,
    folders: pytest.TempPathFactory,
    *,
    people: Mapping[str, str] | None = None,
    app_token: str = "",
    **environment: str,
) -> Iterator[Team]:
    """Run web and worker with both front ends. `people` are entered as whoever they are on GitHub.

    With an app token Slack is given no address, so that all comes through a socket.
    """
    slack = FakeSlack.start()
    try:
        ids = {name: slack.add_person(name, real_name=name.title())["id"] for name in people or ()}
        for login in (people or {}).values():
            hub.add_person(login)
        slack.channel("reviews", ("mona", *(people or ())))
        entered = folders.mktemp("identities") / "people.txt"
        entered.write_text("".join(f"{ids[n]} {login}\n" for n, login in (people or {}).items()))
        wanted = {
            "SLACK_BOT_TOKEN": slack.bot_token,
            "SLACK_SIGNING_SECRET": slack.signing_secret,
            "SLACK_API_URL": slack.api_url,
            **({"SLACK_IDENTITY_FILE": str(entered)} if people else {}),
            **({"SLACK_APP_TOKEN": app_token} if app_token else {}),
            **environment,
        }
        if app_token:
            slack.register_app(slack.bot_token, slack.signing_secret, app_token=app_token)
        with Argus(hub, redis_url, folders.mktemp("logs"), **wanted) as argus:
            if not app_token:
                slack.set_request_url(f"{argus.url}/slack/events")
            yield Team(hub, slack, argus)
    finally:
        slack.stop()
