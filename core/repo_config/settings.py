"""Single settings by dotted key, as an operator gives them: `review.max_findings`, `paths` …

A setting is judged as the part of a file that it would be. Where settings are kept is not known
here.
"""

import difflib
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Final, get_args, get_origin

from pydantic import ValidationError

from core.errors import ConfigurationInvalid
from core.repo_config.loading import checked, sentences
from core.repo_config.safe_yaml import Data, UnsafeYaml, load
from core.repo_config.schema import RepoConfig, Section, section_at

NAMED: Final = ".<name>"
"""Stands at the end of a key whose last part the operator chooses."""


def keys() -> tuple[str, ...]:
    """Return every key that can be set, in the order of the schema."""
    return tuple(_keys_of(RepoConfig))


def read_value(key: str, text: str) -> Data:
    """Return what a person typed as a value: words as they are, all else read as YAML.

    Raises ConfigurationInvalid.
    """
    if _kind_of(key) is str:
        return text
    try:
        return load(text).data
    except UnsafeYaml as error:
        raise ConfigurationInvalid("The value", (error.sentence,)) from error


def check_key(key: str) -> str:
    """Return a key that can be set; raises ConfigurationInvalid."""
    known = keys()
    above, _, name = key.rpartition(".")
    if key in known or (name and f"{above}{NAMED}" in known):
        return key
    if inside := [each for each in known if each.startswith(f"{key}.")]:
        raise ConfigurationInvalid("The key", (f"`{key}` holds {', '.join(inside)}: name one",))
    close = difflib.get_close_matches(key[:100], known, n=1)
    meant = f"; did you mean `{close[0]}`?" if close else ""
    raise ConfigurationInvalid("The key", (f"`{key[:100]}` is not known{meant}",))


def as_config(values: Mapping[str, Data]) -> RepoConfig:
    """Return settings as a layer says them; raises ConfigurationInvalid with every problem."""
    try:
        return checked(_nested(values))
    except ValidationError as error:
        raise ConfigurationInvalid("The setting", sentences(error)) from error


def usable(values: Mapping[str, Data]) -> tuple[Mapping[str, Data], tuple[str, ...]]:
    """Return what of kept settings still is valid, and sentences about the rest.

    Another version may have written them.
    """
    good: dict[str, Data] = {}
    notes: list[str] = []
    for key, value in values.items():
        try:
            as_config({check_key(key): value})
            as_config({**good, key: value})
        except ConfigurationInvalid as error:
            notes += error.problems
        else:
            good[key] = value
    return good, tuple(notes)


def _keys_of(section: type[Section], above: str = "") -> Iterator[str]:
    for name, field in section.model_fields.items():
        kind: Any = field.annotation
        if isinstance(kind, type) and issubclass(kind, Section):
            yield from _keys_of(kind, f"{above}{name}.")
        else:
            yield f"{above}{name}{NAMED if get_origin(kind) is dict else ''}"


def _kind_of(key: str) -> Any:
    """Return what a known key holds: a type, or an annotation of lists and mappings."""
    *above, last = key.split(".")
    section = section_at(tuple(above))
    if section is not None:
        return section.model_fields[last].annotation
    named = section_at(tuple(above[:-1]))
    annotation = named.model_fields[above[-1]].annotation if named else None
    kind = get_args(annotation)[1] if get_origin(annotation) is dict else None
    return get_args(kind)[0] if get_origin(kind) is Annotated else kind


def _nested(values: Mapping[str, Data]) -> dict[str, Data]:
    root: dict[str, Any] = {}
    for key, value in values.items():
        *above, last = key.split(".")
        at = root
        for part in above:
            at = at.setdefault(part, {})
        at[last] = value
    return root
