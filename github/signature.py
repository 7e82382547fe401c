"""Proves that a delivery came from GitHub: an HMAC over the raw bytes, before anything is parsed.

https://docs.github.com/webhooks/using-webhooks/validating-webhook-deliveries
"""

import hmac
from collections.abc import Sequence
from typing import Final

PREFIX: Final = b"sha256="
HEADER_LENGTH: Final = len(PREFIX) + 64


def verify(body: bytes, signatures: Sequence[bytes], secrets: Sequence[bytes]) -> bool:
    """Tell whether one of the secrets made the one signature; fail closed on anything odd.

    `signatures` are all X-Hub-Signature-256 headers of the request: two of them prove nothing.
    All secrets are tried, so the time does not tell which one fits. GitHub writes lower-case hex
    and nothing else is accepted.
    """
    usable = [secret for secret in secrets if secret]
    if len(signatures) != 1 or len(signatures[0]) != HEADER_LENGTH:
        return False
    matches = [hmac.compare_digest(sign(body, secret), signatures[0]) for secret in usable]
    return any(matches)


def sign(body: bytes, secret: bytes) -> bytes:
    """Return the header value that GitHub would send."""
    return PREFIX + hmac.digest(secret, body, "sha256").hex().encode()
