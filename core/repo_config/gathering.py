"""Gathers the layers that apply to a pull request, and says in words what of them does not.

The repository's file comes from the base branch's tip, the organisation's from its `.github`
repository; what the operator set at run time comes from the ledger's server.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from core.errors import ConfigurationInvalid
from core.models import PullRequest, PullRequestRef
from core.ports import Host
from core.repo_config import (
    FILENAMES,
    Configuration,
    Layer,
    LayerKind,
    RepoConfig,
    Situation,
    not_built_yet,
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
class Gathered:
    """The configuration, and what is to be said about it."""

    configuration: Configuration
    notes: tuple[str, ...]


async def gather(host: Host, pull: PullRequest, sources: Sources) -> Gathered:
    """Return the configuration of a pull request; its files are not known yet.

    Raises TransientError where a layer may exist and cannot be read.
    """
    notes: list[str] = []
    layers = [Layer(LayerKind.ENVIRONMENT, "environment", sources.environment)]
    layers += await _of_organisation(pull, sources, notes)
    layers += await _of_repository(host, pull, notes)
    if sources.runtime is not None:
        stored, unusable = await sources.runtime.layers(pull.ref)
        layers += stored
        notes += unusable
    if sources.command is not None:
        layers.append(Layer(LayerKind.COMMAND, "command", sources.command))
    configuration = Configuration(tuple(layers))
    situation = await _situation(pull, configuration.stated.config, sources, notes)
    configuration = configuration.within(situation)
    return Gathered(configuration, (*notes, *shortcomings(configuration)))


def shortcomings(configuration: Configuration) -> tuple[str, ...]:
    """Return a sentence for what is configured and cannot count."""
    known = {*BUILT_IN, *configuration.config.prompt.templates}
    template = configuration.config.prompt.template
    unknown = () if template in known else (_unknown_template(template, known),)
    return (*unknown, *not_built_yet(configuration.config))


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


async def _of_organisation(pull: PullRequest, sources: Sources, notes: list[str]) -> list[Layer]:
    owner, name = pull.ref.owner, FILENAMES[0]
    if sources.organisation is None or pull.ref.repo == ORGANISATION_REPOSITORY:
        return []
    raw = await sources.organisation.file(name)
    if raw is None:
        return []
    place = f"of `{owner}/{ORGANISATION_REPOSITORY}`"
    layer, problems = layer_of(LayerKind.ORGANISATION, raw, name, place)
    notes += problems
    return [layer] if layer else []


async def _of_repository(host: Host, pull: PullRequest, notes: list[str]) -> list[Layer]:
    reads = [partial(host.text, path, pull.base) for path in FILENAMES]
    texts = zip(FILENAMES, await together(reads, _READS_AT_ONCE), strict=True)
    found = [(path, raw) for path, raw in texts if raw is not None]
    if not found:
        return []
    (source, raw), *others = found
    notes += [f"{other} is not used, {source} is." for other, _ in others]
    place = f"on `{pull.base_branch}`"
    layer, problems = layer_of(LayerKind.REPOSITORY, raw, source, place)
    notes += problems
    return [layer] if layer else []


async def _situation(
    pull: PullRequest, config: RepoConfig, sources: Sources, notes: list[str]
) -> Situation:
    asked = teams_named(config)
    teams: frozenset[str] | None = frozenset()
    if asked:
        organisation = sources.organisation
        teams = await organisation.teams_of(pull.author, asked) if organisation else None
        if teams is None:
            notes.append(
                "Profiles chosen by `when.teams` were left out: Argus cannot see who is in a team "
                "(the App needs the permission *members: read*)."
            )
    return Situation(pull.base_branch, pull.labels, teams or frozenset())


def _unknown_template(name: str, known: Iterable[str]) -> str:
    names = ", ".join(f"`{each}`" for each in sorted(known))
    return (
        f"`prompt.template` names `{name}`, which is not there; `default` is used. Known: {names}."
    )
