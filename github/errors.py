"""GitHub's answers as errors of Argus: which to wait out, which to give up on, and in what words.

Reads status, headers and body only; who retries what is decided in `client`. The order in which
limits are read follows https://docs.github.com/rest/using-the-rest-api/best-practices-for-using-the-rest-api
"""

import json
import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Any

from core.errors import ArgusError, PermanentError, TransientError

UNTOLD_WAIT = 60.0
"""Seconds to wait when GitHub limits without saying for how long; its documentation's minimum."""
LONGEST_WAIT = 86_400.0
"""Seconds; a header that asks for more is not believed."""
LONGEST_WORDS = 300
"""Characters of GitHub's own message that are repeated to people."""
OK_STATUS, CLIENT_ERROR, SERVER_ERROR = 200, 400, 500


class NotFound(PermanentError):
    """404 or 410: it does not exist, or these credentials may not know that it does."""


class Forbidden(PermanentError):
    """401, 403 or 451 that is no rate limit."""

    def __init__(self, reason: str, *, status: int = 403, server_time: float | None = None) -> None:
        self.status = status
        self.server_time = server_time
        """Unix time by GitHub's clock, to mend a JWT that ours made too early or too late."""
        super().__init__(reason)


class Unprocessable(PermanentError):
    """422, and the other 4xx that say the request itself is wrong; `messages` are all its words."""

    def __init__(self, reason: str, *, messages: tuple[str, ...] = (), status: int = 422) -> None:
        self.messages = messages
        self.status = status
        super().__init__(reason)


class TooLarge(PermanentError):
    """GitHub will not send something this large, or sent more than we take."""


class AmbiguousWrite(TransientError):
    """A write timed out, lost its connection or met a 5xx: it may have happened. Look, then act."""


class RateLimited(TransientError):
    """Nothing may be sent before `retry_after`; `told` is False where GitHub named no time."""

    def __init__(self, reason: str, *, retry_after: float, told: bool = True) -> None:
        self.told = told
        super().__init__(reason, retry_after=retry_after)


def error_from(status: int, headers: Mapping[str, str], body: bytes, *, write: bool) -> ArgusError:
    """Return the error that an answer of 300 and above stands for; header names in lower case."""
    messages = _messages(body)
    said = "; ".join(messages)[:LONGEST_WORDS].rstrip(".") or f"HTTP {status}"
    if status == 429 or (status == 403 and _is_limit(headers, said)):
        return _limited(headers, said)
    if status in {404, 410}:
        return NotFound(f"GitHub does not show it: {said}.")
    if status in {406, 413, 414} or "too_large" in messages:
        return TooLarge(f"GitHub will not send something this large: {said}.")
    if status in {401, 403, 451}:
        return Forbidden(
            f"GitHub refused: {said}.", status=status, server_time=server_time(headers)
        )
    if status >= SERVER_ERROR or status == 408:
        return _troubled(status, headers, said, write=write)
    return Unprocessable(f"GitHub rejected it: {said}.", messages=messages, status=status)


def server_time(headers: Mapping[str, str]) -> float | None:
    """Return GitHub's clock, in Unix seconds, from the Date header."""
    try:
        return parsedate_to_datetime(headers.get("date", "")).timestamp()
    except (ValueError, TypeError, OverflowError):
        return None


def _is_limit(headers: Mapping[str, str], said: str) -> bool:
    """Tell a limit from a refusal: both arrive as 403."""
    words = said.lower()
    return (
        "retry-after" in headers
        or headers.get("x-ratelimit-remaining") == "0"
        or "rate limit" in words
        or "abuse detection" in words
    )


def _limited(headers: Mapping[str, str], said: str) -> RateLimited:
    """Read how long to wait: retry-after, else the reset, else a minute at least."""
    reason = f"GitHub limits our requests: {said}."
    told = _seconds(headers.get("retry-after"))
    if told is None and headers.get("x-ratelimit-remaining") == "0":
        reset = _seconds(headers.get("x-ratelimit-reset"))
        if reset is not None:
            told = reset - (server_time(headers) or time.time())
    if told is None:
        return RateLimited(reason, retry_after=UNTOLD_WAIT, told=False)
    # A second more than told: both clocks are rounded to whole seconds.
    return RateLimited(reason, retry_after=min(max(told, 0.0) + 1.0, LONGEST_WAIT))


def _seconds(text: str | None) -> float | None:
    return float(text) if text and text.isascii() and text.isdigit() and len(text) <= 12 else None


def _troubled(status: int, headers: Mapping[str, str], said: str, *, write: bool) -> TransientError:
    wait = min(_seconds(headers.get("retry-after")) or 0.0, LONGEST_WAIT)
    reason = f"GitHub is in trouble (HTTP {status}): {said}."
    return (AmbiguousWrite if write else TransientError)(reason, retry_after=wait)


def _messages(body: bytes) -> tuple[str, ...]:
    """Return everything GitHub says in an error's body: its message, then each error's words."""
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        return ()
    if not isinstance(answer, dict):
        return ()
    errors = answer.get("errors")
    listed = errors if isinstance(errors, list) else [errors]
    words = [answer.get("message"), *(word for entry in listed for word in _words(entry))]
    # "replace": a lone surrogate in an answer must not break a log line or a check run later.
    return tuple(
        word.encode(errors="replace").decode() for word in words if isinstance(word, str) and word
    )


def _words(entry: Any) -> tuple[Any, ...]:
    if isinstance(entry, dict):
        return (entry.get("message"), entry.get("field"), entry.get("code"))
    return (entry,)
