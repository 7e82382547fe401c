"""Tells one person something, by the first way that is open."""

from typing import Final

import structlog

from slack.blocks import Message
from slack.errors import NOT_THERE, OUT_OF_REACH, THREAD_LOST, SlackRefused
from slack.plainly import plainly
from slack.replies import Reply
from slack.speaker import Speaker

_NOT_HERE: Final = OUT_OF_REACH | NOT_THERE | {THREAD_LOST}
"""Slack's words for that a person cannot be told where they asked."""

log = structlog.get_logger(__name__)


async def tell_aside(speaker: Speaker, reply: Reply, said: Message) -> None:
    """Answer through the address that the request brought, which Slack takes five times within
    half an hour; else whisper where it was asked; where the bot may not, write to the person.

    Raises SlackRefused, TransientError.
    """
    if reply.response_url and await _responded(speaker, reply, said):
        return
    try:
        await plainly(
            lambda m: speaker.whisper(reply.channel, reply.user, m, thread=reply.thread), said
        )
    except SlackRefused as refusal:
        if refusal.code not in _NOT_HERE:
            raise
        log.info("slack.whisper_out_of_reach", code=refusal.code)
        await plainly(lambda m: speaker.post(reply.user, m), said)


async def _responded(speaker: Speaker, reply: Reply, said: Message) -> bool:
    try:
        await plainly(lambda m: speaker.respond(reply.response_url, m, thread=reply.thread), said)
    except SlackRefused as refusal:
        log.info("slack.response_url_spent", code=refusal.code)
        return False
    return True
