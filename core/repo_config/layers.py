"""Layers of configuration laid over one another, with the origin of every key.

The caller decides which layers there are. A later kind wins key by key, lists whole; within a
kind the one given later wins.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from core.repo_config.schema import RepoConfig


class LayerKind(StrEnum):
    """Who says it, from the weakest word to the strongest."""

    DEFAULTS = "defaults"
    """Argus itself."""
    ENVIRONMENT = "environment"
    """The operator, in the environment of the processes."""
    INSTANCE = "instance"
    """The operator, for every repository, without a restart."""
    ORGANISATION = "organisation"
    """The owner's `.github` repository, and the operator for this owner."""
    REPOSITORY = "repository"
    """The base branch, and the operator for this repository."""
    PROFILE = "profile"
    """A profile whose condition holds."""
    PATH = "path"
    """An entry of `paths` that matches the file."""
    COMMAND = "command"
    """Whoever asked for this review."""
    LOCK = "lock"
    """The operator, over everybody's head."""


@dataclass(frozen=True, slots=True)
class Layer:
    """What one place says."""

    kind: LayerKind
    name: str
    """The place, for people: a file with its branch, a variable, a profile …"""
    says: RepoConfig


DEFAULTS = Layer(LayerKind.DEFAULTS, "built in", RepoConfig())


@dataclass(frozen=True, slots=True)
class Effective:
    """What applies, and who said it."""

    config: RepoConfig
    said_by: Mapping[str, Layer]
    """By dotted key; what is missing has its default."""

    def origin(self, key: str) -> Layer:
        """Return the layer that a key's value comes from."""
        return self.said_by.get(key, DEFAULTS)

    def values(self) -> Iterator[tuple[str, Any]]:
        """Return every key with the value that applies, as plain data."""
        for key, value in _leaves(self.config.model_dump(mode="json")):
            yield ".".join(key), value


def stacked(layers: Iterable[Layer]) -> Effective:
    """Return what the layers say together."""
    rank = tuple(LayerKind).index
    values: dict[tuple[str, ...], Any] = {}
    said_by: dict[str, Layer] = {}
    for layer in sorted(layers, key=lambda layer: rank(layer.kind)):
        for key, value in _leaves(layer.says.model_dump(exclude_unset=True)):
            values[key] = value
            said_by[".".join(key)] = layer
    return Effective(RepoConfig.model_validate(_nested(values)), said_by)


def _leaves(
    data: Mapping[str, Any], at: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Walk mappings down to what is not one."""
    for key, value in data.items():
        if isinstance(value, dict):
            yield from _leaves(value, (*at, key))
        else:
            yield (*at, key), value


def _nested(values: Mapping[tuple[str, ...], Any]) -> dict[str, Any]:
    root: dict[str, Any] = {}
    for (*above, last), value in values.items():
        at = root
        for part in above:
            at = at.setdefault(part, {})
        at[last] = value
    return root
