"""Why a call failed, in words for people and in kinds for the chain.

The provider's own text is left out: it may quote the prompt or the key.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

from core.errors import ArgusError
from core.models import Usage

_SAYS_TOO_LONG = re.compile(
    r"context.?(?:length|window|size)|maximum context|prompt is too long|too many tokens"
    r"|request.?too.?large|input is too long"
)
"""Servers that speak OpenAI's protocol say it in their own words."""
_SAYS_NO_MONEY = re.compile(r"insufficient_quota|spend_limit|billing|credit balance")
"""Anthropic's `enforced_spend_limit_reached` comes as a 429 that no waiting ends."""


class Kind(StrEnum):
    """What a failure means for the next step."""

    TRANSIENT = "transient"
    """The same call may work in a moment."""
    SLOW = "slow"
    """It took too long; asking again would take as long."""
    PERMANENT = "permanent"
    """It fails until someone changes something: key, quota, model."""
    REJECTED = "rejected"
    """The request as such was refused; another form of it may be taken."""
    UNANSWERED = "unanswered"
    """A filter, a refusal, an empty or a malformed answer: this prompt, this model."""
    TOO_LARGE = "too large"
    """The prompt or its answer is over a limit; a smaller prompt may be answered."""


@dataclass(frozen=True, slots=True)
class Failure:
    """One failed call."""

    kind: Kind
    words: str
    retry_after: float | None = None
    """Seconds that the provider asked to wait."""


class CallFailed(ArgusError):
    """A call gave no usable answer; `usage` is what it cost all the same."""

    def __init__(self, failure: Failure, usage: Usage | None = None) -> None:
        self.failure = failure
        self.usage = usage or Usage()
        super().__init__(failure.words)


def classify(error: Exception) -> Failure:
    """Sort an error of pydantic-ai by what can be done about it.

    https://pydantic.dev/docs/ai/api/exceptions/
    """
    from pydantic_ai import exceptions as known

    status = getattr(error, "status_code", None)
    retry_after = getattr(error, "retry_after", None)
    said = str(getattr(error, "body", "") or "").lower()
    if status == 410:
        return Failure(Kind.PERMANENT, "this model was retired (410)")
    if status in {400, 413, 422} and _SAYS_TOO_LONG.search(said):
        return Failure(Kind.TOO_LARGE, f"the prompt is over its context window ({status})")
    if status in {400, 429} and _SAYS_NO_MONEY.search(said):
        return Failure(Kind.PERMANENT, f"the account's quota is used up ({status})")
    for kind, words, types in (
        (
            Kind.TOO_LARGE,
            "the prompt is over its context window",
            known.ModelContextWindowExceededError,
        ),
        (Kind.PERMANENT, "the account's quota is used up", known.ModelQuotaExceededError),
        (Kind.PERMANENT, "the key was refused", known.ModelAuthenticationError),
        (Kind.PERMANENT, "there is no such model or address", known.ModelNotFoundError),
        (Kind.TRANSIENT, "its rate limit is reached", known.ModelRateLimitError),
        (Kind.TRANSIENT, "it is overloaded", known.ModelOverloadedError),
        (Kind.TRANSIENT, "it is unavailable", known.ModelUnavailableError),
        (Kind.TRANSIENT, "its server failed", known.ModelServerError),
        (Kind.SLOW, "the connection timed out", known.ModelTimeoutError),
        (Kind.TRANSIENT, "the connection broke", known.ModelConnectionError),
        (Kind.REJECTED, "it rejected the request", known.ModelRequestRejectedError),
        (Kind.UNANSWERED, "a content filter stopped it", known.ContentFilterError),
    ):
        if isinstance(error, types):
            return Failure(kind, _with_status(words, status), retry_after)
    if status is not None and status < 500:
        return Failure(Kind.REJECTED, _with_status("it rejected the request", status))
    return Failure(Kind.TRANSIENT, _with_status("its answer could not be read", status))


def _with_status(words: str, status: int | None) -> str:
    return f"{words} ({status})" if status else words
