"""Layers of configuration laid over one another, with the origin of every key.

The caller decides which layers there are. A later kind wins key by key, lists whole; within a
kind the one given later wins.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

from core.repo_config.schema import RepoConfig, Section

AnySection = TypeVar("AnySection", bound=Section)


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
        for key, value in _keys(self.config, _every_field):
            yield ".".join(key), _plain(value)


def stacked(layers: Iterable[Layer]) -> Effective:
    """Return what the layers say together; a profile and a template are taken whole."""
    rank = tuple(LayerKind).index
    values: dict[tuple[str, ...], Any] = {}
    said_by: dict[str, Layer] = {}
    for layer in sorted(layers, key=lambda layer: rank(layer.kind)):
        for key, value in _keys(layer.says, _said):
            values[key] = value
            said_by[".".join(key)] = layer
    return Effective(_with(RepoConfig(), _nested(values)), said_by)


def _keys(
    section: Section, fields: Callable[[Section], Iterable[str]], at: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Walk sections down to single values."""
    for name in fields(section):
        value = getattr(section, name)
        if isinstance(value, Section):
            yield from _keys(value, fields, (*at, name))
        elif isinstance(value, dict):
            yield from (((*at, name, key), entry) for key, entry in value.items())
        else:
            yield (*at, name), value


def _every_field(section: Section) -> Iterable[str]:
    return type(section).model_fields


def _said(section: Section) -> Iterable[str]:
    """Return the fields that a layer says itself, in the order of the schema."""
    return (name for name in type(section).model_fields if name in section.model_fields_set)


def _nested(values: Mapping[tuple[str, ...], Any]) -> dict[str, Any]:
    root: dict[str, Any] = {}
    for (*above, last), value in values.items():
        at = root
        for part in above:
            at = at.setdefault(part, {})
        at[last] = value
    return root


def _with(section: AnySection, values: Mapping[str, Any]) -> AnySection:
    """Return a section with these values, which its layers were judged by already."""
    update = {
        name: _with(own, value) if isinstance(own := getattr(section, name), Section) else value
        for name, value in values.items()
    }
    return section.model_copy(update=update)


def _plain(value: Any) -> Any:
    """Return a value as JSON has it, without what is left at its default."""
    if isinstance(value, Section):
        return value.model_dump(mode="json", exclude_unset=True)
    return [_plain(entry) for entry in value] if isinstance(value, tuple) else value
