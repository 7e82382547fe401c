"""Composes a worker process."""

import asyncio
from contextlib import nullcontext
from functools import partial

from bot.adapters.figures import Figures
from bot.adapters.ledger import RedisLedger
from bot.adapters.limits import Limits
from bot.adapters.queue import make_broker
from bot.adapters.runtime_settings import RuntimeSettings
from bot.parts.github import GitHubSide, open_github
from bot.parts.ledger import open_cache, open_intake, open_ledger
from bot.parts.reviewing import Reviewing, open_reviewing
from bot.parts.slack import open_slack
from bot.people import people_side
from bot.settings import Settings
from bot.slack_desk import announcing, open_followers
from bot.upkeep import Upkeep
from bot.watching import open_lookout, watching
from bot.wiring.github_side import github_deliverers, trigger_rules
from bot.wiring.slack_side import running_instance, socket_open, voices
from bot.wiring.talking import Governing, Talking
from bot.worker import Pace, Worker
from bot.worker.progress import followed
from core.models import Job, Outcome, RowKind
from core.ports import Fence
from github.organisation import Organisations
from github.posting import ReviewPublisher
from github.pull_requests import GitHubPullRequest
from slack.notifications import SlackDeliverer


async def serve_worker(settings: Settings, stop: asyncio.Event) -> None:
    """Run a worker until `stop` is set."""
    figures = Figures()
    async with (
        open_ledger(settings) as (redis, ledger),
        nullcontext(Limits(redis)) as limits,
        open_github(settings, limits=limits) as github,
        open_cache(settings, redis) as cache,
        open_reviewing(settings, cache, limits, figures) as reviewing,
        open_slack(settings) as slack,
        open_intake(settings, ledger, figures) as intake,
        nullcontext(people_side(settings, slack, github, redis) if slack else None) as people,
        open_followers(settings, slack, people, ledger, limits) as followers,
        open_lookout(settings, redis, ledger) as lookout,
        watching(lookout, stop),
    ):
        deliverers = github_deliverers(settings, github, ledger.feedback.counts)
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
        instance = running_instance(settings, redis, ledger, lookout, github)
        async with socket_open(settings, slack, people, intake, ledger, instance, stop):
            await worker.serve(stop)


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
