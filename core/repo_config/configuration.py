"""The configuration of one pull request: as a whole, and for each of its files.

Here layers, profiles and entries of `paths` come together; where layers are read from is for
`gathering`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Protocol

from core.globs import Glob, first_match
from core.repo_config.layers import Effective, Layer, LayerKind, stacked
from core.repo_config.schema import Condition, FileRules, Profile, RepoConfig

_OF_FILES = frozenset({*FileRules.model_fields, "instructions"})
"""Keys that a profile with paths sets for the files that match, and for no others."""


class Rules(Protocol):
    """The rules of a review, as steps of it ask for them."""

    @property
    def max_files(self) -> int:
        """Files of one review."""
        ...

    @property
    def max_findings(self) -> int:
        """Comments on lines in one review."""
        ...

    def at(self, path: str) -> FileRules:
        """Return the rules for a file."""
        ...


@dataclass(frozen=True, slots=True)
class Situation:
    """What profiles are chosen by, beside the files."""

    base_branch: str = ""
    labels: tuple[str, ...] = ()
    teams: frozenset[str] = frozenset()
    """Those of the teams that profiles name to which the author belongs."""


@dataclass(frozen=True)
class Configuration:
    """Layers, and what they come to for a pull request; `paths` are its files, once known."""

    layers: tuple[Layer, ...] = ()
    situation: Situation = field(default_factory=Situation)
    paths: tuple[str, ...] = ()

    def over(self, paths: Iterable[str]) -> "Configuration":
        """Return it for a change of these files."""
        return replace(self, paths=tuple(paths))

    def within(self, situation: Situation) -> "Configuration":
        """Return it for a pull request of this kind."""
        return replace(self, situation=situation)

    @cached_property
    def stated(self) -> Effective:
        """Return what the layers say before any profile is chosen."""
        return stacked(self.layers)

    @cached_property
    def whole(self) -> Effective:
        """Return what applies to the pull request as a whole."""
        return stacked(self._of_the_whole)

    @property
    def config(self) -> RepoConfig:
        """Return the values that apply to the pull request as a whole."""
        return self.whole.config

    @property
    def max_files(self) -> int:
        """As in `Rules`."""
        return self.config.review.max_files

    @property
    def max_findings(self) -> int:
        """As in `Rules`."""
        return self.config.review.max_findings

    def at(self, path: str) -> FileRules:
        """Return the rules for a file."""
        return self.for_file(path).config.review

    def for_file(self, path: str) -> Effective:
        """Return what applies to a file."""
        places = tuple(n for n, (globs, _) in enumerate(self._file_layers) if _match(globs, path))
        if places not in self._by_places:
            own = [self._file_layers[n][1] for n in places]
            self._by_places[places] = stacked((*self._of_the_whole, *own)) if own else self.whole
        return self._by_places[places]

    @cached_property
    def profiles(self) -> tuple[str, ...]:
        """Return the names of the profiles that apply, to some files at least."""
        return tuple(self._profiles)

    def instructions_by_files(self) -> tuple[tuple[str, tuple[str, ...], str], ...]:
        """Return words for matching files alone: whose they are, patterns, words."""
        locked = self.whole.origin("prompt.instructions").kind is LayerKind.LOCK
        of_profiles = [
            (f" (profile {name})", profile.when.paths, profile.prompt.instructions)
            for name, profile in self._profiles.items()
            if profile.when.paths and not locked
        ]
        of_paths = [("", (p.glob,), p.instructions) for p in self.config.paths]
        return tuple(each for each in (*of_profiles, *of_paths) if each[2].strip())

    @cached_property
    def _profiles(self) -> Mapping[str, Profile]:
        """Return the profiles that apply, by name, in the order in which they were first named."""
        return {
            name: profile
            for name, profile in self.stated.config.profiles.items()
            if _holds(profile.when, self.situation) and self._touched(profile.when)
        }

    @cached_property
    def _of_the_whole(self) -> tuple[Layer, ...]:
        profiles = (_layer(name, profile) for name, profile in self._profiles.items())
        return (*self.layers, *profiles)

    def _touched(self, when: Condition) -> bool:
        globs = _globs(when.paths)
        return not globs or any(_match(globs, path) for path in self.paths)

    @cached_property
    def _file_layers(self) -> tuple[tuple[tuple[Glob, ...], Layer], ...]:
        """Return what is said of some files alone, by their patterns."""
        found = [
            (_globs(profile.when.paths), _layer(name, profile, of_files=True))
            for name, profile in self._profiles.items()
            if profile.when.paths
        ]
        found += [
            (_globs((rules.glob,)), Layer(LayerKind.PATH, rules.glob, _only(review=says)))
            for rules in self.config.paths
            if (says := rules.review.model_dump(exclude_unset=True))
        ]
        return tuple(found)

    @cached_property
    def _by_places(self) -> dict[tuple[int, ...], Effective]:
        """Keep what was laid together; files mostly fall under the same few layers."""
        return {}


def teams_named(config: RepoConfig) -> frozenset[str]:
    """Return the teams by which profiles are chosen."""
    return frozenset(team for each in config.profiles.values() for team in each.when.teams)


def _holds(when: Condition, situation: Situation) -> bool:
    """Tell whether a condition holds, its files aside."""
    labels = {label.casefold() for label in situation.labels}
    return (
        (not when.base or any(_names_branch(text, situation.base_branch) for text in when.base))
        and (not when.labels or any(label.casefold() in labels for label in when.labels))
        and (not when.teams or not situation.teams.isdisjoint(when.teams))
    )


def _names_branch(pattern: str, branch: str) -> bool:
    """Match a whole branch name: `main` is not `feature/main`, `release` not `release/2`."""
    return Glob(f"/{pattern.lstrip('/')}", whole_directories=False).matches(branch)


def _layer(name: str, profile: Profile, *, of_files: bool = False) -> Layer:
    """Return a profile as a layer: what it says of the whole, or `of_files` of its paths."""
    review = profile.review.model_dump(exclude_unset=True)
    prompt = profile.prompt.model_dump(exclude_unset=True)
    notify = profile.notify.model_dump(exclude_unset=True)
    if profile.when.paths:
        review = {key: said for key, said in review.items() if (key in _OF_FILES) == of_files}
        prompt = {key: said for key, said in prompt.items() if (key in _OF_FILES) == of_files}
        notify = {} if of_files else notify
    return Layer(LayerKind.PROFILE, name, _only(review=review, prompt=prompt, notify=notify))


def _only(**sections: Mapping[str, Any]) -> RepoConfig:
    """Return a layer that says no more than this."""
    return RepoConfig.model_validate({name: says for name, says in sections.items() if says})


def _globs(patterns: Iterable[str]) -> tuple[Glob, ...]:
    return tuple(Glob(text) for text in patterns)


def _match(globs: tuple[Glob, ...], path: str) -> bool:
    return first_match(globs, path) is not None
