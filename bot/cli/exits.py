"""How a command ends: its exit code, and an error in words.

Scripts rely on the codes. Which sentence belongs to which error is decided where it is raised.
"""

from dataclasses import dataclass
from enum import IntEnum

from bot.settings import SettingsError
from core.errors import (
    AccessDenied,
    ArgusError,
    ConfigurationInvalid,
    HeadMoved,
    ModelUnavailable,
    PermanentError,
    TransientError,
    UserError,
)
from github.errors import AmbiguousWrite, Forbidden, NotFound


class ExitCode(IntEnum):
    """The exit codes of the command line."""

    CLEAN = 0
    FINDINGS = 1
    """Findings at or above the asked severity."""
    USAGE = 2
    """The command cannot be carried out as it was typed."""
    CONFIGURATION = 3
    AUTHENTICATION = 4
    """GitHub wants other credentials, or any."""
    UPSTREAM = 5
    """GitHub, a model or Redis failed: nothing is known about the change."""
    INTERRUPTED = 130
    """128 + SIGINT, as shells count."""


class AuthenticationNeeded(UserError):
    """Credentials are missing for what was asked."""


class ConfigurationUnusable(UserError):
    """A configuration that the command was given, or has to build on."""


@dataclass(frozen=True, slots=True)
class Words:
    """An error for a person: what happened, why, what to do next."""

    what: str
    why: str = ""
    next_step: str = ""


def code_of(error: Exception) -> ExitCode:
    """Return the exit code of an error."""
    match error:
        case ConfigurationInvalid() | ConfigurationUnusable() | SettingsError():
            return ExitCode.CONFIGURATION
        case AccessDenied() | AuthenticationNeeded():
            return ExitCode.AUTHENTICATION
        case UserError():
            return ExitCode.USAGE
        case PermanentError() if _refused(error):
            return ExitCode.AUTHENTICATION
        case _:
            return ExitCode.UPSTREAM


def words_of(error: ArgusError | SettingsError) -> Words:
    """Return an error in words."""
    match error:
        case UserError():
            return Words(error.what, error.why, error.next_step)
        case SettingsError():
            next_step = "Correct them; `python -m bot check` looks again."
            return Words("The settings cannot be used.", "\n".join(error.problems), next_step)
        case PermanentError() if _refused(error):
            return Words(
                "GitHub does not show this to you.",
                error.reason,
                "Set GITHUB_TOKEN to a token that may read it, or look at the address again.",
            )
        case AmbiguousWrite():
            next_step = "Look at the pull request before you ask again."
            return Words("It is not known whether GitHub took the review.", error.reason, next_step)
        case TransientError():
            wait = f"in {error.retry_after:,.0f} seconds" if error.retry_after else "in a moment"
            return Words("Something else is in trouble.", error.reason, f"Try again {wait}.")
        case PermanentError():
            return Words("It did not work.", error.reason)
        case HeadMoved():
            return Words("The pull request has a newer commit now.", "", "Ask again to review it.")
        case ModelUnavailable():
            next_step = "Try again, or use --no-model for static analysis alone."
            return Words("No model answered.", str(error), next_step)
        case _:
            return Words("Something went wrong.", str(error))


def _refused(error: BaseException) -> bool:
    """Tell whether GitHub refused or hid it, there or in what the error was made from."""
    return isinstance(error, Forbidden | NotFound) or isinstance(
        error.__cause__, Forbidden | NotFound
    )
