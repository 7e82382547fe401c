"""A person's wish for quiet on one pull request: what GitHub's events ask for is not reviewed.

Whoever asks in person still gets a review.
"""

from core.models.value import Value


class Paused(Value):
    """Who paused the automatic reviews of a pull request, and since when."""

    who: str
    """Login, or a name from elsewhere, as in `slack:U1`."""
    at: float = 0.0
    """Seconds since 1970, on the ledger's clock."""
