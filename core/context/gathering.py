"""Gathers what explains a change: definitions, callers, tests, neighbours; ranked by use.

Pure: paths and texts in, excerpts out, bounded in time.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence

from core.context.callers import callers
from core.context.changed import Touched, touched
from core.context.definitions import Wanted, definitions, wanted_names
from core.context.excerpts import Context, Excerpt
from core.context.index import Bounds, Index
from core.context.languages import is_code
from core.context.neighbours import neighbours
from core.models import FileChange

MOST_FILES = 300
"""Changed files that are looked around for, the riskiest first."""
MOST_TOUCHED = 40
"""Touched symbols of one file whose callers are looked for."""
MOST_NAMES = 4_000
MOST_EXCERPTS = 1_500
LEAST_WEIGHT = 0.5


def gather(
    files: Sequence[FileChange],
    texts: Mapping[str, str],
    bounds: Bounds | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> Context:
    """Return what explains these files, the most telling first.

    `texts` are the repository's files at the head, as far as they are known.
    """
    index = Index(texts, bounds or Bounds(), clock)
    coded = [file for file in files[:MOST_FILES] if is_code(file.path)]
    wanted = {file.path: wanted_names(file) for file in coded}
    changed = {file.path: touched(file, index.outline(file.path))[:MOST_TOUCHED] for file in coded}
    index.search(_names(wanted, changed), [file.path for file in coded])
    shown = {file.path: _shown(file) for file in files}
    found: list[Excerpt] = []
    for file in coded:
        found += definitions(file, wanted[file.path], index, shown[file.path])
        for symbol in changed[file.path]:
            found += callers(symbol, index, shown)
        found += neighbours(file, index, shown[file.path])
    ranked = sorted(found, key=lambda excerpt: -excerpt.why.weight)
    kept = tuple(_once(e for e in ranked if e.why.weight >= LEAST_WEIGHT and e.lines))
    return Context(kept, outlines={file.path: index.outline(file.path) for file in coded})


def _names(
    wanted: Mapping[str, tuple[Wanted, ...]], changed: Mapping[str, tuple[Touched, ...]]
) -> list[str]:
    names = {symbol.name: symbol.weight for each in changed.values() for symbol in each}
    for each in wanted.values():
        for one in each:
            names[one.use.name] = max(names.get(one.use.name, 0.0), one.weight)
    return sorted(names, key=lambda name: -names[name])[:MOST_NAMES]


def _shown(file: FileChange) -> frozenset[int]:
    """Return the lines at the head that the file's hunks show."""
    return frozenset(
        line.new for hunk in file.hunks or () for line in hunk.lines if line.new is not None
    )


def _once(excerpts: Iterator[Excerpt]) -> Iterator[Excerpt]:
    """Leave out what was already found for the same file."""
    seen: set[tuple[str, str, tuple[int, ...]]] = set()
    for excerpt in excerpts:
        key = (excerpt.why.serves, excerpt.path, tuple(n for n, _ in excerpt.lines))
        if key not in seen:
            seen.add(key)
            yield excerpt
            if len(seen) >= MOST_EXCERPTS:
                return
