"""Lists that may be long, within what one message holds."""

from collections.abc import Sequence
from typing import Final

from slack_sdk.models.blocks import SectionBlock

from slack.blocks.words import section

SECTION: Final = 3_000
"""Characters. https://docs.slack.dev/reference/block-kit/blocks/section-block"""
MOST_SECTIONS: Final = 3
"""So that a message stays within what Slack takes of all its blocks together."""


def listed(lines: Sequence[str]) -> list[SectionBlock]:
    """Return lines in as few sections as hold them; what does not fit is counted."""
    parts: list[list[str]] = [[]]
    for number, line in enumerate(lines):
        left = f"… and {len(lines) - number:,} more"
        used = sum(len(each) + 1 for each in parts[-1])
        is_last = len(parts) == MOST_SECTIONS
        room = SECTION - used - (len(left) + 1 if is_last else 0)
        if len(line) > room:
            if is_last:
                parts[-1].append(left)
                break
            parts.append([])
        parts[-1].append(line[:SECTION])
    return [section("\n".join(part)) for part in parts if part]
