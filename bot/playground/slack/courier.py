"""Sends the app its requests, signed, with Slack's deadline; and shows people what failed.

Commands and interactions are sent once. Events come again until they are acknowledged.
https://docs.slack.dev/apis/events-api/#retries
"""

import asyncio
import json
import ssl
import time
from collections.abc import Coroutine
from dataclasses import replace
from typing import Any, Final

import httpx

from bot.playground.slack.answers import place
from bot.playground.slack.arguments import JSON, json_object
from bot.playground.slack.content import Content
from bot.playground.slack.outgoing import payload_of, sign
from bot.playground.slack.records import Sent
from bot.playground.slack.wire import Refused
from bot.playground.slack.world import SLACKBOT, World

AGENT: Final = "Slackbot 1.0 (+https://api.slack.com/robots)"
TIMED_OUT, FAILED = "operation_timeout", "dispatch_failed"
_REASONS: Final = {TIMED_OUT: "http_timeout", FAILED: "connection_failed", "": "http_error"}


class Courier:
    """Carries requests to the app's request URL."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._http = httpx.AsyncClient(
            trust_env=False, follow_redirects=False, verify=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        )
        self._tasks: set[asyncio.Task[None]] = set()

    def start(self, carrying: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Carry something out beside everything else."""
        task = asyncio.create_task(carrying)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def close(self) -> None:
        """Give up what is under way."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._http.aclose()

    async def once(self, sent: Sent, *, secret: str = "", skew: float = 0.0) -> None:
        """Send a command or an interaction; a command that failed says so to whoever typed it."""
        await self._post(sent, secret=secret, skew=skew)
        if sent.kind != "command":
            return
        if sent.error:
            self._show_failure(sent)
        elif sent.answer.strip():
            self._take_answer(sent)

    async def until_acknowledged(self, sent: Sent) -> None:
        """Send an event, and again after each wait until it is acknowledged."""
        await self._post(sent)
        for attempt, wait in enumerate(self._world.knobs.event_retries, 1):
            if _acknowledged(sent) or sent.no_retry:
                return
            await asyncio.sleep(wait)
            sent = repeated(sent, self._world.now(), attempt, _REASONS[sent.error])
            await self._post(sent)

    async def _post(self, sent: Sent, *, secret: str = "", skew: float = 0.0) -> None:
        world, app = self._world, self._world.app
        world.sent.append(sent)
        if world.sockets.are_open:
            await self._send(sent)
            return
        if app is None or not app.request_url:
            sent.error, sent.seconds = FAILED, 0.0
            return
        # The signature carries real time: the app's clock is not moved with this one.
        proof = sign(secret or app.signing_secret, sent.body, int(time.time() + skew))
        started, deadline = time.monotonic(), world.knobs.deadline
        try:
            async with asyncio.timeout(deadline):
                answer = await self._http.post(
                    app.request_url,
                    content=sent.body,
                    headers={**_headers(sent), **proof},
                    timeout=deadline,
                )
        except (TimeoutError, httpx.TimeoutException):
            sent.error = TIMED_OUT
        except httpx.HTTPError:
            sent.error = FAILED
        else:
            _note(sent, answer)
        sent.seconds = round(time.monotonic() - started, 4)

    async def _send(self, sent: Sent) -> None:
        """Send through a socket, which proves nothing and needs no proof."""
        started = time.monotonic()
        try:
            async with asyncio.timeout(self._world.knobs.deadline):
                answer = await self._world.sockets.send(sent.kind, payload_of(sent))
        except TimeoutError:
            sent.error = TIMED_OUT
        except ConnectionError:
            sent.error = FAILED
        else:
            sent.status, sent.answer = 200, json.dumps(answer) if answer else ""
        sent.seconds = round(time.monotonic() - started, 4)

    def _show_failure(self, sent: Sent) -> None:
        channel = self._world.channels.get(sent.channel)
        if channel is not None:
            words = f"{sent.command} failed with the error “{sent.error}”"
            self._world.say(channel, Content(words), user=SLACKBOT, seen_by=sent.user, via="slack")

    def _take_answer(self, sent: Sent) -> None:
        """Show the message that an acknowledgement carries. A bad one is shown as a failure."""
        try:
            payload = json_object(sent.answer.encode())
            place(self._world, self._world.response_urls[sent.response_url], payload, via="ack")
        except Refused as refused:
            sent.error = refused.error
            self._show_failure(sent)


def repeated(sent: Sent, now: float, attempt: int, reason: str) -> Sent:
    """Return the same request once more, to be answered anew."""
    return replace(
        sent,
        at=now,
        attempt=attempt,
        reason=reason,
        status=0,
        seconds=None,
        error="",
        no_retry=False,
        answer="",
    )


def _headers(sent: Sent) -> dict[str, str]:
    headers = {"Content-Type": sent.content_type, "User-Agent": AGENT, "Accept": "*/*"}
    if sent.reason:
        headers |= {"X-Slack-Retry-Num": str(sent.attempt), "X-Slack-Retry-Reason": sent.reason}
    return headers


def _note(sent: Sent, answer: httpx.Response) -> None:
    sent.status, sent.answer = answer.status_code, answer.text
    sent.no_retry = answer.headers.get("x-slack-no-retry") == "1"
    if sent.kind != "event" and not answer.is_success:
        sent.error = FAILED
    if answer.headers.get("content-type", "").partition(";")[0] != JSON and sent.answer:
        sent.answer = json.dumps({"text": sent.answer})


def _acknowledged(sent: Sent) -> bool:
    return 200 <= sent.status < 300
