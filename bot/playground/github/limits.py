"""GitHub's limits on callers: the hourly budget and the pace of writing.

https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api
"""

from collections import deque
from dataclasses import dataclass, field

from bot.playground.github.wire import Refusal

WINDOW = 3600.0
"""Seconds of the primary limit."""
MINUTE = 60.0
SECONDARY_DOCS = (
    "https://docs.github.com/rest/overview/rate-limits-for-the-rest-api#about-secondary-rate-limits"
)


@dataclass(slots=True)
class Knobs:
    """What a test or the playground may turn; the defaults are GitHub's own behaviour."""

    requests_per_hour: int = 5000
    anonymous_per_hour: int = 5000
    """GitHub's own is 60; all of a machine's tests share one address here."""
    content_per_minute: int = 80
    """Creations of content; 0 switches the limit off."""
    comments_per_review: int = 30
    """A review with more is committed and answered with 502."""
    zero_rows_after: int = 20_000
    """Lines of patch in one page of files, beyond which rows show zero counts and no patch."""
    list_lag: float = 0.0
    """Seconds until new reviews and comments show up in lists."""
    may_minimize: bool = True
    """False refuses the App to fold reviews away."""
    user_token_seconds: float = 28_800.0
    """Life of a token that a person grants to the App; 0 for tokens that never expire."""
    hooks: bool = True
    """False loses every event: it is not even recorded as a delivery."""


@dataclass(slots=True)
class Budget:
    """What one caller used in the current hour."""

    reset: float
    used: int = 0


@dataclass(slots=True)
class Limits:
    """Counts callers' requests and refuses those beyond."""

    budgets: dict[str, Budget] = field(default_factory=dict)
    created: dict[str, deque[float]] = field(default_factory=dict)

    def spend(self, caller: str, limit: int, now: float) -> dict[str, str]:
        """Count a request and return its rate limit headers. Raises Refusal 403."""
        budget = self.budgets.get(caller)
        if budget is None or now >= budget.reset:
            budget = self.budgets[caller] = Budget(reset=now + WINDOW)
        budget.used += 1
        headers = self.headers(budget, limit)
        if budget.used > limit:
            raise Refusal(403, f"API rate limit exceeded for {caller}.", headers=headers)
        return headers

    def create(self, caller: str, limit: int, now: float) -> None:
        """Count a creation of content. Raises Refusal 403 with retry-after."""
        times = self.created.setdefault(caller, deque())
        while times and now - times[0] >= MINUTE:
            times.popleft()
        if limit and len(times) >= limit:
            raise secondary(MINUTE - (now - times[0]))
        times.append(now)

    @staticmethod
    def headers(budget: Budget, limit: int) -> dict[str, str]:
        """Return the headers that tell a caller where it stands."""
        return {
            "x-ratelimit-limit": str(limit),
            "x-ratelimit-remaining": str(max(0, limit - budget.used)),
            "x-ratelimit-used": str(budget.used),
            "x-ratelimit-reset": str(int(budget.reset)),
            "x-ratelimit-resource": "core",
        }


def secondary(retry_after: float) -> Refusal:
    """Return GitHub's refusal of a caller that creates content too fast."""
    return Refusal(
        403,
        "You have exceeded a secondary rate limit and have been temporarily blocked from content "
        "creation. Please retry your request again later.",
        headers={"retry-after": str(max(1, round(retry_after)))},
        docs=SECONDARY_DOCS,
    )
