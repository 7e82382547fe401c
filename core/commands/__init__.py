"""The one grammar of what people type: in Slack, in its threads, on a pull request.

It turns words into values and does nothing else; what a command does, and who may give it, is
decided where it was typed.
"""

from core.commands.addressing import words_to_argus
from core.commands.grammar import parse
from core.commands.references import parse_pull_request, parse_repository
from core.commands.values import (
    ARGUMENTS,
    Ask,
    Command,
    Ignore,
    Mute,
    Pause,
    Plain,
    RepositoryRef,
    Resume,
    Review,
    Status,
    Subscribe,
    Unsubscribe,
    Verb,
)

__all__ = [
    "ARGUMENTS",
    "Ask",
    "Command",
    "Ignore",
    "Mute",
    "Pause",
    "Plain",
    "RepositoryRef",
    "Resume",
    "Review",
    "Status",
    "Subscribe",
    "Unsubscribe",
    "Verb",
    "parse",
    "parse_pull_request",
    "parse_repository",
    "words_to_argus",
]
