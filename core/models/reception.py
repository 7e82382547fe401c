"""What became of findings, and what people made of them: outcomes by which rules are judged.

Nothing is learned from it by itself; it is counted, shown, and proposed.
"""

from enum import StrEnum

from core.models.value import Value


class Reception(StrEnum):
    """One thing that can become of a finding; several may."""

    FOUND = "found"
    """It stood on a line."""
    ADDRESSED = "addressed"
    """A later commit mended it."""
    DISMISSED = "dismissed"
    """A person said not to say it again."""
    ACCEPTED = "accepted"
    """A person agreed, and left the code as it is."""
    IGNORED = "ignored"
    """The pull request ended while it was open."""
    RESOLVED = "resolved"
    """A person resolved its thread, whatever was meant by it."""
    LIKED = "liked"
    """More people put 👍 than 👎 on its comment."""
    DISLIKED = "disliked"
    """More people put 👎 than 👍 on its comment."""


class Received(Value):
    """What is known of one finding by now."""

    finding_id: str
    rule: str
    """What made it, see `core.feedback.rule_name`."""
    words: tuple[Reception, ...] = ()
