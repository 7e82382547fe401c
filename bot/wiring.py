"""The composition root: settings in, processes and commands out."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, nullcontext
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from litestar.types import ControllerRouterHandler
from redis.asyncio import Redis

from bot.adapters.figures import Figures
from bot.adapters.ledger import RedisLedger
from bot.adapters.limits import Limits
from bot.adapters.queue import make_broker
from bot.adapters.runtime_settings import RuntimeSettings
from bot.cli.config import Office, Place, operator
from bot.cli.exits import ConfigurationUnusable
from bot.cli.places import open_place
from bot.cli.review import Remote, Tools
from bot.cli.terminal import Terminal
from bot.instance import RunningInstance
from bot.parts import (
    GitHubSide,
    Reviewing,
    SlackSide,
    defaults,
    open_cache,
    open_desk,
    open_github,
    open_intake,
    open_ledger,
    open_reviewing,
    open_slack,
)
from bot.people import PeopleSide, people_side
from bot.settings import Settings, split
from bot.sight import Lookout
from bot.slack_desk import announcing, entrances, open_followers, slack_commands
from bot.upkeep import Upkeep
from bot.watching import beside, open_lookout, probe, storing, watching
from bot.web import EVERYWHERE, WebParts, build_web, serve_app
from bot.worker import Pace, Worker
from bot.worker.progress import followed
from core.commands import parse_pull_request
from core.desk import AnswerVoice, Pauses
from core.intake import Intake
from core.models import Job, OriginKind, Outcome, PullRequestRef, RowKind
from core.ports import Announcer, Deliverer, Fence
from core.repo_config.gathering import Sources
from github.checks import CheckDeliverer
from github.client import GitHubClient
from github.feedback import FeedbackDeliverer
from github.finding_comments import FindingCommentsDeliverer
from github.identity import Identity
from github.orders import Clerk, OrderDeliverer, OutcomeDeliverer, Permitted, Questions
from github.organisation import Organisations
from github.permissions import Collaborators
from github.posting import ReviewPublisher
from github.pull_requests import GitHubPullRequest
from github.summaries import SummaryDeliverer
from github.triggers import Rules
from github.webhooks import WebhookReceiver
from slack.app import SlackApp, build_app
from slack.notifications import SlackDeliverer
from slack.signature import Signature
from slack.socket import serve_socket
from slack.voice import SlackVoice

WEB_REDIS_SECONDS = 1.5
"""A webhook must have its 503 within two seconds when Redis is away."""
LOOPBACK = "127.0.0.1"


async def serve_web(settings: Settings, stop: asyncio.Event) -> None:
    """Run a web process until `stop` is set."""
    figures = Figures()
    async with (
        open_ledger(settings, redis_seconds=WEB_REDIS_SECONDS) as (redis, ledger),
        storing(figures, ledger),
        open_intake(settings, ledger, figures) as intake,
        open_github(settings, limits=Limits(redis)) as github,
        open_slack(settings) as slack,
        open_lookout(settings, redis, ledger) as lookout,
        watching(lookout, stop),
    ):
        instance = running_instance(settings, redis, ledger, lookout, github)
        people = people_side(settings, slack, github, redis) if slack else None
        app = None
        if slack and people:
            app = slack_app(settings, slack, people, intake, ledger, instance)
        parts = WebParts(
            receiver=receiver(settings, github, intake),
            ring=intake.ring,
            probe=probe(settings, lookout),
            figures=figures,
            slack=app,
            closing=(app.drain,) if app else (),
            routes=(*playground(settings), *(people.routes if people else ())),
            admin_token=settings.argus_admin_token.get_secret_value(),
        )
        host = LOOPBACK if settings.argus_playground else EVERYWHERE
        await serve_app(build_web(parts), settings.port, host=host, stop=stop)


def running_instance(
    settings: Settings, redis: Redis, ledger: RedisLedger, lookout: Lookout, github: GitHubSide
) -> RunningInstance:
    """Return Argus as a whole, for people who ask."""
    runtime = RuntimeSettings(redis, ledger.policy)
    return RunningInstance(
        ledger, probe(settings, lookout), github.connections, runtime, defaults(settings)
    )


def playground(settings: Settings) -> tuple[ControllerRouterHandler, ...]:
    """Return the playground's page where `run` set one up."""
    if not settings.argus_playground:
        return ()
    from bot.playground.stage import stage_routes

    return stage_routes(settings.argus_playground)


def receiver(settings: Settings, github: GitHubSide, intake: Intake) -> WebhookReceiver:
    """Return who judges GitHub's deliveries."""
    return WebhookReceiver(
        intake.accept,
        intake.close,
        intake.order,
        secrets=settings.webhook_secrets,
        rules=trigger_rules(settings, github.own_login),
        app_id=settings.github_app_id or None,
    )


def slack_app(
    settings: Settings,
    slack: SlackSide,
    people: PeopleSide,
    intake: Intake,
    ledger: RedisLedger,
    instance: RunningInstance,
) -> SlackApp:
    """Return what answers `/slack/events`, and what comes through a socket."""
    commands = slack_commands(settings, slack, ledger, intake, people, instance)
    return build_app(
        bot_token=settings.slack_bot_token.get_secret_value(),
        signature=Signature(settings.slack_signing_secret.get_secret_value()),
        commands=commands,
        api_url=settings.slack_api_url,
        entrances=entrances(settings, slack, ledger, commands),
    )


def trigger_rules(settings: Settings, own_login: str | None) -> Rules:
    """Return what the environment says about events."""
    return Rules(enabled=frozenset(split(settings.review_enabled_events)), own_login=own_login)


async def serve_worker(settings: Settings, stop: asyncio.Event) -> None:
    """Run a worker until `stop` is set."""
    figures = Figures()
    async with (
        open_ledger(settings) as (redis, ledger),
        nullcontext(Limits(redis)) as limits,
        open_github(settings, limits=limits) as github,
        open_cache(settings, redis) as cache,
        open_reviewing(settings, cache, limits) as reviewing,
        open_slack(settings) as slack,
        open_intake(settings, ledger, figures) as intake,
        open_followers(settings, slack, ledger, limits) as followers,
        open_lookout(settings, redis, ledger) as lookout,
        watching(lookout, stop),
    ):
        deliverers = github_deliverers(settings, github)
        if slack:
            deliverers[RowKind.SLACK] = SlackDeliverer(
                slack.client,
                slack.seal,
                ledger.threads,
                web_url=settings.github_web_url,
                pace=limits.slack(),
            )
        deliverers[RowKind.CHANNEL] = followers
        pace, upkeep = Pace(), Upkeep(github, redis, ledger)
        governing = Governing(
            RuntimeSettings(redis, ledger.policy),
            Organisations(github.connections),
            ledger.pauses,
            announcing(settings, slack, ledger),
        )
        talking = Talking(github, reviewing, ledger, intake, governing)
        deliverers[RowKind.ORDER] = talking.orders(voices(settings, slack, limits))
        deliverers[RowKind.ANSWER] = talking.outcomes()
        deliverers[RowKind.FEEDBACK] = talking.feedback()
        worker = Worker(
            ledger,
            make_broker(settings.argus_broker_url or settings.redis_url),
            partial(run_job, github, reviewing, upkeep, ledger, governing),
            deliverers,
            settings.argus_concurrency,
            pace=pace,
            figures=figures,
            remote=upkeep.remote(intake, trigger_rules(settings, github.own_login), pace),
        )
        async with socket_open(settings, slack, github, intake, redis, ledger, lookout, stop):
            await worker.serve(stop)


@asynccontextmanager
async def socket_open(
    settings: Settings,
    slack: SlackSide | None,
    github: GitHubSide,
    intake: Intake,
    redis: Redis,
    ledger: RedisLedger,
    lookout: Lookout,
    stop: asyncio.Event,
) -> AsyncIterator[None]:
    """Receive from Slack through a socket beside a worker's own work, where that is turned on."""
    token = settings.slack_app_token.get_secret_value()
    if slack is None or not token:
        yield
        return
    people = people_side(settings, slack, github, redis)
    instance = running_instance(settings, redis, ledger, lookout, github)
    app = slack_app(settings, slack, people, intake, ledger, instance)
    async with beside(serve_socket(app, token, settings.slack_api_url, stop)):
        yield


def voices(
    settings: Settings, slack: SlackSide | None, limits: Limits
) -> Mapping[OriginKind, AnswerVoice]:
    """Return who answers questions outside of GitHub."""
    if slack is None:
        return {}
    web_url = settings.github_web_url
    return {
        OriginKind.SLACK: SlackVoice(slack.client, slack.seal, web_url=web_url, pace=limits.slack())
    }


@dataclass(frozen=True, slots=True)
class Governing:
    """Who has a say in reviews beside the repository itself."""

    runtime: RuntimeSettings
    organisations: Organisations
    pauses: Pauses
    announcer: Announcer | None = None
    """Tells channels that follow; None without Slack."""


@dataclass(frozen=True, slots=True)
class Talking:
    """What listens to people on pull requests."""

    github: GitHubSide
    reviewing: Reviewing
    ledger: RedisLedger
    intake: Intake
    governing: Governing

    def orders(self, voices: Mapping[OriginKind, AnswerVoice]) -> OrderDeliverer:
        """Return who carries out what people say; `voices` answer in other front ends."""
        github, people = self.github, Collaborators(self.github.connections)
        permitted = Permitted(people, self._sources)
        clerk = Clerk(
            desk=open_desk(self.ledger),
            intake=self.intake,
            questions=Questions(self.reviewing.answerer, self.ledger.turns),
            permitted=permitted,
            markers=github.markers,
            received=self.ledger.feedback.counts,
            slug=github.identity.slug or "",
        )
        return OrderDeliverer(
            connect=github.connect,
            clerk=clerk,
            permitted=permitted,
            turns=self.ledger.turns,
            markers=github.markers,
            identity=github.identity,
            web_url=github.web_url,
            voices=voices,
        )

    def outcomes(self) -> OutcomeDeliverer:
        """Return who answers those that asked for a review."""
        github = self.github
        return OutcomeDeliverer(github.connect, github.markers, github.identity, github.web_url)

    def feedback(self) -> FeedbackDeliverer:
        """Return who reads what people made of findings."""
        github, ledger = self.github, self.ledger
        return FeedbackDeliverer(
            connect=github.connect,
            memories=ledger.memory,
            receive=ledger.feedback.receive,
            markers=github.markers,
            identity=github.identity,
        )

    def _sources(self, ref: PullRequestRef, installation_id: int | None) -> Sources:
        governing = self.governing
        organisation = governing.organisations.of(ref, installation_id)
        return Sources(self.reviewing.defaults, governing.runtime, organisation)


async def run_job(
    github: GitHubSide,
    reviewing: Reviewing,
    upkeep: Upkeep,
    ledger: RedisLedger,
    governing: Governing,
    job: Job,
    fence: Fence,
) -> Outcome:
    """Review one claimed job with a client that may touch its repository alone."""
    client = await github.connections.client(job.ref, job.repo_id, job.installation_id)
    host = GitHubPullRequest(client, job.ref, github.markers, github.identity, follow_base=True)
    publisher = ReviewPublisher(
        client, job, github.markers, github.identity, host=host, web_url=github.web_url
    )
    async with followed(ledger, job) as progress:
        return await reviewing(
            job,
            host,
            upkeep.noted(publisher, job),
            fence,
            memory=ledger.memory,
            runtime=governing.runtime,
            organisation=governing.organisations.of(job.ref, job.installation_id),
            pauses=governing.pauses,
            progress=progress,
            announcer=governing.announcer,
        )


def github_deliverers(settings: Settings, github: GitHubSide) -> dict[RowKind, Deliverer]:
    """Return who delivers to GitHub."""
    check = CheckDeliverer(
        github.connect, web_url=github.web_url, details_url=settings.public_url or None
    )
    summary = SummaryDeliverer(
        github.connect, github.markers, github.identity, web_url=github.web_url
    )
    comments = FindingCommentsDeliverer(
        github.connect, github.markers, github.identity, web_url=github.web_url
    )
    return {RowKind.CHECK: check, RowKind.SUMMARY: summary, RowKind.FINDINGS: comments}


@asynccontextmanager
async def open_tools(settings: Settings) -> AsyncIterator[Tools]:
    """Open what `python -m bot review` works with; needs no App and no Redis."""
    token = settings.github_token.get_secret_value()
    async with (
        open_github(settings, personal_token=token) as github,
        open_reviewing(settings, None) as reviewing,
    ):
        yield Tools(
            web_url=settings.github_web_url,
            pull_request=partial(parse_pull_request, web_url=settings.github_web_url),
            connect=partial(_connect, settings, github),
            reviewing=reviewing,
        )


async def _connect(settings: Settings, github: GitHubSide, ref: PullRequestRef) -> Remote:
    """Return a pull request, with what may be written to it where there are credentials."""
    client = await github.connections.client(ref, None, None)
    organisation = Organisations(github.connections).of(ref, None)
    if github.auth is None:
        if not github.connections.has_token:
            anonymous = GitHubPullRequest(client, ref, None, None, follow_base=True)
            return Remote(anonymous, organisation=organisation)
        github = replace(github, identity=Identity(None, None, await _login(client)))
    host = GitHubPullRequest(client, ref, github.markers, github.identity, follow_base=True)

    def publisher(job: Job) -> ReviewPublisher:
        if not settings.secret_keys:
            raise ConfigurationUnusable(
                "SECRET_KEY is not set.",
                why="It signs the markers by which Argus knows its own comments again.",
                next_step="Set it to a long random value, and keep it.",
            )
        return ReviewPublisher(client, job, github.markers, github.identity, web_url=github.web_url)

    summaries = github_deliverers(settings, github)[RowKind.SUMMARY]
    return Remote(host, publisher, summaries, organisation)


async def _login(client: GitHubClient) -> str:
    """Return whose personal token it is."""
    return str((await client.get("/user"))["login"])


@asynccontextmanager
async def open_office(
    settings: Settings, terminal: Terminal, *, folder: Path
) -> AsyncIterator[Office]:
    """Open what `python -m bot config` works with; without Redis nothing is set."""
    token = settings.github_token.get_secret_value()
    async with AsyncExitStack() as stack:
        runtime = None
        if settings.redis_url:
            redis, ledger = await stack.enter_async_context(open_ledger(settings))
            runtime = RuntimeSettings(redis, ledger.policy)

        async def opens(owner: str, repo: str, branch: str) -> Place:
            github = await stack.enter_async_context(open_github(settings, personal_token=token))
            return await open_place(github.connections, owner, repo, branch)

        yield Office(defaults(settings), runtime, opens, terminal, folder, who=operator)


@asynccontextmanager
async def open_door(settings: Settings) -> AsyncIterator[tuple[Intake, Rules]]:
    """Open the intake for `python -m bot receive`."""
    async with (
        open_ledger(settings) as (_, ledger),
        open_intake(settings, ledger) as intake,
    ):
        yield intake, trigger_rules(settings, None)
