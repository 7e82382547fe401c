"""Who may tell Argus something on a pull request: people with write access, or with less where
the base branch's configuration says so.
"""

from collections.abc import Callable
from dataclasses import dataclass

from core.models import Order, PullRequestRef, Right
from core.repo_config.gathering import Gathered, Sources, Subject, gather
from github.permissions import Collaborators
from github.pull_requests import GitHubPullRequest

SourcesOf = Callable[[PullRequestRef, int | None], Sources]
"""Returns where configuration comes from, for a pull request and its installation."""


@dataclass(frozen=True, slots=True)
class Permitted:
    """Judges who gives an order."""

    collaborators: Collaborators
    sources_of: SourcesOf

    async def lacks(self, order: Order, host: GitHubPullRequest) -> Right | None:
        """Return the right that whoever gave the order lacks, None for one who may.

        Raises TransientError, PermanentError.
        """
        held = await self.collaborators.right_of(order.origin.person, order.ref)
        if held is Right.WRITE:
            return None
        gathered = await self.configuration(order, host)
        wanted = Right(gathered.configuration.config.commands.access)
        return None if held is not None and held.includes(wanted) else wanted

    async def configuration(self, order: Order, host: GitHubPullRequest) -> Gathered:
        """Return what is configured for the pull request. Raises TransientError."""
        pull = await host.pull_request()

        async def at_base(path: str) -> bytes | None:
            return await host.text(path, pull.base)

        sources = self.sources_of(order.ref, order.installation_id)
        return await gather(at_base, Subject.of(pull), sources)
