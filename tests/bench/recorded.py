"""What Slack sends, recorded from the local Slack once and signed anew when it is sent.

So the load needs no Slack beside it, and every answer still has an address of its own that the
local Slack knows.
"""

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final

from bot.playground.slack.driver import Driver
from bot.playground.slack.outgoing import sign

FORM: Final = "application/x-www-form-urlencoded"


@contextmanager
def recording(slack: Driver, back_to: str) -> Iterator[list[bytes]]:
    """Yield the bodies that Slack sends meanwhile; afterwards it sends to `back_to` again."""
    bodies: list[bytes] = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), _recorder(bodies))
    thread = threading.Thread(target=server.serve_forever, name="recorder", daemon=True)
    thread.start()
    try:
        slack.set_request_url(f"http://127.0.0.1:{server.server_port}/slack/events")
        yield bodies
    finally:
        slack.set_request_url(back_to)
        server.shutdown()
        server.server_close()
        thread.join()


def signed(bodies: Sequence[bytes], secret: str) -> list[str]:
    """Return whole requests, proven as of now; Slack's proofs hold for five minutes.

    https://docs.slack.dev/authentication/verifying-requests-from-slack
    """
    now = int(time.time())
    return [_request(body, secret, now) for body in bodies]


def _request(body: bytes, secret: str, now: int) -> str:
    headers = {
        "Host": "127.0.0.1",
        "User-Agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
        "Accept": "application/json,*/*",
        "Content-Type": FORM,
        "Content-Length": str(len(body)),
        **sign(secret, body, now),
    }
    lines = ["POST /slack/events HTTP/1.1", *(f"{key}: {value}" for key, value in headers.items())]
    return "\r\n".join([*lines, "", body.decode("latin-1")])


def _recorder(bodies: list[bytes]) -> type[BaseHTTPRequestHandler]:
    class Recorder(BaseHTTPRequestHandler):
        """Keeps bodies, and acknowledges everything."""

        def do_POST(self) -> None:
            bodies.append(self.rfile.read(int(self.headers["content-length"])))
            self.send_response(200)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Stay silent."""

    return Recorder
