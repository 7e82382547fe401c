"""Which language a file is written in, by its name or by the interpreter its first line names.

What is done with the language is decided in `core.analyzers.syntax`.
"""

import re
from collections.abc import Mapping
from types import MappingProxyType

from core.analyzers.source import SourceFile

SUFFIXES: Mapping[str, str] = MappingProxyType(
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
        ".rb": "ruby",
        ".rake": "ruby",
        ".ru": "ruby",
        ".gemspec": "ruby",
        ".rs": "rust",
        ".cs": "csharp",
        ".csx": "csharp",
        ".php": "php",
        ".phtml": "php",
        ".sh": "bash",
        ".bash": "bash",
    }
)

NAMES: Mapping[str, str] = MappingProxyType(
    {"Rakefile": "ruby", "Gemfile": "ruby", "Vagrantfile": "ruby", "Capfile": "ruby"}
)

_INTERPRETERS = (
    (re.compile(r"(?:ba|da|a)?sh$"), "bash"),
    (re.compile(r"python[\d.]*$"), "python"),
    (re.compile(r"ruby[\d.]*$"), "ruby"),
    (re.compile(r"php[\d.]*$"), "php"),
    (re.compile(r"node(?:js)?$"), "javascript"),
)
_FIRST_LINE = re.compile(r"#!\s*(?:/\S*/)?(?:env\s+(?:-S\s+)?)?([\w.]+)")


def language_of(file: SourceFile) -> str | None:
    """Return the language as ast-grep calls it, nothing for one without rules."""
    if file.suffix not in {"", ".sh"}:
        return SUFFIXES.get(file.suffix)
    by_name = NAMES.get(file.name) or SUFFIXES.get(file.suffix)
    return _by_interpreter(file.text[:200]) or by_name


def _by_interpreter(start: str) -> str | None:
    named = _FIRST_LINE.match(start)
    if named is None:
        return None
    return next((language for name, language in _INTERPRETERS if name.match(named[1])), None)
