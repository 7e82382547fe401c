"""Hidden markers that only Argus can make: make them, find them, verify them.

They identify our own reviews, comments and summaries after a crash; whose account wrote the text
is a second, separate question (`github.identity`), because a valid marker can be copied.
"""

import hashlib
import hmac
import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

_LABEL: Final = b"argus marker v1"
"""Separates this use of the secret key from every other."""
_DIGITS: Final = 32
"""Hexadecimal digits of the HMAC that are kept: 128 bit."""
_ID: Final = r"[A-Za-z0-9._]+(?:-[A-Za-z0-9._]+)*"
"""No colon, which separates, and no double hyphen, which HTML forbids inside a comment."""
_MAX_ID: Final = 200
_MARKER: Final = re.compile(
    rf"<!-- argus:v1:(review|summary|finding|answer):({_ID}):([0-9a-f]{{{_DIGITS}}}) -->"
)


class MarkerKind(StrEnum):
    """What a marker stands in."""

    REVIEW = "review"
    """The body of a review; the id is `review_id`."""
    SUMMARY = "summary"
    """The sticky summary; the id is `summary_id`."""
    FINDING = "finding"
    """An inline comment; the id is `finding_id`."""
    ANSWER = "answer"
    """What is said to a person; the id is `answer_id`."""


@dataclass(frozen=True, slots=True)
class Marker:
    """A marker whose HMAC was verified."""

    kind: MarkerKind
    id: str

    @property
    def finding(self) -> tuple[str, str]:
        """Return finding id and fingerprint of a finding's marker."""
        finding, _, fingerprint = self.id.partition(".")
        return finding, fingerprint

    @property
    def head(self) -> str:
        """Return the head that a review's or a summary's marker names."""
        parts = self.id.split(".")
        return parts[2] if len(parts) == 4 else ""

    @property
    def generation(self) -> int:
        """Return the generation that a summary's marker was rendered for."""
        last = self.id.rpartition(".")[2]
        return int(last) if last.isascii() and last.isdigit() else 0


def review_id(repo_id: int, number: int, head: str, ordinal: int) -> str:
    """Name one review: the same for every attempt, different for every other review."""
    return f"{repo_id}.{number}.{head}.{ordinal}"


def summary_id(repo_id: int, number: int, head: str, generation: int) -> str:
    """Name a summary's state; pull request first, so that any state of it is recognised."""
    return f"{repo_id}.{number}.{head}.{generation}"


def finding_id(finding: str, fingerprint: str) -> str:
    """Name a finding's comment. The finding's id must not contain a dot."""
    if "." in finding:
        raise ValueError("a finding's id must not contain a dot")
    return f"{finding}.{fingerprint}"


def answer_id(repo_id: int, number: int, origin_id: str) -> str:
    """Name the answer to what was asked: the same for every attempt at it."""
    asked = hashlib.sha256(origin_id.encode("utf-8", "surrogatepass")).hexdigest()[:_DIGITS]
    return f"{repo_id}.{number}.{asked}"


class Markers:
    """Makes markers with the first secret key and reads those of any key."""

    def __init__(self, keys: Sequence[str]) -> None:
        secrets = [key.encode() for key in keys if key]
        if not secrets:
            raise ValueError("a marker needs a secret key")
        self._keys = tuple(hmac.digest(secret, _LABEL, "sha256") for secret in secrets)

    def make(self, kind: MarkerKind, id: str) -> str:  # noqa: A002 - the marker's own field
        """Return the hidden comment. Raises ValueError for an id outside the safe alphabet."""
        if not re.fullmatch(_ID, id) or len(id) > _MAX_ID:
            raise ValueError("a marker's id is limited to letters, digits, dots and single hyphens")
        return f"<!-- argus:v1:{kind}:{id}:{_sign(self._keys[0], kind, id)} -->"

    def read(self, text: str) -> tuple[Marker, ...]:
        """Return the valid markers of a text in order; forged ones are not there."""
        return tuple(
            Marker(MarkerKind(kind), name)
            for kind, name, mac in _MARKER.findall(text)
            if self._valid(kind, name, mac)
        )

    def find(self, text: str, kind: MarkerKind) -> Marker | None:
        """Return the last valid marker of a kind: ours ends the text, a quoted one does not."""
        return next((m for m in reversed(self.read(text)) if m.kind is kind), None)

    def _valid(self, kind: str, name: str, mac: str) -> bool:
        matches = [hmac.compare_digest(mac, _sign(key, kind, name)) for key in self._keys]
        return any(matches)


def _sign(key: bytes, kind: str, name: str) -> str:
    message = f"{kind}:{name}".encode()
    return hmac.new(key, message, hashlib.sha256).hexdigest()[:_DIGITS]
