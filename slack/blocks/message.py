"""A message: words for notifications and screen readers, and blocks for everybody else."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from slack_sdk.models.blocks import Block


@dataclass(frozen=True, slots=True)
class Message:
    """What Slack is given; `text` is never empty and says the gist alone."""

    text: str
    blocks: tuple[dict[str, Any], ...] = ()
    url: str = ""
    """Where a reader goes on when there are no blocks to lead there."""

    @property
    def plain(self) -> "Message":
        """The same without blocks, for when Slack does not take them."""
        return Message(f"{self.text}\n<{self.url}>" if self.url else self.text)


def message(text: str, blocks: Sequence[Block], *, url: str = "") -> Message:
    """Build a message; the models check Slack's limits. Raises SlackObjectFormationError."""
    return Message(text, tuple(block.to_dict() for block in blocks), url)
