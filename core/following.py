"""Decides, purely, which channels are told of an automatic review, and how quietly.

Where subscriptions are kept is the ledger's, what a channel is told the front end's.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from core.models import (
    Muted,
    PullRequest,
    PullRequestRef,
    QuietKind,
    Severity,
    Subscription,
    Value,
)

_RANK = (Severity.IMPORTANT, Severity.NIT)
"""What a minimum can name, from the top."""


class Taken(StrEnum):
    """What became of a subscription."""

    NEW = "new"
    CHANGED = "changed"
    """The channel followed the repository already, with other filters perhaps."""
    FULL = "full"
    """One too many, of the channel or of the repository."""


class Hushed(StrEnum):
    """What became of a mute."""

    MUTED = "muted"
    OFF = "off"
    UNKNOWN = "unknown"
    """There was none to take back."""
    FULL = "full"
    """One too many in this channel."""


class Talk(Value):
    """What the thread of a message is about."""

    ref: PullRequestRef
    repo_id: int
    finding_id: str = ""
    """Of a thread about one finding."""
    private: bool = False


@dataclass(frozen=True, slots=True)
class Follower:
    """A channel that is told."""

    channel: str
    minimum: Literal[Severity.IMPORTANT, Severity.NIT] | None = None
    muted: bool = False
    """Nothing new is said there; what stands there already is kept true."""
    subscriber: str = ""
    """Whoever subscribed it; empty where the repository names it."""


def followers(
    pull: PullRequest,
    subscriptions: Iterable[Subscription],
    mutes: Mapping[str, Sequence[Muted]],
    *,
    named: str = "",
) -> tuple[Follower, ...]:
    """Return who follows a pull request, each channel once.

    `named` is the channel of the repository's own configuration; a subscription of the channel
    itself goes before it, with all its filters. `mutes` are by channel, and hold now.
    """
    asked = {each.channel: each for each in subscriptions}
    found = {name: each for name, each in asked.items() if _lets_through(each, pull)}
    if named and named not in asked:
        found[named] = Subscription(channel=named, repository="", repo_id=pull.repo_id)
    return tuple(
        Follower(channel, each.minimum, is_muted(pull, mutes.get(channel, ())), each.who)
        for channel, each in found.items()
    )


def is_muted(pull: PullRequest, mutes: Iterable[Muted]) -> bool:
    """Tell whether any of the mutes is about this pull request."""
    labels = {label.casefold() for label in pull.labels}
    about = {
        (QuietKind.PULL, f"{pull.repo_id}:{pull.ref.number}"),
        (QuietKind.REPOSITORY, str(pull.repo_id)),
        (QuietKind.AUTHOR, pull.author.casefold()),
        *((QuietKind.LABEL, label) for label in labels),
        *([(QuietKind.BOTS, "")] if pull.author_is_bot else []),
    }
    return any((mute.kind, mute.what) in about for mute in mutes)


def reaches(severity: Severity, minimum: Severity | None) -> bool:
    """Tell whether a finding matters enough for a channel that set a minimum."""
    if minimum is None:
        return True
    return severity in _RANK and _RANK.index(severity) <= _RANK.index(minimum)


def _lets_through(subscription: Subscription, pull: PullRequest) -> bool:
    """Branches are told apart by case, labels are not: as on GitHub."""
    if subscription.branch and subscription.branch != pull.base_branch:
        return False
    labels = {label.casefold() for label in pull.labels}
    return not subscription.label or subscription.label.casefold() in labels
