"""The hand that moves the local Slack: people, channels, commands, buttons, faults, the clock.

It answers this machine alone, and takes JSON only, so that no web page can drive it.
"""

import re
from dataclasses import replace
from typing import Final

from bot.playground.github.wire import Call, Reply
from bot.playground.slack.arguments import JSON, json_object
from bot.playground.slack.control import acts, watch, workspace
from bot.playground.slack.control.hand import Hand, Handler
from bot.playground.slack.wire import Refused

PREFIX: Final = "/_control/"
HANDLERS: Final[dict[str, Handler]] = {**workspace.HANDLERS, **acts.HANDLERS, **watch.HANDLERS}

__all__ = ["HANDLERS", "PREFIX", "Hand", "answer"]


async def answer(hand: Hand, call: Call, *, local: bool) -> Reply:
    """Answer one request of the control; what makes no sense is 400 in plain words."""
    try:
        _require_local_json(call, local=local)
        handler = HANDLERS[call.path.removeprefix(PREFIX)]
        wanted = {**call.query, **(json_object(call.body) if call.body else {})}
        return Reply(200, await handler(replace(hand, wanted=wanted)))
    except Refused as refused:
        status = max(refused.status, 400)
        return Reply(status, {"error": refused.error, "messages": list(refused.messages)})
    except (KeyError, TypeError, ValueError, re.error) as error:
        return Reply(400, {"error": f"{type(error).__name__}: {error}"})


def _require_local_json(call: Call, *, local: bool) -> None:
    if not local:
        raise Refused("the control answers this machine only", status=403)
    if call.body and not call.headers.get("content-type", "").startswith(JSON):
        raise Refused("the control takes application/json", status=415)
