"""What the settings say of reviews, and what of them deserves attention."""

from typing import Any

import structlog

from bot.settings import Settings, split
from bot.settings_rules import warnings_of
from core.repo_config import RepoConfig, ReviewRules

log = structlog.get_logger(__name__)


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


def warn(settings: Settings) -> None:
    """Log what deserves attention."""
    for warning in warnings_of(settings):
        log.warning("settings.warning", warning=warning)
