"""Whom the operator says people are, by the setting that names the file."""

from pathlib import Path

from bot.adapters.identity_file import IdentityFile, IdentityFileError
from bot.settings import Settings, SettingsError


def entered_identities(settings: Settings) -> IdentityFile | None:
    """Read the file, None where there is none. Raises SettingsError."""
    if not settings.slack_identity_file:
        return None
    try:
        return IdentityFile(Path(settings.slack_identity_file))
    except IdentityFileError as error:
        raise SettingsError(
            tuple(f"SLACK_IDENTITY_FILE: {problem}" for problem in error.problems)
        ) from error
