"""Chooses which files to ask for where a repository is too large to be had as a whole.

By name alone: what the changed files import, what is named like the things they use, what lies
beside them, and their tests.
"""

from collections.abc import Mapping, Sequence

from core.analyzers.syntax import is_test
from core.context.archive import wanted
from core.context.definitions import wanted_names
from core.context.languages import is_code, speaks
from core.context.names import imports
from core.context.proximity import proximity
from core.models import FileChange, RepositoryText

MOST_CHANGED = 40
"""Changed files that are looked around for, the riskiest first."""
LEAST = 2.0
"""Rating below which a file is not worth a request."""
_NAMED = 2.5
_TESTS = 6.0


def likely(
    files: Sequence[FileChange], known: Mapping[str, str], found: RepositoryText
) -> tuple[str, ...]:
    """Return paths of files whose text is not known, the likeliest to matter first."""
    ratings: dict[str, float] = {}
    others = [path for path in found.unread if path not in known and wanted(path)]
    for file in [file for file in files if is_code(file.path)][:MOST_CHANGED]:
        imported = imports(known.get(file.path, ""))
        used = {_plain(each.use.name) for each in wanted_names(file)}
        own = _plain(_stem(file.path))
        for path in others:
            if speaks(path) != speaks(file.path):
                continue
            rating = proximity(file.path, path, imported)
            stem = _plain(_stem(path))
            rating += _NAMED if stem in used else 0.0
            rating += _TESTS if is_test(path) and own in stem else 0.0
            ratings[path] = max(ratings.get(path, 0.0), rating)
    kept = [path for path, rating in ratings.items() if rating >= LEAST]
    return tuple(sorted(kept, key=lambda path: (-ratings[path], path)))


def _stem(path: str) -> str:
    return path.rpartition("/")[2].partition(".")[0]


def _plain(name: str) -> str:
    """Return a name as `CamelCase`, `snake_case` and `kebab-case` have it in common."""
    return name.replace("_", "").replace("-", "").lower()
