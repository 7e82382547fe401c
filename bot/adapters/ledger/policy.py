"""The ledger's numbers and the sentences it records itself; the scripts get them with each call."""

import json
from dataclasses import dataclass

from core.models import OutcomeKind

DAY = 86_400
"""Seconds."""

SETTLED = frozenset({OutcomeKind.REVIEWED, OutcomeKind.CLEAN, OutcomeKind.NOTHING_NEW})
"""Outcomes after which the same head is not reviewed again unless someone asks for `full`."""
SETTLED_FOR_SWEEP = frozenset(OutcomeKind) - {OutcomeKind.SUPERSEDED}
"""The reconciler's sweep looks for heads without any outcome: it never tries one again."""

SUPERSEDED = "A newer head arrived."
CRASHED = "The worker stopped without a word."
CRASHED_OFTEN = "The worker crashed three times on this head, so Argus gave up on it."
DISCARDED = "Discarded by the operator."


@dataclass(frozen=True, slots=True)
class Policy:
    """Times in seconds; tests shorten them."""

    lease: float = 60.0
    """A silent worker loses its job after this."""
    quiet: float = 3.0
    """Later pushes wait for this much quiet …"""
    patience: float = 15.0
    """… but no longer than this after the first of them."""
    doubt: float = 10.0
    """After a wish, a live head that it left behind may be a replica's lag."""
    max_attempts: int = 6
    max_crashes: int = 3
    row_lease: float = 60.0
    """A silent sender loses its outbox row after this."""
    overdue: float = 1.0
    """A due job that nobody claimed for this long needs another ring."""
    beat_lifetime: float = 15.0
    """A worker is alive for this long after a heartbeat."""
    keep_events: int = 4 * DAY
    """Longer than the three days in which GitHub redelivers:
    https://docs.github.com/en/webhooks/testing-and-troubleshooting-webhooks/redelivering-webhooks"""
    keep_outcomes: int = 90 * DAY
    keep: int = 400 * DAY
    """State of a pull request that nothing happened to; open ones may rest for long."""
    keep_closed: int = 90 * DAY
    past_heads: int = 10
    """Heads that were wanted before and are remembered."""

    def __post_init__(self) -> None:
        if self.lease <= 0:
            raise ValueError("a lease must last")

    def arguments(self) -> str:
        """Return it as the scripts read it: waits in milliseconds, lifetimes in seconds."""
        return json.dumps(
            {
                "lease": _ms(self.lease),
                "quiet": _ms(self.quiet),
                "patience": _ms(self.patience),
                "doubt": _ms(self.doubt),
                "row_lease": _ms(self.row_lease),
                "overdue": _ms(self.overdue),
                "beat_lifetime": _ms(self.beat_lifetime),
                "max_attempts": self.max_attempts,
                "max_crashes": self.max_crashes,
                "keep_events": self.keep_events,
                "keep_outcomes": self.keep_outcomes,
                "keep": self.keep,
                "keep_closed": self.keep_closed,
                "past_chars": self.past_heads * 41,
                "words": {
                    "superseded": SUPERSEDED,
                    "crashed": CRASHED,
                    "crashed_often": CRASHED_OFTEN,
                    "discarded": DISCARDED,
                },
            }
        )


def _ms(seconds: float) -> int:
    return round(seconds * 1000)
