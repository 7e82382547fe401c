"""How near a file is to another: imported by it, beside it, in the same part of the repository."""

from collections.abc import Set as AbstractSet
from functools import lru_cache

from core.analyzers.syntax import is_test

_PACKAGE_FILES = frozenset({"__init__", "index", "mod", "lib", "main", "package", "init"})
_APART = frozenset(
    {"vendor", "node_modules", "third_party", "dist", "build", "examples", "example"}
)

_is_test = lru_cache(maxsize=8_192)(is_test)


def proximity(path: str, other: str, imported: AbstractSet[str]) -> float:
    """Rate how likely `path` means a name of `other`; `imported` are the words it imports."""
    if path == other:
        return 6.0
    *folders, name = other.split("/")
    own = path.split("/")[:-1]
    rating = 0.0
    stem = name.partition(".")[0]
    module = folders[-1] if stem in _PACKAGE_FILES and folders else stem
    if module in imported:
        rating += 3.0 + (1.0 if folders and folders[-1] in imported else 0.0)
    elif folders and folders[-1] in imported:
        rating += 2.0
    if folders == own:
        rating += 2.5
    else:
        shared = 0
        for one, two in zip(folders, own, strict=False):
            if one != two:
                break
            shared += 1
        rating += 1.5 * shared / max(len(folders), len(own), 1)
    if _is_test(other) and not _is_test(path):
        rating -= 3.0
    if _APART & set(folders) and not _APART & set(own):
        rating -= 2.0
    return rating
