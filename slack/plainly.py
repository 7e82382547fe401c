"""Says a message once more without its blocks where Slack does not take them."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

import structlog

from slack.blocks import Message
from slack.errors import BLOCKS_REFUSED, SlackRefused

T = TypeVar("T")
log = structlog.get_logger(__name__)


async def plainly(say: Callable[[Message], Awaitable[T]], message: Message) -> T:
    """Say it, and its words alone where the blocks are refused. Raises what `say` raises."""
    try:
        return await say(message)
    except SlackRefused as refusal:
        if refusal.code not in BLOCKS_REFUSED or not message.blocks:
            raise
        log.warning("slack.blocks_refused", code=refusal.code)
    return await say(message.plain)
