"""Builds what processes share: the paces of clients of GitHub and Slack, the breakers of models."""

from redis.asyncio import Redis

from bot.adapters.limits import models, pace, report
from bot.adapters.limits.breaker import SharedBreaker
from bot.adapters.limits.line import Line
from bot.adapters.limits.models import ModelBreaker, credentials
from bot.adapters.limits.pace import SharedPace
from bot.adapters.limits.report import BreakerState, PaceState
from bot.adapters.limits.slack import SlackPace
from bot.adapters.models.spec import ModelSpec
from github.pace import CONTENT, TOKENS
from github.pace import Limits as GitHubLimits

APP = "app"
"""Scope of what the App does itself, mostly minting tokens; installations have their ids."""


class Limits:
    """The limits of all processes that share a server."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._line = Line(redis)

    def installation(self, installation_id: int) -> SharedPace:
        """Return the pace of an installation."""
        return self._pace(str(installation_id), CONTENT)

    def app(self) -> SharedPace:
        """Return the pace of the App itself."""
        return self._pace(APP, TOKENS)

    def slack(self) -> SlackPace:
        """Return the pace of messages in Slack."""
        return SlackPace(self._line)

    def model(self, spec: ModelSpec) -> ModelBreaker:
        """Return the breaker of a model."""
        under = credentials(spec)
        return ModelBreaker(
            SharedBreaker(self._line, models.KIND, str(spec), models.RULES, under=under)
        )

    async def report(self) -> tuple[BreakerState, ...]:
        """Return who saw failures or is limited, models first. Raises TransientError."""
        return await report.breakers(self._redis)

    async def paces(self) -> tuple[PaceState, ...]:
        """Return how much was written within the last hour. Raises TransientError."""
        return await report.paces(self._redis)

    def _pace(self, scope: str, limits: GitHubLimits) -> SharedPace:
        breaker = SharedBreaker(self._line, pace.KIND, scope, pace.RULES)
        return SharedPace(self._line, scope, limits, breaker)
