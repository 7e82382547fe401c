"""How far a token of the App reaches, and what it may do there: one repository, no further."""

from collections.abc import Mapping
from enum import Enum
from typing import Any, Final, TypeAlias

PERMISSIONS: Final[Mapping[str, str]] = {
    "contents": "read",
    "pull_requests": "write",
    "checks": "write",
    "issues": "read",
}
"""All a job needs. Comments on a pull request are created with pull_requests:write.

https://docs.github.com/rest/authentication/permissions-required-for-github-apps
"""


class Wide(Enum):
    """What a token may be for that is not for one repository; it writes nothing."""

    SURVEY = "survey"
    """Look for open pull requests in all repositories of an installation."""
    MEMBERS = "members"
    """See who is in which team of the organisation, where it granted that."""


Reach: TypeAlias = int | str | Wide
"""One repository, by id, or by name where the id is not known yet; or something wider."""
WIDE: Final[Mapping[Wide, Mapping[str, str]]] = {
    Wide.SURVEY: {"contents": "read", "pull_requests": "read", "checks": "read"},
    Wide.MEMBERS: {"members": "read"},
}


def narrowed(reach: Reach) -> dict[str, Any]:
    """Return what a token is narrowed to."""
    if isinstance(reach, Wide):
        return {"permissions": dict(WIDE[reach])}
    scope = "repository_ids" if isinstance(reach, int) else "repositories"
    return {scope: [reach], "permissions": dict(PERMISSIONS)}
