"""A slash command as Slack sends it, by its used fields only, and the form of every payload.

https://docs.slack.dev/interactivity/implementing-slash-commands
"""

import hashlib
from secrets import token_hex
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from core.following import Talk

_ID = r"^[A-Za-z0-9_-]{1,64}$"
"""Slack's own are capitals and digits, which it asks nobody to rely on."""


class Part(BaseModel):
    """A part of Slack's payload; what is not named here may change."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)


class Named(Part):
    """Something with an id, and of people their workspace."""

    id: str = Field(pattern=_ID)
    team_id: str = ""


class Asker(Part):
    """Who acts, and where, in every interaction."""

    team: Named | None = None
    """None where the app was installed for an organisation as a whole."""
    enterprise: Named | None = None
    user: Named

    @model_validator(mode="after")
    def _is_somewhere(self) -> Self:
        if self.team is None and self.enterprise is None:
            raise ValueError("neither a workspace nor an organisation is named")
        return self

    @property
    def team_id(self) -> str:
        """Return the workspace in which somebody acts, or its organisation."""
        place = self.team or self.enterprise
        return place.id if place else ""


class SlashCommand(BaseModel):
    """One command; `response_url` is a bearer address and stays out of logs."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    team_id: str = Field(pattern=_ID)
    channel_id: str = Field(pattern=_ID)
    user_id: str = Field(pattern=_ID)
    user_team_id: str = ""
    """The person's own workspace or organisation; empty where the request does not say, as slash
    commands do not."""
    trigger_id: str = Field(default_factory=lambda: token_hex(16), min_length=1, max_length=300)
    """Tells commands apart; one that came without it is taken for a new one."""
    response_url: str = Field(default="", max_length=2_000, repr=False)
    text: str = Field(default="", max_length=40_000)
    thread_ts: str = Field(default="", max_length=64)
    """The thread it was said in, of a mention; a slash command never is."""
    message_ts: str = Field(default="", max_length=64)
    """The message of ours that it is about, of a button."""
    seen: str = Field(default="", max_length=64)
    """The beginning of the commit that the pressed card shows, of a button."""
    about: Talk | None = None
    """What it is about, of a button that stands under an answer of its own."""
    card: str = Field(default="", max_length=500)
    """What names the place of the answer, where a card of ours shows it already."""

    @property
    def origin_id(self) -> str:
        """Name the place that gets the answer: this command's own, or a card that stands."""
        return self.card or f"slack:{self.team_id}:{self.channel_id}:{self.trigger_id}"

    @property
    def delivery(self) -> str:
        """Name the command, however often Slack sends it."""
        return "slack-" + hashlib.sha256(f"{self.team_id}:{self.trigger_id}".encode()).hexdigest()


class _Event(BaseModel):
    channel: str | dict[str, Any] | None = None
    item: dict[str, Any] | None = None


class _Skeleton(BaseModel):
    """The parts of a payload that Bolt walks into before it asks whose business it is."""

    event: _Event | None = None
    view: dict[str, Any] | None = None
    actions: list[dict[str, Any]] | None = Field(default=None, min_length=1)
    team: str | dict[str, Any] | None = None
    user: str | dict[str, Any] | None = None
    channel: str | dict[str, Any] | None = None
    message: dict[str, Any] | None = None
    container: dict[str, Any] | None = None


def is_shaped(payload: dict[str, Any]) -> bool:
    """Tell whether a payload has the form that Slack gives it, whatever it says."""
    try:
        _Skeleton.model_validate(payload)
    except ValidationError:
        return False
    return True
