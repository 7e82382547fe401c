"""A repository on GitHub as `config` looks at it: the files of one branch, and its owner."""

from typing import Any

from bot.cli.config import Place
from core.errors import PermanentError, UserError
from core.models import PullRequestRef
from github.client import segment
from github.connect import Connections
from github.organisation import Organisations, read_file


async def open_place(connections: Connections, owner: str, repo: str, branch: str) -> Place:
    """Return it at a branch, the default one where none is named. Raises UserError."""
    # Clients are made for pull requests; which one it would be plays no part here.
    ref = PullRequestRef(owner=owner, repo=repo, number=1)
    try:
        client = await connections.client(ref, None, None)
        path = f"/repos/{segment(owner)}/{segment(repo)}"
        found: dict[str, Any] = await client.get(path)
    except PermanentError as cause:
        raise UserError(
            f"{owner}/{repo} cannot be read.",
            why=cause.reason,
            next_step="Install the App on it, or set GITHUB_TOKEN to a token that may read it.",
        ) from cause
    branch = branch or str(found["default_branch"])

    async def read(name: str) -> bytes | None:
        return await read_file(client, owner, repo, name, branch)

    return Place(ref, branch, read, Organisations(connections).of(ref, None))
