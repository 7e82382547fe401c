"""Which channels the bot can see, by name: asked page by page, within bounds."""

import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

import pytest

from core.errors import TransientError
from slack.client import MOST_PAGES, SlackClient
from slack.errors import SlackRefused
from tests.fakes.slack import FakeSlack
from tests.slack.wire import Answer, served


@dataclass
class Pages:
    """A Slack that gives one channel a page, for ever; `instead` answers a cursor otherwise."""

    last: int = 3
    instead: Mapping[int, Answer] = field(default_factory=dict)
    asked: list[dict[str, str]] = field(default_factory=list)
    url: str = ""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        query = parse_qs(scope["query_string"].decode())
        self.asked.append({name: values[0] for name, values in query.items()})
        number = int(self.asked[-1].get("cursor", "1"))
        answer = self.instead.get(number) or self._page(number)
        pairs = {"content-type": "application/json", **answer.headers}.items()
        headers = [(key.encode(), value.encode()) for key, value in pairs]
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        content = json.dumps(answer.body).encode()
        await send({"type": "http.response.body", "body": content})

    def _page(self, number: int) -> Answer:
        listed = [{"id": f"C{number:010}", "name": f"room-{number}"}]
        metadata = {"next_cursor": str(number + 1) if number < self.last else ""}
        return Answer(body={"ok": True, "channels": listed, "response_metadata": metadata})


@pytest.fixture
async def slack() -> AsyncIterator[Pages]:
    made = Pages()
    async with served(made) as made.url:
        yield made


@pytest.fixture
async def client(slack: Pages) -> AsyncIterator[SlackClient]:
    made = SlackClient("xoxb-of-this-test", f"{slack.url}/api/")
    yield made
    await made.close()


async def test_every_page_is_read(slack: Pages, client: SlackClient) -> None:
    assert await client.channels() == {f"room-{n}": f"C{n:010}" for n in (1, 2, 3)}
    assert [each.get("cursor", "") for each in slack.asked] == ["", "2", "3"]
    assert slack.asked[0]["types"] == "public_channel,private_channel"


async def test_pages_that_never_end_are_left_at_a_bound(slack: Pages, client: SlackClient) -> None:
    slack.last = 10 * MOST_PAGES
    assert len(await client.channels()) == MOST_PAGES


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (Answer(429, {"ok": False, "error": "ratelimited"}, {"retry-after": "3"}), TransientError),
        (Answer(503, "away"), TransientError),
        (Answer(body={"ok": False, "error": "missing_scope"}), SlackRefused),
    ],
)
async def test_refusal_is_no_empty_workspace(
    slack: Pages, client: SlackClient, answer: Answer, error: type[Exception]
) -> None:
    slack.instead = {2: answer}
    with pytest.raises(error):
        await client.channels()


async def test_archived_and_foreign_private_channels_have_no_name(
    slack_server: FakeSlack,
) -> None:
    ids = {name: slack_server.channel(name) for name in ("open", "over")}
    ids["ours"] = slack_server.channel("ours", private=True)
    slack_server.channel("theirs", private=True, bot=False)
    slack_server.change_channel("over", archived=True)
    client = SlackClient(slack_server.bot_token, slack_server.api_url)
    try:
        assert await client.channels() == {name: ids[name] for name in ("open", "ours")}
    finally:
        await client.close()
