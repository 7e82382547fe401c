"""What git prints for a diff, as the rows GitHub lists and the lines a comment may stand on.

Parsing only, of bytes that `git` printed; which comments GitHub accepts is in `rules.anchors`.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice, pairwise

PATCH_LINES = 20_000
PATCH_BYTES = 500_000
"""Of one file; GitHub leaves a larger patch out.
https://docs.github.com/en/repositories/creating-and-managing-repositories/repository-limits"""

_FILE = re.compile(rb"^diff --git ", re.MULTILINE)
_HUNK = re.compile(rb"^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@ ?(.*)$", re.MULTILINE)
_STATUS = {"A": "added", "M": "modified", "D": "removed", "R": "renamed", "T": "changed"}


@dataclass(frozen=True, slots=True)
class HunkLine:
    """One line of a hunk; `position` counts lines below the file's first hunk header."""

    kind: str
    """A blank, `+` or `-`."""
    old: int | None
    new: int | None
    text: str
    position: int


@dataclass(frozen=True, slots=True)
class DiffHunk:
    """A hunk with its header line as printed."""

    header: str
    old_start: int
    new_start: int
    lines: tuple[HunkLine, ...]

    def place(self, side: str, line: int) -> HunkLine | None:
        """Return the line that a comment on (side, line) would stand on."""
        for candidate in self.lines:
            if side == "RIGHT" and candidate.kind != "-" and candidate.new == line:
                return candidate
            if side == "LEFT" and candidate.kind != "+" and candidate.old == line:
                return candidate
        return None


@dataclass(frozen=True)
class FileDiff:
    """One changed file of a diff."""

    path: str
    status: str
    sha: str
    """Blob at the head, or at the base where the file was removed."""
    previous: str | None
    body: bytes
    """From the first hunk header on; empty for binary files, renames and changes of mode."""

    @cached_property
    def counts(self) -> tuple[int, int]:
        """Return added and removed lines."""
        added = self.body.count(b"\n+") + self.body.startswith(b"+")
        removed = self.body.count(b"\n-") + self.body.startswith(b"-")
        return added, removed

    @cached_property
    def patch(self) -> str | None:
        """Return the patch as GitHub lists it: no file header, no last line end."""
        too_large = len(self.body) > PATCH_BYTES or self.body.count(b"\n") > PATCH_LINES
        if not self.body or too_large:
            return None
        return self.body.decode(errors="replace").removesuffix("\n")

    @cached_property
    def hunks(self) -> tuple[DiffHunk, ...]:
        """Return the hunks with their lines numbered."""
        return tuple(_hunks(self.patch or ""))


def parse_diff(printed: bytes) -> tuple[FileDiff, ...]:
    """Read `git diff --raw -z --no-abbrev --patch`."""
    raw, _, patches = printed.partition(b"\0\0")
    sections = iter(_sections(patches))
    return tuple(
        _file(meta, paths, list(islice(sections, 2 if meta[4].startswith("T") else 1)))
        for meta, paths in _raw_records(raw)
    )


def _raw_records(raw: bytes) -> Iterator[tuple[list[str], list[str]]]:
    """Yield mode, mode, sha, sha, status of each record, and its one or two paths."""
    fields = iter(raw.removesuffix(b"\0").decode(errors="replace").split("\0"))
    for field in fields:
        if not field:
            continue
        meta = field.removeprefix(":").split()
        yield meta, list(islice(fields, 2 if meta[4][0] in "RC" else 1))


def _sections(patches: bytes) -> list[bytes]:
    starts = [found.start() for found in _FILE.finditer(patches)]
    return [patches[a:b] for a, b in pairwise([*starts, len(patches)])]


def _file(meta: Sequence[str], paths: Sequence[str], sections: Sequence[bytes]) -> FileDiff:
    status = _STATUS[meta[4][0]]
    return FileDiff(
        path=paths[-1],
        status=status,
        sha=meta[2] if status == "removed" else meta[3],
        previous=paths[0] if status == "renamed" else None,
        body=b"".join(_body(section) for section in sections),
    )


def _body(section: bytes) -> bytes:
    first = _HUNK.search(section)
    return section[first.start() :] if first else b""


def _hunks(patch: str) -> Iterator[DiffHunk]:
    header, old, new, position = "", 0, 0, 0
    starts = (0, 0)
    lines: list[HunkLine] = []
    for number, text in enumerate(patch.split("\n") if patch else ()):
        found = _HUNK.match(text.encode()) if text.startswith("@@") else None
        if found:
            if header:
                yield DiffHunk(header, *starts, tuple(lines))
            header, lines = text, []
            starts = old, new = int(found[1]), int(found[3])
            continue
        kind, position = text[:1] or " ", number
        if kind == "\\":
            continue
        lines.append(
            HunkLine(
                kind,
                old if kind != "+" else None,
                new if kind != "-" else None,
                text[1:],
                position,
            )
        )
        old, new = old + (kind != "+"), new + (kind != "-")
    if header:
        yield DiffHunk(header, *starts, tuple(lines))
