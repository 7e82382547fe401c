"""Composes what commands work with; none of them needs the App or Redis unless it says so."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

from bot.adapters.runtime_settings import RuntimeSettings
from bot.cli.config import Office, Place, operator
from bot.cli.exits import ConfigurationUnusable
from bot.cli.places import open_place
from bot.cli.review import Remote, Tools
from bot.cli.terminal import Terminal
from bot.parts.configured import defaults
from bot.parts.github import GitHubSide, open_github
from bot.parts.ledger import open_intake, open_ledger
from bot.parts.reviewing import open_reviewing
from bot.settings import Settings
from bot.wiring.github_side import github_deliverers, trigger_rules
from core.commands import parse_pull_request
from core.intake import Intake
from core.models import Job, PullRequestRef, RowKind
from github.client import GitHubClient
from github.identity import Identity
from github.organisation import Organisations
from github.posting import ReviewPublisher
from github.pull_requests import GitHubPullRequest
from github.triggers import Rules


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
