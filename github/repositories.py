"""A repository as GitHub shows it to whoever asks; only the used fields are decoded."""

from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict, ValidationError

from core.errors import TransientError
from github.client import GitHubClient, segment


@dataclass(frozen=True, slots=True)
class SeenRepository:
    """A repository under the name that it has now."""

    id: int
    owner: str
    repo: str
    private: bool
    url: str

    @property
    def name(self) -> str:
        """Return `owner/repo`."""
        return f"{self.owner}/{self.repo}"


async def read_repository(client: GitHubClient, owner: str, repo: str) -> SeenRepository:
    """Return a repository. Raises NotFound, and what the client raises."""
    answer = await client.get(f"/repos/{segment(owner)}/{segment(repo)}")
    try:
        found = _Repository.model_validate(answer)
    except ValidationError as failure:
        raise TransientError("GitHub's repository is not what it should be.") from failure
    return SeenRepository(
        id=found.id,
        owner=found.owner.login,
        repo=found.name,
        private=found.private,
        url=found.html_url or "",
    )


class _Part(BaseModel):
    """A part of GitHub's answer; what is not named here may change."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class _Owner(_Part):
    login: str


class _Repository(_Part):
    id: int
    name: str
    owner: _Owner
    private: bool = True
    """Where GitHub does not say, it counts as private."""
    html_url: str | None = None
