"""Posts a review exactly once: pending first, then submitted, and looked for before anything.

`publisher` is the protocol, `creation` gets a pending review made, `gate` is what must hold
before a write, `own_reviews` speaks to GitHub.
"""

from github.posting.publisher import ReviewPublisher

__all__ = ["ReviewPublisher"]
