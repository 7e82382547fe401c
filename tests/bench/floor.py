"""The floor of an acknowledgement: a bare ASGI endpoint that does what no receiver can leave out.

It reads the body, computes the HMAC, makes one Lua round trip that writes, and answers; no
framework, no JSON, no events. Same server, loop, HTTP parser and client library as Argus. With
DECODE set it is an echo instead: it decodes the body and tells what it is about.
"""

import hmac
import json
import os
from collections.abc import Awaitable, Callable
from typing import Any

import redis.asyncio
import uvicorn

SCRIPT = "return redis.call('SET', KEYS[1], ARGV[1], 'EX', 345600)"
ANSWER = b'{"status":"accepted"}'

Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
Application = Callable[[dict[str, Any], Receive, Send], Awaitable[None]]


class Floor:
    """The application."""

    def __init__(self, redis_url: str, secret: bytes, *, decode: bool) -> None:
        self._secret = secret
        self._decode = decode
        self._script = redis.asyncio.from_url(redis_url).register_script(SCRIPT)

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        """Acknowledge a POST; answer 200 to anything else."""
        status, content = 200, ANSWER
        if scope["method"] == "POST":
            body = await whole_body(receive)
            status = await self._acknowledge(dict(scope["headers"]), body)
            content = _echo(body) if self._decode else ANSWER
        headers = [
            (b"content-type", b"application/json"),
            (b"content-length", str(len(content)).encode()),
        ]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": content})

    async def _acknowledge(self, headers: dict[bytes, bytes], body: bytes) -> int:
        expected = b"sha256=" + hmac.digest(self._secret, body, "sha256").hex().encode()
        if not hmac.compare_digest(expected, headers[b"x-hub-signature-256"]):
            return 401
        delivery = headers[b"x-github-delivery"]
        await self._script(keys=[b"floor:" + delivery], args=[expected])
        return 202


def _echo(body: bytes) -> bytes:
    payload = json.loads(body)
    about = {"repository": payload["repository"]["id"], "number": payload["number"]}
    return json.dumps({"status": "accepted", **about}).encode()


async def whole_body(receive: Receive) -> bytes:
    """Return the body of a request."""
    chunks = []
    while True:
        message = await receive()
        chunks.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(chunks)


def main() -> None:
    """Serve with the settings that Argus serves with."""
    secret = os.environ["GITHUB_WEBHOOK_SECRET"].encode()
    decode = bool(os.environ.get("DECODE"))
    serve(Floor(os.environ["REDIS_URL"], secret, decode=decode))


def serve(application: Application) -> None:
    """Serve an application on PORT until SIGTERM."""
    config = uvicorn.Config(
        application,
        host="127.0.0.1",
        port=int(os.environ["PORT"]),
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_keep_alive=75,
        backlog=2048,
        lifespan="off",
    )
    uvicorn.Server(config).run()


if __name__ == "__main__":
    main()
