"""Composes what is set right at GitHub, where there is an App to do it with."""

from functools import partial

from redis.asyncio import Redis

from bot.adapters.ledger import RedisLedger
from bot.adapters.ledger.marks import Doubt, Marks
from bot.parts.github import GitHubSide
from bot.worker import Pace
from bot.worker.remote import (
    FailedDeliveries,
    IdleReactions,
    NotedPublisher,
    Remote,
    ReviewRepairs,
    Sweep,
)
from core.intake import Intake
from core.models import Job
from core.ports import Publisher
from github.client import GitHubClient
from github.deliveries import Deliveries
from github.open_pulls import OpenPull
from github.triggers import Rules


class Upkeep:
    """The duties at GitHub, and the notes that a run leaves for them."""

    def __init__(self, github: GitHubSide, redis: Redis, ledger: RedisLedger) -> None:
        self._github = github
        self._ledger = ledger
        self._marks = Marks(redis, ledger.policy)

    def noted(self, publisher: Publisher, job: Job) -> Publisher:
        """Return a publisher whose postings are looked at once more."""
        if self._github.auth is None:
            return publisher
        return NotedPublisher(publisher, self._marks, job, delay=self._ledger.policy.lease)

    def remote(self, intake: Intake, rules: Rules, pace: Pace) -> Remote | None:
        """Return what does the duties; None without an App."""
        auth = self._github.auth
        if auth is None:
            return None
        duties = (
            FailedDeliveries(
                Deliveries(auth), intake, rules, self._marks, pace.deliveries, spacing=pace.fetch
            ),
            Sweep(
                auth,
                self._github.connections.survey,
                partial(_connect, self._github),
                intake,
                rules,
                self._marks,
                pace.sweep,
            ),
            ReviewRepairs(
                partial(_connect, self._github),
                self._github.markers,
                self._github.identity,
                self._marks,
                lease=self._ledger.policy.lease,
                every=pace.repairs,
            ),
            IdleReactions(self._marks, pace.reactions),
        )
        return Remote(self._ledger.presence, self._marks, duties, pace=pace)


async def _connect(github: GitHubSide, at: Doubt | OpenPull) -> GitHubClient:
    return await github.connections.client(at.ref, at.repo_id, at.installation_id)
