"""What people of another front end are told who are shown nothing, and what they can do next.

Whether they are shown something is decided in `github.visibility`.
"""

import math
from collections.abc import Collection
from typing import Final

from core.errors import AccessDenied, TransientError, UserError
from github.errors import RateLimited
from github.looking import Enough

NOT_FOUND: Final = "That {} was not found, or you may not ask for it here."
MINUTE: Final = 60.0


def denied(noun: str, *, as_app: bool, can_link: bool) -> AccessDenied:
    """Return the one sentence for what is not there and for what may not be seen."""
    if as_app:
        way = "Check the address, and that the App is installed on the repository."
    elif can_link:
        way = "Check the address. For a private repository, `/argus connect` your account."
    else:
        way = (
            "Check the address. A private repository can be asked for here once whoever runs "
            "Argus lets people link their GitHub accounts, or sets SLACK_ACCESS=workspace."
        )
    return AccessDenied(NOT_FOUND.format(noun), next_step=way)


def link_ended(what: str) -> AccessDenied:
    """Return the same to somebody who was known once."""
    return AccessDenied(
        what,
        why="Your link to GitHub has ended: it was revoked there, or has run out.",
        next_step="`/argus connect` your account again, then ask again.",
    )


def not_installed(name: str, install_page: str) -> UserError:
    """Return that a public repository was not given to Argus; the page may not be known."""
    return UserError(
        f"Argus cannot post on {name}.",
        why="Its GitHub App is not installed there.",
        next_step="Install it there, or ask an owner of the repository to.",
        link=install_page,
    )


def spent(limited: RateLimited, *, can_link: bool) -> TransientError:
    """Return that all whose account nobody knows used up what GitHub allows them together.

    Where only one answer used up its share, asking again shows more.
    """
    what = "GitHub answers no more questions without an account for now."
    again = f"ask again in {_minutes(limited.retry_after)}."
    if isinstance(limited, Enough):
        what, again = "Not all repositories were looked at.", "ask again for more."
    words = UserError(
        what,
        why="Argus does not know your GitHub account, and all such people here share the few "
        "questions an hour that GitHub allows to anybody.",
        next_step=f"`/argus connect` your account, or {again}" if can_link else again.capitalize(),
    )
    return TransientError(limited.reason, retry_after=limited.retry_after, words=words)


def why_untold(failures: Collection[TransientError]) -> str:
    """Return why something was not told and what to do next; empty where all was."""
    if not failures:
        return ""
    words = next((each.words for each in failures if each.words), None)
    return str(words) if words else "GitHub cannot be reached right now. Ask again in a minute."


def _minutes(seconds: float) -> str:
    count = max(1, math.ceil(seconds / MINUTE))
    return "a minute" if count == 1 else f"{count} minutes"
