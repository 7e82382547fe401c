"""What carries out commands in tests: a real ledger for what is kept, and hand-written judges."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.adapters.ledger import RedisLedger
from bot.parts.ledger import open_desk
from core.errors import AccessDenied
from core.intake import Intake
from core.models import PullRequest, PullRequestRef, Right
from core.statistics import Statistics
from slack.blocks import Message, Part
from slack.client import SlackClient
from slack.commands import About, Channels, Commands, Decisions, Reviewing
from slack.replies import Reply
from slack.seal import Seal
from slack.workspace import Workspace
from tests.fakes.core import a_pull_request

WEB = "https://github.com"


@dataclass(frozen=True)
class Repository:
    """A repository as GitHub shows it."""

    id: int = 7
    name: str = "octo/shop"
    private: bool = False
    url: str = f"{WEB}/octo/shop"


@dataclass(frozen=True)
class Overview:
    """What of several repositories is shown."""

    seen: Mapping[str, Repository]
    untold: str = ""


@dataclass
class Eyes:
    """Shows one pull request and the repositories it knows, or raises what it was given."""

    pull: PullRequest = field(default_factory=a_pull_request)
    error: Exception | None = None
    looks: list[tuple[PullRequestRef, str]] = field(default_factory=list)
    repositories: dict[str, Repository] = field(default_factory=lambda: {"octo/shop": Repository()})
    overviews: list[set[str]] = field(default_factory=list)
    untold: str = ""
    """Why GitHub did not tell of all repositories."""
    unseen: set[str] = field(default_factory=set)
    """Names of pull requests that nobody may see."""

    async def look(self, ref: PullRequestRef, person: str) -> PullRequest:
        self.looks.append((ref, person))
        if self.error is not None:
            raise self.error
        if str(ref) in self.unseen:
            raise AccessDenied("That pull request was not found, or you may not ask for it here.")
        return self.pull

    async def look_at_repository(self, owner: str, repo: str, person: str) -> Repository:
        if self.error is not None:
            raise self.error
        found = self.repositories.get(f"{owner}/{repo}".lower())
        if found is None:
            raise AccessDenied("That repository was not found, or you may not ask for it here.")
        return found

    async def look_over(self, names: Collection[str], person: str) -> Overview:
        self.overviews.append(set(names))
        shown = {n: self.repositories[n.lower()] for n in names if n.lower() in self.repositories}
        return Overview(shown, self.untold)


@dataclass
class Rights:
    """Lets everybody do what it was given."""

    held: Right | None = Right.WRITE

    async def may(self, person: str, ref: PullRequestRef, right: Right) -> bool:
        return self.held is not None and self.held.includes(right)

    async def require(self, person: str, ref: PullRequestRef, right: Right) -> None:
        if not await self.may(person, ref, right):
            raise AccessDenied("You may not do that.", next_step="Ask an owner.")


@dataclass
class Instance:
    """Tells what it was given."""

    counted: Statistics = field(
        default_factory=lambda: Statistics({"admitted": 3, "joined": 1}, {}, {})
    )
    parts: tuple[Part, ...] = (Part("redis", ok=True), Part("worker", ok=False, words="asleep"))
    lines: tuple[str, ...] = ("review.max_findings: 3 (.argus.yaml)",)
    rules: tuple[str, ...] = ()

    async def statistics(self) -> Statistics:
        return self.counted

    async def checks(self) -> tuple[Part, ...]:
        return self.parts

    async def configuration(self, owner: str, repo: str) -> tuple[str, ...]:
        return self.lines

    async def dismissed(self, repo_id: int) -> tuple[str, ...]:
        return self.rules


class Accounts:
    """Says that it was asked; what signing in does is tested where it happens."""

    async def connect(self, team: str, reply: Reply) -> Message:
        return Message(f"sign in, {reply.user} of {team}")

    async def disconnect(self, person: str) -> Message:
        return Message(f"forgot {person}")


def an_office(
    ledger: RedisLedger, intake: Intake, client: SlackClient, seal: Seal, **judges: Any
) -> Commands:
    """Return what carries out commands; judges: visibility, permissions, instance."""
    eyes = judges.get("visibility") or Eyes()
    desk, workspace = open_desk(ledger), Workspace(client)
    return Commands(
        reviewing=Reviewing(
            intake=intake,
            visibility=eyes,
            desk=desk,
            following=ledger.subscriptions,
            mutes=ledger.mutes,
            readership=workspace,
            seal=seal,
            web_url=WEB,
        ),
        decisions=Decisions(
            desk=desk,
            intake=intake,
            repositories=eyes,
            visibility=eyes,
            permissions=judges.get("permissions") or Rights(),
            web_url=WEB,
        ),
        channels=Channels(
            repositories=eyes,
            visibility=eyes,
            subscriptions=ledger.subscriptions,
            mutes=ledger.mutes,
            readership=workspace,
            web_url=WEB,
        ),
        about=About(
            instance=judges.get("instance") or Instance(),
            repositories=eyes,
            identities=Accounts(),
            web_url=WEB,
        ),
        voice=client,
        workspace=workspace,
        threads=ledger.threads,
        web_url=WEB,
        new_id=lambda: "req-1",
    )
