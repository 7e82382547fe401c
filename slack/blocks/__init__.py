"""Every sentence that Argus says in Slack, as pure functions; nothing here speaks to Slack.

Whatever comes from a pull request, a model or a person enters through `words.foreign`, so no
message can mention, link or format on their behalf.
"""

from slack.blocks.answers import (
    accepted,
    away,
    duplicate,
    help_text,
    not_yet,
    problem,
    refused,
    unexpected,
)
from slack.blocks.card import card, is_final
from slack.blocks.message import Message

__all__ = [
    "Message",
    "accepted",
    "away",
    "card",
    "duplicate",
    "help_text",
    "is_final",
    "not_yet",
    "problem",
    "refused",
    "unexpected",
]
