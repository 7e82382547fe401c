"""The review core, bound to the models that the settings choose."""

import hashlib
import hmac
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial

import structlog
from redis.asyncio import Redis

from bot.adapters.cache import ReplyCache
from bot.adapters.figures import Figures
from bot.adapters.limits import Limits
from bot.adapters.models import PydanticAIChain, Timeouts
from bot.metering import MeteredChain
from bot.model_choice import chosen_models, verifying_models
from bot.parts.configured import defaults
from bot.settings import Settings
from bot.settings_rules import private_key
from bot.withholding import DiscreetAnswerer, DiscreetReader, DiscreetVerifier, Withheld
from core.analyzers import Analyzers
from core.context.reader import ContextReader
from core.desk import Answerer, Pauses
from core.models import Job, Outcome
from core.ports import Announcer, Fence, Host, Memory, Progress, Publisher
from core.progress import UNHEARD
from core.repo_config import RepoConfig
from core.repo_config.gathering import Organisation, RuntimeSettings
from core.review import Crew, review_pull_request
from core.reviewer import Reviewer
from core.verification import Verifier

log = structlog.get_logger(__name__)


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
    settings: Settings,
    cache: Redis | None,
    limits: Limits | None = None,
    figures: Figures | None = None,
) -> AsyncIterator[Reviewing]:
    """Open the model chains; nothing of a provider is imported before the first call.

    What they cost is counted in `figures`.
    """
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
    figures = figures or Figures()
    first, looking_again = MeteredChain(chain, figures), MeteredChain(second, figures)
    around = ContextReader()
    try:
        yield Reviewing(
            reviewer=Reviewer(DiscreetReader(first, own) if models else None, fence_key=key),
            static_reviewer=Reviewer(None),
            verifier=Verifier(DiscreetVerifier(looking_again, own), fence_key=key),
            analyzers=Analyzers(),
            context=around,
            answerer=Answerer(DiscreetAnswerer(first, own), context=around, fence_key=key),
            defaults=defaults(settings),
        )
    finally:
        for each in {chain, second}:
            await each.close()


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
