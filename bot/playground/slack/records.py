"""What a workspace consists of: people, channels, messages, and what the app was sent.

Records are changed only by `world`, `methods`, `answers` and `control`.
"""

from dataclasses import dataclass, field
from typing import Any, Literal

Json = dict[str, Any]
Kind = Literal["command", "action", "event", "verification"]

SCOPES = frozenset(
    {"chat:write", "commands", "users:read", "channels:read", "groups:read", "app_mentions:read"}
)


@dataclass(slots=True)
class Person:
    """Somebody with an account, the app's bot included."""

    id: str
    name: str
    real_name: str
    team_id: str
    bot: bool = False
    guest: bool = False
    admin: bool = False
    deleted: bool = False


@dataclass(slots=True)
class App:
    """The one app of the workspace, and its credentials."""

    id: str
    name: str
    bot: Person
    bot_id: str
    bot_token: str
    signing_secret: str
    verification_token: str
    request_url: str = ""
    """Where commands, interactions and events are sent, unless a socket is open."""
    app_token: str = ""
    """For sockets; empty where the app has none."""
    scopes: set[str] = field(default_factory=lambda: set(SCOPES))


@dataclass(slots=True)
class Message:
    """What stands in a channel; an ephemeral one is for one person's eyes."""

    ts: str
    channel: str
    user: str
    text: str
    blocks: list[Json] = field(default_factory=list)
    attachments: list[Json] = field(default_factory=list)
    """What other apps say, or what Slack shows of an address."""
    bot_id: str = ""
    thread_ts: str = ""
    broadcast: bool = False
    """A reply that the channel is shown as well."""
    edited_ts: str = ""
    edits: int = 0
    seen_by: str = ""
    """The person an ephemeral message is for; empty when it is for all."""
    via: str = "chat"
    """`chat` (Web API), `response_url`, `ack`, `person` or `slack` itself."""
    warnings: tuple[str, ...] = ()


@dataclass(slots=True)
class Channel:
    """A conversation: public, private, shared with others, or a direct message."""

    id: str
    name: str
    created: int
    creator: str
    private: bool = False
    external: bool = False
    """Shared with another organization by Slack Connect."""
    archived: bool = False
    with_person: str = ""
    """The other side of a direct message."""
    members: set[str] = field(default_factory=set)
    messages: dict[str, Message] = field(default_factory=dict)
    """By ts, oldest first."""
    ephemerals: dict[str, Message] = field(default_factory=dict)

    def holds(self, ts: str) -> Message | None:
        """Return a message, whoever may see it."""
        return self.messages.get(ts) or self.ephemerals.get(ts)


@dataclass(slots=True)
class ResponseUrl:
    """An address that answers one command or interaction."""

    path: str
    channel: str
    user: str
    expires_at: float
    uses: int = 0
    original: str = ""
    """The ts of what `replace_original` replaces."""
    thread_ts: str = ""


@dataclass(slots=True)
class Sent:
    """One request to the app, and how it went."""

    id: str
    """The trigger_id of a command or an interaction, the event_id of an event."""
    kind: Kind
    at: float
    user: str
    channel: str
    content_type: str
    body: bytes = field(repr=False)
    command: str = ""
    """Its name, when it is one."""
    response_url: str = ""
    attempt: int = 0
    reason: str = ""
    """Why it is sent again, in Slack's words."""
    status: int = 0
    """0 without an answer."""
    seconds: float | None = None
    """Until the answer, or until Slack gave up."""
    error: str = ""
    """`operation_timeout` or `dispatch_failed`, as a person is told."""
    no_retry: bool = False
    answer: str = ""
    """The body of the answer."""

    @property
    def done(self) -> bool:
        """Tell whether it was answered or given up."""
        return self.seconds is not None


@dataclass(slots=True)
class Knobs:
    """What a test or the playground may turn; the defaults are Slack's own behaviour."""

    messages_per_second: float = 1.0
    """For each channel; 0 switches the limit off."""
    burst: int = 5
    """Messages that may follow each other at once; Slack says "short bursts" without a number."""
    edits_per_minute: int = 50
    """Of all messages together; 0 switches the limit off."""
    deadline: float = 3.0
    """Seconds to acknowledge."""
    event_retries: tuple[float, ...] = (0.0, 60.0, 300.0)
    """Seconds before each repetition of an event that was not acknowledged."""
    response_uses: int = 5
    response_seconds: float = 1800.0


@dataclass(frozen=True, slots=True)
class Called:
    """One answered request to the Web API or to a response_url."""

    at: float
    method: str
    """Like `chat.postMessage`, or `response_url`."""
    arguments: Json
    status: int
    """0 when the connection was dropped."""
    error: str
    """Slack's word, empty when all went well."""
    seconds: float
