"""Composes a web process."""

import asyncio

from litestar.types import ControllerRouterHandler

from bot.adapters.figures import Figures
from bot.adapters.limits import Limits
from bot.parts.github import GitHubSide, open_github
from bot.parts.ledger import open_intake, open_ledger
from bot.parts.slack import open_slack
from bot.people import people_side
from bot.settings import Settings
from bot.watching import open_lookout, probe, storing, watching
from bot.web import EVERYWHERE, WebParts, build_web, serve_app
from bot.wiring.github_side import trigger_rules
from bot.wiring.slack_side import running_instance, slack_app
from core.intake import Intake
from github.webhooks import WebhookReceiver

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
