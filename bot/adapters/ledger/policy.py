"""The ledger's numbers; the scripts get them with each call."""

import json
from dataclasses import dataclass

from core.models import OutcomeKind

DAY = 86_400
HOUR = 3_600
"""Seconds."""

SETTLED = frozenset({OutcomeKind.REVIEWED, OutcomeKind.CLEAN, OutcomeKind.NOTHING_NEW})
"""Outcomes after which the same head is not reviewed again unless someone asks for `full`."""
SETTLED_FOR_SWEEP = frozenset(OutcomeKind) - {OutcomeKind.SUPERSEDED}
"""The reconciler's sweep looks for heads without any outcome: it never tries one again."""

APART = 0.25
"""Of a lease: how long a job that crashed often waits for another such one to end."""
SHA_CHARS = 41
"""A commit and a space."""


@dataclass(frozen=True, slots=True)
class HourlyLimits:
    """Reviews that may start in an hour, and at once after a quiet one; 0 is no limit.

    Over a limit a request is delayed, never refused. One person gets at most half of what a
    repository or an organisation has.
    """

    repository: int = 1_200
    organisation: int = 6_000
    person: int = 1_200

    def __post_init__(self) -> None:
        if min(self.repository, self.organisation, self.person) < 0:
            raise ValueError("a limit cannot be negative")


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
    """Before the last one a job runs apart from others that crashed as often."""
    limits: HourlyLimits = HourlyLimits()
    row_lease: float = 60.0
    """A silent sender loses its outbox row after this."""
    order_leases: float = 4.0
    """Of a row's lease, for what a person said: a model may have to answer."""
    card_apart: float = 3.0
    """Between two edits of a message in Slack, at least; the last state wins."""
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
    keep_dead: int = 90 * DAY
    """Dead letters that nobody retried are at rest afterwards, with their outcome."""
    sweep: int = 50
    """Jobs that are looked at together, for what is left of those that passed …"""
    sweep_apart: float = 10.0
    """… and no sooner than this after the ones before them."""
    listen: tuple[float, ...] = (HOUR, 6 * HOUR, *(DAY,) * 30)
    """Before each look at the comments of an open pull request to which nothing happens: people
    react soon or hardly ever, and after a month it is left alone."""
    past_heads: int = 10
    """Heads that were wanted before and are remembered."""

    def __post_init__(self) -> None:
        if self.lease <= 0:
            raise ValueError("a lease must last")
        if not self.listen:
            raise ValueError("a pull request is looked at once at least")

    @property
    def order_lease(self) -> float:
        """Return the seconds after which a silent worker loses what a person said."""
        return self.row_lease * self.order_leases

    def arguments(self) -> str:
        """Return it as the scripts read it: waits in milliseconds, lifetimes in seconds."""
        waits = {
            "lease": self.lease,
            "quiet": self.quiet,
            "patience": self.patience,
            "doubt": self.doubt,
            "row_lease": self.row_lease,
            "order_lease": self.order_lease,
            "card_apart": self.card_apart,
            "overdue": self.overdue,
            "apart": self.lease * APART,
            "beat_lifetime": self.beat_lifetime,
            "sweep_apart": self.sweep_apart,
        }
        lists = {"listen": [_ms(wait) for wait in self.listen]}
        numbers = {
            "max_attempts": self.max_attempts,
            "max_crashes": self.max_crashes,
            "sweep": self.sweep,
            "past_chars": self.past_heads * SHA_CHARS,
            "keep_events": self.keep_events,
            "keep_outcomes": self.keep_outcomes,
            "keep": self.keep,
            "keep_closed": self.keep_closed,
            "keep_dead": self.keep_dead,
            "per_repository": self.limits.repository,
            "per_organisation": self.limits.organisation,
            "per_person": self.limits.person,
        }
        return json.dumps({name: _ms(wait) for name, wait in waits.items()} | lists | numbers)


def _ms(seconds: float) -> int:
    return round(seconds * 1000)
