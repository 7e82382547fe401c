"""Puts the sample on a local GitHub, and pushes its second commit."""

from dataclasses import dataclass

from bot.playground.github.driver import Driver
from bot.playground.sample import Sample


@dataclass(frozen=True, slots=True)
class Planted:
    """Where the sample's pull request stands."""

    repository: str
    repository_id: int
    number: int
    head: str
    installation: int


def plant(github: Driver, sample: Sample) -> Planted:
    """Make the repository, install the App there and open the pull request.

    The webhook must be set before, for its event is sent at once.
    """
    owner = sample.repository.partition("/")[0]
    github.add_person(owner, "Organization", "Harbour Market")
    github.add_person(sample.author, name=sample.author_name)
    made = github.create_repo(
        sample.repository,
        sample.base,
        description=sample.description,
        collaborators={sample.author: "write"},
        message="Till 1.8",
    )
    installation = github.install(owner, [sample.repository])
    head = github.push(
        sample.repository,
        sample.branch,
        sample.change.files,
        message=sample.change.message,
        author=sample.author,
    )
    pull = github.open_pull(
        sample.repository,
        sample.branch,
        title=sample.title,
        body=sample.body,
        author=sample.author,
        labels=list(sample.labels),
    )
    return Planted(sample.repository, made["id"], pull["number"], head, installation)


def push_follow_up(github: Driver, sample: Sample) -> str:
    """Push the second commit and return it."""
    return github.push(
        sample.repository,
        sample.branch,
        sample.follow_up.files,
        message=sample.follow_up.message,
        author=sample.author,
    )
