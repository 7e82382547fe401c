"""The files of a pull request as GitHub lists them, with the traps of that list disarmed.

https://docs.github.com/rest/pulls/pulls#list-pull-requests-files stops at 3,000 files, leaves
patches out of large diffs, and once the patches of one answer reach some 20,000 lines it returns
the remaining rows with zero counts and no patch, which smaller pages mend
(https://github.com/orgs/community/discussions/213491).
"""

import mimetypes
import re
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from core.diff import parse_patch
from core.errors import TransientError
from core.models import FileChange, FileStatus, Hunk, LineKind
from core.together import together
from github.client import PAGE_SIZE, PAGES_AT_ONCE, GitHubClient

MAX_FILES: Final = 3_000
SMALLER_PAGES: Final = (20, 4)
"""Page sizes that are tried in turn for rows that came back hollow; each divides the one before."""
HEAVY_LINES: Final = 15_000
"""Patch lines in one answer from which even a plausible row without a patch is asked for again."""
EMPTY_BLOBS: Final = frozenset(
    {
        "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391",
        "473a0f4c3be8a93681a267e3b1e9a7dcda1185436fe141f7749120a303721813",
    }
)
"""Git's name for an empty file, in SHA-1 and in SHA-256."""
_BINARY_TYPES: Final = re.compile(
    r"(?:image/(?!svg)|audio/|video/|font/|application/(?:pdf|zip|gzip|java-archive|x-tar|wasm|"
    r"octet-stream|vnd\.|x-(?:7z|bzip|xz|rar|shockwave|iso|sqlite)))"
)
_SUBMODULE: Final = re.compile(r"[-+]Subproject commit [0-9a-f]{40,64}(?:-dirty)?")


class Row(BaseModel):
    """One row of the list, in GitHub's names."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    filename: str
    status: str
    additions: int = 0
    deletions: int = 0
    changes: int = 0
    sha: str | None = None
    patch: str | None = None
    previous_filename: str | None = None

    @property
    def bare(self) -> bool:
        """Tell whether it shows no change at all."""
        return self.patch is None and not (self.additions or self.deletions or self.changes)

    @property
    def hollow(self) -> bool:
        """Tell whether it should show a change: its content is another, and no counts say so."""
        natural = self.status in {"renamed", "copied", "changed", "unchanged"}
        return self.bare and not natural and self.sha not in EMPTY_BLOBS

    @property
    def looks_binary(self) -> bool:
        """Tell by the name whether zero counts are what one expects."""
        kind, encoding = mimetypes.guess_type(self.filename)
        return encoding is not None or bool(kind and _BINARY_TYPES.match(kind))


_ROWS = TypeAdapter(tuple[Row, ...])


async def list_files(client: GitHubClient, path: str) -> tuple[Row, ...]:
    """Return the rows of a pull request's files, `path` being that of the list."""
    rows = _rows(await client.pages(path, limit=MAX_FILES))
    starts = range(0, len(rows), PAGE_SIZE)
    healed = await together(
        [_healing(client, path, rows[start : start + PAGE_SIZE], start) for start in starts],
        PAGES_AT_ONCE,
    )
    return tuple(row for page in healed for row in page)


def to_change(row: Row) -> FileChange:
    """Return the row as a file change; `hunks` is None where the patch is missing or cut off."""
    hunks = parse_patch(row.patch) if row.patch else None
    if hunks is not None and _cut_off(row, hunks):
        hunks = None
    if row.bare and not row.hollow:
        hunks = ()
    return FileChange(
        path=row.filename,
        status=_status(row.status),
        additions=row.additions,
        deletions=row.deletions,
        hunks=hunks,
        previous_path=row.previous_filename,
        blob=row.sha or "",
        submodule=_is_submodule(row.patch),
        binary=row.hollow and row.looks_binary,
    )


def _healing(
    client: GitHubClient, path: str, rows: Sequence[Row], start: int
) -> Callable[[], Awaitable[Sequence[Row]]]:
    return lambda: _heal(client, path, rows, start, SMALLER_PAGES)


async def _heal(
    client: GitHubClient, path: str, rows: Sequence[Row], start: int, sizes: Sequence[int]
) -> Sequence[Row]:
    """Ask again, in smaller pages, for the part of the list that shows hollow rows."""
    sizes = [size for size in sizes if size < len(rows)]
    if not sizes or not _suspicious(rows):
        return rows
    size, healed = sizes[0], list[Row]()
    for at in range(start, start + len(rows), size):
        params = {"per_page": size, "page": at // size + 1}
        page = _rows(await client.get(path, params=params))
        healed += await _heal(client, path, page, at, sizes[1:])
    same = [row.filename for row in healed] == [row.filename for row in rows]
    # Another list means that somebody pushed meanwhile: the head check ends this run anyway.
    return healed if same else rows


def _suspicious(rows: Sequence[Row]) -> bool:
    lines = sum(row.patch.count("\n") + 1 for row in rows if row.patch)
    if lines >= HEAVY_LINES:
        return any(row.bare for row in rows)
    return any(row.hollow and not row.looks_binary for row in rows)


def _rows(answer: Any) -> tuple[Row, ...]:
    try:
        return _ROWS.validate_python(answer)
    except ValidationError as failure:
        raise TransientError("GitHub's list of files is not what it should be.") from failure


def _cut_off(row: Row, hunks: Sequence[Hunk]) -> bool:
    """Tell whether the patch shows less than the counts promise."""
    kinds = [line.kind for hunk in hunks for line in hunk.lines]
    return (
        kinds.count(LineKind.ADDED) < row.additions or kinds.count(LineKind.REMOVED) < row.deletions
    )


def _status(word: str) -> FileStatus:
    try:
        return FileStatus(word)
    except ValueError:
        return FileStatus.CHANGED


def _is_submodule(patch: str | None) -> bool:
    changed = [line for line in (patch or "").split("\n") if line[:1] in {"-", "+"}]
    return bool(changed) and all(_SUBMODULE.fullmatch(line) for line in changed)
