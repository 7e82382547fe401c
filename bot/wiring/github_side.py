"""Composes what every process and command says and hears at GitHub."""

from bot.parts.github import GitHubSide
from bot.settings import Settings, split
from core.feedback import CountsOf
from core.models import RowKind
from core.ports import Deliverer
from github.checks import CheckDeliverer
from github.finding_comments import FindingCommentsDeliverer
from github.summaries import SummaryDeliverer
from github.triggers import Rules


def trigger_rules(settings: Settings, own_login: str | None) -> Rules:
    """Return what the environment says about events."""
    return Rules(enabled=frozenset(split(settings.review_enabled_events)), own_login=own_login)


def github_deliverers(
    settings: Settings, github: GitHubSide, received: CountsOf | None = None
) -> dict[RowKind, Deliverer]:
    """Return who delivers to GitHub; `received` tells what became of a repository's findings."""
    check = CheckDeliverer(
        github.connect, web_url=github.web_url, details_url=settings.public_url or None
    )
    summary = SummaryDeliverer(
        github.connect,
        github.markers,
        github.identity,
        web_url=github.web_url,
        received=received,
    )
    comments = FindingCommentsDeliverer(
        github.connect, github.markers, github.identity, web_url=github.web_url
    )
    return {RowKind.CHECK: check, RowKind.SUMMARY: summary, RowKind.FINDINGS: comments}
