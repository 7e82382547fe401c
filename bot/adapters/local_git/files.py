"""Files of a folder as they lie on the disk, and as changes that add all their lines.

Links are never followed: what they point to may be outside, and nobody asked for it.
"""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from bot.adapters.local_git.diff import DiffFile
from bot.adapters.local_git.names import shown
from core.diff import parse_patch, patch_of_added_text
from core.models import FileChange, FileStatus

MAX_TEXT_BYTES = 1_000_000
"""Twice the largest file of which GitHub shows a diff."""
MAX_FILES = 3_000
"""As many as GitHub lists of a pull request."""
SNIFFED_BYTES = 8_000
"""A NUL among so many first bytes makes a file binary, as in git."""


def read_inside(root: Path, name: bytes) -> bytes | None:
    """Return a file's bytes; None when it is absent, a link, outside of root, or too large."""
    path = root / os.fsdecode(name)
    try:
        if not path.parent.resolve().is_relative_to(root.resolve()):
            return None
        status = path.lstat()
        if not stat.S_ISREG(status.st_mode) or status.st_size > MAX_TEXT_BYTES:
            return None
        return path.read_bytes()
    except (OSError, ValueError):  # ValueError: a NUL in the name
        return None


def added_file(root: Path, name: bytes) -> FileChange | None:
    """Return a file as a change that adds all its lines; None when it is no regular file."""
    path = root / os.fsdecode(name)
    if path.is_symlink() or not path.is_file():
        return None
    content = read_inside(root, name)
    binary = content is not None and b"\0" in content[:SNIFFED_BYTES]
    readable = content if content is not None and not binary else None
    hunks = None
    if readable is not None:
        hunks = parse_patch(patch_of_added_text(readable.decode(errors="replace")))
    return FileChange(
        path=shown(name),
        status=FileStatus.ADDED,
        additions=sum(len(hunk.lines) for hunk in hunks or ()),
        deletions=0,
        hunks=hunks,
        binary=binary,
    )


def as_changed(root: Path, file: DiffFile) -> bytes | None:
    """Return a file's bytes if every line that its hunks show after the change stands in it."""
    content = read_inside(root, file.name)
    if content is None or not file.change.hunks:
        return None
    lines = content.decode(errors="replace").split("\n")
    shown_lines = {
        line.new: line.text
        for hunk in file.change.hunks
        for line in hunk.lines
        if line.new is not None
    }
    stands = all(
        number <= len(lines) and lines[number - 1].removesuffix("\r") == text
        for number, text in shown_lines.items()
    )
    return content if stands else None


def names_below(folder: Path) -> Iterator[bytes]:
    """Yield the names of all files of a folder that is in no repository, in order."""
    for parent, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for file in sorted(files):
            yield os.fsencode((Path(parent) / file).relative_to(folder).as_posix())
