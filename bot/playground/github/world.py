"""The state of the local GitHub and its clock; one instance a server, nothing is global.

Lookups and small changes that several routes share. Git's own state is in each `GitRepository`.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bot.playground.github.faults import Faults, Record
from bot.playground.github.git import GitRepository
from bot.playground.github.limits import Knobs, Limits
from bot.playground.github.oauth import Grants
from bot.playground.github.objects import Person
from bot.playground.github.records import (
    Account,
    App,
    CheckRun,
    Delivery,
    Installation,
    IssueComment,
    Pull,
    Repository,
    Review,
    ReviewComment,
    Token,
)
from bot.playground.github.site import Site

FIRST_ID = 2_147_484_000
"""Ids of today's GitHub do not fit into 32 bits; a client that thinks so fails here."""

Emit = Callable[[str, str | None, Repository | None, dict[str, Any]], None]


@dataclass(slots=True)
class World:
    """Everything this GitHub knows."""

    data: Path
    site: Site
    clock_offset: float = 0.0
    app: App | None = None
    accounts: dict[str, Account] = field(default_factory=dict)
    installations: dict[int, Installation] = field(default_factory=dict)
    tokens: dict[str, Token] = field(default_factory=dict)
    grants: Grants = field(default_factory=Grants)
    repos: dict[int, Repository] = field(default_factory=dict)
    moved: dict[str, int] = field(default_factory=dict)
    """Former `owner/name` in lower case → repository id."""
    pulls: dict[tuple[int, int], Pull] = field(default_factory=dict)
    reviews: dict[int, Review] = field(default_factory=dict)
    review_comments: dict[int, ReviewComment] = field(default_factory=dict)
    issue_comments: dict[int, IssueComment] = field(default_factory=dict)
    checks: dict[int, CheckRun] = field(default_factory=dict)
    deliveries: dict[int, Delivery] = field(default_factory=dict)
    knobs: Knobs = field(default_factory=Knobs)
    limits: Limits = field(default_factory=Limits)
    faults: Faults = field(default_factory=Faults)
    record: Record = field(default_factory=Record)
    emit: Emit = field(default=lambda *_: None)
    """Sends an event to the App; set by whoever serves the world."""
    redeliver: Callable[[Delivery], object] = field(default=lambda _: None)
    ids: Iterator[int] = field(default_factory=lambda: _count(FIRST_ID))

    def now(self) -> float:
        """Return this GitHub's time in seconds since the epoch."""
        return time.time() + self.clock_offset

    def account(self, login: str, kind: str = "User", name: str = "") -> Account:
        """Return an account, made on first mention."""
        key = login.lower()
        if key not in self.accounts:
            self.accounts[key] = Account(next(self.ids), login, kind, name or login)
        return self.accounts[key]

    def person(self, account: Account) -> Person:
        """Return an account as the author of a commit, now."""
        address = f"{account.id}+{account.login}@users.noreply.github.test"
        return Person(account.name or account.login, address, int(self.now()))

    def repo_named(self, full_name: str) -> Repository | None:
        """Return a repository by its present name."""
        wanted = full_name.lower()
        return next((r for r in self.repos.values() if r.full_name.lower() == wanted), None)

    def repo_moved(self, full_name: str) -> Repository | None:
        """Return the repository that had this name before."""
        return self.repos.get(self.moved.get(full_name.lower(), -1))

    async def add_repo(self, owner: Account, name: str, **traits: Any) -> Repository:
        """Make an empty repository."""
        number = next(self.ids)
        git = GitRepository(self.data / f"{number}.git")
        await git.create()
        repo = Repository(number, owner, name, git, self.now(), pushed_at=self.now(), **traits)
        self.repos[number] = repo
        self.moved.pop(repo.full_name.lower(), None)
        return repo

    def pulls_of(self, repo: Repository) -> list[Pull]:
        """Return a repository's pull requests, oldest first."""
        return [pull for pull in self.pulls.values() if pull.repo is repo]

    def reviews_of(self, pull: Pull) -> list[Review]:
        """Return a pull request's reviews, oldest first, pending ones included."""
        return [review for review in self.reviews.values() if review.pull is pull]

    def comments_of(self, pull: Pull) -> list[ReviewComment]:
        """Return the comments on a pull request's diff, oldest first, pending ones included."""
        return [comment for comment in self.review_comments.values() if comment.pull is pull]

    def conversation_of(self, pull: Pull) -> list[IssueComment]:
        """Return the comments in a pull request's conversation, oldest first."""
        return [comment for comment in self.issue_comments.values() if comment.pull is pull]

    def checks_of(self, repo: Repository, sha: str) -> list[CheckRun]:
        """Return the check runs of a commit, newest first."""
        found = [run for run in self.checks.values() if run.repo is repo and run.head_sha == sha]
        return found[::-1]

    def installation_for(self, repo: Repository) -> Installation | None:
        """Return the installation that reaches a repository."""
        return next((i for i in self.installations.values() if reaches(i, repo)), None)

    def touch(self, pull: Pull) -> None:
        """Note that something happened on a pull request."""
        pull.updated_at = self.now()

    def happened(self, pull: Pull, kind: str, actor: Account, **facts: Any) -> None:
        """Add an entry to a pull request's timeline."""
        entry = {"at": iso(self.now()), "kind": kind, "actor": actor.login, **facts}
        pull.timeline.append(entry)
        self.touch(pull)

    def close(self) -> None:
        """End what runs for it."""
        for repo in self.repos.values():
            repo.git.close()


def reaches(installation: Installation, repo: Repository) -> bool:
    """Tell whether an installation covers a repository."""
    return installation.account is repo.owner and (
        installation.repo_ids is None or repo.id in installation.repo_ids
    )


def iso(seconds: float) -> str:
    """Return a time as GitHub writes it, in whole seconds."""
    return datetime.fromtimestamp(int(seconds), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _count(start: int) -> Iterator[int]:
    while True:
        yield start
        start += 1
