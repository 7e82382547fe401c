"""Runs the syntax rules of a file's language over its tree, bounded in time and size.

Nothing of the file is executed, and no comment in it silences a rule.
"""

import time
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import cast

from ast_grep_py import Config, SgNode, SgRoot

from core.analyzers.rules import go, java, javascript, python
from core.analyzers.rules.rule import Rule
from core.analyzers.source import SourceFile
from core.models import Candidate

LARGEST_FILE = 1_000_000
"""Characters; parsing takes about 0.2 s of CPU a megabyte."""

SECONDS_PER_FILE = 2.0
"""Rules that would start later than this are left out."""

RULES: Mapping[str, tuple[Rule, ...]] = MappingProxyType(
    {
        "python": python.RULES,
        "javascript": javascript.RULES,
        "typescript": javascript.RULES,
        "tsx": javascript.RULES,
        "go": go.RULES,
        "java": java.RULES,
    }
)

LANGUAGES: Mapping[str, str] = MappingProxyType(
    {
        ".py": "python",
        ".pyi": "python",
        ".js": "javascript",
        ".jsx": "javascript",
        ".mjs": "javascript",
        ".cjs": "javascript",
        ".ts": "typescript",
        ".mts": "typescript",
        ".cts": "typescript",
        ".tsx": "tsx",
        ".go": "go",
        ".java": "java",
    }
)

_TEST_FOLDERS = frozenset({"test", "tests", "__tests__", "testing", "testdata", "e2e", "spec"})


def check(file: SourceFile, clock: Callable[[], float] = time.monotonic) -> tuple[Candidate, ...]:
    """Return one finding for each rule and added line; broken syntax gives what parses."""
    language = LANGUAGES.get(file.suffix)
    if language is None or not file.added or len(file.text) > LARGEST_FILE:
        return ()
    deadline = clock() + SECONDS_PER_FILE
    root = SgRoot(_encodable(file.text), language).root()
    found: dict[tuple[str, int], Candidate] = {}
    for rule in RULES[language]:
        if clock() > deadline:
            break
        if rule.outside_tests and is_test(file.path):
            continue
        for number in _lines(root, rule, file.added):
            found.setdefault((rule.id, number), _finding(file, rule, language, number))
    return tuple(sorted(found.values(), key=lambda candidate: candidate.line))


def is_test(path: str) -> bool:
    """Tell whether a path is that of a test by the customs of its language."""
    *folders, name = path.lower().split("/")
    stem = name.partition(".")[0]
    return (
        bool(_TEST_FOLDERS & set(folders))
        or stem.startswith("test_")
        or stem.endswith(("_test", "test", "tests", "_spec"))
        or ".test." in name
        or ".spec." in name
        or stem == "conftest"
    )


def _encodable(text: str) -> str:
    """Replace lone surrogates, which the parser cannot take; lines stay as they are."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _lines(root: SgNode, rule: Rule, added: frozenset[int]) -> Iterable[int]:
    """Yield the first added line of each match that the rule keeps."""
    for node in root.find_all(cast("Config", {"rule": rule.match})):
        place = node.range()
        touched = [n for n in range(place.start.line + 1, place.end.line + 2) if n in added]
        if touched and rule.keep(node):
            yield touched[0]


def _finding(file: SourceFile, rule: Rule, language: str, number: int) -> Candidate:
    return Candidate(
        path=file.path,
        line=number,
        severity=rule.severity,
        category=rule.category,
        title=rule.title,
        body=rule.body,
        quote=file.line(number),
        confidence=0.8,
        source=f"static:{language}/{rule.id}",
    )
