"""The code of a repository at the head: one archive in memory, or the list of its paths.

An archive that is too large, or that this server does not give, is no trouble: then files are
asked for one by one. What is in it is parsed in `core.context.archive`.
"""

import asyncio
from typing import Any, Final

from core.context.archive import texts_of
from core.errors import PermanentError, TransientError
from core.models import PullRequest, RepositoryText
from github.client import GitHubClient, segment

MAX_ARCHIVE_BYTES: Final = 24 * 1024 * 1024
"""Compressed. The median repository's is under one megabyte."""
MAX_REPOSITORY_KILOBYTES: Final = 400_000
"""With its history; an archive of a larger one would be too large anyway."""
MAX_PATHS: Final = 100_000
"""GitHub lists as many at once.
https://docs.github.com/rest/git/trees#get-a-tree"""


async def read_repository(
    client: GitHubClient, repo: str, pull: PullRequest
) -> RepositoryText | None:
    """Return what can be had of the code at the head. Raises TransientError."""
    archive = None
    if pull.repo_kilobytes <= MAX_REPOSITORY_KILOBYTES:
        archive = await _archive(client, repo, pull.head)
    if archive is not None:
        texts = await asyncio.to_thread(texts_of, archive)
        if texts:
            return RepositoryText(texts)
    return await _listed(client, repo, pull.head)


async def _archive(client: GitHubClient, repo: str, head: str) -> bytes | None:
    path = f"{repo}/tarball/{segment(head)}"
    try:
        return await client.archive(path, max_bytes=MAX_ARCHIVE_BYTES)
    except (PermanentError, TransientError):  # too large, not given here, or it broke off
        return None


async def _listed(client: GitHubClient, repo: str, head: str) -> RepositoryText | None:
    """Return the paths of all files; GitHub cuts the list of a very large repository."""
    try:
        answer = await client.get(f"{repo}/git/trees/{segment(head)}", params={"recursive": 1})
    except PermanentError:
        return None
    rows = answer.get("tree") if isinstance(answer, dict) else None
    if not isinstance(rows, list):
        return None
    return RepositoryText({}, tuple(filter(None, map(_path, rows[:MAX_PATHS]))))


def _path(row: Any) -> str:
    """Return the path of a regular file, empty for a link, a folder or a submodule."""
    if not isinstance(row, dict) or row.get("mode") not in {"100644", "100755"}:
        return ""
    return str(row.get("path") or "")
