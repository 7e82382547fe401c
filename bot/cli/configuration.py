"""What the options of a command put in place of the repository's configuration."""

from dataclasses import dataclass
from pathlib import Path

from bot.cli.exits import ConfigurationUnusable
from core.errors import ConfigurationInvalid
from core.models import PullRequest
from core.ports import Host
from core.repo_config import FILENAMES, RepoConfig, ReviewRules, layered, parse


@dataclass(frozen=True, slots=True)
class Overrides:
    """The options that speak of configuration."""

    file: Path | None = None
    """Stands in for `.argus.yaml` of the base branch."""
    max_findings: int | None = None


async def configuration(overrides: Overrides, host: Host, pull: PullRequest) -> bytes | None:
    """Return the file that counts instead of the repository's, None when that one counts.

    Raises ConfigurationUnusable.
    """
    given = _given(overrides.file) if overrides.file else None
    if overrides.max_findings is None:
        return given
    text = given if given is not None else await _own(host, pull)
    try:
        below = parse((text or b"").decode(errors="replace"), FILENAMES[0])
    except ConfigurationInvalid as cause:
        raise _unusable(cause) from cause
    rules = ReviewRules(max_findings=overrides.max_findings)
    config = layered(below, RepoConfig(review=rules))
    return config.model_dump_json(exclude_unset=True).encode()  # JSON is YAML too


def _given(file: Path) -> bytes:
    """Return the bytes of a file that can be used as a configuration."""
    try:
        content = file.read_bytes()
    except OSError as cause:
        raise ConfigurationUnusable(
            f"{file} cannot be read.",
            why=f"{cause.strerror or cause}.",
            next_step="Give --config a file that exists.",
        ) from cause
    try:
        parse(content.decode(errors="replace"), str(file))
    except ConfigurationInvalid as cause:
        raise _unusable(cause) from cause
    return content


async def _own(host: Host, pull: PullRequest) -> bytes | None:
    """Return the repository's own file, the first that exists."""
    for name in FILENAMES:
        content = await host.text(name, pull.base)
        if content is not None:
            return content
    return None


def _unusable(cause: ConfigurationInvalid) -> ConfigurationUnusable:
    return ConfigurationUnusable(cause.what, why=cause.why, next_step="Correct it and try again.")
