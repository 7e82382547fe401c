"""Runs the syntax rules of a file's language over its tree, bounded in time and size.

Nothing of the file is executed, and no comment in it silences a rule.
"""

import re
import time
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from types import MappingProxyType
from typing import cast

from ast_grep_py import Config, SgNode

from core.analyzers.languages import language_of
from core.analyzers.parsing import parse
from core.analyzers.php_code import php_alone
from core.analyzers.rules import bash, csharp, go, java, javascript, php, python, ruby, rust
from core.analyzers.rules.rule import Rule
from core.analyzers.source import SourceFile
from core.models import Candidate

LARGEST_FILE = 1_000_000
"""Characters; parsing takes about 0.2 s of CPU a megabyte."""

SECONDS_PER_FILE = 2.0
"""What rules have not found by then in one file is left out."""

RULES: Mapping[str, tuple[Rule, ...]] = MappingProxyType(
    {
        "python": python.RULES,
        "javascript": javascript.RULES,
        "typescript": javascript.RULES,
        "tsx": javascript.RULES,
        "go": go.RULES,
        "java": java.RULES,
        "ruby": ruby.RULES,
        "rust": rust.RULES,
        "csharp": csharp.RULES,
        "php": php.RULES,
        "bash": bash.RULES,
    }
)

_TESTS_INSIDE: Mapping[str, Callable[[SgNode], bool]] = MappingProxyType(
    {"rust": rust.is_test_code}
)
"""Languages whose tests stand beside the code, and how to tell."""

_TEST_FOLDERS = frozenset({"test", "tests", "__tests__", "testing", "testdata", "e2e", "spec"})
_TEST_PROJECTS = (".test", ".tests", ".unittests", ".integrationtests", ".specs")
"""How a .NET project for tests ends, which is a folder."""


def check(file: SourceFile, clock: Callable[[], float] = time.monotonic) -> tuple[Candidate, ...]:
    """Return one finding for each rule and added line; broken syntax gives what parses."""
    language = language_of(file)
    if language is None or not file.added or len(file.text) > LARGEST_FILE:
        return ()
    rules = [rule for rule in RULES.get(language, ()) if _may_match(rule, file)]
    if not rules:
        return ()
    deadline = clock() + SECONDS_PER_FILE
    text = php_alone(file.text) if language == "php" else file.text
    root = parse(text, language)
    if root is None:
        return ()
    found: dict[tuple[str, int], Candidate] = {}
    for rule in rules:
        keep = partial(_is_kept, rule, _TESTS_INSIDE.get(language))
        for number in _lines(root, rule, file.added, keep, partial(_is_over, deadline, clock)):
            found.setdefault((rule.id, number), _finding(file, rule, language, number))
    return tuple(sorted(found.values(), key=lambda candidate: candidate.line))


def _may_match(rule: Rule, file: SourceFile) -> bool:
    """Tell by a look at the text alone whether a rule has to be asked."""
    if rule.outside_tests and is_test(file.path):
        return False
    return re.search(rule.needs, file.text) is not None


def _is_kept(rule: Rule, is_test_code: Callable[[SgNode], bool] | None, node: SgNode) -> bool:
    if not rule.keep(node):
        return False
    return not (rule.outside_tests and is_test_code is not None and is_test_code(node))


def _is_over(deadline: float, clock: Callable[[], float]) -> bool:
    return clock() > deadline


def is_test(path: str) -> bool:
    """Tell whether a path is that of a test by the customs of its language."""
    *folders, name = path.lower().split("/")
    stem = name.partition(".")[0]
    return (
        any(folder in _TEST_FOLDERS or folder.endswith(_TEST_PROJECTS) for folder in folders)
        or stem.startswith("test_")
        or stem.endswith(("_test", "test", "tests", "_spec"))
        or ".test." in name
        or ".spec." in name
        or stem == "conftest"
    )


def _lines(
    root: SgNode,
    rule: Rule,
    added: frozenset[int],
    keep: Callable[[SgNode], bool],
    is_over: Callable[[], bool],
) -> Iterable[int]:
    """Yield the first added line of each match that the rule keeps, until time is over."""
    if is_over():
        return
    for node in root.find_all(cast("Config", {"rule": rule.match})):
        place = node.range()
        lines = range(place.start.line + 1, place.end.line + 2)
        touched = next((number for number in lines if number in added), 0)
        if touched and keep(node):
            yield touched
        if is_over():
            return


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
