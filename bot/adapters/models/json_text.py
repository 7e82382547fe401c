"""JSON in what a model said: as a whole, or object by object where the whole is broken.

What the objects mean is read in `parsing` and `verdicts`.
"""

import json
import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import from_json

T = TypeVar("T")
M = TypeVar("M", bound=BaseModel)

LARGEST_ANSWER = 2_000_000
"""Characters; what follows them is treated as if the answer had been cut there."""
LARGEST_OBJECT = 100_000
"""Characters of one object that is looked for in a broken answer."""
MOST_FAILURES = 2_000
"""Places in a broken answer where no object could be read, before the search ends."""
MOST_STARTS = 20
"""Places at which a whole answer may begin behind other words."""
MOST_PROBLEMS = 5
"""Problems that are told to the model."""

_DECODER = json.JSONDecoder(strict=False)
"""Takes line ends and tabs in strings as they are."""
_OBJECT = re.compile(r'\{(?=\s*")')
_STRING_OR_SLIP = re.compile(
    r'"[^"\\]*+(?>(?:\\.[^"\\]*+)*)"?|,++(?=\s*+[}\]])|\b(?:None|True|False)\b', re.DOTALL
)
"""A string, even one that was cut; or what other languages allow and JSON does not."""
_ESCAPES = re.compile(r'(?>(?:[^\\]|\\(?:u[0-9A-Fa-f]{4}|["\\/bfnrt]))+)|\\')
"""All that JSON allows in a string at once, or a backslash that it does not."""
_MENDED = {"None": "null", "True": "true", "False": "false"}
_SURROGATES = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Malformed:
    """What is wrong with an answer, in words for the model."""

    problems: tuple[str, ...]


def whole(text: str, keys: Collection[str]) -> Any:
    """Return the JSON that the text is, or holds among other words; None for none.

    Among other words, or within other JSON, only an object with one of the keys counts, the
    longest: any other may be a part of a broken answer, or an example.
    """
    found = next((read for each in versions(text) if (read := _read(each, keys)) is not None), None)
    return _read(found, keys) if isinstance(found, str) else found


def versions(text: str) -> Iterator[str]:
    """Yield an answer as it is, and mended where that makes a difference."""
    text = text[:LARGEST_ANSWER]
    yield text
    if (mended := _mended(text)) != text:
        yield mended


def objects_in(text: str, read: Callable[[dict[str, Any]], T | None]) -> Iterator[T]:
    """Yield what `read` makes of objects, wherever one begins, whatever surrounds it."""
    end = failures = 0
    for start in _OBJECT.finditer(text):
        if start.start() < end:
            continue
        if failures >= MOST_FAILURES:
            return
        value, length = _decoded(text[start.start() : start.start() + LARGEST_OBJECT])
        found = read(value) if isinstance(value, dict) else None
        if found is None:
            failures += 1
            continue
        end = start.start() + length
        yield found


def cleaned(item: dict[str, Any]) -> dict[str, Any]:
    """Return an object whose texts any request can carry: half a character is replaced."""
    return {
        key: _SURROGATES.sub("\ufffd", value) if isinstance(value, str) else value
        for key, value in item.items()
    }


def validated(kind: type[M], item: dict[str, Any]) -> M | str:
    """Return an object as a value, or what is wrong with it in words for the model."""
    try:
        return kind.model_validate(cleaned(item))
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        return f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}"
    except (ValueError, RecursionError):
        return "not usable"


def _loaded(text: str) -> Any:
    try:
        return from_json(text.strip().lstrip("\ufeff"))
    except (ValueError, RecursionError):
        return None


def _read(text: str, keys: Collection[str]) -> Any:
    found = _loaded(text)
    if found is None or _is_foreign(found, keys):
        return _embedded(text, keys) or found
    return found


def _is_foreign(found: Any, keys: Collection[str]) -> bool:
    return isinstance(found, dict) and bool(found) and found.keys().isdisjoint(keys)


def _embedded(text: str, keys: Collection[str]) -> Any:
    best: tuple[int, Any] = (0, None)
    end = tries = 0
    for start in _OBJECT.finditer(text):
        if start.start() < end:
            continue
        if (tries := tries + 1) > MOST_STARTS:
            break
        value, after = _decoded(text, start.start())
        if isinstance(value, dict) and not value.keys().isdisjoint(keys):
            best = max(best, (after - start.start(), value), key=lambda one: one[0])
            end = after
    return best[1]


def _mended(text: str) -> str:
    """Undo what other languages allow: trailing commas, their constants, free escapes."""
    return _STRING_OR_SLIP.sub(_without_slip, text)


def _without_slip(found: re.Match[str]) -> str:
    said = found[0]
    if said[0] == ",":
        return ""
    if said[0] != '"':
        return _MENDED[said]
    return _ESCAPES.sub(_escaped, said) if "\\" in said else said


def _escaped(found: re.Match[str]) -> str:
    """Take a backslash that begins no escape as itself, as in a regular expression."""
    return "\\\\" if found[0] == "\\" else found[0]


def _decoded(text: str, start: int = 0) -> tuple[Any, int]:
    try:
        return _DECODER.raw_decode(text, start)
    except (ValueError, RecursionError):
        return None, 0
