"""How patient a worker is: its waits in one place, so that tests can shorten them together.

What the ledger waits for is in `bot.adapters.ledger.policy`; limits that never change are
constants beside the code that obeys them.
"""

import random
from dataclasses import dataclass

MAX_BACKOFF = 900.0
"""Seconds."""


@dataclass(frozen=True, slots=True)
class Pace:
    """Times in seconds."""

    deadline: float = 600.0
    """For one run, model calls and posting included."""
    job_backoff: float = 10.0
    """Before the second attempt of a job; doubled for each that follows."""
    look_again: float = 3.0
    """Until a doubtful live head is read again."""
    row_backoff: float = 2.0
    """Before an outbox row is sent again; doubled for each failure that follows."""
    row_poll: float = 0.5
    """Between looks for rows that another process put."""
    tick: float = 2.0
    """Between two looks of the reconciler, when nothing becomes due before."""
    deaf_after: float = 5.0
    """Without a ring, while jobs are overdue that long, until they are taken without one. The
    reconciler rings every `tick`, so a worker that hears nothing for longer is not reached."""
    heads: float = 1.0
    """Between looks for newer heads: a run is interrupted this soon, not only when it renews."""
    beat: float = 3.0
    """Between heartbeats; each holds for fifteen."""
    soon: float = 5.0
    """After a start, or after the ledger was away, until GitHub is asked what was missed."""
    deliveries: float = 300.0
    """Between looks for failed deliveries."""
    fetch: float = 1.0
    """Between two failed deliveries that are taken in."""
    sweep: float = 600.0
    """Between sweeps of open pull requests."""
    repairs: float = 5.0
    """Between looks for places where a review was posted a while ago."""
    reactions: float = 60.0
    """Between looks for idle pull requests whose comments are to be read again."""
    term: float = 30.0
    """For which the lead in a duty at GitHub is taken: longer than most requests."""
    retry: float = 30.0
    """Until GitHub is asked again when it was in trouble, at least."""
    give_back: float = 12.0
    """To cancel and give back what runs, when the process stops. All of it takes at most 25:
    https://devcenter.heroku.com/articles/dynos#graceful-shutdown-with-sigterm"""
    end_sending: float = 4.0
    """To finish deliveries that have begun."""
    end_listening: float = 4.0
    """For Dramatiq's threads to end."""


def backoff(attempt: int, first: float) -> float:
    """Return seconds to wait after an attempt, with jitter so that failures spread out."""
    longest = min(MAX_BACKOFF, first * 2.0 ** min(attempt - 1, 30))
    return longest * random.uniform(0.5, 1.0)  # noqa: S311 - jitter, no secret
