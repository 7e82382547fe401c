"""What a message says: its text and blocks, refused as Slack refuses them.

https://docs.slack.dev/reference/methods/chat.postMessage#errors
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from bot.playground.slack.kit import BLOCKS, Faults, characters, named
from bot.playground.slack.records import Json
from bot.playground.slack.wire import Refused

TEXT_KEPT: Final = 40_000
"""Characters; the rest is cut off."""
BLOCK_CHARACTERS: Final = 13_200
"""Of all blocks together: measured, https://github.com/slackapi/bolt-js/issues/2509."""
NO_FALLBACK: Final = "missing_text_in_message"
"""Blocks without text, which leaves notifications and screen readers with nothing."""


@dataclass(frozen=True, slots=True)
class Content:
    """A message's content; blocks that were not given at all are None."""

    text: str
    blocks: list[Json] | None = None
    warnings: tuple[str, ...] = field(default=())


def content_of(values: Mapping[str, Any]) -> Content:
    """Read and check a message. Raises Refused."""
    if values.get("attachments"):
        # Slack still takes this legacy; whoever writes for today has no use for it.
        raise Refused("invalid_attachments")
    text = values.get("text") or ""
    if not isinstance(text, str):
        raise Refused("invalid_arguments", messages=["must be a string [json-pointer:/text]"])
    blocks = _blocks(values.get("blocks"))
    if not text.strip() and not blocks:
        raise Refused("no_text")
    warnings = [NO_FALLBACK] if not text.strip() else []
    if len(text) > TEXT_KEPT:
        warnings.append("message_truncated")
    return Content(text[:TEXT_KEPT], blocks, tuple(warnings))


def _blocks(given: Any) -> list[Json] | None:
    if given is None or given == "":
        return None
    if isinstance(given, str):
        try:
            given = json.loads(given)
        except (ValueError, RecursionError) as error:
            raise Refused("invalid_blocks_format") from error
    if not isinstance(given, list):
        raise Refused("invalid_blocks_format")
    faults = Faults()
    BLOCKS(given, "/blocks", faults)
    whole = named(given, faults) if not faults.messages else []
    if faults.messages:
        raise Refused("invalid_blocks", messages=faults.messages)
    if characters(whole) > BLOCK_CHARACTERS:
        raise Refused("msg_blocks_too_long")
    return whole
