"""Every sentence that Argus says in Slack, as pure functions; nothing here speaks to Slack.

Whatever comes from a pull request, a model or a person enters through `words.foreign`, so no
message can mention, link or format on their behalf.
"""

from slack.blocks.answers import (
    accepted,
    away,
    duplicate,
    problem,
    refused,
    unexpected,
)
from slack.blocks.card import Setting, card, is_final, unreached
from slack.blocks.channels import (
    follows_no_more,
    muted,
    subscribed,
    subscriptions,
    unsubscribed,
)
from slack.blocks.choices import which_finding, words_of
from slack.blocks.followed import followed, news, turned_clean, webhook_summary
from slack.blocks.guide import help_text
from slack.blocks.instance import Part, configuration, doctor, stats
from slack.blocks.message import Message
from slack.blocks.picker import no_link, picker
from slack.blocks.standing import (
    dismissed,
    paused,
    question_known,
    question_taken,
    queue,
    resumed,
    standing,
    taken_back,
)

__all__ = [
    "Message",
    "Part",
    "Setting",
    "accepted",
    "away",
    "card",
    "configuration",
    "dismissed",
    "doctor",
    "duplicate",
    "followed",
    "follows_no_more",
    "help_text",
    "is_final",
    "muted",
    "news",
    "no_link",
    "paused",
    "picker",
    "problem",
    "question_known",
    "question_taken",
    "queue",
    "refused",
    "resumed",
    "standing",
    "stats",
    "subscribed",
    "subscriptions",
    "taken_back",
    "turned_clean",
    "unexpected",
    "unreached",
    "unsubscribed",
    "webhook_summary",
    "which_finding",
    "words_of",
]
