"""What rules a pull request out before it is read, in words."""

from collections.abc import Set as AbstractSet

from core.models import PullRequest
from core.repo_config.schema import RepoConfig

RETARGETED = "edited"
"""A changed base always acts: the head may have its review already, but of another diff."""


def ruled_out(
    pull: PullRequest,
    config: RepoConfig,
    *,
    asked: bool = False,
    events: AbstractSet[str] = frozenset(),
) -> str | None:
    """Return why the pull request is not reviewed, in words, or None.

    A person who asks for a review outranks the rules for automatic ones, never `enabled`.
    `events` led here; without any nobody can tell, as when a lost one was made up for.
    """
    if not config.review.enabled:
        return "Reviews are turned off in this repository's configuration."
    if asked:
        return None
    if not _wanted(events, config):
        return _unwanted(events)
    if pull.draft and not config.review.drafts:
        return "It is a draft; it is reviewed when it is marked as ready."
    label = _ignored(pull.labels, config.ignore_labels)
    if label:
        return f"It carries the label `{label}`, which the configuration ignores."
    if _ignored((pull.author,), config.ignore_authors):
        return f"Its author `{pull.author}` is ignored by the configuration."
    return None


def _wanted(events: AbstractSet[str], config: RepoConfig) -> bool:
    wanted = frozenset[str](config.review.events)
    return bool(events & (wanted | {RETARGETED})) if events else bool(wanted)


def _unwanted(events: AbstractSet[str]) -> str:
    happened = ", ".join(f"`{event}`" for event in sorted(events)) or "nobody asked for it"
    return f"The configuration's `review.events` does not ask for a review here: {happened}."


def _ignored(names: tuple[str, ...], ignored: tuple[str, ...]) -> str:
    """Return the first name that is ignored; GitHub's names do not differ by case."""
    folded = {name.casefold() for name in ignored}
    return next((name for name in names if name.casefold() in folded), "")
