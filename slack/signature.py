"""Proves that a request came from Slack, on its raw bytes and before anything of it is parsed.

https://docs.slack.dev/authentication/verifying-requests-from-slack/
"""

import hashlib
import hmac
from collections.abc import Callable, Iterable
from time import time
from typing import Final

TOLERANCE: Final = 300.0
"""Seconds that the timestamp may be off, either way."""
_LONGEST_TIMESTAMP: Final = 12
"""Digits; seconds since 1970 have ten."""


class Signature:
    """Verifies with the app's signing secret."""

    def __init__(self, secret: str, *, clock: Callable[[], float] = time) -> None:
        if not secret.strip():
            raise ValueError("the signing secret is empty")
        self._secret = secret.encode()
        self._clock = clock

    def proves(self, headers: Iterable[tuple[bytes, bytes]], body: bytes) -> bool:
        """Tell whether the body is Slack's and fresh; a header sent twice proves nothing."""
        headers = list(headers)
        timestamp = _only(headers, b"x-slack-request-timestamp")
        signature = _only(headers, b"x-slack-signature")
        if not timestamp.isdigit() or len(timestamp) > _LONGEST_TIMESTAMP:
            return False
        if abs(self._clock() - int(timestamp)) > TOLERANCE:
            return False
        digest = hmac.new(self._secret, b"v0:" + timestamp + b":" + body, hashlib.sha256)
        return hmac.compare_digest(b"v0=" + digest.hexdigest().encode(), signature)


def _only(headers: Iterable[tuple[bytes, bytes]], name: bytes) -> bytes:
    values = [value for key, value in headers if key.lower() == name]
    return values[0] if len(values) == 1 else b""
