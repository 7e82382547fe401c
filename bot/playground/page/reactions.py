"""Reactions below what somebody wrote; pure.

https://docs.github.com/rest/reactions/reactions#about-reactions
"""

from collections.abc import Mapping
from typing import Any, Final

from bot.playground.page.values import ReactionView

_EMOJI: Final = {
    "+1": "👍",
    "-1": "👎",
    "laugh": "😄",
    "hooray": "🎉",
    "confused": "😕",
    "heart": "❤️",
    "rocket": "🚀",
    "eyes": "👀",
}
"""In the order in which GitHub shows them."""


def reactions(shape: Mapping[str, Any]) -> tuple[ReactionView, ...]:
    """Return the reactions that a comment has."""
    counts = shape.get("reactions", {})
    return tuple(
        ReactionView(emoji, name, int(counts[name]))
        for name, emoji in _EMOJI.items()
        if counts.get(name)
    )
