"""Addresses: where the API and the pages of this GitHub are."""

from dataclasses import dataclass
from urllib.parse import quote

from bot.playground.github.records import Pull, Repository


@dataclass(frozen=True, slots=True)
class Site:
    """Two addresses without a slash at the end."""

    api: str
    web: str

    def repo(self, repo: Repository) -> str:
        """Return a repository's address in the API."""
        return f"{self.api}/repos/{repo.full_name}"

    def page(self, repo: Repository) -> str:
        """Return a repository's page."""
        return f"{self.web}/{repo.full_name}"

    def pull(self, pull: Pull) -> str:
        """Return a pull request's address in the API."""
        return f"{self.repo(pull.repo)}/pulls/{pull.number}"

    def issue(self, pull: Pull) -> str:
        """Return the address of a pull request's conversation in the API."""
        return f"{self.repo(pull.repo)}/issues/{pull.number}"

    def pull_page(self, pull: Pull) -> str:
        """Return a pull request's page."""
        return f"{self.page(pull.repo)}/pull/{pull.number}"

    def blob_page(self, repo: Repository, commit: str, path: str) -> str:
        """Return a file's page at a commit."""
        return f"{self.page(repo)}/blob/{commit}/{quote(path)}"

    def contents(self, repo: Repository, commit: str, path: str) -> str:
        """Return a file's address in the API at a commit."""
        return f"{self.repo(repo)}/contents/{quote(path)}?ref={quote(commit, safe='')}"
