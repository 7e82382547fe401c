"""Block Kit as Slack enforces it: `rules` says how anything is checked, `catalog` what there is.

https://docs.slack.dev/reference/block-kit/blocks
"""

from bot.playground.slack.kit.catalog import BLOCKS, MOST_BLOCKS
from bot.playground.slack.kit.rules import Faults
from bot.playground.slack.kit.texts import characters, named

__all__ = ["BLOCKS", "MOST_BLOCKS", "Faults", "characters", "named"]
