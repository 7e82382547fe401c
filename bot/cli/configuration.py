"""What the options of a command say about configuration."""

from dataclasses import dataclass
from pathlib import Path

from bot.cli.exits import ConfigurationUnusable
from core.errors import ConfigurationInvalid
from core.repo_config import RepoConfig, ReviewRules, parse_bytes


@dataclass(frozen=True, slots=True)
class Overrides:
    """The options that speak of configuration."""

    file: Path | None = None
    """Stands in for `.argus.yaml` of the base branch."""
    max_findings: int | None = None

    @property
    def command(self) -> RepoConfig | None:
        """Return what whoever typed the command wants of this one review."""
        if self.max_findings is None:
            return None
        return RepoConfig(review=ReviewRules(max_findings=self.max_findings))

    def file_bytes(self) -> bytes | None:
        """Return the file that counts instead of the repository's, None when that one counts.

        Raises ConfigurationUnusable.
        """
        return read_valid(self.file) if self.file else None


def read_valid(file: Path) -> bytes:
    """Return the bytes of a file that can be used as a configuration.

    Raises ConfigurationUnusable.
    """
    try:
        content = file.read_bytes()
    except OSError as cause:
        raise unreadable(file, cause) from cause
    try:
        parse_bytes(content, str(file))
    except ConfigurationInvalid as cause:
        raise ConfigurationUnusable(
            cause.what, why=cause.why, next_step="Correct it and try again."
        ) from cause
    return content


def unreadable(file: Path, cause: OSError) -> ConfigurationUnusable:
    """Return the error for a file that cannot be read."""
    return ConfigurationUnusable(
        f"{file} cannot be read.",
        why=f"{cause.strerror or cause}.",
        next_step="Name a file that exists.",
    )
