"""Tells one person something, by the first way that is open."""

import structlog

from slack.blocks import Message
from slack.errors import NOT_THERE, OUT_OF_REACH, SlackRefused
from slack.plainly import plainly
from slack.replies import Reply
from slack.speaker import Speaker

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
        if refusal.code not in OUT_OF_REACH | NOT_THERE:
            raise
        log.info("slack.whisper_out_of_reach", code=refusal.code)
        await plainly(lambda m: speaker.post(reply.user, m), said)


async def _responded(speaker: Speaker, reply: Reply, said: Message) -> bool:
    try:
        await plainly(lambda m: speaker.respond(reply.response_url, m), said)
    except SlackRefused as refusal:
        log.info("slack.response_url_spent", code=refusal.code)
        return False
    return True
