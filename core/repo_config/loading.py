"""Text of `.argus.yaml` → RepoConfig, or every problem of it in a sentence with its line.

A file with a problem is ignored whole: half of a configuration is one that nobody wrote.
"""

import difflib
import json
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import ValidationError

from core.errors import ConfigurationInvalid
from core.repo_config.safe_yaml import Data, Document, Path, UnsafeYaml, load
from core.repo_config.schema import PATTERN_WORDS, RepoConfig, section_at

MAX_PROBLEMS = 10
"""Problems that are told of one file; the rest is counted."""

_SHOWN_CHARACTERS = 60
"""Characters of a key or value of the file that a problem repeats."""


def parse(text: str, source: str) -> RepoConfig:
    """Return the configuration; raises ConfigurationInvalid with one sentence a problem."""
    try:
        document = load(text)
    except UnsafeYaml as error:
        raise ConfigurationInvalid(source, (_at(error.line, error.sentence),)) from error
    if document.data is None:
        return RepoConfig()
    if not isinstance(document.data, dict):
        raise ConfigurationInvalid(source, ("it has to be a mapping of keys to values",))
    try:
        return checked(document.data)
    except ValidationError as error:
        raise ConfigurationInvalid(source, _problems(error, document)) from error


def parse_bytes(raw: bytes, source: str) -> RepoConfig:
    """Return the configuration of a file's bytes; raises ConfigurationInvalid."""
    try:
        text = raw.decode()
    except UnicodeDecodeError as error:
        raise ConfigurationInvalid(source, ("it is not UTF-8 text",)) from error
    return parse(text, source)


def checked(data: Data) -> RepoConfig:
    """Return plain data as a configuration; raises ValidationError.

    By way of JSON, in strict mode: no number from a text, yet a list is a tuple, a text an enum.
    """
    return RepoConfig.model_validate_json(json.dumps(data), strict=True)


def sentences(error: ValidationError) -> tuple[str, ...]:
    """Return what is wrong with data that comes from no file, one sentence a problem."""
    return tuple(_sentence(detail) for detail in error.errors(include_url=False))


def _problems(error: ValidationError, document: Document) -> tuple[str, ...]:
    details = error.errors(include_url=False, include_context=True)
    told = [
        _at(document.line_of(detail["loc"]), _sentence(detail))
        for detail in sorted(details, key=lambda detail: document.line_of(detail["loc"]) or 0)
    ]
    more = len(told) - MAX_PROBLEMS
    return (*told[:MAX_PROBLEMS], *([f"and {more} more"] if more > 0 else []))


def _at(line: int | None, sentence: str) -> str:
    return sentence if line is None else f"line {line}: {sentence}"


def _sentence(detail: Mapping[str, Any]) -> str:
    path: Path = detail["loc"]
    name = _shown(".".join(str(part) for part in path))
    if detail["type"] == "extra_forbidden":
        return f"`{name}` is not known{_did_you_mean(path[-1], _keys_at(path[:-1]))}"
    if detail["type"] == "missing":
        return f"`{name}` is missing"
    if detail["type"] == "string_pattern_mismatch":
        return f"`{name.removesuffix('.[key]')}` {PATTERN_WORDS[detail['ctx']['pattern']]}"
    if not path:
        return str(detail["msg"]).removeprefix("Value error, ")
    words = detail["msg"].removeprefix("Value error, ").removeprefix("Input ")
    return (
        f"`{name}` {words}{_meant_value(detail)}"
        if words[:6] == "should"
        else (f"`{name}`: {words}")
    )


def _meant_value(detail: Mapping[str, Any]) -> str:
    """Suggest the allowed value that was probably meant."""
    if detail["type"] not in {"enum", "literal_error"}:
        return ""
    expected = str(detail.get("ctx", {}).get("expected", ""))
    values = [word.strip(" '") for word in expected.replace(" or ", ",").split(",")]
    return _did_you_mean(detail["input"], values)


def _keys_at(path: Path) -> tuple[str, ...]:
    section = section_at(path)
    return tuple(section.model_fields) if section else ()


def _did_you_mean(word: object, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(str(word)[:_SHOWN_CHARACTERS], known, n=1)
    return f"; did you mean `{close[0]}`?" if close else ""


def _shown(text: str) -> str:
    """Keep what the file says from becoming more than a word of our sentence."""
    printable = "".join(c if c.isprintable() and c != "`" else "?" for c in text)
    return printable[:_SHOWN_CHARACTERS]
