"""Finds the definitions of what a change uses."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from core.analyzers.syntax import is_test
from core.context.excerpts import Excerpt, Why, excerpt_of, of_definition
from core.context.index import Definition, Index
from core.context.languages import speaks
from core.context.names import Use, uses
from core.context.outline import Kind
from core.context.proximity import proximity
from core.models import FileChange, LineKind

MOST_USES = 400
"""Names of one file that are looked up, the most telling first."""
MOST_DEFINERS = 60
"""Files that may define one name, those beside the change first."""
MOST_PARSED = 4
"""Files that are parsed for one name."""
MOST_SHOWN = 2
"""Definitions of one name that are shown."""
_NEAR = 2.0
"""Proximity of what is imported, or stands beside."""
_WEAK = 1.0
"""Weight of names that most things have."""
_CROWD = 12
"""A name with more definitions than this says nothing by itself."""
_CONTEXT = 0.4
"""Part of its weight that a name keeps where the line is not changed."""
_REMOVED = 0.5
_TEST = 0.5
"""The same of a line of a test."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A name that a file's hunks use, and how much its definition tells."""

    use: Use
    weight: float


def wanted_names(file: FileChange) -> tuple[Wanted, ...]:
    """Return the names that a file's hunks use, each once, the most telling first."""
    found: dict[str, Wanted] = {}
    times: dict[str, int] = {}
    test = is_test(file.path)
    for hunk in file.hunks or ():
        for line in hunk.lines:
            part = {LineKind.ADDED: 1.0, LineKind.REMOVED: _REMOVED}.get(line.kind, _CONTEXT)
            for use in uses(line.text, line.new or line.old or 0):
                times[use.name] = times.get(use.name, 0) + 1
                weight = use.weight * part * (_TEST if test else 1.0)
                if use.name not in found or found[use.name].weight < weight:
                    found[use.name] = Wanted(use, weight)
    ranked = sorted(found.values(), key=lambda w: (-w.weight, -times[w.use.name], w.use.line))
    return tuple(ranked[:MOST_USES])


def definitions(
    file: FileChange, wanted: Iterable[Wanted], index: Index, shown: frozenset[int]
) -> Iterator[Excerpt]:
    """Yield the definitions of these names; `shown` are lines that the hunks show anyway."""
    for each in wanted:
        for found, rating in _resolved(each.use, file.path, index):
            symbol = found.symbol
            if found.path == file.path and (
                symbol.holds(each.use.line) or set(range(symbol.first, symbol.head + 1)) <= shown
            ):
                continue
            reason = f"defines `{symbol.name}`, used at {file.path}:{each.use.line}"
            numbers = of_definition(symbol, index.outline(found.path))
            why = Why(reason, each.weight * rating, file.path, each.use.line)
            yield excerpt_of(found.path, index.lines(found.path), numbers, why)


def _resolved(use: Use, path: str, index: Index) -> Sequence[tuple[Definition, float]]:
    """Return the likeliest definitions of a name, each with a rating up to 1."""
    imported = index.imports(path)
    family = speaks(path)
    candidates = [p for p in index.definers(use.name)[:MOST_DEFINERS] if speaks(p) == family]
    near = sorted(candidates, key=lambda other: (-proximity(path, other, imported), other))
    found = [d for other in near[:MOST_PARSED] for d in index.definitions(use.name, other)]
    if not found:
        return ()
    fits = [(d, _fit(use, d, proximity(path, d.path, imported))) for d in found]
    fits.sort(key=lambda pair: -pair[1])
    best = fits[0][1]
    crowd = len(candidates)
    if best < _needed(use, crowd):
        return ()
    sure = 1.0 if crowd <= 2 or best >= 2.5 else 0.6
    kept = [pair for pair in fits if pair[1] >= best - 1.0][:MOST_SHOWN]
    return [(d, sure if n == 0 else sure * 0.6) for n, (d, _) in enumerate(kept)]


def _needed(use: Use, crowd: int) -> float:
    """Return how near a definition must be: a word alone proves little, nor does a common name."""
    if use.name.startswith("_") and not use.member:
        return _NEAR
    if use.weight <= _WEAK or (not use.call and not use.name[:1].isupper()):
        return _NEAR
    return _NEAR if crowd > _CROWD else -5.0


def _fit(use: Use, found: Definition, near: float) -> float:
    """Rate whether a definition is what the use means, by its kind and its place."""
    symbol, rating = found.symbol, near
    if use.call and symbol.kind is Kind.VALUE:
        rating -= 1.0
    if use.member and symbol.kind is Kind.FUNCTION and symbol.depth == 0:
        rating -= 0.3
    if not use.member and use.call and symbol.kind is Kind.FUNCTION and symbol.depth > 0:
        rating -= 1.0
    if symbol.size == 1 and symbol.kind is Kind.FUNCTION:  # a declaration, not the definition
        rating -= 0.5
    return rating
