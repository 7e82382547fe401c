"""Seals what must not lie open in the ledger: where an answer goes is a bearer address.

The keys come from `SECRET_KEY`, under a label of their own, so that a seal is never a signature
made elsewhere with the same secret.
"""

import hashlib
import hmac
from base64 import urlsafe_b64encode
from collections.abc import Sequence
from typing import Final

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from slack.errors import SealBroken

LABEL: Final = b"argus slack reply seal v1"


class Seal:
    """Encrypts with the first key and reads with any, so that keys can be rotated."""

    def __init__(self, keys: Sequence[str], *, label: bytes = LABEL) -> None:
        if not any(keys):
            raise ValueError("a seal needs at least one key")
        self._fernet = MultiFernet([Fernet(_derived(key, label)) for key in keys if key])

    def close(self, text: str) -> str:
        """Return the text, encrypted and authenticated."""
        return self._fernet.encrypt(text.encode()).decode()

    def open(self, sealed: str) -> str:
        """Return what was sealed. Raises SealBroken."""
        try:
            return self._fernet.decrypt(sealed.encode()).decode()
        except (InvalidToken, UnicodeError) as failure:
            raise SealBroken("the seal is not ours") from failure


def _derived(key: str, label: bytes) -> bytes:
    """Return a Fernet key; the secret is random, so one keyed hash is derivation enough."""
    return urlsafe_b64encode(hmac.new(key.encode(), label, hashlib.sha256).digest())
