"""The one grammar of what people type: in Slack, in its threads, on a pull request.

It turns words into values and does nothing else; what a command does, and who may give it, is
decided where it was typed.
"""

from core.commands.addressing import one_command, words_to_argus
from core.commands.grammar import parse
from core.commands.references import parse_pull_request, parse_repository
from core.commands.values import (
    ARGUMENTS,
    Ask,
    ByAuthor,
    ByBots,
    Command,
    Ignore,
    Mute,
    Pause,
    Plain,
    Quiet,
    RepositoryRef,
    Resume,
    Review,
    ShowConfiguration,
    Status,
    Subscribe,
    Unsubscribe,
    Verb,
    WithLabel,
)

__all__ = [
    "ARGUMENTS",
    "Ask",
    "ByAuthor",
    "ByBots",
    "Command",
    "Ignore",
    "Mute",
    "Pause",
    "Plain",
    "Quiet",
    "RepositoryRef",
    "Resume",
    "Review",
    "ShowConfiguration",
    "Status",
    "Subscribe",
    "Unsubscribe",
    "Verb",
    "WithLabel",
    "one_command",
    "parse",
    "parse_pull_request",
    "parse_repository",
    "words_to_argus",
]
