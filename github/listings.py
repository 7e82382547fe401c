"""What a folder of the repository holds at a commit, so that absent files need not be asked for.

Few repositories have every file that may configure a review; one listing answers for all of them.
"""

import asyncio

from core.errors import PermanentError, TransientError
from github.client import GitHubClient, segment

LIST_LIMIT = 1000
"""Entries that GitHub lists of a folder; a list that long may lack some.
https://docs.github.com/en/rest/repos/contents#get-repository-content"""


class Listings:
    """Folders at one commit, each listed once."""

    def __init__(self, client: GitHubClient, repo: str, commit: str) -> None:
        self.commit = commit
        self._client = client
        self._contents = f"{repo}/contents"
        self._known: dict[str, frozenset[str] | None] = {}
        self._listing = asyncio.Lock()

    async def may_hold(self, path: str) -> bool:
        """Tell whether a file may be there; True whenever GitHub does not tell."""
        folder, _, name = path.rpartition("/")
        if folder and not await self.may_hold(folder):
            return False
        names = await self._names(folder)
        return names is None or name in names

    async def _names(self, folder: str) -> frozenset[str] | None:
        async with self._listing:
            if folder not in self._known:
                self._known[folder] = await self._list(folder)
            return self._known[folder]

    async def _list(self, folder: str) -> frozenset[str] | None:
        quoted = "".join(f"/{segment(part)}" for part in folder.split("/") if part)
        try:
            rows = await self._client.get(f"{self._contents}{quoted}", params={"ref": self.commit})
        except (PermanentError, TransientError):
            return None
        if not isinstance(rows, list) or not rows or len(rows) >= LIST_LIMIT:
            return None
        names = [row.get("name") for row in rows if isinstance(row, dict)]
        return frozenset(str(name) for name in names)
