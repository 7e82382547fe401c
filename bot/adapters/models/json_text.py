"""JSON in what a model said: as a whole, or object by object where the whole is broken.

What the objects mean is read in `parsing` and `verdicts`.
"""

import json
import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic_core import from_json

T = TypeVar("T")

LARGEST_OBJECT = 100_000
"""Characters of one object that is looked for in a broken answer."""
MOST_FAILURES = 500
"""Places in a broken answer where no object could be read, before the search ends."""
MOST_STARTS = 50
"""Places at which a whole answer may begin behind other words."""
MOST_PROBLEMS = 5
"""Problems that are told to the model."""

_DECODER = json.JSONDecoder()
_OBJECT = re.compile(r'\{(?=\s*")')
_TEXT_OR_COMMA = re.compile(r'"(?:[^"\\]|\\.)*+"|,++(?=\s*+[}\]])', re.DOTALL)
_SURROGATES = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Malformed:
    """What is wrong with an answer, in words for the model."""

    problems: tuple[str, ...]


def whole(text: str, keys: Collection[str]) -> Any:
    """Return the JSON that the text is, or holds behind a fence or other words; None for none.

    Inside of other words only an object with one of the keys counts: any other may be a part of
    a broken answer.
    """
    for version in dict.fromkeys((text, without_trailing_commas(text))):
        found = _loaded(version)
        if found is None:
            found = _embedded(version, keys)
        if found is not None:
            return found
    return None


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


def without_trailing_commas(text: str) -> str:
    """Drop commas before a closing bracket; what stands in strings is left alone."""
    return _TEXT_OR_COMMA.sub(lambda found: "" if found[0][0] == "," else found[0], text)


def cleaned(item: dict[str, Any]) -> dict[str, Any]:
    """Return an object whose texts any request can carry: half a character is replaced."""
    return {
        key: _SURROGATES.sub("\ufffd", value) if isinstance(value, str) else value
        for key, value in item.items()
    }


def _loaded(text: str) -> Any:
    try:
        return from_json(text.strip().lstrip("\ufeff"))
    except (ValueError, RecursionError):
        return None


def _embedded(text: str, keys: Collection[str]) -> Any:
    for start, _ in zip(_OBJECT.finditer(text), range(MOST_STARTS), strict=False):
        value, _ = _decoded(text, start.start())
        if isinstance(value, dict) and not value.keys().isdisjoint(keys):
            return value
    return None


def _decoded(text: str, start: int = 0) -> tuple[Any, int]:
    try:
        return _DECODER.raw_decode(text, start)
    except (ValueError, RecursionError):
        return None, 0
