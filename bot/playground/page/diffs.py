"""The changed files: numbered lines, what changed inside them, and the threads on them."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby, pairwise
from typing import Any

from bot.playground.page.accounts import file_anchor, line_anchor
from bot.playground.page.values import FileView, HunkView, LineView, Piece, ThreadView

Json = Mapping[str, Any]
Places = Mapping[tuple[str, str, int | None], Sequence[ThreadView]]
"""(path, L or R, line) → threads; a thread on a whole file has no line."""

_KINDS = {"+": "add", "-": "remove"}
_WORTH_MARKING = 0.3
"""Part of a line that must have stayed for marking what changed in it to help."""


def files(shapes: Sequence[Json], places: Places) -> tuple[FileView, ...]:
    """Return the files of a snapshot with their threads."""
    return tuple(_file(shape, places) for shape in shapes)


def anchors(shapes: Sequence[Json]) -> frozenset[str]:
    """Return the fragments of all files and lines that the diff shows."""
    return frozenset(_anchors(shapes))


def _anchors(shapes: Sequence[Json]) -> Iterator[str]:
    for shape in shapes:
        yield file_anchor(shape["path"])
        for hunk in shape["hunks"]:
            for line in hunk["lines"]:
                yield _line_anchor(shape["path"], line)


def _line_anchor(path: str, line: Json) -> str:
    side = "L" if line["kind"] == "-" else "R"
    return line_anchor(path, side, line["old"] if side == "L" else line["new"])


def _file(shape: Json, places: Places) -> FileView:
    path = str(shape["path"])
    folder, slash, name = path.rpartition("/")
    hunks = tuple(
        HunkView(_context(hunk["header"]), first, tuple(_lines(path, hunk["lines"], places)))
        for hunk, first in zip(shape["hunks"], _first_then_not(), strict=False)
    )
    on_file = tuple(places.get((path, "R", None), ()))
    standing = sum(len(line.threads) for hunk in hunks for line in hunk.lines)
    return FileView(
        anchor=file_anchor(path),
        path=path,
        folder=folder + slash,
        name=name,
        previous=str(shape["previous_path"] or ""),
        status=str(shape["status"]),
        additions=int(shape["additions"]),
        deletions=int(shape["deletions"]),
        hunks=hunks,
        threads=on_file,
        findings=standing + len(on_file),
    )


def _first_then_not() -> Iterator[bool]:
    yield True
    while True:
        yield False


def _context(header: str) -> str:
    """Return what git says after the numbers: the function around the hunk."""
    return header.rpartition("@@")[2].strip()


def _lines(path: str, lines: Sequence[Json], places: Places) -> Iterator[LineView]:
    pieces = _pieces(lines)
    for line, shown in zip(lines, pieces, strict=True):
        yield LineView(
            kind=_KINDS.get(line["kind"], "same"),
            old=line["old"],
            new=line["new"],
            anchor=_line_anchor(path, line),
            pieces=shown,
            threads=(
                *(places.get((path, "L", line["old"]), ()) if line["kind"] != "+" else ()),
                *(places.get((path, "R", line["new"]), ()) if line["kind"] != "-" else ()),
            ),
        )


def _pieces(lines: Sequence[Json]) -> list[tuple[Piece, ...]]:
    """Mark what changed inside lines that replace each other one for one."""
    shown: list[tuple[Piece, ...]] = [(Piece(str(line["text"])),) for line in lines]
    runs = [
        (kind, [index for index, _ in run])
        for kind, run in groupby(enumerate(lines), key=lambda entry: entry[1]["kind"])
    ]
    for (kind, gone), (next_kind, come) in pairwise(runs):
        if (kind, next_kind) == ("-", "+") and len(gone) == len(come):
            for old, new in zip(gone, come, strict=True):
                shown[old], shown[new] = _marked(lines[old]["text"], lines[new]["text"])
    return shown


def _marked(old: str, new: str) -> tuple[tuple[Piece, ...], tuple[Piece, ...]]:
    """Split two lines into what they share at both ends and what differs between."""
    shortest = min(len(old), len(new))
    start = next((n for n in range(shortest) if old[n] != new[n]), shortest)
    start = next((n for n in range(start, 0, -1) if not _in_word(old, new, n)), 0)
    rest = shortest - start
    end = next((n for n in range(rest) if old[-1 - n] != new[-1 - n]), rest)
    end = next((n for n in range(end, 0, -1) if not _in_word(old[::-1], new[::-1], n)), 0)
    if len((old[:start] + old[len(old) - end :]).strip()) < _WORTH_MARKING * len(old.strip()):
        return (Piece(old),), (Piece(new),)
    return _split(old, start, end), _split(new, start, end)


def _in_word(old: str, new: str, at: int) -> bool:
    """Tell whether cutting both lines here would cut a word of either."""
    return any(
        text[at - 1].isalnum() and text[at].isalnum() for text in (old, new) if at < len(text)
    )


def _split(text: str, start: int, end: int) -> tuple[Piece, ...]:
    parts = (
        Piece(text[:start]),
        Piece(text[start : len(text) - end], changed=True),
        Piece(text[len(text) - end :]),
    )
    return tuple(part for part in parts if part.text)
