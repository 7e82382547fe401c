"""The state of one workspace, and the few changes that keep it consistent.

It refuses nothing by itself; `methods` and `answers` do, before they change anything.
"""

import re
import time
from collections import deque
from dataclasses import replace
from itertools import count
from secrets import token_hex

from bot.playground.github.faults import REMEMBERED, Faults
from bot.playground.slack.content import Content
from bot.playground.slack.pace import Pace
from bot.playground.slack.records import (
    App,
    Called,
    Channel,
    Json,
    Knobs,
    Message,
    Person,
    ResponseUrl,
    Sent,
)
from bot.playground.slack.sockets import Sockets

TEAM = "T0000000001"
DOMAIN = "playground"
SLACKBOT = "USLACKBOT"
_NOTIFIES = re.compile(r"<(!(?:channel|here|everyone)|@[UW]\w+|!subteam\^\w+)(?:\|[^>]*)?>")


class World:
    """One workspace with its people, channels and app."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.team_id, self.domain = TEAM, DOMAIN
        self.enterprise_id = ""
        """The organization that the workspace belongs to, if it does."""
        self.knobs = Knobs()
        self.faults = Faults()
        self.pace = Pace()
        self.people: dict[str, Person] = {}
        self.channels: dict[str, Channel] = {}
        self.response_urls: dict[str, ResponseUrl] = {}
        self.views: dict[str, tuple[str, Json]] = {}
        """Modals that are open, by id: who sees each, and what it shows."""
        self.sockets = Sockets()
        self.sent: deque[Sent] = deque(maxlen=REMEMBERED)
        self.calls: deque[Called] = deque(maxlen=REMEMBERED)
        self.app: App | None = None
        self._ids = count(1)
        self._ahead = 0.0
        self._last_ts = 0

    def now(self) -> float:
        """Return the time in this workspace, in seconds."""
        return time.time() + self._ahead

    def advance(self, seconds: float) -> None:
        """Move the clock."""
        self._ahead += seconds

    def new_id(self, prefix: str) -> str:
        """Return an id such as `C0000000007`."""
        return f"{prefix}{next(self._ids):010d}"

    def new_ts(self) -> str:
        """Return a timestamp that no message has yet; later ones are greater."""
        self._last_ts = max(self._last_ts + 1, int(self.now() * 1_000_000))
        return f"{self._last_ts // 1_000_000}.{self._last_ts % 1_000_000:06d}"

    def person(self, name_or_id: str) -> Person:
        """Return a person by id or name. Raises KeyError."""
        for person in self.people.values():
            if name_or_id in {person.id, person.name}:
                return person
        raise KeyError(f"there is nobody called {name_or_id}")

    def channel(self, name_or_id: str) -> Channel:
        """Return a channel by id or name. Raises KeyError."""
        wanted = name_or_id.removeprefix("#")
        for channel in self.channels.values():
            if wanted in {channel.id, channel.name} and wanted:
                return channel
        raise KeyError(f"there is no channel called {name_or_id}")

    def add_person(self, name: str, **traits: str | bool) -> Person:
        """Add a person, in this workspace unless a `team_id` is given."""
        made = Person(self.new_id("U"), name, name.title(), self.team_id)
        person = replace(made, **traits)  # type: ignore[arg-type]  # the control's JSON, see there
        self.people[person.id] = person
        return person

    def direct(self, person: Person) -> Channel:
        """Return the app's direct message with a person."""
        for channel in self.channels.values():
            if channel.with_person == person.id:
                return channel
        members = {person.id, self.app.bot.id} if self.app else {person.id}
        made = Channel(
            self.new_id("D"), "", int(self.now()), person.id, with_person=person.id, members=members
        )
        self.channels[made.id] = made
        return made

    def say(
        self,
        channel: Channel,
        content: Content,
        *,
        user: str,
        seen_by: str = "",
        thread_ts: str = "",
        via: str = "chat",
    ) -> Message:
        """Add a message to a channel."""
        app = self.app
        message = Message(
            ts=self.new_ts(),
            channel=channel.id,
            user=user,
            text=content.text,
            blocks=content.blocks or [],
            bot_id=app.bot_id if app is not None and app.bot.id == user else "",
            thread_ts=thread_ts,
            seen_by=seen_by,
            via=via,
            warnings=content.warnings,
        )
        (channel.ephemerals if seen_by else channel.messages)[message.ts] = message
        return message

    def edit(self, message: Message, content: Content) -> None:
        """Replace what a message says; blocks that are not given stay.

        https://docs.slack.dev/reference/methods/chat.update#arg_blocks
        """
        message.text = content.text
        if content.blocks is not None:
            message.blocks = content.blocks
        message.warnings = content.warnings
        message.edited_ts = self.new_ts()
        message.edits += 1

    def remove(self, message: Message) -> None:
        """Delete a message."""
        channel = self.channels[message.channel]
        channel.messages.pop(message.ts, None)
        channel.ephemerals.pop(message.ts, None)

    def open_response_url(self, kind: str, channel: Channel, user: Person) -> ResponseUrl:
        """Make an address that answers one command (`commands`) or interaction (`actions`)."""
        path = f"/{kind}/{self.team_id}/{next(self._ids)}/{token_hex(12)}"
        expires_at = self.now() + self.knobs.response_seconds
        made = ResponseUrl(path, channel.id, user.id, expires_at)
        self.response_urls[path] = made
        return made


def notifies(message: Message) -> list[str]:
    """Return whom a message would notify: `!channel`, `!here`, `@U…`."""
    texts = [message.text, *_texts(message.blocks)]
    return sorted({found[1] for text in texts for found in _NOTIFIES.finditer(text)})


def _texts(value: object) -> list[str]:
    if isinstance(value, dict):
        own = value.get("text") if value.get("type") in {"mrkdwn", "markdown"} else None
        below = [text for part in value.values() for text in _texts(part)]
        return [own, *below] if isinstance(own, str) else below
    if isinstance(value, list):
        return [text for part in value for text in _texts(part)]
    return []
