"""Layers of configuration laid over one another, and what they rule out.

The caller decides which layers there are; a later one wins key by key, lists whole.
"""

from typing import Any

from core.globs import Glob
from core.models import PullRequest
from core.repo_config.schema import RepoConfig


def layered(defaults: RepoConfig, repo: RepoConfig) -> RepoConfig:
    """Return `defaults` with everything that `repo` says itself."""
    below = defaults.model_dump(exclude_unset=True)
    above = repo.model_dump(exclude_unset=True)
    return RepoConfig.model_validate(_merged(below, above))


def ruled_out(pull: PullRequest, config: RepoConfig, *, asked: bool = False) -> str | None:
    """Return why the pull request is not reviewed, in words, or None.

    A person who asks for a review outranks the rules for automatic ones, never `enabled`.
    """
    if not config.review.enabled:
        return "Reviews are turned off in this repository's configuration."
    if asked:
        return None
    if pull.draft and not config.review.drafts:
        return "It is a draft; it is reviewed when it is marked as ready."
    label = _ignored(pull.labels, config.ignore_labels)
    if label:
        return f"It carries the label `{label}`, which the configuration ignores."
    if _ignored((pull.author,), config.ignore_authors):
        return f"Its author `{pull.author}` is ignored by the configuration."
    return None


def instructions_for(path: str, config: RepoConfig) -> tuple[str, ...]:
    """Return what the configuration says about this path, in its order."""
    parts = path.split("/")
    return tuple(rule.instructions for rule in config.paths if Glob(rule.glob).matches_parts(parts))


def not_built_yet(config: RepoConfig) -> tuple[str, ...]:
    """Return a sentence for each accepted key that has no effect in this version."""
    sentences: list[str] = []
    if "events" in config.review.model_fields_set:
        sentences.append("`review.events` has no effect yet; the operator's list of events counts.")
    if config.notify.slack:
        sentences.append("`notify.slack` has no effect yet; ask for a review in Slack instead.")
    return tuple(sentences)


def _merged(below: dict[str, Any], above: dict[str, Any]) -> dict[str, Any]:
    merged = dict(below)
    for key, value in above.items():
        old = merged.get(key)
        both = isinstance(old, dict) and isinstance(value, dict)
        merged[key] = _merged(old, value) if both and old is not None else value
    return merged


def _ignored(names: tuple[str, ...], ignored: tuple[str, ...]) -> str:
    """Return the first name that is ignored; GitHub's names do not differ by case."""
    folded = {name.casefold() for name in ignored}
    return next((name for name in names if name.casefold() in folded), "")
