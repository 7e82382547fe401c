"""What a person told Argus to do in words or by a button, to be carried out and answered there.

A review that is asked for becomes a request; an order is what comes before: it is not known yet
whether the words mean anything, nor whether this person may say them.
"""

from enum import StrEnum

from core.models.requests import Origin, PullRequestRef
from core.models.value import Value


class OrderTaken(StrEnum):
    """What became of an order at the door."""

    NEW = "new"
    """It is kept, and will be answered."""
    KNOWN = "known"
    """It was said before."""
    FULL = "full"
    """More wait already than are kept; it was not."""


class Order(Value):
    """Words of a person about one pull request, kept until they are answered."""

    ref: PullRequestRef
    repo_id: int
    origin: Origin
    """Who said it and where the answer goes; its id is the order's own."""
    words: str
    """What stood behind Argus' name, untrusted: see `core.commands.parse`."""
    installation_id: int | None = None
    comment_id: int = 0
    """The comment that says it; 0 where there is none, as for a button."""
    thread_id: int = 0
    """The comment that opened the thread on a line of the diff; 0 in the conversation."""
    finding_id: str = ""
    """The finding that it is about, where the place tells it already; else the thread may."""
    correlation_id: str = ""

    @property
    def job_id(self) -> str:
        """Return the job of its pull request."""
        return f"{self.repo_id}:{self.ref.number}"
