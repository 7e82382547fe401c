"""The floor of an acknowledgement to Slack: Bolt proves a request, acknowledges it, does nothing.

The same Bolt and the same server as Argus, without anything that Argus adds to them.
"""

import logging
import os
import re
from typing import Any

from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.request.async_request import AsyncBoltRequest

from tests.bench.floor import Receive, Send, serve, whole_body

ANY = re.compile(r".*", re.DOTALL)


class BoltFloor:
    """The application."""

    def __init__(self, signing_secret: str) -> None:
        self._bolt = _bare_app(signing_secret)

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        """Acknowledge a POST; answer 200 to anything else."""
        status, content = 200, b""
        if scope["method"] == "POST":
            headers = {key.decode(): value.decode() for key, value in scope["headers"]}
            body = (await whole_body(receive)).decode()
            answer = await self._bolt.async_dispatch(AsyncBoltRequest(body=body, headers=headers))
            status, content = answer.status, answer.body.encode()
        length = [(b"content-length", str(len(content)).encode())]
        await send({"type": "http.response.start", "status": status, "headers": length})
        await send({"type": "http.response.body", "body": content})


def _bare_app(signing_secret: str) -> AsyncApp:
    async def authorize() -> AuthorizeResult:
        return AuthorizeResult(enterprise_id=None, team_id=None, bot_token="xoxb-unused")

    logger = logging.getLogger("bolt.floor")
    logger.setLevel(logging.ERROR)
    bolt = AsyncApp(
        signing_secret=signing_secret,
        authorize=authorize,
        logger=logger,
        process_before_response=True,
    )

    async def acknowledge(ack: AsyncAck) -> None:
        await ack()

    bolt.command(ANY)(acknowledge)
    bolt.action(ANY)(acknowledge)
    return bolt


if __name__ == "__main__":
    serve(BoltFloor(os.environ["SLACK_SIGNING_SECRET"]))
