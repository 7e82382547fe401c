"""Where the answer to a Slack request goes, as it travels with the job; sealed, never in clear."""

from typing import Final
from urllib.parse import urlsplit

from pydantic import ValidationError

from core.models import PullRequest, Severity, Value
from slack.errors import SealBroken
from slack.seal import Seal

HOOKS: Final = "https://hooks.slack.com"
"""https://docs.slack.dev/interactivity/handling-user-interaction#message_responses"""
TITLE_LIMIT: Final = 200
"""Characters of a title that travel with the job."""


class Reply(Value):
    """A place to answer, and what the card shows before there is a result."""

    channel: str
    user: str
    response_url: str
    aside: bool = False
    """For the asker's eyes alone, because others in the channel may not see the repository."""
    title: str = ""
    author: str = ""
    additions: int = 0
    deletions: int = 0
    changed_files: int = 0
    thread: str = ""
    """The thread in which it was asked."""
    private: bool = False
    """Whether the repository is, as far as that was known."""
    minimum: Severity | None = None
    """Of a channel that follows: nothing is shown before a finding matters that much."""
    subscriber: str = ""
    """Of a channel that follows: whoever subscribed it, empty where the repository names it."""
    muted: bool = False
    """Of a channel that follows: nothing new is said."""

    def about(self, pull: PullRequest) -> "Reply":
        """Return it with what is shown of the pull request."""
        return self.model_copy(
            update={
                "title": pull.title[:TITLE_LIMIT],
                "author": pull.author[:TITLE_LIMIT],
                "additions": pull.additions,
                "deletions": pull.deletions,
                "changed_files": pull.changed_files,
                "private": pull.private,
            }
        )


def sealed(reply: Reply, seal: Seal) -> str:
    """Return the reply as an origin carries it."""
    return seal.close(reply.model_dump_json())


def unsealed(text: str, seal: Seal) -> Reply:
    """Return the reply that an origin carries. Raises SealBroken."""
    try:
        return Reply.model_validate_json(seal.open(text))
    except ValidationError as failure:
        raise SealBroken("the seal holds no reply") from failure


def is_answerable(url: str, api_url: str) -> bool:
    """Tell whether an address that a request brought is one that Slack gives out.

    Whoever could choose it would choose where Argus sends what it knows.
    """
    if not url.isascii() or not url.isprintable() or set(url) & set(' \\"<>'):
        return False
    return _origin(url) in {HOOKS, _origin(api_url)}


def _origin(url: str) -> str:
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return f"{parts.scheme}://{parts.netloc}".lower() if parts.netloc else ""
