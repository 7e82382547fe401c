"""What channels are told of without asking, and what they are spared; the rules are
`core.following`'s.
"""

from enum import StrEnum
from typing import Literal

from core.models.findings import Severity
from core.models.value import Value


class Subscription(Value):
    """A channel follows the automatic reviews of a repository; empty filters let all through."""

    channel: str
    """Its id; the name of one that the repository's configuration names."""
    repository: str
    """`owner/repo`, as it was called when it was subscribed to."""
    repo_id: int
    minimum: Literal[Severity.IMPORTANT, Severity.NIT] | None = None
    """No card before a finding matters that much."""
    branch: str = ""
    """The branch that a pull request is to be merged into."""
    label: str = ""
    who: str = ""
    """The id of whoever subscribed."""
    at: float = 0.0
    """Seconds since 1970, on the ledger's clock."""


class QuietKind(StrEnum):
    """What kind of thing a channel is spared."""

    PULL = "pull request"
    REPOSITORY = "repository"
    AUTHOR = "author"
    BOTS = "bots"
    LABEL = "label"


class Muted(Value):
    """A channel is spared something, for a time or until it is told otherwise."""

    channel: str
    kind: QuietKind
    what: str = ""
    """A job's id, a repository's id, a login or a label, both folded; nothing for bots."""
    shown: str = ""
    """The same as people read it."""
    who: str = ""
    ends: float = 0.0
    """Seconds since 1970, on the ledger's clock; 0 for until told otherwise."""
