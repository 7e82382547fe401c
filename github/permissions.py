"""What a person may do on a repository, as GitHub tells it of a login.

The one place that asks; who goes by which login is for the front ends to know.
https://docs.github.com/rest/collaborators/collaborators#get-repository-permissions-for-a-user
"""

from typing import Any, Final

from core.models import PullRequestRef, Right
from github.client import GitHubClient, segment
from github.errors import NotFound

_GRANTS: Final = (
    (Right.WRITE, ("admin", "maintain", "push")),
    (Right.TRIAGE, ("triage",)),
    (Right.READ, ("pull",)),
)
"""GitHub's words for what includes a right; roles of an organisation's own are told by them too."""
_LEGACY: Final = {"admin": Right.WRITE, "write": Right.WRITE, "read": Right.READ}
"""Of a server that does not tell in detail."""


async def right_of(client: GitHubClient, ref: PullRequestRef, login: str) -> Right | None:
    """Return the most that a person may do, None for nothing or for a login that is not known.

    The client needs to read metadata alone. Raises TransientError, PermanentError.
    """
    repo = f"/repos/{segment(ref.owner)}/{segment(ref.repo)}"
    try:
        answer = await client.get(f"{repo}/collaborators/{segment(login)}/permission")
    except NotFound:
        return None
    return _right(answer) if isinstance(answer, dict) else None


def _right(answer: dict[str, Any]) -> Right | None:
    user = answer.get("user")
    granted = user.get("permissions") if isinstance(user, dict) else None
    if isinstance(granted, dict):
        for right, names in _GRANTS:
            if any(granted.get(name) is True for name in names):
                return right
        return None
    return _LEGACY.get(str(answer.get("permission")))
