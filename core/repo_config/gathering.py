"""Gathers the layers that apply to a pull request, and says in words what of them does not.

The repository's file comes from the base branch's tip, the organisation's from its `.github`
repository; what the operator set at run time comes from the ledger's server.
"""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Protocol, Self

from core.errors import ConfigurationInvalid
from core.models import PullRequest, PullRequestRef
from core.repo_config import (
    FILENAMES,
    Configuration,
    Layer,
    LayerKind,
    RepoConfig,
    Situation,
    parse_bytes,
    teams_named,
)
from core.repo_config.templates import BUILT_IN
from core.together import together

ORGANISATION_REPOSITORY = ".github"
"""Where GitHub keeps what counts for all repositories of an owner.
https://docs.github.com/communities/setting-up-your-project-for-healthy-contributions"""

_READS_AT_ONCE = 8


class RuntimeSettings(Protocol):
    """What the operator set for everybody, an owner or a repository, without a restart."""

    async def layers(self, ref: PullRequestRef) -> tuple[tuple[Layer, ...], tuple[str, ...]]:
        """Return the layers, and a sentence for each setting that cannot be used any more.

        Raises TransientError.
        """
        ...


class Organisation(Protocol):
    """The owner of a pull request's repository."""

    async def file(self, name: str) -> bytes | None:
        """Return a file of its `.github` repository, None where there is none for us to read.

        Raises TransientError.
        """
        ...

    async def teams_of(self, login: str, among: Iterable[str]) -> frozenset[str] | None:
        """Return to which of these teams a person belongs, None where we may not know.

        Raises TransientError.
        """
        ...


@dataclass(frozen=True, slots=True)
class Sources:
    """Where layers come from, beside the repository itself."""

    environment: RepoConfig
    runtime: RuntimeSettings | None = None
    organisation: Organisation | None = None
    command: RepoConfig | None = None
    """What whoever asked wants of this one review."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What a configuration is gathered for: a pull request, as far as that matters here."""

    ref: PullRequestRef
    base_branch: str
    labels: tuple[str, ...] = ()
    author: str = ""
    teams: frozenset[str] | None = None
    """The author's, where they are known already."""

    @classmethod
    def of(cls, pull: PullRequest) -> Self:
        """Return a live pull request."""
        return cls(pull.ref, pull.base_branch, pull.labels, pull.author)


Read = Callable[[str], Awaitable[bytes | None]]
"""Returns a file of the base branch, None where it is not. Raises TransientError."""


@dataclass(frozen=True, slots=True)
class Gathered:
    """The configuration, and what is to be said about it."""

    configuration: Configuration
    notes: tuple[str, ...]


async def gather(read: Read, subject: Subject, sources: Sources) -> Gathered:
    """Return the configuration for a pull request; its files are not known yet.

    Raises TransientError where a layer may exist and cannot be read.
    """
    notes: list[str] = []
    layers = [Layer(LayerKind.ENVIRONMENT, "environment", sources.environment)]
    layers += await _of_organisation(subject.ref, sources, notes)
    layers += await _of_repository(read, subject.base_branch, notes)
    if sources.runtime is not None:
        stored, unusable = await sources.runtime.layers(subject.ref)
        layers += stored
        notes += unusable
    if sources.command is not None:
        layers.append(Layer(LayerKind.COMMAND, "command", sources.command))
    configuration = Configuration(tuple(layers))
    situation = await _situation(subject, configuration.stated.config, sources, notes)
    configuration = configuration.within(situation)
    return Gathered(configuration, (*notes, *shortcomings(configuration)))


def shortcomings(configuration: Configuration) -> tuple[str, ...]:
    """Return a sentence for what is configured and cannot count."""
    known = {*BUILT_IN, *configuration.config.prompt.templates}
    template = configuration.config.prompt.template
    return () if template in known else (_unknown_template(template, known),)


def layer_of(
    kind: LayerKind, raw: bytes, source: str, place: str
) -> tuple[Layer | None, list[str]]:
    """Return a file as a layer; None for one that is not valid, with its problems."""
    try:
        return Layer(kind, f"{source} {place}", parse_bytes(raw, source)), []
    except ConfigurationInvalid as error:
        ignored = f"{source} {place} was ignored as a whole"
        return None, [f"{ignored}: {ended(problem)}" for problem in error.problems]


def ended(sentence: str) -> str:
    """End a sentence that does not end in a question."""
    return sentence if sentence.endswith("?") else f"{sentence}."


async def _of_organisation(ref: PullRequestRef, sources: Sources, notes: list[str]) -> list[Layer]:
    owner, name = ref.owner, FILENAMES[0]
    if sources.organisation is None or ref.repo == ORGANISATION_REPOSITORY:
        return []
    raw = await sources.organisation.file(name)
    if raw is None:
        return []
    place = f"of `{owner}/{ORGANISATION_REPOSITORY}`"
    layer, problems = layer_of(LayerKind.ORGANISATION, raw, name, place)
    notes += problems
    return [layer] if layer else []


async def _of_repository(read: Read, branch: str, notes: list[str]) -> list[Layer]:
    reads = [partial(read, path) for path in FILENAMES]
    texts = zip(FILENAMES, await together(reads, _READS_AT_ONCE), strict=True)
    found = [(path, raw) for path, raw in texts if raw is not None]
    if not found:
        return []
    (source, raw), *others = found
    notes += [f"{other} is not used, {source} is." for other, _ in others]
    place = f"on `{branch}`" if branch else "here"
    layer, problems = layer_of(LayerKind.REPOSITORY, raw, source, place)
    notes += problems
    return [layer] if layer else []


async def _situation(
    subject: Subject, config: RepoConfig, sources: Sources, notes: list[str]
) -> Situation:
    asked, teams = teams_named(config), subject.teams
    if asked and teams is None:
        organisation = sources.organisation
        teams = await organisation.teams_of(subject.author, asked) if organisation else None
        if teams is None:
            notes.append(
                "Profiles chosen by `when.teams` were left out: Argus cannot see who is in a team "
                "(the App needs the permission *members: read*)."
            )
    return Situation(subject.base_branch, subject.labels, teams or frozenset())


def _unknown_template(name: str, known: Iterable[str]) -> str:
    names = ", ".join(f"`{each}`" for each in sorted(known))
    return (
        f"`prompt.template` names `{name}`, which is not there; `default` is used. Known: {names}."
    )
