"""The parts that processes are composed of, opened and closed in one place each.

`bot.wiring` puts them together; nothing is connected before it is used.
"""

import asyncio
import hashlib
import hmac
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

import httpx
import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from bot.adapters.cache import ReplyCache
from bot.adapters.figures import Figures
from bot.adapters.ledger import HourlyLimits, RedisLedger
from bot.adapters.limits import Limits
from bot.adapters.models import PydanticAIChain, Timeouts
from bot.adapters.queue import DramatiqBell
from bot.adapters.redis_client import SOCKET_TIMEOUT, check_policy, connect
from bot.model_choice import chosen_models, verifying_models
from bot.settings import Settings, SettingsError, split
from bot.settings_rules import private_key, warnings_of
from bot.withholding import DiscreetAnswerer, DiscreetReader, DiscreetVerifier, Withheld
from core.analyzers import Analyzers
from core.context.reader import ContextReader
from core.desk import Answerer, Desk, Pauses
from core.errors import ArgusError
from core.intake import Intake
from core.models import Delivery, Job, Outcome
from core.ports import Announcer, Fence, Host, Memory, Progress, Publisher
from core.progress import UNHEARD
from core.repo_config import RepoConfig, ReviewRules
from core.repo_config.gathering import Organisation, RuntimeSettings
from core.review import Crew, review_pull_request
from core.reviewer import Reviewer
from core.verification import Verifier
from github.app_auth import AppAuth
from github.client import GitHubClient
from github.connect import Connections
from github.identity import Identity
from github.markers import Markers
from github.transport import GitHubTransport
from github.user_tokens import UserTokens
from slack.client import SlackClient
from slack.seal import Seal

BOOT_SECONDS = 3.0
"""For what a start asks of others; a slow answer must not keep a process from starting."""
RINGS_APART = 0.05
"""Seconds; a ring costs web as much as an admission, and the worker that one of them wakes sees
to what else came."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class GitHubSide:
    """Everything that speaks to GitHub with the App's credentials."""

    auth: AppAuth | None
    connections: Connections
    identity: Identity
    markers: Markers
    web_url: str
    user_tokens: UserTokens | None = None
    """Signs people in; None where the App's client id is not set."""

    @property
    def own_login(self) -> str | None:
        """Return our own account's login, None when GitHub did not tell."""
        return f"{self.identity.slug}[bot]" if self.identity.slug else None

    async def connect(self, delivery: Delivery) -> GitHubClient:
        """Return the client for an outbox row."""
        return await self.connections.client(
            delivery.ref, delivery.repo_id, delivery.installation_id
        )


@asynccontextmanager
async def open_github(
    settings: Settings, *, limits: Limits | None = None, personal_token: str = ""
) -> AsyncIterator[GitHubSide]:
    """Open GitHub's side: as the App, or with a personal token where there is no App.

    Without shared `limits` this process keeps a pace of its own.
    """
    async with httpx.AsyncClient(trust_env=False, transport=GitHubTransport()) as http:
        auth = None
        if settings.has_github:
            key = private_key(settings.github_app_private_key.get_secret_value())
            auth = AppAuth(
                settings.github_app_id,
                key,
                http,
                settings.github_api_url,
                pace=limits.app() if limits else None,
            )
        yield GitHubSide(
            auth=auth,
            connections=Connections(
                auth,
                http,
                settings.github_api_url,
                personal_token or None,
                pace_of=limits.installation if limits else None,
            ),
            identity=Identity(settings.github_app_id or None, await _slug(auth), None),
            markers=Markers(settings.secret_keys or ("unsigned",)),
            web_url=settings.github_web_url,
            user_tokens=_user_tokens(settings, http),
        )


def _user_tokens(settings: Settings, http: httpx.AsyncClient) -> UserTokens | None:
    if not settings.github_client_id:
        return None
    return UserTokens(
        http,
        api_url=settings.github_api_url,
        web_url=settings.github_web_url,
        client_id=settings.github_client_id,
        client_secret=settings.github_client_secret.get_secret_value(),
    )


@dataclass(frozen=True)
class SlackSide:
    """Everything that speaks to Slack with the bot's token."""

    client: SlackClient
    seal: Seal


@asynccontextmanager
async def open_slack(settings: Settings) -> AsyncIterator[SlackSide | None]:
    """Open Slack's side; None where Slack is not configured."""
    if not settings.has_slack:
        yield None
        return
    client = SlackClient(settings.slack_bot_token.get_secret_value(), settings.slack_api_url)
    try:
        yield SlackSide(client, Seal(settings.secret_keys))
    finally:
        await client.close()


@asynccontextmanager
async def open_ledger(
    settings: Settings, *, redis_seconds: float = SOCKET_TIMEOUT
) -> AsyncIterator[tuple[Redis, RedisLedger]]:
    """Open the ledger. Raises SettingsError when Redis would evict what must last."""
    redis = connect(settings.redis_url, timeout=redis_seconds)
    try:
        await judge_redis(redis, passing=bool(settings.argus_playground))
        lease, limits = settings.argus_lease_seconds, hourly_limits(settings)
        yield redis, RedisLedger(redis, lease_seconds=lease, limits=limits)
    finally:
        await redis.aclose()


def open_desk(ledger: RedisLedger) -> Desk:
    """Return what people do with pull requests beside reviewing them."""
    return Desk(ledger.files, ledger.pauses, ledger.memory, ledger.dismissals)


def hourly_limits(settings: Settings) -> HourlyLimits:
    """Return how many reviews may start in an hour."""
    return HourlyLimits(
        repository=settings.argus_limit_repository,
        organisation=settings.argus_limit_organisation,
        person=settings.argus_limit_person,
    )


async def judge_redis(redis: Redis, *, passing: bool = False) -> None:
    """Refuse a server that evicts; one that is away is waited for later, not at boot.

    Where the data is meant to pass with the process, its durability is not worth a warning.
    """
    try:
        async with asyncio.timeout(BOOT_SECONDS):
            report = await check_policy(redis)
    except (RedisError, OSError, TimeoutError) as error:
        log.warning("redis.away", error=type(error).__name__)
        return
    if report.problems:
        raise SettingsError(tuple(f"REDIS_URL: {problem}" for problem in report.problems))
    for warning in () if passing else report.warnings:
        log.warning("redis.policy", warning=warning)


@asynccontextmanager
async def open_intake(
    settings: Settings, ledger: RedisLedger, figures: Figures | None = None
) -> AsyncIterator[Intake]:
    """Open the door to the queue."""
    url = settings.argus_broker_url or settings.redis_url
    bell = DramatiqBell.at(url, apart=RINGS_APART, figures=figures)
    try:
        yield Intake(ledger, bell)
    finally:
        bell.close()


@dataclass(frozen=True)
class Reviewing:
    """The review core, bound to the models; what is reviewed comes with each call."""

    reviewer: Reviewer
    static_reviewer: Reviewer
    verifier: Verifier
    analyzers: Analyzers
    context: ContextReader
    answerer: Answerer
    defaults: RepoConfig

    async def __call__(
        self,
        job: Job,
        host: Host,
        publisher: Publisher | None,
        fence: Fence,
        *,
        model: bool = True,
        memory: Memory | None = None,
        runtime: RuntimeSettings | None = None,
        organisation: Organisation | None = None,
        command: RepoConfig | None = None,
        pauses: Pauses | None = None,
        progress: Progress = UNHEARD,
        announcer: Announcer | None = None,
    ) -> Outcome:
        """Review one head; without a memory every review is the first."""
        crew = Crew(
            host=host,
            publisher=publisher,
            reviewer=self.reviewer if model else self.static_reviewer,
            verifier=self.verifier,
            analyzers=self.analyzers,
            context=self.context,
            defaults=self.defaults,
            clock=time.monotonic,
            memory=memory,
            runtime=runtime,
            organisation=organisation,
            command=command,
            pauses=pauses,
            progress=progress,
            announcer=announcer,
        )
        return await review_pull_request(job, crew, fence)


@asynccontextmanager
async def open_reviewing(
    settings: Settings, cache: Redis | None, limits: Limits | None = None
) -> AsyncIterator[Reviewing]:
    """Open the model chains; nothing of a provider is imported before the first call."""
    models = await chosen_models(settings)
    verifying = verifying_models(settings, models)
    opened = partial(
        PydanticAIChain,
        cache=ReplyCache(cache) if cache else None,
        timeouts=Timeouts.within(settings.argus_model_seconds),
        breaker_of=limits.model if limits else None,
    )
    chain = opened(models)
    second = chain if verifying == models else opened(verifying)
    log.info(
        "models.chosen",
        models=list(chain.names) or "static analysis only",
        verifying=list(second.names),
    )
    key, own = _fence_key(settings), Withheld(_secrets(settings))
    around = ContextReader()
    try:
        yield Reviewing(
            reviewer=Reviewer(DiscreetReader(chain, own) if models else None, fence_key=key),
            static_reviewer=Reviewer(None),
            verifier=Verifier(DiscreetVerifier(second, own), fence_key=key),
            analyzers=Analyzers(),
            context=around,
            answerer=Answerer(DiscreetAnswerer(chain, own), context=around, fence_key=key),
            defaults=defaults(settings),
        )
    finally:
        for each in {chain, second}:
            await each.close()


def defaults(settings: Settings) -> RepoConfig:
    """Return what the environment says of reviews; what is not set there, it does not say."""
    said: dict[str, Any] = {}
    if "max_files_per_review" in settings.model_fields_set:
        said["max_files"] = settings.max_files_per_review
    if "review_enabled_events" in settings.model_fields_set:
        enabled = split(settings.review_enabled_events)
        known = ReviewRules().events
        said["events"] = tuple(each for each in known if f"pull_request.{each}" in enabled)
    return RepoConfig.model_validate({"review": said} if said else {})


@asynccontextmanager
async def open_cache(settings: Settings, lasting: Redis) -> AsyncIterator[Redis]:
    """Open the server for what may be evicted; the lasting one where no other is named."""
    if not settings.redis_cache_url:
        yield lasting
        return
    cache = connect(settings.redis_cache_url)
    try:
        yield cache
    finally:
        await cache.aclose()


def warn(settings: Settings) -> None:
    """Log what deserves attention."""
    for warning in warnings_of(settings):
        log.warning("settings.warning", warning=warning)


async def _slug(auth: AppAuth | None) -> str | None:
    """Ask GitHub for our own name; without it authorship is told by the kind of account."""
    if auth is None:
        return None
    try:
        async with asyncio.timeout(BOOT_SECONDS):
            return await auth.slug()
    except (ArgusError, TimeoutError) as error:
        log.warning("github.app_unknown", error=str(error) or type(error).__name__)
        return None


def _secrets(settings: Settings) -> Iterator[str]:
    """Yield what no model may hear, the App's key as it is used, whatever form it was given in."""
    yield from settings.secrets
    if settings.has_github:
        yield private_key(settings.github_app_private_key.get_secret_value())


def _fence_key(settings: Settings) -> bytes:
    """Derive the key of the prompts' delimiters: stable across restarts, known to nobody else."""
    if not settings.secret_keys:
        return b""
    return hmac.new(settings.secret_keys[0].encode(), b"prompt fence", hashlib.sha256).digest()
